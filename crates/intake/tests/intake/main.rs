//! What intake makes of inputs, through its public door.

mod accounting;
mod bad_input;
mod envelope;
mod event;
mod fixture;
mod fuzz_seeds;
mod hook;
mod message;
mod part;
mod property;
mod schema;
mod support;
mod throughput;
mod tool;
