//! Taking in what Claude Code has on disk: we and `agentsview`, in turn, each into an empty store.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use comfy_table::Table;
use rusqlite::Connection;

use crate::{
    Fallible,
    corpora::{self, Folder},
    process, tables, tools,
    world::World,
};

/// How often each runs.
const ROUNDS: usize = 5;

/// Between looks at a process's memory.
const PAUSE: Duration = Duration::from_millis(5);

/// One program that has taken all in.
#[derive(Clone, Copy)]
struct Taken {
    seconds: f64,
    peak_kib: u64,
    database_bytes: u64,
}

pub fn table(root: &Path, is_quick: bool) -> Fallible<Table> {
    let folder = corpora::write(root, "import", is_quick, false)?;
    let rounds = if is_quick { 1 } else { ROUNDS };
    let (mut ours, mut theirs, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        eprintln!("import, round {} of {rounds} …", round + 1);
        theirs.push(by_agentsview(&folder, root)?);
        let world = World::new(root, &format!("import-{round}"), "")?.with_database(None)?;
        ours.push(by_recount(&folder, &world)?);
        again.push(by_recount(&folder, &world)?);
        fs::remove_file(world.database())?;
    }
    let title = format!(
        "{} lines, {} MB, of it {} MB dumps of requests",
        folder.lines,
        folder.bytes / 1_000_000,
        folder.dump_bytes / 1_000_000
    );
    let mut table = tables::table(&[
        &title,
        "seconds",
        "×",
        "peak MiB",
        "database MB",
        "× bytes",
        "× without dumps",
    ]);
    let base = middle(&theirs).seconds;
    for (who, taken) in [
        ("`agentsview sync` 0.46.1", middle(&theirs)),
        ("`recount import claude`", middle(&ours)),
        ("the same again", middle(&again)),
    ] {
        let [all, kept] = [folder.bytes, folder.bytes - folder.dump_bytes];
        table.add_row([
            who.to_owned(),
            tables::two(taken.seconds),
            tables::two(taken.seconds / base),
            format!("{:.0}", tables::mib(taken.peak_kib)),
            format!("{:.1}", megabytes(taken.database_bytes)),
            tables::two(megabytes(taken.database_bytes) / megabytes(all)),
            tables::two(megabytes(taken.database_bytes) / megabytes(kept)),
        ]);
    }
    Ok(table)
}

fn by_recount(folder: &Folder, world: &World) -> Fallible<Taken> {
    let path = folder.projects();
    let command = world.recount(["import".as_ref(), "claude".as_ref(), path.as_os_str()]);
    let (taken, peak_kib) = process::watched(command, None, PAUSE)?;
    let database_bytes = checkpointed(&world.database())?;
    Ok(Taken { seconds: taken.as_secs_f64(), peak_kib, database_bytes })
}

fn by_agentsview(folder: &Folder, root: &Path) -> Fallible<Taken> {
    let data = tempfile::tempdir_in(root)?;
    let mut command = tools::agentsview_in(data.path(), &folder.path)?;
    // In this process and not in one that stays.
    command.arg("sync").env("AGENTSVIEW_NO_DAEMON", "1");
    let (taken, peak_kib) = process::watched(command, None, PAUSE)?;
    let database_bytes = checkpointed(&data.path().join("sessions.db"))?;
    Ok(Taken { seconds: taken.as_secs_f64(), peak_kib, database_bytes })
}

/// How long a database is with nothing left in its log.
fn checkpointed(database: &Path) -> Fallible<u64> {
    let connection = Connection::open(database)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    drop(connection);
    let log = PathBuf::from(format!("{}-wal", database.display()));
    let log = fs::metadata(log).map_or(0, |metadata| metadata.len());
    Ok(fs::metadata(database)?.len() + log)
}

/// The one whose time is in the middle.
fn middle(taken: &[Taken]) -> Taken {
    let mut taken = taken.to_vec();
    taken.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    taken[taken.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
