//! The store from outside, on temporary files, with the real engine and a toy decoder.

mod canary;
mod cursors;
mod drain;
mod merge;
mod poison;
mod schema;
mod spans;
mod support;
mod transcripts;
mod usage;
