//! Which projects use the plugin in our data folder, so that it goes with the last of them.
//!
//! Kept as the paths of their configurations, each ended by a zero byte, which no path holds. It is
//! read and written under the lock of the data folder.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use super::entry;

/// The configurations in the order in which they came.
#[derive(Debug, PartialEq, Eq)]
pub struct Projects(Vec<PathBuf>);

impl Projects {
    /// Reads the list.
    pub fn read(content: &[u8]) -> Self {
        let paths = content.split(|&byte| byte == 0).filter(|path| !path.is_empty());
        Self(paths.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect())
    }

    /// Adds a configuration that has our entry.
    pub fn add(&mut self, config: &Path) {
        if !self.0.iter().any(|known| known == config) {
            self.0.push(config.to_owned());
        }
    }

    /// Drops a configuration, and all that have no entry of ours any more.
    pub fn remove(&mut self, config: &Path) {
        self.0.retain(|known| known != config && uses_plugin(known));
    }

    /// What is to be written; `None` if nobody is left.
    pub fn write(&self) -> Option<Vec<u8>> {
        let paths = self.0.iter().flat_map(|path| [path.as_os_str().as_bytes(), b"\0"]);
        (!self.0.is_empty()).then(|| paths.collect::<Vec<_>>().concat())
    }
}

/// Whether that configuration loads the plugin, for all that is known.
fn uses_plugin(config: &Path) -> bool {
    match fs::read(config) {
        Ok(content) => String::from_utf8_lossy(&content).contains(entry::PLACE),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_entry_any_more_is_dropped_with_the_one_that_goes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("uses"), entry::PLACE).expect("a new file");
        fs::write(path("does not"), "{}").expect("a new file");
        let mut projects = Projects::read(b"");
        for name in ["uses", "does not", "gone", "asked", "uses"] {
            projects.add(&path(name));
        }
        assert_eq!(Projects::read(&projects.write().expect("some")), projects);
        projects.remove(&path("asked"));
        assert_eq!(projects, Projects(vec![path("uses")]));
        projects.remove(&path("uses"));
        assert_eq!(projects.write(), None);
    }
}
