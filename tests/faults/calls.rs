//! Each system call of a hook and of a command fails once, and locks fail always: what was
//! acknowledged is in the record once, whatever it was that failed.

use super::Desk;
use crate::support::{say, strace_works};

/// A call, and a way in which it can fail. Not every system has all of them.
const FAILURES: [(&str, &str); 16] = [
    ("fdatasync", "EIO"),
    ("flock", "ENOLCK"),
    ("fsync", "EIO"),
    ("fsync", "ENOSPC"),
    ("ftruncate", "EIO"),
    ("getdents64", "EIO"),
    ("mkdir", "ENOSPC"),
    ("openat", "EMFILE"),
    ("openat", "ENOSPC"),
    ("pread64", "EIO"),
    ("pwrite64", "ENOSPC"),
    ("pwritev", "ENOSPC"),
    ("read", "EIO"),
    ("rename", "EIO"),
    ("unlink", "EIO"),
    ("write", "ENOSPC"),
];

impl Desk {
    /// Hands something over to a process of which one call fails; says whether it came to that.
    fn hand_over_disturbed(
        &mut self,
        arguments: &[&str],
        disturbance: &str,
        codes: &[i32],
    ) -> bool {
        let input = self.load.input_of_all_kinds(&mut self.random);
        self.ledger.give(&input.said);
        let run = self.environment.recount_under_strace([disturbance], arguments);
        let finished = run.input(&*input.bytes).finish();
        let code = finished.code.filter(|code| codes.contains(code));
        assert!(code.is_some(), "{disturbance}: {finished:#?}");
        if code == Some(65) {
            self.ledger.acknowledge(&input.said);
        }
        self.environment.was_disturbed()
    }

    /// Lets each call fail in its turn; says how many did.
    fn disturb_each_call(&mut self, arguments: &[&str], codes: &[i32]) -> usize {
        let mut failures = 0;
        for (call, error) in FAILURES {
            let mut fails = |nth: &usize| {
                let disturbance = format!("--inject=?{call}:error={error}:when={nth}");
                self.hand_over_disturbed(arguments, &disturbance, codes)
            };
            failures += (1..1_000).take_while(&mut fails).count();
            self.settle();
        }
        failures
    }
}

#[test]
fn whatever_call_of_a_hook_fails_what_it_acknowledged_is_safe() {
    if strace_works() {
        let failures = Desk::new().disturb_each_call(&["hooks", "conversation-trace"], &[65, 74]);
        say(&format!("faults: {failures} calls of a hook failed, each in its turn"));
        assert!(failures > 50, "it cannot do with less");
    }
}

#[test]
fn whatever_call_of_a_replay_fails_what_it_acknowledged_is_safe() {
    if strace_works() {
        // Settings that cannot be read stop a command.
        let failures = Desk::new().disturb_each_call(&["replay", "-"], &[65, 74, 78]);
        say(&format!("faults: {failures} calls of a replay failed, each in its turn"));
        assert!(failures > 50, "it cannot do with less");
    }
}

#[test]
fn where_files_cannot_be_locked_hooks_spool_and_readers_say_so() {
    if !strace_works() {
        return;
    }
    let mut desk = Desk::new();
    desk.hand_over_well(1);
    let no_locks = "--inject=flock:error=ENOLCK";
    let hook = ["hooks", "conversation-trace"];
    for waiting in 1..=3 {
        assert!(desk.hand_over_disturbed(&hook, no_locks, &[65]));
        assert_eq!(desk.environment.spooled().len(), waiting);
    }
    for reader in [&["session", "list"][..], &["spool", "drain"], &["db", "check"]] {
        let run = desk.environment.recount_under_strace([no_locks], reader);
        let lock = desk.environment.lock().display().to_string();
        let refused =
            run.finish().complains("hint: put the database on a file system that can lock");
        refused.complains(&format!("recount: cannot lock `{lock}`: ")).ends_with(74);
    }
    desk.settle();
}
