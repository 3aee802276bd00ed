//! The edits that may have led to commits.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use agent_trace::{Edit, EditScope, Origin, Told, git::Repository, patch};
use domain::{Model, UnixMs};
use store::{
    Holder, Trace, TraceSource,
    query::attribution::{
        edit_texts::{EditText, edit_texts},
        edits_known::{EditKnown, edits_below, edits_without_folder, edits_without_path},
        operations::{Untold, untold},
        traces::{traces, traces_of_patches},
    },
};

use super::{AttributionError, Known, found_elsewhere, paths::Paths, work::Asked};

/// How long before a commit its lines may have been written to its files.
const LOOK_BACK_MS: i64 = 90 * 24 * 60 * 60 * 1_000;

/// All that may have led to some commits.
pub(super) struct Material {
    edits: Vec<Candidate>,
    texts: HashMap<i64, EditText>,
    untold: Vec<(String, Vec<String>, Untold)>,
    /// What others recorded of the commits themselves, or of those of which they are copies.
    pub earlier: Vec<Trace>,
}

/// An edit, and what the repository may call its file.
struct Candidate {
    known: EditKnown,
    paths: Vec<String>,
}

impl Material {
    /// Reads it.
    pub fn load(
        holder: &Holder<'_>,
        repository: &Repository,
        asked: &[Asked<'_>],
        known: &Known,
        paths: &Paths,
    ) -> Result<Self, AttributionError> {
        let mut all = edits_without_folder(holder)?;
        let sessions: HashSet<&str> = paths.sessions().collect();
        all.retain(|edit| sessions.contains(edit.session_id.as_str()));
        for beginning in paths.beginnings() {
            all.extend(edits_below(holder, &beginning)?);
        }
        let mut edits: Vec<Candidate> = all
            .into_iter()
            .map(|known| Candidate {
                paths: paths.candidates(&known.session_id, &known.path),
                known,
            })
            .filter(|edit| asked.iter().any(|asked| edit.may_lead_to(asked)))
            .collect();
        let unnamed = edits_without_path(holder)?.into_iter();
        let unnamed = unnamed.filter(|edit| sessions.contains(edit.session_id.as_str()));
        edits.extend(unnamed.map(|known| Candidate { paths: Vec::new(), known }));
        edits.sort_by_key(|edit| edit.known.row);
        edits.dedup_by_key(|edit| edit.known.row);
        let rows: Vec<i64> = edits.iter().map(|edit| edit.known.row).collect();
        let texts = edit_texts(holder, &rows)?.into_iter();
        let mut untold = untold_changes(holder, asked, known, paths)?;
        // The sum of a message or session tells of it.
        untold.retain(|(session, paths, change)| {
            change.content.is_some() || !edits.iter().any(|edit| edit.sums_up(session, paths))
        });
        Ok(Self {
            edits,
            texts: texts.map(|text| (text.row, text)).collect(),
            untold,
            earlier: earlier(holder, repository, asked, known)?,
        })
    }

    /// The edits that may have led to one commit. A fork holds those of the session it came from again; each
    /// counts once, where it came first.
    pub fn edits(&self, asked: &Asked<'_>, known: &Known) -> Vec<Edit<'_>> {
        let mut edits = Vec::new();
        for candidate in self.edits.iter().filter(|edit| edit.may_lead_to(asked)) {
            let Some(text) = self.texts.get(&candidate.known.row) else { continue };
            edits.extend(candidate.edits(text, asked, known));
        }
        for (session, paths, untold) in &self.untold {
            let since = if untold.content.is_some() { asked.written_since() } else { asked.since };
            let is_in_time = untold.at > since && untold.at <= asked.until;
            if let Some(path) = asked.path_of(paths).filter(|_| is_in_time) {
                edits.push(edit_of_untold(session, path, untold, known));
            }
        }
        let created = |edit: &Edit<'_>| {
            let session = edit.origin.session_id.as_ref().and_then(|id| known.sessions.get(id));
            session.and_then(|session| session.created_at)
        };
        edits.sort_by_cached_key(|edit| (created(edit), edit.origin.session_id.clone()));
        let mut seen = HashSet::new();
        edits.retain(|edit| {
            let Origin { call_id, message_id, .. } = &edit.origin;
            let is_known = call_id.is_some() || message_id.is_some();
            let key = (edit.path.clone(), call_id.clone(), message_id.clone(), edit.scope);
            !is_known || seen.insert(key)
        });
        edits
    }
}

impl Asked<'_> {
    /// When the first edit of its own files may have been made.
    fn begin(&self) -> UnixMs {
        UnixMs::new(self.until.get().saturating_sub(LOOK_BACK_MS)).unwrap_or(UnixMs::EPOCH)
    }

    /// Since when what a tool wrote and no diff tells of, is looked for.
    fn written_since(&self) -> UnixMs {
        if self.is_copy { self.begin() } else { self.since }
    }
}

impl Candidate {
    /// Whether it tells of all that a session, or one prompt of it, did to a file.
    fn sums_up(&self, session: &str, paths: &[String]) -> bool {
        let is_wide = matches!(
            self.known.scope,
            Some(domain::EditScope::Message | domain::EditScope::Session)
        );
        is_wide
            && self.known.session_id == session
            && self.paths.iter().any(|path| paths.contains(path))
    }

    /// Whether it was made in time: long before, if it is of a file of the commit, else since the parents.
    fn may_lead_to(&self, asked: &Asked<'_>) -> bool {
        let Some(at) = self.known.at else { return true };
        if at > asked.until {
            return false;
        }
        let is_own = self.paths.is_empty() || asked.has_any_of(&self.paths);
        at > asked.since || is_own && at > asked.begin()
    }

    fn edits<'t>(&self, text: &'t EditText, asked: &Asked<'_>, known: &Known) -> Vec<Edit<'t>> {
        let scope = match self.known.scope {
            Some(domain::EditScope::Message | domain::EditScope::Session) => EditScope::Wide,
            Some(domain::EditScope::Call) | None => EditScope::Call,
        };
        let session = &self.known.session_id;
        let edit = |path: String, told: Told<'t>| Edit {
            id: format!("{session}/{}", text.edit_id),
            path,
            at_unix_ms: text.at.or(self.known.at).map_or(0, UnixMs::get),
            origin: origin(
                session,
                text.message_id.as_ref(),
                text.call_id.as_ref(),
                text.model.as_ref(),
                known,
            ),
            scope,
            is_mixed: false,
            told,
        };
        if text.is_taken_back {
            return Vec::new();
        }
        let diff = text.diff.as_deref().unwrap_or_default();
        let Ok(files) = patch::parse(diff.as_bytes()) else {
            let path = asked.path_of(&self.paths).map(str::to_owned);
            return path.map(|path| edit(path, Told::Nothing)).into_iter().collect();
        };
        // A row without a path holds a patch of several files, named as the work tree names them.
        let Some(path) = asked.path_of(&self.paths).or(self.paths.first().map(String::as_str))
        else {
            let files = files.into_iter();
            let edits = files
                .filter_map(|file| Some(edit(file.path()?.to_owned(), Told::Hunks(file.hunks))));
            return edits.collect();
        };
        let hunks = files.into_iter().flat_map(|file| file.hunks).collect();
        vec![edit(path.to_owned(), Told::Hunks(hunks))]
    }
}

/// Who made an edit.
fn origin(
    session_id: &str,
    message_id: Option<&String>,
    call_id: Option<&String>,
    model: Option<&Model>,
    known: &Known,
) -> Origin {
    let session = known.sessions.get(session_id);
    let agent = session.and_then(|session| session.agent.clone());
    let model = model
        .filter(|model| model.model_id.is_some())
        .or_else(|| session.and_then(|session| session.model.as_ref()));
    Origin {
        session_id: Some(session_id.to_owned()),
        message_id: message_id.cloned(),
        call_id: call_id.cloned(),
        model: model.and_then(|model| model_name(model, agent.as_deref())),
        agent,
        url: None,
    }
}

/// `provider/model`, as models.dev names them: agents that serve one provider's models do not name it.
fn model_name(model: &Model, agent: Option<&str>) -> Option<String> {
    let name = model.model_id.as_ref()?;
    let provider = model.provider_id.as_deref().or(match agent {
        Some("claude-code") => Some("anthropic"),
        Some("codex") => Some("openai"),
        Some("gemini") => Some("google"),
        _ => None,
    });
    Some(match provider {
        Some(provider) => format!("{provider}/{name}"),
        None => name.clone(),
    })
}

/// A change of which no diff tells: a file that was written is known by what the tool was given.
fn edit_of_untold<'u>(session: &str, path: &str, untold: &'u Untold, known: &Known) -> Edit<'u> {
    Edit {
        id: format!("{session}/untold:{}", untold.call_id.as_deref().unwrap_or_default()),
        path: path.to_owned(),
        at_unix_ms: untold.at.get(),
        origin: origin(
            session,
            untold.message_id.as_ref(),
            untold.call_id.as_ref(),
            untold.model.as_ref(),
            known,
        ),
        scope: EditScope::Call,
        is_mixed: false,
        told: untold.content.as_ref().map_or(Told::Nothing, |text| Told::Whole(text.as_bytes())),
    }
}

/// What sessions did to files of the commits without a diff that tells how.
fn untold_changes(
    holder: &Holder<'_>,
    asked: &[Asked<'_>],
    known: &Known,
    paths: &Paths,
) -> Result<Vec<(String, Vec<String>, Untold)>, AttributionError> {
    let Some(since) = asked.iter().map(Asked::written_since).min() else {
        return Ok(Vec::new());
    };
    let until = asked.iter().map(|asked| asked.until).max().unwrap_or(since);
    let mut changes = Vec::new();
    for session in paths.sessions() {
        let last = known.sessions.get(session).and_then(|session| session.last_activity_at);
        if last.is_some_and(|last| last <= since) {
            continue;
        }
        for change in untold(holder, session, since, until)? {
            let paths = paths.candidates(session, &change.path);
            if asked.iter().any(|asked| asked.has_any_of(&paths)) {
                changes.push((session.to_owned(), paths, change));
            }
        }
    }
    changes.sort_by(|a, b| (a.2.at, &a.0, &a.2.call_id).cmp(&(b.2.at, &b.0, &b.2.call_id)));
    Ok(changes)
}

/// What is recorded of the commits by others, of those that they replaced, and of those with the same patch.
fn earlier(
    holder: &Holder<'_>,
    repository: &Repository,
    asked: &[Asked<'_>],
    known: &Known,
) -> Result<Vec<Trace>, AttributionError> {
    let name = repository.name();
    let replaced: BTreeSet<String> =
        asked.iter().flat_map(|asked| known.replaced_by(&asked.commit.id)).collect();
    let replaced: Vec<String> = replaced.into_iter().collect();
    let patches: BTreeSet<String> =
        asked.iter().filter_map(|asked| asked.patch_id.clone()).collect();
    let patches: Vec<String> = patches.into_iter().collect();
    let mut found = traces(holder, &name, &replaced)?;
    found.extend(traces_of_patches(holder, &name, &patches)?);
    let earlier: BTreeMap<(String, TraceSource), Trace> =
        found.into_iter().map(|trace| ((trace.commit_id.clone(), trace.source), trace)).collect();
    let is_known = |id: &String| earlier.contains_key(&(id.clone(), TraceSource::Computed));
    let missing: Vec<String> = replaced.into_iter().filter(|id| !is_known(id)).collect();
    let elsewhere = found_elsewhere(holder, &name, &missing)?;
    let imported = known.imported.values().cloned();
    Ok(earlier.into_values().chain(imported).chain(elsewhere).collect())
}
