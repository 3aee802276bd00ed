//! `/sessions`: the list, by what is known of each session.

use askama::Template;
use jiff::tz::TimeZone;
use report::{
    SessionFilter, Source,
    list::{ListedSession, SessionList, Sort, list},
    overall::{
        Scope,
        facets::{Facets, facets},
    },
};

use super::{
    Visit, filters,
    frame::Frame,
    narrow::{Choices, Narrow},
    page,
};
use crate::{answers::Ask, reply::Refusal};

/// Where it is; below it is each session.
pub(super) const PATH: &str = "/sessions";

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    frame: Frame,
    narrow: Narrow,
    zone: TimeZone,
    facets: Facets,
    list: SessionList,
}

pub(super) fn visit(mut visit: Visit) -> Result<Ask, Refusal> {
    let narrow = Narrow::of(&mut visit, "all")?;
    let Visit { path, parameters, now, zone, .. } = visit;
    let scope = parameters.list(now, &zone)?;
    let any = Scope::all(SessionFilter::default(), zone.clone());
    let ask = move |source: &Source<'_>| Ok((facets(source, &any)?, list(source, &scope)?));
    Ok(page(Frame::live(path), ask, move |frame, (facets, list)| SessionsPage {
        frame,
        narrow,
        zone,
        facets,
        list,
    }))
}

impl SessionsPage {
    fn sorts() -> [(&'static str, &'static str); 4] {
        [Sort::Activity, Sort::Created, Sort::Cost, Sort::Messages].map(|sort| {
            let label = match sort {
                Sort::Activity => "Last active first",
                Sort::Created => "Newest first",
                Sort::Cost => "Most expensive first",
                Sort::Messages => "Longest first",
            };
            (sort.as_str(), label)
        })
    }

    /// What a session is called: its title, else what the person said first, else its id.
    #[expect(clippy::unused_self, reason = "a template calls what its page has")]
    fn title<'s>(&self, session: &'s ListedSession) -> &'s str {
        let named = session.title.as_ref().or(session.opening.as_ref());
        named.unwrap_or(&session.session_id)
    }
}
