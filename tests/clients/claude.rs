//! Claude Code against a scripted model.

mod client;

use serde_json::{Value, json};

use self::client::ClaudeCode;

#[test]
fn the_plugin_changes_nothing_that_claude_code_prints() {
    for (script, code) in [("basic", 0), ("subagent", 0), ("error", 1)] {
        let printed = [ClaudeCode::new(), ClaudeCode::without_plugin()].map(|claude| {
            let run = claude.prompt(script, &[]).finish().ends_with(code);
            (run.stdout, run.stderr)
        });
        assert_eq!(printed[0], printed[1]);
    }
}

#[test]
fn no_hook_prints_anything() {
    let claude = ClaudeCode::new();
    let options = ["--output-format", "stream-json", "--verbose", "--include-hook-events"];
    let run = claude.prompt("basic", &options).finish().ends_with(0);
    let lines = run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let hooks: Vec<Value> =
        lines.filter(|line: &Value| line["subtype"] == "hook_response").collect();
    assert!(hooks.len() > 20, "{} hooks", hooks.len());
    for hook in hooks {
        let said = ["stdout", "stderr", "exit_code"].map(|name| hook[name].clone());
        assert_eq!(json!(said), json!(["", "", 0]), "{hook:#}");
    }
}
