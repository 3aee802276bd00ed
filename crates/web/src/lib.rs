//! The record over HTTP: the same answers as in the terminal, byte for byte, and as pages for people.
//!
//! A request has the lease only while its question is asked; texts are made and sent without it, and
//! hooks never wait for a page. Whose lines are is asked of git too, without the lease. Nothing here knows SQL, arguments or variables, and nothing of a
//! conversation or a token is logged.

mod access;
mod answers;
mod assets;
mod attribution;
mod changes;
mod events;
mod guard;
mod openapi;
mod pages;
mod parameters;
mod reply;
mod routes;
mod serve;
#[cfg(test)]
mod tests;
mod token;

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use pricing::PriceTable;
use report::{ReportError, Source, installation::Installation};
use store::Store;

pub use access::Hosts;
pub use agent_trace::record::Links;
pub use serve::{Ended, Server};
pub use token::{Token, TokenError};

/// What a server serves, and to whom.
pub struct Config {
    /// The record.
    pub store: Store,
    /// What tokens cost.
    pub prices: PriceTable,
    /// The time zone of days where a request names none.
    pub zone: TimeZone,
    /// The names by which the server may be called.
    pub hosts: Hosts,
    /// What a request has to know; `None` lets everybody in who reaches the port.
    pub token: Option<Token>,
    /// How long a request waits for its answer.
    pub time_limit: Duration,
    /// How the record is kept.
    pub installation: AskInstallation,
    /// How records of commits link to conversations.
    pub links: Links,
}

/// Asks the record what it says of how it is kept.
pub type AskInstallation = Arc<dyn Fn(&Source<'_>) -> Result<Around, ReportError> + Send + Sync>;

/// Looks at what lies around the record, once the lease is given back.
pub type Around = Box<dyn FnOnce() -> Installation + Send>;
