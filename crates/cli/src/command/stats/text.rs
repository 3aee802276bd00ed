//! Answers about all sessions, to be read: the sums on a line, then a table.

use report::{
    Amount, length, markdown,
    overall::{
        OverallAnswer, OverallMeta,
        activity::Activity,
        agents::AgentStats,
        attribution::Attribution,
        compactions::Compactions,
        errors::ErrorDays,
        facets::{FacetKind, Facets},
        files::HotFiles,
        sessions::BusySessions,
        summary::{PeriodFigures, Summary, When},
        tokens::Tokens,
        tool_cost::ToolCosts,
        tools::ToolStats,
    },
    usage::UsageFigures,
};

use crate::{
    command::{Context, form::Times},
    table::{Form, Table},
    terminal::{Output, counted, dollars},
};

/// Prints it.
pub fn print(context: &mut Context, answer: &OverallAnswer, form: Form, times: Times) {
    let mut page = Page { output: &mut context.output, form, times };
    match answer {
        OverallAnswer::Summary(answer) => page.summary(answer),
        OverallAnswer::Files(answer) => page.files(answer),
        OverallAnswer::Tools(answer) => page.tools(answer),
        OverallAnswer::ToolCost(answer) => page.tool_cost(answer),
        OverallAnswer::Errors(answer) => page.errors(answer),
        OverallAnswer::Compactions(answer) => page.compactions(answer),
        OverallAnswer::Sessions(answer) => page.sessions(answer),
        OverallAnswer::Agents(answer) => page.agents(answer),
        OverallAnswer::Activity(answer) => page.activity(answer),
        OverallAnswer::Tokens(answer) => page.tokens(answer),
        OverallAnswer::Attribution(answer) => page.attribution(answer),
        OverallAnswer::Facets(answer) => page.facets(answer),
    }
}

struct Page<'o> {
    output: &'o mut Output,
    form: Form,
    times: Times,
}

impl Page<'_> {
    /// The sums, the table, and how much of it is not told; a spreadsheet gets the rows alone.
    fn print(&mut self, sums: &[String], table: &Table, meta: &OverallMeta) {
        if self.form == Form::Csv {
            return table.print_as(self.form, self.output);
        }
        let sums = sums.join(" · ");
        let sums = if self.form == Form::Markdown { markdown::inline(&sums) } else { sums };
        writeln!(self.output, "{sums}");
        if meta.count > 0 {
            writeln!(self.output);
            table.print_as(self.form, self.output);
        }
        if meta.count < meta.total {
            let (count, total) = (meta.count, meta.total);
            let gap = if self.form == Form::Markdown { "\n" } else { "" };
            writeln!(self.output, "{gap}{count} of {total} are shown; `--limit` says how many");
        }
    }

    /// An amount, or nothing.
    fn amount(&self, cost: Option<&Amount>) -> String {
        cost.map(|cost| self.form.amount(cost.picodollars)).unwrap_or_default()
    }

    /// A length, in a spreadsheet in seconds.
    fn length(&self, duration_ms: Option<i64>) -> String {
        let told = duration_ms.map(|ms| match self.form {
            Form::Csv => format!("{}.{:03}", ms.max(0) / 1000, ms.max(0) % 1000),
            Form::Terminal | Form::Markdown => length(ms),
        });
        told.unwrap_or_default()
    }

    fn ago(&self, at_unix_ms: Option<i64>) -> String {
        self.times.tell(at_unix_ms, self.form)
    }

    fn summary(&mut self, answer: &Summary) {
        let PeriodFigures { figures, cache_hit_percent } = &answer.summary;
        let [tokens, cost] = usage(&figures.usage);
        let hits =
            format!("{} of prompts from the cache", Form::Terminal.percent(*cache_hit_percent));
        let sums = [number(figures.sessions, "session"), tokens, cost, hits];
        let mut table = Table::list(&[
            "period", "from", "to", "sessions", "messages", "calls", "tokens", "cache", "cost",
        ]);
        for period in &answer.details {
            let PeriodFigures { figures, cache_hit_percent } = &period.figures;
            let name = match period.period {
                When::Asked => "asked",
                When::Before => "before",
            };
            table.add([
                name.to_owned(),
                self.ago(period.since_unix_ms),
                self.ago(period.until_unix_ms),
                figures.sessions.to_string(),
                figures.messages.to_string(),
                figures.calls.to_string(),
                figures.usage.total_tokens.to_string(),
                self.form.percent(*cache_hit_percent),
                self.amount(figures.usage.cost.as_ref()),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn files(&mut self, answer: &HotFiles) {
        let summary = &answer.summary;
        let sums = [
            number(summary.operations, "operation"),
            number(summary.unique_files, "file"),
            number(summary.sessions, "session"),
        ];
        let mut table = Table::list(&[
            "file",
            "operations",
            "created",
            "edited",
            "deleted",
            "sessions",
            "last",
        ]);
        for file in &answer.details {
            table.add([
                file.path.clone(),
                file.operations.to_string(),
                file.created.to_string(),
                file.edited.to_string(),
                file.deleted.to_string(),
                file.sessions.to_string(),
                self.ago(file.last_at_unix_ms),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn tools(&mut self, answer: &ToolStats) {
        let summary = &answer.summary;
        let failed = format!(
            "{} failed ({})",
            summary.errors,
            Form::Terminal.percent(summary.error_rate_percent)
        );
        let sums = [number(summary.calls, "call"), number(summary.tools, "tool"), failed];
        let mut table =
            Table::list(&["tool", "calls", "failed", "rate", "median ms", "mean ms", "bytes out"]);
        for tool in &answer.details {
            table.add([
                tool.tool.clone().unwrap_or_default(),
                tool.calls.to_string(),
                tool.errors.to_string(),
                self.form.percent(tool.error_rate_percent),
                known(tool.median_duration_ms),
                known(tool.mean_duration_ms),
                tool.output_bytes.to_string(),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn tool_cost(&mut self, answer: &ToolCosts) {
        let summary = &answer.summary;
        let sums = [
            format!("the last 100 calls of each tool: {}", number(summary.calls, "call")),
            number(summary.tools, "tool"),
            format!("{} tokens", summary.shares.total_tokens),
            amount(summary.shares.cost.as_ref(), "no cost is known"),
            "estimated: the calls of a message share what it took".to_owned(),
        ];
        let mut table = Table::list(&[
            "tool",
            "calls",
            "failed",
            "median ms",
            "bytes out",
            "tokens",
            "cost",
            "without a cost",
        ]);
        for tool in &answer.details {
            table.add([
                tool.tool.clone().unwrap_or_default(),
                tool.calls.to_string(),
                tool.errors.to_string(),
                known(tool.median_duration_ms),
                tool.output_bytes.to_string(),
                tool.shares.total_tokens.to_string(),
                self.amount(tool.shares.cost.as_ref()),
                tool.shares.calls_without_cost.to_string(),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn errors(&mut self, answer: &ErrorDays) {
        let summary = &answer.summary;
        let kinds = summary.by_type.iter().map(|(kind, count)| format!("{count} {kind}"));
        let mut sums = vec![number(summary.errors, "error"), number(summary.sessions, "session")];
        sums.extend(kinds);
        let mut table = Table::list(&["day", "type", "name", "errors", "sessions"]);
        for error in &answer.details {
            table.add([
                error.day.clone().unwrap_or_default(),
                error.error_type.to_owned(),
                error.name.clone().unwrap_or_default(),
                error.errors.to_string(),
                error.sessions.to_string(),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn compactions(&mut self, answer: &Compactions) {
        let (summary, figures) = (&answer.summary, &answer.summary.figures);
        let of = format!("{} of {}", summary.sessions, number(summary.sessions_asked, "session"));
        let automatic = format!("{} automatic", figures.automatic);
        let sums = [number(figures.compactions, "compaction"), of, automatic];
        let mut table = Table::list(&[
            "session",
            "title",
            "compactions",
            "automatic",
            "tokens before",
            "after",
            "last",
        ]);
        for session in &answer.details {
            table.add([
                session.session_id.clone().unwrap_or_default(),
                session.title.clone().unwrap_or_default(),
                session.figures.compactions.to_string(),
                session.figures.automatic.to_string(),
                known(session.figures.mean_tokens_before),
                known(session.figures.mean_tokens_after),
                self.ago(session.last_at_unix_ms),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn sessions(&mut self, answer: &BusySessions) {
        let summary = &answer.summary;
        let mut sums = vec![
            number(summary.sessions, "session"),
            number(summary.messages, "message"),
            number(summary.calls, "call"),
        ];
        sums.extend(usage(&summary.usage));
        let mut table = Table::list(&[
            "session", "title", "active", "messages", "tokens", "cost", "calls", "lasted", "agent",
        ]);
        for session in &answer.details {
            table.add([
                session.session_id.clone(),
                session.title.clone().unwrap_or_default(),
                self.ago(session.last_activity_at_unix_ms),
                session.messages.to_string(),
                session.usage.total_tokens.to_string(),
                self.amount(session.usage.cost.as_ref()),
                session.calls.to_string(),
                self.length(session.duration_ms),
                session.agent.clone().unwrap_or_else(|| "unknown".to_owned()),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn agents(&mut self, answer: &AgentStats) {
        let figures = &answer.summary.figures;
        let mut sums = vec![
            number(answer.summary.agents, "agent"),
            number(figures.sessions, "session"),
            number(figures.subagents, "subagent"),
        ];
        sums.extend(usage(&figures.usage));
        let mut table = Table::list(&[
            "agent",
            "sessions",
            "subagents",
            "mean length",
            "messages",
            "calls",
            "tokens",
            "cost",
        ]);
        for agent in &answer.details {
            let figures = &agent.figures;
            table.add([
                agent.agent.clone().unwrap_or_else(|| "unknown".to_owned()),
                figures.sessions.to_string(),
                figures.subagents.to_string(),
                self.length(figures.mean_duration_ms),
                figures.messages.to_string(),
                figures.calls.to_string(),
                figures.usage.total_tokens.to_string(),
                self.amount(figures.usage.cost.as_ref()),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn activity(&mut self, answer: &Activity) {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let summary = &answer.summary;
        let most = format!("{} in the busiest hour of the week", summary.most_messages);
        let sums = [counted(summary.messages.unsigned_abs(), "message"), most];
        let mut table = Table::list(&["day", "hour", "messages", "tokens", "cost"]);
        for hour in &answer.details {
            table.add([
                DAYS.get(hour.weekday - 1).copied().unwrap_or_default().to_owned(),
                hour.hour.to_string(),
                hour.messages.to_string(),
                hour.total_tokens.to_string(),
                self.amount(hour.cost.as_ref()),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn tokens(&mut self, answer: &Tokens) {
        let summary = &answer.summary;
        let sums = [
            format!(
                "{} of {}",
                number(summary.sessions, "session"),
                number(summary.sessions_asked, "session")
            ),
            format!("{} tokens", summary.tokens),
            format!("{} counted by the agents", summary.total_counted),
        ];
        let mut table =
            Table::list(&["category", "tokens", "share", "counted", "estimated", "unknown"]);
        for sum in &answer.details {
            table.add([
                sum.category.as_str().to_owned(),
                sum.tokens.to_string(),
                self.form.percent(sum.share_percent),
                sum.counted.to_string(),
                sum.estimated.to_string(),
                sum.unknown.to_string(),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn attribution(&mut self, answer: &Attribution) {
        let summary = &answer.summary;
        let sums = [
            counted(summary.lines, "added line"),
            number(summary.commits, "commit"),
            number(summary.repositories, "repository"),
            format!("{} by agents", self.form.percent(summary.ai_percent)),
        ];
        let mut table =
            Table::list(&["contributor", "lines", "share", "agent", "model", "commits"]);
        for share in &answer.details {
            table.add([
                share.contributor.clone(),
                share.lines.to_string(),
                self.form.percent(share.share_percent),
                share.agent.clone().unwrap_or_default(),
                share.model_id.clone().unwrap_or_default(),
                share.commits.to_string(),
            ]);
        }
        self.print(&sums, &table, &answer.meta);
    }

    fn facets(&mut self, answer: &Facets) {
        let summary = &answer.summary;
        let sums = [
            number(summary.sessions, "session"),
            number(summary.agents, "agent"),
            number(summary.projects, "project"),
            number(summary.models, "model"),
        ];
        let mut table = Table::list(&["kind", "name", "sessions"]);
        for facet in &answer.details {
            let kind = match facet.kind {
                FacetKind::Agent => "agent",
                FacetKind::Project => "project",
                FacetKind::Model => "model",
            };
            table.add([kind.to_owned(), facet.value.clone(), facet.sessions.to_string()]);
        }
        self.print(&sums, &table, &answer.meta);
    }
}

fn number(count: usize, thing: &str) -> String {
    counted(count as u64, thing)
}

fn known(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn amount(cost: Option<&Amount>, unknown: &str) -> String {
    cost.map_or_else(|| unknown.to_owned(), |cost| dollars(cost.picodollars))
}

fn usage(figures: &UsageFigures) -> [String; 2] {
    [format!("{} tokens", figures.total_tokens), amount(figures.cost.as_ref(), "no cost is known")]
}
