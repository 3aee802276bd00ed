//! The findings, to be read by a person or a program.

use anstyle::{AnsiColor, Style};
use report::health::{Finding, Health, Verdict};
use serde_json::json;

use crate::terminal::{self, Keep, Output, escape};

/// One line each, with what to do below it; on a terminal broken at blanks.
pub fn text(output: &mut Output, findings: &[Finding]) {
    let name = |finding: &Finding| {
        let agent = finding.agent.as_deref().map(|agent| format!("{agent} "));
        let name = agent.unwrap_or_default() + finding.check.words();
        escape(&name, Keep::Nothing).into_owned()
    };
    let names = findings.iter().map(|finding| name(finding).chars().count());
    let names = names.max().unwrap_or_default();
    let verdicts = findings.iter().map(|finding| finding.verdict.words().len()).max();
    let verdicts = verdicts.unwrap_or_default();
    let indent = verdicts + 2 + names + 2;
    let room = terminal::width_columns().and_then(|width| width.checked_sub(indent));
    let room = room.filter(|room| *room >= LEAST_ROOM).unwrap_or(usize::MAX);
    for finding in findings {
        let (word, name) = (finding.verdict.words(), name(finding));
        let style = output.style(style(finding.verdict));
        write!(output, "{style}{word:verdicts$}{style:#}  {name:names$}  ");
        let advice = finding.advice.iter().map(|advice| format!("-> {advice}"));
        let texts = [finding.found.clone()].into_iter().chain(advice);
        let lines = texts.flat_map(|text| broken(&escape(&text, Keep::Nothing), room));
        for (number, line) in lines.enumerate() {
            let indent = if number == 0 { 0 } else { indent };
            writeln!(output, "{:indent$}{line}", "");
        }
    }
}

/// A narrower column is harder to read than a terminal's own breaks.
const LEAST_ROOM: usize = 30;

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::NotSetUp => Style::new().dimmed(),
        Verdict::Good => AnsiColor::Green.on_default(),
        Verdict::Warning => AnsiColor::Yellow.on_default(),
        Verdict::Failure => AnsiColor::Red.on_default(),
    }
}

/// Lines of at most so many characters, broken at blanks only: what is longer is to be copied whole.
fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// One object. Its keys stay; verdicts are `ok`, `warning`, `failure` and `not_set_up`.
pub fn json(output: &mut Output, health: &Health) {
    output.write_json_pretty(&json!(health));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks_and_words_never() {
        let cases: [(&str, usize, &[&str]); 5] = [
            ("", 5, &[""]),
            ("one two three", 7, &["one two", "three"]),
            ("one two three", usize::MAX, &["one two three"]),
            ("a /very/long/path b", 6, &["a", "/very/long/path", "b"]),
            ("äö üß", 5, &["äö üß"]),
        ];
        for (text, room, expected) in cases {
            assert_eq!(broken(text, room), expected, "{text}");
        }
    }
}
