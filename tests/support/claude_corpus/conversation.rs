//! A session as Claude Code writes it down: prompts, answers, tools, subagents, errors, and what it
//! keeps for itself.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    Shape,
    answer::{Call, End, answer},
    json,
    line::Transcript,
    prose::{file, id, words},
    truth::{Answer, MODELS},
};
use crate::support::Random;

/// Writes one transcript, and those of its subagents.
pub struct Conversation<'a> {
    /// What is written.
    pub transcript: Transcript,
    /// Where each turn ended, counted in lines.
    pub ends: Vec<usize>,
    pub(super) random: Random,
    pub(super) shape: &'a Shape,
    /// The folder of the session's own files.
    pub(super) folder: &'a Path,
    pub(super) truth: &'a mut Vec<Answer>,
    pub(super) model: &'static str,
}

impl Conversation<'_> {
    /// What one process of Claude Code does until it ends.
    pub fn process(&mut self) {
        for turn in 0..=self.random.below(self.shape.turns) {
            if turn > 0 && self.random.below(6) == 0 {
                self.model = MODELS[self.below(MODELS.len())];
            }
            self.turn(turn == 0);
            if self.random.below(12) == 0 {
                self.compaction();
            }
        }
        let cost = json!({
            "totalCostUSD": 0.02925,
            "totalAPIDuration": 487,
            "totalLinesAdded": 3,
            "modelUsage": { self.model: { "inputTokens": 6000, "costUSD": 0.02925 } },
            "hasUnknownModelCost": false,
        });
        self.transcript.bare("cost-state", cost);
    }

    fn turn(&mut self, is_first: bool) {
        self.prompt(is_first);
        for _ in 0..self.random.below(6) {
            self.request();
            let calls = 1 + self.random.below(3);
            let calls = self.answer(End::Tools(calls));
            for call in &calls {
                self.result(call);
            }
        }
        self.request();
        match self.random.below(20) {
            0 => self.error(),
            1 => {
                self.answer(End::Broken);
                let text = json!([{ "type": "text", "text": "[Request interrupted by user]" }]);
                self.transcript.user(text, json!({}));
            }
            _ => {
                self.answer(End::Turn);
            }
        }
        self.end_of_turn();
    }

    fn prompt(&mut self, is_first: bool) {
        self.transcript.wait(20_000);
        let text = words(&mut self.random, self.shape.words / 2 + 1);
        let time = self.transcript.time();
        let queued = json!({ "operation": "enqueue", "timestamp": time, "content": text });
        self.transcript.bare("queue-operation", queued);
        let taken = json!({ "operation": "dequeue", "timestamp": time });
        self.transcript.bare("queue-operation", taken);
        let id = self.transcript.uuid();
        self.transcript.prompt = self.transcript.next_prompt.take().unwrap_or(id);
        let more = json!({
            "permissionMode": "default",
            "promptSource": "typed",
            "turnOrigin": "user",
            "turnPosition": { "promptIndex": 0, "turnIndex": 1 },
        });
        self.transcript.user(text, more);
        let left = "<total_tokens>14997520 tokens left</total_tokens>";
        let reminder = json!({ "type": "total_tokens_reminder", "text": left });
        self.transcript.attachment(&reminder, left);
        if is_first {
            self.surroundings();
        }
    }

    /// What only the first prompt of a process brings with it.
    fn surroundings(&mut self) {
        let text = words(&mut self.random, 40);
        let environment = json!({
            "type": "environment",
            "snapshot": { "workingDirectory": self.transcript.folder, "isGitRepo": true },
        });
        self.transcript.attachment(&environment, &text);
        let date = json!({ "type": "date", "date": "2026-10-20" });
        self.transcript.attachment(&date, "Today's date is 2026-10-20.");
        let skills = words(&mut self.random, self.shape.words * 4);
        let listing = json!({ "type": "skill_listing", "content": skills });
        self.transcript.attachment(&listing, &skills);
        let dump = self.dump(self.shape.dump_bytes);
        let snapshot = json!({ "type": "prompt_snapshot", "systemPrompt": [dump], "tools": [] });
        let before = json!({ "attachment": snapshot, "type": "attachment" });
        self.transcript.entry(before, json!({}));
        let (time, hash) = (self.transcript.time(), id(&mut self.random, "", 64));
        let shape = json!({ "system": [{ "type": "text", "text": dump }], "tools": [] });
        let shape =
            json!({ "shapeHash": hash, "timestamp": time, "version": "2.1.328", "shape": shape });
        self.transcript.bare("api-request-shape", shape);
    }

    /// What is kept of a request before it is answered, and of those that failed.
    fn request(&mut self) {
        self.transcript.wait(300);
        let message = json!({ "role": "user", "content": self.dump(400) });
        let hash = id(&mut self.random, "", 64);
        self.transcript.bare("api-request-blob", json!({ "hash": hash, "message": message }));
        let request = json!({
            "id": self.transcript.uuid(),
            "timestamp": self.transcript.time(),
            "version": "2.1.328",
            "params": { "model": self.model, "max_tokens": 32000 },
            "tail": [hash],
        });
        self.transcript.bare("api-request", request);
        if self.random.below(15) > 0 {
            return;
        }
        for attempt in 1..=1 + self.random.below(3) {
            let why = json!({ "status": 529, "error": { "type": "overloaded_error" } });
            let retry = json!({
                "level": "error",
                "error": why,
                "retryInMs": 500 * attempt,
                "retryAttempt": attempt,
                "maxRetries": 10,
            });
            self.transcript.system("api_error", retry);
            self.transcript.wait(500 * attempt);
        }
    }

    fn answer(&mut self, end: End) -> Vec<Call> {
        let Self { transcript, random, shape, model, truth, .. } = self;
        let calls = answer(transcript, random, shape, model, end, truth);
        if random.below(30) == 0 {
            // The same line once more.
            let line = transcript.lines.last().expect("an answer has a line").clone();
            transcript.lines.push(line);
        }
        calls
    }

    /// An answer that Claude Code made up, because none came.
    fn error(&mut self) {
        let message = json!({
            "id": self.transcript.uuid(),
            "model": "<synthetic>",
            "role": "assistant",
            "stop_reason": "stop_sequence",
            "type": "message",
            "usage": { "input_tokens": 0, "output_tokens": 0, "service_tier": null },
            "content": [{ "type": "text", "text": "API Error: 529 overloaded" }],
        });
        let behind = json!({ "message": message, "error": "unknown", "isApiErrorMessage": true,
            "apiErrorStatus": 529, "apiErrorType": "overloaded_error", "madeBy": "model" });
        self.transcript.entry(json!({ "type": "assistant" }), behind);
    }

    fn end_of_turn(&mut self) {
        let summary = json!({ "hookCount": 0, "hookInfos": [], "hookErrors": [],
            "preventedContinuation": false, "hasOutput": false, "level": "suggestion" });
        let leaf = self.transcript.system("stop_hook_summary", summary);
        let prompt = json!({ "lastPrompt": words(&mut self.random, 8), "leafUuid": leaf });
        self.transcript.bare("last-prompt", prompt);
        self.transcript.bare("mode", json!({ "mode": "normal" }));
        self.transcript.bare("atis-latch", json!({ "atis": "" }));
        self.ends.push(self.transcript.lines.len());
    }

    fn compaction(&mut self) {
        self.transcript.prompt = self.transcript.uuid();
        let parent = self.transcript.cut();
        let (before, after) = (self.random.below(150_000), self.random.below(9_000));
        let metadata = json!({ "trigger": "auto", "preTokens": before, "postTokens": after,
            "durationMs": 392 });
        let boundary = json!({ "logicalParentUuid": parent, "content": "Conversation compacted",
            "isMeta": false, "level": "info", "compactMetadata": metadata });
        self.transcript.system("compact_boundary", boundary);
        let summary = words(&mut self.random, self.shape.words * 2);
        let summary = format!("This session is being continued from a previous one. {summary}");
        let flags = json!({ "isVisibleInTranscriptOnly": true, "isCompactSummary": true });
        self.transcript.user(summary, flags);
    }

    fn result(&mut self, call: &Call) {
        self.transcript.wait(100 + self.random.below(2_000));
        let (text, response) = match call.tool {
            "Bash" => self.bash(),
            "Read" => self.read(call),
            "Edit" => self.edit(call),
            "Write" => write(call),
            _ => self.subagent(call),
        };
        let is_error = response.is_string();
        let content = json!([{ "tool_use_id": call.id, "type": "tool_result", "content": text,
            "is_error": is_error }]);
        let decision = json!({ "decision": "accept", "source": "config", "reasonType": "rule" });
        let more = json!({ "toolUseResult": response, "sourceToolAssistantUUID": call.line,
            "permissionDecision": decision });
        self.transcript.user(content, more);
    }

    fn bash(&mut self) -> (Value, Value) {
        let output = words(&mut self.random, self.shape.words * 2);
        if self.random.below(10) == 0 {
            let error = format!("Exit code 2\n{output}");
            return (error.clone().into(), format!("Error: {error}").into());
        }
        let response = json!({ "stdout": output, "stderr": "", "interrupted": false,
            "isImage": false, "noOutputExpected": false });
        (output.into(), response)
    }

    fn read(&mut self, call: &Call) -> (Value, Value) {
        let lines = file(&mut self.random, self.shape.words / 2 + 1);
        let numbered = (1..).zip(&lines).map(|(number, line)| format!("{number}\t{line}"));
        let text = numbered.collect::<Vec<_>>().join("\n");
        let file = json!({ "filePath": call.input["file_path"], "content": lines.join("\n"),
            "numLines": lines.len(), "startLine": 1, "totalLines": lines.len() });
        (text.into(), json!({ "type": "text", "file": file }))
    }

    fn edit(&mut self, call: &Call) -> (Value, Value) {
        let lines = file(&mut self.random, self.shape.words / 2 + 1);
        let place = 3 + self.below(lines.len() - 7);
        let context =
            |range: std::ops::Range<usize>| lines[range].iter().map(|line| format!(" {line}"));
        let changed = [format!("-{}", lines[place]), format!("+{} // so", lines[place])];
        let hunk: Vec<String> =
            context(place - 3..place).chain(changed).chain(context(place + 1..place + 4)).collect();
        let hunk = json!({ "oldStart": place - 2, "oldLines": 7, "newStart": place - 2,
            "newLines": 7, "lines": hunk });
        let path = &call.input["file_path"];
        let response = json!({ "filePath": path, "oldString": call.input["old_string"],
            "newString": call.input["new_string"], "originalFile": lines.join("\n"),
            "structuredPatch": [hunk], "userModified": false, "replaceAll": false });
        let path = path.as_str().expect("a path");
        (format!("The file {path} has been updated successfully.").into(), response)
    }

    /// A subagent, with a transcript of its own, whose usage its result repeats.
    fn subagent(&mut self, call: &Call) -> (Value, Value) {
        let agent = id(&mut self.random, "a", 16);
        let (session, clock) = (self.transcript.session.clone(), self.transcript.clock);
        let ids = self.random.fork();
        let mut transcript =
            Transcript::new(session, Some(agent.clone()), &self.transcript.folder, clock, ids);
        transcript.prompt.clone_from(&self.transcript.prompt);
        let random = self.random.fork();
        let Self { shape, folder, model, .. } = *self;
        let truth = &mut *self.truth;
        let mut child =
            Conversation { transcript, ends: Vec::new(), random, shape, folder, truth, model };
        child.transcript.user(call.input["prompt"].clone(), json!({}));
        for _ in 0..=child.random.below(3) {
            child.request();
            let calls = child.answer(End::Tools(1));
            for call in &calls {
                child.result(call);
            }
        }
        child.answer(End::Turn);
        let (lines, end) = (child.transcript.lines, child.transcript.clock);
        self.transcript.clock = end;
        let folder = self.folder.join("subagents");
        fs::create_dir_all(&folder).expect("a new folder");
        let name = format!("agent-{agent}");
        fs::write(folder.join(format!("{name}.jsonl")), json::lines(&lines, self.shape.spaced))
            .expect("a new file");
        let meta = json!({ "agentType": "general-purpose", "description": call.input["description"],
            "toolUseId": call.id, "model": self.model, "finished": true });
        fs::write(folder.join(format!("{name}.meta.json")), meta.to_string()).expect("a new file");
        let report = words(&mut self.random, self.shape.words);
        let usage = lines.iter().rev().find_map(|line| line["message"].get("usage")).cloned();
        let content = json!([{ "type": "text", "text": report }]);
        let response = json!({ "status": "completed", "prompt": call.input["prompt"],
            "agentId": agent, "agentType": "general-purpose", "content": content,
            "totalDurationMs": end - clock, "totalTokens": 2480, "usage": usage });
        (content, response)
    }

    /// As long a text as a dump of a request is.
    fn dump(&mut self, bytes: usize) -> String {
        let text = words(&mut self.random, 60);
        text.repeat(bytes / text.len() + 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.random.below(limit as u64)).expect("it is smaller")
    }
}

fn write(call: &Call) -> (Value, Value) {
    let path = call.input["file_path"].as_str().expect("a path");
    let response = json!({ "type": "create", "filePath": path, "content": call.input["content"],
        "structuredPatch": [], "originalFile": null, "userModified": false });
    (format!("File created successfully at: {path}").into(), response)
}
