//! How many clicks lie between what a person wants to know and the answer. The ways stand in
//! `questions.mjs`, and each is gone: one that does not end at its answer is an error.

use comfy_table::Table;
use serde::Deserialize;

use crate::{
    Fallible, browser,
    sides::{Filled, Side},
    tables,
};

/// One question, and how it went; without clicks there is no way.
#[derive(Deserialize)]
struct Way {
    asked: String,
    clicks: Option<usize>,
    said: Option<String>,
}

pub fn table(filled: &Filled) -> Fallible<Table> {
    let mut table =
        tables::table(&["question", "agentsview: clicks", "says", "recount: clicks", "says"]);
    let (theirs, ours) = (ways(filled, Side::Agentsview)?, ways(filled, Side::Recount)?);
    for (theirs, ours) in theirs.into_iter().zip(ours) {
        let asked = ours.asked.clone();
        table.add_row([vec![asked], cells(theirs), cells(ours)].concat());
    }
    Ok(table)
}

fn ways(filled: &Filled, side: Side) -> Fallible<Vec<Way>> {
    eprintln!("the way to each answer in {} …", side.name());
    let server = filled.serve(side)?;
    let pictures = filled.pictures.to_string_lossy();
    browser::drive(&["ask", side.name(), &server.page("/"), &pictures])
}

fn cells(way: Way) -> Vec<String> {
    let clicks = way.clicks.map_or_else(|| "none".to_owned(), |clicks| clicks.to_string());
    vec![clicks, way.said.unwrap_or_default()]
}
