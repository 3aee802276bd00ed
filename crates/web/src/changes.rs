//! Which sessions changed lately, for those who listen.

use std::collections::VecDeque;

/// Who asks for more is told that anything may have changed.
pub(crate) const MOST: u32 = 100;

/// So much is kept for those who listen slowly.
const KEPT: usize = 1_000;

/// The latest changes.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Up to which revision they are known.
    pub revision: i64,
    /// All changes after this revision are here.
    whole_since: i64,
    /// The sessions, each with the revision at which its change was seen.
    seen: VecDeque<(i64, String)>,
}

impl Changes {
    /// What has changed up to a revision, if that was asked and is not too much.
    pub fn add(&mut self, revision: i64, sessions: Vec<String>, was_asked: bool) {
        if was_asked && sessions.len() < MOST as usize {
            self.seen.extend(sessions.into_iter().map(|session| (revision, session)));
        } else {
            self.seen.clear();
            self.whole_since = revision;
        }
        self.revision = revision;
        while self.seen.len() > KEPT {
            if let Some((revision, _)) = self.seen.pop_front() {
                self.whole_since = revision;
            }
        }
    }

    /// The sessions that have changed since a revision, each once; nothing where not all are known.
    pub fn since(&self, revision: i64) -> Option<Vec<String>> {
        if revision < self.whole_since {
            return None;
        }
        let mut sessions: Vec<_> =
            self.seen.iter().filter(|(at, _)| *at > revision).map(|(_, id)| id.clone()).collect();
        sessions.sort_unstable();
        sessions.dedup();
        Some(sessions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn who_listens_is_told_each_session_once_and_never_too_few() {
        let mut changes = Changes::default();
        changes.add(3, named(&["a", "b"]), true);
        changes.add(5, named(&["b"]), true);
        assert_eq!(changes.since(0), Some(named(&["a", "b"])));
        assert_eq!(changes.since(3), Some(named(&["b"])));
        assert_eq!(changes.since(5), Some(named(&[])));
        changes.add(9, vec![], false);
        assert_eq!((changes.since(5), changes.since(9)), (None, Some(named(&[]))));
        changes.add(10, named(&["x"; MOST as usize]), true);
        assert_eq!((changes.since(9), changes.since(10)), (None, Some(named(&[]))));
        for revision in 11..2_000 {
            changes.add(revision, named(&["c"]), true);
        }
        assert_eq!((changes.since(11), changes.since(1_900)), (None, Some(named(&["c"]))));
        assert!(changes.seen.len() <= KEPT);
    }
}
