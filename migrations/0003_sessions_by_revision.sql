-- Whoever watches the record asks which sessions have changed since: the revision of a session's row is
-- that of the last change of anything in it.
-- Cost: one entry for each session, and one more page to write where a session changes.

-- Serves the search for sessions that have changed.
CREATE INDEX sessions_by_revision ON sessions (revision);
