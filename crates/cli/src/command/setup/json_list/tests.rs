//! Before and after, byte for byte, and back again.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

const LIST: List = List { key: "plugin", option: "o", is_ours: |name| name.ends_with("/ours.js") };
const NAME: &str = "file:///ours.js";
const PLAIN: Entry<'_> = entry(None);
const PAIR: Entry<'_> = entry(Some("v"));

const fn entry(value: Option<&str>) -> Entry<'_> {
    Entry { name: NAME, value }
}

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
        let pair = after.replace("\"file:///ours.js\"", r#"["file:///ours.js", {"o": "v"}]"#);
        for (entry, after) in [(PLAIN, after), (PAIR, &*pair)] {
            assert_eq!(add(before, &LIST, entry).as_deref(), Ok(after), "{name}");
            assert_eq!(add(after, &LIST, entry).as_deref(), Ok(after), "{name}, twice");
            assert_eq!(remove(after, &LIST).as_deref(), Ok(before), "{name}, and back");
        }
        assert_eq!(add(after, &LIST, PAIR).as_deref(), Ok(&*pair), "{name}, with the option");
        assert_eq!(add(&pair, &LIST, PLAIN).as_deref(), Ok(after), "{name}, without it again");
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
        assert_eq!(add(before, &LIST, PLAIN).as_deref(), Ok(after), "{before}");
    }
}

#[test]
fn the_option_is_changed_where_it_stands() {
    let cases: [(&str, Option<&str>, &str); 14] = [
        (r#""/ours.js""#, Some("v"), r#"["/ours.js", {"o": "v"}]"#),
        (r#"["/ours.js", {"o": "v"}]"#, Some("w"), r#"["/ours.js", {"o": "w"}]"#),
        (r#"["/ours.js", {"o": "v"}]"#, None, r#""/ours.js""#),
        (r#"["\/ours.js", {"o": "v"}]"#, None, r#""\/ours.js""#),
        (r#"["/ours.js",{"o": "v"}]"#, None, r#"["/ours.js",{}]"#),
        (r#"["/ours.js", {"o": 1}]"#, None, r#"["/ours.js", {}]"#),
        (r#"["/ours.js", {"o": [1]}]"#, Some("v"), r#"["/ours.js", {"o": "v"}]"#),
        (r#"["/ours.js", {"o": "\u0076"}]"#, Some("v"), r#"["/ours.js", {"o": "\u0076"}]"#),
        (r#"["/ours.js"]"#, Some("v"), r#"["/ours.js", {"o": "v"}]"#),
        (r#"["/ours.js", { /* c */ }]"#, Some("v"), r#"["/ours.js", {"o": "v" /* c */ }]"#),
        (r#"["/ours.js", {"o": "v", "a": 1}, 2]"#, None, r#"["/ours.js", {"a": 1}, 2]"#),
        (r#"["/ours.js", {"a": 1,}]"#, Some("v"), r#"["/ours.js", {"a": 1, "o": "v",}]"#),
        (r#"["/ours.js", 1]"#, None, r#"["/ours.js", 1]"#),
        (r#""/ours.js""#, Some("{env:\\\"}"), r#"["/ours.js", {"o": "\u007benv:\\\"}"}]"#),
    ];
    for (before, value, after) in cases {
        let [before, after] =
            [before, after].map(|entry| format!(r#"{{"plugin": ["x", {entry}, "y"]}}"#));
        let entry = Entry { name: "/ours.js", value };
        assert_eq!(add(&before, &LIST, entry).as_ref(), Ok(&after), "{before}");
        assert_eq!(add(&after, &LIST, entry).as_ref(), Ok(&after), "{before}, twice");
        assert_eq!(remove(&after, &LIST).as_deref(), Ok(r#"{"plugin": ["x", "y"]}"#));
    }
}

#[test]
fn options_that_are_none_are_named_with_their_place() {
    let cases = [
        (r#"["/ours.js", 1]"#, "line 2: the options of an entry have to be an object"),
        (r#"["/ours.js", {"o": 1, "o": 2}]"#, "line 2: `o` is there a second time"),
    ];
    for (entry, expected) in cases {
        let text = format!("{{\"plugin\": [\n{entry}]}}");
        let fault = add(&text, &LIST, PAIR).expect_err(entry).to_string();
        assert_eq!(fault, expected);
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
        for result in [add(text, &LIST, PAIR), remove(text, &LIST)] {
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
    let root = json_text::parse(body, &JSON_WITH_COMMENTS).expect("it is right");
    let array = find(body, &root, &LIST).expect("it is right");
    let others = root.properties.len() - usize::from(array.is_some());
    let elements = array.into_iter().flat_map(|array| &array.elements);
    (elements.map(|element| body[span(element)].to_owned()).collect(), others)
}

/// An entry of ours as a person may have written it, with options but not with ours.
fn entry_with_options() -> impl Strategy<Value = String> {
    let others = vec(select(vec![r#""a": 1"#, r#""b" : { "o": 2 }"#]), 0..3);
    let options = others.prop_map(|others| others.into_iter().map(str::to_owned).collect());
    let options = container("{", "}", options.boxed());
    let elements = options.prop_map(|options| vec![format!("\"{NAME}\""), options]);
    container("[", "]", elements.boxed())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn adding_adds_one_entry_and_removing_restores_every_byte(
        config in config(),
        values in vec(select(vec![None, Some("v"), Some("{\"\\w")]), 1..4),
    ) {
        let (names, others) = content(&config);
        let mut text = config.clone();
        for value in values {
            let once = add(&config, &LIST, entry(value)).expect("it is right");
            text = add(&text, &LIST, entry(value)).expect("it is right");
            prop_assert_eq!(&text, &once, "whatever it was before");
            let names = names.iter().cloned().chain([literal(entry(value), &LIST)]).collect();
            prop_assert_eq!(content(&text), (names, others));
            prop_assert_eq!(add(&text, &LIST, entry(value)), Ok(text.clone()));
            prop_assert_eq!(remove(&text, &LIST), Ok(config.clone()));
        }
    }

    #[test]
    fn options_of_the_person_stay_to_the_byte(ours in entry_with_options()) {
        let config = format!("{{\"plugin\": [\"x\", {ours}]}}");
        let added = add(&config, &LIST, PAIR).expect("it is right");
        prop_assert_eq!(add(&added, &LIST, PAIR), Ok(added.clone()));
        prop_assert_eq!(added.matches(r#""o": "v""#).count(), 1);
        let plain = add(&added, &LIST, PLAIN).expect("it is right");
        if added.contains(&literal(PAIR, &LIST)) {
            // Empty options say no more than none.
            prop_assert_eq!(plain, format!("{{\"plugin\": [\"x\", \"{NAME}\"]}}"));
        } else {
            prop_assert_eq!(plain, config);
        }
        prop_assert_eq!(remove(&added, &LIST), Ok(r#"{"plugin": ["x"]}"#.to_owned()));
    }
}
