//! What went wrong, in Claude Code's words, as kinds.

use domain::ErrorKind;

/// The words of `StopFailure` and of a transcript's `error` (Claude Code 2.1.328, hooks reference).
const KINDS: [(&str, ErrorKind); 9] = [
    ("authentication_failed", ErrorKind::Auth),
    ("oauth_org_not_allowed", ErrorKind::Auth),
    ("billing_error", ErrorKind::Api),
    ("rate_limit", ErrorKind::Api),
    ("overloaded", ErrorKind::Api),
    ("server_error", ErrorKind::Api),
    ("invalid_request", ErrorKind::Api),
    ("model_not_found", ErrorKind::Api),
    ("max_output_tokens", ErrorKind::Output),
];

/// How it says that a provider answered with a status, which follows.
const API_ERROR: &str = "API Error:";

/// How it says that a conversation does not fit any more.
const TOO_LONG: &str = "prompt is too long";

/// The kind of an error by its word, the provider's HTTP status and what is said of it. A hook knows
/// no status but the one in the text.
pub(crate) fn kind(word: Option<&str>, status: Option<u64>, message: Option<&str>) -> ErrorKind {
    let message = message.unwrap_or_default();
    let said = message.trim_start().strip_prefix(API_ERROR);
    let status = status.or_else(|| said?.split_whitespace().next()?.parse().ok());
    let known = KINDS.iter().find(|(known, _)| word == Some(known)).map(|(_, kind)| *kind);
    if message.to_ascii_lowercase().contains(TOO_LONG) {
        return ErrorKind::Context;
    }
    match (known, status) {
        (Some(ErrorKind::Api) | None, Some(401 | 403)) => ErrorKind::Auth,
        (Some(kind), _) => kind,
        (None, Some(_)) => ErrorKind::Api,
        (None, None) if said.is_some() => ErrorKind::Api,
        (None, None) => ErrorKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_same_kind_whether_a_hook_or_a_line_tells_of_it() {
        let cases = [
            (Some("unknown"), Some(400), Some("API Error: 400 mock: bad request"), ErrorKind::Api),
            (Some("unknown"), None, Some("API Error: 400 mock: bad request"), ErrorKind::Api),
            (Some("unknown"), None, Some("API Error: 401 who are you"), ErrorKind::Auth),
            (Some("unknown"), None, Some("API Error: Connection error."), ErrorKind::Api),
            (Some("authentication_failed"), None, None, ErrorKind::Auth),
            (Some("rate_limit"), Some(429), None, ErrorKind::Api),
            (Some("invalid_request"), Some(403), None, ErrorKind::Auth),
            (Some("invalid_request"), Some(400), Some("Prompt is too long"), ErrorKind::Context),
            (Some("max_output_tokens"), None, None, ErrorKind::Output),
            (Some("brand_new"), None, Some("it broke"), ErrorKind::Unknown),
            (None, Some(500), None, ErrorKind::Api),
            (None, None, None, ErrorKind::Unknown),
        ];
        for (word, status, message, expected) in cases {
            assert_eq!(kind(word, status, message), expected, "{word:?} {status:?} {message:?}");
        }
    }
}
