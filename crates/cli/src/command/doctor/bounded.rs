//! Work with the engine, bounded in time: on damaged pages it can run without end inside one call
//! (turso 0.8.3), and what the other checks have found has to be told all the same.

use std::{sync::mpsc, thread, time::Duration};

use report::health::{Check, Finding};

/// Takes what is found as it is found.
pub type Findings<'f> = dyn FnMut(Finding) + 'f;

/// What `work` finds; where it finds nothing more for that time, what it has found, and that.
///
/// Whoever does not come back ends with the process.
pub fn findings(
    limit: Duration,
    work: impl FnOnce(&mut Findings<'_>) + Send + 'static,
) -> Result<Vec<Finding>, Vec<Finding>> {
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        // Who has given up listening ends soon.
        work(&mut |finding| drop(sender.send(finding)));
    };
    let mut found = Vec::new();
    let thread = match thread::Builder::new().spawn(work) {
        Ok(thread) => thread,
        Err(error) => {
            return Err(vec![Finding::failure(
                Check::Database,
                format!("no thread for it: {error}"),
            )]);
        }
    };
    loop {
        match receiver.recv_timeout(limit) {
            Ok(finding) => found.push(finding),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                found.push(
                    Finding::failure(
                        Check::Database,
                        format!("the engine has not come back for {} seconds", limit.as_secs()),
                    )
                    .advised("run `recount db check`, which waits for as long as it takes"),
                );
                return Err(found);
            }
        }
    }
    if thread.join().is_err() {
        found.push(Finding::failure(Check::Database, "an internal error ended its checks"));
        return Err(found);
    }
    Ok(found)
}
