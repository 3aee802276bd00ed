//! The hook events of Claude Code (2.1.328), one row of [`KINDS`] for each that gives more than
//! itself.
//!
//! Every other event, and every event that holds more than its rows tell, is kept whole in `events`.

mod keys;
mod prompt;
mod session;
mod tool;

use std::path::Path;

use domain::{Agent, Batch, Earliest, Event, Field, Item, Record, Session, Transcript, UnixMs};

use self::keys::Keys;
use super::{child, stamp};
use crate::agents::CLAUDE_CODE;
use crate::hook::Heard;
use crate::json::{Object, text};

/// What is known of one event.
struct Kind {
    name: &'static str,
    /// What it may hold where its rows tell all of it; `None` for one that is kept whole anyway.
    told: Option<Keys>,
    /// A turn or the session ends here, so that the transcript has news.
    ends_turn: bool,
    tell: fn(&mut Hook<'_>),
}

const KINDS: [Kind; 13] = [
    Kind { name: "PreToolUse", told: Some(keys::BEFORE), ends_turn: false, tell: tool::before },
    Kind { name: "PostToolUse", told: Some(keys::AFTER), ends_turn: false, tell: tool::after },
    Kind {
        name: "PostToolUseFailure",
        told: Some(keys::FAILED),
        ends_turn: false,
        tell: tool::failed,
    },
    Kind { name: "PostToolBatch", told: Some(keys::BATCH), ends_turn: false, tell: tool::batch },
    Kind {
        name: "UserPromptSubmit",
        told: Some(keys::PROMPT),
        ends_turn: false,
        tell: prompt::submitted,
    },
    Kind { name: "SessionStart", told: None, ends_turn: false, tell: session::started },
    Kind { name: "SessionEnd", told: None, ends_turn: true, tell: session::ended },
    Kind { name: "Stop", told: None, ends_turn: true, tell: |_| {} },
    Kind { name: "StopFailure", told: None, ends_turn: true, tell: prompt::failed },
    Kind { name: SUBAGENT_STOP, told: None, ends_turn: true, tell: session::subagent_ended },
    Kind { name: "PreCompact", told: None, ends_turn: true, tell: prompt::condenses },
    Kind { name: "PostCompact", told: None, ends_turn: false, tell: prompt::condensed },
    Kind { name: "PostModelSwitch", told: None, ends_turn: false, tell: session::model_switched },
];

const SUBAGENT_STOP: &str = "SubagentStop";

/// One event on its way to its rows.
struct Hook<'a> {
    content: Object<'a>,
    received_at: UnixMs,
    /// The session that speaks, a subagent's own where one does.
    session: Session,
    /// The rows that stand for the event, by the row that each group is about.
    subjects: Vec<Vec<Record>>,
    /// What else follows from it.
    beside: Vec<Record>,
}

impl Hook<'_> {
    fn text(&self, key: &str) -> Option<String> {
        text(&self.content, key).map(str::to_owned)
    }

    /// A thing that bears no time: it came into being nobody knows when, and was heard of now.
    fn times(&self) -> (Earliest, Earliest) {
        (Earliest(None), Earliest(Some(self.received_at)))
    }
}

/// What an event tells. One without a session is kept as it is.
pub(crate) fn batch(heard: Heard<'_>) -> Batch {
    let name = heard.name();
    let kind = KINDS.iter().find(|kind| name == Some(kind.name));
    let transcripts = transcripts(&heard.content);
    let Some(parent) = heard.session_id() else {
        let items =
            vec![Item { subject: heard.event(None).into(), beside: vec![], bytes: heard.bytes }];
        return Batch { items, transcripts, ..Batch::default() };
    };
    let agent = Subagent::of(&heard.content);
    let child = agent.and_then(|agent| child(&parent, agent.id));
    // The one that condenses a conversation has no name, and ends in the middle of a turn.
    let is_nameless = name == Some(SUBAGENT_STOP) && child.is_none();
    let kind = kind.filter(|_| !is_nameless);
    let ends_turn = kind.is_some_and(|kind| kind.ends_turn);
    let is_told = kind.and_then(|kind| kind.told).is_some_and(|keys| keys.tell_all(&heard.content));
    let session_id = child.clone().unwrap_or_else(|| parent.clone());
    let event = (!is_told).then(|| heard.event(Some(session_id.clone())));

    let mut session =
        heard.speaker.session(session_id, &heard.moment(), &[Some(heard.speaker.received_at)]);
    let now = stamp::state(heard.speaker.received_at);
    session.parent_session_id = Field::new(now, child.map(|_| parent));
    session::tell_common(&mut session, &heard.content, now);
    let bytes = heard.bytes;
    let received_at = heard.speaker.received_at;
    let mut hook = Hook {
        content: heard.content,
        received_at,
        session,
        subjects: Vec::new(),
        beside: Vec::new(),
    };
    if let Some(kind) = kind {
        (kind.tell)(&mut hook);
    }
    Batch { items: hook.items(event, bytes), ends_turn, transcripts, ..Batch::default() }
}

impl Hook<'_> {
    fn items(self, event: Option<Event>, bytes: usize) -> Vec<Item> {
        let mut groups = self.subjects;
        groups.extend(event.map(|event| vec![Record::from(event)]));
        let each = bytes / groups.len().max(1);
        let mut beside = self.beside;
        beside.push(self.session.into());
        groups
            .into_iter()
            .filter_map(|group| {
                let mut rows = group.into_iter();
                let subject = rows.next()?;
                // What belongs to no one of the groups goes with the first.
                let beside = rows.chain(std::mem::take(&mut beside)).collect();
                Some(Item { subject, beside, bytes: each })
            })
            .collect()
    }
}

/// Who speaks in a session that is not its own.
#[derive(Clone, Copy)]
struct Subagent<'o> {
    id: &'o str,
}

impl<'o> Subagent<'o> {
    /// The subagent that an event comes from. The nameless one that condenses a conversation is none
    /// (2.1.328: two `SubagentStop` with an empty type, and no `SubagentStart`).
    fn of(event: &'o Object<'_>) -> Option<Self> {
        let filled = |key| text(event, key).filter(|text| !text.trim().is_empty());
        filled("agent_type")?;
        Some(Self { id: filled("agent_id")? })
    }
}

/// The files in which Claude Code itself records what the event is about.
fn transcripts(event: &Object<'_>) -> Vec<Transcript> {
    let file = |key| text(event, key).filter(|path| is_transcript(path)).map(str::to_owned);
    let main = file("transcript_path");
    let agent_id = text(event, "agent_id").filter(|id| is_plain(id));
    let stem = main.as_deref().and_then(|path| path.strip_suffix(TRANSCRIPT_END));
    let beside =
        stem.zip(agent_id).map(|(stem, id)| format!("{stem}/subagents/agent-{id}{TRANSCRIPT_END}"));
    let agent = Agent::new(CLAUDE_CODE).expect("a name");
    let mut paths = vec![main, file("agent_transcript_path"), beside];
    paths.dedup();
    let transcript = |path| Transcript { agent: agent.clone(), path };
    paths.into_iter().flatten().map(transcript).collect()
}

const TRANSCRIPT_END: &str = ".jsonl";

fn is_transcript(path: &str) -> bool {
    path.ends_with(TRANSCRIPT_END) && Path::new(path).is_absolute()
}

/// Whether an id can be a piece of a file's name.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
