//! The line of shell by which an agent calls us that knows no other form.

use jsonc_parser::ast::Object;

use crate::command::setup::registration::words;

/// What stands between the program and the agent's name.
const ARGUMENTS: [&str; 3] = ["hooks", "conversation-trace", "--agent"];

/// The line for an agent.
pub fn line(agent: &str, program: &str, database: Option<&str>) -> String {
    let mut line = [&*quoted(program), &ARGUMENTS.join(" "), agent].join(" ");
    if let Some(database) = database {
        line.push_str(" --database ");
        line.push_str(&quoted(database));
    }
    line
}

/// Whether a hook is such a line for that agent, wherever the program was.
pub fn calls(hook: &Object<'_>, agent: &str) -> bool {
    hook.get_string("command").is_some_and(|command| is_line(&command.value, agent))
}

/// Whether a text is such a line.
pub fn is_line(text: &str, agent: &str) -> bool {
    let words = words(text, &[]).unwrap_or_default();
    let expected = ARGUMENTS.into_iter().chain([agent]);
    words.iter().skip(1).take(ARGUMENTS.len() + 1).map(String::as_str).eq(expected)
}

/// One word for a POSIX shell, whatever it holds.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r#"'"'"'"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_again_whatever_the_program_is_called() {
        for program in ["/bin/recount", "/a b/it's/$(x) `y` \"z\" \\ !/recount", "/é/recount"] {
            for database in [None, Some("/it's a/record.db")] {
                let line = line("codex", program, database);
                let words = words(&line, &[]).expect("it calls one program");
                assert_eq!(words[0], program, "{line}");
                assert_eq!(words.last().map(String::as_str), database.or(Some("codex")));
                assert!(is_line(&line, "codex") && !is_line(&line, "gemini"), "{line}");
            }
        }
        let others = [
            "",
            "recount hooks conversation-trace",
            "recount hooks conversation-trace --agent codex | tee log",
            "recount hooks conversation-trace --agent codexes",
            "env recount hooks conversation-trace --agent codex",
        ];
        for other in others {
            assert!(!is_line(other, "codex"), "{other}");
        }
    }
}
