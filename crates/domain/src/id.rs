//! Identities, kept exactly as the agent gave them.

use thiserror::Error;

/// The agent name that says nothing; it yields to any other.
pub const UNKNOWN_AGENT: &str = "unknown";

/// An id that holds nothing but white space.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("is empty")]
pub struct EmptyId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Keeps the text as it came.
            ///
            /// # Errors
            /// [`EmptyId`] where it holds nothing but white space.
            pub fn new(text: impl Into<String>) -> Result<Self, EmptyId> {
                let text = text.into();
                if text.trim().is_empty() { Err(EmptyId) } else { Ok(Self(text)) }
            }

            /// The text as it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// One conversation of one agent.
    SessionId
);
id!(
    /// One message, unique within its session.
    MessageId
);
id!(
    /// One part, unique within its message: the agent's id, or one derived from the content.
    PartId
);
id!(
    /// One tool call, unique within its session.
    CallId
);
id!(
    /// One change of one file, unique within its session.
    EditId
);
id!(
    /// One time that the conversation was condensed, unique within its session.
    CompactionId
);
id!(
    /// One thing that went wrong, unique within its session.
    ErrorId
);
id!(
    /// One file changed in one step, unique everywhere.
    OperationId
);
id!(
    /// One event without a table of its own: the agent's id, or one derived from the content.
    EventId
);
id!(
    /// The name of an agent: canonical where the agent table knows it, else as it came.
    Agent
);

/// A path that does not begin at the root.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("is no absolute path")]
pub struct RelativePath;

/// One repository with all of its work trees: the absolute path of the git folder that they share. Whoever
/// tells of it has resolved links.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository(String);

impl Repository {
    /// Keeps the path as it came.
    ///
    /// # Errors
    /// [`RelativePath`] where it means another folder in another place.
    pub fn new(path: impl Into<String>) -> Result<Self, RelativePath> {
        let path = path.into();
        if path.starts_with('/') { Ok(Self(path)) } else { Err(RelativePath) }
    }

    /// The path as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that is no id of a commit.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("is no commit id of 40 or 64 hexadecimal digits")]
pub struct NoCommitId;

/// The id of one commit: a whole SHA-1 or SHA-256 in lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(String);

impl CommitId {
    /// Keeps the digits, in lower case.
    ///
    /// # Errors
    /// [`NoCommitId`] where they are others, or too few or many.
    pub fn new(digits: impl Into<String>) -> Result<Self, NoCommitId> {
        let mut digits = digits.into();
        let is_whole = matches!(digits.len(), 40 | 64);
        if !is_whole || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NoCommitId);
        }
        digits.make_ascii_lowercase();
        Ok(Self(digits))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_kept_exactly_as_it_came() {
        for text in ["ses_1", " padded ", "ünï", "a\u{0}b", "0"] {
            assert_eq!(SessionId::new(text).map(|id| id.as_str().to_owned()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn white_space_is_no_id() {
        for text in ["", " ", "\t\n", "\u{2003}"] {
            assert_eq!(MessageId::new(text), Err(EmptyId), "{text:?}");
        }
    }

    #[test]
    fn a_commit_id_is_40_or_64_digits_in_lower_case() {
        for length in [40, 64] {
            let digits = "0123456789abcdefABCDEF".repeat(3)[..length].to_owned();
            let id = CommitId::new(digits.clone()).map(|id| id.as_str().to_owned());
            assert_eq!(id, Ok(digits.to_ascii_lowercase()));
        }
        let spaced = format!(" {}", "a".repeat(39));
        let wide = "\u{ff10}".repeat(14);
        for text in ["", "HEAD", &"a".repeat(39), &"a".repeat(41), &"g".repeat(40), &spaced, &wide]
        {
            assert_eq!(CommitId::new(text), Err(NoCommitId), "{text:?}");
        }
    }

    #[test]
    fn a_repository_is_an_absolute_path() {
        for path in ["/r/.git", "/", "/with\na line"] {
            assert_eq!(Repository::new(path).map(|it| it.as_str().to_owned()), Ok(path.to_owned()));
        }
        for path in ["", ".git", " /r", "C:\\r"] {
            assert_eq!(Repository::new(path), Err(RelativePath), "{path:?}");
        }
    }
}
