//! Who took how much: by model, agent and project.

use report::usage::{By, Usage, UsageDetail};

use super::super::narrow::Narrow;

/// So many rows are told.
const ROWS: usize = 8;

/// The shares of one kind.
pub(super) struct Shares<'u> {
    pub by: &'static str,
    usage: &'u Usage,
}

impl<'u> Shares<'u> {
    pub fn of(usage: &'u Usage) -> Self {
        Self { by: usage.meta.by, usage }
    }

    pub fn rows(&self) -> &'u [UsageDetail] {
        let details = &self.usage.details;
        &details[..details.len().min(ROWS)]
    }

    pub fn left_out(&self) -> usize {
        self.usage.details.len() - self.rows().len()
    }

    /// This page for what a row is of; what has no name cannot be asked for.
    pub fn url(&self, row: &UsageDetail, narrow: &Narrow) -> Option<String> {
        Some(narrow.with(self.by, row.key.as_deref()?))
    }

    /// Its sessions, the most expensive first.
    pub fn sessions_url(&self, row: &UsageDetail, narrow: &Narrow) -> Option<String> {
        let changes = [(self.by, row.key.as_deref()?), ("sort", "cost"), ("subagents", "true")];
        // A session's last answer may be of another model.
        let is_known = self.by != By::Model.as_str();
        is_known.then(|| narrow.on("/sessions", &changes))
    }
}
