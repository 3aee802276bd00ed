//! `recount rejects`: what could not be taken in, and what could not even be read. Nothing of it is
//! lost; a later version, or a mended input, can take it in.

use std::collections::BTreeSet;

use ::store::{KeptReject, Quarantined, Store};
use clap::{Args, Subcommand, ValueEnum};
use domain::Reject;
use serde_json::{Value, json};

use super::{
    Context,
    store::{failure, open_drained},
};
use crate::{
    exit::ExitCode,
    failure::Failure,
    table::Table,
    terminal::{Keep, counted, escape},
};

/// What to do with them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List rejected items and quarantined pieces, without their text
    List {
        /// How to print them
        #[arg(long, value_name = "FORM", default_value = "table")]
        format: Form,
    },
    /// Print one to the byte
    Show {
        /// Its id; a beginning that no other has is enough
        id: String,
    },
    /// Judge them again
    Retry(Chosen),
    /// Forget them for good
    Discard(Chosen),
}

/// How to print a list.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// To be read
    Table,
    /// One JSON object a line
    Jsonl,
}

/// Which of them.
#[derive(Debug, Args)]
#[group(required = true)]
pub struct Chosen {
    /// Their ids; beginnings that no other has are enough
    #[arg(value_name = "ID")]
    ids: Vec<String>,

    /// All of them
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        match self {
            Self::List { format } => list(context, &store, *format),
            Self::Show { id } => show(context, &store, id),
            Self::Retry(chosen) => retry(context, &store, chosen),
            Self::Discard(chosen) => discard(context, &store, chosen),
        }
    }
}

/// Something that was not taken in.
enum Entry {
    Reject(KeptReject),
    Piece(Quarantined),
}

impl Entry {
    fn id(&self) -> &str {
        match self {
            Self::Reject(reject) => &reject.reject_id,
            Self::Piece(piece) => &piece.id,
        }
    }
}

/// Everything that was not taken in; the database is free again when it is printed.
fn entries(store: &Store) -> Result<Vec<Entry>, Failure> {
    let holder = open_drained(store, "rejects")?;
    let rejects = holder.rejects().map_err(|error| failure(&error))?;
    drop(holder);
    let pieces = store.quarantine().list().map_err(|error| failure(&error))?;
    Ok(rejects.into_iter().map(Entry::Reject).chain(pieces.into_iter().map(Entry::Piece)).collect())
}

fn list(context: &mut Context, store: &Store, format: Form) -> Result<ExitCode, Failure> {
    let entries = entries(store)?;
    match format {
        Form::Jsonl => {
            for entry in &entries {
                context.output.write_json(&value(entry));
            }
        }
        Form::Table if entries.is_empty() => writeln!(context.output, "nothing was rejected"),
        Form::Table => {
            let mut table = Table::new(&["id", "what", "agent", "bytes", "reason"]);
            for entry in &entries {
                table.add(row(entry));
            }
            table.print(&mut context.output);
        }
    }
    Ok(ExitCode::Ok)
}

/// How much of an id a table shows.
const ID_LENGTH: usize = 12;

fn row(entry: &Entry) -> [String; 5] {
    let id = entry.id().chars().take(ID_LENGTH).collect();
    match entry {
        Entry::Reject(reject) => [
            id,
            reject.kind.clone(),
            reject.agent.clone(),
            reject.item.len().to_string(),
            format!("`{}` {}", reject.field, reject.reason),
        ],
        Entry::Piece(piece) => [
            id,
            "unreadable piece".to_owned(),
            piece.header.agent.clone().unwrap_or_default(),
            piece.header.bytes.to_string(),
            piece.header.error.clone().unwrap_or_default(),
        ],
    }
}

fn value(entry: &Entry) -> Value {
    match entry {
        Entry::Reject(reject) => json!({
            "id": reject.reject_id,
            "what": "item",
            "type": reject.kind,
            "agent": reject.agent,
            "agent_version": reject.agent_version,
            "field": reject.field,
            "reason": reject.reason,
            "bytes": reject.item.len(),
            "received_at_unix_ms": reject.received_at_unix_ms,
        }),
        Entry::Piece(piece) => json!({
            "id": piece.id,
            "what": "piece",
            "agent": piece.header.agent,
            "reason": piece.header.error,
            "bytes": piece.header.bytes,
            "received_at_unix_ms": piece.header.received_at_unix_ms,
        }),
    }
}

fn show(context: &mut Context, store: &Store, id: &str) -> Result<ExitCode, Failure> {
    match find(entries(store)?, id)? {
        Entry::Reject(reject) => context.output.write_bytes(reject.item.as_bytes()),
        Entry::Piece(piece) => {
            let found = store.quarantine().find(&piece.id).map_err(|error| failure(&error))?;
            let (_, bytes) = found.ok_or_else(|| not_found(id))?;
            context.output.write_bytes(&bytes);
        }
    }
    Ok(ExitCode::Ok)
}

/// The entries that are asked for.
fn choose(store: &Store, chosen: &Chosen) -> Result<Vec<Entry>, Failure> {
    let known = entries(store)?;
    if chosen.all {
        return Ok(known);
    }
    let places: Result<BTreeSet<usize>, Failure> =
        chosen.ids.iter().map(|id| position(&known, id)).collect();
    let places = places?;
    let named = known.into_iter().enumerate().filter(|(place, _)| places.contains(place));
    Ok(named.map(|(_, entry)| entry).collect())
}

fn discard(context: &mut Context, store: &Store, chosen: &Chosen) -> Result<ExitCode, Failure> {
    let chosen = choose(store, chosen)?;
    let mut rejects = Vec::new();
    for entry in &chosen {
        match entry {
            Entry::Reject(reject) => rejects.push(reject.reject_id.clone()),
            Entry::Piece(piece) => {
                store.quarantine().discard(&piece.id).map_err(|error| failure(&error))?;
            }
        }
    }
    let holder = store.open("rejects discard").map_err(|error| failure(&error))?;
    holder.forget_rejects(&rejects).map_err(|error| failure(&error))?;
    drop(holder);
    writeln!(context.output, "discarded: {}", chosen.len());
    Ok(ExitCode::Ok)
}

fn retry(context: &mut Context, store: &Store, chosen: &Chosen) -> Result<ExitCode, Failure> {
    let chosen = choose(store, chosen)?;
    let attempted = chosen.len();
    let others: BTreeSet<String> =
        pieces_in(store)?.difference(&ids_of(&chosen)).cloned().collect();
    let (rejects, pieces): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|entry| matches!(entry, Entry::Reject(_)));
    for piece in &pieces {
        store.quarantine().release(piece.id(), &store.spool()).map_err(|error| failure(&error))?;
    }
    let mut holder = open_drained(store, "rejects retry")?;
    let mut taken_in = 0;
    for entry in &rejects {
        let Entry::Reject(reject) = entry else { continue };
        let Some(envelope) = intake::envelope_around(&as_reject(reject)) else { continue };
        taken_in += usize::from(holder.retake(reject, &envelope).map_err(|error| failure(&error))?);
    }
    drop(holder);
    let still = pieces_in(store)?;
    taken_in += pieces.iter().filter(|piece| !still.contains(piece.id())).count();
    writeln!(context.output, "judged again: {attempted}, taken in: {taken_in}");
    let rest: BTreeSet<_> = still.difference(&others).cloned().collect();
    let parts = rest.difference(&ids_of(&pieces)).count();
    if parts > 0 {
        let parts = counted(parts as u64, "part");
        writeln!(context.output, "cannot be read and in quarantine again: {parts}");
    }
    Ok(if taken_in == attempted && parts == 0 { ExitCode::Ok } else { ExitCode::NotFound })
}

/// The ids of all that is in quarantine.
fn pieces_in(store: &Store) -> Result<BTreeSet<String>, Failure> {
    let pieces = store.quarantine().list().map_err(|error| failure(&error))?;
    Ok(pieces.into_iter().map(|piece| piece.id).collect())
}

fn ids_of(entries: &[Entry]) -> BTreeSet<String> {
    entries.iter().map(|entry| entry.id().to_owned()).collect()
}

fn as_reject(kept: &KeptReject) -> Reject {
    Reject {
        envelope: 0,
        index: 0,
        field: kept.field.clone(),
        reason: kept.reason.clone(),
        kind: kept.kind.clone(),
        agent: kept.agent.clone(),
        agent_version: kept.agent_version.clone(),
        bytes: kept.item.clone().into_bytes(),
        occurrence: kept.occurrence,
    }
}

fn find(mut entries: Vec<Entry>, id: &str) -> Result<Entry, Failure> {
    let place = position(&entries, id)?;
    Ok(entries.swap_remove(place))
}

/// The one whose id begins so.
fn position(entries: &[Entry], id: &str) -> Result<usize, Failure> {
    let mut places = entries.iter().enumerate().filter(|(_, entry)| entry.id().starts_with(id));
    match (places.next(), places.next()) {
        _ if id.is_empty() => Err(not_found(id)),
        (Some((place, _)), None) => Ok(place),
        (None, _) => Err(not_found(id)),
        (Some(_), Some(_)) => {
            let shown = escape(id, Keep::Nothing);
            Err(Failure::new(ExitCode::NotFound, format!("`{shown}` begins several ids"))
                .hint(LIST_HINT))
        }
    }
}

fn not_found(id: &str) -> Failure {
    Failure::new(ExitCode::NotFound, format!("`{id}` is neither a reject nor in quarantine"))
        .hint(LIST_HINT)
}

const LIST_HINT: &str = "`recount rejects list` says which there are";
