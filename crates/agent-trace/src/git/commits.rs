//! What commits are, and what they change.

use super::{GitError, Repository};
use crate::patch::{self, FilePatch};

/// A commit, without what it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Its parents.
    pub parents: Vec<String>,
    /// When it was made, in seconds of Unix time.
    pub committed_at: i64,
    /// Who wrote it.
    pub author: String,
    /// When they wrote it, in seconds of Unix time.
    pub authored_at: i64,
    /// The first line of its message.
    pub subject: String,
}

/// What a commit changes, as git's own patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The commit.
    pub id: String,
    text: Vec<u8>,
}

impl Change {
    /// Of a commit that changes nothing.
    pub fn none(id: &str) -> Self {
        Self { id: id.to_owned(), text: Vec::new() }
    }

    /// File by file; none where the commit changes nothing.
    ///
    /// # Errors
    /// Git's patch is of no form that we know.
    pub fn files(&self) -> Result<Vec<FilePatch<'_>>, GitError> {
        if self.text.trim_ascii().is_empty() {
            return Ok(Vec::new());
        }
        Ok(patch::parse(&self.text)?)
    }
}

/// The fields of a commit, each ended by a zero byte.
const FORM: &str = "--format=%H%x00%P%x00%ct%x00%an%x00%at%x00%s%x00";

impl Repository {
    /// Some commits, in the order of their ids as they are given. Those that are not there are left out.
    ///
    /// # Errors
    /// Git failed.
    pub fn commits(&self, ids: &[String]) -> Result<Vec<Commit>, GitError> {
        let there = self.present(ids)?;
        if there.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = ["log", "--no-walk=unsorted", "--stdin", "--no-show-signature", FORM];
        let output = self.ask("log", &arguments, list(&there).as_bytes())?;
        read(&output)
    }

    /// The commits that lead to one, the newest first; at most so many.
    ///
    /// # Errors
    /// Git failed.
    pub fn history(&self, id: &str, most: usize) -> Result<Vec<Commit>, GitError> {
        let most = format!("--max-count={most}");
        let arguments = ["log", &most, "--no-show-signature", FORM, "--end-of-options", id, "--"];
        let history = self.ask("log", &arguments, &[]);
        read(&history.map_err(|_| GitError::NoCommit(id.to_owned()))?)
    }

    /// What commits change, against their first parent, and for merges what no parent has.
    ///
    /// # Errors
    /// Git failed.
    pub fn changes(&self, ids: &[String]) -> Result<Vec<Change>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = [
            "diff-tree",
            "--stdin",
            "--root",
            "-r",
            "-p",
            "--cc",
            "-M",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        ];
        let output = self.ask("diff-tree", &arguments, list(ids).as_bytes())?;
        Ok(parted(&output))
    }

    /// What is in the index and not in the last commit.
    ///
    /// # Errors
    /// Git failed.
    pub fn staged(&self) -> Result<Change, GitError> {
        let arguments = [
            "diff",
            "--cached",
            "-M",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        ];
        Ok(Change { id: String::new(), text: self.ask("diff", &arguments, &[])? })
    }

    /// Which of these commits no branch, tag or work tree leads to any more.
    ///
    /// # Errors
    /// Git failed.
    pub fn abandoned(&self, ids: &[String]) -> Result<Vec<String>, GitError> {
        let there = self.present(ids)?;
        if there.is_empty() {
            return Ok(Vec::new());
        }
        // Of branches, tags and the heads of all work trees.
        let input = list(&there) + "--not\n--all\n";
        let output = self.ask("rev-list", &["rev-list", "--stdin"], input.as_bytes())?;
        let output = String::from_utf8_lossy(&output);
        let lost: std::collections::HashSet<&str> = output.lines().collect();
        Ok(there.iter().filter(|id| lost.contains(id.as_str())).cloned().collect())
    }

    /// Which of these are commits here.
    fn present(&self, ids: &[String]) -> Result<Vec<String>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = ["cat-file", "--batch-check=%(objectname) %(objecttype)"];
        let output = self.ask("cat-file", &arguments, list(ids).as_bytes())?;
        let output = String::from_utf8_lossy(&output);
        let there = output.lines().filter_map(|line| line.strip_suffix(" commit"));
        Ok(there.map(str::to_owned).collect())
    }
}

fn list(ids: &[String]) -> String {
    ids.iter().flat_map(|id| [id.as_str(), "\n"]).collect()
}

fn read(output: &[u8]) -> Result<Vec<Commit>, GitError> {
    let unreadable = || GitError::Answer { action: "log" };
    let fields: Vec<String> = output
        .split(|byte| *byte == 0)
        .map(|field| String::from_utf8_lossy(field.trim_ascii_start()).into_owned())
        .collect();
    let commits = fields.chunks_exact(6).map(|fields| {
        Ok(Commit {
            id: fields[0].clone(),
            parents: fields[1].split_ascii_whitespace().map(str::to_owned).collect(),
            committed_at: fields[2].parse().map_err(|_| unreadable())?,
            author: fields[3].clone(),
            authored_at: fields[4].parse().map_err(|_| unreadable())?,
            subject: fields[5].clone(),
        })
    });
    commits.collect()
}

/// The patches of commits, each behind a line with its id. No line of a patch is an id: each bears a mark, or
/// a word of a head.
fn parted(output: &[u8]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for line in output.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let is_id = matches!(text.len(), 40 | 64) && text.iter().all(u8::is_ascii_hexdigit);
        match changes.last_mut() {
            _ if is_id => {
                let id = String::from_utf8_lossy(text).into_owned();
                changes.push(Change { id, text: Vec::new() });
            }
            Some(change) => change.text.extend_from_slice(line),
            None => {}
        }
    }
    changes
}
