//! What is written into a repository: records as git notes, under a name of their own, and lines at the end of
//! a message that is being written.

use std::path::Path;

use super::{GitError, Repository};

/// Where notes of Agent Trace lie.
pub const NOTES: &str = "refs/notes/agent-trace";

impl Repository {
    /// Every note: the commit and the text.
    ///
    /// # Errors
    /// Git failed.
    pub fn notes(&self) -> Result<Vec<(String, Vec<u8>)>, GitError> {
        let listed = self.ask("notes", &["notes", "--ref", NOTES, "list"], &[])?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let pairs: Vec<(&str, &str)> =
            listed.lines().filter_map(|line| line.split_once(' ')).collect();
        let wanted: Vec<String> = pairs.iter().map(|(note, _)| (*note).to_owned()).collect();
        let texts = self.objects(&wanted)?;
        let notes = pairs.into_iter().zip(texts);
        Ok(notes.filter_map(|((_, commit), text)| Some((commit.to_owned(), text?))).collect())
    }

    /// Writes the note of a commit, in the place of an older one.
    ///
    /// # Errors
    /// Git failed.
    pub fn write_note(&self, commit: &str, text: &[u8]) -> Result<(), GitError> {
        let arguments = ["notes", "--ref", NOTES, "add", "--force", "--file=-", "--", commit];
        self.ask("notes", &arguments, text).map(drop)
    }

    /// Whether a message that a person is writing says anything: git gives up a commit without one.
    ///
    /// # Errors
    /// Git failed.
    pub fn says_anything(&self, message: &[u8]) -> Result<bool, GitError> {
        // What stands behind it is no part of the message.
        let line = "------------------------ >8 ------------------------";
        let own: Vec<&[u8]> = message
            .split_inclusive(|byte| *byte == b'\n')
            .take_while(|text| !String::from_utf8_lossy(text).contains(line))
            .collect();
        let own = own.concat();
        if own.is_empty() {
            return Ok(false);
        }
        let said = self.ask("stripspace", &["stripspace", "--strip-comments"], &own)?;
        Ok(!said.trim_ascii().is_empty())
    }

    /// Adds lines such as `Name: value` to the end of a message, each unless it is there.
    ///
    /// # Errors
    /// Git failed, and the message is as it was.
    pub fn add_trailers(&self, message: &Path, trailers: &[String]) -> Result<(), GitError> {
        let mut arguments = vec!["interpret-trailers", "--in-place", "--if-exists=addIfDifferent"];
        for trailer in trailers {
            arguments.extend(["--trailer", trailer]);
        }
        let path = message.to_string_lossy();
        arguments.extend(["--", &path]);
        self.ask("interpret-trailers", &arguments, &[]).map(drop)
    }
}
