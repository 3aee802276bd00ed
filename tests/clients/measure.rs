//! What the plugin adds to a run of OpenCode. Nobody else needs this; `tests/clients/measure` runs it.

use std::time::Duration;

use super::{opencode::OpenCode, processes_and_answers};
use crate::support::say;

const PAIRS: usize = 15;

#[test]
#[ignore = "takes minutes and a quiet machine; tests/clients/measure"]
fn what_the_plugin_adds() {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // Each is the first of every other pair.
        for is_with in [pair % 2 == 0, pair % 2 != 0] {
            let opencode = if is_with { OpenCode::new() } else { OpenCode::without_plugin() };
            let elapsed = opencode.run("basic", &[]).elapsed;
            if is_with { with.push(elapsed) } else { without.push(elapsed) }
        }
    }
    let added = with.iter().zip(&without).map(|(with, without)| seconds(with) - seconds(without));
    let added = sorted(added);
    let (with, without) = (sorted(with.iter().map(seconds)), sorted(without.iter().map(seconds)));
    let folder = tempfile::tempdir().expect("a folder");
    let (processes, answers) = processes_and_answers(folder.path(), "basic");
    say(&format!(
        "{PAIRS} pairs of a run with {answers} answers: {:.3} s without the plugin, {:.3} s with it \
         (medians, {:.2} x); it adds {:+.3} s in the median pair, {:+.3} s to {:+.3} s in half of \
         them; {processes} processes",
        without[PAIRS / 2],
        with[PAIRS / 2],
        with[PAIRS / 2] / without[PAIRS / 2],
        added[PAIRS / 2],
        added[PAIRS / 4],
        added[PAIRS * 3 / 4],
    ));
}

fn seconds(duration: &Duration) -> f64 {
    duration.as_secs_f64()
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}
