//! `recount completions`: a script for a shell, made from the arguments, that asks `recount complete`
//! for what only the record knows.

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::Context;
use crate::{arguments, exit::ExitCode, failure::Failure};

/// For which shell.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell
    shell: ShellName,
}

/// The shells that there are scripts for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ShellName {
    /// `source <(recount completions bash)`
    Bash,
    /// `recount completions zsh > ~/.zfunc/_recount`, in a folder of `fpath`
    Zsh,
    /// `recount completions fish > ~/.config/fish/completions/recount.fish`
    Fish,
}

/// Prints it.
#[expect(clippy::unnecessary_wraps, reason = "every command can fail")]
pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let script = match arguments.shell {
        ShellName::Bash => bash(),
        ShellName::Zsh => zsh(),
        ShellName::Fish => fish(),
    };
    write!(context.output, "{script}");
    Ok(ExitCode::Ok)
}

/// The script that knows commands and options.
fn generated(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut arguments::Arguments::command(), "recount", &mut script);
    String::from_utf8(script).expect("names and words of ours are text")
}

/// The commands of `recount session` that take a session.
fn of_one_session() -> Vec<String> {
    let tree = arguments::Arguments::command();
    let commands = tree.find_subcommand("session").into_iter();
    let commands = commands.flat_map(clap::Command::get_subcommands);
    let takes_one = |command: &&clap::Command| {
        command.get_positionals().any(|argument| argument.get_id() == "id")
    };
    commands.filter(takes_one).map(|command| command.get_name().to_owned()).collect()
}

fn bash() -> String {
    let commands: Vec<_> =
        of_one_session().iter().map(|command| format!("\"session {command}\"")).collect();
    let record = include_str!("completions/record.bash");
    format!("{}{}", generated(Shell::Bash), record.replace("@COMMANDS@", &commands.join("|")))
}

/// Its script asks for files wherever nothing is known of a value.
fn zsh() -> String {
    let generated = generated(Shell::Zsh);
    let lines = generated.lines().map(|line| {
        let is_session = line.starts_with("':id -- The session") || line.starts_with("'--explain=");
        let asks = if is_session {
            "_recount_sessions"
        } else if line.starts_with("'--agent=") {
            "_recount_agents"
        } else {
            "_default"
        };
        line.replace(":_default'", &format!(":{asks}'"))
    });
    let mut lines: Vec<String> = lines.collect();
    // Behind the first line, which tells zsh what it is for.
    lines.insert(1, include_str!("completions/record.zsh").to_owned());
    lines.join("\n") + "\n"
}

fn fish() -> String {
    let record = include_str!("completions/record.fish");
    format!(
        "{}{}",
        generated(Shell::Fish),
        record.replace("@COMMANDS@", &of_one_session().join(" "))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_asks_the_record_where_a_session_or_an_agent_is_wanted() {
        assert!(of_one_session().iter().any(|command| command == "show"));
        let zsh = zsh();
        assert_eq!(zsh.matches(":_recount_sessions'").count(), of_one_session().len() + 1);
        assert!(zsh.matches(":_recount_agents'").count() >= 7);
        assert!(zsh.starts_with("#compdef recount\n"));
        assert!(bash().contains("\"session show\"|") && fish().contains("show "));
    }
}
