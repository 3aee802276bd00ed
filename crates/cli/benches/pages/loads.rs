//! What a page takes until its figures stand there: cold, with a server that has just begun and a browser
//! that knows nothing, and warm, the same page once more.

use comfy_table::Table;
use serde::Deserialize;

use crate::{
    Fallible, browser,
    sides::{Filled, SIDES, Side},
    tables,
};

/// How often each.
const ROUNDS: usize = 7;

/// Pages that tell the same, and what stands on them when they do: no figure of them is zero, which is what
/// `agentsview` shows until it knows better.
struct Page {
    name: &'static str,
    recount: (&'static str, &'static str),
    agentsview: (&'static str, &'static str),
}

const PAGES: [Page; 4] = [
    Page {
        name: "cost of 30 days",
        recount: ("/analytics", r"\$[1-9]"),
        agentsview: ("/usage", r"\$[1-9][\d,.]*\s+Total Cost[\s\S]*Top Sessions[\s\S]*\$[1-9]"),
    },
    Page {
        name: "sessions",
        recount: ("/sessions", r"[1-9][\d,]* sessions[\s\S]*messages"),
        agentsview: ("/", r"[1-9][\d,]* sessions[\s\S]*ago[\s\S]*[1-9][\d,]*\s+Messages\s"),
    },
    Page {
        name: "the longest session",
        recount: ("/sessions/{longest}", r"\$[1-9]"),
        agentsview: ("/sessions/{longest}", r"steps\s[\s\S]*User[\s\S]*Assistant"),
    },
    Page {
        name: "files",
        recount: ("/files", r"part_\d+\.rs"),
        agentsview: ("/recent-edits", r"part_\d+\.rs\s+\d+ edits"),
    },
];

impl Page {
    fn of(&self, side: Side) -> (&'static str, &'static str) {
        match side {
            Side::Recount => self.recount,
            Side::Agentsview => self.agentsview,
        }
    }
}

/// What `drive.mjs` saw.
#[derive(Clone, Copy, Deserialize)]
struct Load {
    first_byte_ms: f64,
    shown_ms: f64,
    requests: u64,
    /// Of them, those to other machines.
    remote: u64,
    bytes: u64,
}

#[derive(Deserialize)]
struct Visit {
    cold: Load,
    warm: Load,
}

pub fn table(filled: &Filled, is_quick: bool) -> Fallible<Table> {
    let mut table = tables::table(&[
        "page",
        "",
        "first byte ms",
        "shown ms",
        "KB",
        "requests",
        "of other machines",
        "again: shown ms",
        "KB",
    ]);
    let rounds = if is_quick { 1 } else { ROUNDS };
    for page in &PAGES {
        for side in SIDES {
            eprintln!("{}: {}, {rounds} times …", page.name, side.name());
            let visits: Vec<Visit> =
                (0..rounds).map(|_| visit(filled, page, side)).collect::<Fallible<_>>()?;
            let cold = middle(visits.iter().map(|visit| visit.cold).collect());
            let warm = middle(visits.iter().map(|visit| visit.warm).collect());
            table.add_row([
                page.name.to_owned(),
                side.name().to_owned(),
                format!("{:.0}", cold.first_byte_ms),
                format!("{:.0}", cold.shown_ms),
                (cold.bytes / 1_000).to_string(),
                cold.requests.to_string(),
                cold.remote.to_string(),
                format!("{:.0}", warm.shown_ms),
                (warm.bytes / 1_000).to_string(),
            ]);
        }
    }
    Ok(table)
}

fn visit(filled: &Filled, page: &Page, side: Side) -> Fallible<Visit> {
    let server = filled.serve(side)?;
    let (path, ready) = page.of(side);
    let url = server.page(&path.replace("{longest}", &filled.longest));
    let picture = filled.pictures.join(format!("{}, {}.png", page.name, side.name()));
    browser::drive(&["load", side.name(), &url, ready, &picture.to_string_lossy()])
}

/// The one whose figures stood there in the middle of all times.
fn middle(mut loads: Vec<Load>) -> Load {
    loads.sort_by(|one, other| one.shown_ms.total_cmp(&other.shown_ms));
    loads[loads.len() / 2]
}
