//! Tables for a terminal: columns as wide as what they hold, rows no wider than the screen.

use comfy_table::{ContentArrangement, presets};

use crate::terminal::{self, Keep, Output};

/// A table with a heading. What is put into it is shown escaped, on one line.
pub struct Table(comfy_table::Table);

impl Table {
    /// An empty table.
    pub fn new(heading: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_header(heading.to_vec());
        if let Some(width) = terminal::width_columns() {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        }
        Self(table)
    }

    /// Adds a row of foreign texts.
    pub fn add<const COLUMNS: usize>(&mut self, row: [String; COLUMNS]) {
        self.0.add_row(row.map(|cell| terminal::escape(&cell, Keep::Nothing).into_owned()));
    }

    /// Prints it.
    pub fn print(&self, output: &mut Output) {
        for line in self.0.lines() {
            writeln!(output, "{}", line.trim_end());
        }
    }
}
