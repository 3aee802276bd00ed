//! What a set-up changes: planned as a whole, shown or carried out file by file, and told.

use std::path::Path;

use super::file::Found;
use crate::{
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, Output, escape},
};

/// One file as it is and as it is to be.
#[derive(Debug)]
pub struct Change {
    /// As it is.
    pub found: Found,
    /// As it is to be; `None` where it is not to be.
    pub wanted: Option<Vec<u8>>,
    /// The mode of a new file.
    pub new_mode: u32,
    /// How many folders above it are ours alone, to be taken away when they are empty.
    pub own_folders: usize,
    /// What a person wants to see of it beforehand.
    pub preview: Preview,
}

/// What a person wants to see of a change beforehand.
#[derive(Debug)]
pub enum Preview {
    /// The lines that change.
    Lines,
    /// Those lines of the new text that begin so.
    LinesThatBegin(&'static str),
    /// Nothing: the file is for us alone.
    Nothing,
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Created,
    Updated,
    Removed,
    Unchanged,
}

impl Change {
    fn effect(&self) -> Effect {
        match (&self.found.content, &self.wanted) {
            (None, Some(_)) => Effect::Created,
            (Some(_), None) => Effect::Removed,
            (Some(is), Some(wanted)) if is != wanted => Effect::Updated,
            (None, None) | (Some(_), Some(_)) => Effect::Unchanged,
        }
    }

    /// Whether the file is as it is to be.
    pub fn is_done(&self) -> bool {
        self.effect() == Effect::Unchanged
    }

    /// A person who has made a file read-only has said that it is to stay as it is.
    ///
    /// # Errors
    /// It is the person's, read-only for its owner, and not as it is to be.
    pub fn refuse_read_only(&self) -> Result<(), Failure> {
        let is_of_person = !matches!(self.preview, Preview::Nothing);
        if self.is_done() || !is_of_person || !self.found.is_read_only() {
            return Ok(());
        }
        let message = format!(
            "`{}` would have to be changed, and is read-only for its owner",
            self.found.path.display()
        );
        Err(Failure::new(ExitCode::Io, message)
            .hint("let it be written (`chmod u+w`) and run the command again; nothing was changed"))
    }

    /// Says what would happen.
    pub fn show(&self, output: &mut Output) {
        let word = match self.effect() {
            Effect::Created => "would create",
            Effect::Updated => "would update",
            Effect::Removed => "would remove",
            Effect::Unchanged => "unchanged",
        };
        say(output, word, &self.found.path);
        if !self.is_done() {
            for line in self.preview() {
                writeln!(output, "  {}", escape(&line, Keep::Nothing));
            }
        }
    }

    /// Makes it happen and says so.
    ///
    /// # Errors
    /// It cannot be written or removed.
    pub fn carry_out(&self, output: &mut Output) -> Result<(), Failure> {
        let word = match (self.effect(), &self.wanted) {
            (Effect::Created, Some(wanted)) => {
                self.found.write(wanted, self.new_mode)?;
                "created"
            }
            (Effect::Updated, Some(wanted)) => {
                self.found.write(wanted, self.new_mode)?;
                "updated"
            }
            (Effect::Removed, _) => {
                self.found.remove(self.own_folders)?;
                "removed"
            }
            (Effect::Created | Effect::Updated | Effect::Unchanged, _) => "unchanged",
        };
        say(output, word, &self.found.path);
        Ok(())
    }

    fn preview(&self) -> Vec<String> {
        let text = |bytes: &Option<Vec<u8>>| {
            String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned()
        };
        let wanted = text(&self.wanted);
        match self.preview {
            Preview::Lines => changed_lines(&text(&self.found.content), &wanted),
            Preview::LinesThatBegin(start) => {
                let lines = wanted.lines().filter(|line| line.starts_with(start));
                lines.map(|line| format!("+ {line}")).collect()
            }
            Preview::Nothing => Vec::new(),
        }
    }
}

fn say(output: &mut Output, word: &str, path: &Path) {
    writeln!(output, "{word} {}", escape(&path.to_string_lossy(), Keep::Nothing));
}

/// The lines that go and those that come, without what is alike before and behind them.
fn changed_lines(old: &str, new: &str) -> Vec<String> {
    let [mut old, mut new] = [old, new].map(|text| text.lines().collect::<Vec<_>>());
    let alike = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    old.drain(..alike);
    new.drain(..alike);
    let pairs = old.iter().rev().zip(new.iter().rev());
    let alike = pairs.take_while(|(old, new)| old == new).count();
    old.truncate(old.len() - alike);
    new.truncate(new.len() - alike);
    let old = old.iter().map(|line| format!("- {line}"));
    old.chain(new.iter().map(|line| format!("+ {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let cases: [(&str, &str, &[&str]); 5] = [
            ("a\nb\n", "a\nb\n", &[]),
            ("", "a\nb\n", &["+ a", "+ b"]),
            ("a\nb\nc\n", "a\nx\ny\nc\n", &["- b", "+ x", "+ y"]),
            ("a\na\n", "a\na\na\n", &["+ a"]),
            ("a\nb\n", "", &["- a", "- b"]),
        ];
        for (old, new, expected) in cases {
            assert_eq!(changed_lines(old, new), expected, "{old:?} {new:?}");
        }
    }
}
