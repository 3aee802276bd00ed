//! A home of its own for each case, on the disk that the build is on: settings, database and spool
//! of one case are never another's, and nothing of the person's own is touched.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Fallible;

/// The binary that `cargo build --release` makes: the bench profile has the same settings.
pub const RECOUNT: &str = env!("CARGO_BIN_EXE_recount");

/// Copies a program into `root` and gives its path there.
///
/// That is how an installed one lies in the kernel's cache: what a linker has just written lies
/// there page by page, is mapped page by page, and starts a tenth slower.
pub fn install(root: &Path, program: &Path) -> Fallible<PathBuf> {
    let name = program.file_name().ok_or("a program has a name")?;
    let installed = root.join("installed").join(name);
    if !installed.exists() {
        fs::create_dir_all(root.join("installed"))?;
        fs::copy(program, &installed)?;
    }
    Ok(installed)
}

/// The folders of one case.
#[derive(Clone, Debug)]
pub struct World {
    folder: PathBuf,
    program: PathBuf,
}

impl World {
    /// Folders below `root` with these settings.
    pub fn new(root: &Path, name: &str, settings: &str) -> Fallible<Self> {
        let folder = root.join(name);
        let config = folder.join("config/recount");
        fs::create_dir_all(&config)?;
        fs::write(config.join("config.toml"), settings)?;
        let world = Self { folder, program: install(root, Path::new(RECOUNT))? };
        fs::create_dir_all(world.data())?;
        Ok(world)
    }

    /// The database, empty, or made from a copy of another.
    pub fn with_database(self, other: Option<&Path>) -> Fallible<Self> {
        match other {
            Some(other) => {
                fs::copy(other, self.database())?;
                fs::File::open(self.database())?.sync_all()?;
            }
            None => self.run(["db", "migrate"])?,
        }
        Ok(self)
    }

    /// The program in this world.
    pub fn recount<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", &self.folder)
            .env("XDG_CONFIG_HOME", self.folder.join("config"))
            .env("XDG_DATA_HOME", self.folder.join("data"))
            .env("XDG_STATE_HOME", self.folder.join("state"));
        command
    }

    /// Runs the program to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Fallible {
        let mut command = self.recount(arguments);
        let output = command.output()?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("{command:?}: {output:?}").into())
        }
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("recount.db")
    }

    pub fn spool(&self) -> PathBuf {
        self.data().join("recount.db.spool")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data/recount")
    }
}
