//! An engine that does not come back: when the read of a neighbour of a page that it is balancing
//! fails, it waits without end for a read that is over (turso 0.8.3).

use super::Desk;
use crate::support::{say, strace_works};

const WORDS: &str = "recount: the database engine does not come back\nhint: ";

#[test]
fn a_command_whose_engine_does_not_come_back_is_ended_and_loses_nothing() {
    if !strace_works() {
        return;
    }
    let mut desk = Desk::new();
    desk.fill_spool(400);
    desk.run(&["spool", "drain"]).ends_with(0);
    let mut never_ends = |nth: &usize| {
        if desk.environment.spooled().is_empty() {
            desk.fill_spool(40);
        }
        let disturbance = format!("--inject=?pread64:error=EIO:when={nth}");
        let run = desk.environment.recount_under_strace([disturbance], ["spool", "drain"]);
        let finished = run.finish();
        assert!(desk.environment.was_disturbed(), "it comes back from every read: {nth}");
        finished.code == Some(74) && finished.stderr.contains(WORDS)
    };
    // If it always comes back some day, nobody has to be watched.
    let nth = (1..1_000).find(|nth| never_ends(nth)).expect("some read is a neighbour's");
    say(&format!("faults: the engine did not come back from its read {nth}"));
    desk.settle();
}
