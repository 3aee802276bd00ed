//! What the product wants of these figures, and which of it is reached.

use comfy_table::Table;

use crate::{
    replay::Taken,
    report::Report,
    samples::Summary,
    storm::Load,
    tables::{mib, table, two},
};

/// One figure with its limit.
struct Aim {
    what: &'static str,
    limit: Limit,
    unit: &'static str,
    found: Option<f64>,
}

#[derive(Clone, Copy)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// Every aim, with what was found.
pub fn table_of_aims(report: &Report) -> Table {
    let mut table = table(&["aim", "limit", "found", "reached"]);
    for Aim { what, limit, unit, found } in aims(report) {
        let (word, bound) = match limit {
            Limit::AtMost(bound) => ("≤", bound),
            Limit::AtLeast(bound) => ("≥", bound),
        };
        let reached = found.map(|found| match limit {
            Limit::AtMost(bound) if found <= bound => "yes",
            Limit::AtLeast(bound) if found >= bound => "yes",
            Limit::AtMost(_) | Limit::AtLeast(_) => "no",
        });
        table.add_row([
            what.to_owned(),
            format!("{word} {bound} {unit}"),
            found.map(two).unwrap_or_default(),
            reached.unwrap_or("not measured").to_owned(),
        ]);
    }
    table
}

fn aims(report: &Report) -> Vec<Aim> {
    use Limit::{AtLeast, AtMost};
    let aim = |what, limit, unit, found| Aim { what, limit, unit, found };
    let rates = report.by_recount.as_ref().zip(report.by_rusqlite.as_ref());
    let replayed = rates.map(|(ours, theirs)| ours.rows_per_second() / theirs.rows_per_second());
    let commit = report.summary("post-commit").map(P50);
    let storm = report.storm.as_ref();
    let storm_p99 = || {
        let storm = storm?;
        Some(storm.hook.times.summary()?.p99 / storm.empty.times.summary()?.p99)
    };
    vec![
        aim("what the agent waits for, p50", AtMost(1.6), "×", against(report, "spool", P50)),
        aim("what a commit waits for, p50", AtMost(5.0), "ms", commit),
        aim("with its share of draining, mean", AtMost(2.0), "×", against(report, "share", MEAN)),
        aim("with its share of draining, p99", AtMost(12.0), "×", against(report, "share", P99)),
        aim("drained at once, p50", AtMost(5.0), "×", against(report, "drain-full", P50)),
        aim("1,000,000 parts stored against none, p50", AtMost(1.2), "×", large(report)),
        aim("16 at a time, p99 against p99", AtMost(2.0), "×", storm_p99()),
        aim(
            "16 at a time",
            AtLeast(600.0),
            "a second",
            storm.map(|storm| Load::per_second(&storm.hook)),
        ),
        aim("memory of a hook with a small event", AtMost(20.0), "MiB", report.hook_kib.map(mib)),
        aim("replay against rusqlite, rows/s", AtLeast(0.35), "×", replayed),
        aim("memory of a replay", AtMost(128.0), "MiB", report.by_recount.as_ref().map(peak_mib)),
    ]
}

type Figure = fn(Summary) -> f64;
const P50: Figure = |times| times.p50;
const MEAN: Figure = |times| times.mean;
const P99: Figure = |times| times.p99;

fn against(report: &Report, name: &str, figure: Figure) -> Option<f64> {
    Some(figure(report.summary(name)?) / report.summary("empty")?.p50)
}

fn large(report: &Report) -> Option<f64> {
    Some(report.summary("drain-full-large")?.p50 / report.summary("drain-full")?.p50)
}

fn peak_mib(taken: &Taken) -> f64 {
    mib(taken.peak_kib)
}
