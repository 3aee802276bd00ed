//! What intake makes of inputs, through its public door.

mod accounting;
mod bad_input;
mod change;
mod claude_both;
mod claude_edit;
mod claude_hook;
mod claude_hostile;
mod claude_lines;
mod claude_lines_property;
mod compaction;
mod envelope;
mod event;
mod failure;
mod file_edited;
mod fixture;
mod fuzz_seeds;
mod hook;
mod merged;
mod message;
mod part;
mod property;
mod schema;
mod session;
mod support;
mod throughput;
mod tool;
