//! What the program has to say about itself: to standard error for commands, to a bounded file
//! beside the database for hooks, whose standard error nobody sees.
//!
//! No text of a conversation is ever logged: counts, names, paths and kinds are.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    panic::PanicHookInfo,
    path::{Path, PathBuf},
    str::FromStr,
};

use thiserror::Error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt};

/// A log file longer than this becomes the old one; there is one old one.
const LOG_LIMIT_BYTES: u64 = 1024 * 1024;

/// Whose entries are logged. Libraries are not heard: the engine's own trace holds what is stored.
const OURS: [&str; 5] = ["recount", "store", "intake", "domain", "web"];

/// Which log entries are wanted.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    targets: Targets,
}

/// A filter that is none.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FilterError {
    /// Nothing between two commas.
    #[error("it has an empty part")]
    Empty,
    /// Neither a level nor a target with its level.
    #[error("`{0}` is no level")]
    Level(String),
    /// A crate that is not heard.
    #[error("`{0}` is none of `{list}`", list = OURS.join("`, `"))]
    Target(String),
}

impl Filter {
    /// The filter as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self { text: "warn".to_owned(), targets: ours_at(LevelFilter::WARN) }
    }
}

fn ours_at(level: LevelFilter) -> Targets {
    Targets::new().with_targets(OURS.map(|target| (target, level)))
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Filter {}

impl FromStr for Filter {
    type Err = FilterError;

    /// Stricter than the library's own, for which a misspelt level is a target.
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let mut base = LevelFilter::OFF;
        let mut targets = Vec::new();
        for part in text.split(',').map(str::trim) {
            match part.split_once('=') {
                None if part.is_empty() => return Err(FilterError::Empty),
                None => base = level(part)?,
                Some((target, part)) => targets.push((our_target(target)?, level(part)?)),
            }
        }
        Ok(Self { text: text.to_owned(), targets: ours_at(base).with_targets(targets) })
    }
}

fn level(text: &str) -> Result<LevelFilter, FilterError> {
    text.trim().parse().map_err(|_| FilterError::Level(text.to_owned()))
}

fn our_target(text: &str) -> Result<&str, FilterError> {
    let target = text.trim();
    let crate_name = target.split("::").next().unwrap_or_default();
    if OURS.contains(&crate_name) { Ok(target) } else { Err(FilterError::Target(text.to_owned())) }
}

/// Where log entries go.
#[derive(Clone, Debug)]
pub enum Destination {
    /// For a person who runs a command.
    Stderr,
    /// For hooks: that file, made when there is something to say.
    File(PathBuf),
}

/// Starts logging, and makes a panic tell where it happened and nothing else: its message can
/// hold what it stumbled over. Called once, by `main`.
pub fn start(filter: &Filter, destination: Destination) {
    let targets = filter.targets.clone();
    let format = tracing_subscriber::fmt::layer().with_ansi(false);
    // A second start would change nothing, so its error says nothing.
    let _ = match destination.clone() {
        Destination::Stderr => {
            let layer = format.without_time().with_writer(io::stderr);
            tracing::subscriber::set_global_default(
                tracing_subscriber::registry().with(targets).with(layer),
            )
        }
        Destination::File(path) => tracing::subscriber::set_global_default(
            tracing_subscriber::registry().with(targets).with(format.with_writer(LogFile { path })),
        ),
    };
    std::panic::set_hook(Box::new(move |panic| report_panic(panic, &destination)));
}

fn report_panic(panic: &PanicHookInfo<'_>, destination: &Destination) {
    let place = Place(panic.location());
    let _ = writeln!(io::stderr(), "recount: internal error at {place}");
    if let Destination::File(path) = destination {
        let _ = append(path, format!("internal error at {place}\n").as_bytes());
    }
}

/// Where a panic happened.
struct Place<'a>(Option<&'a std::panic::Location<'a>>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(location) => write!(f, "`{}:{}`", within_crate(location.file()), location.line()),
            None => f.write_str("an unknown place"),
        }
    }
}

/// A source path without the folders of the machine that it was built on.
fn within_crate(path: &str) -> &str {
    let behind = |marker| path.split_once(marker).map(|(_, rest)| rest);
    behind("/registry/src/").and_then(|rest| rest.split_once('/')).map_or(path, |(_, rest)| rest)
}

/// The log file of hooks, opened for each entry: most hooks have nothing to say.
struct LogFile {
    path: PathBuf,
}

/// One entry on its way to the log file.
struct Entry<'a> {
    path: &'a Path,
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Entry<'a>;

    fn make_writer(&'a self) -> Entry<'a> {
        Entry { path: &self.path }
    }
}

impl Write for Entry<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        append(self.path, bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Appends to the file in one write, so that the entries of several processes stay whole.
fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = open(path)?;
    if file.metadata()?.len() > LOG_LIMIT_BYTES {
        rotate(path, &file)?;
        file = open(path)?;
    }
    file.write_all(bytes)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Makes the full file the old one, once, however many processes find it full: the first one
/// locks it, and for the others it is no longer the file of that name. None waits for another.
fn rotate(path: &Path, full: &File) -> io::Result<()> {
    if full.try_lock().is_err() {
        return Ok(());
    }
    let (current, full) = (fs::metadata(path)?, full.metadata()?);
    if (current.dev(), current.ino()) == (full.dev(), full.ino()) {
        let mut old = path.as_os_str().to_owned();
        old.push(".1");
        fs::rename(path, old)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, thread};

    use super::*;

    #[test]
    fn a_filter_is_levels_and_targets_with_levels() {
        let cases = [
            ("warn", Ok(())),
            ("WARN", Ok(())),
            ("off", Ok(())),
            ("warn, store=debug", Ok(())),
            ("store=debug,intake::envelope=trace", Ok(())),
            ("", Err(FilterError::Empty)),
            ("warn,", Err(FilterError::Empty)),
            ("wran", Err(FilterError::Level("wran".to_owned()))),
            ("store", Err(FilterError::Level("store".to_owned()))),
            ("turso_core=trace", Err(FilterError::Target("turso_core".to_owned()))),
            ("store=loud", Err(FilterError::Level("loud".to_owned()))),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Filter>().map(drop), expected, "{text}");
        }
    }

    #[test]
    fn only_our_own_crates_are_heard() {
        let cases = [
            ("trace", "store::drain", true),
            ("trace", "turso_core::vdbe", false),
            ("warn", "store::drain", false),
            ("store=trace,warn", "store::drain", true),
            ("store::drain=trace", "store::drain", true),
            ("store::drain=trace", "store::lease", false),
        ];
        for (text, target, expected) in cases {
            let filter: Filter = text.parse().expect("a filter");
            let found = filter.targets.would_enable(target, &tracing::Level::TRACE);
            assert_eq!(found, expected, "{text} for {target}");
        }
    }

    #[test]
    fn the_default_filter_is_the_one_that_its_text_says() {
        let default = Filter::default();
        let parsed: Filter = default.as_str().parse().expect("a filter");
        assert_eq!(parsed.targets, default.targets);
    }

    #[test]
    fn a_log_is_bounded_and_private() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("r.db.log");
        let entry = vec![b'x'; 64 * 1024];
        for _ in 0..100 {
            append(&path, &entry).expect("written");
        }
        let limit = LOG_LIMIT_BYTES + 2 * 64 * 1024;
        for name in ["r.db.log", "r.db.log.1"] {
            let file = fs::metadata(folder.path().join(name)).expect("it is there");
            assert!(file.len() <= limit, "{name} is {} bytes long", file.len());
            assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }

    #[test]
    fn a_full_log_is_rotated_once_by_many() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("r.db.log");
        let full = vec![b'x'; usize::try_from(LOG_LIMIT_BYTES).expect("it fits") + 1];
        fs::write(&path, &full).expect("written");
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| append(&path, b"entry\n").expect("written"));
            }
        });
        let old = fs::metadata(folder.path().join("r.db.log.1")).expect("it is there").len();
        assert!(old >= LOG_LIMIT_BYTES, "a new file took the place of the old one");
        let new = fs::read(&path).expect("it is there").len() as u64;
        assert_eq!(old + new, full.len() as u64 + 16 * 6);
    }
}
