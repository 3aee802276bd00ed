//! `recount blame`: who wrote each line of a file.

use std::path::{Component, Path, PathBuf};

use agent_trace::git::LineRange;
use anstyle::Style;
use clap::Args;
use report::attribution::{AttributionError, Blame, BlameDetail};

use super::{
    Context, attribution,
    form::{FormArgument, Times},
};
use crate::{
    exit::ExitCode,
    failure::Failure,
    table::{Form, Table},
    terminal::{Keep, Output, counted, escape},
};

const FAINT: Style = Style::new().dimmed();

/// As much of a commit's id as people read.
const COMMIT_CHARACTERS: usize = 8;

/// No column before the text is wider.
const COLUMN_CHARACTERS: usize = 32;

/// Which lines, and how to print them.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file
    file: PathBuf,

    /// Only these lines: `A,B`, `A,+COUNT`, `A,` or `A`
    #[arg(short = 'L', value_name = "RANGE", value_parser = range)]
    lines: Option<LineRange>,

    /// As this revision has it, instead of the work tree
    #[arg(long, value_name = "REV")]
    rev: Option<String>,

    #[command(flatten)]
    form: FormArgument,
}

/// Reads `A,B`, `A,+COUNT`, `A,`, `,B` or `A`.
fn range(text: &str) -> Result<LineRange, String> {
    let wrong = || "wanted are two numbers of lines, such as `10,20` or `10,+5`".to_owned();
    let number =
        |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0).ok_or_else(wrong);
    let (first, last) = text.split_once(',').unwrap_or((text, text));
    let first = if first.is_empty() { 1 } else { number(first)? };
    let last = match last.strip_prefix('+') {
        Some(count) => Some(first.saturating_add(number(count)? - 1)),
        None if last.is_empty() => None,
        None => Some(number(last)?),
    };
    if ["", ","].contains(&text) || last.is_some_and(|last| last < first) {
        Err(wrong())
    } else {
        Ok(LineRange { first, last })
    }
}

/// Asks and prints.
pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let now = (store.settings().clock)();
    let file = context.environment.absolute(&arguments.file);
    let folder = existing_folder(&file);
    let attribution = attribution::at(context, &store, &folder)?;
    let path = match &attribution.repository().top {
        // A bare repository has files in its revisions alone.
        None if arguments.rev.is_some() => arguments.file.to_string_lossy().into_owned(),
        top => path_in(top.as_deref(), &folder, &file)?,
    };
    let blame = attribution.blame(&path, arguments.rev.as_deref(), arguments.lines, now)?;
    let times = arguments.form.times(now);
    context.page();
    arguments.form.print(context, &blame, |context, blame, form| {
        print(&mut context.output, blame, form, &times);
    });
    Ok(ExitCode::Ok)
}

/// The folder of a file, or the nearest above it that is there: an older revision may have more.
fn existing_folder(file: &Path) -> PathBuf {
    let folders = file.ancestors().skip(1);
    folders
        .filter(|folder| folder.is_dir())
        .map(Path::to_owned)
        .next()
        .unwrap_or_else(|| "/".into())
}

/// What the repository calls a file.
fn path_in(top: Option<&Path>, folder: &Path, file: &Path) -> Result<String, Failure> {
    let outside = || AttributionError::Outside(file.display().to_string());
    let top = top.ok_or_else(outside)?;
    let folder_there = folder.canonicalize().map_err(|_| outside())?;
    let rest = file.strip_prefix(folder).map_err(|_| outside())?;
    let path = folder_there.join(rest);
    let path = path.strip_prefix(top).map_err(|_| outside())?;
    let is_plain = path.components().all(|component| matches!(component, Component::Normal(_)));
    let path = path.to_str().filter(|path| is_plain && !path.is_empty());
    Ok(path.ok_or_else(outside)?.to_owned())
}

fn print(output: &mut Output, blame: &Blame, form: Form, times: &Times) {
    if form == Form::Terminal {
        return print_lines(output, blame, times);
    }
    let heading = [
        "line",
        "contributor",
        "who",
        "session",
        "message",
        "prompt",
        "drift",
        "time",
        "commit",
        "text",
    ];
    let mut table = Table::new(&heading);
    for line in &blame.details {
        table.add([
            line.line.to_string(),
            line.contributor.clone(),
            who(line),
            line.session_id.clone().unwrap_or_default(),
            line.message_id.clone().unwrap_or_default(),
            line.prompt.clone().unwrap_or_default(),
            line.drift.clone().unwrap_or_default(),
            times.tell(line.committed_at_unix_ms, form),
            line.commit_id.clone().unwrap_or_default(),
            line.text.clone(),
        ]);
    }
    table.print_as(form, output);
}

/// One line for each, with the text at its end: columns as wide as what they hold.
fn print_lines(output: &mut Output, blame: &Blame, times: &Times) {
    let rows: Vec<[String; 5]> = blame.details.iter().map(|line| columns(line, times)).collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let faint = output.style(FAINT);
    let digits = blame.details.last().map_or(1, |line| line.line.to_string().len());
    for (row, line) in rows.iter().zip(&blame.details) {
        write!(output, "{faint}");
        for (cell, width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
            write!(output, "{cell:width$}  ");
        }
        let text = line.text.strip_suffix('\r').unwrap_or(&line.text);
        writeln!(output, "{:>digits$}{faint:#}  {}", line.line, escape(text, Keep::Lines));
    }
    let shares: Vec<String> = blame
        .summary
        .iter()
        .map(|share| {
            let names = [share.agent.as_deref(), share.model_id.as_deref()].into_iter().flatten();
            let names: Vec<&str> = [share.contributor.as_str()].into_iter().chain(names).collect();
            format!("{} {}", counted(share.lines as u64, "line"), names.join(" · "))
        })
        .collect();
    writeln!(output, "{faint}{}{faint:#}", escape(&shares.join(", "), Keep::Nothing));
}

/// Who, the session, the prompt, the time and the commit.
fn columns(line: &BlameDetail, times: &Times) -> [String; 5] {
    let session: String = line.session_id.iter().flat_map(|id| id.chars().take(13)).collect();
    let prompt =
        line.prompt.as_ref().map(|prompt| format!("“{}”", cut(prompt, COLUMN_CHARACTERS - 2)));
    let commit = line.commit_id.iter().flat_map(|id| id.chars().take(COMMIT_CHARACTERS));
    let commit: String = commit.collect();
    let cells = [
        cut(&who(line), COLUMN_CHARACTERS),
        session,
        prompt.unwrap_or_default(),
        times.tell(line.committed_at_unix_ms, Form::Terminal),
        if commit.is_empty() { "not yet".to_owned() } else { commit },
    ];
    cells.map(|cell| escape(&cell, Keep::Nothing).into_owned())
}

/// The agent with its model, the person, or that nobody knows.
fn who(line: &BlameDetail) -> String {
    let person = || line.author.clone().unwrap_or_else(|| "a person".to_owned());
    let agent = || {
        let model = line.model_id.as_deref().map(|model| model.rsplit('/').next().unwrap_or(model));
        let agent = line.agent.as_deref().or(model.is_none().then_some("an agent"));
        let names: Vec<&str> = agent.into_iter().chain(model).collect();
        names.join(" · ")
    };
    let drift = line.drift.as_ref().map(|drift| format!(" ({drift})")).unwrap_or_default();
    match line.contributor.as_str() {
        "ai" => agent() + &drift,
        "mixed" => agent() + " + a person",
        "human" => person(),
        _ => line.author.as_ref().map_or_else(|| "?".to_owned(), |author| format!("{author} ?")),
    }
}

fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let begin: String = text.chars().take(characters - 1).collect();
    format!("{}…", begin.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_lines_are_read_as_git_reads_them() {
        let cases = [
            ("3,7", Some((3, Some(7)))),
            ("3,+2", Some((3, Some(4)))),
            ("3,", Some((3, None))),
            (",7", Some((1, Some(7)))),
            ("3", Some((3, Some(3)))),
            ("0,3", None),
            ("7,3", None),
            (",", None),
            ("", None),
            ("a,b", None),
            ("3,+0", None),
            ("99999999999,", None),
        ];
        for (text, expected) in cases {
            let found = range(text).ok().map(|range| (range.first, range.last));
            assert_eq!(found, expected, "{text}");
        }
    }
}
