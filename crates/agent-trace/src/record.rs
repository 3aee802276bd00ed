//! Agent Trace records (0.1.0, `agent-trace.dev`): which lines of a commit came from which conversation.

mod build;
mod read;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use self::build::hex;
pub use self::{
    build::{Links, content_hash},
    read::{RecordError, RecordRange},
};

/// The version of the specification.
pub const VERSION: &str = "0.1.0";

/// The key of our own remarks among a record's metadata.
pub const METADATA: &str = "dev.recount";

/// What is known of the lines of one revision.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Record {
    /// The version of the specification.
    pub version: String,
    /// The record's own id, a UUID.
    pub id: String,
    /// When the commit was made, by RFC 3339 in UTC.
    pub timestamp: String,
    /// The revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vcs: Option<Vcs>,
    /// Who made the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<Tool>,
    /// The files with added lines.
    pub files: Vec<File>,
    /// What the specification has no place for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Vcs {
    /// `git`, `jj`, `hg` or `svn`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub revision: String,
}

/// A program that makes records.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Tool {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A file of the revision.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct File {
    /// From the top of the repository on.
    pub path: String,
    /// Whose its added lines are.
    pub conversations: Vec<Conversation>,
}

/// What one conversation, or nobody's, added to a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Conversation {
    /// Where it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What wrote its ranges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributor: Option<ContributorOf>,
    /// Its lines at the revision.
    pub ranges: Vec<Range>,
    /// The sessions behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related: Option<Vec<Related>>,
}

/// What wrote lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct ContributorOf {
    /// `human`, `ai`, `mixed` or `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The model, as `provider/model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
}

/// Some lines.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Range {
    /// The first, from 1 on.
    pub start_line: u32,
    /// The last.
    pub end_line: u32,
    /// What their text is known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// What wrote them, where that differs from the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributor: Option<ContributorOf>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct Related {
    /// What it leads to.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where.
    pub url: String,
}
