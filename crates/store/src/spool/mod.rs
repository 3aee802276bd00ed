//! The spool: one file for each process that was handed something, durable before anybody judges
//! the bytes. From here on neither the parser nor the engine nor a kill can lose them.

mod header;
mod name;
mod quarantine;

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use domain::UnixMs;

pub use self::{
    header::{FORM_VERSION, Header, HeaderError, read_header},
    quarantine::{Quarantine, Quarantined},
};
pub(crate) use self::{
    name::SpoolName,
    quarantine::{Piece, headerless, quarantine_piece, sha256_hex, sweep_temporaries},
};
use crate::{StoreError, error::OnFile, files, retry::random};

/// How many more entries of the folder than it counts a hook looks at: the others are no drainable
/// files, and a folder full of them must not keep it.
const OTHER_ENTRIES: usize = 1_000;

/// A folder of files in the spool form: the spool beside a database, or a plugin's outbox.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
}

/// One file that was made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolFile {
    pub(crate) name: String,
}

/// What a spool holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Files that can be drained.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// When the oldest was handed over, as its name or its file time says.
    pub oldest_unix_ms: Option<i64>,
}

/// An opened spool file: what is known of the bytes, and the bytes.
pub struct SpoolRecord<'a> {
    /// What is known of the bytes.
    pub header: Header,
    /// The bytes, to be read once.
    pub body: &'a mut dyn Read,
}

impl Spool {
    /// The spool in `folder`, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes `bytes` durable. When this returns, nothing that happens to this process loses them.
    ///
    /// # Errors
    /// Nothing was acknowledged: the bytes are not safe.
    pub fn write(&self, header: &Header, bytes: &[u8]) -> Result<SpoolFile, StoreError> {
        let name = SpoolName::new(header.received_at_unix_ms, random()).to_string();
        files::write_durably(&self.folder, &name, &[&header.to_line(), bytes])
            .on_file("write to the spool", &self.folder)?;
        Ok(SpoolFile { name })
    }

    /// Makes an input of any length durable, without holding it in memory.
    ///
    /// # Errors
    /// Nothing was acknowledged: the bytes are not safe.
    pub fn write_stream(
        &self,
        header: &Header,
        input: &mut dyn Read,
    ) -> Result<SpoolFile, StoreError> {
        let name = SpoolName::new(header.received_at_unix_ms, random()).to_string();
        // The length is known at the end; until then the line has room for the longest.
        let room = Header { bytes: u64::MAX, ..header.clone() }.to_line().len();
        let copy = |file: &mut File| {
            file.write_all(&vec![b' '; room])?;
            let bytes = io::copy(input, file)?;
            file.seek(io::SeekFrom::Start(0))?;
            file.write_all(&Header { bytes, ..header.clone() }.to_line_of(room))
        };
        files::create_durably(&self.folder, &name, copy)
            .on_file("write to the spool", &self.folder)?;
        Ok(SpoolFile { name })
    }

    /// Removes a file whose every item is stored by its writer.
    ///
    /// # Errors
    /// It cannot be removed; it will be drained again, and change nothing.
    pub fn forget(&self, file: &SpoolFile) -> Result<(), StoreError> {
        SpoolName::parse(&file.name).map_or(Ok(()), |name| self.remove(&name))
    }

    /// Whether at least `threshold` files wait; stops counting there.
    pub fn holds_at_least(&self, threshold: usize) -> bool {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return threshold == 0;
        };
        let waiting = entries.take(threshold.saturating_add(OTHER_ENTRIES)).flatten();
        let waiting = waiting.filter_map(|entry| drainable(&entry)).filter(SpoolName::is_for_hooks);
        waiting.take(threshold).count() == threshold
    }

    /// Counts all that waits.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn waiting(&self) -> Result<Waiting, StoreError> {
        let mut waiting = Waiting::default();
        for name in self.names()? {
            let Ok(metadata) = fs::metadata(self.path(&name)) else { continue };
            waiting.files += 1;
            waiting.bytes += metadata.len();
            let since = name.received_at_unix_ms().unwrap_or_else(|| modified_unix_ms(&metadata));
            waiting.oldest_unix_ms = waiting.oldest_unix_ms.into_iter().chain([since]).min();
        }
        Ok(waiting)
    }

    /// How many files are there that their writers have not finished, as far as it can be read.
    pub fn unfinished(&self) -> usize {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter(|entry| is_temporary(&entry.path())).count()
    }

    /// The names of all files that can be drained, oldest first. A missing folder is an empty one.
    pub(crate) fn names(&self) -> Result<Vec<SpoolName>, StoreError> {
        self.some_names(usize::MAX)
    }

    /// At most `limit` of them, oldest first; which ones is the file system's choice.
    pub(crate) fn some_names(&self, limit: usize) -> Result<Vec<SpoolName>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.on_file("read the folder", &self.folder)?,
        };
        let names = entries.filter_map(|entry| match entry {
            Ok(entry) => drainable(&entry).map(Ok),
            Err(error) => Some(Err(error)),
        });
        let names: io::Result<Vec<_>> = names.take(limit).collect();
        let mut names = names.on_file("read the folder", &self.folder)?;
        names.sort_unstable();
        Ok(names)
    }

    /// Opens a file and reads its header.
    pub(crate) fn open(&self, name: &SpoolName) -> Result<(Header, BufReader<File>), HeaderError> {
        let mut input = BufReader::new(File::open(self.path(name))?);
        let header = read_header(&mut input)?;
        Ok((header, input))
    }

    /// Removes a file whose every item is stored.
    pub(crate) fn remove(&self, name: &SpoolName) -> Result<(), StoreError> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).on_file("remove the spool file", self.path(name))
            }
            _ => Ok(()),
        }
    }

    /// Notes how often a file was tried alone, in its name.
    pub(crate) fn rename(&self, from: &SpoolName, to: &SpoolName) -> Result<(), StoreError> {
        fs::rename(self.path(from), self.path(to)).on_file("rename the spool file", self.path(from))
    }

    pub(crate) fn path(&self, name: &SpoolName) -> PathBuf {
        self.folder.join(name.to_string())
    }
}

impl SpoolFile {
    /// What is left of the promise: where the bytes lie.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The name of a file that can be drained. What is no file, such as a pipe, could be waited on for
/// ever.
fn drainable(entry: &fs::DirEntry) -> Option<SpoolName> {
    let name = SpoolName::parse(entry.file_name().to_str()?)?;
    entry.file_type().is_ok_and(|kind| kind.is_file()).then_some(name)
}

/// Whether a file is one that its writer has not finished.
pub(crate) fn is_temporary(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tmp")
}

fn modified_unix_ms(metadata: &fs::Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000)
}

/// The time of receipt and the place within its millisecond.
pub fn receipt_now() -> (UnixMs, u64) {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    (UnixMs::new(ms).expect("it is not negative"), u64::from(now.subsec_nanos() % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(ms: i64, bytes: &[u8]) -> Header {
        Header::new(None, UnixMs::new(ms).expect("not negative"), 0, bytes.len() as u64)
    }

    #[test]
    fn what_was_written_is_read_back_to_the_byte() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let spool = Spool::new(folder.path().join("s"));
        let bytes = b"\xff\0{not json\n";
        spool.write(&header(5, bytes), bytes)?;
        let names = spool.names()?;
        assert_eq!(names.len(), 1);
        let (read, mut body) = spool.open(&names[0])?;
        let mut rest = Vec::new();
        body.read_to_end(&mut rest)?;
        assert_eq!((read, &rest[..]), (header(5, bytes), &bytes[..]));
        Ok(())
    }

    #[test]
    fn temporary_and_foreign_files_are_not_drained() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let spool = Spool::new(folder.path());
        spool.write(&header(2, b""), b"")?;
        spool.write(&header(1, b""), b"")?;
        for name in ["a.spool.tmp", "0.tmp", "README", ".spool", "x.SPOOL"] {
            fs::write(folder.path().join(name), "x")?;
        }
        let times: Vec<i64> =
            spool.names()?.iter().filter_map(SpoolName::received_at_unix_ms).collect();
        assert_eq!(times, [1, 2], "oldest first");
        assert!(spool.holds_at_least(2));
        assert!(!spool.holds_at_least(3));
        assert_eq!(spool.waiting()?.files, 2);
        assert_eq!(spool.waiting()?.oldest_unix_ms, Some(1));
        Ok(())
    }

    #[test]
    fn a_missing_folder_holds_nothing() -> Result<(), StoreError> {
        let spool = Spool::new("/nonexistent/recount");
        assert!(spool.names()?.is_empty());
        assert!(!spool.holds_at_least(1));
        Ok(())
    }
}
