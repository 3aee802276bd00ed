//! All prices, and which of them holds for a message.

use std::collections::BTreeSet;

use domain::Model;
use jiff::civil::Date;
use thiserror::Error;
use toml::de::DeTable;

use crate::{Price, reading};

/// The prices that come with the program.
const BUILT_IN: &str = include_str!("../prices.toml");

/// All prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceTable {
    all: Vec<Price>,
    /// How many of them are a person's own; they come first.
    own: usize,
}

/// How a model was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    /// By its name.
    Name,
    /// By another name of it.
    Alias,
    /// By one of its names, once the day at the end of what was asked for was taken off.
    Undated,
}

impl Matched {
    /// The ways to find a model, the first one first.
    const STEPS: [Self; 3] = [Self::Name, Self::Alias, Self::Undated];

    fn is(self, price: &Price, id: &str) -> bool {
        match self {
            Self::Name => price.model == id,
            Self::Alias => price.has_name(id),
            Self::Undated => without_day(id).is_some_and(|name| price.has_name(name)),
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Alias => "alias",
            Self::Undated => "undated",
        }
    }
}

/// A price, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'t> {
    /// The price.
    pub price: &'t Price,
    /// How its model was found.
    pub matched: Matched,
}

/// Why there is no price.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotFound {
    /// The agent names no model.
    #[error("the agent names no model")]
    NoModel,
    /// Nobody knows what it costs.
    #[error("no price of the model is known")]
    UnknownModel,
    /// The agent names no provider, and several serve a model of that name.
    #[error("several providers serve a model of that name, and the agent names none")]
    ManyProviders,
    /// What it costs is known, but not for that time or for a prompt of that length.
    #[error("no price of the model is known for that time")]
    NoPriceThen,
}

impl PriceTable {
    /// The prices that come with the program.
    pub fn built_in() -> Self {
        let table = DeTable::parse(BUILT_IN).expect("the built-in prices are TOML");
        let list = table.get_ref().get("prices").expect("the built-in prices are a list");
        Self { all: reading::read(list).expect("the built-in prices are right"), own: 0 }
    }

    /// The same with a person's own prices. A model that they name, by whichever of its names, is
    /// theirs, whole: no other price of it is left, so an own price holds on the days that it says
    /// and on no other. The model keeps all its names.
    #[must_use]
    pub fn with(self, own: &[Price]) -> Self {
        let mut all = own.to_vec();
        for price in &self.all {
            let names = self.names_of(price);
            let of_provider = || own.iter().filter(|own| own.provider == price.provider);
            let owner = of_provider()
                .find(|own| own.has_name(&price.model))
                .or_else(|| of_provider().find(|own| names.contains(&&own.model)));
            let is_free = |name: &&String| !of_provider().any(|own| own.has_name(name));
            let Some(owner) = owner else {
                let aliases = price.aliases.iter().filter(is_free).cloned().collect();
                all.push(Price { aliases, ..price.clone() });
                continue;
            };
            let owners = all[..own.len()].iter_mut();
            for own in owners.filter(|own| own.is_of_the_model_of(owner)) {
                for name in names.iter().copied().filter(is_free) {
                    if !own.has_name(name) {
                        own.aliases.push(name.clone());
                    }
                }
            }
        }
        Self { all, own: own.len() }
    }

    /// Every name of the model of a price; an alias may stand at one of the model's prices only.
    fn names_of(&self, price: &Price) -> Vec<&String> {
        let of_model = self.all.iter().filter(|other| other.is_of_the_model_of(price));
        of_model.flat_map(|price| price.aliases.iter().chain([&price.model])).collect()
    }

    /// The lengths of prompts beyond which other prices hold, ascending.
    pub fn prompt_bounds(&self) -> Vec<i64> {
        let bounds: BTreeSet<i64> =
            self.all.iter().filter_map(|price| price.prompt_over_tokens).collect();
        bounds.into_iter().collect()
    }

    /// All of them.
    pub fn prices(&self) -> &[Price] {
        &self.all
    }

    /// A person's own, and those that come with the program.
    pub fn own_and_built_in(&self) -> (&[Price], &[Price]) {
        self.all.split_at(self.own)
    }

    /// The price for a prompt of that length on that day: of the model with exactly that name, else
    /// of the one with that alias, else the same without a day (`-20251101`) at the end. A provider
    /// that is named has to be the price's. Of prices for long prompts the longest that fits.
    ///
    /// # Errors
    /// There is none, and why.
    pub fn find(
        &self,
        model: Option<&Model>,
        day: Option<Date>,
        prompt_tokens: i64,
    ) -> Result<Found<'_>, NotFound> {
        let id = model.and_then(|model| model.model_id.as_deref()).ok_or(NotFound::NoModel)?;
        let provider = model.and_then(|model| model.provider_id.as_deref());
        let (prices, matched) = self.of_model(provider, id)?;
        let holds = |price: &&&Price| {
            price.holds_on(day) && price.prompt_over_tokens.is_none_or(|over| prompt_tokens > over)
        };
        let price = prices.iter().filter(holds).max_by_key(|price| price.prompt_over_tokens);
        price.map(|price| Found { price, matched }).ok_or(NotFound::NoPriceThen)
    }

    fn of_model(
        &self,
        provider: Option<&str>,
        id: &str,
    ) -> Result<(Vec<&Price>, Matched), NotFound> {
        let is_served = |price: &&Price| provider.is_none_or(|named| price.provider == named);
        for matched in Matched::STEPS {
            let named = self.all.iter().filter(is_served).filter(|price| matched.is(price, id));
            let named: Vec<&Price> = named.collect();
            let Some(first) = named.first() else { continue };
            if named.iter().any(|price| price.provider != first.provider) {
                return Err(NotFound::ManyProviders);
            }
            let of_model = self.all.iter().filter(|price| price.is_of_the_model_of(first));
            return Ok((of_model.collect(), matched));
        }
        Err(NotFound::UnknownModel)
    }
}

/// The name before a day: `claude-opus-4-5` of `claude-opus-4-5-20251101`.
fn without_day(id: &str) -> Option<&str> {
    let (name, day) = id.rsplit_once('-')?;
    let is_day = day.len() == 8
        && day.bytes().all(|byte| byte.is_ascii_digit())
        && day.parse::<Date>().is_ok();
    (is_day && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn table(text: &str) -> PriceTable {
        PriceTable { all: prices(text), own: 0 }
    }

    fn prices(text: &str) -> Vec<Price> {
        let table = DeTable::parse(text).expect("TOML");
        reading::read(table.get_ref().get("prices").expect("a list")).expect("prices")
    }

    fn model(provider: Option<&str>, id: &str) -> Model {
        Model { provider_id: provider.map(str::to_owned), model_id: Some(id.to_owned()) }
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    const TABLE: &str = r#"prices = [
        { provider = "p", model = "m-1-20250101", aliases = ["m-1", "m-1-latest"], input = 1 },
        { provider = "p", model = "m-2", input = 2 },
        { provider = "p", model = "m-2-20260101", input = 3 },
        { provider = "q", model = "m-3", input = 4 },
        { provider = "r", model = "m-3", input = 5 },
        { provider = "q", model = "m-4-20250101", aliases = ["m-4"], input = 6, until = 2026-01-01 },
        { provider = "q", model = "m-4-20250101", input = 7, from = 2026-01-01 },
    ]"#;

    #[test]
    fn a_model_is_found_by_its_names_and_by_nothing_like_them() {
        let cases = [
            ("its name", Some("p"), "m-1-20250101", Ok((1, Matched::Name))),
            ("an alias", Some("p"), "m-1", Ok((1, Matched::Alias))),
            ("another alias", Some("p"), "m-1-latest", Ok((1, Matched::Alias))),
            ("another day of an alias", Some("p"), "m-1-20250202", Ok((1, Matched::Undated))),
            ("a day at a name", Some("p"), "m-2-20250202", Ok((2, Matched::Undated))),
            (
                "a dated name before its undated one",
                Some("p"),
                "m-2-20260101",
                Ok((3, Matched::Name)),
            ),
            ("no provider", None, "m-2", Ok((2, Matched::Name))),
            ("no provider, of two", None, "m-3", Err(NotFound::ManyProviders)),
            ("either of two providers", Some("r"), "m-3", Ok((5, Matched::Name))),
            ("an alias that one price names", Some("q"), "m-4", Ok((7, Matched::Alias))),
            ("another provider", Some("z"), "m-2", Err(NotFound::UnknownModel)),
            ("other case", Some("p"), "M-2", Err(NotFound::UnknownModel)),
            ("a beginning", Some("p"), "m", Err(NotFound::UnknownModel)),
            ("a longer name", Some("p"), "m-2-pro", Err(NotFound::UnknownModel)),
            ("a prefix", Some("p"), "p/m-2", Err(NotFound::UnknownModel)),
            ("no such day", Some("p"), "m-2-20261301", Err(NotFound::UnknownModel)),
            ("another form of a day", Some("p"), "m-2-2026-01-01", Err(NotFound::UnknownModel)),
            ("two days", Some("p"), "m-2-20260101-20260101", Ok((3, Matched::Undated))),
            ("blanks", Some("p"), " m-2", Err(NotFound::UnknownModel)),
            ("only a day", Some("p"), "-20260101", Err(NotFound::UnknownModel)),
            ("nothing", Some("p"), "", Err(NotFound::UnknownModel)),
        ];
        let table = table(TABLE);
        for (name, provider, id, expected) in cases {
            let found = table.find(Some(&model(provider, id)), Some(day("2026-11-20")), 0);
            let found = found.map(|found| {
                let rate = found.price.rates.of(Kind::Input).expect("a price");
                (rate.picodollars_per_token() / 1_000_000, found.matched)
            });
            assert_eq!(found, expected, "{name}");
        }
        let nothing = Model { provider_id: Some("p".to_owned()), model_id: None };
        assert_eq!(table.find(None, None, 0), Err(NotFound::NoModel));
        assert_eq!(table.find(Some(&nothing), None, 0), Err(NotFound::NoModel));
    }

    #[test]
    fn a_price_holds_from_its_first_day_until_the_day_before_its_end() {
        let table = table(
            r#"prices = [
            { provider = "p", model = "m", from = 2026-01-10, until = 2026-02-01, input = 1 },
            { provider = "p", model = "m", from = 2026-02-01, input = 2 },
            { provider = "p", model = "m", prompt_over_tokens = 100, until = 2026-03-01, input = 3 },
            { provider = "p", model = "m", prompt_over_tokens = 1000, from = 2026-03-01, input = 4 },
            { provider = "p", model = "always", input = 5 },
        ]"#,
        );
        let cases = [
            ("2026-01-09", "m", 0, None),
            ("2026-01-10", "m", 0, Some(1)),
            ("2026-01-31", "m", 100, Some(1)),
            ("2026-02-01", "m", 100, Some(2)),
            ("9999-12-31", "m", 0, Some(2)),
            ("2026-02-01", "m", 101, Some(3)),
            ("2026-03-01", "m", 101, Some(2)),
            ("2026-03-01", "m", 1001, Some(4)),
            ("0001-01-01", "always", 0, Some(5)),
        ];
        for (on, id, prompt, expected) in cases {
            let found = table.find(Some(&model(None, id)), Some(day(on)), prompt);
            let found = found.map(|found| {
                found.price.rates.of(Kind::Input).expect("a price").picodollars_per_token()
                    / 1_000_000
            });
            assert_eq!(found, expected.ok_or(NotFound::NoPriceThen), "{on} {prompt}");
        }
        let always = table.find(Some(&model(None, "always")), None, 0);
        assert!(always.is_ok(), "a price without days needs none");
        let never = table.find(Some(&model(None, "m")), None, 0);
        assert_eq!(never, Err(NotFound::NoPriceThen));
    }

    #[test]
    fn an_own_price_takes_the_model_over_and_leaves_the_others() {
        let own = prices(
            r#"prices = [
            { provider = "p", model = "m-1", input = 10, from = 2026-01-01 },
            { provider = "q", model = "m-4-20250101", input = 40 },
            { provider = "p", model = "new", aliases = ["m-2"], input = 20 },
        ]"#,
        );
        let table = table(TABLE).with(&own);
        let cases = [
            // The alias was named, and the model is meant.
            ("p", "m-1", "2026-11-20", Some(10)),
            ("p", "m-1", "2025-11-20", None),
            ("p", "m-1-20250101", "2026-11-20", Some(10)),
            ("p", "m-1-latest", "2026-11-20", Some(10)),
            ("p", "m-1-20250202", "2026-11-20", Some(10)),
            ("q", "m-4-20250101", "2025-11-20", Some(40)),
            ("q", "m-4", "2026-11-20", Some(40)),
            ("p", "m-2", "2026-11-20", Some(20)),
            ("p", "new", "2026-11-20", Some(20)),
            ("p", "m-2-20260101", "2026-11-20", Some(3)),
            ("r", "m-3", "2026-11-20", Some(5)),
        ];
        for (provider, id, on, expected) in cases {
            let found = table.find(Some(&model(Some(provider), id)), Some(day(on)), 0);
            let found = found.map(|found| {
                found.price.rates.of(Kind::Input).expect("a price").picodollars_per_token()
                    / 1_000_000
            });
            assert_eq!(found, expected.ok_or(NotFound::NoPriceThen), "{provider}/{id} on {on}");
        }
    }

    #[test]
    fn every_price_that_comes_with_the_program_names_its_source_and_when_it_was_read() {
        let table = PriceTable::built_in();
        assert!(table.prices().len() > 20);
        for price in table.prices() {
            assert!(price.source.as_ref().is_some_and(|source| source.starts_with("https://")));
            assert!(price.read_on.is_some_and(|read| price.from.is_none_or(|from| from <= read)));
            for kind in [Kind::Input, Kind::Output, Kind::CacheRead] {
                assert!(price.rates.named(kind).is_some(), "{} {}", price.model, kind.as_str());
            }
        }
    }

    /// Anthropic's own rule: a cache write costs 1.25 × input for five minutes and 2 × for an hour.
    #[test]
    fn cache_writes_at_anthropic_follow_from_input() {
        let table = PriceTable::built_in();
        for price in table.prices().iter().filter(|price| price.provider == "anthropic") {
            let rate = |kind| price.rates.named(kind).expect("a price").picodollars_per_token();
            assert_eq!(4 * rate(Kind::CacheWrite), 5 * rate(Kind::Input), "{}", price.model);
            assert_eq!(rate(Kind::CacheWrite1h), 2 * rate(Kind::Input), "{}", price.model);
            assert!(10 * rate(Kind::CacheRead) <= rate(Kind::Input), "{}", price.model);
        }
    }

    #[test]
    fn what_agents_write_finds_the_price_that_comes_with_the_program() {
        let cases = [
            ("claude-opus-4-5", "2026-11-20", 0, "5"),
            ("claude-opus-4-5-20251101", "2026-11-20", 0, "5"),
            ("claude-haiku-4-5-20251001", "2026-11-20", 0, "1"),
            ("claude-sonnet-4-5", "2026-11-20", 200_000, "3"),
            ("claude-sonnet-4-5", "2026-11-20", 200_001, "6"),
            ("claude-opus-4-6", "2026-03-12", 200_001, "10"),
            ("claude-opus-4-6", "2026-03-13", 200_001, "5"),
            ("claude-haiku-5-5", "2026-10-07", 100_000, "0.1"),
            ("claude-haiku-5-5", "2026-10-07", 100_001, "0.5"),
            ("claude-sonnet-5-5", "2026-11-20", 1_000_000, "2"),
        ];
        let table = PriceTable::built_in();
        for (id, on, prompt, expected) in cases {
            for provider in [Some("anthropic"), None] {
                let found =
                    table.find(Some(&model(provider, id)), Some(day(on)), prompt).expect(id);
                let rate = found.price.rates.of(Kind::Input).expect("a price");
                assert_eq!(rate.dollars_per_million(), expected, "{id} {on} {prompt}");
            }
            let other = table.find(Some(&model(Some("openrouter"), id)), Some(day(on)), prompt);
            assert_eq!(other, Err(NotFound::UnknownModel), "another provider asks what it likes");
        }
        let day_before =
            table.find(Some(&model(None, "claude-haiku-5-5")), Some(day("2026-10-06")), 0);
        assert_eq!(day_before, Err(NotFound::NoPriceThen));
    }
}
