//! The tables, ready for the README.

use comfy_table::Table;

use crate::{
    aim,
    case::Case,
    replay::Taken,
    samples::{Samples, Summary},
    storm::Storm,
    tables::{mib, table, two},
};

/// Everything that was measured; what was not asked for is missing.
#[derive(Default)]
pub struct Report {
    pub cases: Vec<Case>,
    pub storm: Option<Storm>,
    pub by_recount: Option<Taken>,
    pub by_rusqlite: Option<Taken>,
    pub hook_kib: Option<u64>,
}

impl Report {
    /// All tables, and what of the aims is reached.
    pub fn tables(&self) -> Vec<Table> {
        [self.cases(), self.storm(), self.replay(), Some(aim::table_of_aims(self))]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What the times of a case come to, where it was measured.
    pub fn summary(&self, name: &str) -> Option<Summary> {
        self.cases.iter().find(|case| case.name == name)?.samples.summary()
    }

    fn cases(&self) -> Option<Table> {
        let empty = self.summary("empty")?.p50;
        let mut table = table(&[
            "one after the other",
            "p50 ms",
            "mean ms",
            "p99 ms",
            "max ms",
            "p50 ×",
            "mean ×",
            "p99 ×",
            "runs",
        ]);
        for case in &self.cases {
            let Some(summary) = case.samples.summary() else { continue };
            let Summary { p50, mean, p99, .. } = summary;
            let ratios = [p50, mean, p99].map(|ms| ms / empty);
            let runs = case.samples.count().to_string();
            table.add_row(
                [vec![case.label.clone()], times(summary), ratios.map(two).into(), vec![runs]]
                    .concat(),
            );
        }
        Some(table)
    }

    fn storm(&self) -> Option<Table> {
        let Storm { empty, hook } = self.storm.as_ref()?;
        let base = empty.times.summary()?;
        let mut table = table(&[
            "16 at a time, 2 readers beside",
            "p50 ms",
            "mean ms",
            "p99 ms",
            "max ms",
            "p50 ×",
            "p99 ×",
            "a second",
        ]);
        let rate = |per_second: f64| format!("{per_second:.0}");
        let rows: [(&str, &Samples, String); 3] = [
            ("empty Rust process", &empty.times, rate(empty.per_second())),
            ("hook, default settings", &hook.times, rate(hook.per_second())),
            ("`session list` of a reader beside them", &hook.readers, String::new()),
        ];
        for (label, samples, rate) in rows {
            let Some(summary) = samples.summary() else { continue };
            let ratios = [summary.p50 / base.p50, summary.p99 / base.p99].map(two);
            table.add_row(
                [vec![label.to_owned()], times(summary), ratios.into(), vec![rate]].concat(),
            );
        }
        Some(table)
    }

    fn replay(&self) -> Option<Table> {
        let base = self.by_rusqlite.as_ref()?.rows_per_second();
        let mut table = table(&["a long capture", "rows", "seconds", "rows/s", "×", "peak MiB"]);
        for (label, taken) in [
            ("`recount replay`", &self.by_recount),
            ("the same by rusqlite, which reads nothing first", &self.by_rusqlite),
        ] {
            let Some(taken) = taken else { continue };
            let rate = taken.rows_per_second();
            table.add_row([
                label.to_owned(),
                taken.items.to_string(),
                format!("{:.1}", taken.seconds),
                format!("{rate:.0}"),
                two(rate / base),
                format!("{:.1}", mib(taken.peak_kib)),
            ]);
        }
        Some(table)
    }
}

fn times(Summary { p50, mean, p99, max, .. }: Summary) -> Vec<String> {
    [p50, mean, p99, max].map(two).into()
}
