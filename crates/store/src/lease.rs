//! The lease: who holds the lock on `X.db.lock` owns the database, and nobody else opens it.
//!
//! The kernel gives the lock back when a process dies. What the dead one wrote into the file
//! stays, so the next holder learns which spool files were being drained when it died.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    Location, StoreError,
    error::OnFile,
    files::{self, Identity},
    retry::full_jitter,
    spool::receipt_now,
};

/// The locks that threads of this process hold: a lock on a file need not tell them apart.
static HELD: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// How long a waiting reader pauses between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// Who holds a lease, as it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderName {
    /// Its process id.
    pub process_id: Option<u32>,
    /// What it does.
    pub purpose: Option<String>,
    /// Since when.
    #[serde(default)]
    pub since_unix_ms: Option<i64>,
}

impl HolderName {
    /// This process.
    pub fn of_this_process(purpose: &str) -> Self {
        Self {
            process_id: Some(std::process::id()),
            purpose: Some(purpose.to_owned()),
            since_unix_ms: Some(receipt_now().0.get()),
        }
    }
}

impl fmt::Display for HolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.process_id, &self.purpose) {
            (Some(id), Some(purpose)) => write!(f, "process {id} (`recount {purpose}`)"),
            (Some(id), None) => write!(f, "process {id}"),
            (None, _) => f.write_str("an unknown process"),
        }
    }
}

/// The right to open the database. Dropping it gives it back.
pub(crate) struct Lease {
    file: File,
    holder: Vec<u8>,
    left_behind: Vec<String>,
    is_marked: bool,
    _held: HeldByThread,
}

impl Lease {
    /// Takes the lease if nobody has it. `None` where somebody has.
    pub(crate) fn try_acquire(
        location: &Location,
        holder: &HolderName,
    ) -> Result<Option<Self>, StoreError> {
        let path = location.lock();
        let Some(held) = HeldByThread::claim(&path) else { return Ok(None) };
        let file = files::open_private(&path).on_file("open", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => return Err(StoreError::NoLocks { path, source }),
        }
        if !is_still_there(&file, &path) {
            return Ok(None);
        }
        Ok(Some(Self::note_holder(file, holder, held)))
    }

    /// Takes the lease, waiting for at most `timeout`.
    ///
    /// # Errors
    /// [`StoreError::Held`] names who has it.
    pub(crate) fn acquire(
        location: &Location,
        holder: &HolderName,
        timeout: Duration,
    ) -> Result<Self, StoreError> {
        let give_up = Instant::now() + timeout;
        loop {
            if let Some(lease) = Self::try_acquire(location, holder)? {
                return Ok(lease);
            }
            if Instant::now() >= give_up {
                let holder = current_holder(location);
                return Err(StoreError::Held { path: location.database().to_owned(), holder });
            }
            thread::sleep(PAUSE / 2 + full_jitter(PAUSE / 2));
        }
    }

    /// Spool files that the last holder was draining when it died.
    pub(crate) fn left_behind(&self) -> &[String] {
        &self.left_behind
    }

    /// Forgets what the last holder left behind, as far as `is_dealt_with`.
    pub(crate) fn forget_left_behind(
        &mut self,
        is_dealt_with: impl Fn(&str) -> bool,
    ) -> io::Result<()> {
        self.left_behind.retain(|name| !is_dealt_with(name));
        self.mark_beside(None)
    }

    /// Notes what is in hand beside what the last holder left behind.
    pub(crate) fn mark_beside(&mut self, in_hand: Option<&str>) -> io::Result<()> {
        let left_behind = self.left_behind.clone();
        self.mark(left_behind.iter().map(String::as_str).chain(in_hand))
    }

    /// Notes which spool files the next holder has to try alone if this one dies or gives up.
    pub(crate) fn mark<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        let mut content = self.holder.clone();
        for name in names {
            content.extend(name.as_bytes());
            content.push(b'\n');
        }
        self.is_marked = content.len() > self.holder.len();
        write_whole(&mut self.file, &content)
    }

    fn note_holder(mut file: File, holder: &HolderName, held: HeldByThread) -> Self {
        let mut before = String::new();
        // Whatever stands there was written by a dead holder; what cannot be read names nothing.
        let _ = (&file).take(MARK_LIMIT_BYTES).read_to_string(&mut before);
        let left_behind: Vec<String> = before.lines().skip(1).map(str::to_owned).collect();
        let mut line = serde_json::to_vec(holder).expect("a holder's name is plain");
        line.push(b'\n');
        // Names stay until they are retried: this holder may die before it gets to them.
        let mut content = line.clone();
        content.extend(before.lines().skip(1).flat_map(|name| [name.as_bytes(), b"\n"].concat()));
        // Who holds the lease without a name, on a full disk, holds it all the same.
        let _ = write_whole(&mut file, &content);
        let is_marked = !left_behind.is_empty();
        Self { file, holder: line, left_behind, is_marked, _held: held }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_marked {
            // A name that stays does no harm: nobody asks for the holder of a free lease.
            let _ = self.file.set_len(0);
        }
    }
}

/// One thread's claim on a lock file.
struct HeldByThread(PathBuf);

impl HeldByThread {
    fn claim(path: &Path) -> Option<Self> {
        let mut held = held();
        let is_free = !held.iter().any(|other| other == path);
        is_free.then(|| {
            held.push(path.to_owned());
            Self(path.to_owned())
        })
    }
}

impl Drop for HeldByThread {
    fn drop(&mut self) {
        held().retain(|other| *other != self.0);
    }
}

fn held() -> MutexGuard<'static, Vec<PathBuf>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A mark names the files in hand and the suspected ones, far less than this.
const MARK_LIMIT_BYTES: u64 = 1 << 20;

fn write_whole(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(content)?;
    file.set_len(content.len() as u64)
}

/// Whether the locked file is the one that others would lock.
fn is_still_there(file: &File, path: &Path) -> bool {
    let locked = file.metadata().map(|metadata| Identity::of(&metadata));
    matches!((locked, Identity::of_path(path)), (Ok(locked), Ok(named)) if locked == named)
}

/// Who holds the lease at this moment, as far as it says.
fn current_holder(location: &Location) -> HolderName {
    let content = fs::read_to_string(location.lock()).unwrap_or_default();
    content.lines().next().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location() -> Result<(tempfile::TempDir, Location), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let location = Location::resolve(&folder.path().join("r.db"))?;
        Ok((folder, location))
    }

    fn acquire(location: &Location) -> Result<Lease, StoreError> {
        Lease::acquire(location, &HolderName::of_this_process("test"), Duration::from_secs(30))
    }

    #[test]
    fn a_lease_is_had_by_one_at_a_time_and_given_back() -> Result<(), Box<dyn std::error::Error>> {
        let (_folder, location) = location()?;
        let name = HolderName::of_this_process("test");
        let lease = acquire(&location)?;
        assert!(Lease::try_acquire(&location, &name)?.is_none());
        let refused = Lease::acquire(&location, &name, Duration::from_millis(1));
        let message = refused.map(drop).expect_err("it is held").to_string();
        assert!(message.contains(&std::process::id().to_string()), "{message}");
        assert!(message.contains("recount test"), "{message}");
        drop(lease);
        drop(acquire(&location)?);
        assert_eq!(fs::read(location.lock())?, b"", "the file stays, empty");
        Ok(())
    }

    #[test]
    fn a_lock_on_a_replaced_file_is_no_lease() -> Result<(), Box<dyn std::error::Error>> {
        let (_folder, location) = location()?;
        let file = files::open_private(&location.lock())?;
        assert!(is_still_there(&file, &location.lock()));
        fs::remove_file(location.lock())?;
        assert!(!is_still_there(&file, &location.lock()));
        files::open_private(&location.lock())?;
        assert!(!is_still_there(&file, &location.lock()));
        Ok(())
    }

    #[test]
    fn the_next_holder_learns_what_a_dead_one_was_draining()
    -> Result<(), Box<dyn std::error::Error>> {
        let (_folder, location) = location()?;
        let mut lease = acquire(&location)?;
        assert!(lease.left_behind().is_empty());
        lease.mark(["a.spool", "b.spool"])?;
        drop(lease);
        let mut lease = acquire(&location)?;
        assert_eq!(lease.left_behind(), ["a.spool", "b.spool"]);
        lease.mark(["c.spool"])?;
        lease.mark([])?;
        drop(lease);
        assert!(acquire(&location)?.left_behind().is_empty());
        Ok(())
    }
}
