//! What the documents say is so: links lead somewhere, tables and defaults are the program's, and
//! the README's sessions are what the program prints.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::support::{Run, TestEnvironment};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A document and its text.
struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).expect("a document is text");
        Self { path, text }
    }

    fn words(&self) -> usize {
        self.text.split_whitespace().count()
    }

    /// The targets of its links that lie in the repository, each with its anchor, which may be empty.
    fn links(&self) -> impl Iterator<Item = (&str, &str)> {
        let targets = self.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let targets = targets.filter(|target| !target.contains("://"));
        targets.map(|target| target.split_once('#').unwrap_or((target, "")))
    }

    /// Whether a heading is found under that anchor.
    fn has_anchor(&self, anchor: &str) -> bool {
        let headings = self.text.lines().filter_map(|line| line.strip_prefix('#'));
        let mut anchors = headings.map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            words.replace(|sign: char| !sign.is_alphanumeric() && sign != '-', "")
        });
        anchors.any(|found| found == anchor)
    }

    /// The cells of the table rows whose first cell is one piece of code.
    fn rows_of_code(&self) -> impl Iterator<Item = Vec<&str>> {
        let rows = self.text.lines().filter_map(|line| line.strip_prefix("| `"));
        rows.map(|row| {
            row.trim_end_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect()
        })
    }

    /// The lines of each fenced block of that language.
    fn blocks<'d>(&'d self, language: &str) -> Vec<Vec<&'d str>> {
        let fence = format!("```{language}\n");
        let blocks = self.text.split(fence.as_str()).skip(1);
        blocks.map(|rest| rest.lines().take_while(|line| *line != "```").collect()).collect()
    }
}

fn readme() -> Document {
    Document::read(Path::new(ROOT).join("README.md"))
}

/// Every document under `context/`.
fn context() -> Vec<Document> {
    let folders = ["context", "context/decisions"].map(|folder| Path::new(ROOT).join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(Document::read)
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    for document in context().iter().chain([&readme()]) {
        for (link, anchor) in document.links() {
            let target = document.path.parent().expect("a folder").join(link);
            let place = format!("`{link}#{anchor}` in `{}`", document.path.display());
            assert!(target.exists(), "{place}");
            assert!(anchor.is_empty() || Document::read(target).has_anchor(anchor), "{place}");
        }
    }
}

#[test]
fn context_is_short_and_a_decision_is_shorter() {
    let documents = context();
    assert!(documents.iter().map(Document::words).sum::<usize>() <= 5_000);
    let decisions = documents.iter().filter(|document| {
        document.path.parent().is_some_and(|folder| folder.ends_with("decisions"))
    });
    for decision in decisions {
        assert!(decision.words() <= 150, "`{}`: {}", decision.path.display(), decision.words());
    }
}

#[test]
fn schema_names_every_table_with_its_key_and_no_other() {
    let document = Document::read(Path::new(ROOT).join("context/schema.md"));
    let overview = document.text.split("\n## ").next().expect("a beginning");
    let overview = Document { path: document.path.clone(), text: overview.to_owned() };
    let named: BTreeMap<String, String> =
        overview.rows_of_code().map(|cells| (cells[0].to_owned(), cells[1].to_owned())).collect();
    assert_eq!(named, tables_and_keys());
}

/// Each table that the migrations make, with the columns that find a row from outside.
fn tables_and_keys() -> BTreeMap<String, String> {
    let migrations = fs::read_dir(Path::new(ROOT).join("migrations")).expect("a folder");
    let sql: String = migrations
        .map(|file| fs::read_to_string(file.expect("an entry").path()).expect("SQL is text"))
        .collect();
    let tables = sql.split("CREATE TABLE ").skip(1).map(|table| {
        let (name, rest) = table.split_once(" (").expect("a table has columns");
        let body = rest.split(") STRICT").next().expect("a table ends");
        let unique = body.split("UNIQUE (").nth(1).and_then(|rest| rest.split(')').next());
        let primary = || body.split_whitespace().next();
        let key = unique.or_else(primary).expect("a table has a key");
        (name.to_owned(), key.to_owned())
    });
    tables.collect()
}

#[test]
fn the_defaults_that_are_told_are_the_programs() {
    let output = TestEnvironment::new().run(["config", "show", "--format", "json"]).output();
    let shown: serde_json::Value = serde_json::from_str(&output).expect("JSON");
    let settings = shown["settings"].as_array().expect("a list");
    let defaults: BTreeMap<&str, String> = settings
        .iter()
        .filter_map(|setting| Some((setting["key"].as_str()?, setting["value"].to_string())))
        .collect();
    let mut told = 0;
    for document in context().iter().chain([&readme()]) {
        for cells in document.rows_of_code() {
            if let Some(default) = defaults.get(cells[0]) {
                assert_eq!(cells[1], default, "{} in {}", cells[0], document.path.display());
                told += 1;
            }
        }
    }
    assert!(told > 0, "no document has a table of defaults");
}

#[test]
fn the_readme_names_every_command_and_no_other() {
    let environment = TestEnvironment::new();
    let readme = readme();
    let lines = readme.rows_of_code().filter_map(|cells| cells[0].strip_prefix("recount "));
    let mut named = BTreeSet::new();
    for line in lines {
        let is_word = |word: &&str| word.starts_with(|first: char| first.is_ascii_lowercase());
        let words: Vec<&str> = line.split(' ').take_while(is_word).collect();
        let arguments: Vec<&str> = words.iter().copied().chain(["--help"]).collect();
        let help = environment.run(arguments).output();
        assert!(help.contains(&format!("Usage: recount {}", words.join(" "))), "{line}: {help}");
        // One with commands of its own may do something by itself too.
        if !help.contains("Commands:\n") {
            named.insert(words.join(" "));
        }
    }
    assert_eq!(named, commands(&environment, &[]));
}

/// Every command that has no commands of its own.
fn commands(environment: &TestEnvironment, path: &[&str]) -> BTreeSet<String> {
    let arguments: Vec<&str> = path.iter().copied().chain(["--help"]).collect();
    let help = environment.run(arguments).output();
    let Some((_, list)) = help.split_once("Commands:\n") else {
        return BTreeSet::from([path.join(" ")]);
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    // A line that goes on with what a command does stands further to the right.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !["", "help"].contains(name))
        .flat_map(|name| commands(environment, &[path, &[name]].concat()))
        .collect()
}

#[test]
fn the_sessions_of_the_readme_are_what_the_program_prints() {
    let environment = TestEnvironment::new();
    let (work, readme) = (environment.working_folder(), readme());
    symlink(Path::new(ROOT).join("tests"), work.join("tests")).expect("a new link");
    symlink(env!("CARGO_BIN_EXE_recount"), work.join("recount")).expect("a new link");
    let envelope = readme.blocks("json").concat().join("\n");
    fs::write(work.join("envelope.json"), envelope).expect("a new file");
    let mut commands = 0;
    for block in readme.blocks("console") {
        for session in block.join("\n").split("$ ").skip(1) {
            let (command, expected) = session.split_once('\n').unwrap_or((session, ""));
            let printed = run_in_shell(&environment, command);
            let lines = |text: &'_ str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            assert!(is_elided(&lines(expected), &lines(&printed)), "$ {command}\n{printed}");
            commands += 1;
        }
    }
    assert!(commands > 0, "the README shows no session");
}

/// What a command line prints in a terminal that knows `recount` and, of cargo, how to run it.
fn run_in_shell(environment: &TestEnvironment, command: &str) -> String {
    let command = command.replace("cargo run --release --", "recount");
    let work = environment.working_folder();
    Run::new(Path::new("/bin/sh"))
        .arguments(["-c", &format!("{{ {command}; }} 2>&1")])
        .working_folder(&work)
        .variable("HOME", environment.home())
        .variable("PATH", format!("{}:/usr/bin:/bin", work.display()))
        .variable("TZ", "UTC")
        .finish()
        .output()
}

/// Whether `expected` is `printed`, where `…` stands for the rest of a line, or alone for any lines.
fn is_elided(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line.trim() == "…" => {
            (0..=printed.len()).any(|hidden| is_elided(rest, &printed[hidden..]))
        }
        Some((line, rest)) => printed.split_first().is_some_and(|(first, others)| {
            let is_same = line == first;
            let begins_so = || line.strip_suffix('…').is_some_and(|start| first.starts_with(start));
            (is_same || begins_so()) && is_elided(rest, others)
        }),
    }
}
