//! Tables as the README has them.

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

/// A Markdown table with its first column to the left and the others to the right.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A ratio or a time as the tables show it.
pub fn two(figure: f64) -> String {
    format!("{figure:.2}")
}

/// Mebibytes.
#[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
pub fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
