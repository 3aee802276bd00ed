//! The steps of the model, with what each took.

use domain::{Cost, Picodollars, SessionId, Step, StepKind, UnixMs};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::session_steps::session_steps;

use super::{Copied, SessionMeta, known, meta};
use crate::{Amount, Report, ReportError, Source, TokenCounts};

/// The timeline of a session's model steps.
pub type Steps = Report<SessionMeta, StepsSummary, StepDetail>;

/// All steps together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepsSummary {
    /// Steps that began.
    pub started: usize,
    /// Steps that ended.
    pub finished: usize,
    /// What they took, by kind.
    pub tokens: TokenCounts,
    /// What they took in all.
    pub total_tokens: i64,
    /// What they cost, as the agent says; null where it does not.
    pub cost_given: Option<Amount>,
}

/// One end of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepDetail {
    /// The message.
    pub message_id: String,
    /// The part that tells of it.
    pub part_id: String,
    /// What orders it in the conversation, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// `start` or `finish`.
    pub event_type: Option<&'static str>,
    /// Why the step ended.
    pub reason: Option<String>,
    /// The snapshot of the work tree.
    pub snapshot_hash: Option<String>,
    /// What it took.
    pub tokens: Option<TokenCounts>,
    /// What it cost, as the agent says.
    pub cost_given: Option<Amount>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// The model's steps, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn steps(source: &Source<'_>, id: &SessionId) -> Result<Steps, ReportError> {
    let session = known(source, id)?;
    let rows = session_steps(source.holder, id)?;
    let copied = Copied::of(source, id)?;
    let details: Vec<_> = rows.iter().map(|step| detail(step, &copied)).collect();
    let counted = rows.iter().zip(&details).filter(|(_, detail)| detail.counts);
    let summary = summary(&counted.map(|(step, _)| step).collect::<Vec<_>>());
    let meta = meta(&session, details.iter().map(|step| step.counts));
    Ok(Report { meta, summary, details })
}

fn detail(step: &Step, copied: &Copied) -> StepDetail {
    StepDetail {
        counts: copied.counts(Some(step.message_id.as_str())),
        message_id: step.message_id.as_str().to_owned(),
        part_id: step.part_id.as_str().to_owned(),
        at_unix_ms: step.ordered_at.0.map(UnixMs::get),
        event_type: step.kind.value().map(|kind| kind.as_str()),
        reason: step.reason.value().cloned(),
        snapshot_hash: step.snapshot.value().cloned(),
        tokens: step.tokens.value().map(|tokens| TokenCounts::from(*tokens)),
        cost_given: step.cost.value().map(|cost| cost.amount().into()),
    }
}

fn summary(steps: &[&Step]) -> StepsSummary {
    let count = |kind| steps.iter().filter(|step| step.kind.value() == Some(&kind)).count();
    let mut tokens = TokenCounts::default();
    for step in steps {
        tokens.add(step.tokens.value().copied().map(TokenCounts::from).unwrap_or_default());
    }
    let costs = steps.iter().filter_map(|step| step.cost.value()).map(Cost::amount);
    let cost =
        costs.reduce(|Picodollars(sum), Picodollars(more)| Picodollars(sum.saturating_add(more)));
    StepsSummary {
        started: count(StepKind::Start),
        finished: count(StepKind::Finish),
        total_tokens: tokens.total(),
        tokens,
        cost_given: cost.map(Amount::from),
    }
}
