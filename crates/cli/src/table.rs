//! Tables: for a terminal with columns as wide as what they hold and rows no wider than the screen,
//! for spreadsheets, and for Markdown.
//!
//! Cells are foreign texts. In each form they are escaped by what could act there.

use std::borrow::Cow;

use comfy_table::{ColumnConstraint, ContentArrangement, Width, presets};
use domain::Picodollars;
use report::markdown;

use crate::terminal::{self, Keep, Output, dollars};

/// How a table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// To be read in a terminal.
    Terminal,
    /// Comma-separated values (RFC 4180), of which no cell begins a formula.
    Csv,
    /// A table of GitHub Flavored Markdown.
    Markdown,
}

impl Form {
    /// An amount; a number without a sign of money in a spreadsheet.
    pub fn amount(self, picodollars: i64) -> String {
        match self {
            Self::Csv => Picodollars(picodollars).to_string(),
            Self::Terminal | Self::Markdown => dollars(picodollars),
        }
    }

    /// A share; a number alone in a spreadsheet.
    pub fn percent(self, rate: f64) -> String {
        match self {
            Self::Csv => format!("{rate:.1}"),
            Self::Terminal | Self::Markdown => format!("{rate:.1} %"),
        }
    }
}

/// In a terminal a longer text would make every row of its table as wide as itself. Ids that agents make
/// have less.
const CELL_CHARACTERS: usize = 200;

/// As much of an id as mostly tells it from all others stays in view on a narrow terminal.
const NAME_CHARACTERS: usize = 13;

/// `2026-11-20 11:24:03`.
const TIME_CHARACTERS: usize = 19;

/// What is no longer than a figure or a time, such as `59 minutes ago`, …
const SHORT_CHARACTERS: usize = 15;
/// … and so much of what is longer is of use.
const TEXT_CHARACTERS: usize = 10;

/// Blanks between two columns.
const GAP: usize = 2;

/// A table with a heading. What is put into it is shown escaped, on one line.
pub struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
    /// In a list each row takes one line, of which so many characters of the first cell stay in view.
    list: Option<usize>,
}

impl Table {
    /// An empty table.
    pub fn new(heading: &[&str]) -> Self {
        Self {
            heading: heading.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
            list: None,
        }
    }

    /// One whose rows take one line each on a terminal. Columns stand in the order of their weight: where
    /// there is no room, the last ones go, and long texts are cut. The first names the row.
    pub fn list(heading: &[&str]) -> Self {
        Self { list: Some(NAME_CHARACTERS), ..Self::new(heading) }
    }

    /// The same where the first cell is a time, which is of no use cut.
    pub fn timeline(heading: &[&str]) -> Self {
        Self { list: Some(TIME_CHARACTERS), ..Self::new(heading) }
    }

    /// Adds a row of foreign texts.
    pub fn add<const COLUMNS: usize>(&mut self, row: [String; COLUMNS]) {
        self.add_row(row.into());
    }

    /// Adds a row of as many foreign texts as the heading has.
    pub fn add_row(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// Prints it for a terminal.
    pub fn print(&self, output: &mut Output) {
        self.print_as(Form::Terminal, output);
    }

    /// Prints it.
    pub fn print_as(&self, form: Form, output: &mut Output) {
        match form {
            Form::Terminal => self.print_for_terminal(output),
            Form::Csv => self.print_csv(output),
            Form::Markdown => self.print_markdown(output),
        }
    }

    fn print_for_terminal(&self, output: &mut Output) {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        let escaped = |cell: &String| cut(&terminal::escape(cell, Keep::Nothing));
        let rows = || self.rows.iter().map(|row| row.iter().map(escaped).collect::<Vec<_>>());
        let width = terminal::width_columns();
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        }
        let least = self.list.map(|first| least_widths(&self.heading, rows(), first));
        let shown =
            least.as_ref().zip(width).map_or(self.heading.len(), |(l, width)| fit(l, width));
        table.set_header(&self.heading[..shown]);
        for row in rows() {
            let mut row = comfy_table::Row::from(row.into_iter().take(shown));
            if self.list.is_some() {
                row.max_height(1);
            }
            table.add_row(row);
        }
        for (column, least) in table.column_iter_mut().zip(least.into_iter().flatten()) {
            let least = Width::Fixed(u16::try_from(least).unwrap_or(u16::MAX));
            column.set_constraint(ColumnConstraint::LowerBoundary(least));
        }
        for line in table.lines() {
            writeln!(output, "{}", line.trim_end());
        }
    }

    fn print_csv(&self, output: &mut Output) {
        for row in [&self.heading].into_iter().chain(&self.rows) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let cells = row.iter().map(|cell| csv_cell(cell));
            writer
                .write_record(cells.map(|cell| cell.into_owned().into_bytes()))
                .expect("memory takes all");
            output.write_bytes(&writer.into_inner().expect("memory takes all"));
        }
    }

    fn print_markdown(&self, output: &mut Output) {
        let rule = vec!["---".to_owned(); self.heading.len()];
        let escaped = |row: &[String]| row.iter().map(|cell| markdown::inline(cell)).collect();
        let rows = self.rows.iter().map(|row| escaped(row));
        for row in [escaped(&self.heading), rule].into_iter().chain(rows) {
            writeln!(output, "| {} |", row.join(" | "));
        }
    }
}

/// How wide each column of a list has to be at least, with its gap: a figure or a time says nothing when it
/// is cut, a piece of a text does.
fn least_widths(
    heading: &[String],
    rows: impl Iterator<Item = Vec<String>>,
    first: usize,
) -> Vec<usize> {
    let mut longest: Vec<usize> = heading.iter().map(|name| name.chars().count()).collect();
    let mut names = Vec::new();
    for row in rows {
        for (longest, cell) in longest.iter_mut().zip(&row) {
            *longest = cell.chars().count().max(*longest);
        }
        names.extend(row.into_iter().next());
    }
    let first = distinct(names).max(first);
    let least = |(place, longest): (usize, usize)| match place {
        0 => longest.min(first),
        _ if longest <= SHORT_CHARACTERS => longest,
        _ => TEXT_CHARACTERS,
    };
    longest.into_iter().enumerate().map(least).map(|least| least + GAP).collect()
}

/// How many characters tell each name from all others, with the sign that it is cut.
fn distinct(mut names: Vec<String>) -> usize {
    names.sort_unstable();
    names.dedup();
    let alike = |pair: &[String]| match pair {
        [one, other] => one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count(),
        _ => 0,
    };
    names.windows(2).map(alike).max().map_or(0, |alike| alike + 2)
}

/// How many of these columns a terminal has room for. The last ones go first; two stay.
fn fit(least: &[usize], width: usize) -> usize {
    let ends = least.iter().scan(0, |end, width| {
        *end += width;
        Some(*end)
    });
    ends.take_while(|end| *end <= width).count().max(least.len().min(2))
}

/// A cell that a spreadsheet takes for a text or a number, whatever stands in it. A leading `'` is
/// what spreadsheets themselves put before a text that looks like a formula.
fn csv_cell(cell: &str) -> Cow<'_, str> {
    let escaped = terminal::escape(cell, Keep::Nothing);
    let begins_formula = cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', // The same in full width, which some take for them.
        '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    if begins_formula && !is_number(cell) { format!("'{escaped}").into() } else { escaped }
}

/// Whether it is a plain decimal number, perhaps below zero.
fn is_number(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let amount = cell.strip_prefix('-').unwrap_or(cell);
    match amount.split_once('.') {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(amount),
    }
}

/// A text as a cell holds it; `…` stands for the rest of a long one.
fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_a_spreadsheet_begins_a_formula_and_numbers_stay() {
        let cases = [
            ("plain", "plain"),
            ("", ""),
            ("-5", "-5"),
            ("-0.9967", "-0.9967"),
            ("-5-1", "'-5-1"),
            ("-.5", "'-.5"),
            ("+5", "'+5"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\r=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a\nb\u{202e}", "a\\nb\\u{202e}"),
        ];
        for (cell, expected) in cases {
            assert_eq!(csv_cell(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn the_last_columns_go_where_there_is_no_room_for_them() {
        let heading = ["session", "title", "active", "cost"].map(str::to_owned);
        let row = ["a48631d7-b157-45ef", &"t".repeat(50), "59 minutes ago", "$0.01"];
        let rows = || [row.map(str::to_owned).to_vec()].into_iter();
        let least = least_widths(&heading, rows(), NAME_CHARACTERS);
        assert_eq!(least, [13 + 2, 10 + 2, 14 + 2, 5 + 2]);
        let cases = [(10, 2), (27, 2), (42, 2), (43, 3), (49, 3), (50, 4), (200, 4)];
        for (width, expected) in cases {
            assert_eq!(fit(&least, width), expected, "{width}");
        }
        assert_eq!((fit(&[], 80), fit(&[100], 80)), (0, 1));
        let names = ["01a1f875-9111-1", "01a1f875-9117-1", "01a1f870"].map(str::to_owned);
        assert_eq!(distinct(names.to_vec()), "01a1f875-9111…".chars().count());
        assert_eq!((distinct(vec![]), distinct(vec!["a".to_owned()])), (0, 0));
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(cut(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(cut(&"é".repeat(1_000_000)), "é".repeat(200) + "…");
    }
}
