//! An input from its first byte to its last: every piece becomes findings, in order.

use std::io::{self, Read};
use std::mem;
use std::ops::ControlFlow;

use domain::{Agent, Batch, Decoded, Item, Record, UnixMs, Unreadable, Warning};

use crate::agents::agent_named;
use crate::envelope::{self, Envelope, Optional};
use crate::framing::{Framer, Kind, Piece, Sizes};
use crate::hook;
use crate::identity::Occurrences;
use crate::item::{Judge, Place, Speaker};
use crate::unreadable::Rubble;
use crate::wire::{Note, Reason};

/// How many items are handed out at once, at most.
const BATCH_ITEMS: usize = 1_000;

/// Where an input came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Which agent speaks, where the caller knows; it outdoes the envelope's own word.
    pub agent: Option<Agent>,
    /// When the input was received.
    pub received_at: UnixMs,
}

/// Reads one input to its end, handing each finding to `sink` in order; a `Break` from the sink ends
/// the reading.
///
/// An envelope gives batches of at most 1,000 items and its rejected items as they are found, so a
/// reject may come before the batch of its siblings. An envelope without items gives an empty batch.
/// Memory is bounded by the longest value that is taken (64 MiB), not by the input.
///
/// # Errors
/// The input's own; what was read whole before it has been handed out.
pub fn decode(
    input: &mut dyn Read,
    origin: &Origin,
    sink: &mut dyn FnMut(Decoded) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut framer = Framer::new(input, Sizes::default());
    let mut reading = Reading { origin, sink, envelopes: 0, rubble: Rubble::default() };
    loop {
        let flow = match framer.next() {
            Ok(Some(piece)) => reading.take(&piece),
            Ok(None) => return Ok(reading.finish_rubble()),
            Err(error) => {
                return match reading.finish_rubble() {
                    ControlFlow::Break(()) => Ok(ControlFlow::Break(())),
                    ControlFlow::Continue(()) => Err(error),
                };
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
}

struct Reading<'a> {
    origin: &'a Origin,
    sink: &'a mut dyn FnMut(Decoded) -> ControlFlow<()>,
    /// How many envelopes and hook events have been read.
    envelopes: usize,
    rubble: Rubble,
}

impl Reading<'_> {
    fn take(&mut self, piece: &Piece<'_>) -> ControlFlow<()> {
        match piece.kind {
            Kind::Blank => {
                let complete = self.rubble.add_blank(piece.bytes);
                self.hand_out_rubble(complete)
            }
            Kind::Bad(reason) => self.add_rubble(piece, reason),
            Kind::Value => match envelope::read(piece.bytes) {
                Ok(envelope::Value::Envelope(envelope)) => self.envelope(&envelope),
                Ok(envelope::Value::HookEvent(text)) => self.hook_event(piece, text),
                Err(reason) => self.add_rubble(piece, reason),
            },
        }
    }

    fn hook_event(&mut self, piece: &Piece<'_>, text: &str) -> ControlFlow<()> {
        match hook::batch(text, self.envelopes, &self.speaker(None, None)) {
            Ok(mut batch) => {
                self.finish_rubble()?;
                self.envelopes += 1;
                while batch.items.len() > BATCH_ITEMS {
                    let rest = batch.items.split_off(BATCH_ITEMS);
                    let items = mem::replace(&mut batch.items, rest);
                    let first = Batch { items, is_hook_event: true, ..Batch::default() };
                    (self.sink)(Decoded::Items(first))?;
                }
                (self.sink)(Decoded::Items(batch))
            }
            Err(reason) => {
                // The caller must know that a hook spoke, whatever it said.
                let batch = Batch { is_hook_event: true, ..Batch::default() };
                (self.sink)(Decoded::Items(batch))?;
                self.add_rubble(piece, reason)
            }
        }
    }

    fn envelope(&mut self, envelope: &Envelope<'_>) -> ControlFlow<()> {
        self.finish_rubble()?;
        let number = self.envelopes;
        self.envelopes += 1;
        let speaker = self.speaker(envelope.agent.text(), envelope.agent_version.text());
        let occurrences = Occurrences::from(envelope.first_occurrence);
        let mut judge = Judge::new(envelope.kind, speaker, occurrences);
        let mut batch = Batch { warnings: header_warnings(number, envelope), ..Batch::default() };
        let mut notes = Vec::new();
        let mut is_empty = true;
        for (index, raw) in envelope.items().enumerate() {
            is_empty = false;
            let place = Place { envelope: number, index };
            notes.clear();
            match judge.judge(raw, &mut notes) {
                Ok(item) => {
                    batch.ends_turn |= ends_turn(&item);
                    batch.items.push(item);
                    batch.warnings.extend(notes.drain(..).map(|note| note.at(place)));
                }
                Err(refusal) => {
                    (self.sink)(Decoded::Rejected(judge.reject(raw, place, refusal)))?;
                }
            }
            if batch.items.len() == BATCH_ITEMS {
                (self.sink)(Decoded::Items(mem::take(&mut batch)))?;
            }
        }
        if is_empty || batch != Batch::default() {
            (self.sink)(Decoded::Items(batch))?;
        }
        ControlFlow::Continue(())
    }

    fn add_rubble(&mut self, piece: &Piece<'_>, reason: Reason) -> ControlFlow<()> {
        let complete = self.rubble.add(piece, reason);
        self.hand_out_rubble(complete)
    }

    fn finish_rubble(&mut self) -> ControlFlow<()> {
        let complete = self.rubble.finish();
        self.hand_out_rubble(complete)
    }

    fn hand_out_rubble(&mut self, rubble: Option<Unreadable>) -> ControlFlow<()> {
        rubble.map_or(ControlFlow::Continue(()), |piece| (self.sink)(Decoded::Unreadable(piece)))
    }

    fn speaker(&self, agent: Option<&str>, agent_version: Option<&str>) -> Speaker {
        Speaker {
            agent: self.origin.agent.clone().or_else(|| agent_named(agent?)),
            agent_version: agent_version.filter(|text| !text.trim().is_empty()).map(str::to_owned),
            received_at: self.origin.received_at,
        }
    }
}

/// Whether a session comes to an end or to rest with this item.
fn ends_turn(item: &Item) -> bool {
    matches!(&item.subject, Record::Session(session) if session.ended_at.value().is_some())
}

/// What does not fit in the envelope itself stands with its first item.
fn header_warnings(number: usize, envelope: &Envelope<'_>) -> Vec<Warning> {
    let fields = [("agent", &envelope.agent), ("agent_version", &envelope.agent_version)];
    let misfits = fields.into_iter().filter(|(_, value)| **value == Optional::Misfit);
    let note = |field: &str| Note { field: field.to_owned(), reason: "is no string" };
    misfits.map(|(field, _)| note(field).at(Place { envelope: number, index: 0 })).collect()
}
