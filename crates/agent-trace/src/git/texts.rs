//! Files as commits have them.

use std::io::{BufRead, Read};

use super::{GitError, Repository};

impl Repository {
    /// The text of each file of a revision; nothing where there is none.
    ///
    /// # Errors
    /// Git failed.
    pub fn texts(&self, files: &[(String, String)]) -> Result<Vec<Option<Vec<u8>>>, GitError> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        // A name with a line feed cannot be asked for.
        let asked: Vec<bool> = files.iter().map(|(_, path)| !path.contains('\n')).collect();
        let input: String = files
            .iter()
            .filter(|(_, path)| !path.contains('\n'))
            .flat_map(|(revision, path)| [revision, ":", path, "\n"])
            .collect();
        let output = self.batch(&input)?;
        let mut output = output.as_slice();
        asked
            .into_iter()
            .map(|is_asked| if is_asked { next(&mut output) } else { Ok(None) })
            .collect()
    }

    /// The text of each object; nothing where there is none.
    pub(super) fn objects(&self, ids: &[String]) -> Result<Vec<Option<Vec<u8>>>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let input: String = ids.iter().flat_map(|id| [id, "\n"]).collect();
        let output = self.batch(&input)?;
        let mut output = output.as_slice();
        ids.iter().map(|_| next(&mut output)).collect()
    }

    fn batch(&self, input: &str) -> Result<Vec<u8>, GitError> {
        self.ask("cat-file", &["cat-file", "--batch"], input.as_bytes())
    }
}

/// Reads `<id> <type> <size>`, the text and a line feed; or a line that says what is missing.
fn next(output: &mut &[u8]) -> Result<Option<Vec<u8>>, GitError> {
    let unreadable = || GitError::Answer { action: "cat-file" };
    let mut head = Vec::new();
    output.read_until(b'\n', &mut head).map_err(|_| unreadable())?;
    let head = String::from_utf8_lossy(&head);
    let mut words = head.trim_end().rsplit(' ');
    let Some(Ok(size)) = words.next().map(str::parse::<usize>) else { return Ok(None) };
    let kind = words.next().ok_or_else(unreadable)?;
    let mut text = vec![0; size.min(output.len())];
    output.read_exact(&mut text).map_err(|_| unreadable())?;
    let mut line_feed = [0];
    output.read_exact(&mut line_feed).map_err(|_| unreadable())?;
    Ok((kind == "blob").then_some(text))
}
