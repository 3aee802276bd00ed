//! Claude Code 2.1.328: `projects/<folder>/<session>.jsonl`, where each sign of the project's path that
//! is neither letter nor digit is a `-`; it finds a session only from that folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::agent::{Agent, Found, Wanted, folders_in, is_uuid};
use crate::{environment::Environment, transcripts::CLAUDE};

/// `cleanupPeriodDays`, where nobody sets it.
const KEPT_DAYS: u32 = 30;

/// A longer name of a folder ends in a digest.
const NAME_LIMIT: usize = 200;

pub const AGENT: Agent = Agent {
    name: CLAUDE,
    title: "Claude Code",
    program: "claude",
    is_id: is_uuid,
    look,
    kept_days: |environment| Some(kept_days(environment).unwrap_or(KEPT_DAYS)),
    // Hooks tell how it began; its transcripts do not.
    has_told: |session| session.source.value().or(session.status.value()).is_some(),
    word: None,
    resume: |id| vec!["--resume".to_owned(), id.to_owned()],
    begin: |prompt, _| vec![prompt.to_owned()],
    harms: false,
};

fn look(environment: &Environment, wanted: &Wanted) -> Found {
    let Some(folder) = &environment.claude_folder else {
        return Found::Unknown("there is no home folder".to_owned());
    };
    let name = format!("{}.jsonl", wanted.id);
    let projects = folders_in(&folder.join("projects"));
    let mut files = projects.map(|project| project.join(&name)).filter(|file| file.is_file());
    let Some(file) = files.next() else { return Found::Gone };
    let folder = wanted.folder.as_deref().and_then(|folder| folder_of(&file, folder));
    Found::There { folder, file: Some(file) }
}

/// Of a folder and those above it, the one that the transcript lies with: a session may have gone on
/// below the folder that it began in.
fn folder_of(file: &Path, folder: &Path) -> Option<PathBuf> {
    let name = file.parent()?.file_name()?.to_str()?;
    let is_it = |folder: &&Path| {
        let real = fs::canonicalize(folder).ok();
        let paths = [Some(folder.to_path_buf()), real];
        paths.into_iter().flatten().any(|path| is_name_of(name, &path))
    };
    folder.ancestors().find(is_it).map(Path::to_path_buf)
}

fn is_name_of(name: &str, folder: &Path) -> bool {
    let units = folder.to_str().into_iter().flat_map(str::encode_utf16);
    let encoded = units.map(|unit| {
        let sign = char::from_u32(unit.into()).filter(char::is_ascii_alphanumeric);
        sign.unwrap_or('-')
    });
    let encoded: String = encoded.collect();
    match encoded.get(..NAME_LIMIT) {
        Some(begin) if encoded.len() > NAME_LIMIT => name.starts_with(begin),
        Some(_) | None => name == encoded,
    }
}

fn kept_days(environment: &Environment) -> Option<u32> {
    let file = environment.claude_folder.as_ref()?.join("settings.json");
    let settings: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    u32::try_from(settings["cleanupPeriodDays"].as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_by_the_name_that_claude_code_makes_of_it() {
        let long = format!("/{}", "a/".repeat(150));
        let begin = format!("{}-1x2y", "-a".repeat(100));
        let cases = [
            ("-home-dev-demo", "/home/dev/demo", Some("/home/dev/demo")),
            ("-home-dev-demo", "/home/dev/demo/sub/folder", Some("/home/dev/demo")),
            ("-home-dev-my-p-j", "/home/dev/my.p_j", Some("/home/dev/my.p_j")),
            ("-h----", "/h/\u{1f600}x/..", None),
            ("-h----", "/h/\u{1f600}_", Some("/h/\u{1f600}_")),
            ("-other", "/home/dev/demo", None),
            (&begin, &long, Some(&long)),
        ];
        for (name, folder, expected) in cases {
            let file = Path::new("/p").join(name).join("x.jsonl");
            let found = folder_of(&file, Path::new(folder));
            assert_eq!(found.as_deref(), expected.map(Path::new), "{folder}");
        }
    }
}
