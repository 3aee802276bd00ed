//! Identities for what its agent gives none: made from the content, so that a replay finds the same
//! rows again, and from the place among equal items, so that two equal ones stay two.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use crate::json;

const PREFIX: &str = "sha256:";
const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";

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
        let mut id = String::with_capacity(PREFIX.len() + 2 * self.0.len());
        id.push_str(PREFIX);
        for byte in self.0 {
            id.push(char::from(HEX_DIGITS[usize::from(byte >> 4)]));
            id.push(char::from(HEX_DIGITS[usize::from(byte & 0xF)]));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_digest_of_the_canonical_text() {
        // printf '{"a":[1,true],"b":"é"}' | sha256sum
        let id = "sha256:719470661d7bcaff37673edac3675fcfc435e78ebf53ab13291e985097f14f5b";
        for text in [r#"{"a":[1,true],"b":"é"}"#, r#"{ "b": "\u00e9", "a": [1, true] }"#] {
            assert_eq!(Digest::of(text).id(), id);
        }
    }

    #[test]
    fn equal_items_are_counted_apart_from_others() {
        let mut occurrences = Occurrences::from(0);
        let counts = ["a", "b", "a", "a", "b"].map(|text| occurrences.count(Digest::of(text)));
        assert_eq!(counts, [0, 0, 1, 2, 1]);
        assert_eq!(Occurrences::from(7).count(Digest::of("a")), 7);
    }
}
