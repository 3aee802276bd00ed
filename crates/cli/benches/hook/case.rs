//! The processes that are measured one after the other, in rounds, so that what else the machine
//! does hits all alike.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Fallible, by_rusqlite, envelopes, process, programs, samples::Samples, world::World};

/// One kind of process and its times.
pub struct Case {
    /// What the command line of the benchmark calls it.
    pub name: String,
    /// What the table calls it.
    pub label: String,
    pub samples: Samples,
    program: Program,
    /// How often it runs in a round.
    per_round: u32,
    /// In which rounds it runs: every one, or fewer where it is slow.
    every: u32,
}

/// A database that is not empty.
pub struct Stored {
    pub database: PathBuf,
    pub parts: u64,
}

enum Program {
    Empty(PathBuf),
    /// Makes each event durable in the folder, which is emptied after each round.
    Durable {
        program: PathBuf,
        folder: PathBuf,
        events: u64,
    },
    Version(World),
    Node,
    /// A hook; after each round the spool of one that never drains is emptied.
    Hook {
        world: World,
        drains: bool,
        events: u64,
    },
    Rusqlite {
        root: PathBuf,
        database: PathBuf,
        events: u64,
    },
    /// The hook that git calls after a commit in `tree`; it never drains.
    PostCommit {
        world: World,
        tree: PathBuf,
    },
}

impl Case {
    fn new(name: &str, label: impl Into<String>, per_round: u32, program: Program) -> Self {
        let (name, label) = (name.to_owned(), label.into());
        Self { name, label, samples: Samples::default(), program, per_round, every: 1 }
    }

    /// Takes its times of one round.
    pub fn round(&mut self, round: u32) -> Fallible {
        if !round.is_multiple_of(self.every) {
            return Ok(());
        }
        for _ in 0..self.per_round {
            let (command, input) = self.program.next()?;
            self.samples.add(process::timed(command, input.as_deref())?);
        }
        match &self.program {
            Program::Durable { folder, .. } => clear(folder)?,
            Program::Hook { world, drains: false, .. } | Program::PostCommit { world, .. } => {
                clear(&world.spool())?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Program {
    /// The next process with its input, not started yet.
    fn next(&mut self) -> Fallible<(Command, Option<Vec<u8>>)> {
        Ok(match self {
            Self::Empty(path) => (Command::new(path), None),
            Self::Durable { program, folder, events } => {
                *events += 1;
                let mut command = Command::new(program);
                command.arg(folder);
                (command, Some(envelopes::event(*events)))
            }
            Self::Version(world) => (world.recount(["--version"]), None),
            Self::Node => {
                let mut command = Command::new("node");
                command.args(["-e", "0"]);
                (command, None)
            }
            Self::Hook { world, events, .. } => {
                *events += 1;
                (hook(world), Some(envelopes::event(*events)))
            }
            Self::Rusqlite { root, database, events } => {
                *events += 1;
                (by_rusqlite::command(root, database)?, Some(envelopes::event(*events)))
            }
            Self::PostCommit { world, tree } => {
                let mut command = world.recount(["hooks", "post-commit"]);
                // As git 2.47 calls it.
                command.current_dir(tree).env("GIT_DIR", ".git");
                (command, None)
            }
        })
    }
}

/// The hook as a plugin calls it.
pub fn hook(world: &World) -> Command {
    world.recount(["hooks", "conversation-trace"])
}

/// Thresholds that no case reaches.
const NEVER_DRAIN: &str = "[hooks]\ndrain_files = 100000\ndrain_bytes = 67108864\n";

/// Throws away what waits, so that a process that never drains finds what it would find in use: a
/// few files.
fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}

/// The empty process, which everything is compared with.
pub fn empty(root: &Path) -> Fallible<Case> {
    Ok(Case::new("empty", "empty Rust process", 4, Program::Empty(programs::empty(root)?)))
}

/// What the disk costs any hook that keeps what it was given.
pub fn durable(root: &Path) -> Fallible<Case> {
    let program = programs::durable(root)?;
    let folder = root.join("durable-files");
    fs::create_dir(&folder)?;
    let program = Program::Durable { program, folder, events: 0 };
    Ok(Case::new("durable", "a minimal program that makes the same bytes durable", 4, program))
}

/// The program where it has nothing to do.
pub fn version(root: &Path) -> Fallible<Case> {
    let world = World::new(root, "version", "")?;
    Ok(Case::new("version", "`recount --version`", 2, Program::Version(world)))
}

/// What a hook written in JavaScript would cost at least; `None` where there is no node.
pub fn node() -> Option<Case> {
    Command::new("node").arg("--version").output().ok()?;
    Some(Case { every: 10, ..Case::new("node", "`node -e 0`", 1, Program::Node) })
}

/// A hook that only spools.
pub fn spool(root: &Path) -> Fallible<Case> {
    let world = World::new(root, "spool", NEVER_DRAIN)?.with_database(None)?;
    let program = Program::Hook { world, drains: false, events: 0 };
    Ok(Case::new("spool", "hook, only spools", 4, program))
}

/// What a person waits for at each commit; `None` where there is no git.
pub fn post_commit(root: &Path) -> Fallible<Option<Case>> {
    if Command::new("git").arg("--version").output().is_err() {
        return Ok(None);
    }
    let world = World::new(root, "post-commit", "")?.with_database(None)?;
    let tree = root.join("post-commit-tree");
    fs::create_dir(&tree)?;
    git(&tree, &["init", "--quiet"])?;
    let person = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"];
    let commit = ["commit", "--quiet", "--allow-empty", "--message", "one"];
    git(&tree, &[&person[..], &commit].concat())?;
    let program = Program::PostCommit { world, tree };
    Ok(Some(Case::new("post-commit", "git's hook after a commit, only spools", 4, program)))
}

fn git(tree: &Path, arguments: &[&str]) -> Fallible {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(tree);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}

/// A hook that drains its own event, into an empty database or beside what `stored` holds.
pub fn drain(root: &Path, synchronous: &str, stored: Option<&Stored>) -> Fallible<Case> {
    let (suffix, beside) = stored.map_or(("", String::new()), |stored| {
        ("-large", format!(", {} parts stored", stored.parts))
    });
    let name = format!("drain-{synchronous}{suffix}");
    let label = format!("hook, drains its own event, {}{beside}", synchronous.to_uppercase());
    let settings = format!("[hooks]\ndrain_files = 1\n[store]\nsynchronous = \"{synchronous}\"\n");
    let database = stored.map(|stored| &*stored.database);
    let world = World::new(root, &name, &settings)?.with_database(database)?;
    Ok(Case::new(&name, label, 2, Program::Hook { world, drains: true, events: 0 }))
}

/// Hooks with the default settings, of which every so-many-th drains what the others have spooled.
pub fn share(root: &Path) -> Fallible<Case> {
    shared(root, "share", "hook, default settings: with its share of draining", "")
}

/// The same with another threshold.
pub fn sweep(root: &Path, drain_files: u32) -> Fallible<Case> {
    let label = format!("hook, with its share of a drain of {drain_files}");
    let settings = format!("[hooks]\ndrain_files = {drain_files}\n");
    shared(root, &format!("sweep-{drain_files}"), &label, &settings)
}

fn shared(root: &Path, name: &str, label: &str, settings: &str) -> Fallible<Case> {
    let world = World::new(root, name, settings)?.with_database(None)?;
    Ok(Case::new(name, label, 10, Program::Hook { world, drains: true, events: 0 }))
}

/// The small program on SQLite.
pub fn rusqlite(root: &Path) -> Fallible<Case> {
    let folder = root.join("rusqlite");
    fs::create_dir_all(&folder)?;
    let database = folder.join("record.db");
    by_rusqlite::create(&database)?;
    let program = Program::Rusqlite { root: root.to_owned(), database, events: 0 };
    Ok(Case::new("rusqlite", "the same by rusqlite, FULL", 2, program))
}
