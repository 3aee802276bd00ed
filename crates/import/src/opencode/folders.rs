//! Sessions, messages and parts as JSON files, one each (`OpenCode` before 1.2).
//!
//! Identities are taken from the paths: `OpenCode` has moved files without changing what is in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde_json::value::RawValue;

use super::{
    Conversation, Conversations, Fault, Key, Row, RowKind, Session, Source, Want, mapping,
    mapping::Project, open_file, times,
};
use crate::{Reason, Skipped, batch::ITEM_BYTES_LIMIT, object::Object, reason_of};

/// A page has at most this many files …
const PAGE_FILES: usize = 500;
/// … and ends once they are this long.
const PAGE_BYTES: u64 = 4 << 20;

/// Folders of JSON files.
pub(super) struct Folders {
    root: PathBuf,
    layout: Layout,
    projects: BTreeMap<String, Project>,
    /// The file of each session, and its project.
    sessions: BTreeMap<String, (PathBuf, Option<String>)>,
    /// The files of the conversation that is being read.
    listed: Option<(Conversation, RowKind, Vec<Listed>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// `session/<project>/<session>`, `message/<session>/<message>`, `part/<message>/<part>`.
    AllProjects,
    /// `info/<session>`, `message/<session>/<message>`, `part/<session>/<message>/<part>`.
    OneProject,
}

/// A file of a message or part, or why a folder of them cannot be listed.
#[derive(Clone, Debug)]
struct Listed {
    path: PathBuf,
    message: String,
    state: Result<(i64, u64), Reason>,
}

impl Folders {
    pub fn of_all_projects(root: PathBuf) -> Self {
        Self::new(root, Layout::AllProjects)
    }

    pub fn of_one_project(root: PathBuf) -> Self {
        Self::new(root, Layout::OneProject)
    }

    fn new(root: PathBuf, layout: Layout) -> Self {
        let (projects, sessions) = (BTreeMap::new(), BTreeMap::new());
        Self { root, layout, projects, sessions, listed: None }
    }

    fn find_sessions(&mut self, skipped: &mut Vec<Skipped>) {
        match self.layout {
            Layout::OneProject => self.find_sessions_in(&self.root.join("info"), None, skipped),
            Layout::AllProjects => {
                for folder in or_skip(&self.root.join("session"), folders_in, skipped) {
                    let project = name_of(&folder);
                    self.find_sessions_in(&folder, Some(&project), skipped);
                }
            }
        }
    }

    fn find_sessions_in(
        &mut self,
        folder: &Path,
        project: Option<&str>,
        skipped: &mut Vec<Skipped>,
    ) {
        for file in or_skip(folder, json_files_in, skipped) {
            let project = project.map(str::to_owned);
            self.sessions.insert(name_of(&file), (file, project));
        }
    }

    fn project(&mut self, id: &str) -> Project {
        let file = self.root.join("project").join(format!("{id}.json"));
        let known = self.projects.entry(id.to_owned()).or_insert_with(|| {
            let json = read_file(&file).and_then(|json| Object::read(&json)).unwrap_or_default();
            Project { name: json.text("name"), worktree: json.text("worktree") }
        });
        known.clone()
    }

    /// Messages without a session's folder, by their parts.
    fn stray_messages(&self, skipped: &mut Vec<Skipped>) -> Vec<String> {
        if self.layout == Layout::OneProject {
            return Vec::new();
        }
        let sessions = folders_in(&self.root.join("message")).unwrap_or_default();
        let known = sessions.iter().flat_map(|session| json_files_in(session).unwrap_or_default());
        let known: BTreeSet<String> = known.map(|file| name_of(&file)).collect();
        let messages = or_skip(&self.root.join("part"), folders_in, skipped);
        let strays = messages.iter().map(|folder| name_of(folder));
        strays.filter(|message| !known.contains(message)).collect()
    }

    fn list(&self, conversation: &Conversation, kind: RowKind) -> Vec<Listed> {
        let mut listed = Vec::new();
        match (conversation, kind) {
            (Conversation::Session(id), RowKind::Message) => {
                list_into(&mut listed, &self.root.join("message").join(id), "");
            }
            (Conversation::Session(id), RowKind::Part) => {
                let parts = match self.layout {
                    Layout::AllProjects => self.root.join("part"),
                    Layout::OneProject => self.root.join("part").join(id),
                };
                for message in self.messages_of(id) {
                    list_into(&mut listed, &parts.join(&message), &message);
                }
            }
            (Conversation::Message(id), RowKind::Part) => {
                list_into(&mut listed, &self.root.join("part").join(id), id);
            }
            (Conversation::Message(_), RowKind::Message) => {}
        }
        listed
    }

    /// The messages of a session: those that are there, and of those that are not, the parts.
    fn messages_of(&self, session: &str) -> BTreeSet<String> {
        let files = json_files_in(&self.root.join("message").join(session)).unwrap_or_default();
        let mut messages: BTreeSet<String> = files.iter().map(|file| name_of(file)).collect();
        if self.layout == Layout::OneProject {
            let folders = folders_in(&self.root.join("part").join(session)).unwrap_or_default();
            messages.extend(folders.iter().map(|folder| name_of(folder)));
        }
        messages
    }

    fn session_item(&mut self, id: &str, session: &mut Session) {
        let Some((file, project_id)) = self.sessions.get(id).cloned() else { return };
        let read = modified_at(&file).and_then(|modified_at| {
            let info = read_file(&file).and_then(|json| Object::read(&json))?;
            Ok((info, modified_at))
        });
        match read {
            Ok((mut info, modified_at)) => {
                if let Some(project_id) = &project_id {
                    info.put("projectID", project_id);
                }
                let project = project_id.or_else(|| info.text("projectID"));
                let project = project.map(|id| self.project(&id)).unwrap_or_default();
                session.created_at = info.object("time").and_then(|time| time.integer("created"));
                let observed_at = times::newest(&info).unwrap_or(modified_at);
                session.items.push(mapping::session(id, info, &project, observed_at));
            }
            Err(reason) => session.skipped.push(skipped(&file, reason)),
        }
    }

    fn session_diff(&self, id: &str, session: &mut Session) {
        let file = self.root.join("session_diff").join(format!("{id}.json"));
        let Ok(modified_at) = modified_at(&file) else { return };
        let read = read_file(&file).and_then(|json| {
            let diffs: Box<RawValue> =
                serde_json::from_slice(&json).map_err(|_| Reason::from("is no JSON"))?;
            Ok(mapping::session_diff(id, &diffs, modified_at))
        });
        match read {
            Ok(item) => session.items.extend(item),
            Err(reason) => session.skipped.push(skipped(&file, reason)),
        }
    }
}

impl Source for Folders {
    fn size(&mut self) -> Result<u64, Fault> {
        Ok(["session", "message", "part", "info"]
            .map(|name| count_files(&self.root.join(name)))
            .iter()
            .sum())
    }

    fn conversations(&mut self) -> Result<Conversations, Fault> {
        let mut skipped = Vec::new();
        self.find_sessions(&mut skipped);
        let mut found = or_skip(&self.root.join("message"), folders_in, &mut skipped);
        found.extend(or_skip(&self.root.join("session_diff"), json_files_in, &mut skipped));
        if self.layout == Layout::OneProject {
            found.extend(or_skip(&self.root.join("part"), folders_in, &mut skipped));
        }
        let mut ids: BTreeSet<String> = found.iter().map(|path| name_of(path)).collect();
        ids.extend(self.sessions.keys().cloned());
        let strays = self.stray_messages(&mut skipped).into_iter().map(Conversation::Message);
        let all = ids.into_iter().map(Conversation::Session).chain(strays).collect();
        Ok(Conversations { all, skipped })
    }

    fn session(&mut self, conversation: &Conversation) -> Result<Session, Fault> {
        let mut session = Session::default();
        if let Conversation::Session(id) = conversation {
            self.session_item(id, &mut session);
            self.session_diff(id, &mut session);
        }
        Ok(session)
    }

    fn page(
        &mut self,
        conversation: &Conversation,
        kind: RowKind,
        after: &Key,
        want: Want,
    ) -> Result<Vec<Row>, Fault> {
        let is_listed = self
            .listed
            .as_ref()
            .is_some_and(|(of, listed, _)| of == conversation && *listed == kind);
        if !is_listed || *after == Key::START {
            self.listed = Some((conversation.clone(), kind, self.list(conversation, kind)));
        }
        let files = self.listed.as_ref().map_or(&[][..], |(_, _, files)| files);
        let first = usize::try_from(after.0).map_or(0, |last| last + 1);
        let (mut page, mut bytes) = (Vec::new(), 0);
        for (at, file) in files.iter().enumerate().skip(first).take(PAGE_FILES) {
            let row = file.row(at, want);
            bytes += row.bytes;
            page.push(row);
            if want == Want::Content && bytes > PAGE_BYTES {
                break;
            }
        }
        Ok(page)
    }
}

impl Listed {
    fn row(&self, at: usize, want: Want) -> Row {
        let (written_at, bytes) = self.state.clone().unwrap_or_default();
        let content = match (&self.state, want) {
            (Err(reason), _) => Err(reason.clone()),
            (Ok(_), Want::Version) => Err("was not read".into()),
            (Ok(_), Want::Content) => read_file(&self.path),
        };
        Row {
            key: Key(i64::try_from(at).unwrap_or(i64::MAX), String::new()),
            id: name_of(&self.path),
            message: self.message.clone(),
            created_at: None,
            written_at,
            bytes,
            content,
        }
    }
}

/// What is in a folder, unless it cannot be listed.
fn or_skip(
    folder: &Path,
    list: fn(&Path) -> Result<Vec<PathBuf>, Reason>,
    skipped: &mut Vec<Skipped>,
) -> Vec<PathBuf> {
    list(folder).unwrap_or_else(|reason| {
        skipped.push(self::skipped(folder, reason));
        Vec::new()
    })
}

/// The files of a folder, which need not be there.
fn list_into(listed: &mut Vec<Listed>, folder: &Path, message: &str) {
    let files = match json_files_in(folder) {
        Ok(files) => files.into_iter().map(|file| (state_of(&file), file)).collect(),
        Err(reason) => vec![(Err(reason), folder.to_owned())],
    };
    let message = message.to_owned();
    listed.extend(files.into_iter().map(|(state, path)| Listed {
        path,
        message: message.clone(),
        state,
    }));
}

/// The name without the ending: an identity.
fn name_of(path: &Path) -> String {
    let name = if path.extension().is_some_and(|extension| extension == "json") {
        path.file_stem()
    } else {
        path.file_name()
    };
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn json_files_in(folder: &Path) -> Result<Vec<PathBuf>, Reason> {
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    Ok(entries_in(folder)?.into_iter().filter(is_json).collect())
}

fn folders_in(folder: &Path) -> Result<Vec<PathBuf>, Reason> {
    Ok(entries_in(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

/// What is in a folder, by name; nothing in one that is not there.
fn entries_in(folder: &Path) -> Result<Vec<PathBuf>, Reason> {
    let reason = |error: io::Error| reason_of(&error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(reason)?,
    };
    let entries = entries.map(|entry| entry.map(|entry| entry.path()).map_err(reason));
    let mut entries: Vec<PathBuf> = entries.collect::<Result<_, _>>()?;
    entries.sort();
    Ok(entries)
}

/// How many files are below a folder that holds folders of them.
fn count_files(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => count_files(&entry.path()),
            Ok(_) | Err(_) => 1,
        })
        .sum()
}

/// When a file was written, and how long it is.
fn state_of(file: &Path) -> Result<(i64, u64), Reason> {
    let metadata = fs::metadata(file).map_err(|error| reason_of(&error))?;
    let modified = metadata.modified().map_err(|error| reason_of(&error))?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok((i64::try_from(since.as_millis()).unwrap_or(i64::MAX), metadata.len()))
}

fn modified_at(file: &Path) -> Result<i64, Reason> {
    state_of(file).map(|(modified_at, _)| modified_at)
}

fn read_file(path: &Path) -> Result<Vec<u8>, Reason> {
    let read = || {
        let mut content = Vec::new();
        let limit = ITEM_BYTES_LIMIT as u64;
        open_file(path)?.take(limit + 1).read_to_end(&mut content)?;
        if content.len() as u64 > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(content)
    };
    read().map_err(|error: io::Error| reason_of(&error))
}

fn skipped(file: &Path, reason: Reason) -> Skipped {
    Skipped { what: file.display().to_string(), reason }
}
