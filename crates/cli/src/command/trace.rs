//! `recount trace`: whose the lines of commits are, as records by Agent Trace 0.1.0.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anstyle::Style;
use clap::{Args, Subcommand, ValueEnum};
use report::attribution::{Attribution, CommitShown, Exchanged};
use serde_json::Value;

use super::{Context, attribution, form::Times};
use crate::{
    exit::ExitCode,
    failure::Failure,
    table::{Form, Table},
    terminal::{Keep, Output, counted, escape},
};

const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// What to do with the records.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show whose the lines of a commit are
    Show {
        #[command(flatten)]
        revision: Revision,

        /// How to print it
        #[arg(long, value_name = "FORM", default_value = "table")]
        format: ShowForm,
    },
    /// Write the records of the commits that lead to a revision, or of a range such as `main..topic`
    Export {
        #[command(flatten)]
        revision: Revision,

        /// Where to
        #[arg(long, value_name = "PLACE", default_value = "file")]
        to: Place,

        /// Also of commits in which no agent had a part
        #[arg(long)]
        all: bool,
    },
    /// Take in records that others wrote
    Import {
        /// The file; by default `.agent-trace/traces.jsonl` of the work tree
        #[arg(conflicts_with = "from")]
        file: Option<PathBuf>,

        /// Where from
        #[arg(long, value_name = "PLACE", default_value = "file")]
        from: Source,
    },
    /// Look whether the records of a commit hold: ours, the exported one, and the note
    Verify {
        #[command(flatten)]
        revision: Revision,
    },
}

/// Which commit.
#[derive(Debug, Args)]
pub struct Revision {
    /// The commit
    #[arg(value_name = "REV", default_value = "HEAD")]
    revision: String,
}

/// How to print a record.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ShowForm {
    /// To be read
    #[value(alias = "text")]
    Table,
    /// The record itself: one JSON object by Agent Trace 0.1.0
    Json,
    /// The same on one line
    Jsonl,
}

/// Where records go.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Place {
    /// `.agent-trace/traces.jsonl` of the work tree
    File,
    /// Git notes under `refs/notes/agent-trace`
    Notes,
    /// Standard output, one on a line
    Stdout,
}

/// Where records come from.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Source {
    /// A file with one record on each line
    File,
    /// Git notes under `refs/notes/agent-trace`
    Notes,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        let folder = context.environment.absolute(Path::new(""));
        let attribution = attribution::at(context, &store, &folder)?;
        match self {
            Self::Show { revision, format } => {
                show(context, &attribution, &revision.revision, *format)
            }
            Self::Export { revision, to, all } => {
                export(context, &attribution, &revision.revision, *to, *all)
            }
            Self::Import { file, from } => {
                let file = file.as_ref().map(|file| context.environment.absolute(file));
                let done = match from {
                    Source::File => attribution.import_file(file.as_deref())?,
                    Source::Notes => attribution.import_notes()?,
                };
                Ok(told(context, "imported", &done))
            }
            Self::Verify { revision } => verify(context, &attribution, &revision.revision),
        }
    }
}

fn show(
    context: &mut Context,
    attribution: &Attribution<'_>,
    revision: &str,
    format: ShowForm,
) -> Result<ExitCode, Failure> {
    match format {
        ShowForm::Table => {
            let commit = attribution.commit(revision)?;
            context.page();
            print(&mut context.output, &commit);
        }
        ShowForm::Json => {
            let trace = attribution.trace(revision)?;
            let record: Value = serde_json::from_str(&trace.record).unwrap_or_default();
            context.page();
            context.output.write_json_pretty(&record);
        }
        ShowForm::Jsonl => {
            let trace = attribution.trace(revision)?;
            writeln!(context.output, "{}", trace.record);
        }
    }
    Ok(ExitCode::Ok)
}

fn print(output: &mut Output, commit: &CommitShown) {
    let (bold, faint) = (output.style(HEADING), output.style(FAINT));
    let meta = &commit.meta;
    let subject = meta.subject.as_deref().unwrap_or_default();
    writeln!(
        output,
        "{bold}commit {}{bold:#}{faint} · {}{faint:#}",
        escape(&meta.commit_id, Keep::Nothing),
        escape(subject, Keep::Nothing)
    );
    let times = Times::absolute();
    let lines = commit.summary.lines.iter().map(|(who, lines)| format!("{lines} {who}"));
    let lines: Vec<String> = lines.collect();
    let lines = if lines.is_empty() { "no added lines".to_owned() } else { lines.join(", ") };
    writeln!(
        output,
        "{faint}{} · {} · {lines}{faint:#}",
        escape(meta.author.as_deref().unwrap_or_default(), Keep::Nothing),
        times.tell(Some(meta.committed_at_unix_ms), Form::Terminal),
    );
    if commit.details.is_empty() {
        return;
    }
    writeln!(output);
    let mut table =
        Table::new(&["file", "lines", "contributor", "agent", "model", "session", "prompt"]);
    for range in &commit.details {
        let drift = range.drift.as_ref().map(|drift| format!(" ({drift})")).unwrap_or_default();
        table.add([
            range.path.clone(),
            format!("{}-{}", range.start_line, range.end_line),
            range.contributor.clone() + &drift,
            range.agent.clone().unwrap_or_default(),
            range.model_id.clone().unwrap_or_default(),
            range.session_id.clone().or_else(|| range.url.clone()).unwrap_or_default(),
            range.prompt.clone().unwrap_or_default(),
        ]);
    }
    table.print(output);
}

fn export(
    context: &mut Context,
    attribution: &Attribution<'_>,
    revision: &str,
    to: Place,
    all: bool,
) -> Result<ExitCode, Failure> {
    let records = attribution.records(revision, all)?;
    match to {
        Place::Stdout => {
            for trace in &records {
                writeln!(context.output, "{}", trace.record);
            }
            Ok(ExitCode::Ok)
        }
        Place::File => {
            let (path, done) = attribution.export_to_file(&records)?;
            let to = format!("exported to {}", path.display());
            Ok(told(context, &to, &done))
        }
        Place::Notes => {
            let done = attribution.export_to_notes(&records)?;
            Ok(told(context, "exported to refs/notes/agent-trace", &done))
        }
    }
}

/// Says what became of records. What was left out is named on standard error.
fn told(context: &mut Context, what: &str, done: &Exchanged) -> ExitCode {
    let what = escape(what, Keep::Nothing);
    let records = counted(done.records as u64, "record");
    writeln!(context.output, "{what}: {records}, {} as before", done.unchanged);
    for (place, why) in &done.refused {
        let _ = writeln!(
            io::stderr(),
            "recount: {}: {}",
            escape(place, Keep::Nothing),
            escape(why, Keep::Nothing)
        );
    }
    if done.refused.is_empty() { ExitCode::Ok } else { ExitCode::Unreadable }
}

fn verify(
    context: &mut Context,
    attribution: &Attribution<'_>,
    revision: &str,
) -> Result<ExitCode, Failure> {
    let mut holds = true;
    for verified in attribution.verify(revision)? {
        let source = escape(&verified.source, Keep::Nothing).into_owned();
        if verified.faults.is_empty() {
            let ranges = counted(verified.ranges as u64, "range");
            writeln!(context.output, "{source}: holds, {ranges}");
        }
        for fault in &verified.faults {
            holds = false;
            writeln!(context.output, "{source}: {}", escape(fault, Keep::Nothing));
        }
    }
    Ok(if holds { ExitCode::Ok } else { ExitCode::NotFound })
}
