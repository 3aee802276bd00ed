//! Which commit a line came with.

use std::collections::{BTreeSet, HashMap};

use super::{GitError, Repository, answer};
use crate::patch::path::name as name_of_file;

/// Variables of our own with what filters are set to.
const NOTHING: (&str, &str) = ("RECOUNT_NOTHING", "");
const NO: (&str, &str) = ("RECOUNT_NO", "false");

/// Some lines of a file, from 1 on, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRange {
    /// The first.
    pub first: u32,
    /// The last; none to the end.
    pub last: Option<u32>,
}

/// A file with the commit of each line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blamed {
    /// The lines in their order.
    pub lines: Vec<BlamedLine>,
}

/// A line, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlamedLine {
    /// Where it stands, from 1 on.
    pub number: u32,
    /// The commit that it came with; nothing where it was never committed.
    pub commit: Option<String>,
    /// Where it stood in that commit.
    pub line_then: u32,
    /// What the file was called in that commit.
    pub path_then: String,
    /// Its bytes without a line feed.
    pub text: Vec<u8>,
}

impl Repository {
    /// The commit of each line of a file: as `revision` has it, or as it lies in the work tree.
    ///
    /// # Errors
    /// The file is not there, or git failed.
    pub fn blame(
        &self,
        path: &str,
        revision: Option<&str>,
        range: Option<LineRange>,
    ) -> Result<Blamed, GitError> {
        let range = range.map(|LineRange { first, last }| {
            format!("-L{first},{}", last.map(|last| last.to_string()).unwrap_or_default())
        });
        // Git has the text of the work tree go through the filters of the repository.
        let without = if revision.is_none() { self.without_filters()? } else { Vec::new() };
        let mut command = self.command();
        command.args(without).envs([NOTHING, NO]);
        command.args(["blame", "--porcelain", "--no-textconv"]);
        command.args(range).args(revision).args(["--", path]);
        let output = answer(&mut command, "blame", &[]).map_err(|error| match error {
            GitError::Failed { said, .. }
                // Of a branch without a commit git knows no name.
                if said.contains("no such path")
                    || revision.is_none() && said.contains("no such ref") =>
            {
                GitError::NoFile {
                    path: path.to_owned(),
                    revision: revision.unwrap_or("HEAD").to_owned(),
                }
            }
            other => other,
        })?;
        read(&output, path)
    }

    /// Options by which no filter is run. A driver without commands changes nothing.
    fn without_filters(&self) -> Result<Vec<String>, GitError> {
        let listed = self.ask("config", &["config", "--list", "--name-only", "-z"], &[])?;
        let names =
            listed.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        let drivers = names.filter(|name| name.starts_with("filter."));
        let drivers: BTreeSet<&str> =
            drivers.filter_map(|name| Some(name.rsplit_once('.')?.0)).collect();
        let settings = drivers.into_iter().flat_map(|driver| {
            [("clean", NOTHING), ("process", NOTHING), ("required", NO)]
                .map(|(key, (variable, _))| format!("--config-env={driver}.{key}={variable}"))
        });
        Ok(settings.collect())
    }
}

fn read(output: &[u8], path: &str) -> Result<Blamed, GitError> {
    let unreadable = || GitError::Answer { action: "blame" };
    let mut blamed = Blamed::default();
    let mut paths: HashMap<String, String> = HashMap::new();
    let mut head: Option<(String, u32, u32)> = None;
    for line in output.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let Some((commit, then, now)) = &head else {
            head = Some(read_head(line).ok_or_else(unreadable)?);
            continue;
        };
        if let Some(text) = line.strip_prefix(b"\t") {
            let is_committed = commit.bytes().any(|byte| byte != b'0');
            blamed.lines.push(BlamedLine {
                number: *now,
                commit: is_committed.then(|| commit.clone()),
                line_then: *then,
                path_then: paths.get(commit).cloned().unwrap_or_else(|| path.to_owned()),
                text: text.to_vec(),
            });
            head = None;
        } else if let Some(name) = line.strip_prefix(b"filename ") {
            let name = name_of_file(name).ok_or_else(unreadable)?;
            paths.insert(commit.clone(), String::from_utf8_lossy(&name).into_owned());
        }
    }
    Ok(blamed)
}

/// `<commit> <line then> <line now>[ <lines>]`
fn read_head(line: &[u8]) -> Option<(String, u32, u32)> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split(' ');
    let commit = words.next().filter(|word| word.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((commit.to_owned(), words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_git_quotes_it() {
        let cases = [
            ("src/lib.rs", "src/lib.rs"),
            ("a b.rs", "a b.rs"),
            ("\"src/\\303\\251\\\"\\t.rs\"", "src/é\"\t.rs"),
        ];
        for (quoted, expected) in cases {
            let commit = "a".repeat(40);
            let output = format!("{commit} 3 1 1\nauthor x\nfilename {quoted}\n\ttext\n");
            let blamed = read(output.as_bytes(), "now").expect("git says it like this");
            assert_eq!(blamed.lines[0].path_then, expected, "{quoted}");
        }
    }
}
