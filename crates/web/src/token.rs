//! The secret that opens the server: a loopback port is open to every user of the machine.

use sha2::{Digest, Sha256};
use thiserror::Error;

/// How many random bytes a token has.
const RANDOM_BYTES: usize = 32;

/// A token from a file has at least so many characters.
const SHORTEST: usize = 32;

/// A secret that a request has to know.
#[derive(Clone)]
pub struct Token {
    text: String,
    digest: [u8; 32],
}

/// A text that is no token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TokenError {
    /// It can be guessed.
    #[error("has fewer than {SHORTEST} characters")]
    Short,
    /// It cannot stand in a URL and a cookie as it is.
    #[error("has other characters than letters, digits, `-`, `.`, `_` and `~`")]
    Character,
}

impl Token {
    /// A new one, in hexadecimal digits.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        Ok(Self::of(random_hex::<RANDOM_BYTES>()?))
    }

    /// One that somebody has made; white space around it is not part of it.
    ///
    /// # Errors
    /// It is too short, or has characters that a URL does not take.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !text.bytes().all(is_plain) {
            return Err(TokenError::Character);
        }
        if text.len() < SHORTEST {
            return Err(TokenError::Short);
        }
        Ok(Self::of(text.to_owned()))
    }

    fn of(text: String) -> Self {
        let digest = Sha256::digest(&text).into();
        Self { text, digest }
    }

    /// The text, for the person who starts the server.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether that is it. Digests are compared: how long that takes tells nothing of the token.
    pub fn is(&self, given: &str) -> bool {
        <[u8; 32]>::from(Sha256::digest(given)) == self.digest
    }
}

/// So many random bytes in hexadecimal digits.
///
/// # Errors
/// The system has none.
pub(crate) fn random_hex<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_token_is_sixty_four_digits_and_no_two_are_alike() {
        let [one, other] = [Token::random(), Token::random()].map(|token| token.expect("random"));
        assert_eq!(one.as_str().len(), 2 * RANDOM_BYTES);
        assert!(one.is(one.as_str()) && !one.is(other.as_str()) && !one.is(""));
        assert!(!one.is(&one.as_str()[..63]) && !one.is(&format!("{} ", one.as_str())));
    }

    #[test]
    fn a_token_that_can_be_guessed_or_breaks_a_header_is_none() {
        let long = "x".repeat(SHORTEST);
        let cases = [
            (format!("{long}\n"), None),
            ("x".repeat(SHORTEST - 1), Some(TokenError::Short)),
            (String::new(), Some(TokenError::Short)),
            (format!("{long};y"), Some(TokenError::Character)),
            (format!("{long}\ny"), Some(TokenError::Character)),
            (format!("{long}é"), Some(TokenError::Character)),
        ];
        for (text, expected) in cases {
            assert_eq!(Token::parse(&text).err(), expected, "{text:?}");
        }
    }
}
