//! From the file, the variables and the command line to [`Settings`].
//!
//! Reading never stops at a fault: what can be read counts, the rest keeps its default, and the
//! faults come back as a list. Commands refuse to run with a fault; hooks go on, because a typing
//! error must not cost an event.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Settings,
    key::{self, COUNT, KEYS, Key, Wrong},
};
use crate::{
    environment::{self, Environment},
    failure::Complaint,
};

/// The name of the file in our settings folder.
const FILE: &str = "config.toml";

/// The tables with a first and a longest pause.
const BACKOFF_TABLES: [&str; 2] =
    ["policies.database_retry.trace.connection_open", "policies.database_retry.trace.query"];

/// Who gave a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Source {
    /// Nobody.
    Default,
    /// The settings file, in that line; the first one is 1.
    File { line: usize },
    /// That variable.
    Environment { variable: &'static str },
    /// That option.
    CommandLine { option: &'static str },
}

/// The settings, where each comes from, and what was wrong.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What holds.
    pub settings: Settings,
    /// Who gave each of [`KEYS`].
    pub sources: [Source; COUNT],
    /// What could not be taken over.
    pub faults: Vec<Complaint>,
    /// Where the file is, or would be; `None` where no folder is known for it.
    pub file: Option<PathBuf>,
}

/// Reads everything; `database` is what the command line says.
pub fn load(environment: &Environment, database: Option<&Path>) -> Loaded {
    let file = environment.config_folder.as_ref().map(|folder| folder.join(FILE));
    let mut loaded = Loaded {
        settings: Settings::defaults(environment),
        sources: [Source::Default; COUNT],
        faults: Vec::new(),
        file: file.clone(),
    };
    if let Some(path) = file {
        FileReader { environment, path: &path, text: "", loaded: &mut loaded }.read();
    }
    take_environment(&mut loaded, environment);
    if let Some(path) = database {
        loaded.settings.database = Some(environment.absolute(path));
        loaded.name_source("database", Source::CommandLine { option: "--database" });
    }
    loaded
}

fn take_environment(loaded: &mut Loaded, environment: &Environment) {
    if let Some(path) = &environment.database {
        loaded.settings.database = Some(environment.absolute(path));
        loaded.name_source("database", Source::Environment { variable: environment::DATABASE });
    }
    let Some(log) = &environment.log else { return };
    match log.parse() {
        Ok(filter) => {
            loaded.settings.log = filter;
            loaded.name_source("log", Source::Environment { variable: environment::LOG });
        }
        Err(error) => loaded.faults.push(Complaint {
            message: format!("`{}` is no filter: {error}", environment::LOG),
            hint: Some("a filter is such as \"warn\" or \"warn,store=debug\"".to_owned()),
        }),
    }
}

impl Source {
    fn line(self) -> Option<usize> {
        match self {
            Self::File { line } => Some(line),
            Self::Default | Self::Environment { .. } | Self::CommandLine { .. } => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { line } => write!(f, "file, line {line}"),
            Self::Environment { variable } => write!(f, "environment, {variable}"),
            Self::CommandLine { option } => write!(f, "command line, {option}"),
        }
    }
}

impl Loaded {
    /// Whether the database is the one that is used where the command line names none.
    pub fn has_default_database(&self) -> bool {
        !matches!(self.sources[known_position("database")], Source::CommandLine { .. })
    }

    /// The database, where the command line or a variable names it.
    pub fn named_database(&self) -> Option<&Path> {
        match self.sources[known_position("database")] {
            Source::CommandLine { .. } | Source::Environment { .. } => {
                self.settings.database.as_deref()
            }
            Source::Default | Source::File { .. } => None,
        }
    }

    fn name_source(&mut self, name: &str, source: Source) {
        self.sources[known_position(name)] = source;
    }
}

fn known_position(name: &str) -> usize {
    key::position(name).expect("the key is in the list")
}

/// Takes over one settings file.
struct FileReader<'a> {
    environment: &'a Environment,
    path: &'a Path,
    text: &'a str,
    loaded: &'a mut Loaded,
}

impl FileReader<'_> {
    fn read(self) {
        let text = match fs::read_to_string(self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                let message = format!("settings file `{}`: {error}", self.path.display());
                return self.loaded.faults.push(Complaint { message, hint: None });
            }
        };
        let mut reader = FileReader { text: &text, ..self };
        match DeTable::parse(&text) {
            Ok(table) => {
                reader.table("", table.get_ref());
                reader.refuse_disordered_backoffs();
            }
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                reader.fault(offset, error.message(), None);
            }
        }
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let full = match prefix {
                "" => name.get_ref().to_string(),
                prefix => format!("{prefix}.{}", name.get_ref()),
            };
            let offset = name.span().start;
            let nested = value.get_ref().as_table();
            match (key::position(&full), nested) {
                (Some(position), _) => self.key(position, offset, value),
                (None, Some(nested)) if key::tables().any(|known| known == full) => {
                    self.table(&full, nested);
                }
                (None, Some(_)) => self.unknown("table", &full, offset, key::tables()),
                (None, None) => {
                    self.unknown("key", &full, offset, KEYS.iter().map(|key| key.name));
                }
            }
        }
    }

    fn key(&mut self, position: usize, offset: usize, value: &Spanned<DeValue<'_>>) {
        let Key { name, field, .. } = &KEYS[position];
        match field.read(&mut self.loaded.settings, value, self.environment) {
            Ok(()) => self.loaded.sources[position] = Source::File { line: self.line(offset) },
            Err(Wrong::Value) => {
                let text = self.text.get(value.span()).unwrap_or_default();
                let found = if value.get_ref().is_table() { "a table" } else { excerpt(text) };
                let message = format!("`{name}` is {found} but has to be {}", field.allowed());
                self.fault(offset, &message, None);
            }
            Err(Wrong::Inside(faults)) => {
                for pricing::Fault { offset, message } in faults {
                    self.fault(offset, &format!("in `{name}`: {message}"), None);
                }
            }
        }
    }

    fn unknown(
        &mut self,
        what: &str,
        name: &str,
        offset: usize,
        known: impl Iterator<Item = &'static str>,
    ) {
        let hint = match key::nearest(name, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`recount config schema` lists every key".to_owned(),
        };
        self.fault(offset, &format!("unknown {what} `{name}`"), Some(hint));
    }

    /// A first pause that is longer than the longest one: both keep their defaults.
    fn refuse_disordered_backoffs(&mut self) {
        let defaults = Settings::defaults(self.environment);
        for table in BACKOFF_TABLES {
            let positions = ["initial_backoff_ms", "max_backoff_ms"]
                .map(|name| known_position(&format!("{table}.{name}")));
            let Loaded { settings, sources, .. } = &mut *self.loaded;
            let [initial_ms, max_ms] =
                positions.map(|position| KEYS[position].field.show(settings).as_u64());
            if initial_ms <= max_ms {
                continue;
            }
            let line = positions.iter().filter_map(|&position| sources[position].line()).max();
            for position in positions {
                KEYS[position].field.copy(&defaults, settings);
                sources[position] = Source::Default;
            }
            let message =
                format!("`{table}.initial_backoff_ms` has to be at most `max_backoff_ms`");
            self.fault_in_line(line.unwrap_or(1), &message, None);
        }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        1 + before.filter(|&&byte| byte == b'\n').count()
    }

    fn fault(&mut self, offset: usize, message: &str, hint: Option<String>) {
        self.fault_in_line(self.line(offset), message, hint);
    }

    fn fault_in_line(&mut self, line: usize, message: &str, hint: Option<String>) {
        let path = self.path.display();
        let message = format!("settings file `{path}`, line {line}: {message}");
        self.loaded.faults.push(Complaint { message, hint });
    }
}

/// The beginning of what stands in the file, on one line.
fn excerpt(text: &str) -> &str {
    const LIMIT_BYTES: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    &line[..line.floor_char_boundary(LIMIT_BYTES)]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Loads a file with that text, with these variables beside it.
    fn load_text(text: &str, variables: &[(&str, &str)]) -> Loaded {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("recount")).expect("a new folder");
        fs::write(folder.path().join("recount/config.toml"), text).expect("a new file");
        let environment = Environment::from_variables(PathBuf::from("/work"), |name| {
            let given = variables.iter().find(|(key, _)| *key == name);
            match name {
                environment::HOME => Some("/home/someone".into()),
                environment::XDG_CONFIG_HOME => Some(folder.path().into()),
                _ => given.map(|(_, value)| value.into()),
            }
        });
        load(&environment, None)
    }

    /// The faults as people read them, without the folder of the test.
    fn faults(loaded: &Loaded) -> Vec<String> {
        let file = loaded.file.as_ref().expect("a file").display().to_string();
        let told = loaded.faults.iter().map(|Complaint { message, hint }| {
            let message = message.replace(&file, "F");
            hint.iter().fold(message, |message, hint| format!("{message}; {hint}"))
        });
        told.collect()
    }

    #[test]
    fn without_a_file_everything_has_its_default() {
        let environment = Environment::default();
        let loaded = load(&environment, None);
        assert_eq!(loaded.settings, Settings::defaults(&environment));
        assert_eq!(loaded.sources, [Source::Default; COUNT]);
        assert_eq!((loaded.faults, loaded.file), (Vec::new(), None));
    }

    #[test]
    fn every_key_can_be_set_and_reaches_a_place_of_its_own() {
        let environment = Environment::default();
        let defaults = Settings::defaults(&environment);
        for (position, key) in KEYS.iter().enumerate() {
            let value = match &key.field {
                key::Field::Path(_) => "\"/other.db\"".to_owned(),
                key::Field::Url(_) => "\"https://pages.example\"".to_owned(),
                key::Field::Filter(_) => "\"trace\"".to_owned(),
                key::Field::Synchronous(_) => "\"normal\"".to_owned(),
                key::Field::Switch(_) => "true".to_owned(),
                key::Field::Prices(_) => {
                    "[{ provider = \"p\", model = \"m\", input = 1 }]".to_owned()
                }
                key::Field::Number { unit: key::Unit::Attempts, .. } => "77".to_owned(),
                // Between the first and the longest pause of either policy.
                key::Field::Number { .. } => "400".to_owned(),
            };
            let loaded = load_text(&format!("{} = {value}", key.name), &[]);
            assert_eq!(faults(&loaded), Vec::<String>::new(), "{}", key.name);
            assert_eq!(loaded.sources[position], Source::File { line: 1 }, "{}", key.name);
            assert_ne!(key.field.show(&loaded.settings), key.field.show(&defaults), "{}", key.name);
            let others =
                KEYS.iter().filter(|other| other.name != key.name && other.name != "database");
            for other in others {
                let found = other.field.show(&loaded.settings);
                assert_eq!(found, other.field.show(&defaults), "{} by {}", other.name, key.name);
            }
        }
    }

    #[test]
    fn a_fault_names_file_line_key_and_what_is_allowed() {
        let number = "a number of milliseconds from 0 to 60000";
        let cases = [
            ("a=", "F`, line 1: "),
            (
                "\n[hooks]\ndeadline = 5",
                "`F`, line 3: unknown key `hooks.deadline`; did you mean `hooks.deadline_ms`?",
            ),
            ("[hook]\ndeadline_ms = 5", "`F`, line 1: unknown table `hook`; did you mean `hooks`?"),
            (
                "colour = 5",
                "`F`, line 1: unknown key `colour`; `recount config schema` lists every key",
            ),
            (
                "hooks.deadline_ms = \"5\"",
                &format!("`hooks.deadline_ms` is \"5\" but has to be {number}"),
            ),
            (
                "hooks.deadline_ms = 5.0",
                &format!("`hooks.deadline_ms` is 5.0 but has to be {number}"),
            ),
            (
                "hooks.deadline_ms = -1",
                &format!("`hooks.deadline_ms` is -1 but has to be {number}"),
            ),
            (
                "hooks.deadline_ms = 60001",
                &format!("`hooks.deadline_ms` is 60001 but has to be {number}"),
            ),
            (
                "hooks.deadline_ms.x = 1",
                &format!("`hooks.deadline_ms` is a table but has to be {number}"),
            ),
            ("hooks.deadline_ms = 99999999999999999999", number),
            ("hooks.drain_files = 0", "from 1 to 100000"),
            (
                "policies.database_retry.trace.query.max_attempts = 0",
                "a number of attempts from 1 to 100",
            ),
            ("store.synchronous = \"off\"", "\"off\" but has to be \"full\" or \"normal\""),
            ("log = \"wran\"", "`log` is \"wran\" but has to be a filter such as"),
            ("database = \"x.db\"", "`database` is \"x.db\" but has to be an absolute path"),
        ];
        for (text, expected) in cases {
            let loaded = load_text(text, &[]);
            let [fault] = &faults(&loaded)[..] else { panic!("{text}: {:?}", loaded.faults) };
            assert!(fault.contains(expected), "{text}: {fault}");
        }
    }

    #[test]
    fn a_price_that_is_wrong_is_named_with_its_line_and_none_counts() {
        let text = "\
            [[prices]]\n\
            provider = \"p\"\n\
            model = \"m\"\n\
            input = 3.75\n\
            [[prices]]\n\
            provider = \"p\"\n\
            model = \"n\"\n\
            input = 0.0000001\n\
            otuput = 1\n";
        let loaded = load_text(text, &[]);
        let expected = [
            "settings file `F`, line 8: in `prices`: `input` has more than 6 digits behind the point",
            "settings file `F`, line 9: in `prices`: unknown key `otuput`",
        ];
        assert_eq!(faults(&loaded), expected);
        assert_eq!(loaded.settings.prices, []);
        let loaded = load_text("prices = \"cheap\"", &[]);
        let expected = [
            "settings file `F`, line 1: in `prices`: a list of tables is wanted, one for each price",
        ];
        assert_eq!(faults(&loaded), expected);
    }

    #[test]
    fn a_fault_costs_its_own_key_only() {
        let loaded = load_text("[hooks]\nunknown = 1\ndeadline_ms = 7\ndrain_files = 0", &[]);
        assert_eq!(loaded.faults.len(), 2);
        assert_eq!(loaded.settings.hooks.deadline, Duration::from_millis(7));
        assert_eq!(loaded.settings.hooks.drain_files, 128);
    }

    #[test]
    fn a_broken_file_leaves_every_default() {
        for text in ["[hooks]\ndeadline_ms = 7\n[", "hooks = {", "x = 1\nx = 2"] {
            let loaded = load_text(text, &[]);
            assert_eq!(loaded.faults.len(), 1, "{text}");
            assert_eq!(loaded.sources, [Source::Default; COUNT], "{text}");
        }
    }

    #[test]
    fn a_first_pause_is_at_most_the_longest() {
        let table = "[policies.database_retry.trace.query]";
        for text in [
            "initial_backoff_ms = 501",
            "max_backoff_ms = 99",
            "initial_backoff_ms = 9\nmax_backoff_ms = 8",
        ] {
            let loaded = load_text(&format!("{table}\n{text}"), &[]);
            assert_eq!(loaded.faults.len(), 1, "{text}");
            assert_eq!(loaded.settings.retry.query.initial_backoff, Duration::from_millis(100));
            assert_eq!(loaded.settings.retry.query.max_backoff, Duration::from_millis(500));
        }
    }

    #[test]
    fn the_command_line_wins_over_a_variable_and_that_over_the_file() {
        let file = "database = \"/file.db\"\nlog = \"info\"";
        let variables = [(environment::DATABASE, "variable.db"), (environment::LOG, "debug")];
        let loaded = load_text(file, &variables);
        assert_eq!(loaded.settings.database.as_deref(), Some(Path::new("/work/variable.db")));
        assert_eq!(loaded.settings.log.as_str(), "debug");
        assert_eq!(loaded.sources[1], Source::Environment { variable: environment::LOG });
        let environment =
            Environment { database: Some("/variable.db".into()), ..Environment::default() };
        let loaded = load(&environment, Some(Path::new("/option.db")));
        assert_eq!(loaded.settings.database.as_deref(), Some(Path::new("/option.db")));
        assert_eq!(loaded.sources[0], Source::CommandLine { option: "--database" });
    }

    #[test]
    fn a_path_may_begin_at_home() {
        let loaded = load_text("database = \"~/r.db\"", &[]);
        assert_eq!(loaded.settings.database.as_deref(), Some(Path::new("/home/someone/r.db")));
    }

    #[test]
    fn a_variable_that_is_no_filter_is_a_fault() {
        let loaded = load_text("log = \"info\"", &[(environment::LOG, "lots")]);
        assert_eq!(loaded.faults.len(), 1);
        assert_eq!(loaded.settings.log.as_str(), "info");
    }
}
