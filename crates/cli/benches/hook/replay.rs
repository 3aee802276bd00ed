//! `recount replay` of a long capture against the small program on SQLite.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{Fallible, by_rusqlite, case, envelopes, process, world::World};

/// How often the memory of a long process is looked at.
const LONG: Duration = Duration::from_millis(5);
/// The same for a hook.
const SHORT: Duration = Duration::from_micros(20);

/// How many hooks the memory of a small event is taken from: the highest counts.
const HOOKS: u64 = 20;

/// A capture on disk.
pub struct Capture {
    path: PathBuf,
    items: u64,
}

/// One program that has taken in a capture.
pub struct Taken {
    pub items: u64,
    pub seconds: f64,
    pub peak_kib: u64,
}

impl Taken {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    pub fn rows_per_second(&self) -> f64 {
        self.items as f64 / self.seconds
    }
}

impl Capture {
    /// Writes one with so many parts.
    pub fn write(root: &Path, parts: u64) -> Fallible<Self> {
        let path = root.join("capture.ndjson");
        let mut out = BufWriter::new(File::create(&path)?);
        envelopes::capture(&mut out, parts)?;
        out.flush()?;
        // What the kernel still has to write is no matter of those who read it.
        out.get_ref().sync_all()?;
        Ok(Self { path, items: parts + parts / envelopes::PARTS_PER_MESSAGE })
    }

    fn take(&self, command: Command) -> Fallible<Taken> {
        let (taken, peak_kib) = process::watched(command, None, LONG)?;
        Ok(Taken { items: self.items, seconds: taken.as_secs_f64(), peak_kib })
    }

    /// By the small program, into a database that recount can go on with.
    pub fn by_rusqlite(&self, root: &Path) -> Fallible<(Taken, PathBuf)> {
        let world = World::new(root, "capture-rusqlite", "")?.with_database(None)?;
        let mut command = by_rusqlite::command(root, &world.database())?;
        command.arg(&self.path);
        Ok((self.take(command)?, world.database()))
    }

    /// By `recount replay`.
    pub fn by_recount(&self, root: &Path) -> Fallible<Taken> {
        let world = World::new(root, "capture-recount", "")?.with_database(None)?;
        let taken = self.take(world.recount(["replay".as_ref(), self.path.as_os_str()]))?;
        fs::remove_file(world.database())?;
        Ok(taken)
    }
}

/// The most memory that a hook took which drained its own small event, in KiB.
pub fn memory_of_a_hook(root: &Path) -> Fallible<u64> {
    let world = World::new(root, "memory", "[hooks]\ndrain_files = 1\n")?.with_database(None)?;
    let mut highest = 0;
    for number in 0..HOOKS {
        let event = envelopes::event(number);
        let (_, peak_kib) = process::watched(case::hook(&world), Some(&event), SHORT)?;
        highest = highest.max(peak_kib);
    }
    Ok(highest)
}
