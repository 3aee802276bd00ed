//! The pages: the record as a person reads it.
//!
//! A page asks the same questions as the API and works nothing out anew. It is one template, one
//! handler, and one row in [`PAGES`].

mod analytics;
mod blame;
mod commit;
mod files;
mod filters;
mod frame;
mod lines;
mod narrow;
mod refused;
mod search;
mod session;
mod sessions;
mod settings;

use askama::Template;
use domain::{SessionId, UnixMs};
use jiff::tz::TimeZone;
use report::{
    ReportError, SessionFilter, Source,
    overall::{
        Scope,
        facets::{Facets, facets},
    },
};
use store::query::revision::revision;

use self::frame::{Frame, Menu};
pub(crate) use self::{
    refused::{html, refused},
    session::EXPORTS,
};
use crate::{
    AskInstallation, Links,
    answers::{Ask, AskBeside},
    parameters::Parameters,
    reply::Refusal,
    routes::session_id,
};

/// One page.
pub(crate) struct Page {
    /// Where it is.
    pub path: &'static str,
    /// Its place in the navigation; some pages are reached from others.
    menu: Option<Menu>,
    /// What it asks, and how it shows that.
    pub show: Show,
}

#[cfg(test)]
impl Page {
    /// Whether the navigation leads to it.
    pub fn is_of_menu(&self) -> bool {
        self.menu.is_some()
    }
}

/// What a page asks, and how it shows that.
pub(crate) enum Show {
    /// The record.
    Record(fn(Visit) -> Result<Ask, Refusal>),
    /// The record and git, beside the lease.
    Beside(fn(Visit) -> Result<AskBeside, Refusal>),
}

/// Every page, in the order of the navigation.
pub(crate) const PAGES: &[Page] = &[
    Page {
        path: sessions::PATH,
        menu: Some(Menu::head("Sessions", 's')),
        show: record(sessions::visit),
    },
    Page { path: "/sessions/{id}", menu: None, show: record(session::visit) },
    Page { path: "/search", menu: Some(Menu::head("Search", 'e')), show: record(search::visit) },
    Page { path: files::PATH, menu: Some(Menu::head("Files", 'f')), show: record(files::visit) },
    Page { path: blame::PATH, menu: None, show: Show::Beside(blame::visit) },
    Page { path: "/commits/{id}", menu: None, show: Show::Beside(commit::visit) },
    Page {
        path: "/analytics",
        menu: Some(Menu::foot("Analytics", 'a')),
        show: record(analytics::visit),
    },
    Page {
        path: "/settings",
        menu: Some(Menu::foot("Settings", ',')),
        show: record(settings::visit),
    },
];

const fn record(visit: fn(Visit) -> Result<Ask, Refusal>) -> Show {
    Show::Record(visit)
}

/// Where one is sent who names no page.
pub(crate) const FIRST: &str = PAGES[0].path;

/// One visit to a page.
pub(crate) struct Visit {
    /// The page.
    pub path: &'static str,
    /// What it is about, where it is about one thing.
    pub id: Option<String>,
    /// What narrows it down.
    pub parameters: Parameters,
    /// What time it is, in whole minutes, so that a page stays the same for one.
    pub now: UnixMs,
    /// The time zone of days.
    pub zone: TimeZone,
    /// How the record is kept.
    pub installation: AskInstallation,
    /// How records of commits link to conversations.
    pub links: Links,
}

impl Visit {
    /// The session that it is about.
    fn session(&self) -> Result<SessionId, Refusal> {
        session_id(self.id.clone().ok_or_else(Refusal::internal)?)
    }
}

/// Asks, and fills the template once the lease is given back.
fn page<A: Send + 'static, T: Template>(
    mut frame: Frame,
    ask: impl FnOnce(&Source<'_>) -> Result<A, ReportError> + Send + 'static,
    show: impl FnOnce(Frame, A) -> T + Send + 'static,
) -> Ask {
    Box::new(move |source| {
        frame.revision = revision(source.holder)?;
        let answer = ask(source)?;
        Ok(Box::new(move || text(&show(frame, answer))))
    })
}

/// What a session is called: its title, else what the person said first, else its id.
fn called<'s>(title: Option<&'s str>, opening: Option<&'s str>, id: &'s str) -> &'s str {
    title.or(opening).unwrap_or(id)
}

/// All by which a page can be narrowed down.
fn all_facets(source: &Source<'_>, zone: TimeZone) -> Result<Facets, ReportError> {
    facets(source, &Scope::all(SessionFilter::default(), zone))
}

fn text(template: &impl Template) -> String {
    template.render().expect("nothing in a template can fail")
}
