//! The text of a hook of git: our lines go in or out, and every other byte stays.
//!
//! They stand right behind the line that names the shell, as what comes later may be hidden by an
//! `exit` or an `exec`. They end with code 0 whatever happens, also under `set -eu`, and use nothing
//! but what is built into a shell, as in a sandbox nobody knows what `PATH` leads to. It touches no file.

use std::ops::Range;

use thiserror::Error;

use crate::command::setup::{hooks::line::quoted, registration};

/// A hook that tells us something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// A commit was made.
    PostCommit,
    /// Commits were replaced by others.
    PostRewrite,
    /// A commit is going to be made with a message that can still be changed.
    CommitMsg,
}

impl Hook {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::PostCommit, Self::PostRewrite, Self::CommitMsg];

    /// What git calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PostCommit => "post-commit",
            Self::PostRewrite => "post-rewrite",
            Self::CommitMsg => "commit-msg",
        }
    }
}

/// How our lines stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In somebody's script.
    Lines,
    /// In a file that we have made.
    File,
    /// In a file that we have made in the place of another, which it calls.
    Before,
}

impl Form {
    const ALL: [Self; 3] = [Self::Lines, Self::File, Self::Before];

    /// What our second line says, by which the form is known again.
    fn note(self, hook: Hook) -> String {
        let done = match self {
            Self::Lines => "takes these lines away".to_owned(),
            Self::File => "takes this file away".to_owned(),
            Self::Before => format!("puts `{}{BEFORE}` back in its place", hook.name()),
        };
        format!("# Put here by `recount setup git`, which with `--remove` {done}.")
    }
}

/// What is put behind the name of a hook that is no script.
pub const BEFORE: &str = ".before-recount";

/// The first line of a file that we make.
pub const SHEBANG: &str = "#!/bin/sh\n";

const BEGIN: &str = "# >>> lines of recount >>>";
const END: &str = "# <<< lines of recount <<<";

/// What is called.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// The absolute path of this program.
    pub program: &'c str,
    /// The database, if one is named.
    pub database: Option<&'c str>,
    /// Whether husky calls the hook, which takes every file for a script.
    pub is_by_husky: bool,
}

impl Call<'_> {
    /// Our lines, without the end of the last one.
    pub fn block(&self, hook: Hook, form: Form) -> String {
        let program = quoted(self.program);
        let mut call = format!("{program} hooks {}", hook.name());
        if let Some(database) = self.database {
            call.push_str(" --database ");
            call.push_str(&quoted(database));
        }
        let call = match hook {
            Hook::PostCommit => plain(&program, &call),
            Hook::CommitMsg => plain(&program, &format!("{call} \"$@\"")),
            Hook::PostRewrite => handing_on(&program, &format!("{call} \"$@\"")),
        };
        let note = form.note(hook);
        let before = if form == Form::Before { self.before() } else { "" };
        format!("{BEGIN}\n{note}\n{call}{before}{END}")
    }

    /// The lines that go on with what was there before.
    fn before(&self) -> &'static str {
        if self.is_by_husky {
            "if [ -f \"$0.before-recount\" ]; then
  exec /bin/sh -e \"$0.before-recount\" \"$@\"
fi
"
        } else {
            "if [ -x \"$0.before-recount\" ]; then
  exec \"$0.before-recount\" \"$@\"
fi
"
        }
    }
}

fn plain(program: &str, call: &str) -> String {
    format!("if [ -x {program} ]; then\n  {call} </dev/null >/dev/null || :\nfi\n")
}

/// Standard input is read once and told twice: to us, and to whatever follows. Where a shell can make
/// no document of it, as it needs a temporary file, it is left to what follows.
fn handing_on(program: &str, call: &str) -> String {
    format!(
        "\
if [ -x {program} ] && true <<RECOUNT
a document
RECOUNT
then
  recount_line= recount_lines=
  while IFS= read -r recount_line || [ -n \"$recount_line\" ]; do
    recount_lines=\"$recount_lines$recount_line
\"
  done
  if [ -n \"$recount_lines\" ]; then
    {call} <<RECOUNT >/dev/null || :
${{recount_lines%?}}
RECOUNT
    exec <<RECOUNT
${{recount_lines%?}}
RECOUNT
  else
    exec </dev/null
  fi
fi
"
    )
}

/// Our lines in a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// How they stand there.
    pub form: Form,
    /// Where, without the end of the last line.
    range: Range<usize>,
}

/// The marks of our lines are not as they were written.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("has to hold the line `{BEGIN}` once and behind it the line `{END}`, or neither")]
pub struct Torn;

/// Where our lines are.
///
/// # Errors
/// Only some of them are there, or more than once.
pub fn find(text: &[u8], hook: Hook) -> Result<Option<Block>, Torn> {
    let (mut begins, mut ends, mut note) = (Vec::new(), Vec::new(), None);
    let mut start = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let words = line.trim_ascii_end();
        if words == BEGIN.as_bytes() {
            begins.push(start);
        } else if words == END.as_bytes() {
            ends.push(start + END.len());
        } else if begins.len() == 1 && note.is_none() {
            note = Some(words);
        }
        start += line.len();
    }
    let range = match (&begins[..], &ends[..]) {
        ([], []) => return Ok(None),
        (&[begin], &[end]) if begin < end => begin..end,
        _ => return Err(Torn),
    };
    let is_noted = |form: &Form| note == Some(form.note(hook).as_bytes());
    // Who has changed the note has made the file theirs.
    let form = Form::ALL.into_iter().find(is_noted).unwrap_or(Form::Lines);
    Ok(Some(Block { form, range }))
}

/// Whether our lines are in it, whole.
pub fn is_in(text: &[u8]) -> bool {
    // Of which hook only tells how they stand there.
    find(text, Hook::PostCommit).is_ok_and(|block| block.is_some())
}

/// The program that is called, where our lines are as they were written.
pub fn program(text: &[u8], hook: Hook) -> Option<String> {
    let block = find(text, hook).ok()??;
    let text = str::from_utf8(&text[block.range]).ok()?;
    let rest = text.split("\nif [ -x ").nth(1)?;
    let word = rest.split(" ]").next()?;
    registration::words(word, &[])?.pop()
}

/// Whether it is a script for a shell that knows what our lines say. What names no program git itself
/// has a shell read (2.47).
pub fn is_for_shell(text: &[u8]) -> bool {
    const SHELLS: [&[u8]; 7] = [b"sh", b"bash", b"dash", b"ash", b"zsh", b"ksh", b"mksh"];
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let Some(line) = line.strip_prefix(b"#!") else {
        return str::from_utf8(text).is_ok_and(is_plain);
    };
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(name);
    let mut program = words.next();
    if program == Some(b"env") {
        program = words.find(|word| !word.starts_with(b"-") && !word.contains(&b'='));
    }
    program.is_some_and(|program| SHELLS.contains(&program))
}

fn is_plain(text: &str) -> bool {
    !text.contains('\0')
}

/// The last part of a path.
fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

/// The script with our lines in it, as its first ones.
pub fn insert(text: &[u8], block: &str) -> Vec<u8> {
    if !text.starts_with(b"#!") {
        return [block.as_bytes(), b"\n", text].concat();
    }
    match text.iter().position(|&byte| byte == b'\n') {
        Some(end) => [&text[..=end], block.as_bytes(), b"\n", &text[end + 1..]].concat(),
        // A last line without an end tells that the one before it had none.
        None => [text, b"\n", block.as_bytes()].concat(),
    }
}

impl Block {
    /// The text with other lines in their place.
    pub fn replaced(&self, text: &[u8], block: &str) -> Vec<u8> {
        [&text[..self.range.start], block.as_bytes(), &text[self.range.end..]].concat()
    }

    /// The text without them.
    pub fn removed(&self, text: &[u8]) -> Vec<u8> {
        let (before, behind) = (&text[..self.range.start], &text[self.range.end..]);
        match behind.iter().position(|&byte| byte == b'\n') {
            Some(end) => [before, &behind[end + 1..]].concat(),
            None => before.strip_suffix(b"\n").unwrap_or(before).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests;
