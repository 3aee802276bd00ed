//! `recount replay`: captured envelopes, hook events and spool files, taken in again. What is known
//! already changes nothing.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs::{self, File},
    io::{self, BufRead, BufReader},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use ::store::{Bulk, Counts, Header, HeaderError, SpoolFile, SpoolRecord, Store, read_header};
use clap::Args;
use domain::{Decoded, Record, SessionId};
use indicatif::ProgressBar;

use super::{
    Context,
    progress::{self, Unit},
    session,
    store::{decode, failure},
};
use crate::{
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, escape},
};

/// What to take in.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Files, folders with .json, .jsonl, .ndjson and .spool files, or `-` for standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    inputs: Vec<PathBuf>,

    /// Which agent speaks; it outdoes what the input says
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,

    /// Show the sessions that the input tells of
    #[arg(long)]
    show: bool,
}

pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let inputs = inputs(&store, arguments)?;
    let agent = arguments.agent.as_deref().and_then(intake::agent_named);
    let mut replay = Replay {
        bulk: Bulk::new(&store, "replay"),
        agent: agent.map(|agent| agent.as_str().to_owned()),
        sessions: BTreeSet::new(),
        progress: progress::bar(Unit::Bytes, || inputs.iter().map(|input| input.bytes).sum()),
    };
    let mut whole = Vec::new();
    for input in &inputs {
        if replay.input(input)? {
            whole.push(input);
        }
    }
    let Replay { bulk, sessions, progress, .. } = replay;
    let counts = bulk.finish().map_err(|error| failure(&error))?;
    progress.finish_and_clear();
    // What could not be read to its end stays, to be drained when it can.
    for spooled in whole.iter().filter_map(|input| input.spooled.as_ref()) {
        store.spool().forget(spooled).map_err(|error| failure(&error))?;
    }
    say(context, inputs.len(), counts);
    if arguments.show {
        for id in &sessions {
            session::show_text(context, &store, id)?;
        }
    }
    let is_whole = counts.unreadable == 0 && whole.len() == inputs.len();
    Ok(if is_whole { ExitCode::Ok } else { ExitCode::Unreadable })
}

/// One file that is taken in.
struct InputFile {
    path: PathBuf,
    bytes: u64,
    /// Standard input has no other durable copy than this.
    spooled: Option<SpoolFile>,
}

/// The files of the command line, those of folders in the order of their names.
fn inputs(store: &Store, arguments: &Arguments) -> Result<Vec<InputFile>, Failure> {
    let mut found = Vec::new();
    for path in &arguments.inputs {
        if path.as_os_str() == "-" {
            found.push(spool_standard_input(store, arguments.agent.as_deref())?);
        } else {
            collect(path, &mut found).map_err(|error| {
                Failure::new(ExitCode::NotFound, format!("`{}` cannot be read", path.display()))
                    .caused_by(&error)
            })?;
        }
    }
    Ok(found)
}

/// A file that is named, or what is in a folder that is named.
fn collect(path: &Path, found: &mut Vec<InputFile>) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return collect_folder(path, found);
    }
    found.push(InputFile { path: path.to_owned(), bytes: metadata.len(), spooled: None });
    Ok(())
}

/// The files of a folder by their names. What is in it by chance, a pipe or a link to nowhere, must
/// not keep the others.
fn collect_folder(path: &Path, found: &mut Vec<InputFile>) -> io::Result<()> {
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries: Vec<PathBuf> = entries.collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        let extension = entry.extension().and_then(OsStr::to_str).unwrap_or_default();
        let is_ours = EXTENSIONS.contains(&extension);
        match fs::metadata(&entry) {
            Ok(metadata) if metadata.is_dir() => collect_folder(&entry, found)?,
            Ok(metadata) if metadata.is_file() && is_ours => {
                found.push(InputFile { path: entry, bytes: metadata.len(), spooled: None });
            }
            Err(_) if is_ours => found.push(InputFile { path: entry, bytes: 0, spooled: None }),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// What is taken from a folder; a file that is named is taken whatever its name.
const EXTENSIONS: [&str; 4] = ["json", "jsonl", "ndjson", "spool"];

fn spool_standard_input(store: &Store, agent: Option<&str>) -> Result<InputFile, Failure> {
    let (received_at, sequence) = ::store::receipt_now();
    let header = Header::new(agent.map(str::to_owned), received_at, sequence, 0);
    let spool = store.spool();
    let spooled =
        spool.write_stream(&header, &mut io::stdin().lock()).map_err(|error| failure(&error))?;
    let path = spool.folder().join(spooled.name());
    let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    Ok(InputFile { path, bytes, spooled: Some(spooled) })
}

/// The work of one replay.
struct Replay<'s> {
    bulk: Bulk<'s>,
    agent: Option<String>,
    sessions: BTreeSet<SessionId>,
    progress: ProgressBar,
}

impl Replay<'_> {
    /// Takes in one file; says whether it could be read to its end.
    fn input(&mut self, input: &InputFile) -> Result<bool, Failure> {
        let opened = File::open(&input.path).and_then(with_header);
        let (header, file) = match opened {
            Ok(opened) => opened,
            // Whoever drained the spool in the meantime has stored it.
            Err(error) if input.spooled.is_some() && error.kind() == io::ErrorKind::NotFound => {
                return Ok(true);
            }
            Err(error) => return Ok(say_unreadable(&input.path, &error)),
        };
        let header = Header { agent: self.agent.clone().or(header.agent), ..header };
        let mut body = self.progress.wrap_read(file);
        let mut record = SpoolRecord { header: header.clone(), body: &mut body };
        let (bulk, sessions) = (&mut self.bulk, &mut self.sessions);
        let mut outcome = Ok(());
        let read = decode(&mut record, &mut |decoded| {
            say_piece(&input.path, &decoded);
            sessions.extend(sessions_of(&decoded));
            outcome = bulk.add(&header, decoded);
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        outcome.map_err(|error| failure(&error))?;
        match read {
            Ok(_) => Ok(true),
            Err(error) => Ok(say_unreadable(&input.path, &error)),
        }
    }
}

/// The header of a file in the spool form, whose receipt counts; else one of now.
fn with_header(file: File) -> io::Result<(Header, BufReader<File>)> {
    let mut input = BufReader::new(file);
    // Only looked at: what comes from a pipe cannot be read twice.
    if !input.fill_buf()?.starts_with(SPOOL_FORM) {
        let (received_at, sequence) = ::store::receipt_now();
        return Ok((Header::new(None, received_at, sequence, 0), input));
    }
    match read_header(&mut input) {
        Ok(header) if header.is_conversation_trace() => Ok((header, input)),
        Ok(_) => Err(io::Error::other("it is meant for another hook")),
        Err(HeaderError::Io(error)) => Err(error),
        Err(error @ (HeaderError::Newer | HeaderError::Missing)) => Err(io::Error::other(error)),
    }
}

/// How a file in the spool form begins.
const SPOOL_FORM: &[u8] = b"{\"recount_spool\":";

fn sessions_of(decoded: &Decoded) -> BTreeSet<SessionId> {
    let Decoded::Items(batch) = decoded else { return BTreeSet::new() };
    let records = batch.items.iter().flat_map(|item| &item.beside);
    let sessions = records.filter_map(|record| match record {
        Record::Session(session) => Some(session.session_id.clone()),
        _ => None,
    });
    sessions.collect()
}

fn say_piece(path: &Path, decoded: &Decoded) {
    if let Decoded::Unreadable(piece) = decoded {
        let (offset, reason) = (piece.offset, &piece.reason);
        tracing::warn!(file = %shown(path), offset, bytes = piece.bytes.len(), "{reason}; kept in quarantine");
    }
}

fn say_unreadable(path: &Path, error: &io::Error) -> bool {
    tracing::warn!(file = %shown(path), %error, "the file cannot be read");
    false
}

fn say(context: &mut Context, files: usize, counts: Counts) {
    let Counts { stored, updated, duplicate, rejected, unreadable } = counts;
    writeln!(
        context.output,
        "replayed {files} {}: attempted={} stored={stored} updated={updated} duplicate={duplicate} \
         rejected={rejected} unreadable={unreadable}",
        if files == 1 { "file" } else { "files" },
        counts.attempted(),
    );
}

/// A path in a line of the log.
fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy(), Keep::Nothing).into_owned()
}
