//! Answers about a session, to be read: the sums on a line, then a table.

mod cost;
mod messages;
mod tokens;

use anstyle::Style;
use report::{
    Amount, Answer, TokenCounts, markdown,
    session::{
        SessionMeta, commits::Commits, compactions::Condensed, errors::Errors, files::Files,
        git_history::GitHistory, reasoning::Reasoning, steps::Steps, tools::Tools, tree::Tree,
    },
};

use crate::{
    command::{Context, form::Times},
    table::{Form, Table},
    terminal::{Keep, Output, counted, escape},
};

const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

const NO_TEXT: &str = "(the agent gives no text)";

/// Prints it.
pub fn print(context: &mut Context, answer: &Answer, form: Form) {
    let mut page = Page { output: &mut context.output, times: Times::absolute(), form };
    match answer {
        Answer::Messages(answer) => page.messages(answer),
        Answer::Tokens(answer) => page.breakdown(answer),
        Answer::Compactions(answer) => page.compactions(answer),
        Answer::Reasoning(answer) => page.reasoning(answer),
        Answer::Steps(answer) => page.steps(answer),
        Answer::GitHistory(answer) => page.git_history(answer),
        Answer::PreciseCost(answer) => page.cost(answer),
        Answer::Tools(answer) => page.tools(answer),
        Answer::Files(answer) => page.files(answer),
        Answer::Commits(answer) => page.commits(answer),
        Answer::Errors(answer) => page.errors(answer),
        Answer::Tree(answer) => page.tree(answer),
    }
}

struct Page<'o> {
    output: &'o mut Output,
    times: Times,
    form: Form,
}

impl Page<'_> {
    /// The session and the sums; a spreadsheet gets the rows alone.
    fn head(&mut self, meta: &SessionMeta, sums: &[String]) {
        let copied = (meta.copied > 0).then(|| format!("{} copied by a fork", meta.copied));
        let sums: Vec<_> = sums.iter().cloned().chain(copied).collect();
        match self.form {
            Form::Terminal => self.head_for_terminal(meta, &sums),
            Form::Csv => {}
            Form::Markdown => {
                let title = meta.title.as_deref().map(|title| format!(" · {title}"));
                let name = format!("session {}{}", meta.session_id, title.unwrap_or_default());
                let sums = markdown::inline(&sums.join(" · "));
                writeln!(self.output, "## {}\n\n{sums}", markdown::inline(&name));
            }
        }
    }

    fn head_for_terminal(&mut self, meta: &SessionMeta, sums: &[String]) {
        let (bold, faint) = (self.output.style(HEADING), self.output.style(FAINT));
        let name = escape(&meta.session_id, Keep::Nothing);
        let title = meta.title.as_deref().map(|title| format!(" · {title}")).unwrap_or_default();
        let title = escape(&title, Keep::Nothing);
        writeln!(self.output, "{bold}session {name}{bold:#}{faint}{title}{faint:#}");
        writeln!(self.output, "{faint}{}{faint:#}", sums.join(" · "));
    }

    fn time(&self, at_unix_ms: Option<i64>) -> String {
        self.times.tell(at_unix_ms, self.form)
    }

    fn amount(&self, amount: &Amount) -> String {
        self.form.amount(amount.picodollars)
    }

    /// What stands above [`Self::token_cells`].
    fn token_heading(&self) -> &'static [&'static str] {
        match self.form {
            Form::Terminal | Form::Markdown => &["tokens"],
            Form::Csv => {
                &["input", "output", "thinking", "cache read", "cache write", "write for 1h"]
            }
        }
    }

    /// The tokens in one cell, or for a spreadsheet each kind in one of its own.
    fn token_cells(&self, counts: Option<&TokenCounts>) -> Vec<String> {
        if self.form != Form::Csv {
            return vec![counts.map(tokens).unwrap_or_default()];
        }
        let counts = counts.copied().unwrap_or_default();
        let TokenCounts { input, output, reasoning, cache_read, cache_write, cache_write_1h } =
            counts;
        let kinds = [input, output, reasoning, cache_read, cache_write, cache_write_1h];
        kinds.map(|count| count.map(|count| count.to_string()).unwrap_or_default()).into()
    }

    /// As much of a hash as people read; a spreadsheet gets all of it.
    fn hash(&self, hash: Option<&str>) -> String {
        let shown = if self.form == Form::Csv { usize::MAX } else { 12 };
        hash.unwrap_or_default().chars().take(shown).collect()
    }

    /// The table; an empty one only where its heading is asked for.
    fn table(&mut self, table: &Table, rows: usize) {
        if self.form == Form::Csv {
            table.print_as(self.form, self.output);
        } else if rows > 0 {
            writeln!(self.output);
            table.print_as(self.form, self.output);
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
        match self.form {
            Form::Terminal => self.thoughts_for_terminal(answer),
            Form::Csv => self.thoughts_as_rows(answer),
            Form::Markdown => self.thoughts_in_fences(answer),
        }
    }

    fn thoughts_for_terminal(&mut self, answer: &Reasoning) {
        let faint = self.output.style(FAINT);
        for thought in answer.details.iter().filter(|thought| thought.counts) {
            let at = self.time(thought.at_unix_ms);
            writeln!(self.output);
            writeln!(
                self.output,
                "{faint}{at} · message {}{faint:#}",
                escape(&thought.message_id, Keep::Nothing)
            );
            let text = thought.text.as_deref().unwrap_or(NO_TEXT);
            writeln!(self.output, "{}", escape(text, Keep::Lines));
        }
    }

    fn thoughts_as_rows(&mut self, answer: &Reasoning) {
        let mut table = Table::new(&["time", "message", "text", "signature"]);
        for thought in answer.details.iter().filter(|thought| thought.counts) {
            table.add([
                self.time(thought.at_unix_ms),
                thought.message_id.clone(),
                thought.text.clone().unwrap_or_default(),
                thought.signature.clone().unwrap_or_default(),
            ]);
        }
        self.table(&table, answer.details.len());
    }

    fn thoughts_in_fences(&mut self, answer: &Reasoning) {
        for thought in answer.details.iter().filter(|thought| thought.counts) {
            let about =
                format!("{} · message {}", self.time(thought.at_unix_ms), thought.message_id);
            let text = markdown::fenced(thought.text.as_deref().unwrap_or(NO_TEXT), "text");
            writeln!(self.output, "\n### {}\n\n{text}", markdown::inline(&about));
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
        let before = &["time", "step", "reason"][..];
        let after = &["cost", "snapshot", "message"][..];
        let mut table = Table::new(&[before, self.token_heading(), after].concat());
        for step in answer.details.iter().filter(|step| step.counts) {
            let before = vec![
                self.time(step.at_unix_ms),
                step.event_type.unwrap_or_default().to_owned(),
                step.reason.clone().unwrap_or_default(),
            ];
            let after = vec![
                step.cost_given.as_ref().map(|cost| self.amount(cost)).unwrap_or_default(),
                self.hash(step.snapshot_hash.as_deref()),
                step.message_id.clone(),
            ];
            table.add_row([before, self.token_cells(step.tokens.as_ref()), after].concat());
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
                self.hash(patch.hash.as_deref()),
                patch.files.join(", "),
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

    fn commits(&mut self, answer: &Commits) {
        let summary = &answer.summary;
        let sums = [
            number(summary.commits, "commit"),
            number(summary.files, "file"),
            counted(summary.ai_lines, "line"),
            format!("{} changed by a person", summary.mixed_lines),
        ];
        self.head(&answer.meta, &sums);
        let heading = ["commit", "time", "lines", "changed", "files", "subject", "repository"];
        let mut table = Table::new(&heading);
        for commit in &answer.details {
            table.add([
                self.hash(Some(&commit.commit_id)),
                self.time(Some(commit.committed_at_unix_ms)),
                commit.ai_lines.to_string(),
                commit.mixed_lines.to_string(),
                commit.files.len().to_string(),
                commit.subject.clone().unwrap_or_default(),
                commit.repository.clone(),
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

    fn compactions(&mut self, answer: &Condensed) {
        let summary = &answer.summary;
        let mut sums = vec![
            number(summary.compactions, "compaction"),
            format!("{} automatic", summary.automatic),
        ];
        sums.extend(summary.tokens_saved.map(|saved| format!("{saved} tokens less")));
        self.head(&answer.meta, &sums);
        let mut table = Table::new(&[
            "time",
            "began",
            "tokens before",
            "after",
            "messages before",
            "after",
            "message",
        ]);
        for compaction in answer.details.iter().filter(|compaction| compaction.counts) {
            let known = |count: Option<i64>| count.map(|it| it.to_string()).unwrap_or_default();
            let began = match compaction.is_automatic {
                Some(true) => "by itself",
                Some(false) => "by the person",
                None => "",
            };
            table.add([
                self.time(compaction.at_unix_ms),
                began.to_owned(),
                known(compaction.tokens_before),
                known(compaction.tokens_after),
                known(compaction.messages_before),
                known(compaction.messages_after),
                compaction.message_id.clone().unwrap_or_default(),
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
