//! Which tools were called, and how that went.

use std::collections::BTreeMap;

use domain::{CutText, MessageId, SessionId, ToolCall, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_tools::session_tools;

use super::{Copied, SessionMeta, known, meta};
use crate::{Report, ReportError, Source};

/// The tool calls of a session.
pub type Tools = Report<SessionMeta, ToolsSummary, ToolDetail>;

/// All calls together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolsSummary {
    /// Calls.
    pub calls: usize,
    /// Those that failed.
    pub errors: usize,
    /// The same for each tool, in the order of their names.
    pub tools: Vec<ToolCount>,
}

/// The calls of one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolCount {
    /// The tool's name; null where the agent names none.
    pub tool: Option<String>,
    /// Calls.
    pub calls: usize,
    /// Those that failed.
    pub errors: usize,
    /// How long they ran in all, where that is known, in milliseconds.
    pub duration_ms: i64,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolDetail {
    /// Its identity.
    pub call_id: String,
    /// The message that made it.
    pub message_id: Option<String>,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// The tool's name.
    pub tool: Option<String>,
    /// The agent's own word for how it is.
    pub status: Option<String>,
    /// Whether it failed.
    pub has_failed: bool,
    /// The file that it worked on.
    pub file_path: Option<String>,
    /// How its process ended.
    pub exit_code: Option<i64>,
    /// How long it ran, in milliseconds.
    pub duration_ms: Option<i64>,
    /// What it was given, as JSON.
    pub input: Option<serde_json::Value>,
    /// What it gave back, at most 10 KiB of it.
    pub output: Option<String>,
    /// How long that was, in bytes.
    pub output_full_bytes: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// The calls, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn tools(source: &Source<'_>, id: &SessionId) -> Result<Tools, ReportError> {
    let session = known(source, id)?;
    let rows = session_tools(source.holder, id)?;
    let copied = Copied::of(source, id)?;
    let details: Vec<_> = rows.iter().map(|call| detail(call, &copied)).collect();
    let meta = meta(&session, details.iter().map(|call| call.counts));
    Ok(Report { meta, summary: summary(&details), details })
}

fn detail(call: &ToolCall, copied: &Copied) -> ToolDetail {
    ToolDetail {
        counts: copied.counts(call.message_id.value().map(MessageId::as_str)),
        call_id: call.call_id.as_str().to_owned(),
        message_id: call.message_id.value().map(|id| MessageId::as_str(id).to_owned()),
        at_unix_ms: call.ordered_at.0.map(UnixMs::get),
        tool: call.tool.value().cloned(),
        status: call.status.value().cloned(),
        has_failed: call.error.value().is_some(),
        file_path: call.file_path.value().cloned(),
        exit_code: call.exit_code.value().copied(),
        duration_ms: call.length_ms(),
        input: call.input.value().and_then(|input| serde_json::from_str(input.as_str()).ok()),
        output: call.output.value().map(|output| output.text().to_owned()),
        output_full_bytes: call.output.value().map(CutText::full_bytes),
        error: call.error.value().map(|error| error.text().to_owned()),
    }
}

fn summary(details: &[ToolDetail]) -> ToolsSummary {
    let mut tools: BTreeMap<Option<&str>, ToolCount> = BTreeMap::new();
    for call in details.iter().filter(|call| call.counts) {
        let name = call.tool.as_deref();
        let count = tools.entry(name).or_insert_with(|| ToolCount {
            tool: call.tool.clone(),
            calls: 0,
            errors: 0,
            duration_ms: 0,
        });
        count.calls += 1;
        count.errors += usize::from(call.has_failed);
        count.duration_ms = count.duration_ms.saturating_add(call.duration_ms.unwrap_or_default());
    }
    let tools: Vec<_> = tools.into_values().collect();
    let calls = tools.iter().map(|tool| tool.calls).sum();
    let errors = tools.iter().map(|tool| tool.errors).sum();
    ToolsSummary { calls, errors, tools }
}
