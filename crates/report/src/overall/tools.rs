//! How often each tool was called, and how that went.

use std::{cmp::Reverse, collections::HashMap, rc::Rc};

use schemars::JsonSchema;
use serde::Serialize;
use store::query::calls_seen::{CallSeen, calls_seen};

use super::{OverallMeta, Scope, cut, mean, median};
use crate::{Report, ReportError, Source, filter::Asked, values::percent};

/// The tools, those that were called most often first.
pub type ToolStats = Report<OverallMeta, ToolStatsSummary, ToolStat>;

/// All tools together.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ToolStatsSummary {
    /// Tools.
    pub tools: usize,
    /// Calls.
    pub calls: usize,
    /// Those that failed.
    pub errors: usize,
    /// How many failed, in per cent.
    pub error_rate_percent: f64,
    /// Bytes that the calls gave back, also those that are not kept.
    pub output_bytes: i64,
}

/// One tool.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ToolStat {
    /// The tool's name; null where the agent names none.
    pub tool: Option<String>,
    /// Calls.
    pub calls: usize,
    /// Those that failed.
    pub errors: usize,
    /// How many failed, in per cent.
    pub error_rate_percent: f64,
    /// How long half of the calls ran at most, of those whose length is known, in milliseconds.
    pub median_duration_ms: Option<i64>,
    /// How long they ran on the average.
    pub mean_duration_ms: Option<i64>,
    /// Bytes that the calls gave back, also those that are not kept.
    pub output_bytes: i64,
}

/// The tools, those with most calls first, of equals by name.
///
/// # Errors
/// The store failed.
pub fn tools(source: &Source<'_>, scope: &Scope) -> Result<ToolStats, ReportError> {
    let by_tool = calls_by_tool(source, scope)?;
    let mut details: Vec<_> =
        by_tool.iter().map(|(tool, calls)| stat(tool.as_deref(), calls)).collect();
    details.sort_by(|one, other| order(one).cmp(&order(other)));
    let calls = by_tool.values().map(Vec::len).sum();
    let errors = details.iter().map(|tool| tool.errors).sum();
    let summary = ToolStatsSummary {
        tools: details.len(),
        calls,
        errors,
        error_rate_percent: percent(errors, calls),
        output_bytes: details.iter().fold(0, |sum, tool| sum.saturating_add(tool.output_bytes)),
    };
    Ok(Report { meta: cut(scope, &mut details), summary, details })
}

fn order(tool: &ToolStat) -> (Reverse<usize>, Option<&str>) {
    (Reverse(tool.calls), tool.tool.as_deref())
}

/// The calls that are asked about, of each tool.
pub(super) fn calls_by_tool(
    source: &Source<'_>,
    scope: &Scope,
) -> Result<HashMap<Option<Rc<str>>, Vec<CallSeen>>, ReportError> {
    let known = source.sessions()?;
    let asked = Asked::new(source, &scope.filter, known)?;
    let calls = calls_seen(source.holder, scope.filter.span(), source.copies()?)?;
    let mut by_tool: HashMap<_, Vec<_>> = HashMap::new();
    for call in calls.into_iter().filter(|call| asked.contains(call.session_id.as_deref())) {
        by_tool.entry(call.tool.clone()).or_default().push(call);
    }
    Ok(by_tool)
}

/// How some calls of one tool went.
pub(super) fn stat(tool: Option<&str>, calls: &[CallSeen]) -> ToolStat {
    let errors = calls.iter().filter(|call| call.has_failed).count();
    let mut durations: Vec<_> = calls.iter().filter_map(|call| call.duration_ms).collect();
    let duration: i128 = durations.iter().copied().map(i128::from).sum();
    let bytes = calls.iter().filter_map(|call| call.output_bytes);
    ToolStat {
        tool: tool.map(str::to_owned),
        calls: calls.len(),
        errors,
        error_rate_percent: percent(errors, calls.len()),
        median_duration_ms: median(&mut durations),
        mean_duration_ms: mean(duration, durations.len()),
        output_bytes: bytes.fold(0, i64::saturating_add),
    }
}
