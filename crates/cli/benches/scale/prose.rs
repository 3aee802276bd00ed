//! Texts as long as those of agents.

use crate::support::Random;

const WORDS: &str = "the test fails because the reader closes its socket before the last page was \
    written so I will look at how the lease is taken and change the order of both calls then run \
    everything again and say what I found in the file that holds the state of this session ";

/// What texts are cut from.
pub struct Prose(String);

impl Prose {
    /// Words in no order, the same each time.
    pub fn new() -> Self {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let mut random = Random::from_seed(1);
        let mut text = String::new();
        while text.len() < 1 << 18 {
            let number = random.below(words.len() as u64);
            text.push_str(words[usize::try_from(number).expect("an index")]);
            text.push(if random.below(12) == 0 { '\n' } else { ' ' });
        }
        Self(text)
    }

    /// A piece of that length at least, and at most.
    pub fn text(&self, random: &mut Random, least: u64, most: u64) -> String {
        let length = least + random.below(most - least);
        let begin = random.below(self.0.len() as u64 - length);
        let [begin, end] = [begin, begin + length].map(|at| usize::try_from(at).expect("an index"));
        self.0[begin..end].to_owned()
    }

    /// A change of a file.
    pub fn diff(&self, random: &mut Random, file: &str) -> String {
        let mut lines = || self.text(random, 30, 300).replace('\n', " ");
        let (old, new) = (lines(), lines());
        format!("--- a{file}\n+++ b{file}\n@@ -1,1 +1,1 @@\n-{old}\n+{new}\n")
    }
}
