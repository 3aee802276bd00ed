//! `recount import claude`.

use std::{ops::ControlFlow, path::Path};

use ::import::{
    Cursors, Finding, Skipped,
    claude::{Transcripts, transcripts_below},
    reason_of,
};
use ::store::{
    Header, ImportCursor, TranscriptEnd, TranscriptFinding, TranscriptPiece,
    query::import_cursors::import_cursors,
};
use domain::Decoded;
use indicatif::ProgressBar;

use super::{Arguments, Import};
use crate::{
    command::{
        Context,
        progress::{self, Unit},
        store::{failure, open_drained},
    },
    exit::ExitCode,
    failure::Failure,
    transcripts::{CLAUDE, read_claude},
};

pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let Transcripts { found, skipped } = find(context, arguments.path.as_deref())?;
    // What was captured live is stored before, so that it is not counted as new.
    let holder = open_drained(&store, "import")?;
    let known = if arguments.all {
        Cursors::new()
    } else {
        import_cursors(&holder, CLAUDE).map_err(|error| failure(&error))?
    };
    drop(holder);
    let progress = progress::bar(Unit::Bytes, || found.iter().map(|found| found.bytes).sum());
    let mut import = Import::into(&store);
    let mut goes_on = skipped.into_iter().try_for_each(|skipped| import.skip(skipped));
    let mut done = 0;
    for transcript in &found {
        if goes_on.is_break() {
            break;
        }
        progress.set_position(done);
        done += transcript.bytes;
        let position = known.get(&transcript.path.display().to_string());
        let position = position.map(String::as_str);
        goes_on = import.transcript(&transcript.path, position, &progress);
    }
    progress.finish_and_clear();
    import.finish(context)
}

fn find(context: &Context, path: Option<&Path>) -> Result<Transcripts, Failure> {
    let environment = &context.environment;
    let named = path.map(|path| environment.absolute(path));
    let folder = environment.claude_folder.as_ref().map(|folder| folder.join("projects"));
    let Some(place) = named.or(folder) else {
        return Err(missing("nothing of Claude Code is found".to_owned()));
    };
    let found = transcripts_below(&place).map_err(|error| {
        let place = place.display();
        missing(format!("nothing of Claude Code is found; `{place}` cannot be read: {error}"))
    })?;
    if found.found.is_empty() && found.skipped.is_empty() {
        return Err(missing(format!("`{}` holds no transcript", place.display())));
    }
    Ok(found)
}

fn missing(message: String) -> Failure {
    Failure::new(ExitCode::NotFound, message).hint(
        "name the folder `projects` of Claude Code, or a transcript: `recount import claude PATH`",
    )
}

impl Import<'_> {
    /// Takes in one file; breaks off when nothing more can be stored. What is wrong with the file
    /// keeps no other.
    fn transcript(
        &mut self,
        path: &Path,
        position: Option<&str>,
        progress: &ProgressBar,
    ) -> ControlFlow<()> {
        let name = path.display().to_string();
        let (mut has_told, mut pieces) = (false, 0);
        let read = read_claude(path, position, &mut |finding| match finding {
            TranscriptFinding::Piece(piece) => {
                has_told |= !piece.batch.items.is_empty() || !piece.unreadable.is_empty();
                pieces += piece.unreadable.len();
                self.piece(&name, piece)
            }
            TranscriptFinding::Passed(bytes) => {
                progress.inc(bytes);
                self.outcome(|import| import.bulk.give_way())
            }
            TranscriptFinding::TooLong { offset, bytes } => {
                has_told = true;
                let what = format!("`{name}`: the line of {bytes} bytes at byte {offset}");
                self.skip(Skipped { what, reason: "is too long".into() })
            }
        });
        if pieces > 0 {
            tracing::warn!("lines of `{name}` cannot be read; they are kept in quarantine");
        }
        let skipped = |reason| Skipped { what: format!("`{name}`"), reason };
        match read {
            Ok(TranscriptEnd::Read) if has_told => ControlFlow::Continue(()),
            Ok(TranscriptEnd::Read) => self.take(CLAUDE, Finding::Unchanged(1)),
            Ok(TranscriptEnd::BrokenOff) => ControlFlow::Break(()),
            // It was there when the folder was listed.
            Ok(TranscriptEnd::Gone) => self.skip(skipped("is gone".into())),
            Err(error) => self.skip(skipped(reason_of(&error))),
        }
    }

    fn piece(&mut self, name: &str, piece: TranscriptPiece) -> ControlFlow<()> {
        let TranscriptPiece { batch, unreadable, position } = piece;
        let decoded = Decoded::Items(batch);
        self.tally.count(&decoded);
        let cursor = ImportCursor { source: CLAUDE.to_owned(), scope: name.to_owned(), position };
        self.outcome(|import| {
            let header = Header { agent: Some(CLAUDE.to_owned()), ..import.header.clone() };
            for decoded in unreadable.into_iter().map(Decoded::Unreadable).chain([decoded]) {
                import.bulk.add(&header, decoded)?;
            }
            import.bulk.place_cursor(cursor)
        })
    }

    fn skip(&mut self, skipped: Skipped) -> ControlFlow<()> {
        self.take(CLAUDE, Finding::Skipped(skipped))
    }
}
