//! `/sessions/{id}`: one conversation, read as a conversation, a window of it at a time.

mod card;
mod diff;
mod export;
mod fold;
mod loaded;
mod map;
mod markdown;
mod resume;
mod talk;
mod window;

use std::{collections::HashMap, fmt::Write as _};

use askama::Template;
use domain::{Model, Session};
use jiff::tz::TimeZone;
use report::{
    plain::{Keep, escape},
    session::{
        commits::{CommitDetail, commits},
        story::Story,
    },
};
use store::query::revision::revision;

pub(crate) use self::export::EXPORTS;
use self::{
    loaded::Loaded,
    map::Mark,
    talk::Talk,
    window::{Wanted, Window},
};
use super::{
    Visit, filters,
    frame::Frame,
    lines::{commit_url, short},
    sessions, text,
};
use crate::{answers::Ask, reply::Refusal};

#[derive(Template)]
#[template(path = "session.html")]
struct SessionPage<'s> {
    frame: Frame,
    zone: &'s TimeZone,
    story: &'s Story<'s>,
    session: &'s Session,
    title: String,
    window: &'s Window,
    map: Vec<Mark>,
    commits: Vec<CommitDetail>,
    talk: Talk<'s>,
}

/// So many commits are seen at once.
const SEEN_COMMITS: usize = 5;

/// How long a title is at most that is made of what the person asked first.
const TITLE_CHARACTERS: usize = 120;

pub(super) fn visit(visit: Visit) -> Result<Ask, Refusal> {
    let id = visit.session()?;
    let Visit { mut parameters, zone, .. } = visit;
    let wanted = Wanted::of(&mut parameters)?;
    parameters.end()?;
    Ok(Box::new(move |source| {
        let mut frame = Frame::of(sessions::PATH);
        frame.revision = revision(source.holder)?;
        let loaded = Loaded::read(source, &id, &wanted)?;
        let commits = commits(source, &id)?.details;
        frame.live = loaded.ids().map(|id| encoded(id.as_str())).collect::<Vec<_>>().join(" ");
        Ok(Box::new(move || {
            let story = loaded.material.story();
            text(&SessionPage::of(frame, &loaded, &story, commits, &zone))
        }))
    }))
}

impl<'s> SessionPage<'s> {
    fn of(
        frame: Frame,
        loaded: &'s Loaded,
        story: &'s Story<'s>,
        commits: Vec<CommitDetail>,
        zone: &'s TimeZone,
    ) -> Self {
        let window = &loaded.window;
        Self {
            frame,
            zone,
            story,
            session: story.session,
            title: title(story),
            window,
            map: map::marks(story, window),
            commits,
            talk: Talk::of(loaded, story, zone, String::new()),
        }
    }

    fn agent(&self) -> &str {
        self.session.agent.value().map_or("unknown agent", domain::Agent::as_str)
    }

    fn model(&self) -> Option<String> {
        self.session.model.value().map(Model::to_string)
    }

    fn resume(&self) -> String {
        resume::command(self.session.session_id.as_str())
    }

    /// Where it is as a file.
    fn export(&self, form: &str) -> String {
        format!("{}/export.{form}", url(self.session.session_id.as_str()))
    }

    #[expect(clippy::unused_self, reason = "a template calls what its page has")]
    fn url(&self, session: &str) -> String {
        url(session)
    }

    /// Those of its commits that are seen at once, and the others.
    fn commits(&self) -> [&[CommitDetail]; 2] {
        let (seen, rest) = self.commits.split_at(self.commits.len().min(SEEN_COMMITS));
        [seen, rest]
    }

    #[expect(clippy::unused_self, reason = "a template calls what its page has")]
    fn commit(&self, commit: &CommitDetail) -> String {
        commit_url(&commit.repository, &commit.commit_id)
    }

    fn began_at(&self) -> Option<i64> {
        self.session.created_at.0.map(domain::UnixMs::get)
    }

    fn last_active_at(&self) -> Option<i64> {
        self.session.last_activity_at.0.map(domain::UnixMs::get)
    }
}

/// What a session is called: its title, else the begin of what was asked first, else its id.
fn title(story: &Story<'_>) -> String {
    let given = story.session.title.value().map(String::as_str);
    let opening = || story.opening.map(|opening| first_line(opening, TITLE_CHARACTERS));
    let title = given.map(|title| escape(title, Keep::Nothing).into_owned()).or_else(opening);
    title.unwrap_or_else(|| story.session.session_id.to_string())
}

/// The first line of a text that says anything, cut to so many characters.
fn first_line(text: &str, characters: usize) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = escape(line, Keep::Nothing);
    match line.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

/// An id as it stands in an attribute of words parted by blanks, and in a URL.
fn encoded(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The page of a session.
fn url(session: &str) -> String {
    format!("{}/{}", sessions::PATH, encoded(session))
}

/// The page of a session, at one of its messages where one is named.
pub(super) fn message_url(session: &str, message: Option<&str>) -> String {
    let Some(message) = message else { return url(session) };
    format!("{}?message={}#{}", url(session), encoded(message), anchor('m', "", message))
}

/// The name by which a thing can be linked to: what would need an escape in a URL or in an attribute is
/// told by its bytes.
fn anchor(kind: char, scope: &str, id: &str) -> String {
    let mut anchor = format!("{kind}-{scope}");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            anchor.push(char::from(byte));
        } else {
            let _ = write!(anchor, "~{byte:02x}");
        }
    }
    anchor
}

type Below = HashMap<String, Loaded>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_holds_nothing_that_a_url_or_an_attribute_would_change() {
        let cases = [
            ("msg_1-a.b", "m-msg_1-a.b"),
            ("a b", "m-a~20b"),
            ("a~b", "m-a~7eb"),
            ("\"><é", "m-~22~3e~3c~c3~a9"),
        ];
        for (id, expected) in cases {
            assert_eq!(anchor('m', "", id), expected, "{id}");
        }
    }

    #[test]
    fn a_title_is_the_first_line_that_says_anything() {
        assert_eq!(first_line("\n  \n  one\ntwo", 10), "one");
        assert_eq!(first_line("éééé", 2), "éé…");
        assert_eq!(first_line("a\u{202e}b", 10), "a\\u{202e}b");
        assert_eq!(first_line("", 10), "");
    }
}
