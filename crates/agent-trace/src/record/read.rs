//! Reads a record that somebody made, and says what is wrong with it.

use std::collections::BTreeMap;

use serde_json::Value;
use thiserror::Error;

use super::{METADATA, Record};
use crate::Contributor;

/// What is wrong with a record.
#[derive(Debug, Error)]
pub enum RecordError {
    /// It is no JSON of that form.
    #[error("is no Agent Trace record")]
    Form(#[from] serde_json::Error),
    /// A field holds what it may not.
    #[error("`{field}` {reason}")]
    Field {
        /// Where, from the top of the record on.
        field: String,
        /// Why.
        reason: &'static str,
    },
}

/// Some lines of a record, with all that it says of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRange {
    /// The file, from the top of the repository on.
    pub path: String,
    /// The first line, from 1 on.
    pub start_line: u32,
    /// The last line.
    pub end_line: u32,
    /// What wrote them.
    pub contributor: Contributor,
    /// The model.
    pub model_id: Option<String>,
    /// The agent, where the record is of a `recount`.
    pub agent: Option<String>,
    /// The session, where the link is of the form that ours have.
    pub session_id: Option<String>,
    /// Where the conversation is told.
    pub url: Option<String>,
    /// What their text is known by.
    pub content_hash: Option<String>,
}

impl Record {
    /// Reads a record and looks whether every field is as the specification wants it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_slice(json)?;
        record.check()?;
        Ok(record)
    }

    /// The commit that it is about.
    pub fn revision(&self) -> Option<&str> {
        self.vcs.as_ref().filter(|vcs| vcs.kind == "git").map(|vcs| vcs.revision.as_str())
    }

    /// Its ranges, in the order of the record. A line that stands in two of them is of the first.
    pub fn ranges(&self) -> Vec<RecordRange> {
        let agents = self.agents();
        let mut ranges = Vec::new();
        for file in &self.files {
            for conversation in &file.conversations {
                let session_id = conversation.url.as_deref().and_then(session_of);
                for range in &conversation.ranges {
                    let of = range.contributor.as_ref().or(conversation.contributor.as_ref());
                    let kind = of.and_then(|of| Contributor::named(&of.kind));
                    ranges.push(RecordRange {
                        path: file.path.clone(),
                        start_line: range.start_line,
                        end_line: range.end_line,
                        contributor: kind.unwrap_or(Contributor::Unknown),
                        model_id: of.and_then(|of| of.model_id.clone()),
                        agent: session_id.as_ref().and_then(|id| agents.get(id).cloned()),
                        session_id: session_id.clone(),
                        url: conversation.url.clone(),
                        content_hash: range.content_hash.clone(),
                    });
                }
            }
        }
        ranges
    }

    /// The agent of each session, as our own records tell it.
    fn agents(&self) -> BTreeMap<String, String> {
        let ours = self.metadata.as_ref().and_then(|metadata| metadata.get(METADATA));
        let agents = ours.and_then(|ours| ours.get("agents")).and_then(Value::as_object);
        let agents = agents.into_iter().flatten();
        agents
            .filter_map(|(session, agent)| Some((session.clone(), agent.as_str()?.to_owned())))
            .collect()
    }

    fn check(&self) -> Result<(), RecordError> {
        let wrong = |field: &str, reason| RecordError::Field { field: field.to_owned(), reason };
        if !is_version(&self.version) {
            return Err(wrong("version", "is no version"));
        }
        if !is_uuid(&self.id) {
            return Err(wrong("id", "is no UUID"));
        }
        if self.timestamp.parse::<jiff::Timestamp>().is_err() {
            return Err(wrong("timestamp", "is no time by RFC 3339"));
        }
        let kinds = ["git", "jj", "hg", "svn"];
        if self.vcs.as_ref().is_some_and(|vcs| !kinds.contains(&vcs.kind.as_str())) {
            return Err(wrong("vcs.type", "is none of git, jj, hg and svn"));
        }
        let ranges = self.files.iter().enumerate().flat_map(|(file, in_file)| {
            let conversations = in_file.conversations.iter().enumerate();
            conversations.map(move |(at, conversation)| {
                (format!("files[{file}].conversations[{at}]"), conversation)
            })
        });
        for (at, conversation) in ranges {
            for range in &conversation.ranges {
                if range.start_line == 0 || range.end_line < range.start_line {
                    return Err(wrong(&format!("{at}.ranges"), "has a range that is none"));
                }
            }
            let of = conversation.ranges.iter().filter_map(|range| range.contributor.as_ref());
            for contributor in of.chain(&conversation.contributor) {
                if Contributor::named(&contributor.kind).is_none() {
                    let reason = "has a contributor that is none of human, ai, mixed and unknown";
                    return Err(wrong(&at, reason));
                }
                if contributor.model_id.as_ref().is_some_and(|id| id.chars().count() > 250) {
                    return Err(wrong(&at, "has a model with a name of over 250 characters"));
                }
            }
        }
        Ok(())
    }
}

/// Three numbers; the schema of one commit of the specification wants two.
fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.len(), 2 | 3) && parts.iter().all(is_number)
}

fn is_uuid(id: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = id.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// The session of a link of the form that ours have: `<base>/sessions/<id>`.
fn session_of(url: &str) -> Option<String> {
    let (_, id) = url.split_once("/sessions/")?;
    let id = id.split(['?', '#']).next().filter(|id| !id.is_empty() && !id.contains('/'))?;
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}
