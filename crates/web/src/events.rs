//! Tells who listens that the record has changed: the number of its last change, and the sessions in
//! which anything has changed since the one before.
//!
//! The files of the record are looked at twice a second while anybody listens. Only where they
//! changed is the lease taken.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    Sse,
    sse::{Event, KeepAlive},
};
use futures_util::{Stream, stream::unfold};
use serde_json::json;
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time::sleep,
};

use crate::{answers::Answers, serve::stopped};

/// How often is looked.
const PAUSE: Duration = Duration::from_millis(500);

/// More would leave no connection for those who ask.
pub(crate) const LISTENERS: usize = 32;

/// So often something is said, so that a connection that is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Looks until the server stops.
pub(crate) async fn watch_record(answers: Answers, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = sleep(PAUSE) => {}
            () = stopped(&mut stop) => return,
        }
        if answers.has_listeners() {
            // Whoever has the lease now will have given it back when it is looked at again.
            let _ = answers.look().await;
        }
    }
}

/// Each revision from the present one on; one that is overtaken before it is sent is left out, its
/// sessions stand in the next. At first, where they are too many and where one was removed, the
/// sessions are null: anything may have changed.
pub(crate) fn revisions(
    answers: &Answers,
    stop: watch::Receiver<bool>,
    listens: OwnedSemaphorePermit,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let mut revisions = answers.revisions();
    revisions.mark_changed();
    let start = (revisions, stop, answers.clone(), None, listens);
    let stream = unfold(start, |(mut revisions, mut stop, answers, last, listens)| async move {
        loop {
            tokio::select! {
                changed = revisions.changed() => changed.ok()?,
                () = stopped(&mut stop) => return None,
            }
            let Some(revision) = *revisions.borrow_and_update() else { continue };
            let sessions = last.and_then(|last| answers.changed_since(last));
            let data = json!({ "revision": revision, "sessions": sessions }).to_string();
            let event = Event::default().event("revision").id(revision.to_string()).data(data);
            return Some((Ok(event), (revisions, stop, answers, Some(revision), listens)));
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
