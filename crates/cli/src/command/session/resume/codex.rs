//! Codex CLI 0.169.0: `sessions/<year>/<month>/<day>/rollout-<time>-<session>.jsonl`.

use super::agent::{Agent, Found, Wanted, entries, folders_in, is_uuid};
use crate::environment::Environment;

pub const AGENT: Agent = Agent {
    name: "codex",
    title: "Codex",
    program: "codex",
    is_id: is_uuid,
    look,
    kept_days: |_| None,
    // Nothing of it is imported.
    has_told: |_| true,
    word: Some("exec"),
    resume: |id| vec!["resume".to_owned(), id.to_owned()],
    begin: |prompt, _| vec![prompt.to_owned()],
    harms: false,
};

fn look(environment: &Environment, wanted: &Wanted) -> Found {
    let Some(folder) = &environment.codex_folder else {
        return Found::Unknown("there is no home folder".to_owned());
    };
    let end = format!("-{}.jsonl", wanted.id);
    let days = folders_in(&folder.join("sessions"))
        .flat_map(|year| folders_in(&year))
        .flat_map(|month| folders_in(&month));
    let mut rollouts = days.flat_map(|day| entries(&day)).filter(|file| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("rollout-") && name.ends_with(&end) && file.is_file()
    });
    rollouts.next().map_or(Found::Gone, Found::file)
}
