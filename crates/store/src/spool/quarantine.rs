//! Quarantine: pieces that could not be read, kept to the byte with the reason in the header. A
//! file is named by the SHA-256 of its bytes, so the same piece twice is kept once.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use super::{Header, HeaderError, Spool, SpoolName, is_temporary, read_header, receipt_now};
use crate::{StoreError, error::OnFile, files, retry::random};

/// A temporary file this old belongs to a dead process.
const TEMPORARY_LIFETIME: Duration = Duration::from_hours(24);

/// Bytes to be kept because they cannot be read.
pub(crate) struct Piece<'a> {
    pub(crate) header: &'a Header,
    pub(crate) reason: &'a str,
    pub(crate) bytes: &'a [u8],
}

/// One piece in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The SHA-256 of its bytes.
    pub id: String,
    /// What is known of it; `error` says why it is here.
    pub header: Header,
}

/// The folder of pieces that could not be read.
#[derive(Clone, Debug)]
pub struct Quarantine {
    folder: PathBuf,
}

impl Quarantine {
    /// The quarantine in `folder`, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// What is in it, by name.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read.
    pub fn list(&self) -> Result<Vec<Quarantined>, StoreError> {
        let mut found = Vec::new();
        for name in Spool::new(&self.folder).names()? {
            found.extend(self.open(&name)?.map(|(piece, _)| piece));
        }
        Ok(found)
    }

    /// How many pieces are in it, as far as it can be read.
    pub fn len(&self) -> usize {
        Spool::new(&self.folder).names().map_or(0, |names| names.len())
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The piece whose id begins with `prefix`, and its bytes. `None` where none or several do.
    ///
    /// # Errors
    /// The folder or the file cannot be read.
    pub fn find(&self, prefix: &str) -> Result<Option<(Quarantined, Vec<u8>)>, StoreError> {
        let names = Spool::new(&self.folder).names()?;
        let mut found = names.iter().filter(|name| name.to_string().starts_with(prefix));
        match (found.next(), found.next()) {
            (Some(name), None) => self.open(name),
            _ => Ok(None),
        }
    }

    /// Removes a piece for good.
    ///
    /// # Errors
    /// The file could not be removed; it is still here.
    pub fn discard(&self, id: &str) -> Result<(), StoreError> {
        let path = self.folder.join(format!("{id}.spool"));
        fs::remove_file(&path).on_file("remove", path)
    }

    /// Removes the piece of exactly these bytes for good; whether there was one.
    pub fn discard_bytes(&self, bytes: &[u8]) -> bool {
        fs::remove_file(self.folder.join(format!("{}.spool", sha256_hex(bytes)))).is_ok()
    }

    /// Moves a piece back into the spool, to be judged again, unless somebody has done so.
    ///
    /// It bears a new name there: whoever drains an equal piece at this moment removes its own only.
    ///
    /// # Errors
    /// The file could not be moved; it is still here.
    pub fn release(&self, id: &str, spool: &Spool) -> Result<(), StoreError> {
        let from = self.folder.join(format!("{id}.spool"));
        let to = spool.path(&SpoolName::new(receipt_now().0.get(), random()));
        files::create_folder(spool.folder()).on_file("create the folder", spool.folder())?;
        match fs::rename(&from, to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            moved => moved.on_file("move back to the spool", &from)?,
        }
        files::sync_folder(spool.folder()).on_file("make durable", spool.folder())
    }

    /// `None` for a piece that somebody has moved back in the meantime.
    fn open(&self, name: &SpoolName) -> Result<Option<(Quarantined, Vec<u8>)>, StoreError> {
        let path = self.folder.join(name.to_string());
        let file = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.on_file("read", &path)?,
        };
        let mut body = &file[..];
        let header = match read_header(&mut body) {
            Ok(header) => header,
            Err(HeaderError::Io(source)) => return Err(source).on_file("read", &path),
            Err(HeaderError::Missing | HeaderError::Newer) => {
                body = &file[..];
                headerless(file.len(), "holds no piece in a form that this version reads")
            }
        };
        let id = name.to_string().trim_end_matches(".spool").to_owned();
        Ok(Some((Quarantined { id, header }, body.to_vec())))
    }
}

/// Copies a piece durably into quarantine.
pub(crate) fn quarantine_piece(folder: &Path, piece: &Piece<'_>) -> Result<(), StoreError> {
    let name = format!("{}.spool", sha256_hex(piece.bytes));
    if folder.join(&name).exists() {
        return Ok(());
    }
    let mut header = piece.header.clone();
    header.error = Some(piece.reason.to_owned());
    header.bytes = piece.bytes.len() as u64;
    // Only the holder of the lease writes here, so what is half-written is a dead holder's.
    files::remove_temporary(folder, &name).on_file("remove a half-written piece from", folder)?;
    files::write_durably(folder, &name, &[&header.to_line(), piece.bytes])
        .on_file("write to quarantine", folder)
}

/// Moves temporary files of dead processes from the spool into quarantine; says how many.
pub(crate) fn sweep_temporaries(
    spool: &Path,
    quarantine: &Path,
    now: SystemTime,
) -> Result<u64, StoreError> {
    let entries = match fs::read_dir(spool) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries.on_file("read the folder", spool)?,
    };
    let mut swept = 0;
    for entry in entries {
        let path = entry.on_file("read the folder", spool)?.path();
        if is_temporary(&path) && is_dead(&path, now) {
            let bytes = fs::read(&path).on_file("read", &path)?;
            let reason = "its writer died before it was complete";
            let piece = Piece { header: &headerless(bytes.len(), reason), reason, bytes: &bytes };
            quarantine_piece(quarantine, &piece)?;
            fs::remove_file(&path).on_file("remove", &path)?;
            swept += 1;
        }
    }
    Ok(swept)
}

fn is_dead(path: &Path, now: SystemTime) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > TEMPORARY_LIFETIME))
}

/// A header for bytes that bear none.
pub(crate) fn headerless(bytes: usize, reason: &str) -> Header {
    let (received_at, sequence) = super::receipt_now();
    let mut header = Header::new(None, received_at, sequence, bytes as u64);
    header.error = Some(reason.to_owned());
    header
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string does not fail");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(folder: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let header = headerless(bytes.len(), "");
        quarantine_piece(folder, &Piece { header: &header, reason: "is no JSON", bytes })
    }

    #[test]
    fn the_same_piece_twice_is_kept_once_with_its_reason() -> Result<(), Box<dyn std::error::Error>>
    {
        let folder = tempfile::tempdir()?;
        let quarantine = Quarantine::new(folder.path().join("q"));
        assert!(quarantine.is_empty());
        for _ in 0..2 {
            keep(&quarantine.folder, b"abc")?;
        }
        let found = quarantine.list()?;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].id, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(found[0].header.error.as_deref(), Some("is no JSON"));
        assert_eq!(quarantine.find("ba78")?.map(|(_, bytes)| bytes), Some(b"abc".to_vec()));
        assert!(!quarantine.discard_bytes(b"ab") && quarantine.discard_bytes(b"abc"));
        assert!(quarantine.is_empty());
        Ok(())
    }

    #[test]
    fn what_a_dead_holder_has_half_written_is_written_anew()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let quarantine = Quarantine::new(folder.path());
        let name = format!("{}.spool.tmp", sha256_hex(b"abc"));
        fs::write(folder.path().join(name), "{\"recount_sp")?;
        keep(folder.path(), b"abc")?;
        assert_eq!(quarantine.find("")?.map(|(_, bytes)| bytes), Some(b"abc".to_vec()));
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_prefix_of_several_finds_none() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let quarantine = Quarantine::new(folder.path());
        keep(folder.path(), b"abc")?;
        keep(folder.path(), b"abcd")?;
        assert!(quarantine.find("")?.is_none());
        assert!(quarantine.find("ffff")?.is_none());
        Ok(())
    }

    #[test]
    fn a_released_piece_waits_in_the_spool_again() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let quarantine = Quarantine::new(folder.path().join("q"));
        let spool = Spool::new(folder.path().join("s"));
        keep(&quarantine.folder, b"abc")?;
        let id = &quarantine.list()?[0].id;
        quarantine.release(id, &spool)?;
        quarantine.release(id, &spool)?;
        assert!(quarantine.is_empty());
        assert_eq!(spool.names()?.len(), 1);
        Ok(())
    }

    #[test]
    fn a_piece_released_while_its_equal_is_drained_is_not_removed_with_it()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let quarantine = Quarantine::new(folder.path().join("q"));
        let spool = Spool::new(folder.path().join("s"));
        keep(&quarantine.folder, b"abc")?;
        let id = quarantine.list()?.remove(0).id;
        quarantine.release(&id, &spool)?;
        let drained = spool.names()?.remove(0);
        // Its drainer keeps it again, somebody releases it again, and only then the file goes.
        keep(&quarantine.folder, b"abc")?;
        quarantine.release(&id, &spool)?;
        spool.remove(&drained)?;
        assert_eq!(spool.names()?.len(), 1);
        Ok(())
    }

    #[test]
    fn only_temporary_files_older_than_a_day_are_swept() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (spool, kept) = (folder.path().join("s"), folder.path().join("q"));
        fs::create_dir(&spool)?;
        fs::write(spool.join("a.spool.tmp"), "half")?;
        fs::write(spool.join("b.spool"), "whole")?;
        let now = SystemTime::now();
        assert_eq!(sweep_temporaries(&spool, &kept, now)?, 0);
        let tomorrow = now + TEMPORARY_LIFETIME + Duration::from_mins(1);
        assert_eq!(sweep_temporaries(&spool, &kept, tomorrow)?, 1);
        assert_eq!(fs::read_dir(&spool)?.count(), 1);
        let half = Quarantine::new(&kept).find("")?;
        assert_eq!(half.map(|(_, bytes)| bytes), Some(b"half".to_vec()));
        Ok(())
    }
}
