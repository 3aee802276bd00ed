//! What is told of a session in a document or a terminal, before it has a form: headings, texts, and what
//! is folded away. Nothing is escaped yet.

use std::borrow::Cow;

use domain::{
    Compaction, CutText, Json, Message, Model, Role, Session, SessionError, Tokens, ToolCall,
    UnixMs,
};
use jiff::tz::TimeZone;
use store::query::session_tree::Branch;

use super::super::story::{Body, Call, Change, Piece as Told, Scene, Speaker, Story, Todo, Turn};
use crate::{dollars, times};

/// A heading with what stands below it.
pub struct Section {
    /// The heading.
    pub heading: String,
    /// What is known about it, line by line.
    pub about: Vec<String>,
    /// What it tells, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of what is told.
pub enum Piece {
    /// What was said.
    Text(String),
    /// A word about what happened.
    Note(String),
    /// What went wrong.
    Wrong(String),
    /// What was thought or done, which a reader may want to skip.
    Folded {
        /// What it is.
        summary: String,
        /// Its texts.
        texts: Vec<Text>,
    },
}

/// A text that is folded away.
pub struct Text {
    /// What it is.
    pub kind: Kind,
    /// As much of it as is kept.
    pub text: String,
    /// How long it was, where not all of it is kept.
    pub full_bytes: Option<i64>,
}

impl Text {
    fn whole(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), full_bytes: None }
    }

    fn cut(kind: Kind, text: &CutText) -> Self {
        let kept = i64::try_from(text.text().len()).unwrap_or(i64::MAX);
        let full_bytes = Some(text.full_bytes()).filter(|full| kept < *full);
        Self { kind, text: text.text().to_owned(), full_bytes }
    }

    /// The text, and what is said where it ends too early.
    pub fn told(&self) -> Cow<'_, str> {
        match self.full_bytes {
            Some(full) => Cow::Owned(format!("{}\n… {full} bytes in all", self.text)),
            None => Cow::Borrowed(&self.text),
        }
    }
}

/// What a folded text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the summary says.
    Itself,
    /// What a tool was given.
    Input,
    /// What it gave back.
    Output,
    /// What went wrong in it.
    Error,
}

impl Kind {
    /// What it is called; nothing where the summary says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Itself => "",
            Self::Input => "input",
            Self::Output => "output",
            Self::Error => "error",
        }
    }
}

/// How times are told.
#[derive(Clone, Copy, Debug)]
pub enum Clock<'z> {
    /// The same everywhere.
    Exact,
    /// By the clock of a place.
    In(&'z TimeZone),
}

impl Clock<'_> {
    fn tell(self, at: UnixMs) -> String {
        match self {
            Self::Exact => times::exact_time(at),
            Self::In(zone) => times::absolute_time(at, zone),
        }
    }
}

/// The session itself; `depth` is how far it is below the one that was asked for.
pub fn session(story: &Story<'_>, depth: usize, clock: Clock<'_>) -> Section {
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
    } = story.session;
    let agent = agent.value().map_or("unknown agent", domain::Agent::as_str);
    let version = agent_version.value().map(|version| format!(" {version}")).unwrap_or_default();
    let facts = joined([
        Some(format!("{agent}{version}")),
        model.value().map(Model::to_string),
        project_path.value().cloned(),
        created_at.0.map(|at| clock.tell(at)),
        status.value().cloned(),
        agent_name.value().filter(|_| depth > 0).map(|name| format!("subagent {name}")),
    ]);
    let about = [
        title.value().cloned(),
        Some(facts),
        parent_session_id.value().map(|parent| format!("started by session {parent}")),
        cost.value().map(|cost| said_of_the_whole(cost.amount().0)),
    ];
    let what = if depth == 0 { "session" } else { "subagent's session" };
    Section {
        heading: format!("{what} {session_id}"),
        about: about.into_iter().flatten().collect(),
        pieces: Vec::new(),
    }
}

/// The agent's own figure for all of a session.
pub fn said_of_the_whole(picodollars: i64) -> String {
    format!("the agent's own figure for the whole session is {}", dollars(picodollars))
}

/// One scene.
pub fn scene(scene: &Scene<'_>, clock: Clock<'_>) -> Section {
    let happened = |heading: &str, piece| Section {
        heading: heading.to_owned(),
        about: scene.at().map(|at| clock.tell(at)).into_iter().collect(),
        pieces: vec![piece],
    };
    match scene {
        Scene::Turn(turn) => self::turn(turn, clock),
        Scene::Error(error) => happened("error", wrong(error)),
        Scene::Compaction(compaction) => happened("compaction", condensed(Some(compaction))),
        Scene::Subagent(branch) => happened("subagent", Piece::Note(subagent(branch))),
    }
}

fn turn(turn: &Turn<'_>, clock: Clock<'_>) -> Section {
    let at = turn.at.map(|at| clock.tell(at));
    let (heading, about) = match turn.speaker {
        Speaker::Message(message) => {
            let role = message.role.value().map_or("unknown role", |role: &Role| role.as_str());
            (role.to_owned(), about_message(message, turn, clock))
        }
        Speaker::Prompt(_) => (Role::User.as_str().to_owned(), at.unwrap_or_default()),
        Speaker::PartsOf(id) => {
            (format!("message {id}, of which only parts are known"), String::new())
        }
        Speaker::Calls => ("tool calls of no known message".to_owned(), String::new()),
    };
    let about = Some(about).filter(|about| !about.is_empty()).into_iter().collect();
    Section { heading, about, pieces: turn.pieces.iter().filter_map(piece).collect() }
}

fn about_message(message: &Message, turn: &Turn<'_>, clock: Clock<'_>) -> String {
    let ours = turn.cost.and_then(|cost| cost.cost.as_ref()).map(|cost| dollars(cost.picodollars));
    let given =
        || message.cost.value().map(|cost| format!("{} by the agent", dollars(cost.amount().0)));
    joined([
        message.generated_at.0.map(|at| clock.tell(at)),
        message.agent_name.value().cloned(),
        message.model.value().map(Model::to_string),
        message.tokens.value().map(tokens),
        ours.or_else(given),
        message.finish.value().cloned(),
        message.side_call.value().map(|call| format!("{} call", call.as_str())),
        (message.inherited.value() == Some(&true)).then(|| "copied by a fork".to_owned()),
    ])
}

fn piece(told: &Told<'_>) -> Option<Piece> {
    Some(match told {
        Told::Text(text) => Piece::Text(text.to_string()),
        Told::Inserted(text) => Piece::Folded {
            summary: "written by the agent".to_owned(),
            texts: vec![Text::whole(Kind::Itself, *text)],
        },
        Told::Thought(thought) => Piece::Folded {
            summary: "thinking".to_owned(),
            texts: vec![Text::whole(Kind::Itself, *thought)],
        },
        Told::Call(call) => tool_call(call),
        Told::UnknownCall => Piece::Note("tool".to_owned()),
        // Where a step begins and ends shows in the message's own numbers.
        Told::Step(_) => return None,
        Told::Patch { text, patch } => Piece::Folded {
            summary: format!("patch{}", quoted(patch.and_then(|patch| patch.files.value()))),
            texts: vec![Text::whole(Kind::Itself, *text)],
        },
        Told::File { name, .. } => Piece::Note(format!("file {name}")),
        Told::Compaction { compaction, .. } => condensed(*compaction),
        Told::Error(error) => wrong(error),
        Told::Event { kind, payload } => {
            Piece::Note(format!("{}{}", kind.as_str(), quoted(*payload)))
        }
        Told::Unknown => Piece::Note("a part of which nothing is known".to_owned()),
    })
}

fn tool_call(call: &Call<'_>) -> Piece {
    let ToolCall { status, exit_code, input, error, .. } = call.row;
    let body = call.body();
    let path = match &body {
        Body::Changes(changes) => changes.first().and_then(|change| change.path.as_deref()),
        Body::Shell { .. } | Body::Todos(_) | Body::Subagent { .. } | Body::Other => None,
    };
    let summary = joined([
        Some(call.tool().to_owned()),
        path.map(str::to_owned),
        status.value().cloned(),
        exit_code.value().map(|code| format!("exit {code}")),
        call.row.length_ms().map(|ms| format!("{}.{:03} s", ms / 1000, ms % 1000)),
    ]);
    let given = match body {
        Body::Shell { command, .. } => Some(command),
        Body::Changes(changes) => Some(joined_diffs(&changes)),
        Body::Todos(todos) => Some(todos.iter().map(todo).collect::<Vec<_>>().join("\n")),
        Body::Subagent { .. } | Body::Other => input.value().map(|input| input.as_str().to_owned()),
    };
    let started = call.subagents.iter().map(|branch| Text::whole(Kind::Itself, subagent(branch)));
    let texts = [
        given.map(|given| Text::whole(Kind::Input, given)),
        call.output().map(|output| Text::cut(Kind::Output, output)),
        error.value().map(|error| Text::cut(Kind::Error, error)),
    ];
    Piece::Folded { summary, texts: texts.into_iter().flatten().chain(started).collect() }
}

fn todo(Todo { text, status }: &Todo) -> String {
    format!("{}: {text}", status.as_deref().unwrap_or("open"))
}

fn joined_diffs(changes: &[Change<'_>]) -> String {
    changes.iter().map(|change| change.diff.as_ref()).collect::<Vec<_>>().join("\n")
}

fn subagent(branch: &Branch) -> String {
    let name = branch.agent_name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    format!("subagent{name} in session {}", branch.session_id)
}

fn condensed(compaction: Option<&Compaction>) -> Piece {
    let told = |before: Option<&i64>, after: Option<&i64>, things| {
        before.zip(after).map(|(before, after)| format!("{before} to {after} {things}"))
    };
    let sizes = compaction.and_then(|compaction| {
        let Compaction { tokens_before, tokens_after, messages_before, messages_after, .. } =
            compaction;
        let tokens = told(tokens_before.value(), tokens_after.value(), "tokens");
        tokens.or_else(|| told(messages_before.value(), messages_after.value(), "messages"))
    });
    let sizes = sizes.map(|sizes| format!(", from {sizes}")).unwrap_or_default();
    Piece::Note(format!("the conversation was condensed{sizes}"))
}

fn wrong(error: &SessionError) -> Piece {
    let name = error.name.value().map_or("error", String::as_str);
    let message = error
        .message
        .value()
        .map(|message| format!(": {}", Text::cut(Kind::Error, message).told()));
    Piece::Wrong(format!("{name}{}", message.unwrap_or_default()))
}

/// The tokens of a message, each kind that there is any of.
fn tokens(tokens: &Tokens) -> String {
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

/// What is behind a name.
fn quoted(payload: Option<&Json>) -> String {
    payload.map_or_else(String::new, |payload| format!(" {}", payload.as_str()))
}

fn joined(facts: impl IntoIterator<Item = Option<String>>) -> String {
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
