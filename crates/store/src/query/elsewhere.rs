//! Which messages count in another session: what is in the record twice is summed up once.
//!
//! A fork copies messages, and says so or not; a copy of a transcript never does. What a provider
//! answered to one request is one message, whoever holds it. It counts where it was made, and where
//! that is not in the record, as agents forget old sessions, in the first copy.

/// Of a message of `messages`, that it was copied from a session that nobody can tell, and counts there:
/// it answers no request.
pub(super) const IS_UNTOLD_COPY: &str = "(messages.inherited = 1 AND messages.request_id IS NULL)";

/// The session in which a message of `messages` counts, or NULL where that is its own: of those with
/// the same message of the same request one that did not copy it, and of equals the first by name. It
/// needs `messages_by_message_id`.
pub(super) const COUNTS_IN: &str = "\
    (SELECT other.session_id \
     FROM messages AS other \
     WHERE other.message_id = messages.message_id \
         AND other.request_id = messages.request_id \
         AND (other.inherited IS NOT 1 AND messages.inherited IS 1 \
              OR (other.inherited IS 1) = (messages.inherited IS 1) \
                  AND other.session_id < messages.session_id) \
     ORDER BY other.inherited IS 1, other.session_id \
     LIMIT 1)";

/// Of a message of `messages`, that it does not count where it is.
pub(super) fn counts_elsewhere() -> String {
    format!("({IS_UNTOLD_COPY} OR {COUNTS_IN} IS NOT NULL)")
}
