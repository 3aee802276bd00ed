//! Asks the record, off the thread that speaks HTTP: the store waits, reads and computes.

mod beside;
mod settling;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pricing::PriceTable;
use report::{ReportError, Source};
use sha2::{Digest, Sha256};
use store::{
    DrainEnd, DrainReport, Holder, Look, Store, StoreError,
    query::{
        revision::{last_removal, revision},
        sessions_changed::sessions_changed,
    },
};
use tokio::{
    sync::{Semaphore, oneshot, watch},
    task::spawn_blocking,
    time::{Instant, timeout, timeout_at},
};
use tracing::{error, warn};

pub(crate) use self::beside::{AskBeside, Unanswered};
use crate::{
    changes::{Changes, MOST},
    reply::Refusal,
    serve::Ended,
    token,
};

/// One asks, and the next prepares or makes its text.
const AT_ONCE: usize = 2;

/// Who is not back by then does not come back: an engine that runs without end inside one call.
const HANGS: Duration = Duration::from_mins(10);

/// Makes the text of an answer, once the lease is given back.
pub(crate) type Text = Box<dyn FnOnce() -> String + Send>;

/// A question: asks, and gives what makes the text.
pub(crate) type Ask = Box<dyn FnOnce(&Source<'_>) -> Result<Text, ReportError> + Send>;

/// What came of a question.
pub(crate) enum Answer {
    /// The text, and what it is known by.
    Text { data: String, tag: String },
    /// Who asked has the answer already.
    Known { tag: String },
}

/// Asks the record for whoever wants to know.
#[derive(Clone)]
pub(crate) struct Answers {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    store: Store,
    prices: PriceTable,
    time_limit: Duration,
    permits: Arc<Semaphore>,
    /// Of those who ask beside the lease: they may take long, and keep nobody else waiting.
    beside: Arc<Semaphore>,
    /// What the record looked like when it had the revision.
    seen: Mutex<Option<(Look, i64)>>,
    revision: watch::Sender<Option<i64>>,
    changes: Mutex<Changes>,
    /// Tells the tags of this process from those of another, which may know other prices.
    salt: String,
    ended: watch::Sender<Option<Ended>>,
    /// What was logged last: a fault that stays is met at every look.
    said: Mutex<String>,
}

impl Answers {
    /// Asks that record.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn new(
        store: Store,
        prices: PriceTable,
        time_limit: Duration,
    ) -> Result<Self, getrandom::Error> {
        let shared = Shared {
            store,
            prices,
            time_limit,
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            beside: Arc::new(Semaphore::new(AT_ONCE)),
            seen: Mutex::default(),
            revision: watch::Sender::default(),
            changes: Mutex::default(),
            salt: token::random_hex::<16>()?,
            ended: watch::Sender::default(),
            said: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What time it is.
    pub fn now(&self) -> domain::UnixMs {
        (self.shared.store.settings().clock)()
    }

    /// The revisions of the record from now on, as far as anybody looks.
    pub fn revisions(&self) -> watch::Receiver<Option<i64>> {
        self.shared.revision.subscribe()
    }

    /// The sessions in which anything has changed since that revision; nothing where that is not known.
    pub fn changed_since(&self, revision: i64) -> Option<Vec<String>> {
        self.shared.changes.lock().unwrap_or_else(PoisonError::into_inner).since(revision)
    }

    /// Whether anybody wants to know of revisions.
    pub fn has_listeners(&self) -> bool {
        self.shared.revision.receiver_count() > 0
    }

    /// Becomes something where this process cannot go on.
    pub fn ended(&self) -> watch::Receiver<Option<Ended>> {
        self.shared.ended.subscribe()
    }

    /// Answers a question. `about` tells it from all others; the answer to the same one at the same
    /// revision is `known`, where its tag is.
    pub async fn answer(
        &self,
        about: String,
        known: impl Fn(&str) -> bool + Send + 'static,
        ask: Ask,
    ) -> Result<Answer, Refusal> {
        self.run(&self.shared.permits, move |shared| {
            if let Some(revision) = shared.unchanged() {
                let tag = shared.tag(revision, &about);
                if known(&tag) {
                    return Ok(Answer::Known { tag });
                }
            }
            let (tag, text) = shared.ask(&about, known, ask)?;
            Ok(match text {
                Some(text) => Answer::Text { data: text(), tag },
                None => Answer::Known { tag },
            })
        })
        .await
    }

    /// Looks whether the record has changed, and only then finds out what revision it has.
    pub async fn look(&self) -> Result<(), Refusal> {
        self.run(&self.shared.permits, |shared| shared.revision().map(drop)).await
    }

    /// Runs something that waits, for as long as a request may take. Whoever asked may go away;
    /// what has begun goes on to its end, and no more than so many do at once.
    async fn run<T: Send + 'static>(
        &self,
        permits: &Arc<Semaphore>,
        job: impl FnOnce(&Shared) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let give_up = Instant::now() + self.shared.time_limit;
        let permits = Arc::clone(permits);
        let permit = timeout_at(give_up, permits.acquire_owned()).await;
        let permit = permit.map_err(|_| late())?.map_err(|_| Refusal::internal())?;
        let (sender, receiver) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let job_shared = Arc::clone(&shared);
            let job = spawn_blocking(move || {
                let _permit = permit;
                job(&job_shared)
            });
            match timeout(HANGS, job).await {
                // Whoever asked may have gone.
                Ok(done) => drop(sender.send(done.unwrap_or_else(|_| Err(Refusal::internal())))),
                Err(_) => shared.end(Ended::EngineHangs),
            }
        });
        let done = timeout_at(give_up, receiver).await.map_err(|_| late())?;
        done.unwrap_or_else(|_| Err(Refusal::internal()))
    }
}

fn late() -> Refusal {
    Refusal::Busy(
        "the answer is not ready in time; what was handed over is being stored".to_owned(),
    )
}

impl Shared {
    /// The revision, where nothing has changed since it was read.
    fn unchanged(&self) -> Option<i64> {
        let look = self.store.look();
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.as_ref().filter(|(seen, _)| *seen == look).map(|(_, revision)| *revision)
    }

    /// The revision; the lease is taken only where something has changed since it was read.
    fn revision(&self) -> Result<i64, Refusal> {
        if let Some(revision) = self.unchanged() {
            return Ok(revision);
        }
        self.ask("", |_| true, Box::new(|_| Ok(Box::new(String::new))))?;
        (*self.revision.borrow()).ok_or_else(Refusal::internal)
    }

    /// Takes the lease, stores all that waits, and asks. There is no text where the tag is known.
    fn ask(
        &self,
        about: &str,
        known: impl Fn(&str) -> bool,
        ask: Ask,
    ) -> Result<(String, Option<Text>), Refusal> {
        let (holder, report) =
            self.store.open_drained("serve").map_err(|error| self.judge(error))?;
        self.say_what_was_in_the_way(&report);
        let revision = revision(&holder).map_err(|error| self.judge(error))?;
        self.note_changes(&holder, revision).map_err(|error| self.judge(error))?;
        let tag = self.tag(revision, about);
        let now = (self.store.settings().clock)();
        let source = Source::new(&holder, &self.prices, now);
        let text = if known(&tag) { None } else { Some(ask(&source)) };
        self.note(revision);
        drop(holder);
        let text = text.transpose().map_err(|error| match error {
            ReportError::Store(error) => self.judge(error),
            unknown @ ReportError::UnknownSession(_) => Refusal::NotFound(unknown.to_string()),
        })?;
        Ok((tag, text))
    }

    /// Notes what the record looks like at a revision. Only whoever has the lease may: the next one
    /// makes another revision.
    fn note(&self, revision: i64) {
        let look = self.store.look();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((look, revision));
        self.revision.send_if_modified(|known| known.replace(revision) != Some(revision));
    }

    /// Notes which sessions have changed, where anybody wants to know.
    fn note_changes(&self, holder: &Holder<'_>, revision: i64) -> Result<(), StoreError> {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if revision == changes.revision {
            return Ok(());
        }
        // Of a session that is gone nothing is left to tell which it was.
        let is_asked =
            self.revision.receiver_count() > 0 && last_removal(holder)? <= changes.revision;
        let found =
            if is_asked { sessions_changed(holder, changes.revision, MOST)? } else { vec![] };
        changes.add(revision, found, is_asked);
        Ok(())
    }

    fn tag(&self, revision: i64, about: &str) -> String {
        let digest = Sha256::digest(format!("{} {revision} {about}", self.salt));
        format!("\"{revision}-{}\"", token::hex(&digest[..16]))
    }

    fn say_what_was_in_the_way(&self, report: &DrainReport) {
        if let DrainEnd::Failed(error) = &report.end {
            if self.is_news(error) {
                warn!(%error, "the spool is not drained; what is in it is safe and not shown");
            }
            self.end_after(error);
        }
        if let Some(error) = &report.caught_up.end {
            if self.is_news(error) {
                warn!(%error, "transcripts are not read on; what is new in them is not shown");
            }
            self.end_after(error);
        }
    }

    fn judge(&self, error: StoreError) -> Refusal {
        if !error.is_transient() && self.is_news(&error) {
            error!(%error, "a question is not answered");
        }
        self.end_after(&error);
        error.into()
    }

    fn is_news(&self, error: &StoreError) -> bool {
        let text = error.to_string();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *said, text.clone()) != text
    }

    /// An engine that panicked keeps its lock on the database for as long as the process lives.
    fn end_after(&self, error: &StoreError) {
        if matches!(error, StoreError::EnginePanic { .. }) {
            self.end(Ended::EnginePanicked);
        }
    }

    fn end(&self, why: Ended) {
        self.ended.send_if_modified(|ended| ended.replace(why).is_none());
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use tempfile::TempDir;

    use super::*;
    use crate::tests::store;

    fn answers(folder: &TempDir, time_limit: Duration) -> Answers {
        let store = store(folder, Duration::from_millis(50));
        Answers::new(store, PriceTable::built_in(), time_limit).expect("random bytes")
    }

    fn folder() -> TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    /// What another process does.
    fn take_lease(folder: &TempDir) -> File {
        let path = folder.path().join("r.db.lock");
        let file = File::options().create(true).append(true).open(path).expect("a file");
        file.try_lock().expect("nobody has it");
        file
    }

    fn nothing() -> Ask {
        Box::new(|_| Ok(Box::new(|| "null".to_owned())))
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_of_one_answer_and_gives_the_lease_back() {
        let folder = folder();
        let answers = answers(&folder, Duration::from_secs(30));
        for _ in 0..2 * AT_ONCE {
            let ask: Ask = Box::new(|_| panic!("on purpose"));
            let refused = answers.answer(String::new(), |_| false, ask).await.err();
            assert_eq!(refused, Some(Refusal::internal()));
        }
        assert!(answers.answer(String::new(), |_| false, nothing()).await.is_ok());
    }

    #[tokio::test]
    async fn who_cannot_have_the_lease_is_told_to_come_again() {
        let folder = folder();
        let answers = answers(&folder, Duration::from_secs(30));
        let taken = take_lease(&folder);
        let refused = answers.answer(String::new(), |_| false, nothing()).await.err();
        assert!(matches!(refused, Some(Refusal::Busy(_))), "{refused:?}");
        drop(taken);
        assert!(answers.answer(String::new(), |_| false, nothing()).await.is_ok());
    }

    #[tokio::test]
    async fn an_answer_that_takes_too_long_is_not_waited_for() {
        let folder = folder();
        let answers = answers(&folder, Duration::from_millis(50));
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let ask: Ask = Box::new(move |_| {
            let _ = wait.recv();
            Ok(Box::new(String::new))
        });
        let refused = answers.answer(String::new(), |_| false, ask).await.err();
        assert_eq!(refused, Some(late()));
        drop(go_on);
    }

    #[tokio::test]
    async fn the_lease_is_taken_only_where_something_changed() {
        let folder = folder();
        let answers = answers(&folder, Duration::from_secs(30));
        let mut revisions = answers.revisions();
        answers.look().await.expect("nobody has the lease");
        assert_eq!(*revisions.borrow_and_update(), Some(0));
        let taken = take_lease(&folder);
        answers.look().await.expect("no lease is needed");
        let spool = answers.shared.store.location().spool();
        std::fs::create_dir_all(&spool).expect("a new folder");
        assert!(matches!(answers.look().await, Err(Refusal::Busy(_))));
        drop(taken);
    }
}
