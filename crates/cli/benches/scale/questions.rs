//! Every question, asked as a person asks it: one process each, in rounds, so that what else the machine
//! does hits all alike.

use comfy_table::Table;
use report::{QUESTIONS, overall::OVERALL_QUESTIONS};
use rusqlite::Connection;

use crate::{
    Fallible, process,
    samples::{Samples, Summary},
    tables,
    world::World,
};

/// How often each is asked.
const ROUNDS: usize = 15;

/// What lists may take, in milliseconds, …
const LIST: f64 = 150.0;
/// … what a question about one session may, …
const ONE_SESSION: f64 = 50.0;
/// … what one about the whole record may, …
const WHOLE_RECORD: f64 = 1_000.0;
/// … and what a list of 1,000 sessions may: a fiftieth of the 5 s that others allow it.
const SMALL_LIST: f64 = 100.0;

/// The words after `recount usage`.
const USAGE: [&str; 8] =
    ["daily", "weekly", "monthly", "model", "agent", "project", "session", "tool"];

/// One question and its times.
struct Case<'w> {
    label: String,
    world: &'w World,
    words: Vec<String>,
    limit_ms: f64,
    samples: Samples,
}

/// Asks all of the large store, and of the small one for its list.
pub fn table(large: &World, small: &World, is_quick: bool) -> Fallible<Table> {
    let mut cases = cases(large, small)?;
    let rounds = if is_quick { 3 } else { ROUNDS };
    eprintln!("{rounds} rounds of {} questions …", cases.len());
    for round in 0..=rounds {
        for case in &mut cases {
            let taken = process::timed(case.world.recount(&case.words), None)?;
            // The first one finds the pages on the disk.
            if round > 0 {
                case.samples.add(taken);
            }
        }
    }
    let mut table = tables::table(&["question", "p50 ms", "p95 ms", "aim ms", "reached"]);
    for case in &cases {
        let Some(Summary { p50, p95, .. }) = case.samples.summary() else { continue };
        table.add_row([
            case.label.clone(),
            format!("{p50:.1}"),
            format!("{p95:.1}"),
            format!("≤ {}", case.limit_ms),
            if p50 <= case.limit_ms { "yes" } else { "no" }.to_owned(),
        ]);
    }
    Ok(table)
}

fn cases<'w>(large: &'w World, small: &'w World) -> Fallible<Vec<Case<'w>>> {
    let mut cases = Vec::new();
    let mut add = |label: String, world, command: &str, limit_ms| {
        let words = command.split(' ').map(str::to_owned).collect();
        cases.push(Case { label, world, words, limit_ms, samples: Samples::default() });
    };
    for (options, limit_ms) in [
        ("", LIST),
        (" --project project-07", LIST),
        // What orders these is worked out from every message.
        (" --sort cost", WHOLE_RECORD),
        (" --sort messages", WHOLE_RECORD),
    ] {
        let command = format!("session list{options}");
        add(format!("`{command}`"), large, &command, limit_ms);
    }
    add("`session list` of 1,000 sessions".to_owned(), small, "session list", SMALL_LIST);
    for (which, id, parts) in some_sessions(large)? {
        let commands = QUESTIONS.iter().map(|(_, question)| question.command);
        for command in commands.chain(["session show"]) {
            let label = format!("`{command}`, {which} with {parts} parts");
            add(label, large, &format!("{command} {id}"), ONE_SESSION);
        }
    }
    for word in USAGE {
        add(format!("`usage {word}`"), large, &format!("usage {word}"), WHOLE_RECORD);
    }
    for (_, question) in OVERALL_QUESTIONS {
        add(format!("`{}`", question.command), large, question.command, WHOLE_RECORD);
    }
    Ok(cases)
}

/// The session in the middle by its parts, and the longest, each with how many it has.
pub fn some_sessions(world: &World) -> Fallible<[(&'static str, String, i64); 2]> {
    let connection = Connection::open(world.database())?;
    let mut sessions = connection.prepare(
        "SELECT session_id, count(*) FROM parts GROUP BY session_id ORDER BY count(*), session_id",
    )?;
    let sessions = sessions.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sessions: Vec<(String, i64)> = sessions.collect::<Result<_, _>>()?;
    let nth = |which, place: usize| {
        let (id, parts) = sessions[place].clone();
        (which, id, parts)
    };
    Ok([nth("the middle one", sessions.len() / 2), nth("the longest", sessions.len() - 1)])
}
