//! Claude Code: its transcripts, one file of lines for each session and subagent, to which it appends
//! while the session goes on, and which it may cut, rewrite, move or remove.
//!
//! What the lines say is not read here.

mod folders;
mod lines;
mod position;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::{fs::OFlags, io::Errno};

use self::position::{Position, Seen};
pub use self::{
    folders::{Found, Transcripts, transcripts_below},
    lines::{Lines, Step},
};

/// What is found in the place of a transcript.
#[derive(Debug)]
pub enum Opened {
    /// A file from which something may be read.
    Lines(Box<Lines>),
    /// A file that is as it was when it was read to its end.
    Unchanged,
    /// Nothing, or no file: a folder, a pipe, a device.
    Gone,
}

/// Opens a transcript to read it on from a position that [`Lines::position`] gave, or from its
/// beginning where it does not begin as it did. A file that is as it was is not opened. Never waits
/// for a writer. `now` is in Unix milliseconds.
///
/// # Errors
/// It is there and cannot be read.
pub fn open(path: &Path, position: Option<&str>, now: i64) -> io::Result<Opened> {
    let Some(metadata) = file_at(path)? else { return Ok(Opened::Gone) };
    let meta_path = meta_path(path);
    let seen = Seen::of(&metadata, meta_path.as_deref(), now);
    let known = position.and_then(Position::read);
    if known.as_ref().is_some_and(|known| known.is_unchanged(&seen)) {
        return Ok(Opened::Unchanged);
    }
    // What was a file a moment ago may be a pipe now; to open one must not wait.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if is_nothing(&error) => return Ok(Opened::Gone),
        opened => opened?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Opened::Gone);
    }
    let seen = Seen::of(&metadata, meta_path.as_deref(), now);
    let known = match known {
        Some(known) if known.fits(&file, &seen)? => Some(known),
        _ => None,
    };
    Ok(Opened::Lines(Box::new(Lines::new(file, seen, known))))
}

/// How many lines were too long to be read up to a position that [`Lines::position`] gave.
pub fn lines_too_long(position: &str) -> usize {
    Position::read(position).map_or(0, |position| position.too_long.len())
}

/// What stands beside a subagent's transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The session that has started the subagent.
    pub session: String,
    /// The subagent's own name there.
    pub agent_id: String,
    /// The text of `agent-<id>.meta.json`.
    pub json: Vec<u8>,
}

/// A longer one is none.
const META_LIMIT_BYTES: u64 = 64 << 10;

/// Reads what stands beside a subagent's transcript; `None` beside another one, and where there is
/// nothing that can be read.
pub fn meta_beside(transcript: &Path) -> Option<Meta> {
    let path = meta_path(transcript)?;
    let agent_id = agent_id(transcript)?.to_owned();
    let mut ancestors = transcript.ancestors();
    let session = ancestors.find(|folder| folder.ends_with("subagents"))?.parent()?.file_name()?;
    let session = session.to_str()?.to_owned();
    file_at(&path).ok()??;
    let mut json = Vec::new();
    let file = File::open(path).ok()?;
    file.take(META_LIMIT_BYTES + 1).read_to_end(&mut json).ok()?;
    let fits = json.len() as u64 <= META_LIMIT_BYTES;
    fits.then_some(Meta { session, agent_id, json })
}

/// `agent-<id>.meta.json` beside `agent-<id>.jsonl`.
fn meta_path(transcript: &Path) -> Option<PathBuf> {
    agent_id(transcript).map(|id| transcript.with_file_name(format!("agent-{id}.meta.json")))
}

fn agent_id(transcript: &Path) -> Option<&str> {
    transcript.file_name()?.to_str()?.strip_prefix("agent-")?.strip_suffix(".jsonl")
}

/// What is known of a regular file, behind links too; `None` where there is nothing or something else.
fn file_at(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata).filter(Metadata::is_file)),
        Err(error) if is_nothing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_nothing(error: &io::Error) -> bool {
    use Errno as E;
    let nothing = [E::NOENT, E::NOTDIR, E::ISDIR, E::LOOP, E::NAMETOOLONG, E::NXIO];
    let errno = Errno::from_io_error(error);
    errno.is_some_and(|errno| nothing.contains(&errno))
        || error.kind() == io::ErrorKind::InvalidInput
}
