//! Prices as TOML: the table in this crate and those of the settings have one form, and one reader.
//!
//! Numbers are read from their digits, so that no float comes in between.

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{Kind, Price, Rate, Rates};

/// What is wrong with a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands, in bytes from the beginning of the text that was parsed.
    pub offset: usize,
    /// What it is: the key in backticks, and what is wrong with its value.
    pub message: String,
}

/// Reads a list of tables, one for each price.
///
/// # Errors
/// All that is wrong. A list with a fault is none: half of it could price what the other half corrects.
pub fn read(list: &Spanned<DeValue<'_>>) -> Result<Vec<Price>, Vec<Fault>> {
    let Some(entries) = list.get_ref().as_array() else {
        return Err(vec![fault(list, "a list of tables is wanted, one for each price")]);
    };
    let mut faults = Vec::new();
    let mut prices = Vec::new();
    for entry in entries {
        match read_one(entry) {
            Ok(price) => prices.push((entry.span().start, price)),
            Err(mut found) => faults.append(&mut found),
        }
    }
    faults.extend(contradictions(&prices));
    if faults.is_empty() {
        Ok(prices.into_iter().map(|(_, price)| price).collect())
    } else {
        faults.sort_by_key(|fault| fault.offset);
        Err(faults)
    }
}

fn fault(place: &Spanned<DeValue<'_>>, message: impl Into<String>) -> Fault {
    Fault { offset: place.span().start, message: message.into() }
}

fn read_one(entry: &Spanned<DeValue<'_>>) -> Result<Price, Vec<Fault>> {
    let Some(table) = entry.get_ref().as_table() else {
        return Err(vec![fault(entry, "each price is a table")]);
    };
    let mut fields = Fields { table, faults: Vec::new() };
    let price = Price {
        provider: fields.required(entry, "provider"),
        model: fields.required(entry, "model"),
        aliases: fields.take("aliases", names).unwrap_or_default(),
        from: fields.take("from", date),
        until: fields.take("until", date),
        prompt_over_tokens: fields.take("prompt_over_tokens", count),
        rates: fields.rates(),
        source: fields.take("source", name),
        read_on: fields.take("read_on", date),
    };
    fields.refuse_unknown();
    if price.rates == Rates::default() && fields.faults.is_empty() {
        fields.faults.push(fault(entry, "it names the price of no kind of token"));
    }
    if price.from.zip(price.until).is_some_and(|(from, until)| from >= until) {
        fields.faults.push(fault(entry, "`until` has to be a day after `from`"));
    }
    if fields.faults.is_empty() { Ok(price) } else { Err(fields.faults) }
}

/// The keys of one price, besides those of [`Kind`].
const KEYS: [&str; 8] =
    ["provider", "model", "aliases", "from", "until", "prompt_over_tokens", "source", "read_on"];

struct Fields<'t> {
    table: &'t DeTable<'t>,
    faults: Vec<Fault>,
}

impl Fields<'_> {
    fn take<T>(
        &mut self,
        key: &str,
        read: fn(&DeValue<'_>) -> Result<T, &'static str>,
    ) -> Option<T> {
        let value = self.table.get(key)?;
        match read(value.get_ref()) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.faults.push(fault(value, format!("`{key}` {wrong}")));
                None
            }
        }
    }

    fn required(&mut self, entry: &Spanned<DeValue<'_>>, key: &str) -> String {
        if !self.table.contains_key(key) {
            self.faults.push(fault(entry, format!("`{key}` is missing")));
        }
        self.take(key, name).unwrap_or_default()
    }

    fn rates(&mut self) -> Rates {
        let mut rates = Rates::default();
        for kind in Kind::ALL {
            let Some(value) = self.table.get(kind.as_str()) else { continue };
            let text = match value.get_ref() {
                DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
                DeValue::Float(number) => number.as_str(),
                DeValue::String(text) => text,
                _ => "",
            };
            match Rate::from_dollars_per_million(text) {
                Ok(rate) => rates.set(kind, rate),
                Err(wrong) => {
                    self.faults.push(fault(value, format!("`{}` {wrong}", kind.as_str())));
                }
            }
        }
        rates
    }

    fn refuse_unknown(&mut self) {
        let is_known =
            |key: &str| KEYS.contains(&key) || Kind::ALL.iter().any(|kind| kind.as_str() == key);
        let unknown = self.table.iter().filter(|(key, _)| !is_known(key.get_ref()));
        self.faults.extend(unknown.map(|(key, _)| Fault {
            offset: key.span().start,
            message: format!("unknown key `{}`", key.get_ref()),
        }));
    }
}

fn name(value: &DeValue<'_>) -> Result<String, &'static str> {
    let text = value.as_str().filter(|text| !text.trim().is_empty());
    text.map(str::to_owned).ok_or("has to be a text that says something")
}

fn names(value: &DeValue<'_>) -> Result<Vec<String>, &'static str> {
    const WANTED: &str = "has to be a list of names";
    let list = value.as_array().ok_or(WANTED)?;
    list.iter().map(|value| name(value.get_ref()).map_err(|_| WANTED)).collect()
}

fn date(value: &DeValue<'_>) -> Result<Date, &'static str> {
    const WANTED: &str = "has to be a day such as 2026-11-20";
    let parse = |text: &str| text.parse().map_err(|_| WANTED);
    match value {
        DeValue::Datetime(day) if day.time.is_none() && day.offset.is_none() => {
            parse(&day.to_string())
        }
        DeValue::String(text) if text.len() == "2026-11-20".len() => parse(text),
        _ => Err(WANTED),
    }
}

fn count(value: &DeValue<'_>) -> Result<i64, &'static str> {
    let number = value.as_integer();
    let number =
        number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
    number.filter(|number| *number >= 0).ok_or("has to be a number of tokens")
}

/// What two prices say against each other.
fn contradictions(prices: &[(usize, Price)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (position, (offset, price)) in prices.iter().enumerate() {
        let mut before = prices[..position].iter().map(|(_, before)| before);
        if before.any(|before| before.is_of_the_model_of(price) && before.overlaps(price)) {
            let message = format!("`{}` has another price on the same days", price.model);
            faults.push(Fault { offset: *offset, message });
        }
    }
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (offset, price) in prices {
        let names = price.aliases.iter().chain([&price.model]);
        for name in names {
            let owner = owners.entry((&price.provider, name)).or_insert(&price.model);
            if *owner != price.model {
                let message = format!("`{name}` is a name of `{owner}` and of `{}`", price.model);
                faults.push(Fault { offset: *offset, message });
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<Price>, Vec<Fault>> {
        let table = DeTable::parse(text).expect("TOML");
        read(table.get_ref().get("prices").expect("a list"))
    }

    #[test]
    fn every_key_has_its_place() {
        let text = r#"
            [[prices]]
            provider = "p"
            model = "m"
            aliases = ["a", "b"]
            from = 2026-01-02
            until = "2026-01-03"
            prompt_over_tokens = 200_000
            input = 1
            output = 2.5
            reasoning = "0.000001"
            cache_read = 0.1
            cache_write = 1.25
            cache_write_1h = 2
            source = "https://example.com"
            read_on = 2026-01-01
        "#;
        let prices = read_text(text).expect("a price");
        let [price] = &prices[..] else { panic!("{prices:?}") };
        let day = |day| Some(jiff::civil::date(2026, 1, day));
        assert_eq!((price.from, price.until, price.read_on), (day(2), day(3), day(1)));
        assert_eq!((price.provider.as_str(), price.model.as_str()), ("p", "m"));
        assert_eq!(price.aliases, ["a", "b"]);
        assert_eq!(price.prompt_over_tokens, Some(200_000));
        assert_eq!(price.source.as_deref(), Some("https://example.com"));
        let rates = Kind::ALL.map(|kind| price.rates.named(kind).map(Rate::picodollars_per_token));
        let expected = [1_000_000, 100_000, 1_250_000, 2_000_000, 2_500_000, 1].map(Some);
        assert_eq!(rates, expected);
    }

    #[test]
    fn a_fault_says_where_and_what() {
        let cases = [
            ("prices = 1", "prices = ".len(), "a list of tables is wanted, one for each price"),
            ("prices = [1]", "prices = [".len(), "each price is a table"),
            ("prices = [{ model = 'm', input = 1 }]", 10, "`provider` is missing"),
            ("prices = [{ provider = 'p', input = 1 }]", 10, "`model` is missing"),
            (
                "prices = [{ provider = 'p', model = 'm' }]",
                10,
                "it names the price of no kind of token",
            ),
            (
                "prices = [{ provider = ' ', model = 'm', input = 1 }]",
                23,
                "`provider` has to be a text that says something",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 1, inptu = 1 }]",
                52,
                "unknown key `inptu`",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = -1 }]",
                49,
                "`input` is no decimal number of dollars such as 3.75",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 1e-3 }]",
                49,
                "`input` is no decimal number of dollars such as 3.75",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 0x10 }]",
                49,
                "`input` is no decimal number of dollars such as 3.75",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 0.0000001 }]",
                49,
                "`input` has more than 6 digits behind the point",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 1, from = 2026-01-02T00:00:00Z }]",
                59,
                "`from` has to be a day such as 2026-11-20",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 1, from = 2026-01-02, until = 2026-01-02 }]",
                10,
                "`until` has to be a day after `from`",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 1, prompt_over_tokens = -1 }]",
                73,
                "`prompt_over_tokens` has to be a number of tokens",
            ),
            (
                "prices = [{ provider = 'p', model = 'm', input = 1, aliases = 'a' }]",
                62,
                "`aliases` has to be a list of names",
            ),
        ];
        for (text, offset, message) in cases {
            let expected = Fault { offset, message: message.to_owned() };
            assert_eq!(read_text(text), Err(vec![expected]), "{text}");
        }
    }

    #[test]
    fn prices_that_contradict_each_other_are_refused() {
        let price = |fields: &str| format!("{{ provider = 'p', {fields}, input = 1 }}");
        let cases = [
            ("model = 'm'", "model = 'm'", Some("`m` has another price on the same days")),
            (
                "model = 'm', until = 2026-01-02",
                "model = 'm', from = 2026-01-01",
                Some("`m` has another price on the same days"),
            ),
            ("model = 'm', until = 2026-01-02", "model = 'm', from = 2026-01-02", None),
            ("model = 'm'", "model = 'm', prompt_over_tokens = 1", None),
            ("model = 'm'", "model = 'n'", None),
            (
                "model = 'm'",
                "model = 'n', aliases = ['m']",
                Some("`m` is a name of `m` and of `n`"),
            ),
        ];
        for (one, other, expected) in cases {
            let found = read_text(&format!("prices = [{}, {}]", price(one), price(other)));
            let found = found.err().map(|faults| faults[0].message.clone());
            assert_eq!(found.as_deref(), expected, "{one} and {other}");
        }
    }
}
