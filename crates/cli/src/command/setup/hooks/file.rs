//! The file with our hooks in it, as it is and as it is to be.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{self as hooks, Kind, Wanted};
use crate::{
    command::setup::{
        PRIVATE,
        change::{Change, Preview},
        file::Found,
        hint, wrong,
    },
    failure::Failure,
};

/// What is put behind the name of what was there before.
const BACKUP: &str = ".before-recount";

/// The changes that put these hooks into it, and no others of ours.
///
/// # Errors
/// It cannot be read, or is not what the agent reads.
pub fn with_hooks(path: &Path, kind: &Kind, wanted: &[Wanted]) -> Result<Vec<Change>, Failure> {
    let found = Found::look(path)?;
    let before = found.text()?;
    let has_ours = has_ours(&found, kind)?;
    let after = hooks::add(kind, before, wanted).map_err(|fault| wrong(&found, &fault))?;
    let backup = match before {
        Some(before) if !has_ours => Some(backup(&found, Some(before.as_bytes().to_vec()))?),
        _ => None,
    };
    Ok(backup.into_iter().chain([change(found, Some(after))]).collect())
}

/// The changes that take our hooks out of it.
///
/// # Errors
/// It cannot be read, or is not what the agent reads.
pub fn without_hooks(path: &Path, kind: &Kind) -> Result<Vec<Change>, Failure> {
    let found = Found::look(path)?;
    let Some(before) = found.text()? else { return Ok(vec![change(found, None)]) };
    let has_ours = has_ours(&found, kind)?;
    let after = if has_ours {
        hooks::remove(kind, before).map_err(|fault| wrong(&found, &fault))?
    } else {
        Some(before.to_owned())
    };
    // What somebody has linked to is not ours alone any more.
    let after = after.or_else(|| found.is_link().then(|| hooks::EMPTY.to_owned()));
    // A copy of what is there again says nothing.
    let mut backup = backup(&found, None)?;
    let is_copy = backup.found.content.as_deref() == after.as_deref().map(str::as_bytes);
    let backup = (has_ours && is_copy && after.is_some()).then(|| {
        backup.wanted = None;
        backup
    });
    Ok([change(found, after)].into_iter().chain(backup).collect())
}

/// Whether one of our hooks is in it.
///
/// # Errors
/// It is not what the agent reads.
pub fn has_ours(settings: &Found, kind: &Kind) -> Result<bool, Failure> {
    let Some(text) = settings.text()? else { return Ok(false) };
    hooks::is_in(kind, text).map_err(|fault| wrong(settings, &fault))
}

fn change(found: Found, wanted: Option<String>) -> Change {
    let wanted = wanted.map(String::into_bytes);
    // The folder may have been there before, empty: nobody knows, so it stays.
    Change { found, wanted, new_mode: PRIVATE, own_folders: 0, preview: Preview::Lines }
}

/// The copy beside the settings, readable for nobody who cannot read those.
fn backup(settings: &Found, wanted: Option<Vec<u8>>) -> Result<Change, Failure> {
    let name: OsString = [settings.path.as_os_str(), BACKUP.as_ref()].into_iter().collect();
    let found = Found::look(Path::new(&name))?.made_like(settings);
    Ok(Change { found, wanted, new_mode: PRIVATE, own_folders: 0, preview: Preview::Nothing })
}

/// Says where the hooks are, if they were to be taken from where they are not. It is no part of what was
/// asked for, so that what is wrong there is no failure. `command` sets the agent up.
pub fn hint_at_other_place(
    other: Result<PathBuf, Failure>,
    kind: &Kind,
    command: &str,
    project: bool,
) {
    let other = other.and_then(|path| Found::look(&path));
    if !other.and_then(|found| has_ours(&found, kind)).unwrap_or(false) {
        return;
    }
    hint(&if project {
        format!("they are there for all projects: `{command} --global --remove`")
    } else {
        format!("this project has them: `{command} --project --remove`")
    });
}
