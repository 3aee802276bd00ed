//! Records as git notes, under a name of their own.

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
}
