//! Files and folders that only their owner can read, made durable.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Which file a path leads to at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    pub(crate) fn of(metadata: &fs::Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    pub(crate) fn of_path(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::of(&metadata))
    }
}

/// Makes a folder and its missing parents, durably; those that exist are left as they are.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    create_folder(parent)?;
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(parent),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Opens a file for reading and writing, creating it for its owner alone.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)
}

/// Writes `chunks` to `folder/name` so that after a crash it is there whole or not at all.
///
/// The folder is created where it is missing. An existing file of that name is replaced.
pub(crate) fn write_durably(folder: &Path, name: &str, chunks: &[&[u8]]) -> io::Result<()> {
    create_durably(folder, name, |file| chunks.iter().try_for_each(|chunk| file.write_all(chunk)))
}

/// The same with what `fill` writes.
pub(crate) fn create_durably(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = temporary(folder, name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(FILE_MODE);
    let mut file = match options.open(&temporary) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_folder(folder)?;
            options.open(&temporary)?
        }
        opened => opened?,
    };
    let outcome = fill(&mut file)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, folder.join(name)))
        .and_then(|()| sync_folder(folder));
    if outcome.is_err() {
        // Nothing was acknowledged. What a failed removal leaves is swept up as a temporary file.
        let _ = fs::remove_file(&temporary);
    }
    outcome
}

/// Removes what a writer of `folder/name` that died has left.
pub(crate) fn remove_temporary(folder: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(temporary(folder, name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn temporary(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.tmp"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> io::Result<u32> {
        Ok(fs::metadata(path)?.permissions().mode() & 0o777)
    }

    #[test]
    fn what_is_written_belongs_to_its_owner_alone() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let spool = folder.path().join("a/b");
        write_durably(&spool, "name", &[b"one ", b"two"])?;
        assert_eq!(fs::read(spool.join("name"))?, b"one two");
        assert_eq!(mode(&spool)?, 0o700);
        assert_eq!(mode(&folder.path().join("a"))?, 0o700);
        assert_eq!(mode(&spool.join("name"))?, 0o600);
        assert_eq!(fs::read_dir(&spool)?.count(), 1, "no temporary file is left");
        Ok(())
    }

    #[test]
    fn a_temporary_file_of_another_is_never_overwritten() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("name.tmp"), "other")?;
        assert!(write_durably(folder.path(), "name", &[b"x"]).is_err());
        assert_eq!(fs::read(folder.path().join("name.tmp"))?, b"other");
        Ok(())
    }
}
