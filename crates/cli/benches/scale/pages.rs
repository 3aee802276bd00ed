//! Every page of the large record, from the request to its last byte. What a browser does with it then is
//! in `--bench pages`.

use std::time::Instant;

use comfy_table::Table;

use crate::{
    Fallible,
    questions::some_sessions,
    samples::{Samples, Summary},
    server::Server,
    tables,
    world::World,
};

/// How often each is asked for.
const ROUNDS: usize = 15;

/// What the list may take, in milliseconds, …
const LIST: f64 = 200.0;
/// … what a conversation may, a window of it at a time, …
const SESSION: f64 = 500.0;
/// … and what sums up.
const SUMS: f64 = 1_000.0;

/// Asks for all of them, in rounds.
pub fn table(world: &World, is_quick: bool) -> Fallible<Table> {
    let [_, (_, longest, parts)] = some_sessions(world)?;
    let pages = [
        ("`/sessions`".to_owned(), "/sessions".to_owned(), LIST),
        (format!("the longest session, {parts} parts"), format!("/sessions/{longest}"), SESSION),
        ("`/files`".to_owned(), "/files".to_owned(), SUMS),
        ("`/analytics`, 30 days".to_owned(), "/analytics".to_owned(), SUMS),
        ("`/analytics`, all time".to_owned(), "/analytics?period=all".to_owned(), SUMS),
        ("`/settings`".to_owned(), "/settings".to_owned(), LIST),
    ];
    let server = Server::start(world)?;
    let mut samples = vec![Samples::default(); pages.len()];
    for round in 0..=if is_quick { 3 } else { ROUNDS } {
        for ((_, path, _), samples) in pages.iter().zip(&mut samples) {
            let mut connection = server.connect()?;
            let since = Instant::now();
            if !connection.get(path)? {
                return Err(format!("{path}: the record is in use").into());
            }
            // The first one finds the pages on the disk.
            if round > 0 {
                samples.add(since.elapsed());
            }
        }
    }
    let mut table = tables::table(&["page", "p50 ms", "p95 ms", "aim ms", "reached"]);
    for ((name, _, aim), samples) in pages.iter().zip(&samples) {
        let Some(Summary { p50, p95, .. }) = samples.summary() else { continue };
        let reached = if p50 <= *aim { "yes" } else { "no" };
        table.add_row([
            name.clone(),
            format!("{p50:.0}"),
            format!("{p95:.0}"),
            format!("≤ {aim}"),
            reached.to_owned(),
        ]);
    }
    Ok(table)
}
