//! Tables as comma-separated values and as Markdown: what a record says acts in neither.

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    envelope::{GENERATED_AT, envelope, message, messages, part, parts},
    session_questions, stats_questions,
};

/// What a spreadsheet, a terminal, a browser and a reader of Markdown would each act upon.
const HOSTILE: &str =
    "=cmd|' /C calc'!A0 \u{1b}[2J\u{202e}`x`\n| <script>alert(1)</script> [a](http://b) \"q\"";

/// A session in which every text is hostile.
fn with_hostile_texts() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let session = json!({
        "session_id": "ses_1", "title": HOSTILE, "project_path": HOSTILE,
        "generated_at_unix_ms": GENERATED_AT,
    });
    environment.hook(envelope("session.updated", &[session])).finish().ends_with(0);
    let mut answer = message("ses_1", "msg_1");
    answer["role"] = "assistant".into();
    answer["model_id"] = HOSTILE.into();
    answer["tokens"] = json!({ "input": 1, "output": 2 });
    answer["cost"] = json!(0.5);
    environment.hook(messages(&[answer])).finish().ends_with(0);
    let mut thought = part("ses_1", "msg_1", "prt_1", HOSTILE);
    thought["part_type"] = "reasoning".into();
    let call = json!({
        "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_2", "part_type": "tool",
        "callID": HOSTILE, "tool": HOSTILE, "generated_at_unix_ms": GENERATED_AT,
        "state": { "status": "error", "error": HOSTILE, "input": { "filePath": HOSTILE } },
    });
    let patch = json!({
        "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_3", "part_type": "patch",
        "hash": HOSTILE, "files": [HOSTILE], "generated_at_unix_ms": GENERATED_AT,
    });
    let step = json!({
        "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_4",
        "part_type": "step-finish", "reason": HOSTILE, "cost": 0.5,
        "tokens": { "input": 5, "output": 6 }, "generated_at_unix_ms": GENERATED_AT,
    });
    let text = part("ses_1", "msg_1", "prt_5", HOSTILE);
    environment.hook(parts(&[thought, call, patch, step, text])).finish().ends_with(0);
    let condensed = json!({
        "session_id": "ses_1", "message_id": HOSTILE, "generated_at_unix_ms": GENERATED_AT,
    });
    environment.hook(envelope("session.compacted", &[condensed])).finish().ends_with(0);
    environment
}

/// Every command that prints a table.
fn commands() -> Vec<Vec<&'static str>> {
    let questions =
        session_questions().into_iter().map(|question| vec!["session", question, "ses_1"]);
    let usage = ["daily", "model", "project", "session"].map(|by| vec!["usage", by]);
    let stats = stats_questions().into_iter().map(|question| vec!["stats", question]);
    let list = vec!["session", "list"];
    [list].into_iter().chain(questions).chain(usage).chain(stats).collect()
}

fn print(environment: &TestEnvironment, command: &[&str], form: &str) -> String {
    let output = environment.run([command, &["--format", form]].concat()).output();
    let acts =
        |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
    assert!(!output.contains(acts), "{command:?}: {output:?}");
    output
}

/// The rows of comma-separated values, read by the rules of RFC 4180.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let (mut is_quoted, mut characters) = (false, text.chars().peekable());
    while let Some(character) = characters.next() {
        let row = rows.last_mut().expect("there is one");
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => {
                row.last_mut().expect("there is one").push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(String::new()),
            '\n' if !is_quoted => rows.push(vec![String::new()]),
            character => row.last_mut().expect("there is one").push(character),
        }
    }
    rows.pop();
    rows
}

#[test]
fn no_cell_of_comma_separated_values_begins_a_formula() {
    let environment = with_hostile_texts();
    let mut guarded = 0;
    for command in commands() {
        let rows = read_csv(&print(&environment, &command, "csv"));
        assert!(rows.len() > 1, "{command:?}");
        for row in &rows {
            assert_eq!(row.len(), rows[0].len(), "{command:?}: {row:?}");
            for cell in row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{command:?}: {cell}");
                guarded += usize::from(cell.starts_with("'="));
            }
        }
    }
    assert!(guarded > 10, "the texts are not in it");
}

#[test]
fn each_row_of_a_table_of_markdown_has_its_cells_and_nothing_in_it_acts() {
    let environment = with_hostile_texts();
    for command in commands() {
        let output = print(&environment, &command, "markdown");
        let fenced = |line: &&str| line.starts_with("=cmd");
        for line in output.lines().filter(|line| !fenced(line) && !line.starts_with("| <script")) {
            assert!(!line.contains("<script>"), "{command:?}: {line}");
            let cells = line.replace("\\|", "").matches('|').count();
            let heading = output.lines().find(|line| line.starts_with("| ")).unwrap_or_default();
            if line.starts_with('|') {
                assert_eq!(cells, heading.matches('|').count(), "{command:?}: {line}");
            }
        }
        let unfenced = output.split("```").step_by(2).collect::<String>();
        assert!(!unfenced.contains("<script>"), "{command:?}: {output}");
        assert!(!unfenced.replace("\\`", "").contains('`'), "{command:?}: {output}");
    }
}

#[test]
fn figures_and_times_of_a_spreadsheet_can_be_worked_with() {
    let environment = with_hostile_texts();
    let list = read_csv(&print(&environment, &["session", "list"], "csv"));
    assert_eq!(list[0][4], "active");
    assert!(list[1][4].ends_with('Z') && list[1][4].contains('T'), "{list:?}");
    let cost = read_csv(&print(&environment, &["session", "cost", "ses_1"], "csv"));
    let column = |name: &str| cost[0].iter().position(|heading| heading == name).expect(name);
    assert_eq!(cost[1][column("by the agent")], "0.50");
    assert_eq!(cost[1][column("output")], "6");
    let usage = read_csv(&print(&environment, &["usage", "agent"], "csv"));
    assert_eq!(usage.len(), 2, "the sums are no row: {usage:?}");
    let json: Value = serde_json::from_str(
        &environment.run(["session", "cost", "ses_1", "--format", "json"]).output(),
    )
    .expect("JSON");
    assert_eq!(json["details"].as_array().map(Vec::len), Some(cost.len() - 1));
}

#[test]
fn an_empty_spreadsheet_has_its_heading() {
    let environment = TestEnvironment::new();
    let list = environment.run(["session", "list", "--format", "csv"]).output();
    assert!(list.starts_with("session,title,") && list.lines().count() == 1, "{list}");
    let usage = environment.run(["usage", "daily", "--format", "csv"]).output();
    assert!(usage.starts_with("day,cost,") && usage.lines().count() == 1, "{usage}");
}
