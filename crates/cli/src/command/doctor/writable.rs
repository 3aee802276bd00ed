//! Whether this user can write where events are to be stored; nothing is made to see that.

use std::{fs, io, path::Path};

use ::store::Location;
use report::health::{Check, Finding};
use rustix::fs::{Access, AtFlags, CWD, StatVfsMountFlags, accessat, statvfs};

const ADVICE: &str =
    "let this user write there, or name another file: `--database PATH` or `RECOUNT_DATABASE`";

/// What is there and cannot be written.
pub fn finding(location: &Location) -> Option<Finding> {
    let folders = [
        (Check::Database, location.folder().to_owned()),
        (Check::Spool, location.spool()),
        (Check::Quarantine, location.quarantine()),
    ];
    let files = [location.database().to_owned(), location.wal(), location.lock()];
    let files = files.map(|path| (Check::Database, path));
    let folders = folders.map(|place| (place, Access::WRITE_OK | Access::EXEC_OK));
    let files = files.map(|place| (place, Access::WRITE_OK | Access::READ_OK));
    let mut there = folders
        .into_iter()
        .chain(files)
        .filter(|((_, path), _)| fs::symlink_metadata(path).is_ok());
    there.find_map(|((check, path), access)| {
        Some(refused(check, &path, &try_access(&path, access).err()?))
    })
}

/// Why the folders of a database that are missing cannot be made.
pub fn finding_of_missing(database: &Path) -> Option<Finding> {
    let is_there = |path: &&Path| fs::symlink_metadata(path).is_ok();
    let there = database.ancestors().skip(1).find(is_there)?;
    if database.parent() == Some(there) && there.is_dir() {
        let found = format!("`{}` is a link that leads nowhere", database.display());
        return Some(Finding::failure(Check::Database, found).advised(ADVICE));
    }
    let error = can_hold_folders(there).err()?;
    Some(refused(Check::Database, there, &error))
}

fn can_hold_folders(folder: &Path) -> io::Result<()> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    try_access(folder, Access::WRITE_OK | Access::EXEC_OK)
}

fn refused(check: Check, path: &Path, error: &io::Error) -> Finding {
    let found = format!("nothing can be written to `{}`: {error}", path.display());
    Finding::failure(check, found).advised(ADVICE)
}

/// As whom the process acts.
fn try_access(path: &Path, access: Access) -> io::Result<()> {
    let mount = statvfs(path)?;
    if mount.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Err(io::ErrorKind::ReadOnlyFilesystem.into());
    }
    if is_of_the_kernel(path)? {
        return Err(io::Error::other("it is the kernel's, which takes no new files"));
    }
    Ok(accessat(CWD, path, access, AtFlags::EACCESS)?)
}

/// Where root may do everything and nobody can make a file.
#[cfg(target_os = "linux")]
fn is_of_the_kernel(path: &Path) -> io::Result<bool> {
    // `linux/magic.h`.
    const PROC: u64 = 0x9fa0;
    const SYS: u64 = 0x6265_6572;
    let kind = rustix::fs::statfs(path)?.f_type;
    Ok(u64::try_from(kind).is_ok_and(|kind| [PROC, SYS].contains(&kind)))
}

#[cfg(not(target_os = "linux"))]
fn is_of_the_kernel(_: &Path) -> io::Result<bool> {
    Ok(false)
}
