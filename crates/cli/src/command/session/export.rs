//! `recount session export`: a session as a file to keep or to pass on.
//!
//! One lease for all of it, and nobody is waited on meanwhile: what goes to standard output is put
//! aside in a file without a name first. One session at a time is in memory.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};

use ::store::{Holder, Store, query::session_tree::session_tree};
use clap::{Args, ValueEnum};
use domain::SessionId;
use report::{
    Source,
    session::{
        document::{self, Place},
        story::material,
    },
};
use tempfile::NamedTempFile;

use super::id;
use crate::{
    command::{Context, asking::ask, store::failure},
    exit::ExitCode,
    failure::Failure,
    terminal::Output,
};

/// Which session, in which form, and where to.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The session, or as much of its id as tells it from all others
    id: String,

    /// What to write
    #[arg(long, value_name = "FORM", default_value = "markdown")]
    format: Form,

    /// The file to write, for its owner alone [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long, requires = "output")]
    force: bool,

    /// Include the sessions of its subagents, below it; JSON becomes a list
    #[arg(long)]
    subagents: bool,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Markdown, with the texts in fences
    Markdown,
    /// One page that loads nothing and runs nothing
    Html,
    /// What `session show --format json` prints
    Json,
}

/// Writes it.
pub fn run(
    context: &mut Context,
    store: &Store,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    if let Some(path) = &arguments.output {
        let file = write_file(context, store, arguments, path)?;
        let kept = if arguments.force {
            file.persist(path).map_err(|refused| refused.error)
        } else {
            file.persist_noclobber(path).map_err(|refused| refused.error)
        };
        kept.map(drop).map_err(|error| refused(path, &error))?;
    } else {
        let folder = store.location().folder();
        let unwritable = |error: io::Error| unwritable(folder, &error);
        let mut file = tempfile::tempfile_in(folder).map_err(unwritable)?;
        write(context, store, arguments, &mut file)?.map_err(unwritable)?;
        context.page();
        file.rewind().and_then(|()| copy(file, &mut context.output)).map_err(unwritable)?;
    }
    Ok(ExitCode::Ok)
}

/// The whole file under another name beside the one that it is to get.
fn write_file(
    context: &Context,
    store: &Store,
    arguments: &Arguments,
    path: &Path,
) -> Result<NamedTempFile, Failure> {
    if !arguments.force && path.symlink_metadata().is_ok() {
        return Err(refused(path, &io::ErrorKind::AlreadyExists.into()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
    let mut file = file.map_err(|error| unwritable(path, &error))?;
    write(context, store, arguments, file.as_file_mut())?
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| unwritable(path, &error))?;
    Ok(file)
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Failure::new(ExitCode::Io, format!("`{}` is there already", path.display()))
            .hint("name another file, or replace it with `--force`");
    }
    unwritable(path, error)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(ExitCode::Io, format!("`{}` cannot be written", path.display())).caused_by(error)
}

fn copy(file: File, output: &mut Output) -> io::Result<()> {
    let mut file = io::BufReader::with_capacity(64 << 10, file);
    let mut buffer = vec![0; 64 << 10];
    while !output.has_ended() {
        match file.read(&mut buffer)? {
            0 => break,
            count => output.write_bytes(&buffer[..count]),
        }
    }
    Ok(())
}

/// Writes the document, and gives the lease back.
///
/// # Errors
/// The record cannot be read; within, the file cannot be written.
fn write(
    context: &Context,
    store: &Store,
    arguments: &Arguments,
    file: &mut File,
) -> Result<io::Result<()>, Failure> {
    let now = (store.settings().clock)();
    let form = arguments.format.into();
    let mut document = BufWriter::new(file);
    let written = ask(context, store, "session export", now, |source| {
        write_sessions(source, arguments, form, &mut document)
    })?;
    let is_of_several = arguments.subagents;
    Ok(written
        .and_then(|()| document::write_end(form, is_of_several, &mut document))
        .and_then(|()| document.flush()))
}

fn write_sessions(
    source: &Source<'_>,
    arguments: &Arguments,
    form: document::Form,
    document: &mut impl Write,
) -> Result<io::Result<()>, Failure> {
    let root = id::session(source.holder, &arguments.id)?;
    let sessions = sessions(source.holder, &root, arguments.subagents)?;
    for (place, (id, depth)) in sessions.iter().enumerate() {
        let material = material(source, id)?;
        let is_of_several = arguments.subagents;
        let place = Place { depth: *depth, is_first: place == 0, is_of_several };
        if let Err(error) = document::write(&material, place, form, document) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

impl From<Form> for document::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Markdown => Self::Markdown,
            Form::Html => Self::Html,
            Form::Json => Self::Json,
        }
    }
}

/// The session, and where they are asked for those below it, each with how far it is below.
fn sessions(
    holder: &Holder<'_>,
    root: &SessionId,
    subagents: bool,
) -> Result<Vec<(SessionId, usize)>, Failure> {
    if !subagents {
        return Ok(vec![(root.clone(), 0)]);
    }
    let tree = session_tree(holder, root).map_err(|error| failure(&error))?.unwrap_or_default();
    let branches = tree.into_iter().map(|branch| {
        let id = SessionId::new(branch.session_id).expect("a stored id is not empty");
        (id, branch.depth)
    });
    Ok(branches.collect())
}
