//! `recount config`: what is set, where each value comes from, and what can be set.

use std::fmt::Write;

use anstyle::Style;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::Context;
use crate::{
    exit::ExitCode,
    failure::Failure,
    settings::{self, KEYS, Key, Loaded, Source},
    terminal::{self, Keep},
};

/// What to show.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show every setting, its value and where it comes from, in the form of the settings file
    Show {
        /// How to show it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show the JSON Schema of the settings file: every key, its default and what is allowed
    Schema,
}

/// How settings are shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// A settings file, with the sources as comments
    Text,
    /// One JSON object
    Json,
}

impl Command {
    /// Does it.
    pub fn run(&self, context: &mut Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Show { format } => {
                context.settings()?;
                match format {
                    Format::Text => show_text(context),
                    Format::Json => show_json(context),
                }
            }
            Self::Schema => writeln!(context.output, "{:#}", settings::schema()),
        }
        Ok(ExitCode::Ok)
    }
}

/// Every key with its value and its source.
fn rows(loaded: &Loaded) -> impl Iterator<Item = (&'static Key, Value, Source)> {
    let keys = KEYS.iter().zip(loaded.sources);
    keys.map(|(key, source)| (key, key.field.show(&loaded.settings), source))
}

fn show_text(context: &mut Context) {
    let file = match &context.loaded.file {
        Some(file) if file.exists() => file.display().to_string(),
        Some(file) => format!("{} (not there)", file.display()),
        None => "no settings file: neither `XDG_CONFIG_HOME` nor `HOME` is an absolute path".into(),
    };
    let rows: Vec<_> = rows(&context.loaded)
        .map(|(key, value, source)| match value {
            Value::Null => (format!("# {} is not set", key.name), source),
            value => (format!("{} = {}", key.name, toml(&value)), source),
        })
        .collect();
    let lengths = rows.iter().map(|(setting, _)| setting.len());
    let width = lengths.filter(|length| *length <= WIDEST).max().unwrap_or_default();
    let dim = context.output.style(Style::new().dimmed());
    let file = terminal::escape(&file, Keep::Nothing);
    writeln!(context.output, "{dim}# {file}{dim:#}");
    for (setting, source) in rows {
        writeln!(context.output, "{setting:width$}  {dim}# {source}{dim:#}");
    }
}

/// The longest setting that the sources stand in line with.
const WIDEST: usize = 100;

/// The value as TOML writes it: as JSON does, but for tables, and for the few characters that neither
/// TOML nor a terminal may get as they are.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            format!("[{}]", values.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(table) => {
            let pairs = table.iter().map(|(key, value)| format!("{key} = {}", toml(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => scalar(value),
    }
}

fn scalar(value: &Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        if terminal::is_active(character) {
            let _ = write!(text, "\\U{:08X}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    text
}

fn show_json(context: &mut Context) {
    let settings: Vec<_> = rows(&context.loaded)
        .map(|(key, value, source)| {
            let mut row = json!(source);
            row["key"] = json!(key.name);
            row["value"] = value;
            row["unit"] = json!(key.field.unit().map(settings::Unit::as_str));
            row["meaning"] = json!(key.meaning);
            row
        })
        .collect();
    let file = context.loaded.file.as_ref().map(|file| file.to_string_lossy());
    writeln!(context.output, "{:#}", json!({ "file": file, "settings": settings }));
}
