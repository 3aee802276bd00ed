//! Changes of files as agents tell of them: what a tool did, what a message or a session sums up.
//!
//! Nobody judges a diff here: it is kept as it came.

use std::mem;

use domain::{
    CallId, Earliest, Edit, EditId, EditScope, Field, FileChange, FileOperation, Json, MessageId,
    OperationId, SessionId, Stamp, UnixMs,
};
use schemars::{Schema, SchemaGenerator};

use crate::json::{Object, Value, canonical, text};
use crate::wire::{FromJson, Note, Reason};

/// One file's change. `OpenCode` 1.18 names its keys in two ways: `file, patch, status` in summaries,
/// `filePath, patch, type, movePath` in the metadata of `apply_patch`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileDiff {
    pub path: Option<String>,
    pub change: Option<FileChange>,
    pub diff: Option<String>,
}

impl FileDiff {
    /// Takes the diff out of an object and leaves the rest there. A file that moved is two changes.
    pub fn take(object: &mut Object<'_>) -> Vec<Self> {
        let path = PATH_KEYS.iter().find_map(|key| filled(object, key));
        let moved_to = filled(object, "movePath");
        let word = CHANGE_KEYS.iter().find_map(|key| filled(object, key));
        let diff = DIFF_KEYS.iter().find_map(|key| take_filled(object, key));
        let change = word.and_then(|word| change_named(&word));
        match (path, moved_to) {
            (Some(path), None) => vec![Self { path: Some(path), change, diff }],
            (Some(from), Some(to)) => vec![
                Self { path: Some(from), change: Some(FileChange::Deleted), diff: None },
                Self { path: Some(to), change: Some(FileChange::Created), diff },
            ],
            (None, _) => Vec::new(),
        }
    }
}

const PATH_KEYS: [&str; 2] = ["file", "filePath"];
const CHANGE_KEYS: [&str; 2] = ["status", "type"];
const DIFF_KEYS: [&str; 2] = ["patch", "diff"];

fn change_named(word: &str) -> Option<FileChange> {
    match word {
        "added" | "add" => Some(FileChange::Created),
        "modified" | "update" => Some(FileChange::Edited),
        "deleted" | "delete" => Some(FileChange::Deleted),
        _ => None,
    }
}

fn filled(object: &Object<'_>, key: &str) -> Option<String> {
    text(object, key).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn take_filled(object: &mut Object<'_>, key: &str) -> Option<String> {
    let text = filled(object, key)?;
    object.remove(key);
    Some(text)
}

/// Changes of files, as a list of objects or as one. The diffs are taken out, the rest stays.
#[derive(Debug, Default)]
pub(crate) struct FileDiffs(pub Vec<FileDiff>);

impl FromJson for FileDiffs {
    fn from_json(value: &mut Value<'_>, _: &mut Vec<Note>) -> Result<Self, Reason> {
        let objects = match value {
            Value::List(values) => values.as_mut_slice(),
            value => std::slice::from_mut(value),
        };
        let objects = objects.iter_mut().filter_map(|value| match value {
            Value::Object(object) => Some(object),
            _ => None,
        });
        Ok(Self(objects.flat_map(FileDiff::take).collect()))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

/// The changes that a message or a session sums up: a list of files with counts, and their diffs.
pub(crate) struct SummaryDiffs {
    /// The list without the diffs.
    pub json: Json,
    pub diffs: Vec<FileDiff>,
}

impl FromJson for SummaryDiffs {
    fn from_json(value: &mut Value<'_>, notes: &mut Vec<Note>) -> Result<Self, Reason> {
        let FileDiffs(diffs) = FileDiffs::from_json(value, notes)?;
        Ok(Self { json: Json::from_canonical(canonical(&mem::take(value))), diffs })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

/// Who tells of a change, and when.
pub(crate) struct Teller {
    pub session_id: SessionId,
    pub message_id: Option<MessageId>,
    pub call_id: Option<CallId>,
    pub times: (Earliest, Earliest),
    pub stamp: Stamp,
}

impl Teller {
    /// One change of one file. What it spans, and by whose id it is found again, follows from who
    /// tells of it.
    pub fn edit(&self, diff: FileDiff) -> Edit {
        let (scope, owner) = match (&self.call_id, &self.message_id) {
            (Some(call), _) => (EditScope::Call, format!("call:{call}")),
            (None, Some(message)) => (EditScope::Message, format!("message:{message}")),
            (None, None) => (EditScope::Session, "session".to_owned()),
        };
        let name = diff.path.as_ref().map_or(owner.clone(), |path| format!("{owner}:{path}"));
        let mut edit = self.edit_named(&name, scope);
        edit.path = Field::new(self.stamp, diff.path);
        edit.operation = Field::new(self.stamp, diff.change);
        edit.diff = Field::new(self.stamp, diff.diff);
        edit
    }

    /// A change under an id of its own.
    pub fn edit_named(&self, id: &str, scope: EditScope) -> Edit {
        let id = EditId::new(id).expect("a name with a prefix is not empty");
        let mut edit = Edit::new(self.session_id.clone(), id);
        (edit.generated_at, edit.ordered_at) = self.times;
        edit.message_id = Field::new(self.stamp, self.message_id.clone());
        edit.call_id = Field::new(self.stamp, self.call_id.clone());
        edit.scope = Field::new(self.stamp, Some(scope));
        edit
    }

    /// What became of a file. A tool call and the patch of its step tell of the same operation.
    pub fn operation(&self, path: &str, change: Option<FileChange>) -> FileOperation {
        let owner = match (&self.message_id, &self.call_id) {
            (Some(message), _) => message.as_str().to_owned(),
            (None, Some(call)) => format!("call:{call}"),
            (None, None) => "-".to_owned(),
        };
        let id = OperationId::new(format!("{}/{owner}:{path}", self.session_id));
        let mut operation = operation(id.expect("a name with a prefix is not empty"), path);
        (operation.generated_at, operation.ordered_at) = self.times;
        operation.session_id = Field::new(self.stamp, Some(self.session_id.clone()));
        operation.message_id = Field::new(self.stamp, self.message_id.clone());
        operation.call_id = Field::new(self.stamp, self.call_id.clone());
        tell_change(&mut operation, change, self.stamp);
        operation
    }
}

/// An operation on a file of which nothing else is known.
pub(crate) fn operation(id: OperationId, path: &str) -> FileOperation {
    let mut operation = FileOperation::new(id);
    operation.path = Field::new(WEAK, Some(path.to_owned()));
    operation
}

/// Says what became of a file; without a word, that it changed, which yields to any other word.
pub(crate) fn tell_change(operation: &mut FileOperation, change: Option<FileChange>, stamp: Stamp) {
    operation.operation = match change {
        Some(change) => Field::new(stamp, Some(change)),
        None => Field::new(WEAK, Some(FileChange::Edited)),
    };
}

const WEAK: Stamp = Stamp { is_final: false, observed_at: UnixMs::EPOCH };
