//! Makes a record of what was found. The same findings give the same bytes, whenever that is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    ContributorOf, Conversation, File, METADATA, Range, Record, Related, Tool, VERSION, Vcs,
};
use crate::{Attributed, AttributedFile, AttributedRange, CommittedFile, Drift, git::Commit};

/// No model's name may be longer.
const MODEL_CHARACTERS: usize = 250;

/// How conversations are linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// What stands before the path of a page, without a slash at its end.
    pub base: String,
}

impl Links {
    /// The page of a session.
    pub fn session(&self, session_id: &str) -> String {
        let mut url = format!("{}/sessions/", self.base);
        for byte in session_id.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                url.push(char::from(byte));
            } else {
                let _ = write!(url, "%{byte:02X}");
            }
        }
        url
    }
}

/// What the text of some lines is known by, wherever they stand.
pub fn content_hash<'t>(lines: impl IntoIterator<Item = &'t [u8]>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
        hash.update(b"\n");
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Record {
    /// The record of a commit. `parents` names for a session those that started it.
    pub fn of(
        commit: &Commit,
        files: &[CommittedFile<'_>],
        attributed: &Attributed,
        links: &Links,
        parents: &BTreeMap<String, Vec<String>>,
    ) -> Self {
        let timestamp =
            Timestamp::from_second(commit.committed_at).unwrap_or(Timestamp::UNIX_EPOCH);
        let texts: BTreeMap<&str, &CommittedFile<'_>> =
            files.iter().map(|file| (file.path.as_str(), file)).collect();
        let files = attributed.files.iter().map(|file| File {
            path: file.path.clone(),
            conversations: conversations(file, texts.get(file.path.as_str()), links, parents),
        });
        Self {
            version: VERSION.to_owned(),
            id: id_of(&commit.id),
            timestamp: timestamp.to_string(),
            vcs: Some(Vcs { kind: "git".to_owned(), revision: commit.id.clone() }),
            tool: Some(Tool {
                name: Some("recount".to_owned()),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            files: files.collect(),
            metadata: metadata(attributed),
        }
    }

    /// As one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a record is JSON")
    }
}

/// A UUID that follows from the commit (version 8 of RFC 9562).
fn id_of(commit: &str) -> String {
    let hash = Sha256::digest(format!("agent-trace record of {commit}"));
    let mut bytes: [u8; 16] = hash[..16].try_into().expect("a digest is longer");
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

/// What one conversation of a file is told from others by.
type Key = (ContributorOf, Option<String>, Option<String>);

fn key(range: &AttributedRange) -> Key {
    let origin = range.origin.as_ref();
    let model = origin.and_then(|origin| origin.model.clone());
    let model_id = model.map(|model| model.chars().take(MODEL_CHARACTERS).collect());
    (
        ContributorOf { kind: range.contributor.as_str().to_owned(), model_id },
        origin.and_then(|origin| origin.session_id.clone()),
        origin.and_then(|origin| origin.url.clone()),
    )
}

fn conversations(
    file: &AttributedFile,
    text: Option<&&CommittedFile<'_>>,
    links: &Links,
    parents: &BTreeMap<String, Vec<String>>,
) -> Vec<Conversation> {
    let mut spans: BTreeMap<Key, Vec<(u32, u32)>> = BTreeMap::new();
    for range in &file.ranges {
        let spans = spans.entry(key(range)).or_default();
        match spans.last_mut() {
            Some(last) if last.1 + 1 == range.start_line => last.1 = range.end_line,
            _ => spans.push((range.start_line, range.end_line)),
        }
    }
    let mut conversations: Vec<Conversation> = spans
        .into_iter()
        .map(|((contributor, session, url), spans)| Conversation {
            url: session.as_ref().map(|session| links.session(session)).or(url),
            contributor: Some(contributor),
            ranges: spans.into_iter().map(|span| range(span, text)).collect(),
            related: session.as_ref().and_then(|session| related(session, links, parents)),
        })
        .collect();
    conversations.sort_by_key(|conversation| conversation.ranges[0].start_line);
    conversations
}

fn range((start_line, end_line): (u32, u32), text: Option<&&CommittedFile<'_>>) -> Range {
    let content_hash = text.map(|file| {
        let begin = file.added.partition_point(|line| line.number < start_line);
        let end = file.added.partition_point(|line| line.number <= end_line);
        content_hash(file.added[begin..end].iter().map(|line| line.text))
    });
    Range { start_line, end_line, content_hash, contributor: None }
}

/// The session and those that started it, sorted, each once.
fn related(
    session: &str,
    links: &Links,
    parents: &BTreeMap<String, Vec<String>>,
) -> Option<Vec<Related>> {
    let started_by = parents.get(session).into_iter().flatten().map(String::as_str);
    let sessions: BTreeSet<&str> = [session].into_iter().chain(started_by).collect();
    let urls: BTreeSet<String> = sessions.into_iter().map(|id| links.session(id)).collect();
    let related = urls.into_iter().map(|url| Related { kind: "session".to_owned(), url });
    let related: Vec<Related> = related.collect();
    (!related.is_empty()).then_some(related)
}

/// Which agents there were, and how lines differ from what was written: nothing of what was said.
fn metadata(attributed: &Attributed) -> Option<Map<String, Value>> {
    let mut agents: BTreeMap<String, String> = BTreeMap::new();
    let mut drift = Vec::new();
    for file in &attributed.files {
        for range in &file.ranges {
            if let Some(origin) = &range.origin
                && let (Some(session), Some(agent)) = (&origin.session_id, &origin.agent)
            {
                agents.insert(session.clone(), agent.clone());
            }
            if let Some(kind) = range.drift.map(Drift::as_str) {
                drift.push(json!({
                    "path": file.path,
                    "start_line": range.start_line,
                    "end_line": range.end_line,
                    "kind": kind,
                }));
            }
        }
    }
    let mut ours = Map::new();
    if !agents.is_empty() {
        ours.insert("agents".to_owned(), json!(agents));
    }
    if !drift.is_empty() {
        ours.insert("drift".to_owned(), Value::Array(drift));
    }
    (!ours.is_empty()).then(|| Map::from_iter([(METADATA.to_owned(), Value::Object(ours))]))
}
