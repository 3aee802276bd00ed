//! Which files a tool call changed, as its metadata tells.

use domain::{CallId, FileChange};

use super::Rows;
use super::tool::ToolMetadata;
use crate::change::FileDiff;
use crate::wire::Seen;

impl ToolMetadata {
    /// The files that the call changed. Only the metadata tells of a change: a tool that reads is
    /// given a path too.
    pub fn changes(self, file_path: Option<String>) -> Vec<FileDiff> {
        let seen = |path: Option<Seen<String>>| path.and_then(|Seen(path)| path);
        let path = seen(self.filepath).or(file_path);
        let whole_diff = self.diff.filter(|diff| !diff.is_empty());
        let mut changes = self.files.unwrap_or_default().0;
        if changes.is_empty() {
            changes = self.filediff.unwrap_or_default().0;
        }
        if let [change] = changes.as_mut_slice() {
            change.diff = change.diff.take().or(whole_diff);
        } else if changes.is_empty() {
            // `write` of `OpenCode` 1.18 says whether the file was there, and gives no diff.
            let existed = self.exists.and_then(|Seen(existed)| existed);
            let written =
                if existed == Some(true) { FileChange::Edited } else { FileChange::Created };
            let change = existed.map(|_| written);
            if change.is_some() || whole_diff.is_some() {
                changes.push(FileDiff { path, change, diff: whole_diff });
            }
        }
        changes
    }
}

impl Rows {
    pub fn changes(&mut self, call_id: CallId, changes: Vec<FileDiff>) {
        let teller = self.teller(Some(call_id));
        for change in changes {
            if let Some(path) = &change.path {
                self.beside.push(teller.operation(path, change.change).into());
            }
            if change.diff.is_some() {
                self.beside.push(teller.edit(change).into());
            }
        }
    }
}
