//! A session in Markdown: headings of ours, and every text of the record in a fence.

use std::io::{self, Write};

use ::store::query::session_show::Conversation;
use report::session::turns::turns;

use super::{
    Place,
    telling::{self, Piece, Section},
};
use crate::markdown::{fenced, inline};

/// Writes it.
pub fn write(
    conversation: &Conversation,
    place: Place,
    document: &mut impl Write,
) -> io::Result<()> {
    if !place.is_first {
        writeln!(document)?;
    }
    section(&telling::session(conversation, place.depth), "#", document)?;
    for turn in turns(conversation) {
        writeln!(document)?;
        section(&telling::turn(&turn), "##", document)?;
    }
    Ok(())
}

fn section(section: &Section, level: &str, document: &mut impl Write) -> io::Result<()> {
    writeln!(document, "{level} {}", inline(&section.heading))?;
    if !section.about.is_empty() {
        writeln!(document, "\n{}", inline(&section.about))?;
    }
    for piece in &section.pieces {
        match piece {
            Piece::Text(text) => writeln!(document, "\n{}", fenced(text, "text"))?,
            Piece::Note(note) => writeln!(document, "\n*{}*", inline(note))?,
            Piece::Folded { summary, texts } => {
                writeln!(document, "\n**{}**", inline(summary))?;
                for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
                    if !name.is_empty() {
                        writeln!(document, "\n{name}:")?;
                    }
                    writeln!(document, "\n{}", fenced(text, "text"))?;
                }
            }
        }
    }
    Ok(())
}
