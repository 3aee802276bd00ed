//! Texts of no meaning and any length.

use std::fmt::Write;

use crate::support::Random;

const WORDS: [&str; 48] = [
    "the",
    "reader",
    "takes",
    "each",
    "line",
    "as",
    "it",
    "came",
    "and",
    "keeps",
    "what",
    "no",
    "column",
    "has",
    "taken",
    "of",
    "a",
    "message",
    "whose",
    "parts",
    "are",
    "known",
    "already",
    "so",
    "that",
    "nothing",
    "is",
    "counted",
    "twice",
    "when",
    "session",
    "was",
    "copied",
    "by",
    "fork",
    "or",
    "written",
    "again",
    "\u{2014}",
    "naïve",
    "error:",
    "`Option<T>`",
    "\"quoted\"",
    "tests/replay.rs",
    "0.125",
    "then",
    "we",
    "look",
];

/// About as many words as that, at least one.
pub fn words(random: &mut Random, most: u64) -> String {
    let count = 1 + random.below(most);
    let mut text = String::new();
    for number in 0..count {
        let end = if number % 16 == 15 { "\n" } else { " " };
        let word = usize::try_from(random.below(WORDS.len() as u64)).expect("an index");
        text.push_str(WORDS[word]);
        text.push_str(end);
    }
    text.pop();
    text
}

/// The lines of a file, at most that many and at least eight.
pub fn file(random: &mut Random, most: u64) -> Vec<String> {
    let count = 8 + random.below(most);
    (0..count).map(|_| format!("    {}", words(random, 12).replace('\n', " "))).collect()
}

/// An id of 36 letters as `RFC 9562` writes it.
pub fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.below(u64::MAX), random.below(u64::MAX));
    let text = format!("{high:016x}{low:016x}");
    let parts = [&text[..8], &text[8..12], "4", &text[13..16], "a", &text[17..20], &text[20..]];
    let [first, second, four, third, variant, fourth, last] = parts;
    format!("{first}-{second}-{four}{third}-{variant}{fourth}-{last}")
}

/// That many hexadecimal digits behind a word.
pub fn id(random: &mut Random, word: &str, digits: usize) -> String {
    let mut text = word.to_owned();
    while text.len() < word.len() + digits {
        write!(text, "{:016x}", random.below(u64::MAX)).expect("a string takes all");
    }
    text.truncate(word.len() + digits);
    text
}
