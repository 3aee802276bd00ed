//! Before and after, byte for byte, and back again.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

const LIST: List = List { key: "plugin", is_ours: |name| name.ends_with("/ours.js") };
const ENTRY: &str = "file:///ours.js";

#[test]
fn an_entry_goes_in_and_out_again() {
    let cases: [(&str, &str, &str); 21] = [
        ("no property", "{}", r#"{"plugin": [ "file:///ours.js" ]}"#),
        ("no property, a blank", "{ }", r#"{"plugin": [ "file:///ours.js" ] }"#),
        ("no property, lines", "{\n}\n", "{\n  \"plugin\": [\n    \"file:///ours.js\"\n  ]\n}\n"),
        (
            "only comments",
            "// a\n{ // b\n  /* c */\n}",
            "// a\n{ // b\n  \"plugin\": [\n    \"file:///ours.js\"\n  ]\n  /* c */\n}",
        ),
        ("one line", r#"{"a": 1}"#, r#"{"a": 1, "plugin": [ "file:///ours.js" ]}"#),
        (
            "lines",
            "{\n  \"a\": 1\n}",
            "{\n  \"a\": 1,\n  \"plugin\": [\n    \"file:///ours.js\"\n  ]\n}",
        ),
        (
            "tabs and a comma at the end",
            "{\n\t\"a\": [],\n}",
            "{\n\t\"a\": [],\n\t\"plugin\": [\n\t\t\"file:///ours.js\"\n\t],\n}",
        ),
        (
            "a comment behind the last property",
            "{\n  \"a\": 1 // why\n}",
            "{\n  \"a\": 1, // why\n  \"plugin\": [\n    \"file:///ours.js\"\n  ]\n}",
        ),
        (
            "CRLF",
            "{\r\n  \"a\": 1\r\n}\r\n",
            "{\r\n  \"a\": 1,\r\n  \"plugin\": [\r\n    \"file:///ours.js\"\r\n  ]\r\n}\r\n",
        ),
        (
            "a byte order mark",
            "\u{feff}{\"a\":1}",
            "\u{feff}{\"a\":1, \"plugin\": [ \"file:///ours.js\" ]}",
        ),
        ("an empty list", r#"{"plugin": []}"#, r#"{"plugin": ["file:///ours.js"]}"#),
        (
            "an empty list, a comment",
            r#"{"plugin": [ /* c */ ]}"#,
            r#"{"plugin": ["file:///ours.js" /* c */ ]}"#,
        ),
        (
            "a list",
            r#"{"plugin": ["x"], "b": 2}"#,
            r#"{"plugin": ["x", "file:///ours.js"], "b": 2}"#,
        ),
        (
            "a list with a comma",
            r#"{"plugin": [ "x", ]}"#,
            r#"{"plugin": [ "x", "file:///ours.js", ]}"#,
        ),
        (
            "a list of pairs",
            r#"{"plugin": [["x", {"a": []}]]}"#,
            r#"{"plugin": [["x", {"a": []}], "file:///ours.js"]}"#,
        ),
        (
            "a list on lines",
            "{ \"plugin\": [\n    \"x\" // why\n] }",
            "{ \"plugin\": [\n    \"x\", // why\n    \"file:///ours.js\"\n] }",
        ),
        (
            "a list on lines with a comma",
            "{ \"plugin\": [\n    \"x\", /* why */\n] }",
            "{ \"plugin\": [\n    \"x\", /* why */\n    \"file:///ours.js\",\n] }",
        ),
        (
            "a comma on the next line",
            "{ \"plugin\": [\n \"x\" // a\n , // b\n] }",
            "{ \"plugin\": [\n \"x\" // a\n , // b\n \"file:///ours.js\",\n] }",
        ),
        (
            "a bracket on the last line",
            "{ \"plugin\": [ // a\n \"x\" ] }",
            "{ \"plugin\": [ // a\n \"x\",\n \"file:///ours.js\" ] }",
        ),
        (
            "a comment of two lines",
            "{ \"plugin\": [\n \"x\" /* a\n b */\n] }",
            "{ \"plugin\": [\n \"x\",\n \"file:///ours.js\" /* a\n b */\n] }",
        ),
        (
            "an escaped key",
            r#"{"pl\u0075gin": ["\"]"]}"#,
            r#"{"pl\u0075gin": ["\"]", "file:///ours.js"]}"#,
        ),
    ];
    for (name, before, after) in cases {
        assert_eq!(add(before, &LIST, ENTRY).as_deref(), Ok(after), "{name}");
        assert_eq!(add(after, &LIST, ENTRY).as_deref(), Ok(after), "{name}, twice");
        assert_eq!(remove(after, &LIST).as_deref(), Ok(before), "{name}, and back");
        assert_eq!(remove(before, &LIST).as_deref(), Ok(before), "{name}, nothing to remove");
    }
}

#[test]
fn an_entry_of_ours_is_renamed_where_it_stands_and_further_ones_go() {
    let cases = [
        (r#"{"plugin": ["a/ours.js", "x"]}"#, r#"{"plugin": ["file:///ours.js", "x"]}"#),
        (
            r#"{"plugin": [ ["a/ours.js", {"b": 1}] ]}"#,
            r#"{"plugin": [ ["file:///ours.js", {"b": 1}] ]}"#,
        ),
        (
            r#"{"plugin": ["a/ours.js", "x", "file:///ours.js"]}"#,
            r#"{"plugin": ["file:///ours.js", "x"]}"#,
        ),
    ];
    for (before, after) in cases {
        assert_eq!(add(before, &LIST, ENTRY).as_deref(), Ok(after), "{before}");
    }
}

#[test]
fn an_entry_is_removed_wherever_the_person_has_put_it() {
    let cases = [
        (r#"{"plugin": ["file:///ours.js", "x"]}"#, r#"{"plugin": ["x"]}"#),
        (r#"{"plugin": ["x", ["file:///ours.js", {}], "y"]}"#, r#"{"plugin": ["x", "y"]}"#),
        ("{\"plugin\": [\n  \"/ours.js\", // c\n  \"x\"\n]}", "{\"plugin\": [ // c\n  \"x\"\n]}"),
        (
            "{\"plugin\": [\n  \"x\", // c\n  \"/ours.js\", \"y\"\n]}",
            "{\"plugin\": [\n  \"x\", // c\n   \"y\"\n]}",
        ),
        ("{\"plugin\": [ // mine\n  \"/ours.js\"\n]}", "{\"plugin\": [ // mine\n]}"),
        ("{\"plugin\": [ \"/ours.js\" ], \"a\": 1}", "{\"a\": 1}"),
        ("{\n  \"plugin\": [ \"/ours.js\", ],\n  \"a\": 1\n}", "{\n  \"a\": 1\n}"),
    ];
    for (before, after) in cases {
        assert_eq!(remove(before, &LIST).as_deref(), Ok(after), "{before}");
    }
}

#[test]
fn what_is_not_as_it_should_be_is_named_with_its_place() {
    let deep = "[".repeat(100_000);
    let cases: [(&str, &str); 14] = [
        ("", "line 1: no JSON object is in it"),
        ("// nothing", "line 1: no JSON object is in it"),
        ("[]", "line 1: no JSON object is in it"),
        ("{\n  \"a\": 1\n  \"b\": 2\n}", "line 2, column 9: expected comma"),
        ("{'plugin': []}", "line 1, column 2: single-quoted strings are not allowed"),
        ("{plugin: []}", "line 1, column 2: expected string for object property"),
        ("{\"a\": 1", "line 1, column 1: unterminated object"),
        ("{} {}", "line 1, column 4: text cannot contain more than one json value"),
        ("{\"a\": {env:X}}", "line 1, column 8: expected string for object property"),
        ("{\"a\": 0x1}", "line 1, column 7: hexadecimal numbers are not allowed"),
        ("{\n\"plugin\": {}}", "line 2: `plugin` has to be a list"),
        ("{\"plugin\": \"x\"}", "line 1: `plugin` has to be a list"),
        ("{\"plugin\": [],\n\"plugin\": []}", "line 2: `plugin` is there a second time"),
        (&deep, "line 1, column 513: maximum nesting depth exceeded"),
    ];
    for (text, expected) in cases {
        let shown: String = text.chars().take(40).collect();
        for result in [add(text, &LIST, ENTRY), remove(text, &LIST)] {
            let fault = result.expect_err(&shown).to_string();
            assert!(fault.starts_with(expected), "{shown}: {fault}");
        }
    }
}

/// Blanks and comments as they may stand between any two tokens.
fn gap() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        " ",
        "\n",
        "\r\n",
        "\t",
        "  ",
        "// c, \"\n",
        "/* d ] */",
        "/* e\n*/",
        "/*/ f */",
    ]);
    vec(pieces, 0..4).prop_map(|pieces| pieces.concat())
}

/// `open item, item close`, where every gap and the last comma are by chance.
fn container(
    open: &'static str,
    close: &'static str,
    items: BoxedStrategy<Vec<String>>,
) -> impl Strategy<Value = String> {
    let gaps = vec((gap(), gap()), 8);
    (items, gaps, gap(), any::<bool>()).prop_map(move |(items, gaps, end, has_comma)| {
        let last = items.len();
        let items =
            items.iter().zip(gaps).enumerate().map(|(position, (item, (before, behind)))| {
                let comma = if position + 1 < last || has_comma { "," } else { "" };
                format!("{before}{item}{behind}{comma}")
            });
        format!("{open}{}{end}{close}", items.collect::<String>())
    })
}

fn list() -> impl Strategy<Value = String> {
    let entries = select(vec![r#""x""#, r#"["y", {"a": [1,]}]"#, r#""\"], // z""#]);
    container("[", "]", vec(entries.prop_map(str::to_owned), 0..4).boxed())
}

fn config() -> impl Strategy<Value = String> {
    let others = vec(select(vec![r#""a": 1"#, r#""b" : { }"#, r#""ü": "}\\""#]), 0..4);
    let plugin = prop::option::of((list(), gap(), any::<prop::sample::Index>()));
    let properties = (others, plugin).prop_map(|(others, plugin)| {
        let mut properties: Vec<String> = others.into_iter().map(str::to_owned).collect();
        if let Some((list, gap, place)) = plugin {
            let place = place.index(properties.len() + 1);
            properties.insert(place, format!("\"plugin\"{gap}: {list}"));
        }
        properties
    });
    let text = container("{", "}", properties.boxed());
    (select(vec!["", "\u{feff}"]), gap(), text, gap())
        .prop_map(|(mark, before, text, behind)| format!("{mark}{before}{text}{behind}"))
}

/// The names in the list, and how many properties there are without it.
fn content(text: &str) -> (Vec<String>, usize) {
    let (_, body) = split_mark(text);
    let root = parse(body).expect("it is right");
    let array = find(body, &root, &LIST).expect("it is right");
    let others = root.properties.len() - usize::from(array.is_some());
    let elements = array.into_iter().flat_map(|array| &array.elements);
    (elements.map(|element| body[span(element)].to_owned()).collect(), others)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn adding_adds_one_entry_and_removing_restores_every_byte(config in config()) {
        let added = add(&config, &LIST, ENTRY).expect("it is right");
        let (mut names, others) = content(&config);
        names.push(format!("\"{ENTRY}\""));
        prop_assert_eq!(content(&added), (names, others));
        prop_assert_eq!(add(&added, &LIST, ENTRY), Ok(added.clone()));
        prop_assert_eq!(remove(&added, &LIST), Ok(config));
    }
}
