//! The one shape of all answers.

use schemars::JsonSchema;
use serde::Serialize;

/// An answer: what was asked, the sums, and the things themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report<Meta, Summary, Detail> {
    /// What was asked, and how much was found.
    pub meta: Meta,
    /// The sums over all details.
    pub summary: Summary,
    /// The things, in their order.
    pub details: Vec<Detail>,
}
