//! What the hook events of agents that name their fields alike tell of a session.
//!
//! Each value counts as of the event's own time, else of its receipt: of what a session is like the
//! latest, of its folder the first. A second delivery comes later and so changes at most when the
//! session was last heard of.

use domain::{Field, Model, Session, Stamp, UnixMs};

use super::Heard;

/// Where in a session an event lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It begins, or goes on after it had ended.
    Start,
    /// Somewhere in it.
    Within,
    /// It ends.
    End,
}

/// Tells of the session what the event says of it.
pub(crate) fn tell(session: &mut Session, heard: &Heard<'_>, phase: Phase) {
    let at = heard.moment().ordered;
    // A session can go on, so nothing of it is final.
    let now = Stamp { is_final: false, observed_at: at };
    session.permission_mode = Field::new(now, heard.filled("permission_mode"));
    session.model = Field::new(now, Model::named(None, heard.filled("model")));
    session.project_path = Field::new(first(at, phase), heard.filled("cwd"));
    match phase {
        Phase::Start => session.source = Field::new(now, heard.filled("source")),
        Phase::Within => {}
        Phase::End => {
            session.ended_at = Field::new(now, Some(at.get()));
            session.end_reason = Field::new(now, heard.filled("reason"));
        }
    }
}

/// The earlier the stronger, and stronger where the session starts.
fn first(at: UnixMs, phase: Phase) -> Stamp {
    let left = UnixMs::new(i64::MAX - at.get()).expect("a time is at most the last one");
    Stamp { is_final: phase == Phase::Start, observed_at: left }
}
