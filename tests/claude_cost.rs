//! What weeks of Claude Code took and cost, taken in from its transcripts: to the last token and
//! the last picodollar what was worked out where they were made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use crate::support::{
    Random, TestEnvironment,
    claude_corpus::{
        self, Corpus, DAY, Shape,
        truth::{Answer, CHANGE, MODELS, Tokens, WITHOUT_A_PRICE},
    },
};

fn shape() -> Shape {
    Shape {
        seed: Random::seed_of_this_run("transcripts"),
        sessions: 12,
        // Two days before prices change.
        begin: CHANGE - 2 * DAY,
        days: 40,
        turns: 5,
        words: 24,
        dump_bytes: 900,
        spaced: false,
        has_plain_prices: false,
    }
}

/// A home in which Claude Code was used, and what it took.
fn with_a_corpus(shape: &Shape) -> (TestEnvironment, Corpus) {
    let environment = TestEnvironment::new();
    let corpus = claude_corpus::write(&environment.home().join(".claude"), shape);
    (environment, corpus)
}

fn import(environment: &TestEnvironment) -> String {
    environment.run(["import", "claude"]).ends_with(0).stdout
}

/// What the program says of every session of a corpus.
fn explained(environment: &TestEnvironment, corpus: &Corpus) -> Vec<Value> {
    let explain = |session: &String| {
        let explain = format!("--explain={session}");
        let output = environment.run(["usage", &explain, "--format=json"]).output();
        serde_json::from_str(&output).expect("a JSON value")
    };
    corpus.sessions.iter().map(explain).collect()
}

/// One message that counts: its session, id, model, day, tokens, and cost.
type Counted = (String, String, String, i64, Tokens, Option<i128>);

fn counted(explained: &[Value]) -> Vec<Counted> {
    let messages =
        explained.iter().flat_map(|session| session["messages"].as_array().expect("one"));
    let counts = messages.filter(|message| {
        message["inherited"] == false
            && message["counts_in_session"].is_null()
            && !message["tokens"].is_null()
    });
    let mut counted: Vec<Counted> = counts.map(read).collect();
    counted.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
    counted
}

fn read(message: &Value) -> Counted {
    let text = |key: &str| message[key].as_str().expect("a text").to_owned();
    let number = |value: &Value| value.as_i64().expect("a number");
    let tokens = &message["tokens"];
    // Not every line tells these two apart.
    let told = |kind: &str| tokens[kind].as_i64().unwrap_or(0);
    let tokens = Tokens {
        input: number(&tokens["input"]),
        cache_read: number(&tokens["cache_read"]),
        cache_write: number(&tokens["cache_write"]),
        cache_write_1h: told("cache_write_1h"),
        output: number(&tokens["output"]),
        reasoning: told("reasoning"),
    };
    let cost = message["cost_picodollars"].as_i64().map(i128::from);
    let factors = message["factors"].as_array().expect("a list").iter();
    let amounts = factors.map(|factor| factor["amount_picodollars"].as_i64().map(i128::from));
    assert_eq!(cost, amounts.sum(), "{message}");
    let day = number(&message["generated_at_unix_ms"]).div_euclid(DAY);
    (text("session_id"), text("message_id"), text("model_id"), day, tokens, cost)
}

fn truth(corpus: &Corpus) -> Vec<Counted> {
    let counted = |answer: &Answer| {
        let session = corpus.counts_in(answer).to_owned();
        let (id, model) = (answer.message_id.clone(), answer.model.to_owned());
        (session, id, model, answer.day(), answer.tokens, answer.cost)
    };
    let mut truth: Vec<Counted> = corpus.answers.iter().map(counted).collect();
    truth.sort_by(|one, other| one.1.cmp(&other.1));
    truth
}

/// Tokens and cost by something.
fn sums<K: Ord>(counted: &[Counted], key: impl Fn(&Counted) -> K) -> BTreeMap<K, (Tokens, i128)> {
    let mut sums = BTreeMap::new();
    for message in counted {
        let (tokens, cost): &mut (Tokens, i128) = sums.entry(key(message)).or_default();
        *tokens = tokens.and(message.4);
        *cost += message.5.unwrap_or(0);
    }
    sums
}

/// Demands that each message, model, day and session took and cost what it did.
fn is_the_truth(explained: &[Value], corpus: &Corpus) {
    let (found, truth) = (counted(explained), truth(corpus));
    let wrong = found.iter().zip(&truth).find(|(found, truth)| found != truth);
    assert_eq!((wrong, found.len()), (None, truth.len()));
    assert_eq!(
        sums(&found, |message| message.2.clone()),
        sums(&truth, |message| message.2.clone())
    );
    assert_eq!(sums(&found, |message| message.3), sums(&truth, |message| message.3));
    let by_session = sums(&truth, |message| message.0.clone());
    for session in explained {
        let total = &session["total"];
        let id = session["id"].as_str().expect("an id");
        let (of_it, without): (Vec<_>, Vec<_>) = truth
            .iter()
            .filter(|message| message.0 == id)
            .map(|message| message.5)
            .partition(Option::is_some);
        assert_eq!(total["messages"], of_it.len() + without.len(), "{id}");
        assert_eq!(total["messages_without_cost"], without.len(), "{id}");
        let cost = (!of_it.is_empty()).then(|| by_session[id].1);
        assert_eq!(total["cost_picodollars"].as_i64().map(i128::from), cost, "{id}");
    }
}

/// What a message is counted under.
type Key = fn(&Counted) -> String;

/// Demands that the sums by model, session and day are those of what counts.
fn sums_are_the_truth(environment: &TestEnvironment, corpus: &Corpus) {
    let truth = truth(corpus);
    let day: Key = |message| {
        let day = jiff::Timestamp::from_second(message.3 * 86_400).expect("a day");
        day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    };
    let by: [(&str, Key); 3] = [
        ("model", |message| message.2.clone()),
        ("session", |message| message.0.clone()),
        ("daily", day),
    ];
    for (by, key) in by {
        let output =
            environment.run(["usage", by, "--timezone", "UTC", "--format", "json"]).output();
        let sums: Value = serde_json::from_str(&output).expect("a JSON value");
        let details = sums["details"].as_array().expect("a list");
        let found: BTreeMap<String, (Tokens, i128)> = details.iter().map(read_sum).collect();
        assert_eq!(found, self::sums(&truth, key), "{by}");
        assert_eq!(sums["summary"]["messages"], truth.len(), "{by}");
        // A session that holds nothing but copies took nothing.
        let sessions: BTreeSet<_> = truth.iter().map(|message| &message.0).collect();
        assert_eq!(sums["summary"]["sessions"], sessions.len(), "{by}");
    }
}

fn read_sum(detail: &Value) -> (String, (Tokens, i128)) {
    let number = |kind: &str| detail[kind].as_i64().expect("a number");
    let for_an_hour = number("cache_write_1h");
    let tokens = Tokens {
        input: number("input"),
        cache_read: number("cache_read"),
        cache_write: number("cache_write_5m") + for_an_hour,
        cache_write_1h: for_an_hour,
        output: number("output"),
        reasoning: number("reasoning"),
    };
    let cost = detail["cost"]["picodollars"].as_i64().map_or(0, i128::from);
    (detail["key"].as_str().expect("a text").to_owned(), (tokens, cost))
}

/// Demands that each row is still what it was.
fn is_unchanged(environment: &TestEnvironment, tables: &[(String, Vec<String>)]) {
    for ((name, was), (_, is)) in tables.iter().zip(environment.record().tables()) {
        let changed = was.iter().zip(&is).find(|(was, is)| was != is);
        assert_eq!((changed, was.len()), (None, is.len()), "{name}");
    }
}

#[test]
fn transcripts_cost_what_was_worked_out_beside_them_and_a_second_import_changes_nothing() {
    let (environment, corpus) = with_a_corpus(&shape());
    // What is compared below is not nothing.
    assert!(!corpus.forks.is_empty() && corpus.sessions.iter().any(|id| id.contains('/')));
    assert!(MODELS.iter().all(|model| corpus.answers.iter().any(|answer| answer.model == *model)));
    import(&environment);
    is_the_truth(&explained(&environment, &corpus), &corpus);
    sums_are_the_truth(&environment, &corpus);
    let tables = environment.record().tables();
    import(&environment);
    is_unchanged(&environment, &tables);
    environment.run(["import", "claude", "--all"]).ends_with(0);
    is_unchanged(&environment, &tables);
}

#[test]
fn a_model_without_a_price_has_tokens_and_no_cost() {
    let (environment, corpus) = with_a_corpus(&shape());
    import(&environment);
    let explained = explained(&environment, &corpus);
    let without: Vec<Counted> =
        counted(&explained).into_iter().filter(|message| message.2 == WITHOUT_A_PRICE).collect();
    assert!(!without.is_empty());
    assert!(without.iter().all(|message| message.5.is_none() && message.4.output > 0));
    let named = explained
        .iter()
        .flat_map(|session| session["models_without_price"].as_array().expect("a list").iter());
    assert!(named.into_iter().any(|model| model["model_id"] == WITHOUT_A_PRICE));
}

#[test]
fn blanks_between_the_tokens_of_json_change_nothing() {
    let shape = shape();
    let (environment, corpus) = with_a_corpus(&shape);
    import(&environment);
    let (spaced, same) = with_a_corpus(&Shape { spaced: true, ..shape });
    let line = fs::read_to_string(&same.transcripts[0]).expect("a transcript");
    assert!(line.contains(r#""usage": {"input_tokens": "#));
    import(&spaced);
    assert_eq!(explained(&spaced, &same), explained(&environment, &corpus));
    is_the_truth(&explained(&spaced, &same), &same);
}
