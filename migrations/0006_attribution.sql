-- Which commits were made, and which took the place of which: what was said and changed in a session is found
-- again in the history of a repository, also after it was rewritten.
-- Cost: four tables, empty at first, and an index of edits, which is made once and written with each edit. Each
-- commit that a hook of git tells of writes a row, two where it replaces another.

-- One row per commit that was made, whoever made it. The repository is the absolute path of the git folder
-- that all its work trees share.
CREATE TABLE commits (
    id INTEGER PRIMARY KEY,
    repository TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    worktree TEXT,
    payload TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (repository, commit_id)
) STRICT;

-- Serves the commits of a repository in their order.
CREATE INDEX commits_in_order ON commits (repository, ordered_at_unix_ms);

-- One row per commit that another one replaces. A squash makes one of several.
CREATE TABLE commit_rewrites (
    id INTEGER PRIMARY KEY,
    repository TEXT NOT NULL,
    old_commit_id TEXT NOT NULL,
    new_commit_id TEXT NOT NULL,
    generated_at_unix_ms INTEGER,
    ordered_at_unix_ms INTEGER,
    command TEXT,
    stamps TEXT NOT NULL,
    received_at_unix_ms INTEGER NOT NULL,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (repository, old_commit_id, new_commit_id)
) STRICT;

-- Serves the search for what a commit was before.
CREATE INDEX commit_rewrites_by_new ON commit_rewrites (repository, new_commit_id);

-- One row per commit and source of what is known of its lines: our own findings are worked out again when more
-- is told, another's record is kept as it came. Nothing else refers to it, and all of ours can be made anew
-- while the repository and the sessions are there.
CREATE TABLE agent_traces (
    id INTEGER PRIMARY KEY,
    repository TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    source TEXT NOT NULL,
    committed_at_unix_ms INTEGER NOT NULL,
    author TEXT,
    subject TEXT,
    patch_id TEXT,
    record TEXT NOT NULL,
    is_settled INTEGER NOT NULL,
    seen_revision INTEGER NOT NULL,
    is_abandoned INTEGER NOT NULL DEFAULT 0,
    updated_at_unix_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (repository, commit_id, source)
) STRICT;

-- Serves the search for a commit of which this one is a copy.
CREATE INDEX agent_traces_by_patch ON agent_traces (repository, patch_id);

-- Serves the search for what is known of a commit in other places where its repository lies or lay.
CREATE INDEX agent_traces_by_commit ON agent_traces (commit_id);

-- One row per range of added lines that have one origin.
CREATE TABLE agent_trace_ranges (
    id INTEGER PRIMARY KEY,
    repository TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    start_line INTEGER NOT NULL,
    end_line INTEGER NOT NULL,
    contributor TEXT NOT NULL,
    agent TEXT,
    model_id TEXT,
    session_id TEXT,
    message_id TEXT,
    call_id TEXT,
    drift TEXT,
    url TEXT,
    UNIQUE (repository, commit_id, source, path, start_line)
) STRICT;

-- Serves the commits of a session.
CREATE INDEX agent_trace_ranges_of_session ON agent_trace_ranges (session_id);

-- Serves the search for what agents did to the files of a commit.
CREATE INDEX edits_by_path ON edits (path, ordered_at_unix_ms, session_id, scope);
