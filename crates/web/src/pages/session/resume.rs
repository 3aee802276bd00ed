//! The command that goes on with a session. It looks up whether that can be done before it does it.

/// The command, as a shell takes it.
pub(super) fn command(session: &str) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:@".contains(character);
    let word = if session.chars().all(is_plain) {
        session.to_owned()
    } else {
        format!("'{}'", session.replace('\'', r"'\''"))
    };
    let separator = if word.starts_with('-') { "-- " } else { "" };
    format!("recount session resume {separator}{word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_is_more_than_one_word_to_a_shell() {
        let cases = [
            ("ses_1", "ses_1"),
            ("a/b-1", "a/b-1"),
            ("-x", "-- -x"),
            ("a b", "'a b'"),
            ("$(x)", "'$(x)'"),
            ("a'; rm x '", r"'a'\''; rm x '\'''"),
        ];
        for (session, expected) in cases {
            assert_eq!(command(session), format!("recount session resume {expected}"));
        }
    }
}
