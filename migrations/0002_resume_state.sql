-- What an agent's own store says of a session: looked up when a person asks, so it is not merged with
-- what the agent told.
-- Cost: none to speak of, no row is written anew.
--
--   resume_state                active, expired, invalid or unknown; NULL where nobody has looked
--   resume_checked_at_unix_ms   when it was looked up
--   agent_keeps_ms              how long the agent keeps a session that nobody goes on with; it
--                               expires that long after its last activity

ALTER TABLE sessions ADD COLUMN resume_state TEXT;

ALTER TABLE sessions ADD COLUMN resume_checked_at_unix_ms INTEGER;

ALTER TABLE sessions ADD COLUMN agent_keeps_ms INTEGER;
