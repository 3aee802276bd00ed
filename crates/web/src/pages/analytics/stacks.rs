//! What tokens are: by how they are charged, and by who says what they hold.

use report::{
    overall::tokens::{CategorySum, Tokens},
    usage::UsageFigures,
};

use super::super::filters::shortened;

/// One bar.
pub(super) struct Stack {
    pub name: &'static str,
    pub about: String,
    pub parts: Vec<Part>,
}

/// A part of it.
pub(super) struct Part {
    pub name: &'static str,
    pub tokens: String,
    pub percent: f64,
    /// How that is known, where it is not by the agents' count.
    pub basis: Option<String>,
}

/// The bars.
pub(super) fn stacks(usage: &UsageFigures, tokens: &Tokens) -> [Stack; 2] {
    [by_kind(usage), by_speaker(tokens)]
}

/// The tokens of each kind.
pub(super) fn kinds(usage: &UsageFigures) -> [(&'static str, i64); 5] {
    [
        ("input", usage.input),
        ("output", usage.output),
        ("reasoning", usage.reasoning),
        ("cache read", usage.cache_read),
        ("cache write", usage.cache_write_5m.saturating_add(usage.cache_write_1h)),
    ]
}

fn by_kind(usage: &UsageFigures) -> Stack {
    let part = |(name, tokens)| Part {
        name,
        tokens: shortened(tokens),
        percent: percent(tokens, usage.total_tokens),
        basis: None,
    };
    Stack {
        name: "By how they are charged",
        about: "As agents count them, request by request: what is sent again counts again."
            .to_owned(),
        parts: kinds(usage).map(part).into(),
    }
}

fn by_speaker(tokens: &Tokens) -> Stack {
    let summary = &tokens.summary;
    let about = format!(
        "Each text once, of the {} sessions that were active last, of {}. Estimated by {} characters a token, \
         but for reasoning where the agent counts it; system is what the first request took beyond its prompt.",
        summary.sessions, summary.sessions_asked, summary.characters_per_token
    );
    let part = |sum: &CategorySum| Part {
        name: sum.category.as_str(),
        tokens: shortened(sum.tokens),
        percent: sum.share_percent,
        basis: basis(sum),
    };
    Stack { name: "By who says it", about, parts: tokens.details.iter().map(part).collect() }
}

fn basis(sum: &CategorySum) -> Option<String> {
    let told = match (sum.estimated, sum.counted) {
        (0, _) => None,
        (_, 0) => Some("estimated".to_owned()),
        (estimated, _) => Some(format!("estimated in {estimated} sessions")),
    };
    let missing = (sum.unknown > 0).then(|| format!("not known in {}", sum.unknown));
    told.into_iter().chain(missing).reduce(|told, missing| format!("{told}, {missing}"))
}

/// To be drawn, so a float will do.
#[expect(clippy::cast_precision_loss, reason = "a bar has a hundred steps")]
fn percent(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}
