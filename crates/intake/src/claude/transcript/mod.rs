//! The lines of a transcript, in which Claude Code itself records a session.
//!
//! Read line by line and in order; files and offsets of their ends are the caller's. Nothing is
//! dropped but what a table names with its reason.

use domain::{Batch, Item, UnixMs};

/// Reads the lines of one transcript, in their order.
#[derive(Debug)]
pub struct Transcript {
    received_at: UnixMs,
    state: String,
}

impl Transcript {
    /// Goes on from a state that [`Transcript::position`] gave, or begins anew; a state that cannot
    /// be read is as none.
    pub fn resume(state: Option<&str>, received_at: UnixMs) -> Self {
        Self { received_at, state: state.unwrap_or_default().to_owned() }
    }

    /// Takes in one whole line (without its end) that begins at `offset`. Items go to `batch`.
    ///
    /// # Errors
    /// Why it is no line of a transcript, quoting nothing. The reading goes on after it.
    pub fn line(
        &mut self,
        offset: u64,
        line: &[u8],
        batch: &mut Batch,
    ) -> Result<(), &'static str> {
        let _ = (offset, &self.received_at, batch);
        if line.starts_with(b"{") { Ok(()) } else { Err("is no object") }
    }

    /// Hands out what is unsettled, as it seems. To be called at the end of what can be read, and
    /// before a commit.
    pub fn finish(&mut self, batch: &mut Batch) {
        let _ = (&mut self.state, batch);
    }

    /// Where to go on the next time: offset and state before the first unsettled line, else `end`
    /// and the state now.
    pub fn position(&self, end: u64) -> (u64, String) {
        (end, self.state.clone())
    }
}

/// What `agent-<id>.meta.json` beside a subagent's transcript says of it.
pub fn agent_meta(session: &str, agent_id: &str, json: &[u8], received_at: UnixMs) -> Option<Item> {
    let _ = (session, agent_id, json, received_at);
    None
}
