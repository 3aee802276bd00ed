//! Which session a person means: the whole id, or as much of it as tells it from all others.

use ::store::{
    Holder,
    query::session_ids::{latest_sessions, sessions_beginning_with},
};
use domain::SessionId;
use strsim::damerau_levenshtein;

use crate::{
    command::store::failure,
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, escape},
};

/// How many sessions are named where an id may mean several.
const SHOWN: u32 = 5;
/// How many are looked at for one that is written alike.
const LOOKED_AT: u32 = 1_000;
/// Ids that differ in more than a third of their characters are not alike.
const ALIKE: usize = 3;

const LIST_HINT: &str = "`recount session list` says which there are";

/// The session that a text names or begins.
///
/// # Errors
/// None does, or several do; the failure says which come near.
pub fn session(holder: &Holder<'_>, text: &str) -> Result<SessionId, Failure> {
    // As a narrow terminal shows it.
    let text = text.strip_suffix('…').unwrap_or(text);
    SessionId::new(text).map_err(|error| {
        Failure::new(ExitCode::Usage, format!("the session id {error}")).hint(LIST_HINT)
    })?;
    match beginning_with(holder, text)? {
        Some(session) => Ok(session),
        None => Err(unknown(holder, text)?),
    }
}

/// The session that a text names, or that alone begins with it.
///
/// # Errors
/// Several do; the failure says which.
pub fn beginning_with(holder: &Holder<'_>, text: &str) -> Result<Option<SessionId>, Failure> {
    let found =
        sessions_beginning_with(holder, text, SHOWN + 1).map_err(|error| failure(&error))?;
    let id = match &found[..] {
        [] => return Ok(None),
        [only] => only,
        [first, ..] if first == text => first,
        several => return Err(ambiguous(text, several)),
    };
    Ok(Some(SessionId::new(id.as_str()).expect("a stored id is not empty")))
}

fn ambiguous(text: &str, several: &[String]) -> Failure {
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let names: Vec<_> = several.iter().take(shown).map(|id| named(id)).collect();
    let more = if several.len() > shown { " and more" } else { "" };
    Failure::new(ExitCode::NotFound, format!("{} begins several sessions", named(text)))
        .hint(format!("write more of it: {}{more}", names.join(", ")))
}

/// Says that no session has that id, and which one is written alike.
///
/// # Errors
/// The store failed.
pub fn unknown(holder: &Holder<'_>, text: &str) -> Result<Failure, Failure> {
    let latest = latest_sessions(holder, LOOKED_AT).map_err(|error| failure(&error))?;
    let distance = |id: &String| damerau_levenshtein(id, text);
    let near = latest.iter().min_by_key(|id| distance(id));
    let near = near.filter(|id| distance(id) <= text.chars().count() / ALIKE);
    let failure =
        Failure::new(ExitCode::NotFound, format!("session {} is not in the record", named(text)));
    Ok(match near {
        Some(near) => failure.hint(format!("did you mean {}?", named(near))),
        None => failure.hint(LIST_HINT),
    })
}

fn named(id: &str) -> String {
    format!("`{}`", escape(id, Keep::Nothing))
}
