//! The command line: what clap makes of it, and how the ways in which it can be wrong end.

use std::{ffi::OsString, path::PathBuf};

use clap::{
    CommandFactory, Parser, Subcommand,
    error::{Error, ErrorKind},
};

use crate::{
    command::{Command, complete, hooks},
    exit::ExitCode,
    failure::Failure,
};

/// The commands whose commands are no verbs: what is missing where one stands alone, and its name.
const OF_NOUNS: [(&str, &str, &str); 2] =
    [("setup", "what to set up is missing", "WHAT"), ("import", "an agent is missing", "AGENT")];

/// The command that agents call.
const HOOKS: &str = "hooks";

/// The command that scripts of shells call: in no help and in no script of its own.
const COMPLETE: &str = "complete";

/// A flight recorder for coding agents: keeps what they say and do, and tells it back.
#[derive(Debug, Parser)]
#[command(name = "recount", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Arguments {
    /// The database file [default: the setting `database`; see `recount db path`]
    #[arg(long, global = true, value_name = "PATH")]
    pub database: Option<PathBuf>,

    /// Print long texts without a pager
    #[arg(long, global = true)]
    pub no_pager: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The same with one command. Agents call it for every event, and to build the whole tree of
/// commands takes 65 µs instead of 37.
#[derive(Debug, Parser)]
#[command(name = "recount", max_term_width = 100, disable_help_subcommand = true)]
struct HookArguments {
    /// The database file [default: the setting `database`; see `recount db path`]
    #[arg(long, global = true, value_name = "PATH")]
    database: Option<PathBuf>,

    #[command(subcommand)]
    command: HookCommand,
}

#[derive(Debug, Subcommand)]
enum HookCommand {
    /// Take in what agents' plugins hand over
    #[command(subcommand)]
    Hooks(hooks::Command),
}

/// The same with what a shell asks while a person types.
#[derive(Debug, Parser)]
#[command(name = "recount", disable_help_subcommand = true)]
struct CompleteArguments {
    #[arg(long, global = true, value_name = "PATH")]
    database: Option<PathBuf>,

    #[command(subcommand)]
    command: CompleteCommand,
}

#[derive(Debug, Subcommand)]
enum CompleteCommand {
    /// Say what of the record begins so
    Complete(complete::Arguments),
}

impl From<CompleteArguments> for Arguments {
    fn from(CompleteArguments { database, command }: CompleteArguments) -> Self {
        let CompleteCommand::Complete(asked) = command;
        Self { database, no_pager: true, command: Command::Complete(asked) }
    }
}

impl From<HookArguments> for Arguments {
    fn from(HookArguments { database, command }: HookArguments) -> Self {
        let HookCommand::Hooks(command) = command;
        Self { database, no_pager: true, command: Command::Hooks(command) }
    }
}

impl Arguments {
    /// Behind the first word that they do not know, git's hooks take an option for one more (clap 4.6).
    fn with_database_of_git(self, arguments: &[OsString]) -> Self {
        let is_of_git = matches!(&self.command, Command::Hooks(hook) if hook.is_of_git());
        let named = || named_database(arguments).filter(|_| is_of_git);
        Self { database: self.database.or_else(named), ..self }
    }
}

const AFTER_HELP: &str = "\
Exit codes:
   0  done
   1  not found, or a check failed
  64  wrong usage
  65  a piece of the input could not be read, and is kept
  74  reading or writing failed
  75  the database was not free in time
  78  wrong settings, or a database of a newer recount

Settings: `recount config show`. Variables: RECOUNT_DATABASE, RECOUNT_LOG, RECOUNT_PAGER
or PAGER, NO_COLOR.";

/// What a command line turned out to be.
#[derive(Debug)]
pub enum Parsed {
    /// A command.
    Command(Box<Arguments>),
    /// A question that the text answers: help or version.
    Answer(String),
    /// None of ours.
    Wrong(Failure),
    /// None of ours, but meant for a hook: what is handed over still has to be kept.
    WrongHook(WrongHook),
}

/// What can be made out of a command line that is meant for a hook.
#[derive(Debug)]
pub struct WrongHook {
    /// What is wrong.
    pub failure: Failure,
    /// The database that it names.
    pub database: Option<PathBuf>,
    /// The hook that it names, which this version may not know.
    pub kind: Option<String>,
}

impl WrongHook {
    /// Gives the failure back where the arguments are not meant for a hook.
    fn make_out(arguments: &[OsString], failure: Failure) -> Result<Self, Failure> {
        let Some(hooks) = position_of_command(arguments).filter(|&at| arguments[at] == HOOKS)
        else {
            return Err(failure);
        };
        let kind =
            arguments.get(hooks + 1).and_then(|kind| kind.to_str()).filter(|kind| is_word(kind));
        let database = named_database(arguments);
        Ok(Self { failure, database, kind: kind.map(str::to_owned) })
    }
}

/// The database that is named, whatever stands before it.
fn named_database(arguments: &[OsString]) -> Option<PathBuf> {
    let mut pairs = arguments.iter().zip(arguments.iter().skip(1));
    let separate = pairs.find_map(|(name, value)| (name == "--database").then(|| value.into()));
    let joined = || {
        let value =
            |argument: &OsString| Some(argument.to_str()?.strip_prefix("--database=")?.into());
        arguments.iter().find_map(value)
    };
    separate.or_else(joined)
}

/// Where the first argument is that names one of our commands, whatever options stand before it.
fn position_of_command(arguments: &[OsString]) -> Option<usize> {
    let tree = Arguments::command();
    let named =
        |argument: &OsString| tree.get_subcommands().any(|known| known.get_name() == argument);
    (1..arguments.len()).find(|&at| arguments[at - 1] != "--database" && named(&arguments[at]))
}

/// Whether git calls: it must be let go, whatever happens.
pub fn are_of_git(arguments: &[OsString]) -> bool {
    let hook = position_of_command(arguments).filter(|&at| arguments[at] == HOOKS);
    let hook = hook.and_then(|at| arguments.get(at + 1));
    hook.is_some_and(|hook| hooks::OF_GIT.iter().any(|name| hook == name))
}

/// Whether a text can be the name of a hook.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Reads the arguments of the process, of which the first is its name.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Parsed {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = match arguments.get(1) {
        Some(first) if first == HOOKS => {
            HookArguments::try_parse_from(&arguments).map(Arguments::from)
        }
        Some(first) if first == COMPLETE => {
            CompleteArguments::try_parse_from(&arguments).map(Arguments::from)
        }
        Some(_) | None => Arguments::try_parse_from(&arguments),
    };
    match parsed {
        Ok(parsed) => Parsed::Command(Box::new(parsed.with_database_of_git(&arguments))),
        Err(error) if is_of_git_and_wrong(&arguments, &error) => Parsed::Wrong(usage(&error)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Parsed::Answer(error.render().to_string())
            }
            _ => WrongHook::make_out(&arguments, usage(&error))
                .map_or_else(Parsed::Wrong, Parsed::WrongHook),
        },
    }
}

/// Nobody hands over anything there that would have to be kept.
fn is_of_git_and_wrong(arguments: &[OsString], error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
        && are_of_git(arguments)
}

/// Clap's words in our form: its first paragraph says what is wrong, its tips what to do.
fn usage(error: &Error) -> Failure {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let help = error.render().to_string();
        let tree = Arguments::command();
        for (command, missing, name) in OF_NOUNS {
            if help.contains(&format!("Usage: recount {command} ")) {
                let nouns = tree.find_subcommand(command).into_iter();
                let nouns = nouns.flat_map(clap::Command::get_subcommands);
                let nouns: Vec<_> = nouns.map(clap::Command::get_name).collect();
                let nouns = nouns.join(", ");
                return Failure::new(ExitCode::Usage, missing)
                    .hint(format!("`recount {command} {name}`, where {name} is one of: {nouns}"));
            }
        }
        return Failure::new(ExitCode::Usage, "a command is missing")
            .hint("`recount --help` lists them, `recount COMMAND --help` what each can do");
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let tips: Vec<_> = rest.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).collect();
    let hint = if tips.is_empty() { rest.trim().to_owned() } else { tips.join("; ") };
    Failure::new(ExitCode::Usage, message.trim_end()).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &[&str]) -> Parsed {
        parse(["recount"].iter().chain(words).map(OsString::from))
    }

    #[test]
    fn the_command_tree_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_question_about_the_record_is_a_command() {
        let questions = report::QUESTIONS.iter().map(|(_, question)| question);
        let overall = report::overall::OVERALL_QUESTIONS.iter().map(|(_, question)| question);
        for question in questions.chain(overall) {
            let mut tree = Arguments::command();
            for word in question.command.split(' ') {
                let found = tree.find_subcommand(word).cloned();
                tree = found.unwrap_or_else(|| panic!("`{}` is no command", question.command));
            }
            let about = tree.get_about().map(ToString::to_string);
            assert_eq!(about.as_deref(), Some(question.about.trim()), "{}", question.command);
        }
    }

    #[test]
    fn a_wrong_line_says_what_is_wrong_and_what_to_do() {
        let cases: [(&[&str], &str, &str); 6] = [
            (&[], "a command is missing", "hint: `recount --help` lists them"),
            (
                &["setup"],
                "what to set up is missing",
                "WHAT is one of: claude, codex, gemini, git, opencode",
            ),
            (&["config"], "a command is missing", "hint: `recount --help` lists them"),
            (&["config", "shwo"], "subcommand 'shwo'", "hint: a similar subcommand exists: 'show'"),
            (&["db", "path", "--colour"], "argument '--colour'", "hint: Usage: recount db path"),
            (
                &["config", "show", "--format", "xml"],
                "invalid value 'xml'",
                "[possible values: text, json]",
            ),
        ];
        for (words, message, hint) in cases {
            let Parsed::Wrong(failure) = parse_words(words) else { panic!("{words:?}") };
            assert_eq!(failure.exit(), ExitCode::Usage, "{words:?}");
            let mut printed = Vec::new();
            failure.print(&mut printed);
            let printed = String::from_utf8(printed).expect("text");
            assert!(printed.contains(message) && printed.contains(hint), "{words:?}: {printed}");
        }
    }

    #[test]
    fn what_is_meant_for_a_hook_is_told_from_the_rest() {
        type Case = (&'static [&'static str], Option<(Option<&'static str>, Option<&'static str>)>);
        let trace = Some("conversation-trace");
        let cases: [Case; 10] = [
            (&["hooks"], Some((None, None))),
            (&["hooks", "conversation-trace", "--new", "x"], Some((trace, None))),
            (&["hooks", "new-hook", "--database", "d"], Some((Some("new-hook"), Some("d")))),
            (&["hooks", "new-hook", "--database=d"], Some((Some("new-hook"), Some("d")))),
            (&["hooks", "../new-hook"], Some((None, None))),
            (&["--database", "d", "hooks", "new-hook"], Some((Some("new-hook"), Some("d")))),
            (&["--new", "x", "hooks", "conversation-trace"], Some((trace, None))),
            (&["db", "hooks"], None),
            (&["--database", "hooks", "db", "pth"], None),
            (&["hook"], None),
        ];
        for (words, expected) in cases {
            let found = match parse_words(words) {
                Parsed::WrongHook(WrongHook { database, kind, .. }) => Some((kind, database)),
                Parsed::Wrong(_) => None,
                Parsed::Command(_) | Parsed::Answer(_) => panic!("{words:?} is right"),
            };
            let expected = expected
                .map(|(kind, database)| (kind.map(str::to_owned), database.map(PathBuf::from)));
            assert_eq!(found, expected, "{words:?}");
        }
    }

    #[test]
    fn whatever_git_calls_a_hook_with_is_taken_and_what_is_wrong_is_known_to_be_gits() {
        let right: [&[&str]; 8] = [
            &["hooks", "post-commit"],
            &["hooks", "post-commit", "new", "--colour", "-x", "--"],
            &["hooks", "post-rewrite"],
            &["hooks", "post-rewrite", "amend", "more", "--of=it"],
            &["hooks", "post-rewrite", "--new", "--database", "d"],
            &["hooks", "post-rewrite", "amend", "--database=d"],
            &["hooks", "post-commit", "--database", "d", "new"],
            &["--database", "d", "hooks", "post-rewrite", "rebase"],
        ];
        for words in right {
            let Parsed::Command(arguments) = parse_words(words) else { panic!("{words:?}") };
            let is_named = words.iter().any(|word| word.starts_with("--database"));
            let expected = is_named.then(|| PathBuf::from("d"));
            assert_eq!(arguments.database, expected, "{words:?}");
        }
        let wrong: [&[&str]; 3] = [
            &["hooks", "post-commit", "--database"],
            &["hooks", "post-rewrite", "--database", "d", "--database", "e"],
            &["--new", "hooks", "post-commit"],
        ];
        for words in wrong {
            assert!(matches!(parse_words(words), Parsed::Wrong(_)), "{words:?}");
        }
        let are_of_git = |words: &[&str]| {
            let words: Vec<_> = ["recount"].iter().chain(words).map(OsString::from).collect();
            are_of_git(&words)
        };
        assert!(right.iter().chain(&wrong).all(|words| are_of_git(words)));
        assert!(!are_of_git(&["hooks", "conversation-trace", "post-commit"]));
        assert!(!are_of_git(&["db", "hooks", "post-commit"]) && !are_of_git(&["hooks"]));
    }

    #[test]
    fn both_trees_read_a_hook_alike() {
        let options = ["--agent", "opencode", "--receipt", "json"];
        for before in
            [&["hooks", "conversation-trace"][..], &["--database=d", "hooks", "conversation-trace"]]
        {
            let words: Vec<_> = before.iter().chain(&options).copied().collect();
            let Parsed::Command(arguments) = parse_words(&words) else { panic!("{words:?}") };
            assert!(matches!(arguments.command, Command::Hooks(_)), "{words:?}");
        }
        let tree = Arguments::command();
        let about = tree.find_subcommand(HOOKS).and_then(clap::Command::get_about);
        let small = HookArguments::command();
        let small_about = small.find_subcommand(HOOKS).and_then(clap::Command::get_about);
        assert_eq!(about.map(ToString::to_string), small_about.map(ToString::to_string));
    }

    #[test]
    fn help_and_version_are_answers() {
        for words in [&["--version"][..], &["-h"], &["help"], &["config", "--help"]] {
            assert!(matches!(parse_words(words), Parsed::Answer(_)), "{words:?}");
        }
    }

    #[test]
    fn the_database_may_be_named_anywhere() {
        for words in [&["--database", "x", "db", "path"], &["db", "path", "--database", "x"]] {
            let Parsed::Command(arguments) = parse_words(words) else { panic!("{words:?}") };
            assert_eq!(arguments.database, Some(PathBuf::from("x")), "{words:?}");
        }
    }
}
