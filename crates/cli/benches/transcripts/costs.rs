//! The same transcripts, the same prices: what we say that they cost, what `ccusage` says, and what
//! they do cost.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use comfy_table::Table;
use serde_json::Value;

use crate::{
    Fallible,
    corpora::{self, Folder},
    tables, tools,
    world::World,
};

/// What somebody says, or what is so.
struct Said {
    input: i64,
    cache_read: i64,
    cache_write: i64,
    /// With the thinking, which others do not tell apart.
    output: i64,
    dollars: String,
    taken: Option<Duration>,
}

pub fn table(root: &Path, is_quick: bool) -> Fallible<Table> {
    let mut table = tables::table(&[
        "cost of transcripts",
        "input",
        "cache read",
        "cache write",
        "output",
        "dollars",
        "seconds",
    ]);
    for (name, spaced) in [("compact", false), ("with blanks", true)] {
        eprintln!("costs, {name} …");
        let folder = corpora::write(root, &format!("costs-{spaced}"), is_quick, spaced)?;
        let world = World::new(root, &format!("costs-world-{spaced}"), "")?.with_database(None)?;
        let rows = [
            ("as it is", truth(&folder)),
            ("recount: import, then every session explained", by_recount(&folder, &world)?),
            ("ccusage 20.0.24", by_ccusage(&folder, root)?),
        ];
        for (who, said) in rows {
            let Said { input, cache_read, cache_write, output, dollars, taken } = said;
            let counts = [input, cache_read, cache_write, output].map(|count| count.to_string());
            let taken = taken.map(|taken| tables::two(taken.as_secs_f64())).unwrap_or_default();
            let row = [vec![format!("{name}: {who}")], counts.into(), vec![dollars, taken]];
            table.add_row(row.concat());
        }
    }
    Ok(table)
}

fn truth(folder: &Folder) -> Said {
    let mut said = Said::nothing();
    let mut cost = 0;
    for answer in &folder.corpus.answers {
        let tokens = answer.tokens;
        said.input += tokens.input;
        said.cache_read += tokens.cache_read;
        said.cache_write += tokens.cache_write;
        said.output += tokens.output + tokens.reasoning;
        cost += answer.cost.unwrap_or(0);
    }
    Said { dollars: dollars(cost), ..said }
}

fn by_recount(folder: &Folder, world: &World) -> Fallible<Said> {
    let begin = Instant::now();
    world.run(["import".as_ref(), "claude".as_ref(), folder.projects().as_os_str()])?;
    let mut said = Said::nothing();
    let mut cost = 0;
    for session in &folder.corpus.sessions {
        let explain = format!("--explain={session}");
        let output = world.recount(["usage", &explain, "--format=json"]).output()?;
        let explained: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("{session}: {error}: {output:?}"))?;
        for message in explained["messages"].as_array().into_iter().flatten() {
            if message["inherited"] == true || !message["counts_in_session"].is_null() {
                continue;
            }
            let tokens = |kind: &str| message["tokens"][kind].as_i64().unwrap_or(0);
            said.input += tokens("input");
            said.cache_read += tokens("cache_read");
            said.cache_write += tokens("cache_write");
            said.output += tokens("output") + tokens("reasoning");
        }
        cost += i128::from(explained["total"]["cost_picodollars"].as_i64().unwrap_or(0));
    }
    Ok(Said { dollars: dollars(cost), taken: Some(begin.elapsed()), ..said })
}

fn by_ccusage(folder: &Folder, root: &Path) -> Fallible<Said> {
    let (program, settings) = (tools::ccusage()?, root.join("ccusage.json"));
    tools::ccusage_settings(&settings)?;
    let mut command = Command::new(program);
    command
        .args(["claude", "session", "--json", "--offline", "--mode", "calculate", "--config"])
        .arg(&settings)
        .env_clear()
        .env("HOME", root)
        .env("TZ", "UTC")
        .env("CLAUDE_CONFIG_DIR", &folder.path);
    let begin = Instant::now();
    let output = command.output()?;
    let taken = Some(begin.elapsed());
    let said: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("ccusage: {error}: {output:?}"))?;
    let count = |kind: &str| said["totals"][kind].as_i64().unwrap_or(0);
    Ok(Said {
        input: count("inputTokens"),
        cache_read: count("cacheReadTokens"),
        cache_write: count("cacheCreationTokens"),
        output: count("outputTokens"),
        dollars: said["totals"]["totalCost"].to_string(),
        taken,
    })
}

impl Said {
    fn nothing() -> Self {
        let dollars = String::new();
        Self { input: 0, cache_read: 0, cache_write: 0, output: 0, dollars, taken: None }
    }
}

fn dollars(picodollars: i128) -> String {
    let million_million = 1_000_000_000_000;
    let digits = format!("{:012}", picodollars % million_million);
    format!("{}.{}", picodollars / million_million, digits.trim_end_matches('0'))
}
