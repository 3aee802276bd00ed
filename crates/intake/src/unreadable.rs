//! Bytes that are no envelope, put together: neighbours with only blanks between them are one piece,
//! so that a file of the wrong kind does not become a thousand findings.

use domain::Unreadable;

use crate::framing::{Piece, VALUE_LIMIT_BYTES, blank_bytes_at_end};
use crate::wire::Reason;

/// The piece that is growing, if there is one.
#[derive(Default)]
pub(crate) struct Rubble {
    piece: Option<Unreadable>,
}

impl Rubble {
    /// Adds bytes that are no envelope, and gives out what is complete. The first reason stays.
    #[must_use]
    pub fn add(&mut self, piece: &Piece<'_>, reason: Reason) -> Option<Unreadable> {
        let complete = self.make_room(piece.bytes.len());
        let rubble = self.piece.get_or_insert_with(|| Unreadable {
            offset: piece.offset,
            reason: reason.to_owned(),
            bytes: Vec::new(),
        });
        rubble.bytes.extend_from_slice(piece.bytes);
        complete
    }

    /// Adds blanks, which count only if more rubble follows, and gives out what is complete.
    #[must_use]
    pub fn add_blank(&mut self, bytes: &[u8]) -> Option<Unreadable> {
        let complete = self.make_room(bytes.len());
        if let Some(rubble) = &mut self.piece {
            rubble.bytes.extend_from_slice(bytes);
        }
        complete
    }

    /// Ends the piece: what follows is an envelope or the end.
    #[must_use]
    pub fn finish(&mut self) -> Option<Unreadable> {
        let mut rubble = self.piece.take()?;
        rubble.bytes.truncate(rubble.bytes.len() - blank_bytes_at_end(&rubble.bytes));
        (!rubble.bytes.is_empty()).then_some(rubble)
    }

    fn make_room(&mut self, bytes: usize) -> Option<Unreadable> {
        let held = self.piece.as_ref().map_or(0, |rubble| rubble.bytes.len());
        if held + bytes > VALUE_LIMIT_BYTES { self.finish() } else { None }
    }
}
