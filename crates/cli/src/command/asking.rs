//! How every command asks for an answer.

use ::store::Store;
use domain::UnixMs;
use pricing::PriceTable;
use report::{ReportError, Source};

use super::{
    Context,
    store::{failure, open_drained},
};
use crate::{exit::ExitCode, failure::Failure};

/// What is known of prices, a person's own among them.
///
/// # Errors
/// The settings are wrong.
pub fn prices(context: &Context) -> Result<PriceTable, Failure> {
    Ok(PriceTable::built_in().with(&context.settings()?.prices))
}

/// Asks, with all that was handed over stored; the record is free again before anything is printed.
///
/// # Errors
/// The settings are wrong, the record is not to be had, or the question has no answer.
pub fn ask<T>(
    context: &Context,
    store: &Store,
    purpose: &str,
    now: UnixMs,
    question: impl FnOnce(&Source<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let prices = prices(context)?;
    let holder = open_drained(store, purpose)?;
    question(&Source::new(&holder, &prices, now))
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Store(error) => failure(&error),
            unknown @ ReportError::UnknownSession(_) => {
                Self::new(ExitCode::NotFound, unknown.to_string())
            }
        }
    }
}
