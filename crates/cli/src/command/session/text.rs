//! A conversation to be read in a terminal.

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use report::session::{
    document::telling::{self, Clock, Kind, Piece, Section, Text},
    story::Material,
};

use crate::terminal::{Keep, Output, escape};

/// How many lines of a tool's output are shown.
const OUTPUT_LINES: usize = 12;

const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const WRONG: Style = AnsiColor::Red.on_default();

/// Prints it.
pub fn print(output: &mut Output, material: &Material) {
    let zone = TimeZone::system();
    let clock = Clock::In(&zone);
    let story = material.story();
    let mut page = Page { output };
    page.section(&telling::session(&story, 0, clock));
    for scene in &story.scenes {
        writeln!(page.output);
        page.section(&telling::scene(scene, clock));
    }
}

struct Page<'o> {
    output: &'o mut Output,
}

impl Page<'_> {
    fn section(&mut self, section: &Section) {
        self.line(HEADING, 0, &section.heading);
        for about in &section.about {
            self.line(FAINT, 0, about);
        }
        for piece in &section.pieces {
            match piece {
                Piece::Text(text) => self.block(Style::new(), 2, text),
                Piece::Note(note) => self.line(FAINT, 2, note),
                Piece::Wrong(text) => self.block(WRONG, 2, text),
                Piece::Folded { summary, texts } => self.folded(summary, texts),
            }
        }
    }

    fn folded(&mut self, summary: &str, texts: &[Text]) {
        let is_call = texts.iter().any(|text| text.kind != Kind::Itself);
        self.line(if is_call { HEADING } else { FAINT }, 2, summary);
        for text in texts {
            match text.kind {
                Kind::Itself => self.block(FAINT, 4, &text.text),
                Kind::Input => self.block(Style::new(), 4, &text.text),
                Kind::Output => self.begin(FAINT, text),
                Kind::Error => self.begin(WRONG, text),
            }
        }
    }

    /// The first lines of what a tool gave back.
    fn begin(&mut self, style: Style, text: &Text) {
        let shown: Vec<&str> = text.text.lines().take(OUTPUT_LINES).collect();
        self.block(style, 4, &shown.join("\n"));
        let is_hidden = text.text.lines().nth(OUTPUT_LINES).is_some();
        if is_hidden || text.full_bytes.is_some() {
            let kept = i64::try_from(text.text.len()).unwrap_or(i64::MAX);
            let bytes = text.full_bytes.unwrap_or(kept);
            self.line(FAINT, 4, &format!("… {bytes} bytes in all"));
        }
    }

    fn block(&mut self, style: Style, indent: usize, text: &str) {
        for line in text.lines() {
            self.line(style, indent, line);
        }
    }

    fn line(&mut self, style: Style, indent: usize, text: &str) {
        let style = self.output.style(style);
        let text = escape(text, Keep::Lines);
        writeln!(self.output, "{:indent$}{style}{text}{style:#}", "");
    }
}
