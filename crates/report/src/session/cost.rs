//! What a session cost, from the finest figures that there are: those of a message's steps, else
//! those of the message.

use std::collections::HashMap;

use domain::{Cost, Model, Picodollars, SessionId, Step, StepKind, Tokens, UnixMs};
use pricing::charge;
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{
    session_steps::session_steps,
    usage::{MessageUsage, usage},
};

use super::{SessionMeta, known};
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
    /// What the agent says that the whole session cost; null where it does not say.
    pub session_cost_given: Option<Amount>,
    /// By how much our figure is above the agent's for the session, else for the messages.
    pub difference: Option<Amount>,
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
    let messages = usage(source.holder, id.as_str())?.map(|(_, messages)| messages);
    let steps = session_steps(source.holder, id)?;
    let mut by_message: HashMap<&str, Vec<&Step>> = HashMap::new();
    for step in steps.iter().filter(|step| is_counted(step)) {
        by_message.entry(step.message_id.as_str()).or_default().push(step);
    }
    let none = Vec::new();
    let details: Vec<_> = messages
        .iter()
        .flatten()
        .map(|message| (message, by_message.get(message.message_id.as_str()).unwrap_or(&none)))
        .filter(|(message, steps)| takes_anything(message, steps))
        .map(|(message, steps)| detail(source, message, steps))
        .collect();
    let whole = session.cost.value().map(Cost::amount);
    let summary = summary(&details, whole);
    Ok(Report { meta: SessionMeta::of(&session, details.len()), summary, details })
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

fn summary(details: &[CostDetail], whole: Option<Picodollars>) -> CostSummary {
    let counted = || details.iter().filter(|detail| detail.counts);
    let sum = |amounts: &mut dyn Iterator<Item = &Amount>| {
        amounts.map(|amount| Picodollars(amount.picodollars)).reduce(plus)
    };
    let cost = sum(&mut counted().filter_map(|detail| detail.cost.as_ref()));
    let given = sum(&mut counted().filter_map(|detail| detail.cost_given.as_ref()));
    let mut tokens = TokenCounts::default();
    for detail in counted() {
        tokens.add(detail.tokens);
    }
    let sources =
        counted().map(|detail| detail.source).filter(|source| *source != CostSource::None);
    let source = sources.reduce(|a, b| if a == b { a } else { CostSource::Both });
    let difference = cost.zip(whole.or(given)).map(|(cost, given)| Picodollars(cost.0 - given.0));
    CostSummary {
        cost: cost.map(Amount::from),
        source: source.unwrap_or(CostSource::None),
        messages_without_cost: counted()
            .filter(|detail| detail.source != CostSource::None && detail.cost.is_none())
            .count(),
        cost_given: given.map(Amount::from),
        session_cost_given: whole.map(Amount::from),
        difference: difference.map(Amount::from),
        total_tokens: tokens.total(),
        tokens,
    }
}
