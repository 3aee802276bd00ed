//! What a document tells of a session, before it has a form: headings, texts, and what is folded
//! away. Nothing is escaped yet.

use ::store::query::session_show::Conversation;
use domain::{CutText, Message, Part, PartKind, Role, Session, ToolCall};
use report::session::turns::Turn;

use super::super::text::{duration_seconds, quoted, tokens};
use crate::terminal::{dollars, exact_time};

/// A heading with what stands below it.
pub struct Section {
    /// The heading.
    pub heading: String,
    /// What is known about it, in a line.
    pub about: String,
    /// What it tells, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of what is told.
pub enum Piece {
    /// What was said.
    Text(String),
    /// A word about what happened.
    Note(String),
    /// What was thought or done, which a reader may want to skip.
    Folded {
        /// What it is.
        summary: String,
        /// Its texts, each with what it is; an empty name says nothing.
        texts: Vec<(&'static str, String)>,
    },
}

/// The session itself.
pub fn session(conversation: &Conversation, depth: usize) -> Section {
    let Session {
        session_id,
        created_at,
        agent,
        agent_version,
        project_path,
        title,
        parent_session_id,
        agent_name,
        model,
        status,
        cost,
        ..
    } = &conversation.session;
    let about = [
        title.value().cloned(),
        agent.value().map(|agent| agent.as_str().to_owned()),
        agent_version.value().cloned(),
        model.value().map(ToString::to_string),
        project_path.value().cloned(),
        created_at.0.map(exact_time),
        status.value().cloned(),
        agent_name.value().map(|name| format!("subagent {name}")),
        parent_session_id.value().map(|parent| format!("started by session {parent}")),
        cost.value().map(|cost| format!("{} by the agent", dollars(cost.amount().0))),
    ];
    let what = if depth == 0 { "session" } else { "subagent's session" };
    Section { heading: format!("{what} {session_id}"), about: joined(about), pieces: Vec::new() }
}

/// One message with its parts.
pub fn turn(turn: &Turn<'_>) -> Section {
    let mut pieces = Vec::new();
    let (heading, about) = match (turn.message, turn.message_id) {
        (Some(message), _) => {
            let error = message.error.value();
            pieces.extend(error.map(|error| Piece::Note(format!("error: {}", error.as_str()))));
            (message.role.value().map_or("unknown role", |role: &Role| role.as_str()).to_owned(), {
                about_message(message)
            })
        }
        (None, Some(id)) => (format!("message {id}, of which only parts are known"), String::new()),
        (None, None) => ("tool calls of no known message".to_owned(), String::new()),
    };
    pieces.extend(turn.parts.iter().filter_map(|of_turn| part(of_turn, turn)));
    pieces.extend(turn.other_calls.iter().map(|call| tool_call(call)));
    Section { heading, about, pieces }
}

fn about_message(message: &Message) -> String {
    joined([
        message.generated_at.0.map(exact_time),
        message.agent_name.value().cloned(),
        message.model.value().map(ToString::to_string),
        message.tokens.value().map(tokens),
        message.cost.value().map(|cost| dollars(cost.amount().0)),
        message.finish.value().cloned(),
        message.side_call.value().map(|call| format!("{} call", call.as_str())),
        (message.inherited.value() == Some(&true)).then(|| "copied by a fork".to_owned()),
    ])
}

fn part(part: &Part, turn: &Turn<'_>) -> Option<Piece> {
    let text = part.text.value().cloned().unwrap_or_default();
    Some(match part.kind.value() {
        Some(PartKind::Text | PartKind::Question) => Piece::Text(text),
        Some(PartKind::Reasoning) => {
            let thought = part.reasoning_text.value().cloned().unwrap_or_default();
            Piece::Folded { summary: "thinking".to_owned(), texts: vec![("", thought)] }
        }
        Some(PartKind::Tool) => match turn.calls_of_parts.get(&part.part_id) {
            Some(call) => tool_call(call),
            None => Piece::Note("tool".to_owned()),
        },
        Some(PartKind::Patch) => {
            let files = turn.patches.get(&part.part_id).and_then(|patch| patch.files.value());
            Piece::Folded { summary: format!("patch{}", quoted(files)), texts: vec![("", text)] }
        }
        Some(PartKind::File) => {
            let name = part.file_name.value().map_or("", String::as_str);
            Piece::Note(format!("file {name}"))
        }
        Some(PartKind::Compaction) => Piece::Note("the conversation was condensed".to_owned()),
        // Where a step begins and ends shows in the message's own numbers.
        Some(PartKind::StepStart | PartKind::StepFinish | PartKind::Snapshot) => return None,
        Some(kind @ (PartKind::Agent | PartKind::Retry | PartKind::Subtask)) => {
            Piece::Note(format!("{}{}", kind.as_str(), quoted(part.payload.value())))
        }
        None => Piece::Note("a part of which nothing is known".to_owned()),
    })
}

fn tool_call(call: &ToolCall) -> Piece {
    let about = [
        Some(call.tool.value().cloned().unwrap_or_else(|| "tool".to_owned())),
        call.status.value().cloned(),
        call.exit_code.value().map(|code| format!("exit {code}")),
        duration_seconds(call),
    ];
    // Some agents give the model of a failed call what went wrong.
    let output = call.output.value().filter(|output| Some(*output) != call.error.value());
    let texts = [
        call.input.value().map(|input| ("input", input.as_str().to_owned())),
        output.map(|output| ("output", cut(output))),
        call.error.value().map(|error| ("error", cut(error))),
    ];
    Piece::Folded { summary: joined(about), texts: texts.into_iter().flatten().collect() }
}

/// A text, and how long it was where not all of it was kept.
fn cut(text: &CutText) -> String {
    let is_cut = i64::try_from(text.text().len()).is_ok_and(|kept| kept < text.full_bytes());
    if is_cut {
        format!("{}\n… {} bytes in all", text.text(), text.full_bytes())
    } else {
        text.text().to_owned()
    }
}

fn joined(facts: impl IntoIterator<Item = Option<String>>) -> String {
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
