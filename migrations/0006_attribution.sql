-- Which commits were made, and which took the place of which: what was said and changed in a session is found
-- again in the history of a repository, also after it was rewritten.
-- Cost: two tables, empty at first. Each commit that a hook of git tells of writes a row, two where it
-- replaces another.

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
