//! Names of spool files: `<received>-<random>.spool`, and `<received>-<random>.tried<N>.spool`
//! once a file was tried alone. A plugin's outbox may use any other stem.

use std::fmt;

const SUFFIX: &str = ".spool";
const TRIED: &str = ".tried";

/// After this many attempts alone a hook leaves a file to a command.
const ATTEMPTS_OF_HOOKS: u32 = 3;

/// After this many even a command tries it no more: processes have died in its last ones.
const ATTEMPTS_IN_ALL: u32 = 5;

/// The name of a file that can be drained; names order by time of receipt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpoolName {
    stem: String,
    attempts: u32,
}

impl SpoolName {
    pub(crate) fn new(received_at_unix_ms: i64, random: u64) -> Self {
        Self { stem: format!("{received_at_unix_ms:015}-{random:016x}"), attempts: 0 }
    }

    /// `None` for what is not drained: temporary and foreign files.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(SUFFIX).filter(|stem| !stem.is_empty())?;
        let counted = stem.rsplit_once(TRIED).and_then(|(stem, attempts)| {
            let attempts = attempts.parse().ok().filter(|attempts| *attempts > 0)?;
            (!stem.is_empty()).then_some((stem, attempts))
        });
        let (stem, attempts) = counted.unwrap_or((stem, 0));
        Some(Self { stem: stem.to_owned(), attempts })
    }

    /// What names the file, however often it was tried.
    pub(crate) fn stem(&self) -> &str {
        &self.stem
    }

    /// How often it was tried alone.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn with_attempts(&self, attempts: u32) -> Self {
        Self { stem: self.stem.clone(), attempts }
    }

    /// Whether a hook may still try it.
    pub(crate) fn is_for_hooks(&self) -> bool {
        self.attempts < ATTEMPTS_OF_HOOKS
    }

    /// Whether a command may still try it.
    pub(crate) fn is_for_commands(&self) -> bool {
        self.attempts < ATTEMPTS_IN_ALL
    }

    /// When it was handed over, as far as the name tells.
    pub(crate) fn received_at_unix_ms(&self) -> Option<i64> {
        self.stem.split('-').next()?.parse().ok()
    }
}

impl fmt::Display for SpoolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempts {
            0 => write!(f, "{}{SUFFIX}", self.stem),
            attempts => write!(f, "{}{TRIED}{attempts}{SUFFIX}", self.stem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_counts_attempts() {
        let name = SpoolName::new(1_795_168_018_979, 0xab);
        assert_eq!(name.to_string(), "001795168018979-00000000000000ab.spool");
        assert_eq!(SpoolName::parse(&name.to_string()), Some(name.clone()));
        let tried = name.with_attempts(2);
        assert_eq!(tried.to_string(), "001795168018979-00000000000000ab.tried2.spool");
        assert_eq!(SpoolName::parse(&tried.to_string()), Some(tried.clone()));
        assert_eq!(tried.stem(), name.stem());
        assert!(tried.is_for_hooks());
        assert!(!name.with_attempts(3).is_for_hooks() && name.with_attempts(4).is_for_commands());
        assert!(!name.with_attempts(5).is_for_commands());
        assert_eq!(tried.received_at_unix_ms(), Some(1_795_168_018_979));
        assert_eq!(
            SpoolName::parse("opencode-7.spool").and_then(|name| name.received_at_unix_ms()),
            None
        );
    }

    #[test]
    fn any_stem_is_a_name_and_nothing_else_is() {
        let cases = [
            ("a.spool", Some(("a", 0))),
            ("a.b.spool", Some(("a.b", 0))),
            ("a.7.spool", Some(("a.7", 0))),
            ("a.tried7.spool", Some(("a", 7))),
            ("a.tried0.spool", Some(("a.tried0", 0))),
            ("a.tried.spool", Some(("a.tried", 0))),
            (".tried7.spool", Some((".tried7", 0))),
            (".spool", None),
            ("a.spool.tmp", None),
            ("a", None),
        ];
        for (text, expected) in cases {
            let name = SpoolName::parse(text);
            assert_eq!(
                name.as_ref().map(|name| (name.stem.as_str(), name.attempts)),
                expected,
                "{text}"
            );
            assert!(name.is_none_or(|name| name.to_string() == text), "{text}");
        }
    }
}
