//! What fills a conversation, by who says it: each thing once, however often it was sent.
//!
//! Agents count by request, and what they count is in [`Breakdown`]'s summary as it is. What a prompt, an
//! answer or a tool's output is worth, no agent counts; it is estimated from its length, and said to be.

use std::collections::HashMap;

use domain::{PartKind, Role, SessionId};
use schemars::JsonSchema;
use serde::Serialize;
use store::query::{
    session_texts::{CallLength, PartLength, session_texts},
    usage::{MessageUsage, usage},
};

use super::{SessionMeta, known};
use crate::{Report, ReportError, Source, TokenCounts, values::percent};

/// An estimate takes so many characters for a token, as most do for English text and code.
pub(crate) const CHARACTERS_PER_TOKEN: i64 = 4;

/// What fills a session's conversation.
pub type Breakdown = Report<SessionMeta, BreakdownSummary, CategoryDetail>;

/// All categories together, and beside them what the agent counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BreakdownSummary {
    /// Tokens of all categories of which a length is known.
    pub tokens: i64,
    /// Whether any of them are estimated.
    pub is_estimate: bool,
    /// An estimate takes so many characters for a token.
    pub characters_per_token: i64,
    /// What all requests took, as the agent counts it: what is sent again counts again.
    pub counted: TokenCounts,
    /// All of that.
    pub total_counted: i64,
}

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// What stands before the first prompt: instructions, and what the tools can do.
    System,
    /// What the person says.
    User,
    /// What the model says.
    Assistant,
    /// What tools are given and give back.
    Tools,
    /// What the model thinks.
    Reasoning,
}

impl Category {
    /// Every one, in the order of the answers.
    pub const ALL: [Self; 5] =
        [Self::System, Self::User, Self::Assistant, Self::Tools, Self::Reasoning];

    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tools => "tools",
            Self::Reasoning => "reasoning",
        }
    }
}

/// How a length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The agent counts it.
    Counted,
    /// By its length in characters; the system's by what the first request took beyond its prompt.
    Estimated,
    /// It is not known.
    Unknown,
}

/// One category.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CategoryDetail {
    /// Who says it.
    pub category: Category,
    /// How much it is; null where it is not known.
    pub tokens: Option<i64>,
    /// How that is known.
    pub basis: Basis,
    /// How long its texts are, in characters, of tools' outputs in bytes; null where there are none.
    pub characters: Option<i64>,
    /// Its share of all that is known, in per cent.
    pub share_percent: f64,
}

/// The categories, always all of them and in this order.
///
/// # Errors
/// The session is not known, or the store failed.
pub fn tokens(source: &Source<'_>, id: &SessionId) -> Result<Breakdown, ReportError> {
    let session = known(source, id)?;
    let Measured { details, counted, copied } = measure(source, id)?;
    let tokens = details.iter().filter_map(|detail| detail.tokens).fold(0, i64::saturating_add);
    let summary = BreakdownSummary {
        tokens,
        is_estimate: details.iter().any(|detail| detail.basis == Basis::Estimated),
        characters_per_token: CHARACTERS_PER_TOKEN,
        total_counted: counted.total(),
        counted,
    };
    let details = details.to_vec();
    Ok(Report { meta: SessionMeta::of(&session, details.len(), copied), summary, details })
}

/// What was found of one session.
pub(crate) struct Measured {
    /// The categories, in their order.
    pub details: [CategoryDetail; 5],
    /// What all requests took, as the agent counts it.
    pub counted: TokenCounts,
    /// Messages that count in another session.
    pub copied: usize,
}

/// Measures one session.
///
/// # Errors
/// The store failed.
pub(crate) fn measure(source: &Source<'_>, id: &SessionId) -> Result<Measured, ReportError> {
    let messages = usage(source.holder, id.as_str())?.map(|(_, messages)| messages);
    let messages = messages.unwrap_or_default();
    let (parts, calls) = session_texts(source.holder, id)?;
    let lengths = Lengths::of(&messages, &parts, &calls);
    let counted = counted(&messages);
    let mut details = [
        system(&messages, &lengths),
        estimated(Category::User, lengths.user),
        estimated(Category::Assistant, lengths.assistant),
        estimated(Category::Tools, lengths.tools),
        reasoning(&counted, lengths.reasoning),
    ];
    share(&mut details);
    let copied = messages.iter().filter(|message| !message.counts()).count();
    Ok(Measured { details, counted, copied })
}

/// Gives each its share of all.
fn share(details: &mut [CategoryDetail]) {
    let all = details.iter().filter_map(|detail| detail.tokens).fold(0, i64::saturating_add);
    for detail in details {
        detail.share_percent = percent(detail.tokens.unwrap_or_default(), all);
    }
}

/// How long the texts are that count in the session.
#[derive(Default)]
struct Lengths<'m> {
    user: i64,
    assistant: i64,
    tools: i64,
    reasoning: i64,
    /// What the person says in one message.
    by_message: HashMap<&'m str, i64>,
}

impl<'m> Lengths<'m> {
    fn of(messages: &[MessageUsage], parts: &'m [PartLength], calls: &'m [CallLength]) -> Self {
        let by_id: HashMap<_, _> =
            messages.iter().map(|message| (message.message_id.as_str(), message)).collect();
        let counts =
            |id: &str| by_id.get(id).is_none_or(|message: &&MessageUsage| message.counts());
        let mut lengths = Self::default();
        for part in parts.iter().filter(|part| counts(&part.message_id)) {
            let role = by_id.get(part.message_id.as_str()).and_then(|message| message.role);
            lengths.add(part, role == Some(Role::User));
        }
        let is_counted = |call: &&CallLength| call.message_id.as_deref().is_none_or(counts);
        for call in calls.iter().filter(is_counted) {
            lengths.tools = lengths.tools.saturating_add(call.input.saturating_add(call.output));
        }
        lengths
    }

    fn add(&mut self, part: &'m PartLength, is_of_user: bool) {
        self.reasoning = self.reasoning.saturating_add(part.reasoning);
        // What a tool says is in its call.
        if part.kind == Some(PartKind::Tool) {
            return;
        }
        let sum = if is_of_user { &mut self.user } else { &mut self.assistant };
        *sum = sum.saturating_add(part.text);
        if is_of_user {
            *self.by_message.entry(&part.message_id).or_default() += part.text;
        }
    }
}

/// What the agent counts of the messages that count in the session.
fn counted(messages: &[MessageUsage]) -> TokenCounts {
    let mut sum = TokenCounts::default();
    for message in messages.iter().filter(|message| message.counts()) {
        sum.add(message.tokens.map(TokenCounts::from).unwrap_or_default());
    }
    sum
}

/// What the first request took, without what the person had said by then. Behind what a fork copied, that
/// would be the copied conversation; and a request that failed took nothing.
fn system(messages: &[MessageUsage], lengths: &Lengths<'_>) -> CategoryDetail {
    let mut requests = messages.iter().enumerate();
    let first = requests.find_map(|(place, message)| Some((place, sent(message)?)));
    let prompt = first.and_then(|(first, sent)| {
        let before = &messages[..first];
        let is_whole = messages[..=first].iter().all(MessageUsage::counts);
        let said = before.iter().filter_map(|message| lengths.by_message.get(&*message.message_id));
        let said: i64 = said.sum();
        is_whole.then(|| (sent - said / CHARACTERS_PER_TOKEN).max(0))
    });
    CategoryDetail {
        category: Category::System,
        tokens: prompt,
        basis: if prompt.is_some() { Basis::Estimated } else { Basis::Unknown },
        characters: None,
        share_percent: 0.0,
    }
}

/// How long the prompt of an answer was, if it had one.
fn sent(message: &MessageUsage) -> Option<i64> {
    let tokens = message.tokens.filter(|_| message.side_call.is_none())?;
    let sent = [tokens.input, tokens.cache_read, tokens.cache_write];
    sent.into_iter().flatten().reduce(i64::saturating_add).filter(|sent| *sent > 0)
}

fn estimated(category: Category, characters: i64) -> CategoryDetail {
    CategoryDetail {
        category,
        tokens: Some(characters / CHARACTERS_PER_TOKEN),
        basis: Basis::Estimated,
        characters: Some(characters),
        share_percent: 0.0,
    }
}

/// Some agents count what the model thinks; some give its text, and some neither.
fn reasoning(counted: &TokenCounts, characters: i64) -> CategoryDetail {
    match counted.reasoning {
        Some(tokens) => CategoryDetail {
            tokens: Some(tokens),
            basis: Basis::Counted,
            ..estimated(Category::Reasoning, characters)
        },
        None if characters > 0 => estimated(Category::Reasoning, characters),
        None => CategoryDetail {
            tokens: None,
            basis: Basis::Unknown,
            characters: None,
            ..estimated(Category::Reasoning, 0)
        },
    }
}
