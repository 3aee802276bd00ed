//! `/files`: the files that agents changed, those with most changes first.

mod spark;

use askama::Template;
use jiff::tz::TimeZone;
use report::{
    Source,
    overall::{
        OverallQuestion,
        facets::Facets,
        files::{FileSession, HotFile, HotFiles, files},
    },
};

use self::spark::{Axis, Spark};
use super::{
    Visit, all_facets, called, filters,
    frame::Frame,
    narrow::{Choices, Narrow},
    page,
    session::message_url,
    sessions,
};
use crate::{answers::Ask, reply::Refusal};

/// Where it is.
pub(super) const PATH: &str = "/files";

/// So many files are on the page, and so many more with each "more".
const FILES: usize = 50;

#[derive(Template)]
#[template(path = "files.html")]
struct FilesPage {
    frame: Frame,
    narrow: Narrow,
    zone: TimeZone,
    facets: Facets,
    files: HotFiles,
    axis: Option<Axis>,
}

pub(super) fn visit(mut visit: Visit) -> Result<Ask, Refusal> {
    let narrow = Narrow::of(&mut visit, "all")?;
    if narrow.said("limit").is_empty() {
        visit.parameters.put("limit", FILES.to_string());
    }
    let Visit { path, parameters, now, zone, .. } = visit;
    let scope = parameters.overall(OverallQuestion::Files, now, &zone)?;
    let days = zone.clone();
    let ask = move |source: &Source<'_>| Ok((all_facets(source, days)?, files(source, &scope)?));
    Ok(page(Frame::live(path), ask, move |frame, (facets, files)| {
        let axis = Axis::of(&files.details);
        FilesPage { frame, narrow, zone, facets, files, axis }
    }))
}

impl FilesPage {
    /// When a file was changed, drawn.
    fn spark(&self, file: &HotFile) -> Option<Spark> {
        self.axis?.spark(&file.days)
    }

    /// The sessions behind a file.
    fn sessions_of(&self, file: &HotFile) -> String {
        self.narrow.on(sessions::PATH, &[("file", &file.path), ("subagents", "true")])
    }

    /// The page with more files.
    fn more(&self) -> Option<String> {
        let count = self.files.meta.count;
        let more = self.narrow.with("limit", &(count + FILES).to_string());
        (count < self.files.meta.total).then_some(more)
    }

    /// Where a session changed the file last.
    fn url(session: &FileSession) -> String {
        message_url(&session.session_id, session.message_id.as_deref())
    }

    fn title(session: &FileSession) -> &str {
        called(session.title.as_deref(), session.opening.as_deref(), &session.session_id)
    }
}

/// The folder of a path, with what parts it from the name, and the name.
pub(super) fn folder_and_name(path: &str) -> (&str, &str) {
    path.split_at(path.trim_end_matches('/').rfind('/').map_or(0, |place| place + 1))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::extract::Query;
    use domain::{SessionId, UnixMs};
    use report::{
        ReportError,
        overall::{
            OverallMeta,
            facets::FacetsSummary,
            files::{FileDay, HotFilesSummary},
        },
    };

    use super::{
        super::{PAGES, text},
        *,
    };
    use crate::{Links, parameters::Parameters};

    /// The page of one file among three.
    fn page(file: HotFile) -> String {
        let here = PAGES.iter().find(|page| page.path == "/files").expect("it is a page");
        let parameters = vec![("agent".to_owned(), "opencode".to_owned())];
        let mut visit = Visit {
            path: here.path,
            id: None,
            parameters: Parameters::of(Ok(Query(parameters)))
                .unwrap_or_else(|_| panic!("each is there once")),
            now: UnixMs::EPOCH,
            zone: TimeZone::UTC,
            installation: Arc::new(|_| {
                Err(ReportError::UnknownSession(SessionId::new("none".to_owned()).expect("an id")))
            }),
            links: Links { base: String::new() },
        };
        let meta = OverallMeta {
            since_unix_ms: None,
            until_unix_ms: None,
            time_zone: "UTC".to_owned(),
            count: 1,
            total: 3,
        };
        let narrow = Narrow::of(&mut visit, "all").unwrap_or_else(|_| panic!("a span"));
        let nothing = FacetsSummary { sessions: 0, agents: 0, projects: 0, models: 0 };
        let facets = Facets { meta: meta.clone(), summary: nothing, details: vec![] };
        let summary = HotFilesSummary { operations: 4, unique_files: 3, sessions: 1 };
        let files = HotFiles { meta, summary, details: vec![file] };
        let axis = Axis::of(&files.details);
        let zone = TimeZone::UTC;
        text(&FilesPage { frame: Frame::of(here.path), narrow, zone, facets, files, axis })
    }

    #[test]
    fn a_file_is_shown_with_its_changes_and_the_sessions_behind_them() {
        let session = FileSession {
            session_id: "a/b".to_owned(),
            title: None,
            opening: Some("<b>do it</b>".to_owned()),
            agent: None,
            operations: 1,
            last_at_unix_ms: Some(0),
            message_id: Some("m/1".to_owned()),
        };
        let shown = page(HotFile {
            path: "/<script>/\"\u{202e}x y.rs".to_owned(),
            operations: 4,
            created: 1,
            edited: 3,
            sessions: 1,
            days: vec![FileDay { day: "2026-11-20".to_owned(), operations: 4 }],
            latest_sessions: vec![session],
            ..HotFile::default()
        });
        for expected in [
            "<span class=\"faint\">/&#60;script&#62;/</span>&#34;\\u{202e}x y.rs</a>",
            "<title>4 changes, all on 2026-11-20</title>",
            "<a href=\"/sessions/a%2Fb?message=m%2F1#m-m~2f1\">&#60;b&#62;do it&#60;/b&#62;</a>",
            "1 session<",
            "/sessions?agent=opencode&#38;file=%2F%3Cscript%3E%2F%22%E2%80%AEx+y.rs&#38;period=all",
            "3 files, changed 4 times",
            "<a href=\"/files?agent=opencode&#38;limit=51\">Show more</a>",
        ] {
            assert!(shown.contains(expected), "{expected}: {shown}");
        }
        assert!(!shown.contains("<script>") && !shown.contains("style="), "{shown}");
    }

    #[test]
    fn a_path_is_a_folder_and_a_name() {
        let cases = [
            ("/a/b.rs", ("/a/", "b.rs")),
            ("b.rs", ("", "b.rs")),
            ("/a/b/", ("/a/", "b/")),
            ("/", ("", "/")),
            ("", ("", "")),
        ];
        for (path, expected) in cases {
            assert_eq!(folder_and_name(path), expected, "{path}");
        }
    }
}
