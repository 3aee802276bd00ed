//! Answers about a session, to be read in a terminal: the sums on a line, then a table.

use anstyle::Style;
use domain::UnixMs;
use jiff::tz::TimeZone;
use report::{
    Amount, Answer, TokenCounts,
    session::{
        SessionMeta,
        cost::{CostDetail, PreciseCost},
        errors::Errors,
        files::Files,
        git_history::GitHistory,
        reasoning::Reasoning,
        steps::Steps,
        tools::Tools,
        tree::Tree,
    },
};

use crate::{
    command::{Context, usage::said_of_the_whole},
    table::Table,
    terminal::{Keep, Output, absolute_time, counted, escape},
};

const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints it.
pub fn print(context: &mut Context, answer: &Answer) {
    let mut page = Page { output: &mut context.output, zone: TimeZone::system() };
    match answer {
        Answer::Reasoning(answer) => page.reasoning(answer),
        Answer::Steps(answer) => page.steps(answer),
        Answer::GitHistory(answer) => page.git_history(answer),
        Answer::PreciseCost(answer) => page.cost(answer),
        Answer::Tools(answer) => page.tools(answer),
        Answer::Files(answer) => page.files(answer),
        Answer::Errors(answer) => page.errors(answer),
        Answer::Tree(answer) => page.tree(answer),
    }
}

struct Page<'o> {
    output: &'o mut Output,
    zone: TimeZone,
}

impl Page<'_> {
    /// The session and the sums.
    fn head(&mut self, meta: &SessionMeta, sums: &[String]) {
        let copied = (meta.copied > 0).then(|| format!("{} copied by a fork", meta.copied));
        let sums: Vec<_> = sums.iter().cloned().chain(copied).collect();
        let (bold, faint) = (self.output.style(HEADING), self.output.style(FAINT));
        let name = escape(&meta.session_id, Keep::Nothing);
        let title = meta.title.as_deref().map(|title| format!(" · {title}")).unwrap_or_default();
        let title = escape(&title, Keep::Nothing);
        writeln!(self.output, "{bold}session {name}{bold:#}{faint}{title}{faint:#}");
        writeln!(self.output, "{faint}{}{faint:#}", sums.join(" · "));
    }

    fn time(&self, at_unix_ms: Option<i64>) -> String {
        let at = at_unix_ms.and_then(UnixMs::new);
        at.map(|at| absolute_time(at, &self.zone)).unwrap_or_default()
    }

    fn table(&mut self, table: &Table, rows: usize) {
        if rows > 0 {
            writeln!(self.output);
            table.print(self.output);
        }
    }

    fn reasoning(&mut self, answer: &Reasoning) {
        let summary = &answer.summary;
        let sums = [
            number(summary.thoughts, "thought"),
            number(summary.characters, "character"),
            format!("{} signed", summary.thoughts_with_signature),
        ];
        self.head(&answer.meta, &sums);
        let faint = self.output.style(FAINT);
        for thought in answer.details.iter().filter(|thought| thought.counts) {
            let at = self.time(thought.at_unix_ms);
            writeln!(self.output);
            writeln!(
                self.output,
                "{faint}{at} · message {}{faint:#}",
                escape(&thought.message_id, Keep::Nothing)
            );
            let text = thought.text.as_deref().unwrap_or("(the agent gives no text)");
            writeln!(self.output, "{}", escape(text, Keep::Lines));
        }
    }

    fn steps(&mut self, answer: &Steps) {
        let summary = &answer.summary;
        let mut sums = vec![number(summary.finished, "finished step"), tokens(&summary.tokens)];
        if answer.details.is_empty() {
            sums = vec![
                "the agent tells of no steps; `recount session cost` has its messages".to_owned(),
            ];
        }
        sums.extend(
            summary.cost_given.as_ref().map(|cost| format!("{} by the agent", dollars(cost))),
        );
        self.head(&answer.meta, &sums);
        let mut table =
            Table::new(&["time", "step", "reason", "tokens", "cost", "snapshot", "message"]);
        for step in answer.details.iter().filter(|step| step.counts) {
            table.add([
                self.time(step.at_unix_ms),
                step.event_type.unwrap_or_default().to_owned(),
                step.reason.clone().unwrap_or_default(),
                step.tokens.as_ref().map(tokens).unwrap_or_default(),
                step.cost_given.as_ref().map(dollars).unwrap_or_default(),
                short(step.snapshot_hash.as_deref()),
                step.message_id.clone(),
            ]);
        }
        self.table(&table, answer.details.len());
    }

    fn git_history(&mut self, answer: &GitHistory) {
        let summary = &answer.summary;
        self.head(
            &answer.meta,
            &[number(summary.patches, "change"), number(summary.unique_files, "file")],
        );
        let mut table = Table::new(&["time", "snapshot before", "files"]);
        for patch in answer.details.iter().filter(|patch| patch.counts) {
            table.add([
                self.time(patch.at_unix_ms),
                short(patch.hash.as_deref()),
                patch.files.join(", "),
            ]);
        }
        self.table(&table, answer.details.len());
    }

    fn cost(&mut self, answer: &PreciseCost) {
        let summary = &answer.summary;
        let mut sums = vec![
            summary.cost.as_ref().map_or("no cost is known".to_owned(), dollars),
            tokens(&summary.tokens),
        ];
        if summary.messages_without_cost > 0 {
            sums.push(format!(
                "{} without a cost",
                number(summary.messages_without_cost, "message")
            ));
        }
        let below =
            summary.cost_with_subagents.as_ref().filter(|all| summary.cost.as_ref() != Some(all));
        sums.extend(below.map(|all| format!("{} with subagents", dollars(all))));
        let given = summary.cost_given.as_ref();
        sums.extend(given.map(|given| format!("{} by the agent", dollars(given))));
        let difference = summary.difference.as_ref();
        sums.extend(difference.map(|more| format!("difference {}", dollars(more))));
        let whole = summary.session_cost_given.as_ref();
        sums.extend(whole.map(|whole| said_of_the_whole(whole.picodollars)));
        self.head(&answer.meta, &sums);
        let mut table = Table::new(&["time", "model", "tokens", "cost", "by the agent", "message"]);
        for message in &answer.details {
            table.add([
                self.time(message.at_unix_ms),
                message.model_id.clone().unwrap_or_default(),
                tokens(&message.tokens),
                cost_of(message),
                message.cost_given.as_ref().map(dollars).unwrap_or_default(),
                message.message_id.clone(),
            ]);
        }
        self.table(&table, answer.details.len());
    }

    fn tools(&mut self, answer: &Tools) {
        let summary = &answer.summary;
        self.head(
            &answer.meta,
            &[number(summary.calls, "call"), format!("{} failed", summary.errors)],
        );
        let mut table = Table::new(&["time", "tool", "status", "exit", "ms", "file", "call"]);
        for call in answer.details.iter().filter(|call| call.counts) {
            table.add([
                self.time(call.at_unix_ms),
                call.tool.clone().unwrap_or_default(),
                call.status.clone().unwrap_or_default(),
                call.exit_code.map(|code| code.to_string()).unwrap_or_default(),
                call.duration_ms.map(|ms| ms.to_string()).unwrap_or_default(),
                call.file_path.clone().unwrap_or_default(),
                call.call_id.clone(),
            ]);
        }
        self.table(&table, answer.details.len());
    }

    fn files(&mut self, answer: &Files) {
        let summary = &answer.summary;
        self.head(
            &answer.meta,
            &[number(summary.operations, "operation"), number(summary.unique_files, "file")],
        );
        let mut table = Table::new(&["time", "operation", "file"]);
        for file in answer.details.iter().filter(|file| file.counts) {
            table.add([
                self.time(file.at_unix_ms),
                file.operation.unwrap_or_default().to_owned(),
                file.path.clone().unwrap_or_default(),
            ]);
        }
        self.table(&table, answer.details.len());
    }

    fn errors(&mut self, answer: &Errors) {
        let kinds = answer.summary.by_type.iter().map(|(kind, count)| format!("{count} {kind}"));
        let sums: Vec<_> =
            [number(answer.summary.errors, "error")].into_iter().chain(kinds).collect();
        self.head(&answer.meta, &sums);
        let mut table = Table::new(&["time", "type", "name", "message"]);
        for error in answer.details.iter().filter(|error| error.counts) {
            table.add([
                self.time(error.at_unix_ms),
                error.error_type.to_owned(),
                error.name.clone().unwrap_or_default(),
                error.message.clone().unwrap_or_default(),
            ]);
        }
        self.table(&table, answer.details.len());
    }

    fn tree(&mut self, answer: &Tree) {
        self.head(&answer.meta, &[number(answer.summary.subagents, "subagent")]);
        let mut table = Table::new(&["session", "subagent", "title", "began", "active"]);
        for branch in &answer.details {
            table.add([
                format!("{}{}", "  ".repeat(branch.depth), branch.session_id),
                branch.agent_name.clone().unwrap_or_default(),
                branch.title.clone().unwrap_or_default(),
                self.time(branch.created_at_unix_ms),
                self.time(branch.last_activity_at_unix_ms),
            ]);
        }
        self.table(&table, answer.details.len());
    }
}

fn number(count: usize, thing: &str) -> String {
    counted(count as u64, thing)
}

fn dollars(amount: &Amount) -> String {
    crate::terminal::dollars(amount.picodollars)
}

/// The kinds that there are any of.
fn tokens(counts: &TokenCounts) -> String {
    let kinds = [
        ("in", counts.input),
        ("out", counts.output),
        ("thinking", counts.reasoning),
        ("read", counts.cache_read),
        ("write", counts.cache_write),
    ];
    let told =
        kinds.into_iter().filter_map(|(kind, count)| Some((kind, count.filter(|c| *c > 0)?)));
    let told: Vec<_> = told.map(|(kind, count)| format!("{count} {kind}")).collect();
    if told.is_empty() { "no tokens".to_owned() } else { told.join(", ") }
}

/// A cost, or why there is none.
fn cost_of(message: &CostDetail) -> String {
    match &message.cost {
        _ if !message.counts => "counts elsewhere".to_owned(),
        Some(cost) => dollars(cost),
        None => message.no_cost_because.clone().unwrap_or_default(),
    }
}

/// As much of a hash as people read.
fn short(hash: Option<&str>) -> String {
    hash.unwrap_or_default().chars().take(12).collect()
}
