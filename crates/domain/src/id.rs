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
}
