//! Surroundings that fail: whatever is wrong with the disk, the database, the spool or who holds
//! them, hooks end in time, nothing that was acknowledged is lost, and commands say what is wrong.

mod calls;
mod database;
mod disk;
mod engine;
mod holder;
mod spool;

use std::{fs, path::PathBuf, time::Duration};

use serde_json::json;

use crate::support::{
    Finished, Ledger, Load, Random, Said, TestEnvironment, envelope::GENERATED_AT,
};

/// The longest that a hook may take: no measure of speed, but a sign that nothing spins.
const LONGEST: Duration = Duration::from_secs(10);

/// Every hook tries to store what it is given, and writes the log back.
const DRAINS: &str = "hooks.drain_files = 1\nstore.checkpoint_bytes = 0\n";

/// Somebody who hands things over, and keeps the books.
struct Desk {
    environment: TestEnvironment,
    load: Load,
    ledger: Ledger,
    random: Random,
}

impl Desk {
    fn new() -> Self {
        Self::at(TestEnvironment::new())
    }

    fn at(environment: TestEnvironment) -> Self {
        Self::with_settings(environment, "")
    }

    fn with(settings: &str) -> Self {
        Self::with_settings(TestEnvironment::new(), settings)
    }

    fn with_settings(environment: TestEnvironment, settings: &str) -> Self {
        Self {
            environment: environment.with_settings(&format!("{DRAINS}{settings}")),
            load: Load::over(10),
            ledger: Ledger::default(),
            random: Random::from_seed(1),
        }
    }

    /// Hands over something of every kind; says whether it was acknowledged.
    fn hand_over(&mut self) -> bool {
        let input = self.load.input_of_all_kinds(&mut self.random);
        self.ledger.give(&input.said);
        let finished = self.environment.hook(&*input.bytes).finish();
        assert!(finished.elapsed < LONGEST, "{finished:#?}");
        match finished.code {
            Some(65) => self.ledger.acknowledge(&input.said),
            Some(74) => assert!(finished.stderr.contains("hint: "), "{finished:#?}"),
            _ => panic!("{finished:#?}"),
        }
        finished.code == Some(65)
    }

    /// Demands that several inputs are acknowledged.
    fn hand_over_well(&mut self, times: usize) {
        for _ in 0..times {
            assert!(self.hand_over());
        }
    }

    /// Puts that many inputs into the spool as hooks do, without their processes.
    fn fill_spool(&mut self, files: usize) -> Vec<(PathBuf, Vec<Said>)> {
        let folder = self.environment.spool();
        fs::create_dir_all(&folder).expect("a folder");
        let write = |number| {
            let input = self.load.input_of_all_kinds(&mut self.random);
            let file = folder.join(format!("{GENERATED_AT:015}-{number:016x}.spool"));
            fs::write(&file, spool_form(&input.bytes)).expect("a new file");
            self.ledger.give(&input.said);
            self.ledger.acknowledge(&input.said);
            (file, input.said)
        };
        (0..files).map(write).collect()
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        let finished = self.environment.run(arguments);
        assert!(finished.elapsed < LONGEST, "{finished:#?}");
        finished
    }

    /// Demands that all is there and whole when nothing is wrong any more.
    fn settle(&self) {
        self.ledger.settle(&self.environment);
        assert_eq!(self.run(&["db", "check"]).ends_with(0).stdout, "ok\n");
    }
}

/// Bytes as the spool keeps them.
fn spool_form(bytes: &[u8]) -> Vec<u8> {
    let header = json!({
        "recount_spool": 1,
        "kind": "conversation-trace",
        "received_at_unix_ms": GENERATED_AT,
        "agent": null,
        "database": null,
        "bytes": bytes.len(),
    });
    [header.to_string().as_bytes(), b"\n", bytes].concat()
}
