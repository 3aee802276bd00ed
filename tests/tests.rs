//! The program as others meet it: a process with arguments, variables, input, output and a code.
//!
//! One binary, because each further one is linked with the engine again. What can be proved
//! without a process is proved beside the code.

mod attribution;
mod attribution_pages;
mod bad_input;
mod blame;
mod claude_cost;
mod claude_order;
mod clients;
mod compact;
mod completions;
mod config;
mod contract;
mod db;
mod doctor;
mod documents;
mod faults;
mod forms;
mod git_hooks;
mod hooks;
mod import;
mod import_claude;
mod kill;
mod pager;
mod pages;
mod rejects;
mod replay;
mod schemathesis;
mod serve;
mod session;
mod session_answers;
mod session_cleanup;
mod session_export;
mod session_list;
mod session_page;
mod session_resume;
mod setup;
mod setup_claude;
mod setup_codex_gemini;
mod setup_git;
mod spool;
mod stats;
mod storm;
mod support;
mod trace;
mod transcripts;
mod usage;
mod usage_cost;
mod usage_sums;
