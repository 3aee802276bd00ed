//! `recount usage`: costs to the last digit, and each factor of them.

use serde_json::{Value, json};

use crate::support::{
    Random, TestEnvironment,
    envelope::{message, messages},
};

/// 2026-10-07 00:00:00 UTC, when a price of Sonnet 5.5 changed.
const CHANGE: i64 = 1_791_331_200_000;

/// An answer of a model with these counts: input, cache read, cache write, of it for an hour,
/// output, thinking.
fn answer(session: &str, id: &str, model: (&str, &str), counts: [i64; 6]) -> Value {
    let [input, read, write, write_1h, output, reasoning] = counts;
    let mut answer = message(session, id);
    answer["role"] = "assistant".into();
    answer["provider_id"] = model.0.into();
    answer["model_id"] = model.1.into();
    answer["tokens"] = json!({
        "input": input,
        "output": output,
        "reasoning": reasoning,
        "cache": { "read": read, "write": write, "write_1h": write_1h },
    });
    answer
}

/// The same at another time.
fn at(time: i64, mut message: Value) -> Value {
    message["generated_at_unix_ms"] = time.into();
    message
}

/// The same with what the agent says that it cost.
fn given(cost: &str, mut message: Value) -> Value {
    message["cost"] = serde_json::from_str(cost).expect("a number");
    message
}

fn explain(environment: &TestEnvironment, id: &str) -> String {
    environment.run(["usage", &format!("--explain={id}")]).output()
}

fn explain_json(environment: &TestEnvironment, id: &str) -> Value {
    let explain = format!("--explain={id}");
    let output = environment.run(["usage", &explain, "--format", "json"]).output();
    serde_json::from_str(&output).expect("a JSON value")
}

const OPUS: (&str, &str) = ("anthropic", "claude-opus-5-5");

/// A session with all that a message can be: without a cost, with a cost, a side call, copied by a
/// fork, and of a model that has no price.
fn with_a_session() -> TestEnvironment {
    let environment = TestEnvironment::new();
    let haiku = ("anthropic", "claude-haiku-4-5");
    let mut title = given("0.001", answer("ses_1", "msg_2", haiku, [400, 0, 0, 0, 12, 5]));
    title["agent_name"] = "title".into();
    let mut copied = answer("ses_1", "msg_3", OPUS, [1, 0, 0, 0, 0, 0]);
    copied["inherited"] = true.into();
    let input = [
        message("ses_1", "msg_0"),
        given("0.0793152", answer("ses_1", "msg_1", OPUS, [4, 17_301, 9_127, 2_048, 1_203, 0])),
        title,
        copied,
        given("0.0021", answer("ses_1", "msg_4", ("mock", "mock-1"), [200, 0, 0, 0, 12, 0])),
    ];
    environment.hook(messages(&input)).finish().ends_with(0);
    environment
}

#[test]
fn a_session_is_explained_to_be_read() {
    let environment = with_a_session();
    let shown = explain(&environment, "ses_1");
    // Sources change with the prices, and are of no matter here.
    let lines = shown.lines().filter(|line| !line.starts_with("  source: "));
    let expected = "\
session ses_1

message msg_1
2026-11-20 09:46:58 · assistant · anthropic/claude-opus-5-5
  price of anthropic/claude-opus-5-5, from 2026-09-22
    input               4 × $4 a million   = $0.000016
    cache_read      17301 × $0.2 a million = $0.0034602
    cache_write      7079 × $5 a million   = $0.035395
    cache_write_1h   2048 × $8 a million   = $0.016384
    output           1203 × $20 a million  = $0.02406
  cost $0.0793152
  the agent says $0.0793152, the same

message msg_2
2026-11-20 09:46:58 · assistant · title · anthropic/claude-haiku-4-5 · title call
  price of anthropic/claude-haiku-4-5-20251001, of which this is another name, at all times
    input      400 × $1 a million = $0.0004
    output      12 × $5 a million = $0.00006
    reasoning    5 × $5 a million = $0.000025
  cost $0.000485
  the agent says $0.001, $0.000515 more

message msg_3
2026-11-20 09:46:58 · assistant · anthropic/claude-opus-5-5 · copied by a fork, counts where it came from
  price of anthropic/claude-opus-5-5, from 2026-09-22
    input  1 × $4 a million = $0.000004
  cost $0.000004

message msg_4
2026-11-20 09:46:58 · assistant · mock/mock-1
    input   200 × unknown
    output   12 × unknown
  no cost: no price of the model is known
  the agent says $0.0021

total of 3 messages
  cost $0.0798002
  without the cost of 1 message, which is not known
  the agent says $0.0824152 of 3 messages; of those that have both it says $0.000515 more

models without a price
  mock/mock-1: no price of the model is known (1 message)
  name a price in the settings: `prices`, see `recount config schema`";
    assert_eq!(lines.collect::<Vec<_>>().join("\n"), expected);
    assert!(shown.contains("\n  source: https://"), "{shown}");
}

#[test]
fn a_session_is_explained_in_json() {
    let shown = explain_json(&with_a_session(), "ses_1");
    assert_eq!((&shown["id"], &shown["subject"]), (&json!("ses_1"), &json!("session")));
    let told = |message: &Value| {
        let keys = ["message_id", "side_call", "inherited", "cost_picodollars", "cost_dollars"];
        Value::from(keys.map(|key| message[key].clone()).to_vec())
    };
    let messages = shown["messages"].as_array().expect("a list");
    let expected = json!([
        ["msg_1", null, false, 79_315_200_000_i64, "0.0793152"],
        ["msg_2", "title", false, 485_000_000, "0.000485"],
        ["msg_3", null, true, 4_000_000, "0.000004"],
        ["msg_4", null, false, null, null],
    ]);
    assert_eq!(Value::from(messages.iter().map(told).collect::<Vec<_>>()), expected);
    assert_eq!(messages[3]["tokens"]["input"], 200);
    assert_eq!(messages[3]["no_cost_because"], "no price of the model is known");
    let price = &messages[1]["price"];
    let price = [&price["provider"], &price["model"], &price["matched_by"]];
    assert_eq!(price, ["anthropic", "claude-haiku-4-5-20251001", "alias"]);
    let factor = json!({
        "kind": "cache_write_1h",
        "tokens": 2048,
        "dollars_per_million": "8",
        "picodollars_per_token": 8_000_000,
        "amount_picodollars": 16_384_000_000_i64,
        "amount_dollars": "0.016384",
    });
    assert_eq!(messages[0]["factors"][3], factor);
    let total = json!({
        "messages": 3,
        "messages_without_cost": 1,
        "cost_picodollars": 79_800_200_000_i64,
        "cost_dollars": "0.0798002",
        "no_cost_because": null,
        "messages_with_cost_given": 3,
        "cost_given_picodollars": 82_415_200_000_i64,
        "messages_with_both": 2,
        "difference_picodollars": -515_000_000,
        "difference_dollars": "-0.000515",
        "whole_session_cost_given": null,
        "whole_session_cost_given_picodollars": null,
    });
    assert_eq!(shown["total"], total);
    let unknown = json!([{
        "provider_id": "mock",
        "model_id": "mock-1",
        "reason": "no price of the model is known",
        "messages": 1,
    }]);
    assert_eq!(shown["models_without_price"], unknown);
}

#[test]
fn a_message_is_explained_in_each_session_that_has_it() {
    let environment = with_a_session();
    let mut copied = answer("ses_2", "msg_1", OPUS, [4, 17_301, 9_127, 2_048, 1_203, 0]);
    copied["inherited"] = true.into();
    environment.hook(messages(&[copied])).finish().ends_with(0);
    let shown = explain_json(&environment, "msg_1");
    assert_eq!((&shown["subject"], &shown["total"]), (&json!("message"), &Value::Null));
    let told = |key: &str| [&shown["messages"][0][key], &shown["messages"][1][key]];
    assert_eq!(told("session_id"), ["ses_1", "ses_2"]);
    assert_eq!(told("inherited"), [false, true]);
    assert_eq!(told("cost_picodollars"), [79_315_200_000_i64; 2]);
    let text = explain(&environment, "msg_1");
    assert!(text.starts_with("message msg_1\nsession ses_1 · 2026-11-20"), "{text}");
    assert!(text.contains("\n\nmessage msg_1\nsession ses_2 · 2026-11-20"), "{text}");
    let of_a_person = explain(&environment, "msg_0");
    assert!(of_a_person.ends_with("  no cost: the agent counts no tokens\n"), "{of_a_person}");
    let nothing = explain_json(&environment, "ses_2")["total"].clone();
    assert_eq!((&nothing["messages"], &nothing["cost_picodollars"]), (&json!(0), &Value::Null));
}

#[test]
fn an_id_that_is_not_there_ends_with_1_and_one_that_is_none_with_64() {
    let environment = with_a_session();
    let cases = [
        ("ses_9", 1, "recount: no session and no message `ses_9` is in the record"),
        ("msg", 1, "recount: no session and no message `msg` is in the record"),
        ("msg_%", 1, "recount: no session and no message `msg_%` is in the record"),
        ("\u{1b}[2J", 1, "no message `\\u{1b}[2J` is"),
        ("", 64, "recount: the id is empty"),
    ];
    for (id, code, complaint) in cases {
        let explain = format!("--explain={id}");
        for arguments in [&["usage", &explain][..], &["usage", &explain, "--format=json"]] {
            let finished = environment.run(arguments).ends_with(code).complains(complaint);
            assert_eq!(finished.stdout, "", "{id}");
        }
    }
    let _ = environment.run(["usage"]).ends_with(64).complains("what to sum up is missing");
}

#[test]
fn the_price_is_the_one_of_the_messages_own_time() {
    let environment = TestEnvironment::new();
    let sonnet = ("anthropic", "claude-sonnet-5-5");
    let read = |id| answer("ses_1", id, sonnet, [0, 1_000_000, 0, 0, 0, 0]);
    let before_it_was_there = at(1_700_000_000_000, read("msg_0"));
    let input = [before_it_was_there, at(CHANGE - 1, read("msg_1")), at(CHANGE, read("msg_2"))];
    environment.hook(messages(&input)).finish().ends_with(0);
    let shown = explain_json(&environment, "ses_1");
    let told = |key: &str| [0, 1, 2].map(|at| shown["messages"][at][key].clone());
    assert_eq!(told("cost_dollars"), [Value::Null, "0.20".into(), "0.10".into()]);
    assert_eq!(told("no_cost_because")[0], "no price of the model is known for that time");
}

#[test]
fn own_prices_take_a_model_over_and_are_read_when_asked() {
    let environment = with_a_session();
    let settings = "\
        [[prices]]\n\
        provider = \"mock\"\n\
        model = \"mock-1\"\n\
        input = 0.000001\n\
        output = \"0.5\"\n\
        [[prices]]\n\
        provider = \"anthropic\"\n\
        model = \"claude-opus-5-5\"\n\
        input = 1\n";
    let environment = environment.with_settings(settings);
    let shown = explain_json(&environment, "ses_1");
    let told = |key: &str| [0, 3].map(|at| shown["messages"][at][key].clone());
    assert_eq!(told("cost_picodollars"), [Value::Null, 6_000_200.into()]);
    assert_eq!(
        told("no_cost_because"),
        [json!("no price of cache_read tokens is known"), Value::Null]
    );
    assert_eq!(shown["messages"][3]["price"]["source"], Value::Null);
    assert!(explain(&environment, "msg_4").contains("\n  source: the settings\n"));
    let environment = environment.with_settings("[[prices]]\nprovider = \"p\"\nmodel = \"m\"\n");
    let wrong = environment.run(["usage", "--explain=ses_1"]).ends_with(78);
    let _ = wrong.complains("line 1: in `prices`: it names the price of no kind of token");
}

#[test]
fn what_is_too_much_to_count_is_said_and_nothing_else_suffers() {
    let environment = TestEnvironment::new();
    let input = [
        answer("ses_1", "msg_1", OPUS, [i64::MAX, 0, 0, 0, 0, 0]),
        answer("ses_1", "msg_2", OPUS, [2_000_000_000_000, 0, 0, 0, 0, 0]),
        answer("ses_1", "msg_3", OPUS, [2_000_000_000_000, 0, 0, 0, 0, 0]),
    ];
    environment.hook(messages(&input)).finish().ends_with(0);
    let shown = explain_json(&environment, "ses_1");
    let costs = [0, 1, 2].map(|at| shown["messages"][at]["cost_dollars"].clone());
    assert_eq!(costs, [Value::Null, "8000000.00".into(), "8000000.00".into()]);
    let too_much = "it is more than 9,223,372 dollars, which is not counted any more";
    assert_eq!(shown["messages"][0]["no_cost_because"], too_much);
    let total = &shown["total"];
    assert_eq!(
        (&total["cost_dollars"], &total["no_cost_because"]),
        (&Value::Null, &json!(too_much))
    );
    let text = explain(&environment, "ses_1");
    assert!(text.contains("    input  9223372036854775807 × $4 a million is too much to count\n"));
    assert!(text.contains("total of 3 messages\n  no cost: it is more than"), "{text}");
}

#[test]
fn nothing_of_a_record_acts_on_a_terminal_or_forges_a_line() {
    let environment = TestEnvironment::new();
    let hostile = |name: &str| format!("{name}\u{1b}[31m\u{202e}\u{7}\n  cost $0.00\r");
    let (session, id) = (hostile("ses"), hostile("msg"));
    let (provider, model) = (hostile("provider"), hostile("model"));
    let mut answer = answer(&session, &id, (&provider, &model), [1, 0, 0, 0, 0, 0]);
    answer["agent_name"] = hostile("agent").into();
    environment.hook(messages(&[answer])).finish().ends_with(0);
    for asked in [&session, &id] {
        let text = explain(&environment, asked);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}', '\r']), "{text:?}");
        assert!(!text.contains("\n  cost $0.00"), "{text:?}");
        for name in ["ses", "msg", "provider", "model", "agent"] {
            assert!(text.contains(&format!("{name}\\u{{1b}}[31m\\u{{202e}}")), "{name}: {text:?}");
        }
        let json =
            environment.run(["usage", "--format=json", &format!("--explain={asked}")]).output();
        assert!(!json.contains(['\u{1b}', '\u{202e}', '\u{7}', '\r']), "{json:?}");
        let json: Value = serde_json::from_str(&json).expect("a JSON value");
        assert_eq!(json["messages"][0]["message_id"], id);
    }
}

/// Dollars for a million tokens as fractions, in the order of [`answer`]'s counts: written down here
/// once more, so that they are no copy of what is tested.
type Prices = [(i128, i128); 6];

const OPUS_5_5: Prices = [(4, 1), (1, 5), (5, 1), (8, 1), (20, 1), (20, 1)];
const SONNET_5_5: Prices = [(2, 1), (1, 10), (5, 2), (4, 1), (10, 1), (10, 1)];
const SONNET_5_5_BEFORE: Prices = [(2, 1), (1, 5), (5, 2), (4, 1), (10, 1), (10, 1)];
const HAIKU_5_5: Prices = [(1, 10), (1, 100), (1, 8), (1, 5), (1, 2), (1, 2)];
const HAIKU_5_5_LONG: Prices = [(1, 2), (1, 20), (5, 8), (1, 1), (5, 2), (5, 2)];

/// What that costs in picodollars, which has to be a whole number.
fn truth(model: &str, time: i64, counts: [i64; 6]) -> i128 {
    let [input, read, write, write_1h, output, reasoning] = counts.map(i128::from);
    let prices = match model {
        "claude-opus-5-5" => OPUS_5_5,
        "claude-sonnet-5-5" if time < CHANGE => SONNET_5_5_BEFORE,
        "claude-sonnet-5-5" => SONNET_5_5,
        _ if input + read + write > 100_000 => HAIKU_5_5_LONG,
        _ => HAIKU_5_5,
    };
    let counts = [input, read, write - write_1h, write_1h, output, reasoning];
    let denominator: i128 = prices.iter().map(|(_, denominator)| denominator).product();
    let numerator: i128 = counts
        .iter()
        .zip(prices)
        .map(|(count, (numerator, of))| count * numerator * (denominator / of))
        .sum();
    let (picodollars, million) = (10_i128.pow(12), 10_i128.pow(6));
    assert_eq!((numerator * picodollars) % (denominator * million), 0, "no whole picodollar");
    numerator * picodollars / (denominator * million)
}

#[test]
fn a_generated_record_costs_what_was_worked_out_beside_it() {
    let mut random = Random::from_seed(Random::seed_of_this_run("costs"));
    let mut count = |limit: u64| i64::try_from(random.below(limit)).expect("it is small");
    let models = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"];
    let (mut input, mut expected) = (Vec::new(), Vec::new());
    for number in 0..300 {
        let model = models[usize::try_from(count(3)).expect("an index")];
        // Sonnet had its first price for nine days, Haiku none before.
        let earliest = if model == "claude-sonnet-5-5" { CHANGE - 700_000_000 } else { CHANGE };
        let time = earliest + count(1_400_000_000);
        let limit = [100, 40_000, 10_000_000][usize::try_from(count(3)).expect("an index")];
        let write = count(limit);
        let hour = count(u64::try_from(write).expect("not negative") + 1);
        let counts = [count(limit), count(limit), write, hour, count(limit), count(limit)];
        let id = format!("msg_{number:03}");
        // What streams in tells the same message again, with fewer tokens at first.
        let growing = answer("ses_1", &id, ("anthropic", model), [1, 0, 0, 0, 0, 0]);
        let mut whole = at(time, answer("ses_1", &id, ("anthropic", model), counts));
        whole["observed_at_unix_ms"] = (time + 1).into();
        whole["completed_at_unix_ms"] = (time + 1).into();
        input.extend([at(time, growing), whole]);
        expected.push((id, truth(model, time, counts)));
    }
    let environment = TestEnvironment::new();
    environment.hook(messages(&input)).finish().ends_with(0);
    let shown = explain_json(&environment, "ses_1");
    let found = shown["messages"].as_array().expect("a list").iter().map(|message| {
        let id = message["message_id"].as_str().expect("an id").to_owned();
        let factors = message["factors"].as_array().expect("a list");
        let amounts = factors.iter().map(|factor| &factor["amount_picodollars"]);
        let sum: i64 = amounts.map(|amount| amount.as_i64().expect("a number")).sum();
        assert_eq!(message["cost_picodollars"], sum, "{id}");
        (id, i128::from(sum))
    });
    let mut found: Vec<(String, i128)> = found.collect();
    found.sort();
    assert_eq!(found, expected);
    let total: i128 = expected.iter().map(|(_, cost)| cost).sum();
    assert_eq!(shown["total"]["cost_picodollars"].as_i64().map(i128::from), Some(total));
}

#[test]
fn an_answer_that_two_sessions_hold_counts_in_one_of_them() {
    let environment = TestEnvironment::new();
    let one = |session| given("0.5", answer(session, "msg_1", OPUS, [250_000, 0, 0, 0, 0, 0]));
    let input = [one("ses_1"), one("ses_2"), answer("ses_2", "msg_2", OPUS, [1, 0, 0, 0, 0, 0])];
    environment.hook(messages(&input)).finish().ends_with(0);
    environment.run(["spool", "drain"]).ends_with(0);
    let database = rusqlite::Connection::open(environment.default_database()).expect("it opens");
    let told = "UPDATE messages SET request_id = 'req_1' WHERE message_id = 'msg_1';
        UPDATE sessions SET cost_given = '1.25', cost_given_picodollars = 1250000000000";
    database.execute_batch(told).expect("as a transcript tells it");
    drop(database);

    let shown = explain(&environment, "ses_2");
    let elsewhere = "the same answer is in session ses_1, counts there\n";
    let total = "\ntotal of 1 message\n  cost $0.000004\n  \
                 the agent's own figure for the whole session is $1.25\n";
    assert!(shown.contains(elsewhere) && shown.ends_with(total), "{shown}");
    let shown = explain_json(&environment, "msg_1");
    let counts_in = |at: usize| shown["messages"][at]["counts_in_session"].clone();
    assert_eq!([counts_in(0), counts_in(1)], [Value::Null, json!("ses_1")]);
    let total = explain_json(&environment, "ses_1")["total"].clone();
    assert_eq!(total["cost_picodollars"], 1_000_000_000_000_i64);
    assert_eq!(total["whole_session_cost_given"], "1.25");
    let shown = environment.run(["session", "show", "ses_1"]).output();
    assert!(shown.contains("\nthe agent's own figure for the whole session is $1.25\n"), "{shown}");
    let list = environment.run(["session", "list", "--format", "json"]).output();
    let list: Value = serde_json::from_str(&list).expect("a JSON value");
    let costs = |session: &str| {
        let rows = list["details"].as_array().expect("a list").iter();
        let row = rows.clone().find(|row| row["session_id"] == session).expect("it is listed");
        (row["messages"].clone(), row["cost_given_picodollars"].clone())
    };
    assert_eq!(costs("ses_1"), (json!(1), json!(500_000_000_000_i64)));
    assert_eq!(costs("ses_2"), (json!(1), Value::Null));
}
