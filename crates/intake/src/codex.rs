//! The hook events of Codex (0.169.0). Each is kept whole in `events`; those of [`KINDS`] tell of more.
//!
//! No event bears a time, an id of its own, tokens or thoughts, but most bear the id of their turn. So a
//! turn is two messages, `<turn>:prompt` and `<turn>:answer`, and each text in them is a part with the id
//! `sha256:<text>`: what a person adds while the turn runs, and what the model says when a hook does not
//! let it stop, are further parts. A reader of Codex's own file makes the same ids again, so that nothing
//! counts twice: in `rollout-<time>-<thread>.jsonl` an `event_msg` of type `item_completed` bears
//! `turn_id` and an `item`, whose texts are those of a prompt in a `UserMessage` and of an answer in an
//! `AgentMessage`; `task_complete` bears `turn_id` and the answer's last text.
//!
//! A subagent is a thread with a rollout of its own: `agent_id` is its session, and the `session_id` of its
//! events is that of the session which started it.

use domain::{
    Batch, Earliest, Field, Message, MessageId, Model, Part, PartId, PartKind, Record, Role,
    Session, SessionId, Stamp, UnixMs,
};

use crate::hook::{Heard, Phase, tell};
use crate::identity::Digest;

/// What is known of one event.
struct Kind {
    name: &'static str,
    /// A turn or the session ends here.
    ends_turn: bool,
    /// Where in its session it lies.
    phase: Phase,
    /// What is said in it.
    said: Option<Said>,
}

/// A text of the conversation.
#[derive(Clone, Copy)]
struct Said {
    /// The key of the event that holds it.
    key: &'static str,
    role: Role,
    /// Which of the turn's two messages it belongs to.
    message: &'static str,
    stamp: Stamp,
}

const KINDS: [Kind; 5] = [
    Kind { name: "SessionStart", ends_turn: false, phase: Phase::Start, said: None },
    Kind { name: "UserPromptSubmit", ends_turn: false, phase: Phase::Within, said: Some(PROMPT) },
    Kind { name: "Stop", ends_turn: true, phase: Phase::Within, said: Some(ANSWER) },
    Kind { name: "SubagentStop", ends_turn: true, phase: Phase::End, said: Some(ANSWER) },
    Kind { name: "SessionEnd", ends_turn: true, phase: Phase::End, said: None },
];

const PROMPT: Said =
    Said { key: "prompt", role: Role::User, message: "prompt", stamp: stamp(false) };

const ANSWER: Said = Said {
    key: "last_assistant_message",
    role: Role::Assistant,
    message: "answer",
    stamp: stamp(true),
};

/// Hooks bear no time, and a stamp must be the same at every delivery: theirs lies at the beginning of
/// time, which that of any line of a rollout exceeds.
const fn stamp(is_final: bool) -> Stamp {
    Stamp { is_final, observed_at: UnixMs::EPOCH }
}

/// What an event tells. One without a session is kept as it is.
pub(crate) fn batch(heard: Heard<'_>) -> Batch {
    let Some(parent) = heard.session_id() else { return heard.whole() };
    let agent = heard.filled("agent_id").and_then(|id| SessionId::new(id).ok());
    let agent = agent.filter(|id| *id != parent);
    let is_agents = agent.is_some();
    let mut session = heard.session(agent.unwrap_or_else(|| parent.clone()));
    if is_agents {
        let always = stamp(false);
        session.parent_session_id = Field::new(always, Some(parent));
        session.agent_name = Field::new(always, heard.filled("agent_type"));
    }
    let kind = KINDS.iter().find(|kind| heard.name() == Some(kind.name));
    tell(&mut session, &heard, kind.map_or(Phase::Within, |kind| kind.phase));
    let said = kind.and_then(|kind| kind.said).and_then(|said| said.rows(&heard, &session));
    let mut beside: Vec<Record> = said.into_iter().flatten().collect();
    let session_id = session.session_id.clone();
    beside.push(session.into());
    heard.kept(Some(session_id), beside, kind.is_some_and(|kind| kind.ends_turn))
}

impl Said {
    /// The message and its part; `None` where nothing is said, or in no turn.
    fn rows(self, heard: &Heard<'_>, session: &Session) -> Option<[Record; 2]> {
        let text = heard.filled(self.key)?;
        let turn = heard.filled("turn_id")?;
        let message_id = MessageId::new(format!("{turn}:{}", self.message));
        let message_id = message_id.expect("a name with an end is not empty");
        let ordered_at = Earliest(Some(heard.moment().ordered));
        let session_id = session.session_id.clone();

        let mut message = Message::new(session_id.clone(), message_id.clone());
        message.ordered_at = ordered_at;
        message.role = Field::new(self.stamp, Some(self.role));
        let model = Model::named(None, heard.filled("model"));
        message.model = Field::new(self.stamp, model.filter(|_| self.role == Role::Assistant));

        let part_id = PartId::new(Digest::of_bytes(text.as_bytes()).id());
        let mut part = Part::new(session_id, message_id, part_id.expect("it has a prefix"));
        part.ordered_at = ordered_at;
        part.kind = Field::new(self.stamp, Some(PartKind::Text));
        part.text = Field::new(self.stamp, Some(text));
        Some([message.into(), part.into()])
    }
}
