//! What a session cost, from the finest figures that there are: those of a message's steps, else
//! those of the message.

use std::collections::HashMap;

use domain::{Model, Picodollars, SessionId, Step, StepKind, Tokens, UnixMs};
use pricing::charge;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{
    session_steps::session_steps,
    session_tree::session_tree,
    usage::{MessageUsage, usage},
};

use super::{SessionMeta, known, meta};
use crate::{Amount, Report, ReportError, Source, TokenCounts};

/// What a session cost.
pub type PreciseCost = Report<SessionMeta, CostSummary, CostDetail>;

/// Where the tokens of a cost come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// The ends of the steps.
    StepFinish,
    /// The messages.
    Message,
    /// Some messages' steps, and other messages.
    Both,
    /// Nothing tells of tokens.
    None,
}

/// The whole session, without what counts in another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CostSummary {
    /// What it cost by today's prices; null where no message has a cost.
    pub cost: Option<Amount>,
    /// Where its tokens come from.
    pub source: CostSource,
    /// Messages that took tokens and are not in it, as no price of their model is known.
    pub messages_without_cost: usize,
    /// What the agent says that its messages cost; null where it does not say.
    pub cost_given: Option<Amount>,
    /// By how much our figure for these messages is above the agent's, where both are known.
    pub difference: Option<Amount>,
    /// What the session and its subagents cost together by today's prices.
    pub cost_with_subagents: Option<Amount>,
    /// What the agent says of the whole session; null where it does not. With some agents that is more
    /// than its messages: subagents, what a fork's original cost, calls that no message tells of.
    pub session_cost_given: Option<Amount>,
    /// What it took, by kind.
    pub tokens: TokenCounts,
    /// What it took in all.
    pub total_tokens: i64,
}

/// What one message cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CostDetail {
    /// The message.
    pub message_id: String,
    /// When it came into being, in Unix milliseconds.
    pub at_unix_ms: Option<i64>,
    /// Who serves the model.
    pub provider_id: Option<String>,
    /// The model that spoke.
    pub model_id: Option<String>,
    /// Where its tokens come from.
    pub source: CostSource,
    /// What it took.
    pub tokens: TokenCounts,
    /// What it cost by today's prices.
    pub cost: Option<Amount>,
    /// Why there is no cost.
    pub no_cost_because: Option<String>,
    /// What the agent says that it cost.
    pub cost_given: Option<Amount>,
    /// Whether it counts in this session; a fork's copy counts where it came from.
    pub counts: bool,
}

/// What each message cost that took anything, oldest first.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn cost(source: &Source<'_>, id: &SessionId) -> Result<PreciseCost, ReportError> {
    let session = known(source, id)?;
    let details = of_messages(source, id)?;
    let mut summary = summary(&details);
    summary.session_cost_given = session.cost.value().map(|cost| cost.amount().into());
    summary.cost_with_subagents = with_subagents(source, id, &details)?.map(Amount::from);
    let meta = meta(&session, details.iter().map(|message| message.counts));
    Ok(Report { meta, summary, details })
}

/// What each message of a session cost that took anything.
fn of_messages(source: &Source<'_>, id: &SessionId) -> Result<Vec<CostDetail>, ReportError> {
    let messages = usage(source.holder, id.as_str())?.map(|(_, messages)| messages);
    let steps = session_steps(source.holder, id)?;
    let mut by_message: HashMap<&str, Vec<&Step>> = HashMap::new();
    for step in steps.iter().filter(|step| is_counted(step)) {
        by_message.entry(step.message_id.as_str()).or_default().push(step);
    }
    let none = Vec::new();
    let details = messages
        .iter()
        .flatten()
        .map(|message| (message, by_message.get(message.message_id.as_str()).unwrap_or(&none)))
        .filter(|(message, steps)| takes_anything(message, steps))
        .map(|(message, steps)| detail(source, message, steps));
    Ok(details.collect())
}

/// What a session and all below it cost.
fn with_subagents(
    source: &Source<'_>,
    id: &SessionId,
    own: &[CostDetail],
) -> Result<Option<Picodollars>, ReportError> {
    let mut cost = sum(own.iter().filter_map(CostDetail::counted));
    for branch in session_tree(source.holder, id)?.into_iter().flatten().skip(1) {
        let Ok(below) = SessionId::new(branch.session_id) else { continue };
        let details = of_messages(source, &below)?;
        let its_own = sum(details.iter().filter_map(CostDetail::counted));
        cost = cost.into_iter().chain(its_own).reduce(plus);
    }
    Ok(cost)
}

fn is_counted(step: &Step) -> bool {
    step.kind.value() == Some(&StepKind::Finish) && step.tokens.value().is_some()
}

fn takes_anything(message: &MessageUsage, steps: &[&Step]) -> bool {
    message.tokens.is_some() || message.cost_given.is_some() || !steps.is_empty()
}

fn detail(source: &Source<'_>, message: &MessageUsage, steps: &[&Step]) -> CostDetail {
    let of_steps: Vec<Tokens> =
        steps.iter().filter_map(|step| step.tokens.value().copied()).collect();
    let (counted, from) = match (of_steps.is_empty(), message.tokens) {
        (false, _) => (of_steps, CostSource::StepFinish),
        (true, Some(tokens)) => (vec![tokens], CostSource::Message),
        (true, None) => (Vec::new(), CostSource::None),
    };
    let mut tokens = TokenCounts::default();
    for more in &counted {
        tokens.add((*more).into());
    }
    let model = message.model.as_ref();
    let costs = counted
        .iter()
        .map(|tokens| charge(source.prices, model, message.generated_at, tokens).cost);
    let cost: Result<Option<Picodollars>, _> = costs
        .reduce(|sum, more| match (sum, more) {
            (Ok(sum), Ok(more)) => Ok(plus(sum, more)),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        })
        .transpose();
    CostDetail {
        message_id: message.message_id.clone(),
        at_unix_ms: message.generated_at.map(UnixMs::get),
        provider_id: model.and_then(|Model { provider_id, .. }| provider_id.clone()),
        model_id: model.and_then(|Model { model_id, .. }| model_id.clone()),
        source: from,
        tokens,
        no_cost_because: cost.as_ref().err().map(ToString::to_string),
        cost: cost.ok().flatten().map(Amount::from),
        cost_given: message.cost_given.as_ref().map(|cost| cost.amount().into()),
        counts: message.counts(),
    }
}

fn plus(Picodollars(sum): Picodollars, Picodollars(more): Picodollars) -> Picodollars {
    Picodollars(sum.saturating_add(more))
}

fn sum<'a>(amounts: impl Iterator<Item = &'a Amount>) -> Option<Picodollars> {
    amounts.map(|amount| Picodollars(amount.picodollars)).reduce(plus)
}

impl CostDetail {
    /// What it cost, where it counts.
    fn counted(&self) -> Option<&Amount> {
        self.cost.as_ref().filter(|_| self.counts)
    }

    /// By how much our figure is above the agent's. Both are from 0 on, so it fits.
    fn difference(&self) -> Option<Picodollars> {
        let (cost, given) = (self.counted()?, self.cost_given.as_ref()?);
        Some(Picodollars(cost.picodollars - given.picodollars))
    }
}

/// The sums over the messages; what is said of the whole session is not known here.
fn summary(details: &[CostDetail]) -> CostSummary {
    let counted = || details.iter().filter(|detail| detail.counts);
    let mut tokens = TokenCounts::default();
    for detail in counted() {
        tokens.add(detail.tokens);
    }
    let sources =
        counted().map(|detail| detail.source).filter(|source| *source != CostSource::None);
    let source = sources.reduce(|a, b| if a == b { a } else { CostSource::Both });
    let difference = details.iter().filter_map(CostDetail::difference).reduce(plus);
    CostSummary {
        cost: sum(details.iter().filter_map(CostDetail::counted)).map(Amount::from),
        source: source.unwrap_or(CostSource::None),
        messages_without_cost: counted()
            .filter(|detail| detail.source != CostSource::None && detail.cost.is_none())
            .count(),
        cost_given: sum(counted().filter_map(|detail| detail.cost_given.as_ref()))
            .map(Amount::from),
        difference: difference.map(Amount::from),
        cost_with_subagents: None,
        session_cost_given: None,
        total_tokens: tokens.total(),
        tokens,
    }
}
