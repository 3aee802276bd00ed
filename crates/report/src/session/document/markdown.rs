//! A session in Markdown: headings of ours, and every text of the record in a fence.

use std::io::{self, Write};

use super::{
    super::story::Story,
    Place,
    telling::{self, Clock, Piece, Section},
};
use crate::markdown::{fenced, inline};

/// Writes it.
pub fn write(story: &Story<'_>, place: Place, document: &mut impl Write) -> io::Result<()> {
    if !place.is_first {
        writeln!(document)?;
    }
    section(&telling::session(story, place.depth, Clock::Exact), "#", document)?;
    for scene in &story.scenes {
        writeln!(document)?;
        section(&telling::scene(scene, Clock::Exact), "##", document)?;
    }
    Ok(())
}

fn section(section: &Section, level: &str, document: &mut impl Write) -> io::Result<()> {
    writeln!(document, "{level} {}", inline(&section.heading))?;
    for about in &section.about {
        writeln!(document, "\n{}", inline(about))?;
    }
    for piece in &section.pieces {
        match piece {
            Piece::Text(text) => writeln!(document, "\n{}", fenced(text, "text"))?,
            Piece::Note(note) => writeln!(document, "\n*{}*", inline(note))?,
            Piece::Wrong(text) => writeln!(document, "\n**error**\n\n{}", fenced(text, "text"))?,
            Piece::Folded { summary, texts } => {
                writeln!(document, "\n**{}**", inline(summary))?;
                for text in texts.iter().filter(|text| !text.text.is_empty()) {
                    if !text.kind.name().is_empty() {
                        writeln!(document, "\n{}:", text.kind.name())?;
                    }
                    writeln!(document, "\n{}", fenced(&text.told(), "text"))?;
                }
            }
        }
    }
    Ok(())
}
