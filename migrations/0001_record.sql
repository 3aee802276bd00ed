-- The record: what agents say and do, one row per thing, found by the identity that the agent gave.
-- Cost: none, it is the first.
--
-- Times are Unix milliseconds. In every table of the record:
--   generated_at_unix_ms  when the thing came into being, as the agent says
--   ordered_at_unix_ms    what orders it: the same, or its receipt where that lies over a day before
--   stamps                which snapshot each field is from, so that an older one never overwrites
--   received_at_unix_ms   when it was first handed over
--   updated_at_unix_ms    when the row was last written
--   revision              the commit that last wrote it
-- Money is integer picodollars, beside the agent's own figure as it came.

CREATE TABLE store_state (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

INSERT INTO store_state (name, value) VALUES ('revision', 0);

CREATE TABLE schema_migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at_unix_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    created_at_unix_ms INTEGER,
    last_activity_at_unix_ms INTEGER,
    agent TEXT,
    agent_version TEXT,
    project_path TEXT,
    project_name TEXT,
    title TEXT,
    parent_session_id TEXT,
    agent_name TEXT,
    provider_id TEXT,
    model_id TEXT,
    source TEXT,
    status TEXT,
    permission_mode TEXT,
    ended_at_unix_ms INTEGER,
    end_reason TEXT,
    cost_given TEXT,
    cost_given_picodollars INTEGER,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id)
) STRICT;

-- Serves the session list.
CREATE INDEX sessions_by_activity ON sessions (last_activity_at_unix_ms);

-- Serves the tree of a session and its subagents.
CREATE INDEX sessions_by_parent ON sessions (parent_session_id);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    role TEXT,
    agent_name TEXT,
    parent_message_id TEXT,
    provider_id TEXT,
    model_id TEXT,
    tokens_input INTEGER,
    tokens_output INTEGER,
    tokens_reasoning INTEGER,
    tokens_cache_read INTEGER,
    tokens_cache_write INTEGER,
    tokens_cache_write_1h INTEGER,
    cost_given TEXT,
    cost_given_picodollars INTEGER,
    finish TEXT,
    completed_at_unix_ms INTEGER,
    request_id TEXT,
    error TEXT,
    summary_diffs TEXT,
    side_call TEXT,
    inherited INTEGER,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, message_id)
) STRICT;

-- Serves the messages of a session in their order.
CREATE INDEX messages_in_order ON messages (session_id, ordered_at_unix_ms);

-- Serves the search for a message by its id alone.
CREATE INDEX messages_by_message_id ON messages (message_id, session_id);

CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    part_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    part_type TEXT,
    text TEXT,
    reasoning_text TEXT,
    signature TEXT,
    started_at_unix_ms INTEGER,
    ended_at_unix_ms INTEGER,
    compaction_auto INTEGER,
    file_mime TEXT,
    file_name TEXT,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, message_id, part_id)
) STRICT;

-- Serves the parts of a session in their order.
CREATE INDEX parts_in_order ON parts (session_id, ordered_at_unix_ms);

CREATE TABLE tool_calls (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    message_id TEXT,
    part_id TEXT,
    tool TEXT,
    status TEXT,
    input TEXT,
    output TEXT,
    output_full_bytes INTEGER,
    file_path TEXT,
    exit_code INTEGER,
    error TEXT,
    error_full_bytes INTEGER,
    started_at_unix_ms INTEGER,
    ended_at_unix_ms INTEGER,
    duration_ms INTEGER,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, call_id)
) STRICT;

-- Serves the tool calls of a session in their order.
CREATE INDEX tool_calls_in_order ON tool_calls (session_id, ordered_at_unix_ms);

CREATE TABLE step_events (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    part_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    event_type TEXT,
    reason TEXT,
    snapshot_hash TEXT,
    cost_given TEXT,
    cost_given_picodollars INTEGER,
    tokens_input INTEGER,
    tokens_output INTEGER,
    tokens_reasoning INTEGER,
    tokens_cache_read INTEGER,
    tokens_cache_write INTEGER,
    tokens_cache_write_1h INTEGER,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, message_id, part_id)
) STRICT;

-- Serves the steps of a session in their order.
CREATE INDEX step_events_in_order ON step_events (session_id, ordered_at_unix_ms);

CREATE TABLE patches (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    part_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    git_hash TEXT,
    files TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, message_id, part_id)
) STRICT;

-- Serves the patches of a session in their order.
CREATE INDEX patches_in_order ON patches (session_id, ordered_at_unix_ms);

CREATE TABLE compaction_events (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    compaction_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    message_id TEXT,
    part_id TEXT,
    auto INTEGER,
    tokens_before INTEGER,
    tokens_after INTEGER,
    messages_before INTEGER,
    messages_after INTEGER,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, compaction_id)
) STRICT;

-- Serves the compactions of a session in their order.
CREATE INDEX compaction_events_in_order ON compaction_events (session_id, ordered_at_unix_ms);

-- One row per thing that went wrong: what ended a message, what failed in a tool, what the agent told.
CREATE TABLE session_errors (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    error_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    error_type TEXT,
    name TEXT,
    message TEXT,
    message_full_bytes INTEGER,
    message_id TEXT,
    call_id TEXT,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, error_id)
) STRICT;

-- Serves the errors of a session in their order.
CREATE INDEX session_errors_in_order ON session_errors (session_id, ordered_at_unix_ms);

-- One row per file and model step, whichever of tool call, patch and event tells of it.
CREATE TABLE file_operations (
    id INTEGER PRIMARY KEY,
    operation_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    session_id TEXT,
    message_id TEXT,
    call_id TEXT,
    path TEXT,
    operation TEXT,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (operation_id)
) STRICT;

-- Serves the file operations of a session in their order.
CREATE INDEX file_operations_in_order ON file_operations (session_id, ordered_at_unix_ms);

-- One row per change that an agent made to a file, for each scope that tells of it: a message's row
-- of a file spans the calls made for it, a session's row spans its messages. The diff is as it came;
-- nobody has judged it.
CREATE TABLE edits (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    edit_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    message_id TEXT,
    call_id TEXT,
    scope TEXT,
    path TEXT,
    operation TEXT,
    diff TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (session_id, edit_id)
) STRICT;

-- Serves the edits of a session in their order.
CREATE INDEX edits_in_order ON edits (session_id, ordered_at_unix_ms);

-- What has no table of its own. The id holds the agent's id, or the SHA-256 of the content.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    first_received_at_unix_ms INTEGER,
    last_received_at_unix_ms INTEGER,
    session_id TEXT,
    agent TEXT,
    name TEXT,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (event_id)
) STRICT;

-- Serves the events of a session in their order.
CREATE INDEX events_in_order ON events (session_id, ordered_at_unix_ms);

-- Items that could not be taken in, to the byte, so that a later version can.
CREATE TABLE rejects (
    id INTEGER PRIMARY KEY,
    reject_id TEXT NOT NULL,
    type TEXT NOT NULL,
    agent TEXT NOT NULL,
    agent_version TEXT,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    item TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (reject_id)
) STRICT;

-- How far an agent's own store is read: a shortcut, never needed to be right. One that is due has
-- more to tell, and was spoken of by an event at that time; without a position it was never read.
-- Attempts are those in a row that failed by what stands behind the position, the last at the time
-- of the update.
CREATE TABLE import_cursors (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    scope TEXT NOT NULL,
    position TEXT,
    due_at_unix_ms INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    updated_at_unix_ms INTEGER NOT NULL,
    UNIQUE (source, scope)
) STRICT;

-- Serves the search for what is due.
CREATE INDEX import_cursors_due ON import_cursors (due_at_unix_ms);
