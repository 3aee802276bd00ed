//! OpenCode 1.18.33: rows of its database, whatever folder it is asked from.

use std::path::Path;

use ::import::{Reason, opencode::Store};

use super::agent::{Agent, Found, Wanted};
use crate::environment::Environment;

/// Its ids have 30 signs; more is none of them.
const ID_LIMIT: usize = 64;

pub const AGENT: Agent = Agent {
    name: "opencode",
    title: "OpenCode",
    program: "opencode",
    is_id,
    look,
    kept_days: |_| None,
    // Only its plugin tells how a session is.
    has_told: |session| session.status.value().is_some(),
    word: Some("run"),
    resume: |id| vec!["--session".to_owned(), id.to_owned()],
    begin: |prompt, follows_word| {
        let option = (!follows_word).then(|| "--prompt".to_owned());
        option.into_iter().chain([prompt.to_owned()]).collect()
    },
    harms: false,
};

fn is_id(text: &str) -> bool {
    text.strip_prefix("ses_").is_some_and(|rest| {
        (1..=ID_LIMIT).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn look(environment: &Environment, wanted: &Wanted) -> Found {
    let place = environment.opencode_database.as_ref().or(environment.opencode_folder.as_ref());
    let Some(place) = place else {
        return Found::Unknown("there is no home folder".to_owned());
    };
    match has_session(place, &wanted.id) {
        Ok(true) => Found::There { folder: None, file: None },
        Ok(false) => Found::Gone,
        Err(reason) => Found::Unknown(format!("`{}` {reason}", place.display())),
    }
}

fn has_session(place: &Path, id: &str) -> Result<bool, Reason> {
    if !place.exists() {
        return Ok(false);
    }
    let stores = Store::at(place).map_err(|error| ::import::reason_of(&error))?;
    let mut fault = None;
    for store in stores {
        match store.has_session(id) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(reason) => fault = Some(reason),
        }
    }
    fault.map_or(Ok(false), Err)
}
