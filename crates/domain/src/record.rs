//! The rows of the record. Each is one thing that an agent said or did, in as many fields as
//! sources may speak of on their own; a row merges field by field.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::{
    Agent, CallId, CommitId, CompactionId, Cost, CutText, Earliest, EditId, ErrorId, EventId,
    Field, Join, Json, Latest, MessageId, OperationId, PartId, Receipts, Repository, SessionId,
    Tokens, Versioned,
};

/// A word that none of ours stands for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("is none of the known words")]
pub struct UnknownName;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every one, in the order of the documents.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word in envelopes and columns.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err(UnknownName) }
            }
        }
    };
}

names!(
    /// Who speaks in a message.
    Role {
        /// The person.
        User = "user",
        /// The agent.
        Assistant = "assistant",
    }
);

names!(
    /// What a part of a message is.
    PartKind {
        /// Text of a prompt or an answer.
        Text = "text",
        /// Thinking.
        Reasoning = "reasoning",
        /// A change of files.
        Patch = "patch",
        /// Questions of the agent with the answers.
        Question = "question",
        /// A tool call.
        Tool = "tool",
        /// A model step begins.
        StepStart = "step-start",
        /// A model step ends.
        StepFinish = "step-finish",
        /// The conversation was condensed.
        Compaction = "compaction",
        /// A file handed to the agent.
        File = "file",
        /// A snapshot of the work tree.
        Snapshot = "snapshot",
        /// A sub-agent was named.
        Agent = "agent",
        /// A request was tried again.
        Retry = "retry",
        /// Work was handed to a sub-agent.
        Subtask = "subtask",
    }
);

names!(
    /// Which end of a model step.
    StepKind {
        /// The step begins.
        Start = "start",
        /// The step ends.
        Finish = "finish",
    }
);

names!(
    /// What an agent asks a model for on its own account, beside the conversation.
    SideCall {
        /// A title for the session.
        Title = "title",
        /// A summary of what was done.
        Summary = "summary",
        /// The conversation in short, to go on with.
        Compaction = "compaction",
    }
);

names!(
    /// What went wrong, in kinds that can be counted across agents.
    ErrorKind {
        /// The provider refused or failed.
        Api = "api",
        /// The provider does not know who asks.
        Auth = "auth",
        /// The conversation does not fit into the model's context.
        Context = "context",
        /// The answer is too long or of the wrong form.
        Output = "output",
        /// Somebody stopped it.
        Aborted = "aborted",
        /// A tool failed.
        Tool = "tool",
        /// None of these.
        Unknown = "unknown",
    }
);

names!(
    /// What became of a file.
    FileChange {
        /// It is new.
        Created = "created",
        /// Its content changed.
        Edited = "edited",
        /// It is gone.
        Deleted = "deleted",
    }
);

names!(
    /// How much a change of a file spans. What a wider one tells, narrower ones may have told before.
    EditScope {
        /// One tool call.
        Call = "call",
        /// All that a message shows or sums up: for a prompt, what was done for it.
        Message = "message",
        /// All that the session has done.
        Session = "session",
    }
);

/// The model that spoke and who serves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Model {
    /// Who serves it, where known.
    pub provider_id: Option<String>,
    /// Which model, where known.
    pub model_id: Option<String>,
}

impl Model {
    /// The model of these names, where there is any.
    pub fn named(provider_id: Option<String>, model_id: Option<String>) -> Option<Self> {
        let is_named = provider_id.is_some() || model_id.is_some();
        is_named.then_some(Self { provider_id, model_id })
    }
}

impl fmt::Display for Model {
    /// Provider and model, with a stroke between where both are known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [&self.provider_id, &self.model_id].into_iter().flatten();
        f.write_str(&names.map(String::as_str).collect::<Vec<_>>().join("/"))
    }
}

macro_rules! record {
    (
        $(#[$doc:meta])* $name:ident
        key { $($(#[$key_doc:meta])* $key:ident: $key_type:ty,)+ }
        fields { $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$key_doc])* pub $key: $key_type,)+
            $($(#[$field_doc])* pub $field: $field_type,)+
        }

        impl $name {
            /// The row of which nothing is known but its key.
            pub fn new($($key: $key_type,)+) -> Self {
                Self { $($key,)+ $($field: Default::default(),)+ }
            }
        }

        impl Join for $name {
            fn join(self, other: Self) -> Self {
                Self { $($key: self.$key,)+ $($field: self.$field.join(other.$field),)+ }
            }
        }
    };
}

macro_rules! versioned {
    ($name:ident by ($($key:ident: $key_type:ty),+)) => {
        impl Versioned for $name {
            type Key = ($($key_type,)+);

            fn key(&self) -> Self::Key {
                ($(self.$key.clone(),)+)
            }
        }
    };
}

record!(
    /// One conversation. Every event that names it widens it.
    Session
    key {
        /// Its identity.
        session_id: SessionId,
    }
    fields {
        /// When the first thing in it came into being.
        created_at: Earliest,
        /// When the last thing in it came into being or was seen.
        last_activity_at: Latest,
        /// Which agent holds it.
        agent: Field<Agent>,
        /// The agent's version.
        agent_version: Field<String>,
        /// The folder that the agent works in.
        project_path: Field<String>,
        /// What the project is called.
        project_name: Field<String>,
        /// The agent's own title for it.
        title: Field<String>,
        /// The session that started it, if it is a subagent's.
        parent_session_id: Field<SessionId>,
        /// The agent's mode, or which subagent it is.
        agent_name: Field<String>,
        /// The model that spoke last.
        model: Field<Model>,
        /// How it last began, in the agent's own word.
        source: Field<String>,
        /// How it is, in the agent's own word.
        status: Field<String>,
        /// What the agent may do unasked, in its own word.
        permission_mode: Field<String>,
        /// When it last came to an end or to rest, in Unix milliseconds. It may have gone on since.
        ended_at: Field<i64>,
        /// Why it did.
        end_reason: Field<String>,
        /// What all of it has cost, as the agent says: also calls of a model that no message tells of.
        cost: Field<Cost>,
        /// What else the agent said.
        payload: Field<Json>,
    }
);
versioned!(Session by (session_id: SessionId));

record!(
    /// One message without its parts.
    Message
    key {
        /// The conversation.
        session_id: SessionId,
        /// Its identity there.
        message_id: MessageId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// Who speaks.
        role: Field<Role>,
        /// The agent's mode or sub-agent.
        agent_name: Field<String>,
        /// The message that it answers.
        parent_message_id: Field<String>,
        /// The model that spoke.
        model: Field<Model>,
        /// What it took.
        tokens: Field<Tokens>,
        /// What it cost, as the agent says.
        cost: Field<Cost>,
        /// Why the model stopped.
        finish: Field<String>,
        /// When it was complete, in Unix milliseconds.
        completed_at: Field<i64>,
        /// The provider's id for the request that it answers.
        request_id: Field<String>,
        /// What went wrong.
        error: Field<Json>,
        /// The changes that the agent sums up; their diffs are edits.
        summary_diffs: Field<Json>,
        /// What it is beside the conversation; absent where it is part of it.
        side_call: Field<SideCall>,
        /// It was copied from the session that this one was forked from, and counts there.
        inherited: Field<bool>,
        /// What else the agent said.
        payload: Field<Json>,
    }
);
versioned!(Message by (session_id: SessionId, message_id: MessageId));

record!(
    /// One part of a message.
    Part
    key {
        /// The conversation.
        session_id: SessionId,
        /// The message, whether or not it is known.
        message_id: MessageId,
        /// Its identity there.
        part_id: PartId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// What it is.
        kind: Field<PartKind>,
        /// Text of a text, patch or question part.
        text: Field<String>,
        /// Thinking, byte for byte.
        reasoning_text: Field<String>,
        /// The signature of the thinking, byte for byte.
        signature: Field<String>,
        /// When it began, in Unix milliseconds.
        started_at: Field<i64>,
        /// When it ended, in Unix milliseconds.
        ended_at: Field<i64>,
        /// Whether the agent condensed on its own.
        compaction_auto: Field<bool>,
        /// Media type of a file.
        file_mime: Field<String>,
        /// Name of a file.
        file_name: Field<String>,
        /// What else the agent said.
        payload: Field<Json>,
    }
);
versioned!(Part by (session_id: SessionId, message_id: MessageId, part_id: PartId));

record!(
    /// One call of a tool.
    ToolCall
    key {
        /// The conversation.
        session_id: SessionId,
        /// Its identity there.
        call_id: CallId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// The message that made it.
        message_id: Field<MessageId>,
        /// The part that shows it.
        part_id: Field<PartId>,
        /// The tool's name.
        tool: Field<String>,
        /// The agent's own word.
        status: Field<String>,
        /// What the tool was given.
        input: Field<Json>,
        /// What it gave back.
        output: Field<CutText>,
        /// The file that it worked on.
        file_path: Field<String>,
        /// How its process ended.
        exit_code: Field<i64>,
        /// What went wrong.
        error: Field<CutText>,
        /// When it began, in Unix milliseconds.
        started_at: Field<i64>,
        /// When it ended, in Unix milliseconds.
        ended_at: Field<i64>,
        /// How long it ran, in milliseconds, without the time that the agent took to begin and to end it.
        duration_ms: Field<i64>,
        /// What else the agent said.
        payload: Field<Json>,
    }
);
versioned!(ToolCall by (session_id: SessionId, call_id: CallId));

impl ToolCall {
    /// How long it ran, in milliseconds: as the agent says, else from its begin to its end. `None` where
    /// that is not known, or less than nothing.
    pub fn length_ms(&self) -> Option<i64> {
        let span = || self.ended_at.value()?.checked_sub(*self.started_at.value()?);
        self.duration_ms.value().copied().or_else(span).filter(|ms| *ms >= 0)
    }
}

record!(
    /// One end of a model step.
    Step
    key {
        /// The conversation.
        session_id: SessionId,
        /// The message.
        message_id: MessageId,
        /// The part that tells of it.
        part_id: PartId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// Which end.
        kind: Field<StepKind>,
        /// Why the step ended.
        reason: Field<String>,
        /// The snapshot of the work tree.
        snapshot: Field<String>,
        /// What it cost, as the agent says.
        cost: Field<Cost>,
        /// What it took.
        tokens: Field<Tokens>,
    }
);
versioned!(Step by (session_id: SessionId, message_id: MessageId, part_id: PartId));

record!(
    /// Files that changed in a step, by the agent's own snapshots.
    Patch
    key {
        /// The conversation.
        session_id: SessionId,
        /// The message.
        message_id: MessageId,
        /// The part that tells of it.
        part_id: PartId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// The snapshot before the change.
        git_hash: Field<String>,
        /// The files, a JSON array.
        files: Field<Json>,
    }
);
versioned!(Patch by (session_id: SessionId, message_id: MessageId, part_id: PartId));

record!(
    /// The conversation was condensed.
    Compaction
    key {
        /// The conversation.
        session_id: SessionId,
        /// Its identity there: the message that asks for it.
        compaction_id: CompactionId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// The message that asks for it.
        message_id: Field<MessageId>,
        /// The part that asks for it.
        part_id: Field<PartId>,
        /// Whether the agent did it on its own.
        auto: Field<bool>,
        /// Tokens of the conversation before it.
        tokens_before: Field<i64>,
        /// Tokens of what stands for it since.
        tokens_after: Field<i64>,
        /// Messages of the conversation before it.
        messages_before: Field<i64>,
        /// Messages that stand for it since.
        messages_after: Field<i64>,
        /// What else the agent said.
        payload: Field<Json>,
    }
);
versioned!(Compaction by (session_id: SessionId, compaction_id: CompactionId));

record!(
    /// One thing that went wrong.
    SessionError
    key {
        /// The conversation.
        session_id: SessionId,
        /// Its identity there.
        error_id: ErrorId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// What kind it is.
        kind: Field<ErrorKind>,
        /// The agent's name for it, or the tool's.
        name: Field<String>,
        /// What the agent says of it.
        message: Field<CutText>,
        /// The message that it ended.
        message_id: Field<MessageId>,
        /// The tool call that failed.
        call_id: Field<CallId>,
        /// What else the agent said.
        payload: Field<Json>,
    }
);
versioned!(SessionError by (session_id: SessionId, error_id: ErrorId));

record!(
    /// A file that an agent changed in one model step.
    FileOperation
    key {
        /// Its identity, with its session's in it.
        operation_id: OperationId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// The conversation, where it is known.
        session_id: Field<SessionId>,
        /// The message that made it.
        message_id: Field<MessageId>,
        /// The tool call that made it, where one tells of it.
        call_id: Field<CallId>,
        /// The file, as the agent names it.
        path: Field<String>,
        /// What became of it.
        operation: Field<FileChange>,
        /// What else the agent said.
        payload: Field<Json>,
    }
);
versioned!(FileOperation by (operation_id: OperationId));

record!(
    /// One change that an agent made to one file.
    Edit
    key {
        /// The conversation.
        session_id: SessionId,
        /// Its identity there.
        edit_id: EditId,
    }
    fields {
        /// When it came into being.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// The message that made it.
        message_id: Field<MessageId>,
        /// The tool call that made it.
        call_id: Field<CallId>,
        /// How much it spans.
        scope: Field<EditScope>,
        /// The file, as the agent names it.
        path: Field<String>,
        /// What became of the file.
        operation: Field<FileChange>,
        /// A unified diff, as it came; nobody has judged it.
        diff: Field<String>,
    }
);
versioned!(Edit by (session_id: SessionId, edit_id: EditId));

record!(
    /// An event that has no table of its own.
    Event
    key {
        /// The agent's id for it, or one made from its content.
        event_id: EventId,
    }
    fields {
        /// When it came into being, where the agent says so.
        generated_at: Earliest,
        /// What orders it in the conversation.
        ordered_at: Earliest,
        /// When it was delivered.
        receipts: Receipts,
        /// The conversation, where it belongs to one.
        session_id: Field<SessionId>,
        /// Which agent speaks.
        agent: Field<Agent>,
        /// The event's name.
        name: Field<String>,
        /// All that the agent said.
        payload: Field<Json>,
    }
);

impl Versioned for Event {
    type Key = (EventId,);

    fn key(&self) -> Self::Key {
        (self.event_id.clone(),)
    }

    /// A second delivery of one event tells nothing new.
    fn says_same(&self, other: &Self) -> bool {
        let content = |event: &Self| {
            let delivery = (Receipts::default(), Earliest::default());
            let mut event = event.clone();
            (event.receipts, event.ordered_at) = delivery;
            event
        };
        content(self) == content(other)
    }
}

record!(
    /// A commit that was made, whoever made it. It belongs to no session.
    Commit
    key {
        /// Where it was made.
        repository: Repository,
        /// Its identity there.
        commit_id: CommitId,
    }
    fields {
        /// When it was first told of.
        generated_at: Earliest,
        /// What orders it among the others of its repository.
        ordered_at: Earliest,
        /// The absolute path of the work tree in which it was made.
        worktree: Field<String>,
        /// What else was told.
        payload: Field<Json>,
    }
);
versioned!(Commit by (repository: Repository, commit_id: CommitId));

record!(
    /// A commit took the place of another. One may take that of many, and many that of one.
    Rewrite
    key {
        /// Where it was done.
        repository: Repository,
        /// The commit that was replaced.
        old_commit_id: CommitId,
        /// The one that stands for it.
        new_commit_id: CommitId,
    }
    fields {
        /// When it was first told of.
        generated_at: Earliest,
        /// What orders it among the others of its repository.
        ordered_at: Earliest,
        /// What did it, in git's own word: `amend` or `rebase`.
        command: Field<String>,
    }
);
versioned!(Rewrite by (repository: Repository, old_commit_id: CommitId, new_commit_id: CommitId));

/// A version of any row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the row of its name")]
pub enum Record {
    Session(Session),
    Message(Message),
    Part(Part),
    ToolCall(ToolCall),
    Step(Step),
    Patch(Patch),
    Compaction(Compaction),
    SessionError(SessionError),
    FileOperation(FileOperation),
    Edit(Edit),
    Event(Event),
    Commit(Commit),
    Rewrite(Rewrite),
}

macro_rules! into_record {
    ($($name:ident),+) => {
        $(impl From<$name> for Record {
            fn from(row: $name) -> Self {
                Self::$name(row)
            }
        })+
    };
}

into_record!(
    Session,
    Message,
    Part,
    ToolCall,
    Step,
    Patch,
    Compaction,
    SessionError,
    FileOperation,
    Edit,
    Event,
    Commit,
    Rewrite
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Stamp, UnixMs};

    fn field<T: std::fmt::Debug + Clone + 'static>(
        values: Vec<T>,
    ) -> impl Strategy<Value = Field<T>> {
        let stamp = (any::<bool>(), 0_i64..3).prop_map(|(is_final, ms)| {
            let observed_at = UnixMs::new(ms).expect("not negative");
            Stamp { is_final, observed_at }
        });
        let value = prop::option::of(prop::sample::select(values));
        (stamp, value).prop_map(|(stamp, value)| Field::new(stamp, value))
    }

    fn tool_call() -> impl Strategy<Value = ToolCall> {
        let words = || field(["a", "b", "ab"].map(str::to_owned).to_vec());
        let cut = field([1, 2, 3].map(|limit| CutText::new("abc".to_owned(), limit)).to_vec());
        let time = prop::option::of(0_i64..3).prop_map(|ms| Earliest(ms.and_then(UnixMs::new)));
        (words(), words(), cut, field(vec![0, 1, 2]), time).prop_map(
            |(tool, status, output, exit_code, generated_at)| {
                let session_id = SessionId::new("s").expect("a word");
                let call = ToolCall::new(session_id, CallId::new("c").expect("a word"));
                ToolCall { generated_at, tool, status, output, exit_code, ..call }
            },
        )
    }

    fn times() -> impl Strategy<Value = (Earliest, Earliest)> {
        let time = || prop::option::of(0_i64..3).prop_map(|ms| Earliest(ms.and_then(UnixMs::new)));
        (time(), time())
    }

    fn commit_id(digit: &str) -> CommitId {
        CommitId::new(digit.repeat(40)).expect("it is one")
    }

    fn commit() -> impl Strategy<Value = Commit> {
        let worktree = field(["/a", "/b"].map(str::to_owned).to_vec());
        let payload =
            field(["{}", "{\"a\":1}"].map(|text| Json::from_canonical(text.to_owned())).to_vec());
        (times(), worktree, payload).prop_map(|((generated_at, ordered_at), worktree, payload)| {
            let repository = Repository::new("/r/.git").expect("it is absolute");
            let commit = Commit::new(repository, commit_id("a"));
            Commit { generated_at, ordered_at, worktree, payload, ..commit }
        })
    }

    fn rewrite() -> impl Strategy<Value = Rewrite> {
        let command = field(["amend", "rebase"].map(str::to_owned).to_vec());
        (times(), command).prop_map(|((generated_at, ordered_at), command)| {
            let repository = Repository::new("/r/.git").expect("it is absolute");
            let rewrite = Rewrite::new(repository, commit_id("a"), commit_id("b"));
            Rewrite { generated_at, ordered_at, command, ..rewrite }
        })
    }

    fn merge_the_same<T: Versioned + std::fmt::Debug + PartialEq>(
        versions: &[T],
        order: prop::sample::Index,
    ) -> Result<(), TestCaseError> {
        let merged = |versions: &[T]| versions.iter().cloned().reduce(Join::join);
        let mut other = versions.to_vec();
        other.rotate_left(order.index(versions.len()));
        other.reverse();
        other.extend(versions.to_vec());
        prop_assert_eq!(merged(versions), merged(&other));
        Ok(())
    }

    proptest! {
        #[test]
        fn versions_of_a_row_merge_the_same_in_any_order_and_any_number_of_times(
            calls in prop::collection::vec(tool_call(), 1..6),
            commits in prop::collection::vec(commit(), 1..6),
            rewrites in prop::collection::vec(rewrite(), 1..6),
            order in any::<prop::sample::Index>(),
        ) {
            merge_the_same(&calls, order)?;
            merge_the_same(&commits, order)?;
            merge_the_same(&rewrites, order)?;
        }
    }

    #[test]
    fn a_second_delivery_of_an_event_tells_nothing_new() {
        let delivered = |ms| {
            let received_at = UnixMs::new(ms).expect("not negative");
            let mut event = Event::new(EventId::new("e").expect("a word"));
            event.receipts = Receipts::at(received_at);
            event.ordered_at = Earliest(Some(received_at));
            event
        };
        let both = delivered(1).join(delivered(5));
        assert!(both.says_same(&delivered(1)));
        assert_eq!(both.receipts.last.0.map(UnixMs::get), Some(5));
        assert_eq!(both.ordered_at.0.map(UnixMs::get), Some(1));
    }

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for kind in PartKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert_eq!("Text".parse::<PartKind>(), Err(UnknownName));
    }
}
