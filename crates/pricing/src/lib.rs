//! What tokens cost: prices as data, which of them holds for a message, and exact arithmetic.
//!
//! A price is never guessed: a model is found by its names as they are written, and what has no price
//! has no cost. Nothing here reads a file, a clock or a database, and nothing is a float.

mod cost;
mod price;
mod reading;
mod table;

pub use cost::{Charge, Factor, NoCost, charge, charge_together};
pub use jiff::civil::Date;
pub use price::{Kind, Price, Rate, Rates, UnreadableRate};
pub use reading::{Fault, read};
pub use table::{Found, Matched, NotFound, PriceTable};
