//! `/sessions`: the list, by what is known of each session.

use askama::Template;
use jiff::tz::TimeZone;
use report::{
    Source,
    list::{ListedSession, SessionList, Sort, list},
    overall::facets::Facets,
};

use super::{
    Visit, all_facets, called, filters,
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
    let days = zone.clone();
    let ask = move |source: &Source<'_>| Ok((all_facets(source, days)?, list(source, &scope)?));
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

    fn title(session: &ListedSession) -> &str {
        called(session.title.as_deref(), session.opening.as_deref(), &session.session_id)
    }
}
