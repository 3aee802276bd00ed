//! Which messages count in another session: what is in the record twice is summed up once.
//!
//! A fork copies messages, and says so or not; a copy of a transcript never does. What a provider
//! answered to one request is one message, whoever holds it.

/// The session in which a message of `messages` counts, or NULL where that is its own: of those with
/// the same message of the same request the first by name. It needs `messages_by_message_id`.
///
/// One that is `inherited` counts nowhere but where it came from, whatever this says.
pub(super) const COUNTS_IN: &str = "\
    (SELECT other.session_id \
     FROM messages AS other \
     WHERE other.message_id = messages.message_id \
         AND other.session_id < messages.session_id \
         AND other.request_id = messages.request_id \
         AND other.inherited IS NOT 1 \
     ORDER BY other.session_id \
     LIMIT 1)";
