-- What questions about the whole record read lies in indexes of its own: no row is opened for it, and a row
-- of a tool call drags its output along. Wider indexes in the place of those that order a session's rows
-- would be one each, but the engine no longer takes them for that (turso 0.8.3).
-- Cost: they are built once, in a minute for 2,000,000 parts, and make such a database larger by a
-- twentieth. Each message and each tool call has one entry more to write, an answer to a request two: a
-- hook that stores its own event takes a tenth longer, a replay a sixth.

-- Serves the sums of what messages took.
CREATE INDEX messages_usage ON messages (
    session_id,
    generated_at_unix_ms,
    ordered_at_unix_ms,
    provider_id,
    model_id,
    tokens_input,
    tokens_output,
    tokens_reasoning,
    tokens_cache_read,
    tokens_cache_write,
    tokens_cache_write_1h,
    cost_given_picodollars,
    inherited,
    request_id,
    message_id
);

-- Serves the search for copies of what nobody can tell.
CREATE INDEX messages_untold ON messages (session_id, message_id)
WHERE inherited = 1 AND request_id IS NULL;

-- Serves the search for answers that several sessions hold; only what answers a request can be one.
CREATE INDEX messages_answers ON messages (message_id, session_id)
WHERE request_id IS NOT NULL;

-- Serves what is asked of all tool calls.
CREATE INDEX tool_calls_seen ON tool_calls (
    session_id,
    ordered_at_unix_ms,
    message_id,
    tool,
    output_full_bytes,
    started_at_unix_ms,
    ended_at_unix_ms,
    duration_ms,
    error IS NOT NULL
);
