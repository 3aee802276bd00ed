//! Which row of the record lies in which table and columns.

use domain::{
    CallId, Commit, CommitId, Compaction, CompactionId, Edit, EditId, ErrorId, Event, EventId,
    FileOperation, Message, MessageId, OperationId, Part, PartId, Patch, Repository, Rewrite,
    Session, SessionError, SessionId, Step, ToolCall, Versioned,
};
use turso::Value;

use super::{Column, Stamps, Table, column::Unreadable};
use crate::{StoreError, engine::Row};

macro_rules! table {
    (
        $row:ident in $table:literal
        key { $($key:ident: $key_type:ident,)+ }
        fields { $($field:ident: $first:literal $(, $more:literal)*;)+ }
    ) => {
        impl Table for $row {
            const NAME: &'static str = $table;
            const KEY: &'static [&'static str] = &[$(stringify!($key)),+];
            const FIELDS: &'static [&'static str] = &[$($first $(, $more)*),+];

            fn key_values(($($key,)+): &<Self as Versioned>::Key) -> Vec<Value> {
                vec![$(Value::Text($key.as_str().to_owned())),+]
            }

            fn read_key(row: &mut Row) -> Result<<Self as Versioned>::Key, StoreError> {
                Ok(($($key_type::new(row.text()?.unwrap_or_default())
                    .map_err(|_| unfit::<Self>(stringify!($key)))?,)+))
            }

            fn values(&self, into: &mut Vec<Value>) {
                let mut stamps = Stamps::default();
                $(into.push(Value::Text(self.$key.as_str().to_owned()));)+
                $(self.$field.write($first, into, &mut stamps);)+
                into.push(Value::Text(stamps.to_text()));
            }

            fn read(row: &mut Row) -> Result<Self, StoreError> {
                let stamps = row.text()?.as_deref().and_then(Stamps::parse);
                let stamps = stamps.ok_or(unfit::<Self>("stamps"))?;
                let ($($key,)+) = Self::read_key(row)?;
                let mut found = Self::new($($key),+);
                $(found.$field = Column::read($first, row, &stamps)
                    .map_err(|error| named::<Self>($first, error))?;)+
                Ok(found)
            }
        }
    };
}

fn unfit<T: Table>(column: &'static str) -> StoreError {
    StoreError::Row { table: T::NAME, column }
}

fn named<T: Table>(column: &'static str, error: Unreadable) -> StoreError {
    match error {
        Unreadable::Unfit => unfit::<T>(column),
        Unreadable::Store(error) => error,
    }
}

table! {
    Session in "sessions"
    key { session_id: SessionId, }
    fields {
        created_at: "created_at_unix_ms";
        last_activity_at: "last_activity_at_unix_ms";
        agent: "agent";
        agent_version: "agent_version";
        project_path: "project_path";
        project_name: "project_name";
        title: "title";
        parent_session_id: "parent_session_id";
        agent_name: "agent_name";
        model: "provider_id", "model_id";
        source: "source";
        status: "status";
        permission_mode: "permission_mode";
        ended_at: "ended_at_unix_ms";
        end_reason: "end_reason";
        cost: "cost_given", "cost_given_picodollars";
        payload: "payload";
    }
}

table! {
    Message in "messages"
    key { session_id: SessionId, message_id: MessageId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        role: "role";
        agent_name: "agent_name";
        parent_message_id: "parent_message_id";
        model: "provider_id", "model_id";
        tokens: "tokens_input", "tokens_output", "tokens_reasoning", "tokens_cache_read", "tokens_cache_write", "tokens_cache_write_1h";
        cost: "cost_given", "cost_given_picodollars";
        finish: "finish";
        completed_at: "completed_at_unix_ms";
        request_id: "request_id";
        error: "error";
        summary_diffs: "summary_diffs";
        side_call: "side_call";
        inherited: "inherited";
        payload: "payload";
    }
}

table! {
    Part in "parts"
    key { session_id: SessionId, message_id: MessageId, part_id: PartId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        kind: "part_type";
        text: "text";
        reasoning_text: "reasoning_text";
        signature: "signature";
        started_at: "started_at_unix_ms";
        ended_at: "ended_at_unix_ms";
        compaction_auto: "compaction_auto";
        file_mime: "file_mime";
        file_name: "file_name";
        payload: "payload";
    }
}

table! {
    ToolCall in "tool_calls"
    key { session_id: SessionId, call_id: CallId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        message_id: "message_id";
        part_id: "part_id";
        tool: "tool";
        status: "status";
        input: "input";
        output: "output", "output_full_bytes";
        file_path: "file_path";
        exit_code: "exit_code";
        error: "error", "error_full_bytes";
        started_at: "started_at_unix_ms";
        ended_at: "ended_at_unix_ms";
        duration_ms: "duration_ms";
        payload: "payload";
    }
}

table! {
    Step in "step_events"
    key { session_id: SessionId, message_id: MessageId, part_id: PartId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        kind: "event_type";
        reason: "reason";
        snapshot: "snapshot_hash";
        cost: "cost_given", "cost_given_picodollars";
        tokens: "tokens_input", "tokens_output", "tokens_reasoning", "tokens_cache_read", "tokens_cache_write", "tokens_cache_write_1h";
    }
}

table! {
    Patch in "patches"
    key { session_id: SessionId, message_id: MessageId, part_id: PartId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        git_hash: "git_hash";
        files: "files";
    }
}

table! {
    Compaction in "compaction_events"
    key { session_id: SessionId, compaction_id: CompactionId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        message_id: "message_id";
        part_id: "part_id";
        auto: "auto";
        tokens_before: "tokens_before";
        tokens_after: "tokens_after";
        messages_before: "messages_before";
        messages_after: "messages_after";
        payload: "payload";
    }
}

table! {
    SessionError in "session_errors"
    key { session_id: SessionId, error_id: ErrorId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        kind: "error_type";
        name: "name";
        message: "message", "message_full_bytes";
        message_id: "message_id";
        call_id: "call_id";
        payload: "payload";
    }
}

table! {
    FileOperation in "file_operations"
    key { operation_id: OperationId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        session_id: "session_id";
        message_id: "message_id";
        call_id: "call_id";
        path: "path";
        operation: "operation";
        payload: "payload";
    }
}

table! {
    Edit in "edits"
    key { session_id: SessionId, edit_id: EditId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        message_id: "message_id";
        call_id: "call_id";
        scope: "scope";
        path: "path";
        operation: "operation";
        diff: "diff";
    }
}

table! {
    Event in "events"
    key { event_id: EventId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        receipts: "first_received_at_unix_ms", "last_received_at_unix_ms";
        session_id: "session_id";
        agent: "agent";
        name: "name";
        payload: "payload";
    }
}

table! {
    Commit in "commits"
    key { repository: Repository, commit_id: CommitId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        worktree: "worktree";
        payload: "payload";
    }
}

table! {
    Rewrite in "commit_rewrites"
    key { repository: Repository, old_commit_id: CommitId, new_commit_id: CommitId, }
    fields {
        generated_at: "generated_at_unix_ms";
        ordered_at: "ordered_at_unix_ms";
        command: "command";
    }
}
