//! A record of sessions that real agents had: what their hooks handed over, and what they left on disk.

use std::fs;

use super::TestEnvironment;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// The sessions of each agent: one with many tools, one with a subagent, one with an error.
const CAPTURES: [&str; 3] = ["basic", "subagent", "error"];

/// When Claude Code's hooks are said to have handed over: after all that they tell of.
const RECEIVED_AT: i64 = 1_795_170_360_000;

/// Prices of our own, so that no answer changes with the built-in ones.
const PRICES: &str = r#"
[[prices]]
provider = "anthropic"
model = "claude-sonnet-4-5"
input = "3"
output = "15"
cache_read = "0.3"
cache_write = "3.75"
source = "a test"
"#;

/// The record. `OpenCode`'s model has no price in it.
pub fn captured() -> TestEnvironment {
    let environment = TestEnvironment::new().with_settings(PRICES);
    for capture in CAPTURES {
        let envelopes = format!("{FIXTURES}/opencode/{capture}.envelopes.ndjson");
        environment.run(["replay", &envelopes]).ends_with(0);
        let events = fs::read_to_string(format!("{FIXTURES}/captures/claude/{capture}.jsonl"));
        let spooled = environment.working_folder().join(format!("{capture}.spool"));
        fs::write(&spooled, spool_form(&events.expect("a fixture"))).expect("a new file");
        environment.recount(["replay"]).arguments([spooled]).finish().ends_with(0);
        import(&environment, &format!("{capture}.transcript"));
    }
    let condensed = "compacted.transcript/46c8fba1-6d82-4d2a-abdf-c985353ac9b6.jsonl";
    import(&environment, condensed);
    environment
}

fn import(environment: &TestEnvironment, transcripts: &str) {
    let transcripts = format!("{FIXTURES}/captures/claude/{transcripts}");
    environment.run(["import", "claude", &transcripts]).ends_with(0);
}

/// Hook events with a receipt that is always the same.
fn spool_form(events: &str) -> String {
    let bytes = events.len();
    format!(
        "{{\"recount_spool\":1,\"kind\":\"conversation-trace\",\
         \"received_at_unix_ms\":{RECEIVED_AT},\"agent\":\"claude-code\",\"database\":null,\
         \"bytes\":{bytes}}}\n{events}"
    )
}
