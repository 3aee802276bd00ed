//! What agents call files, and what the repository calls them.

use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
};

use agent_trace::git::Repository;

use super::{AttributionError, Known};

/// How the files of a repository may be named.
pub(super) struct Paths {
    /// Folders, as somebody names them, with where they lie from the top of the repository on.
    folders: Vec<(PathBuf, PathBuf)>,
    /// The folder that each session works in.
    projects: HashMap<String, PathBuf>,
}

impl Paths {
    /// Those of a repository: its work trees, those in which commits were made, and folders of sessions that
    /// lead into one of these by a link.
    pub fn of(repository: &Repository, known: &Known) -> Result<Self, AttributionError> {
        let mut tops = repository.tops()?;
        tops.extend(known.told.worktrees.iter().map(PathBuf::from));
        let mut folders: Vec<(PathBuf, PathBuf)> =
            tops.iter().map(|top| (top.clone(), PathBuf::new())).collect();
        let mut projects = HashMap::new();
        for session in known.sessions.values() {
            let own = |id: &str| known.sessions.get(id)?.project_path.clone();
            let started_by = known.started_by(&session.session_id);
            let project =
                session.project_path.clone().or_else(|| started_by.iter().find_map(|id| own(id)));
            let Some(project) = project.map(PathBuf::from) else { continue };
            if !folders.iter().any(|(folder, _)| project.starts_with(folder))
                && let Ok(real) = project.canonicalize()
                && let Some(below) = tops.iter().find_map(|top| real.strip_prefix(top).ok())
            {
                folders.push((project.clone(), below.to_owned()));
            }
            projects.insert(session.session_id.clone(), project);
        }
        // The folder that says most comes first.
        folders.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.as_os_str().len()));
        folders.dedup();
        Ok(Self { folders, projects })
    }

    /// The folders, each as a beginning of paths.
    pub fn beginnings(&self) -> Vec<String> {
        let folders = self.folders.iter().map(|(folder, _)| folder.to_string_lossy());
        folders.map(|folder| format!("{}/", folder.trim_end_matches('/'))).collect()
    }

    /// The sessions that work in the repository.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        let is_in = |project: &Path| {
            self.folders
                .iter()
                .any(|(folder, _)| project.starts_with(folder) || folder.starts_with(project))
        };
        let projects = self.projects.iter().filter(move |(_, project)| is_in(project));
        projects.map(|(session, _)| session.as_str())
    }

    /// What the repository may call a file that a session names, the likeliest first; none where the file is
    /// not in the repository.
    pub fn candidates(&self, session_id: &str, path: &str) -> Vec<String> {
        let path = Path::new(path);
        if path.is_absolute() {
            return self.below(path).into_iter().collect();
        }
        let Some(project) = self.projects.get(session_id) else { return Vec::new() };
        let Some(joined) = self.below(&project.join(path)) else { return Vec::new() };
        let mut candidates = vec![joined];
        // OpenCode names files from the top of the work tree on, wherever it was started.
        candidates.extend(plain(path).filter(|path| !candidates.contains(path)));
        candidates
    }

    fn below(&self, path: &Path) -> Option<String> {
        let path = PathBuf::from(plain(path)?);
        let (rest, below) = self
            .folders
            .iter()
            .find_map(|(folder, below)| Some((path.strip_prefix(folder).ok()?, below)))?;
        plain(&below.join(rest)).filter(|path| !path.is_empty())
    }
}

/// A path without `.` and `..`; none where it leads out of where it begins.
pub(super) fn plain(path: &Path) -> Option<String> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !plain.pop() {
                    return None;
                }
            }
            other => plain.push(other),
        }
    }
    Some(plain.to_string_lossy().into_owned())
}
