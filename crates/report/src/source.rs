//! Where answers come from. What several questions read is read once, as long as one lease is held: a page
//! asks many of them.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use domain::UnixMs;
use pricing::PriceTable;
use store::{
    Holder,
    query::{
        copies::{Copies, copies},
        session_counts::{SessionCounts, counts_by_session},
        sessions_known::{SessionKnown, sessions_known},
        usage_sums::{Grain, Span, UsageSum, usage_sums},
    },
};

use crate::{ReportError, usage::sums::Sum};

/// Where answers come from.
pub struct Source<'s> {
    /// The record, which is ours as long as the answer is worked out.
    pub holder: &'s Holder<'s>,
    /// What tokens cost.
    pub prices: &'s PriceTable,
    /// What time it is.
    pub now: UnixMs,
    sessions: OnceCell<Vec<SessionKnown>>,
    copies: OnceCell<Copies>,
    counts: BySpan<HashMap<String, SessionCounts>>,
    took: BySpan<Vec<Took>>,
}

/// What some messages of one session took, and what that costs.
pub(crate) struct Took {
    pub row: UsageSum,
    pub sum: Sum,
}

impl<'s> Source<'s> {
    /// A record of which nothing is read yet.
    pub fn new(holder: &'s Holder<'s>, prices: &'s PriceTable, now: UnixMs) -> Self {
        Self {
            holder,
            prices,
            now,
            sessions: OnceCell::new(),
            copies: OnceCell::new(),
            counts: BySpan::default(),
            took: BySpan::default(),
        }
    }

    /// Every session.
    pub(crate) fn sessions(&self) -> Result<&[SessionKnown], ReportError> {
        once(&self.sessions, || sessions_known(self.holder)).map(Vec::as_slice)
    }

    /// Messages that count in another session than their own.
    pub(crate) fn copies(&self) -> Result<&Copies, ReportError> {
        once(&self.copies, || copies(self.holder))
    }

    /// What each session holds of a time, without copies.
    pub(crate) fn counts(
        &self,
        span: Span,
    ) -> Result<Rc<HashMap<String, SessionCounts>>, ReportError> {
        let copies = self.copies()?;
        self.counts.of(span, || Ok(counts_by_session(self.holder, span, copies)?))
    }

    /// What the messages of a time took, by session, quarter of an hour and model, without copies.
    pub(crate) fn took(&self, span: Span) -> Result<Rc<Vec<Took>>, ReportError> {
        self.took.of(span, || self.read_took(span, Grain::Session))
    }

    /// The same message by message; only one question asks for that.
    pub(crate) fn took_by_message(&self, span: Span) -> Result<Rc<Vec<Took>>, ReportError> {
        self.read_took(span, Grain::Message).map(Rc::new)
    }

    fn read_took(&self, span: Span, grain: Grain) -> Result<Vec<Took>, ReportError> {
        let bounds = self.prices.prompt_bounds();
        let rows = usage_sums(self.holder, span, &bounds, grain, self.copies()?)?;
        let took = |row: UsageSum| Took { sum: Sum::of(&row, self.prices, &bounds), row };
        Ok(rows.into_iter().map(took).collect())
    }
}

fn once<T, E>(cell: &OnceCell<T>, read: impl FnOnce() -> Result<T, E>) -> Result<&T, ReportError>
where
    ReportError: From<E>,
{
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let read = read()?;
    Ok(cell.get_or_init(|| read))
}

/// What was read of spans of time; there are at most two in one answer.
struct BySpan<T>(RefCell<Vec<(Span, Rc<T>)>>);

impl<T> Default for BySpan<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> BySpan<T> {
    fn of(
        &self,
        span: Span,
        read: impl FnOnce() -> Result<T, ReportError>,
    ) -> Result<Rc<T>, ReportError> {
        let known =
            self.0.borrow().iter().find(|(of, _)| *of == span).map(|(_, read)| Rc::clone(read));
        if let Some(known) = known {
            return Ok(known);
        }
        let read = Rc::new(read()?);
        self.0.borrow_mut().push((span, Rc::clone(&read)));
        Ok(read)
    }
}
