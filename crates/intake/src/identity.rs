//! Identities for what its agent gives none: made from the content, so that a replay finds the same
//! rows again, and from the place among equal items, so that two equal ones stay two.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::json;

/// SHA-256 of an item's canonical text, so that white space and the order of keys do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// The digest of an item, or of its bytes as they are where it cannot be read.
    pub fn of(text: &str) -> Self {
        match json::object(text) {
            Ok(object) => Self::of_bytes(json::canonical(&object).as_bytes()),
            Err(_) => Self::of_bytes(text.as_bytes()),
        }
    }

    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// An id that tells of its origin.
    pub fn id(self) -> String {
        let mut id = String::with_capacity("sha256:".len() + 64);
        id.push_str("sha256:");
        for byte in self.0 {
            write!(id, "{byte:02x}").expect("writing to a string does not fail");
        }
        id
    }
}

/// Counts the equal items of one envelope.
#[derive(Debug)]
pub(crate) struct Occurrences {
    first: u64,
    seen: HashMap<Digest, u64>,
}

impl Occurrences {
    /// Counts from `first`: 0, but where one item was taken out of its envelope to be judged again.
    pub fn from(first: u64) -> Self {
        Self { first, seen: HashMap::new() }
    }

    /// Which of its equals this item is.
    pub fn count(&mut self, digest: Digest) -> u64 {
        let next = self.seen.entry(digest).or_insert(self.first);
        let occurrence = *next;
        *next += 1;
        occurrence
    }

    /// An id for an item that bears none.
    pub fn id(&mut self, text: &str) -> String {
        let digest = Digest::of(text);
        format!("{}:{}", digest.id(), self.count(digest))
    }
}
