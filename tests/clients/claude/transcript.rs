//! What Claude Code's transcripts say, read a second time: plainly, line by line, and by nothing
//! of recount's. Each line has its meaning by what Claude Code 2.1.328 writes there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::recorded::list;

/// How much is kept of what a tool says.
const LONGEST_OUTPUT_BYTES: usize = 10 * 1024;

/// What is to be known of each session, by its id: rows by their table and what finds them, each with
/// the columns that the transcript tells.
pub type Told = BTreeMap<String, Value>;

/// Reads the files of conversations. What a fork has copied tells nothing new: it stands, to its id,
/// in a file of one of the `earlier` sessions.
pub fn read(files: &[PathBuf], earlier: &[&str]) -> Told {
    let parse = |line: &str| serde_json::from_str(line).expect("a line is JSON");
    let texts = files.iter().map(|file| fs::read_to_string(file).expect("a transcript is text"));
    let files: Vec<Vec<Value>> = texts.map(|text| text.lines().map(parse).collect()).collect();
    let is_earlier = |line: &&Value| earlier.contains(&text(&line["sessionId"]));
    let known: BTreeSet<&str> =
        files.iter().flatten().filter(is_earlier).map(|line| text(&line["uuid"])).collect();
    let mut told = Told::new();
    for lines in &files {
        let session = session(lines);
        let copied = if earlier.contains(&&*session) { BTreeSet::new() } else { known.clone() };
        let mut reader = Reader { session, lines, copied, prompt: Value::Null, rows: json!({}) };
        for line in lines {
            reader.line(line);
        }
        told.insert(reader.session, reader.rows);
    }
    told
}

/// Whose file it is: a subagent's session lies in that of whoever has called it.
fn session(lines: &[Value]) -> String {
    let line = lines.iter().find(|line| line["uuid"].is_string()).expect("somebody said something");
    match line["agentId"].as_str() {
        Some(agent) => format!("{}/{agent}", text(&line["sessionId"])),
        None => text(&line["sessionId"]).to_owned(),
    }
}

struct Reader<'l> {
    session: String,
    lines: &'l [Value],
    copied: BTreeSet<&'l str>,
    /// What is being answered.
    prompt: Value,
    rows: Value,
}

impl Reader<'_> {
    fn line(&mut self, line: &Value) {
        let kind = text(&line["type"]);
        let content = &line["message"]["content"];
        match (kind, &line["attachment"]["type"]) {
            ("user", _) if line["isMeta"] == true => self.event(line, "user/meta"),
            ("user", _) if content[0]["type"] == "tool_result" => self.results(line),
            ("user", _) => self.user(line),
            ("assistant", _) => self.answer(line),
            // What was sent to the model, whole and with its secrets.
            ("attachment", Value::String(kind)) if kind == "prompt_snapshot" => {}
            ("attachment", Value::String(kind)) => self.event(line, &format!("attachment/{kind}")),
            ("system", _) if line["subtype"] == "compact_boundary" => self.compaction(line),
            ("system", _) => self.event(line, &format!("system/{}", text(&line["subtype"]))),
            _ => assert!(line["uuid"].is_null(), "a line of an unknown kind: {kind}"),
        }
    }

    /// A prompt is found by its own id. A fork gives those that it copies another one, and what Claude
    /// Code itself says in the person's name has none.
    fn user(&mut self, line: &Value) {
        let (said, time) = (&line["message"]["content"], milliseconds(line));
        if text(&said[0]["text"]).starts_with("[Request interrupted by user") {
            let error = json!({ "error_type": "aborted", "message": said[0]["text"] });
            self.rows["session_errors"][text(&line["uuid"])] = error;
            return;
        }
        let is_copied = self.copied.contains(text(&line["uuid"]));
        let is_summary = line["isCompactSummary"] == true;
        let is_output = text(said).starts_with("<local-command-stdout>");
        let (id, part) = if is_copied || is_summary || is_output {
            (&line["uuid"], text(&line["uuid"]))
        } else {
            (&line["promptId"], "prompt")
        };
        if !(is_summary || is_output) {
            self.prompt = id.clone();
        }
        let id = text(id);
        self.rows["messages"][id] = json!({
            "role": "user",
            "generated_at_unix_ms": time,
            "side_call": is_summary.then_some("compaction"),
            "inherited": is_copied.then_some(true),
        });
        self.rows["parts"][format!("{id}/{part}")] =
            json!({ "part_type": "text", "text": said, "generated_at_unix_ms": time });
    }

    /// The summary, which follows, says on whose account.
    fn compaction(&mut self, line: &Value) {
        let mut following = self.lines.iter().skip_while(|other| *other != line);
        let summary = following.find(|other| other["isCompactSummary"] == true);
        let prompt = &summary.expect("a summary follows")["promptId"];
        let is_copied = self.copied.contains(text(&line["uuid"]));
        let own = format!("prompt:{}", text(prompt));
        let id = if is_copied { text(&line["uuid"]) } else { &own };
        let details = &line["compactMetadata"];
        self.rows["compaction_events"][id] = json!({
            "auto": details["trigger"] == "auto",
            "tokens_before": details["preTokens"],
            "tokens_after": details["postTokens"],
            "generated_at_unix_ms": milliseconds(line),
        });
    }

    /// One line has one block of an answer; what is told of the whole answer stands in each.
    fn answer(&mut self, line: &Value) {
        let (message, time) = (&line["message"], milliseconds(line));
        let id = text(&message["id"]);
        let is_copied = self.copied.contains(text(&line["uuid"]));
        let is_made_up = message["model"] == "<synthetic>";
        let row = &mut self.rows["messages"][id];
        let began = if row.is_null() { time } else { row["generated_at_unix_ms"].clone() };
        *row = json!({
            "role": "assistant",
            "generated_at_unix_ms": began,
            "parent_message_id": self.prompt,
            "model_id": if is_made_up { &Value::Null } else { &message["model"] },
            "tokens": if is_made_up { Value::Null } else { tokens(&message["usage"]) },
            "finish": message["stop_reason"],
            "request_id": line["requestId"],
            "inherited": is_copied.then_some(true),
        });
        for block in list(&message["content"]) {
            self.block(line, block);
        }
        if line["isApiErrorMessage"] == true {
            let error = format!("prompt:{}", text(&self.prompt));
            self.rows["session_errors"][error] = json!({ "error_type": "api" });
        }
    }

    fn block(&mut self, line: &Value, block: &Value) {
        let (message, part) = (&line["message"]["id"], &line["uuid"]);
        let time = milliseconds(line);
        let row = match text(&block["type"]) {
            "text" => json!({ "part_type": "text", "text": block["text"] }),
            "thinking" => json!({
                "part_type": "reasoning",
                "reasoning_text": block["thinking"],
                "signature": block["signature"],
            }),
            "tool_use" => {
                let call = text(&block["id"]);
                self.rows["tool_calls"][call] = json!({
                    "tool": block["name"],
                    "input": block["input"],
                    "message_id": message,
                    "part_id": part,
                    "generated_at_unix_ms": time,
                });
                json!({ "part_type": "tool" })
            }
            other => panic!("a block of an unknown kind: {other}"),
        };
        let row_of_part = &mut self.rows["parts"][format!("{}/{}", text(message), text(part))];
        *row_of_part = row;
        row_of_part["generated_at_unix_ms"] = time;
    }

    fn results(&mut self, line: &Value) {
        for result in list(&line["message"]["content"]) {
            let said = match &result["content"] {
                Value::Array(blocks) => {
                    let texts: Vec<&str> =
                        blocks.iter().map(|block| text(&block["text"])).collect();
                    texts.join("\n")
                }
                content => text(content).to_owned(),
            };
            assert!(said.len() <= LONGEST_OUTPUT_BYTES, "no script makes a tool say more");
            let id = text(&result["tool_use_id"]);
            let call = &mut self.rows["tool_calls"][id];
            call["output"] = json!(said);
            let has_failed = result["is_error"] == true;
            call["status"] = json!(if has_failed { "error" } else { "completed" });
            call["error"] = if has_failed { json!(said) } else { Value::Null };
            if has_failed {
                let kind = if line["toolDenialKind"].is_string() { "aborted" } else { "tool" };
                let error = json!({ "error_type": kind, "name": call["tool"], "message": said });
                self.rows["session_errors"][format!("call:{id}")] = error;
            }
        }
    }

    fn event(&mut self, line: &Value, name: &str) {
        let id = format!("{}/{}", self.session, text(&line["uuid"]));
        self.rows["events"][id] =
            json!({ "name": name, "generated_at_unix_ms": milliseconds(line) });
    }
}

/// The counts in recount's terms: those of thoughts are apart from the rest of what was written.
fn tokens(usage: &Value) -> Value {
    let count = |path: &str| usage.pointer(path).and_then(Value::as_i64).unwrap_or(0);
    let reasoning = count("/output_tokens_details/thinking_tokens");
    json!({
        "input": count("/input_tokens"),
        "output": count("/output_tokens") - reasoning,
        "reasoning": reasoning,
        "cache_read": count("/cache_read_input_tokens"),
        "cache_write": count("/cache_creation_input_tokens"),
        "cache_write_1h": count("/cache_creation/ephemeral_1h_input_tokens"),
    })
}

fn milliseconds(line: &Value) -> Value {
    let time: Timestamp = text(&line["timestamp"]).parse().expect("a time");
    json!(time.as_millisecond())
}

/// A text; nothing where there is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
