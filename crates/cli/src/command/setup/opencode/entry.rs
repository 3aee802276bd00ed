//! Our entry in the list `plugin` of OpenCode's configuration.

use std::path::{Path, PathBuf};

use crate::command::setup::{
    json_list::{self, Entry, List, Named},
    json_text::Fault,
};

/// Where the plugin lies in our data folder, wherever that is.
pub const PLACE: &str = "plugins/opencode/recount.js";

/// The list. Our data folder may have moved since the entry was made.
const PLUGINS: List = List {
    key: "plugin",
    option: "database",
    is_ours: |name| name.strip_suffix(PLACE).is_some_and(|start| start.ends_with("/recount/")),
};

/// The entry for the plugin at an absolute path. `None` where OpenCode 1.18.33 would not find it:
/// it loads nothing from a path with `?` or `\`, however they are written, and needs UTF-8.
pub fn name(plugin: &Path) -> Option<String> {
    let path = plugin.to_str().filter(|path| !path.contains(['?', '\\']))?;
    let mut name = String::from("file://");
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => name.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => name.push(char::from(byte)),
            byte => name.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
    Some(name)
}

/// The path that such an entry means; `None` where it is none.
pub fn path(name: &str) -> Option<PathBuf> {
    let name = name.strip_prefix("file://").unwrap_or(name);
    let mut bytes = Vec::new();
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// Our entries: what each loads, with its options that are texts.
///
/// # Errors
/// It is not what OpenCode reads.
pub fn registered(config: &str) -> Result<Vec<Named>, Fault> {
    if config.is_empty() { Ok(Vec::new()) } else { json_list::named(config, &PLUGINS) }
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}

/// The configuration with our entry, whose value is the path of the database that the project has
/// for itself; a new one where there is none.
///
/// # Errors
/// It is not what OpenCode reads.
pub fn add(config: Option<&str>, entry: Entry<'_>) -> Result<String, Fault> {
    match config {
        None => Ok(new_file(&json_list::literal(entry, &PLUGINS))),
        Some("") => Ok(in_empty_file(&json_list::literal(entry, &PLUGINS))),
        Some(config) => json_list::add(config, &PLUGINS, entry),
    }
}

/// The configuration without our entry; `None` if nothing of it is left but what we have made.
///
/// # Errors
/// It is not what OpenCode reads.
pub fn remove(config: &str) -> Result<Option<String>, Fault> {
    if let [entry] = json_list::ours(config, &PLUGINS)?[..] {
        if config == new_file(entry) {
            return Ok(None);
        }
        if config == in_empty_file(entry) {
            return Ok(Some(String::new()));
        }
    }
    json_list::remove(config, &PLUGINS).map(Some)
}

/// Whether our entry is in it.
///
/// # Errors
/// It is not what OpenCode reads.
pub fn is_in(config: &str) -> Result<bool, Fault> {
    // OpenCode reads an empty file, but none with only blanks or comments.
    Ok(!config.is_empty() && !json_list::ours(config, &PLUGINS)?.is_empty())
}

/// What is left of [`new_file`] where it cannot be taken away.
pub const EMPTY: &str = "{\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n";

/// A list on one line among lines: [`json_list::add`] makes none, so this file is told from one that
/// was there before.
fn new_file(entry: &str) -> String {
    format!(
        "{{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"plugin\": [ {entry} ]\n}}\n"
    )
}

/// Told in the same way by the blank behind the first bracket.
fn in_empty_file(entry: &str) -> String {
    format!("{{ \"plugin\": [ {entry} ] }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "file:///d/recount/plugins/opencode/recount.js";
    const PLAIN: Entry<'_> = Entry { name: NAME, value: None };
    const PAIR: Entry<'_> = Entry { name: NAME, value: Some("/x.db") };

    #[test]
    fn a_path_becomes_a_url() {
        let cases = [
            ("/d/recount.js", Some("file:///d/recount.js")),
            ("/a b/ü#%41.js", Some("file:///a%20b/%C3%BC%23%2541.js")),
            ("/[x]{y}~.js", Some("file:///%5Bx%5D%7By%7D~.js")),
            ("/what?.js", None),
            ("/back\\slash.js", None),
        ];
        for (path, expected) in cases {
            assert_eq!(name(Path::new(path)).as_deref(), expected, "{path}");
            if let Some(url) = expected {
                assert_eq!(super::path(url).as_deref(), Some(Path::new(path)), "{url}");
            }
        }
    }

    #[test]
    fn a_file_that_we_made_is_told_from_one_that_was_there() {
        let added = |config: Option<&str>, entry| add(config, entry).expect("nothing is wrong");
        let was_there = "{\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n";
        for (entry, other) in [(PLAIN, PAIR), (PAIR, PLAIN)] {
            let made = added(None, entry);
            assert_eq!(added(Some(&made), entry), made);
            assert_eq!(added(Some(&made), other), added(None, other));
            assert_eq!(remove(&made), Ok(None));
            for config in ["", "{}", "{ }", "{  }", was_there, "\u{feff}{}"] {
                let with_entry = added(Some(config), entry);
                assert_ne!(with_entry, made);
                assert_eq!(added(Some(&with_entry), other), added(Some(config), other));
                assert_eq!(remove(&with_entry), Ok(Some(config.to_owned())), "{with_entry}");
            }
        }
    }

    #[test]
    fn what_was_put_into_a_file_of_ours_stays_but_what_is_said_to_the_plugin() {
        let made = add(None, PLAIN).expect("nothing is wrong");
        let more = made.replace(" ]\n", " ],\n  \"model\": \"x\"\n");
        let rest = remove(&more).expect("nothing is wrong").expect("something is left");
        assert!(rest.contains("\"model\"") && !rest.contains("plugin"), "{rest}");
        let made = add(None, PAIR).expect("nothing is wrong");
        let more = made.replace("\"/x.db\"", "\"/x.db\", \"command\": \"/r\"");
        assert_eq!(remove(&more), Ok(None));
    }

    #[test]
    fn an_entry_is_ours_by_the_end_of_its_path() {
        let cases = [
            (NAME, true),
            ("file:///elsewhere/share/recount/plugins/opencode/recount.js", true),
            ("/d/recount/plugins/opencode/recount.js", true),
            ("file:///d/notrecount/plugins/opencode/recount.js", false),
            ("file:///d/recount/plugins/opencode/dist/recount.js", false),
            ("recount", false),
        ];
        for (name, expected) in cases {
            assert_eq!((PLUGINS.is_ours)(name), expected, "{name}");
        }
    }
}
