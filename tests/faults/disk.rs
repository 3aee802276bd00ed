//! Folders and files that cannot be written to, and a disk without room.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use super::Desk;
use crate::support::{TestEnvironment, say, set_mode};

fn data_folder(desk: &Desk) -> PathBuf {
    desk.environment.default_database().parent().expect("it has one").to_owned()
}

#[test]
fn where_nothing_can_be_written_a_hook_says_that_nothing_is_safe() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let mut desk = Desk::at(environment);
    set_mode(&desk.environment.home(), 0o555);
    assert!(!desk.hand_over());
    set_mode(&desk.environment.home(), 0o755);
    desk.hand_over_well(3);
    for (path, name) in [(desk.environment.spool(), "spool"), (data_folder(&desk), "folder")] {
        // The folder is opened again below, so the database is as whole as before.
        set_mode(&path, 0o555);
        let is_safe = desk.hand_over();
        assert_eq!(is_safe, name == "folder", "the spool is all that a hook needs");
        set_mode(&path, 0o755);
    }
    desk.settle();
}

#[test]
fn a_piece_that_cannot_be_put_aside_stays_in_the_spool() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let mut desk = Desk::at(environment);
    desk.hand_over_well(1);
    set_mode(&desk.environment.quarantine(), 0o555);
    desk.hand_over_well(3);
    let drained = desk.run(&["spool", "drain"]).ends_with(74);
    drained.complains("quarantine`: Permission denied").complains("hint: ");
    set_mode(&desk.environment.quarantine(), 0o755);
    desk.settle();
}

#[test]
fn a_database_that_cannot_be_written_to_stops_readers_and_no_hook() {
    let Some(environment) = TestEnvironment::of_a_plain_user() else { return };
    let mut desk = Desk::at(environment);
    desk.hand_over_well(1);
    set_mode(&desk.environment.default_database(), 0o444);
    desk.hand_over_well(3);
    for command in [&["session", "list"][..], &["spool", "drain"], &["db", "check"]] {
        let database = desk.environment.default_database().display().to_string();
        let refused = desk.run(command).ends_with(74);
        refused.complains(&format!("recount: cannot open `{database}`: permission denied\nhint: "));
    }
    assert_eq!(desk.environment.spooled().len(), 3);
    set_mode(&desk.environment.default_database(), 0o600);
    desk.settle();
}

/// A small disk of its own, taken away with it.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// `None`, with a word, where nothing may be mounted.
    fn mount(path: &Path) -> Option<Self> {
        fs::create_dir_all(path).expect("a new folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(path)
            .output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self { path: path.to_owned() });
        }
        say("skipped: no disk can be mounted");
        None
    }

    fn grow(&self) {
        let grown =
            Command::new("mount").args(["-o", "remount,size=200m"]).arg(&self.path).status();
        assert!(grown.expect("it was there before").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(&self.path).status();
        assert!(unmounted.expect("it was there before").success());
    }
}

#[test]
fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let mut desk = Desk::new();
    let Some(disk) = SmallDisk::mount(&data_folder(&desk)) else { return };
    for refused in 1..=10 {
        let until_refused = (0..10_000).take_while(|_| desk.hand_over()).count();
        assert!(until_refused < 10_000, "{refused}: the disk is full some day");
    }
    for command in [&["session", "list"][..], &["spool", "drain"], &["db", "check"]] {
        let finished = desk.run(command);
        assert!(matches!(finished.code, Some(0 | 74)), "{finished:#?}");
        assert_eq!(finished.stderr.contains("hint: "), finished.code == Some(74), "{finished:#?}");
    }
    disk.grow();
    desk.hand_over_well(3);
    desk.settle();
}

#[test]
fn a_disk_without_room_for_a_copy_is_not_filled_with_one() {
    let mut desk = Desk::new();
    let folder = data_folder(&desk);
    let Some(_disk) = SmallDisk::mount(&folder) else { return };
    desk.hand_over_well(3);
    desk.run(&["db", "check"]).ends_with(0);
    let filler = fs::File::create(folder.join("filler")).expect("a new file");
    let fits = |_: &usize| (&filler).write_all(&[0; 1_000]).is_ok();
    let bytes = (0..1_000_000).take_while(fits).count() * 1_000;
    filler.set_len(bytes as u64 - 200_000).expect("it is ours");
    let refused = desk.run(&["db", "compact"]).ends_with(74);
    refused.complains(" are free\nhint: make room on that disk");
    assert_eq!(fs::read_dir(&folder).expect("a folder").filter(is_copy).count(), 0);
    drop(filler);
    fs::remove_file(folder.join("filler")).expect("it is ours");
    desk.run(&["db", "compact"]).ends_with(0);
    desk.settle();
}

fn is_copy(entry: &io::Result<fs::DirEntry>) -> bool {
    let name = entry.as_ref().expect("an entry").file_name();
    name.to_string_lossy().contains("compacted")
}
