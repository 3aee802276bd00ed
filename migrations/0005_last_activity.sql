-- Whoever asks about a time skips the sessions that came to rest before it, so no row of a session may be
-- ordered after its last activity. What has no time, or one that cannot be true, is ordered by its receipt,
-- and was not counted as activity so far.
-- Cost: every session is looked at once for each table, a second for 10,000; none is written anew but those
-- that came to rest too early.

UPDATE sessions
SET last_activity_at_unix_ms = (
    SELECT max(messages.ordered_at_unix_ms)
    FROM messages
    WHERE messages.session_id = sessions.session_id
)
WHERE last_activity_at_unix_ms < (
    SELECT max(messages.ordered_at_unix_ms)
    FROM messages
    WHERE messages.session_id = sessions.session_id
);

UPDATE sessions
SET last_activity_at_unix_ms = (
    SELECT max(tool_calls.ordered_at_unix_ms)
    FROM tool_calls
    WHERE tool_calls.session_id = sessions.session_id
)
WHERE last_activity_at_unix_ms < (
    SELECT max(tool_calls.ordered_at_unix_ms)
    FROM tool_calls
    WHERE tool_calls.session_id = sessions.session_id
);

UPDATE sessions
SET last_activity_at_unix_ms = (
    SELECT max(session_errors.ordered_at_unix_ms)
    FROM session_errors
    WHERE session_errors.session_id = sessions.session_id
)
WHERE last_activity_at_unix_ms < (
    SELECT max(session_errors.ordered_at_unix_ms)
    FROM session_errors
    WHERE session_errors.session_id = sessions.session_id
);

UPDATE sessions
SET last_activity_at_unix_ms = (
    SELECT max(compaction_events.ordered_at_unix_ms)
    FROM compaction_events
    WHERE compaction_events.session_id = sessions.session_id
)
WHERE last_activity_at_unix_ms < (
    SELECT max(compaction_events.ordered_at_unix_ms)
    FROM compaction_events
    WHERE compaction_events.session_id = sessions.session_id
);
