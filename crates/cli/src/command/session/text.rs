//! A conversation to be read in a terminal.

use ::store::query::session_show::Conversation;
use anstyle::{AnsiColor, Style};
use domain::{CutText, Event, Json, Message, Part, PartKind, Role, Session, Tokens, ToolCall};
use jiff::tz::TimeZone;
use report::session::turns::{Turn, turns};
use serde::Deserialize;

use super::super::usage::said_of_the_whole;
use crate::terminal::{Keep, Output, absolute_time, dollars, escape};

/// How many lines of a tool's output are shown.
const OUTPUT_LINES: usize = 12;

const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const WRONG: Style = AnsiColor::Red.on_default();

/// Prints it.
pub fn print(output: &mut Output, conversation: &Conversation) {
    let mut page = Page { output, zone: TimeZone::system() };
    page.session(conversation);
    for turn in turns(conversation) {
        page.turn(&turn);
    }
    for event in &conversation.prompts {
        page.prompt(event);
    }
}

struct Page<'o> {
    output: &'o mut Output,
    zone: TimeZone,
}

impl Page<'_> {
    fn session(&mut self, conversation: &Conversation) {
        let Session {
            session_id,
            created_at,
            agent,
            agent_version,
            project_path,
            title,
            parent_session_id,
            model,
            status,
            cost,
            ..
        } = &conversation.session;
        let agent = agent.value().map_or("unknown agent", domain::Agent::as_str);
        let agent = [Some(agent), agent_version.value().map(String::as_str)];
        let agent = agent.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let model = model.value().map(ToString::to_string);
        let created = created_at.0.map(|time| absolute_time(time, &self.zone));
        let status = status.value().cloned();
        let about = [Some(agent), model, project_path.value().cloned(), created, status];
        self.line(HEADING, 0, &format!("session {session_id}"));
        if let Some(title) = title.value() {
            self.line(HEADING, 0, title);
        }
        self.line(FAINT, 0, &about.into_iter().flatten().collect::<Vec<_>>().join(" · "));
        if let Some(parent) = parent_session_id.value() {
            self.line(FAINT, 0, &format!("started by session {parent}"));
        }
        if let Some(cost) = cost.value() {
            self.line(FAINT, 0, &said_of_the_whole(cost.amount().0));
        }
    }

    fn turn(&mut self, turn: &Turn<'_>) {
        writeln!(self.output);
        match (turn.message, turn.message_id) {
            (Some(message), _) => self.message(message),
            (None, Some(id)) => {
                self.line(HEADING, 0, &format!("message {id}, of which only parts are known"));
            }
            (None, None) => self.line(HEADING, 0, "tool calls of no known message"),
        }
        for part in &turn.parts {
            self.part(part, turn);
        }
        for call in &turn.other_calls {
            self.tool_call(call);
        }
    }

    /// A prompt that no message tells of.
    fn prompt(&mut self, event: &Event) {
        #[derive(Deserialize)]
        struct Prompted {
            prompt: String,
        }
        let payload = event.payload.value().map_or("", Json::as_str);
        let Ok(Prompted { prompt }) = serde_json::from_str(payload) else { return };
        writeln!(self.output);
        self.line(HEADING, 0, Role::User.as_str());
        let time = event.generated_at.0.map(|time| absolute_time(time, &self.zone));
        self.line(FAINT, 0, &time.unwrap_or_default());
        self.block(Style::new(), 2, &prompt);
    }

    fn message(&mut self, message: &Message) {
        let role = message.role.value().map_or("unknown role", |role: &Role| role.as_str());
        self.line(HEADING, 0, role);
        let time = message.generated_at.0.map(|time| absolute_time(time, &self.zone));
        let cost = message.cost.value().map(|cost| dollars(cost.amount().0));
        let is_inherited = message.inherited.value() == Some(&true);
        let about = [
            time,
            message.agent_name.value().cloned(),
            message.model.value().map(ToString::to_string),
            message.tokens.value().map(tokens),
            cost,
            message.finish.value().cloned(),
            message.side_call.value().map(|call| format!("{} call", call.as_str())),
            is_inherited.then(|| "copied by a fork".to_owned()),
        ];
        self.line(FAINT, 0, &about.into_iter().flatten().collect::<Vec<_>>().join(" · "));
        if let Some(error) = message.error.value() {
            self.line(WRONG, 2, &format!("error: {}", error.as_str()));
        }
    }

    fn part(&mut self, part: &Part, turn: &Turn<'_>) {
        let text = part.text.value().map_or("", String::as_str);
        match part.kind.value() {
            Some(PartKind::Text | PartKind::Question) => self.block(Style::new(), 2, text),
            Some(PartKind::Reasoning) => {
                let thought = part.reasoning_text.value().map_or("", String::as_str);
                self.line(FAINT, 2, "thinking");
                self.block(FAINT, 4, thought);
            }
            Some(PartKind::Tool) => match turn.calls_of_parts.get(&part.part_id) {
                Some(call) => self.tool_call(call),
                None => self.line(FAINT, 2, "tool"),
            },
            Some(PartKind::Patch) => {
                let files = turn.patches.get(&part.part_id).and_then(|patch| patch.files.value());
                self.line(FAINT, 2, &format!("patch{}", quoted(files)));
                self.block(FAINT, 4, text);
            }
            Some(PartKind::File) => {
                let name = part.file_name.value().map_or("", String::as_str);
                self.line(FAINT, 2, &format!("file {name}"));
            }
            Some(PartKind::Compaction) => self.line(FAINT, 2, "the conversation was condensed"),
            // Where a step begins and ends shows in the message's own numbers.
            Some(PartKind::StepStart | PartKind::StepFinish | PartKind::Snapshot) => {}
            Some(kind @ (PartKind::Agent | PartKind::Retry | PartKind::Subtask)) => {
                let line = format!("{}{}", kind.as_str(), quoted(part.payload.value()));
                self.line(FAINT, 2, &line);
            }
            None => self.line(FAINT, 2, "a part of which nothing is known"),
        }
    }

    fn tool_call(&mut self, call: &ToolCall) {
        let tool = call.tool.value().map_or("tool", String::as_str);
        let seconds = duration_seconds(call);
        let exit = call.exit_code.value().map(|code| format!("exit {code}"));
        let about = [Some(tool.to_owned()), call.status.value().cloned(), exit, seconds];
        self.line(HEADING, 2, &about.into_iter().flatten().collect::<Vec<_>>().join(" · "));
        if let Some(input) = call.input.value() {
            self.block(Style::new(), 4, input.as_str());
        }
        // Some agents give the model of a failed call what went wrong.
        let output = call.output.value().filter(|output| Some(*output) != call.error.value());
        if let Some(output) = output {
            self.cut(FAINT, output);
        }
        if let Some(error) = call.error.value() {
            self.cut(WRONG, error);
        }
    }

    fn cut(&mut self, style: Style, text: &CutText) {
        let shown: Vec<&str> = text.text().lines().take(OUTPUT_LINES).collect();
        self.block(style, 4, &shown.join("\n"));
        let hidden = text.text().lines().count().saturating_sub(OUTPUT_LINES);
        let is_cut = i64::try_from(text.text().len()).is_ok_and(|kept| kept < text.full_bytes());
        if hidden > 0 || is_cut {
            self.line(FAINT, 4, &format!("… {} bytes in all", text.full_bytes()));
        }
    }

    fn block(&mut self, style: Style, indent: usize, text: &str) {
        for line in text.lines() {
            self.line(style, indent, line);
        }
    }

    fn line(&mut self, style: Style, indent: usize, text: &str) {
        let style = self.output.style(style);
        let text = escape(text, Keep::Lines);
        writeln!(self.output, "{:indent$}{style}{text}{style:#}", "");
    }
}

/// The tokens of a message, each kind that there is any of.
pub fn tokens(tokens: &Tokens) -> String {
    let Tokens { input, output, reasoning, cache_read, cache_write, cache_write_1h } = *tokens;
    let kinds = [
        ("in", input),
        ("out", output),
        ("thinking", reasoning),
        ("cache read", cache_read),
        ("cache write", cache_write),
        ("of it for an hour", cache_write_1h),
    ];
    let counted = kinds.into_iter().filter_map(|(name, count)| match count {
        None | Some(0) => None,
        Some(count) => Some(format!("{name} {count}")),
    });
    let counted: Vec<String> = counted.collect();
    if counted.is_empty() {
        "no tokens".to_owned()
    } else {
        format!("tokens {}", counted.join(", "))
    }
}

/// How long a call ran, where that is known.
pub fn duration_seconds(call: &ToolCall) -> Option<String> {
    let ms = call.length_ms()?;
    Some(format!("{}.{:03} s", ms / 1000, ms % 1000))
}

/// What is behind a name.
pub fn quoted(payload: Option<&Json>) -> String {
    payload.map_or_else(String::new, |payload| format!(" {}", payload.as_str()))
}
