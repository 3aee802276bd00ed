//! One conversation as an agent's plugin hands it over: prompts, model steps with thoughts, answers, tool
//! calls and patches, now and then an error or a compaction.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::{prose::Prose, support::Random};

/// Of so many sessions one is a subagent's, …
const SUBAGENT_OF: u64 = 10;
/// … and one a fork, which begins with prompts that it has copied.
const FORK_OF: u64 = 40;
const COPIED_TURNS: u64 = 3;

/// Of so many turns one condenses the conversation.
const TURNS_TO_COMPACTION: u64 = 25;

/// Who speaks, and how.
struct Speaker {
    agent: &'static str,
    version: &'static str,
    /// The first two have prices of every day of the record.
    models: [(&'static str, &'static str); 3],
    /// Whether it tells of model steps, snapshots and costs.
    tells_steps: bool,
}

const OPENCODE: Speaker = Speaker {
    agent: "opencode",
    version: "1.18.33",
    models: [
        ("anthropic", "claude-sonnet-4-5-20250929"),
        ("anthropic", "claude-opus-4-5-20251101"),
        ("mock", "mock-1"),
    ],
    tells_steps: true,
};

/// Of ten sessions six are of the first agent, two of the second, one of each other.
const SPEAKERS: [&Speaker; 10] = {
    let codex = &Speaker {
        agent: "codex",
        version: "0.169.0",
        models: [("openai", "gpt-5-codex"), ("openai", "gpt-5-codex"), ("openai", "gpt-6-mini")],
        tells_steps: false,
    };
    let gemini = &Speaker {
        agent: "gemini",
        version: "0.61.0",
        models: [("google", "gemini-4-pro"); 3],
        tells_steps: false,
    };
    let cursor = &Speaker {
        agent: "cursor",
        version: "3.2.0",
        models: [
            ("anthropic", "claude-haiku-4-5-20251001"),
            ("anthropic", "claude-sonnet-4-20250514"),
            ("cursor", "composer-2"),
        ],
        tells_steps: false,
    };
    let first = &OPENCODE;
    [first, codex, first, gemini, first, first, codex, first, cursor, first]
};

/// Which tools are called, and what files they change.
const TOOLS: [&str; 8] = ["read", "bash", "grep", "edit", "read", "bash", "glob", "write"];

/// One conversation that is being written.
pub struct Conversation<'a, W> {
    out: &'a mut W,
    prose: &'a Prose,
    random: Random,
    speaker: &'static Speaker,
    number: u64,
    session: String,
    /// The time of the next thing, in Unix milliseconds.
    clock: i64,
    parts_left: u64,
    things: u64,
    is_copied: bool,
    messages: Vec<Value>,
    parts: Vec<Value>,
}

/// The id of a session: in no order, as those of most agents.
fn id(number: u64) -> String {
    let mut random = Random::from_seed(number);
    format!("ses_{:012x}{:012x}", random.below(1 << 48), random.below(1 << 48))
}

impl<'a, W: Write> Conversation<'a, W> {
    /// Writes the conversation of that number, which has so many parts and begins then.
    pub fn write(
        out: &'a mut W,
        prose: &'a Prose,
        number: u64,
        clock: i64,
        parts: u64,
    ) -> io::Result<()> {
        let mut random = Random::from_seed(number ^ 0x5ca1_ab1e);
        let speaker = SPEAKERS[index(random.below(10))];
        let mut conversation = Self {
            out,
            prose,
            random,
            speaker,
            number,
            session: id(number),
            clock,
            parts_left: parts,
            things: 0,
            is_copied: false,
            messages: Vec::new(),
            parts: Vec::new(),
        };
        conversation.session()?;
        let copied = if number % FORK_OF == 7 { COPIED_TURNS } else { 0 };
        for turn in 1.. {
            conversation.is_copied = turn <= copied;
            conversation.turn(turn)?;
            if conversation.parts_left == 0 {
                break;
            }
        }
        Ok(())
    }

    fn session(&mut self) -> io::Result<()> {
        let parent = (self.number % SUBAGENT_OF == 3).then(|| id(self.number - 1));
        let project = format!("project-{:02}", self.number % 24);
        let session = json!({
            "session_id": self.session,
            "generated_at_unix_ms": self.clock,
            "title": self.prose.text(&mut self.random, 20, 60),
            "parent_session_id": parent,
            "project_path": format!("/home/dev/{project}"),
            "project_name": project,
            "status": "idle",
        });
        self.envelope("session.updated", &[session])
    }

    /// A prompt and what the agent does for it.
    fn turn(&mut self, turn: u64) -> io::Result<()> {
        let is_compaction = turn.is_multiple_of(TURNS_TO_COMPACTION);
        let prompt = self.prompt(is_compaction);
        let model = self.speaker.models[index(self.random.below(3))];
        let steps = if is_compaction { 1 } else { 1 + self.random.below(9) };
        for _ in 0..steps {
            if self.parts_left > 0 {
                self.step(&prompt, model, is_compaction);
            }
        }
        // A person thinks, and now and then sleeps.
        let pause = if self.random.below(12) == 0 { 36_000_000 } else { 600_000 };
        self.wait(pause);
        let (messages, parts) =
            (std::mem::take(&mut self.messages), std::mem::take(&mut self.parts));
        self.envelope("message.updated", &messages)?;
        self.envelope("message.part.updated", &parts)
    }

    fn prompt(&mut self, is_compaction: bool) -> String {
        let message = self.thing("msg");
        self.wait(1_000);
        self.messages.push(json!({
            "session_id": self.session,
            "message_id": message,
            "role": "user",
            "generated_at_unix_ms": self.clock,
            "agent_name": "build",
            "inherited": self.is_copied.then_some(true),
        }));
        if is_compaction {
            let auto = self.random.below(4) > 0;
            self.part(&message, "compaction", json!({ "auto": auto }));
        } else {
            let text = self.prose.text(&mut self.random, 30, 900);
            self.part(&message, "text", json!({ "text": text }));
        }
        message
    }

    /// One request to a model, and what came of it.
    fn step(&mut self, prompt: &str, (provider, model): (&str, &str), is_summary: bool) {
        let message = self.thing("msg");
        let begin = self.clock;
        let tokens = self.tokens();
        let cost = self.speaker.tells_steps.then(|| self.cost());
        let snapshot = format!("{:040x}", self.random.below(u64::MAX));
        if self.speaker.tells_steps {
            self.part(&message, "step-start", json!({ "snapshot": snapshot }));
        }
        self.says(&message, is_summary);
        let finish = if self.random.below(3) > 0 { "tool-calls" } else { "stop" };
        if self.speaker.tells_steps {
            let told =
                json!({ "reason": finish, "snapshot": snapshot, "cost": cost, "tokens": tokens });
            self.part(&message, "step-finish", told);
        }
        let error = (self.random.below(60) == 0).then(|| {
            json!({ "name": "APIError", "data": { "message": "overloaded", "statusCode": 529 } })
        });
        self.messages.push(json!({
            "session_id": self.session,
            "message_id": message,
            "role": "assistant",
            "generated_at_unix_ms": begin,
            "completed_at_unix_ms": self.clock,
            "parent_message_id": prompt,
            "agent_name": "build",
            "provider_id": provider,
            "model_id": model,
            "finish": finish,
            "error": error,
            "cost": cost,
            "tokens": tokens,
            "summary": is_summary.then_some(true),
            "inherited": self.is_copied.then_some(true),
        }));
    }

    /// Thoughts, an answer, tool calls.
    fn says(&mut self, message: &str, is_summary: bool) {
        if self.random.below(3) == 0 {
            let text = self.prose.text(&mut self.random, 80, 1_200);
            let signature = format!("{:0344x}", self.random.below(u64::MAX));
            let metadata = json!({ "anthropic": { "signature": signature } });
            self.part(message, "reasoning", json!({ "text": text, "metadata": metadata }));
        }
        if is_summary || self.random.below(2) == 0 {
            let text = self.prose.text(&mut self.random, 40, 1_500);
            self.part(message, "text", json!({ "text": text }));
        }
        let calls = if is_summary { 0 } else { 1 + self.random.below(3) };
        for _ in 0..calls {
            self.tool(message);
        }
    }

    fn tool(&mut self, message: &str) {
        let tool = TOOLS[index(self.random.below(8))];
        let file = format!(
            "/home/dev/project/src/part_{}/file_{}.rs",
            self.number % 9,
            self.random.below(60)
        );
        let has_failed = self.random.below(30) == 0;
        let start = self.clock;
        self.wait(4_000);
        // Most outputs are short, a few are longer than what is kept.
        let most = if self.random.below(20) == 0 { 14_000 } else { 1_600 };
        let output = self.prose.text(&mut self.random, 20, most);
        let changes = ["edit", "write"].contains(&tool);
        let metadata = match tool {
            "bash" => json!({ "exit": i64::from(has_failed) }),
            _ if changes => json!({ "diff": self.prose.diff(&mut self.random, &file) }),
            _ => json!({}),
        };
        let input = if tool == "bash" {
            json!({ "command": "cargo test" })
        } else {
            json!({ "filePath": file })
        };
        let (status, word) = if has_failed { ("error", "error") } else { ("completed", "output") };
        let mut state = json!({ "status": status, "input": input, "metadata": metadata });
        state["time"] = json!({ "start": start, "end": self.clock });
        state[word] = output.into();
        let call = self.thing("call");
        self.part(message, "tool", json!({ "callID": call, "tool": tool, "state": state }));
        if changes && self.speaker.tells_steps && self.random.below(2) == 0 {
            let hash = format!("{:040x}", self.random.below(u64::MAX));
            self.part(message, "patch", json!({ "hash": hash, "files": [file] }));
        }
    }

    fn tokens(&mut self) -> Value {
        let mut below = |limit| self.random.below(limit);
        json!({
            "input": 5 + below(3_000),
            "output": 20 + below(1_500),
            "reasoning": below(500),
            "cache": { "read": below(90_000), "write": below(6_000) },
        })
    }

    fn cost(&mut self) -> f64 {
        let microdollars = u32::try_from(self.random.below(400_000)).expect("it is small");
        f64::from(microdollars) / 1e6
    }

    /// A part, unless there are as many as there should be.
    fn part(&mut self, message: &str, kind: &str, mut fields: Value) {
        if self.parts_left == 0 {
            return;
        }
        self.parts_left -= 1;
        self.wait(2_000);
        let id = self.thing("prt");
        fields["session_id"] = self.session.as_str().into();
        fields["message_id"] = message.into();
        fields["part_id"] = id.into();
        fields["part_type"] = kind.into();
        fields["generated_at_unix_ms"] = self.clock.into();
        self.parts.push(fields);
    }

    /// The id of the next thing; they grow with time.
    fn thing(&mut self, kind: &str) -> String {
        self.things += 1;
        format!("{kind}_{:012x}{:04x}{:010x}", self.clock, self.things, self.random.below(1 << 40))
    }

    fn wait(&mut self, most: i64) {
        let most = u64::try_from(most).expect("it is not negative");
        self.clock += 1 + i64::try_from(self.random.below(most)).expect("it is small");
    }

    fn envelope(&mut self, kind: &str, payloads: &[Value]) -> io::Result<()> {
        let Speaker { agent, version, .. } = self.speaker;
        let envelope =
            json!({ "type": kind, "agent": agent, "agent_version": version, "payloads": payloads });
        writeln!(self.out, "{envelope}")
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("it is small")
}
