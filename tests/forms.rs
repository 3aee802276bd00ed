//! Tables as comma-separated values and as Markdown: what a record says acts in neither.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{
    TestEnvironment,
    asked::{asked, sessions},
    captured::captured,
    envelope::{GENERATED_AT, envelope, message, messages, part, parts},
};

/// What a spreadsheet, a terminal, a browser and a reader of Markdown would each act upon.
const HOSTILE: &str = concat!(
    "=cmd|' /C calc'!A0 \u{1b}[2J\u{202e}\u{2066}\u{9b}`x`\n",
    "| <script>alert(1)</script> [a](http://b) \"q\"",
);

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
    environment.run(["spool", "drain"]).ends_with(0);
    let database = rusqlite::Connection::open(environment.default_database());
    let database = database.expect("stock SQLite opens it");
    database.execute_batch(&commit_of("ses_1")).expect("the rows are new");
    environment
}

/// A commit with lines of a session, in a record of which every text is hostile.
fn commit_of(session: &str) -> String {
    let hostile = HOSTILE.replace('\'', "''");
    format!(
        "INSERT INTO agent_traces \
             (repository, commit_id, source, committed_at_unix_ms, author, subject, record, \
              is_settled, seen_revision, updated_at_unix_ms, revision) \
         VALUES ('{hostile}', '{hostile}', 'computed', {GENERATED_AT}, '{hostile}', '{hostile}', \
                 '{{}}', 1, 1, 1, 1); \
         INSERT INTO agent_trace_ranges \
             (repository, commit_id, source, path, start_line, end_line, contributor, agent, \
              model_id, session_id) \
         VALUES ('{hostile}', '{hostile}', 'computed', '{hostile}', 1, 2, 'ai', '{hostile}', \
                 '{hostile}', '{session}');"
    )
}

/// Every question that can be printed in that form, those about one session asked about each.
fn commands(environment: &TestEnvironment, form: &str) -> Vec<String> {
    let mut forms = BTreeMap::new();
    let mut asked = asked(&sessions(environment));
    asked.retain(|asked| {
        let forms = forms.entry(asked.name());
        let offered = forms.or_insert_with(|| offered(environment, &asked.command));
        offered.iter().any(|offered| offered == form)
    });
    asked.into_iter().map(|asked| asked.command).collect()
}

/// The forms that a command offers, in its own words.
fn offered(environment: &TestEnvironment, command: &str) -> Vec<String> {
    let refused = environment.run(command.split(' ').chain(["--format", "none"])).ends_with(64);
    let list = refused.stderr.split("[possible values: ").nth(1).expect("it names them");
    let list = list.split(']').next().expect("a text has a first part");
    list.split(", ").map(str::to_owned).collect()
}

fn print(environment: &TestEnvironment, command: &str, form: &str) -> String {
    let output = environment.run(command.split(' ').chain(["--format", form])).output();
    assert!(!output.contains(acts), "{command}: {output:?}");
    output
}

/// Whether a character moves a cursor, or turns the order of what is read.
fn acts(character: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'];
    (character.is_control() && character != '\n')
        || turns.contains(&character)
        || ('\u{202a}'..='\u{202e}').contains(&character)
        || ('\u{2066}'..='\u{2069}').contains(&character)
}

/// The details of the answer to a question.
fn details(environment: &TestEnvironment, command: &str) -> Value {
    let output = environment.run(command.split(' ').chain(["--format", "json"])).output();
    let answer: Value = serde_json::from_str(&output).expect("a JSON value");
    answer["details"].clone()
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
    for command in commands(&environment, "csv") {
        let rows = read_csv(&print(&environment, &command, "csv"));
        assert!(rows.len() > 1, "{command}");
        for row in &rows {
            assert_eq!(row.len(), rows[0].len(), "{command}: {row:?}");
            for cell in row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{command}: {cell}");
                guarded += usize::from(cell.starts_with("'="));
            }
        }
    }
    assert!(guarded > 10, "the texts are not in it");
}

#[test]
fn each_row_of_a_table_of_markdown_has_its_cells_and_nothing_in_it_acts() {
    let environment = with_hostile_texts();
    for command in commands(&environment, "markdown") {
        let output = print(&environment, &command, "markdown");
        let fenced = |line: &&str| line.starts_with("=cmd");
        for line in output.lines().filter(|line| !fenced(line) && !line.starts_with("| <script")) {
            assert!(!line.contains("<script>"), "{command}: {line}");
            let cells = line.replace("\\|", "").matches('|').count();
            let heading = output.lines().find(|line| line.starts_with("| ")).unwrap_or_default();
            if line.starts_with('|') {
                assert_eq!(cells, heading.matches('|').count(), "{command}: {line}");
            }
        }
        let unfenced = output.split("```").step_by(2).collect::<String>();
        assert!(!unfenced.contains("<script>"), "{command}: {output}");
        assert!(!unfenced.replace("\\`", "").contains('`'), "{command}: {output}");
    }
}

#[test]
fn a_spreadsheet_has_a_row_for_each_detail_that_counts_and_the_lines_one_for_each() {
    let environment = captured();
    for command in commands(&environment, "csv") {
        let details = details(&environment, &command);
        let all = details.as_array().into_iter().flatten();
        let told = all.filter(|detail| detail["counts"] != false).count();
        let rows = read_csv(&print(&environment, &command, "csv"));
        assert_eq!(told, rows.len() - 1, "{command}");
        let lines = print(&environment, &command, "jsonl");
        let lines =
            lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON value"));
        assert_eq!(lines.collect::<Value>(), details, "{command}");
    }
}

#[test]
fn nothing_of_a_record_acts_on_a_terminal_in_any_form() {
    let environment = with_hostile_texts();
    for form in ["text", "table", "json", "jsonl", "csv", "markdown"] {
        let commands = commands(&environment, form);
        assert!(!commands.is_empty(), "{form}");
        for command in commands {
            assert!(!print(&environment, &command, form).is_empty(), "{command} {form}");
        }
    }
}

#[test]
fn figures_and_times_of_a_spreadsheet_can_be_worked_with() {
    let environment = with_hostile_texts();
    let list = read_csv(&print(&environment, "session list", "csv"));
    let active = list[0].iter().position(|heading| heading == "active").expect("a column");
    assert!(list[1][active].ends_with('Z') && list[1][active].contains('T'), "{list:?}");
    let cost = read_csv(&print(&environment, "session cost ses_1", "csv"));
    let column = |name: &str| cost[0].iter().position(|heading| heading == name).expect(name);
    assert_eq!(cost[1][column("by the agent")], "0.50");
    assert_eq!(cost[1][column("output")], "6");
    let usage = read_csv(&print(&environment, "usage agent", "csv"));
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
