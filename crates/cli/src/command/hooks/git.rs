//! `recount hooks post-commit` and `post-rewrite`: what git's own hooks tell is made durable, and nothing
//! else. Nothing is drained and no database is opened, because a person waits for a commit; and whatever
//! happens, git is let go with 0 (`main` sees to that).

use std::{borrow::Cow, ffi::OsString, io};

use clap::Args;
use domain::CommitId;
use serde::Serialize;
use store::Header;

use super::{
    super::Context,
    conversation_trace::store_for_hook,
    input::{self, End, Input},
    repository::Here,
    signals,
};
use crate::{exit::ExitCode, failure::Failure, terminal::counted};

/// What all items of our envelopes are.
const TYPE: &str = "commit.recorded";

/// How many items an envelope holds: one with all could be longer than what is taken in.
const ITEMS_PER_ENVELOPE: usize = 1_000;

/// What git calls it with.
#[derive(Debug, Args)]
pub struct PostCommit {
    /// What git does not hand over so far
    #[arg(hide = true, allow_hyphen_values = true)]
    more: Vec<OsString>,
}

/// What git calls it with.
#[derive(Debug, Args)]
pub struct PostRewrite {
    /// What rewrote the commits: `amend`, `rebase` or another word; the rest is for versions to come
    #[arg(value_name = "COMMAND", allow_hyphen_values = true)]
    words: Vec<OsString>,
}

impl PostRewrite {
    /// The first word, where it is no option of a version to come.
    fn command(&self) -> Option<Cow<'_, str>> {
        let command = self.words.first().map(|word| word.to_string_lossy());
        command.filter(|word| !word.trim().is_empty() && !word.starts_with('-'))
    }
}

/// One item, as `context/envelope.md` has it.
#[derive(Serialize)]
struct Recorded<'a> {
    repository: &'a str,
    commit_id: &'a str,
    generated_at_unix_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rewritten_from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rewritten_by: Option<&'a str>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'a str,
    payloads: Vec<Recorded<'a>>,
}

/// One commit that took the place of another.
struct Rewritten {
    old: CommitId,
    new: CommitId,
}

/// Keeps the commit that was made just now. Standard input is not read.
///
/// # Errors
/// It is not kept.
pub fn post_commit(context: &Context, arguments: &PostCommit) -> Result<ExitCode, Failure> {
    let PostCommit { more: _ } = arguments;
    let here = Here::find(&context.environment).map_err(|unknown| not_kept(&unknown))?;
    let head = here.head(&context.environment).map_err(|unknown| not_kept(&unknown))?;
    keep(context, |generated_at_unix_ms| {
        envelope(vec![recorded(&here, &head, generated_at_unix_ms)])
    })
}

/// Keeps which commits took the place of which, as standard input says.
///
/// # Errors
/// Some of it is not kept.
pub fn post_rewrite(context: &Context, arguments: &PostRewrite) -> Result<ExitCode, Failure> {
    let here = Here::find(&context.environment).map_err(|unknown| not_kept(&unknown))?;
    let timeout = context.loaded.settings.hooks.read_timeout;
    let Input { bytes, end } = input::read(&mut io::stdin().lock(), input::LIMIT_BYTES, timeout);
    let (rewritten, misfits) = rewritten(&bytes);
    let command = arguments.command();
    if !rewritten.is_empty() {
        keep(context, |generated_at_unix_ms| {
            let mut bytes = Vec::new();
            for chunk in rewritten.chunks(ITEMS_PER_ENVELOPE) {
                let items = chunk.iter().map(|Rewritten { old, new }| Recorded {
                    rewritten_from: Some(old.as_str()),
                    rewritten_by: command.as_deref(),
                    ..recorded(&here, new, generated_at_unix_ms)
                });
                bytes.extend(envelope(items.collect()));
            }
            bytes
        })?;
    }
    ending(end, misfits)
}

/// What was understood is kept; what remains to be said is what was not.
fn ending(end: End, misfits: usize) -> Result<ExitCode, Failure> {
    let failure = |message: &str| Failure::new(ExitCode::Io, message);
    match end {
        End::Closed if misfits == 0 => Ok(ExitCode::Ok),
        End::Closed => {
            let lines = counted(misfits as u64, "line");
            Err(failure(&format!("{lines} of standard input without two commit ids: not kept")))
        }
        End::TooSlow => Err(failure("standard input did not end in time; what came is kept")),
        End::TooLong => Err(failure("standard input is too long; its beginning is kept")),
        End::Failed(error) => {
            Err(failure("standard input cannot be read to its end").caused_by(&error))
        }
    }
}

/// The pairs of commits in lines of `OLD NEW[ MORE]` (githooks(5)), and how many lines are none.
fn rewritten(input: &[u8]) -> (Vec<Rewritten>, usize) {
    let lines = input.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let mut misfits = 0;
    let pairs = lines.filter_map(|line| {
        let pair = pair(line);
        misfits += usize::from(pair.is_none());
        pair
    });
    (pairs.collect(), misfits)
}

fn pair(line: &[u8]) -> Option<Rewritten> {
    let mut words = line.trim_ascii().split(u8::is_ascii_whitespace);
    let mut id = || CommitId::new(str::from_utf8(words.next()?).ok()?).ok();
    let (old, new) = (id()?, id()?);
    // Of a line that broke off 40 digits of 64 may be left.
    (old.as_str().len() == new.as_str().len()).then_some(Rewritten { old, new })
}

fn recorded<'a>(here: &'a Here, commit: &'a CommitId, generated_at_unix_ms: i64) -> Recorded<'a> {
    Recorded {
        repository: here.repository.as_str(),
        commit_id: commit.as_str(),
        generated_at_unix_ms,
        worktree: here.worktree.as_deref(),
        rewritten_from: None,
        rewritten_by: None,
    }
}

fn envelope(payloads: Vec<Recorded<'_>>) -> Vec<u8> {
    let envelope = Envelope { r#type: TYPE, payloads };
    let mut bytes = serde_json::to_vec(&envelope).expect("it has only text keys");
    bytes.push(b'\n');
    bytes
}

/// Makes durable what `bytes` makes of this moment. No agent speaks here: who made the commit is not known.
fn keep(context: &Context, bytes: impl FnOnce(i64) -> Vec<u8>) -> Result<ExitCode, Failure> {
    let store = store_for_hook(&context.environment, &context.loaded)?;
    let (received_at, sequence) = store::receipt_now();
    let bytes = bytes(received_at.get());
    let header = Header::new(None, received_at, sequence, bytes.len() as u64);
    store.spool().write(&header, &bytes).map_err(|error| not_kept(&error))?;
    signals::may_end();
    Ok(ExitCode::Ok)
}

fn not_kept(error: &dyn std::error::Error) -> Failure {
    Failure::new(ExitCode::Io, "the commit is not kept").caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_the_first_word() {
        let cases: [(&[&str], Option<&str>); 5] = [
            (&[], None),
            (&["rebase", "x"], Some("rebase")),
            (&["--new", "amend"], None),
            (&[" ", "amend"], None),
            (&["filter-branch"], Some("filter-branch")),
        ];
        for (words, expected) in cases {
            let arguments = PostRewrite { words: words.iter().map(OsString::from).collect() };
            assert_eq!(arguments.command().as_deref(), expected, "{words:?}");
        }
    }

    #[test]
    fn a_line_is_two_commits_of_one_kind_and_whatever_follows() {
        let (a, b, long) = ("a".repeat(40), "B".repeat(40), "c".repeat(64));
        let lines = [
            (format!("{a} {b}"), true),
            (format!("{a} {b} more of it"), true),
            (format!("{long} {long}\r"), true),
            (format!("{a} {}", &b[1..]), false),
            (format!("{a} {long}"), false),
            (a.clone(), false),
            (format!("HEAD {b}"), false),
        ];
        for (line, is_pair) in &lines {
            assert_eq!(pair(line.as_bytes()).is_some(), *is_pair, "{line}");
        }
        let input: Vec<u8> =
            lines.iter().flat_map(|(line, _)| [line.as_bytes(), b"\n\n"].concat()).collect();
        let (pairs, misfits) = rewritten(&[&input[..], b"\xff \xff"].concat());
        assert_eq!((pairs.len(), misfits), (3, 5));
        assert_eq!(pairs[0].new.as_str(), "b".repeat(40));
    }
}
