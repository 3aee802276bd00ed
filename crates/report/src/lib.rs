//! Answers to questions about the record, the same for the terminal, for HTTP and for pages.
//!
//! Each question is one file: it asks the store, works out costs by today's prices, and gives a
//! [`Report`]. Nothing here prints, reads the environment or knows SQL; [`QUESTIONS`] says by which
//! words and under which path each one is asked.

pub mod attribution;
mod error;
mod filter;
pub mod health;
pub mod installation;
pub mod json;
pub mod list;
pub mod markdown;
mod opening;
pub mod overall;
pub mod plain;
mod questions;
pub mod session;
mod shape;
mod source;
pub mod times;
mod unpriced;
pub mod usage;
mod values;
mod words;

pub use error::ReportError;
pub use filter::SessionFilter;
pub use json::json;
pub use questions::{Answer, QUESTIONS, Question, SessionQuestion};
pub use shape::Report;
pub use source::Source;
pub use unpriced::unpriced;
pub use values::{Amount, TokenCounts, dollars, length};
