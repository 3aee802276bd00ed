//! How every command asks for an answer, and prints it as JSON.

use ::store::Store;
use domain::UnixMs;
use pricing::PriceTable;
use report::{ReportError, Source};
use serde::Serialize;
use serde_json::Value;

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
    question(&Source { holder: &holder, prices: &prices, now })
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

/// An answer as JSON.
pub fn value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).expect("an answer is texts and numbers")
}

/// Prints the details of an answer, one a line.
pub fn print_details(context: &mut Context, answer: &Value) {
    for detail in answer["details"].as_array().into_iter().flatten() {
        context.output.write_json(detail);
    }
}
