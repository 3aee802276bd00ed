//! Words that people look for.

/// Words that all have to be there, each somewhere and in whatever case.
#[derive(Clone, Debug)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// The words of a text.
    pub fn of(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_lowercase).collect())
    }

    /// Whether each is in one of these texts.
    pub fn are_in<T: AsRef<str>>(&self, texts: impl IntoIterator<Item = T>) -> bool {
        let texts: Vec<_> = texts.into_iter().map(|text| text.as_ref().to_lowercase()).collect();
        self.0.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_whatever_case_and_order_and_all_of_them() {
        let texts = ["Fix the PARSER", "/home/dev/Été"];
        let cases = [
            ("", true),
            (" ", true),
            ("parser fix", true),
            ("pars dev", true),
            ("été", true),
            ("fix lexer", false),
            ("the/home", false),
            ("%", false),
        ];
        for (text, expected) in cases {
            assert_eq!(Words::of(text).are_in(texts), expected, "{text:?}");
        }
    }
}
