//! A file of the person: looked at before anything is changed, and changed in one step.
//!
//! A file is replaced as a whole by a rename, so that nobody ever sees half of one. Links are
//! followed to a file that is there (people keep their settings in another folder and link to them)
//! and to nothing else.

use std::{
    ffi::OsStr,
    fs::{self, File, Metadata, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{exit::ExitCode, failure::Failure};

/// A file that is longer is not what it should be.
const MOST_BYTES: u64 = 8 << 20;

/// What is at a path.
#[derive(Debug)]
pub struct Found {
    /// As it was named.
    pub path: PathBuf,
    /// What is in it; `None` where nothing is there.
    pub content: Option<Vec<u8>>,
    /// Where the bytes are: the path with its last link followed.
    target: PathBuf,
    metadata: Option<Metadata>,
}

impl Found {
    /// Reads it.
    ///
    /// # Errors
    /// It is no file, or cannot be read, or is longer than what it should be could be.
    pub fn look(path: &Path) -> Result<Self, Failure> {
        let looked = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            looked => Some(looked),
        };
        let (path, target) = (path.to_owned(), path.to_owned());
        let Some(looked) = looked else {
            return Ok(Self { path, content: None, target, metadata: None });
        };
        let is_link = looked.map_err(|error| unusable(&path, &error))?.is_symlink();
        let target = if is_link {
            fs::canonicalize(&path).map_err(|error| {
                let path = path.display();
                Failure::new(ExitCode::Io, format!("`{path}` is a link that leads nowhere"))
                    .caused_by(&error)
                    .hint("mend the link or take it away; nothing was changed")
            })?
        } else {
            target
        };
        let metadata = fs::metadata(&target).map_err(|error| unusable(&path, &error))?;
        if !metadata.is_file() {
            let message = format!("`{}` is no file", path.display());
            return Err(Failure::new(ExitCode::Io, message)
                .hint("move it away and run the command again; nothing was changed"));
        }
        let content = read(&target).map_err(|error| unusable(&path, &error))?;
        let Some(content) = content else {
            let message = format!("`{}` is longer than {MOST_BYTES} bytes", path.display());
            return Err(Failure::new(ExitCode::Settings, message).hint("nothing was changed"));
        };
        Ok(Self { path, content: Some(content), target, metadata: Some(metadata) })
    }

    /// Nothing, at a path that is going to be free.
    pub fn nothing(path: &Path) -> Self {
        Self { path: path.to_owned(), content: None, target: path.to_owned(), metadata: None }
    }

    /// What is in it as text.
    ///
    /// # Errors
    /// It is none.
    pub fn text(&self) -> Result<Option<&str>, Failure> {
        let Some(content) = &self.content else { return Ok(None) };
        str::from_utf8(content).map(Some).map_err(|error| {
            let message = format!("`{}` is no text", self.path.display());
            Failure::new(ExitCode::Settings, message).caused_by(&error).hint("nothing was changed")
        })
    }

    /// The same, but what is written there gets the owner and the mode of another file.
    pub fn made_like(self, other: &Self) -> Self {
        Self { metadata: other.metadata.clone(), ..self }
    }

    /// Whether what is at a path is longer than what can be read.
    pub fn is_long(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > MOST_BYTES)
    }

    /// Whether the path is a link.
    pub fn is_link(&self) -> bool {
        self.path != self.target
    }

    /// Whether somebody may run it.
    pub fn is_executable(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.mode() & 0o111 != 0)
    }

    /// Whether its owner may not write to it.
    pub fn is_read_only(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.mode() & 0o200 == 0)
    }

    /// Puts that into it, or into a new file with that mode. It keeps its owner and its mode.
    ///
    /// # Errors
    /// It cannot be written, or somebody else has changed it since it was looked at.
    pub fn write(&self, content: &[u8], new_mode: u32) -> Result<(), Failure> {
        let written = self.try_write(content, new_mode);
        written.map_err(|error| cannot("written", &self.path, &error))
    }

    fn try_write(&self, content: &[u8], new_mode: u32) -> io::Result<()> {
        let folder = folder_of(&self.target);
        fs::create_dir_all(folder)?;
        let mut new =
            tempfile::Builder::new().prefix(".recount-").suffix(".tmp").tempfile_in(folder)?;
        new.write_all(content)?;
        self.make_alike(new.as_file(), new_mode)?;
        new.as_file().sync_all()?;
        if self.take_place(new, content)? {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Owner and mode of the file that is replaced.
    fn make_alike(&self, new: &File, new_mode: u32) -> io::Result<()> {
        let mode = self.metadata.as_ref().map_or(new_mode, |old| old.mode() & 0o7777);
        if let Some(old) = &self.metadata {
            let ours = new.metadata()?;
            if (old.uid(), old.gid()) != (ours.uid(), ours.gid()) {
                fchown(new, Some(old.uid()), Some(old.gid()))?;
            }
        }
        new.set_permissions(Permissions::from_mode(mode))
    }

    /// Whether the new file was still needed: another setup may have written the same meanwhile.
    fn take_place(&self, new: NamedTempFile, content: &[u8]) -> io::Result<bool> {
        if self.content.is_none() {
            return match new.persist_noclobber(&self.target) {
                Ok(_) => Ok(true),
                Err(_) if self.now()?.as_deref() == Some(content) => Ok(false),
                Err(error) => Err(error.error),
            };
        }
        let now = self.now()?;
        if now.as_deref() == Some(content) {
            return Ok(false);
        }
        if now != self.content {
            return Err(changed());
        }
        new.persist(&self.target)?;
        Ok(true)
    }

    /// Takes it away, and each folder above it that this leaves empty, up to so many.
    ///
    /// # Errors
    /// It cannot be removed, or somebody else has changed it since it was looked at.
    pub fn remove(&self, folders: usize) -> Result<(), Failure> {
        let removed = match self.now() {
            Ok(None) => Ok(()),
            Ok(now) if now != self.content => Err(changed()),
            Ok(_) => fs::remove_file(&self.path),
            Err(error) => Err(error),
        };
        removed.map_err(|error| cannot("removed", &self.path, &error))?;
        // One that is not empty, or is a link, stays.
        let folders = self.path.ancestors().skip(1).take(folders);
        let _ = folders.map(fs::remove_dir).find(Result::is_err);
        Ok(())
    }

    fn now(&self) -> io::Result<Option<Vec<u8>>> {
        match read(&self.target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read,
        }
    }
}

/// `None` where it is too long.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut content)?;
    Ok((content.len() as u64 <= MOST_BYTES).then_some(content))
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| folder.as_os_str() != OsStr::new(""));
    folder.unwrap_or(Path::new("."))
}

fn changed() -> io::Error {
    io::Error::other("something else has changed it meanwhile; run the command again")
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(ExitCode::Io, format!("`{}` cannot be read", path.display()))
        .caused_by(error)
        .hint("nothing was changed")
}

fn cannot(done: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(ExitCode::Io, format!("`{}` cannot be {done}", path.display()))
        .caused_by(error)
        .hint("see that its folder can be written to; what was changed before is listed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_has_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (before, meanwhile) in
            [(None, Some("theirs")), (Some("old"), Some("theirs")), (Some("old"), None)]
        {
            let path = folder.path().join("settings.json");
            let put = |content: Option<&str>| match content {
                Some(content) => fs::write(&path, content),
                None => fs::remove_file(&path),
            };
            let _ = put(before);
            let found = Found::look(&path).expect("it is a file or nothing");
            put(meanwhile).expect("it is ours");
            let failure = found.write(b"ours", 0o600).expect_err("it is another file now");
            assert_eq!(failure.exit(), ExitCode::Io);
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), meanwhile);
            assert_eq!(
                fs::read_dir(folder.path()).expect("a folder").count(),
                meanwhile.iter().count()
            );
            let _ = fs::remove_file(&path);
        }
    }
}
