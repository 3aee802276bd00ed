//! Whether a session can be gone on with, as its agent's own store says.

use crate::UnixMs;

/// Whether a session can be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeState {
    /// Its agent has it.
    Active,
    /// Its agent does not have it, and keeps none for as long.
    Expired,
    /// Its agent does not have it, or cannot have given it that id.
    Invalid,
    /// That cannot be told, or nobody has looked.
    Unknown,
}

impl ResumeState {
    /// Every one, in the order of the documents.
    pub const ALL: [Self; 4] = [Self::Active, Self::Expired, Self::Invalid, Self::Unknown];

    /// Its word in the record, in tables and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What was found out when a session was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Whether it can be resumed.
    pub state: ResumeState,
    /// When that was looked up; nothing where nobody has looked.
    pub checked_at: Option<UnixMs>,
    /// How long its agent keeps a session that nobody goes on with, where that is known.
    pub agent_keeps_ms: Option<i64>,
}

impl Resume {
    /// Nobody has looked.
    pub const UNKNOWN: Self =
        Self { state: ResumeState::Unknown, checked_at: None, agent_keeps_ms: None };

    /// Whether it can be resumed, for all that is known: a session that was gone when it was looked up,
    /// and has been active since, may be there again.
    pub fn state(&self, last_activity: Option<UnixMs>) -> ResumeState {
        let has_gone_on = last_activity > self.checked_at;
        match self.state {
            ResumeState::Expired | ResumeState::Invalid if has_gone_on => ResumeState::Unknown,
            state => state,
        }
    }

    /// When its agent may forget it, where that is known.
    pub fn expires_at(&self, last_activity: Option<UnixMs>) -> Option<UnixMs> {
        let (last, keeps) = (last_activity?, self.agent_keeps_ms?);
        UnixMs::new(last.get().saturating_add(keeps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Option<UnixMs> {
        UnixMs::new(ms)
    }

    #[test]
    fn every_state_is_read_as_it_is_written() {
        for state in ResumeState::ALL {
            assert_eq!(ResumeState::named(state.as_str()), Some(state));
        }
        assert_eq!(ResumeState::named("Active"), None);
    }

    #[test]
    fn a_session_that_has_gone_on_since_may_be_there_again() {
        use ResumeState::{Active, Expired, Invalid, Unknown};
        let cases = [
            (Active, Some(5), Some(9), Active),
            (Expired, Some(5), Some(4), Expired),
            (Expired, Some(5), Some(5), Expired),
            (Expired, Some(5), Some(6), Unknown),
            (Invalid, Some(5), Some(6), Unknown),
            (Invalid, Some(5), None, Invalid),
            (Unknown, None, Some(6), Unknown),
        ];
        for (state, checked, last, expected) in cases {
            let checked_at = checked.and_then(at);
            let resume = Resume { state, checked_at, agent_keeps_ms: None };
            assert_eq!(resume.state(last.and_then(at)), expected, "{resume:?} {last:?}");
        }
    }

    #[test]
    fn it_expires_after_its_last_activity_where_the_agent_says_so() {
        let keeps = |agent_keeps_ms| Resume { agent_keeps_ms, ..Resume::UNKNOWN };
        assert_eq!(keeps(Some(10)).expires_at(at(5)), at(15));
        assert_eq!(keeps(Some(i64::MAX)).expires_at(at(5)), at(i64::MAX));
        assert_eq!(keeps(None).expires_at(at(5)), None);
        assert_eq!(keeps(Some(10)).expires_at(None), None);
    }
}
