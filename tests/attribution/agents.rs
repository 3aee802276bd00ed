//! What agents hand over of a change, in the forms of the captures in `tests/fixtures/captures`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    change::FileChange,
    story::{Agent, Edit, Telling},
};
use crate::support::envelope::envelope;

/// The agents of a case.
#[derive(Debug, Default)]
pub struct Agents {
    /// Sessions of which something was told.
    begun: BTreeSet<String>,
    /// The answers of each session, with when they were given.
    answers: BTreeMap<String, Vec<(String, i64)>>,
    calls: usize,
    days_ago: i64,
}

/// Where an agent works.
pub struct Place<'p> {
    /// The folder that it was started in.
    pub folder: &'p Path,
    /// Where Claude Code keeps transcripts.
    pub transcripts: &'p Path,
}

impl Agents {
    /// From now on they say that what they tell was so many days ago.
    pub fn days_ago(&mut self, days: i64) {
        self.days_ago = days;
    }

    fn now(&self) -> i64 {
        const DAY_MS: i64 = 86_400_000;
        let now = Timestamp::try_from(SystemTime::now()).expect("it is a time");
        now.as_millisecond() - self.days_ago * DAY_MS
    }

    /// What the hook is handed for a change of some files; empty where there is none.
    pub fn tell(&mut self, edit: &Edit, files: &[FileChange], place: &Place<'_>) -> String {
        match edit.agent {
            Agent::OpenCode => self.opencode(edit, files, place),
            Agent::Claude => self.claude(edit, files, place),
        }
    }

    /// What `OpenCode` hands over when it tells which model answered.
    pub fn tell_model(&self, session: &str, (provider, name): &(String, String)) -> String {
        let answers = self.answers.get(session).expect("somebody answered").iter();
        let messages: Vec<Value> = answers
            .map(|(message, at)| {
                let mut answer = answer(session, message, *at, Some((provider, name)));
                answer["observed_at_unix_ms"] = self.now().into();
                answer
            })
            .collect();
        envelope("message.updated", &messages)
    }

    fn opencode(&mut self, edit: &Edit, files: &[FileChange], place: &Place<'_>) -> String {
        let (session, at) = (edit.session.as_str(), self.now());
        let mut told = String::new();
        if self.begun.insert(session.to_owned()) {
            let begin = json!({
                "session_id": session, "generated_at_unix_ms": at, "agent_version": "1.18.33",
                "project_path": place.folder, "title": "A title",
            });
            told += &envelope("session.updated", &[begin]);
        }
        let answers = self.answers.entry(session.to_owned()).or_default();
        let number = answers.len() + 1;
        let (prompt, message) = (format!("{session}-p{number}"), format!("{session}-m{number}"));
        answers.push((message.clone(), at));
        let model = edit.model.as_ref().map(|(provider, name)| (provider.as_str(), name.as_str()));
        let mut asked = json!({
            "session_id": session, "message_id": prompt, "role": "user",
            "generated_at_unix_ms": at,
        });
        if edit.how == Telling::Sum {
            asked["summary_diffs"] = files.iter().map(summed_up).collect();
        }
        told += &envelope("message.updated", &[asked, answer(session, &message, at, model)]);
        if edit.how == Telling::Sum {
            return told;
        }
        for file in files {
            self.calls += 1;
            let part = json!({
                "session_id": session, "message_id": message, "generated_at_unix_ms": at,
                "part_id": format!("prt_{}", self.calls), "part_type": "tool",
                "callID": format!("call_{}", self.calls),
                "tool": if edit.how == Telling::Whole { "write" } else { "edit" },
                "state": state(edit.how, file, place.folder, at),
            });
            told += &envelope("message.part.updated", &[part]);
        }
        told
    }

    fn claude(&mut self, edit: &Edit, files: &[FileChange], place: &Place<'_>) -> String {
        let session = edit.session.as_str();
        let transcript = place.transcripts.join(format!("{session}.jsonl"));
        let mut events = Vec::new();
        let event = |name: &str| {
            json!({
                "session_id": session, "transcript_path": transcript, "cwd": place.folder,
                "hook_event_name": name,
            })
        };
        if self.begun.insert(session.to_owned()) {
            let mut begin = event("SessionStart");
            begin["source"] = "startup".into();
            events.push(begin);
        }
        for file in files {
            self.calls += 1;
            let call = format!("toolu_{}", self.calls);
            let path = place.folder.join(&file.path);
            let response = response(file, &path);
            if let Some((_, model)) = &edit.model {
                let lines = lines(edit, model, &call, &response, place.folder, self.calls);
                append(&transcript, &lines);
            }
            let mut done = event("PostToolUse");
            done["tool_name"] = tool_name(file).into();
            done["tool_input"] = json!({ "file_path": path });
            done["tool_response"] = response;
            done["tool_use_id"] = call.into();
            events.push(done);
        }
        if edit.how == Telling::Transcript {
            return String::new();
        }
        lines_of(&events)
    }
}

fn answer(session: &str, message: &str, at: i64, model: Option<(&str, &str)>) -> Value {
    let mut answer = json!({
        "session_id": session, "message_id": message, "role": "assistant",
        "generated_at_unix_ms": at,
    });
    if let Some((provider, name)) = model {
        answer["provider_id"] = provider.into();
        answer["model_id"] = name.into();
    }
    answer
}

/// How `OpenCode` 1.18.33 tells that a call has ended.
fn state(how: Telling, file: &FileChange, folder: &Path, at: i64) -> Value {
    let path = folder.join(&file.path);
    let metadata = match how {
        Telling::Whole => json!({ "filepath": path, "exists": !file.is_new }),
        Telling::Garbled => {
            json!({ "diff": "@@ something else @@\n", "filediff": { "file": path } })
        }
        _ => {
            let path = path.display().to_string();
            let diff = unified(file, &path, &format!("Index: {path}\n{}\n", "=".repeat(67)));
            json!({ "diff": diff, "filediff": { "file": path, "patch": diff } })
        }
    };
    let mut input = json!({ "filePath": path });
    if how == Telling::Whole {
        input["content"] = fs::read_to_string(&path).expect("it was written").into();
    }
    json!({
        "status": "completed", "input": input, "output": "Done.", "metadata": metadata,
        "time": { "start": at, "end": at },
    })
}

/// A file in the sum of a prompt: it is named from the top of the work tree on.
fn summed_up(file: &FileChange) -> Value {
    let patch = unified(file, &file.path, &format!("Index: {}\n{}\n", file.path, "=".repeat(67)));
    let status = if file.is_new { "added" } else { "modified" };
    json!({ "file": file.path, "patch": patch, "status": status })
}

fn unified(file: &FileChange, path: &str, head: &str) -> String {
    let mut diff = format!("{head}--- {path}\n+++ {path}\n");
    for hunk in &file.hunks {
        for line in [&hunk.head].into_iter().chain(&hunk.lines) {
            diff.push_str(line);
            diff.push('\n');
        }
    }
    diff
}

fn tool_name(file: &FileChange) -> &'static str {
    if file.is_new { "Write" } else { "Edit" }
}

/// How Claude Code 2.1.328 tells what a call has done.
fn response(file: &FileChange, path: &PathBuf) -> Value {
    if file.is_new {
        let content = fs::read_to_string(path).expect("it was written");
        return json!({
            "type": "create", "filePath": path, "content": content, "structuredPatch": [],
            "originalFile": null, "userModified": false,
        });
    }
    let hunks = file.hunks.iter().map(|hunk| {
        let [old_start, old_lines, new_start, new_lines] = hunk.numbers();
        json!({
            "oldStart": old_start, "oldLines": old_lines, "newStart": new_start,
            "newLines": new_lines, "lines": hunk.lines,
        })
    });
    let hunks: Vec<Value> = hunks.collect();
    json!({ "filePath": path, "structuredPatch": hunks, "userModified": false })
}

/// The answer that calls a tool, and what the tool said.
fn lines(
    edit: &Edit,
    model: &str,
    call: &str,
    response: &Value,
    folder: &Path,
    number: usize,
) -> [Value; 2] {
    let at = Timestamp::try_from(SystemTime::now()).expect("it is a time");
    let at = format!("{at:.3}");
    let line = |kind: &str, nth: usize, message: Value| {
        json!({
            "parentUuid": null, "isSidechain": false, "type": kind, "timestamp": at,
            "uuid": format!("00000000-0000-4000-8000-{:012}", 2 * number + nth),
            "sessionId": edit.session, "version": "2.1.328", "cwd": folder, "message": message,
        })
    };
    let used = json!({ "type": "tool_use", "id": call, "name": "Edit", "input": {} });
    let answer = json!({
        "id": format!("msg_{number}"), "type": "message", "role": "assistant", "model": model,
        "content": [used], "stop_reason": "tool_use",
        "usage": { "input_tokens": 10, "output_tokens": 5 },
    });
    let result = json!({ "tool_use_id": call, "type": "tool_result", "content": "Done." });
    let mut result = line("user", 1, json!({ "role": "user", "content": [result] }));
    result["toolUseResult"] = response.clone();
    [line("assistant", 0, answer), result]
}

fn append(transcript: &Path, lines: &[Value]) {
    fs::create_dir_all(transcript.parent().expect("it has one")).expect("a folder");
    let mut text = fs::read_to_string(transcript).unwrap_or_default();
    text += &lines_of(lines);
    fs::write(transcript, text).expect("there is room");
}

/// JSON, one on a line.
fn lines_of(values: &[Value]) -> String {
    let lines: Vec<String> = values.iter().map(|value| format!("{value}\n")).collect();
    lines.concat()
}
