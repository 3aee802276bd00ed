//! The receipt: what became of an input, for the plugin that handed it over.

use domain::{Decoded, Reject, Transcript, Unreadable, Warning};
use serde::Serialize;
use store::Counts;

/// What was judged of one input, before or without storing it.
#[derive(Debug, Default)]
pub struct Judged {
    valid: u64,
    rejects: Vec<RejectEntry>,
    warnings: Vec<WarningEntry>,
    unreadable: Vec<UnreadableEntry>,
    /// It holds a native hook event, whose agent may feed standard output to its model.
    pub has_hook_event: bool,
    /// It holds an envelope.
    pub has_envelope: bool,
    /// A turn or a session ends here.
    pub ends_turn: bool,
    /// Files of the agent's own that it names.
    pub transcripts: Vec<Transcript>,
}

/// An item that was not taken in.
#[derive(Debug, Serialize)]
struct RejectEntry {
    envelope: usize,
    index: usize,
    field: String,
    reason: String,
}

/// A field that was left out.
type WarningEntry = RejectEntry;

/// A piece that is no envelope.
#[derive(Debug, Serialize)]
pub struct UnreadableEntry {
    /// Where it begins.
    pub offset: u64,
    /// How long it is.
    pub bytes: usize,
    /// Why it cannot be read.
    pub reason: String,
}

/// The counts of a receipt; `attempted` is the sum of the others.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Sums {
    attempted: u64,
    stored: u64,
    updated: u64,
    duplicate: u64,
    rejected: u64,
    spooled: u64,
}

impl Judged {
    /// Takes note of one finding.
    pub fn add(&mut self, decoded: Decoded) {
        match decoded {
            Decoded::Items(batch) => {
                self.valid += batch.items.len() as u64;
                self.has_hook_event |= batch.is_hook_event;
                self.has_envelope |= !batch.is_hook_event;
                self.ends_turn |= batch.ends_turn;
                self.transcripts.extend(batch.transcripts);
                self.warnings.extend(batch.warnings.into_iter().map(warning));
            }
            Decoded::Rejected(reject) => {
                self.has_envelope = true;
                self.rejects.push(rejected(reject));
            }
            Decoded::Unreadable(piece) => self.unreadable.push(unreadable(&piece)),
        }
    }

    /// Pieces that are no envelope.
    pub fn unreadable(&self) -> &[UnreadableEntry] {
        &self.unreadable
    }

    /// The counts, with what became of the items if they are stored already.
    pub fn sums(&self, drained: Option<Counts>) -> Sums {
        let rejected = self.rejects.len() as u64;
        match drained {
            Some(counts) => Sums {
                attempted: counts.attempted(),
                stored: counts.stored,
                updated: counts.updated,
                duplicate: counts.duplicate,
                rejected: counts.rejected,
                spooled: 0,
            },
            None => Sums {
                attempted: self.valid + rejected,
                stored: 0,
                updated: 0,
                duplicate: 0,
                rejected,
                spooled: self.valid,
            },
        }
    }

    /// The receipt as one line of text.
    pub fn text(&self, drained: Option<Counts>) -> String {
        let Sums { attempted, stored, updated, duplicate, rejected, spooled } = self.sums(drained);
        format!(
            "conversation-trace: attempted={attempted} stored={stored} updated={updated} \
             duplicate={duplicate} rejected={rejected} spooled={spooled}"
        )
    }

    /// The receipt as one line of JSON, with an entry for each thing that was not taken in.
    pub fn json(&self, drained: Option<Counts>) -> String {
        #[derive(Serialize)]
        struct Receipt<'a> {
            #[serde(flatten)]
            sums: Sums,
            rejects: &'a [RejectEntry],
            warnings: &'a [WarningEntry],
            unreadable: &'a [UnreadableEntry],
        }
        let receipt = Receipt {
            sums: self.sums(drained),
            rejects: &self.rejects,
            warnings: &self.warnings,
            unreadable: &self.unreadable,
        };
        serde_json::to_string(&receipt).expect("a receipt has only text keys")
    }
}

fn rejected(reject: Reject) -> RejectEntry {
    let Reject { envelope, index, field, reason, .. } = reject;
    RejectEntry { envelope, index, field, reason }
}

fn warning(warning: Warning) -> WarningEntry {
    let Warning { envelope, index, field, reason } = warning;
    RejectEntry { envelope, index, field, reason }
}

fn unreadable(piece: &Unreadable) -> UnreadableEntry {
    let Unreadable { offset, reason, bytes } = piece;
    UnreadableEntry { offset: *offset, bytes: bytes.len(), reason: reason.clone() }
}

#[cfg(test)]
mod tests {
    use domain::Batch;

    use super::*;

    fn judged() -> Judged {
        let mut judged = Judged { valid: 2, ..Judged::default() };
        judged.add(Decoded::Items(Batch::default()));
        judged.add(Decoded::Unreadable(Unreadable {
            offset: 7,
            reason: "is no JSON".to_owned(),
            bytes: b"secret".to_vec(),
        }));
        judged.rejects.push(RejectEntry {
            envelope: 0,
            index: 2,
            field: "role".to_owned(),
            reason: "is missing".to_owned(),
        });
        judged
    }

    #[test]
    fn what_is_only_spooled_is_counted_as_such_and_attempted_is_the_sum() {
        assert_eq!(
            judged().text(None),
            "conversation-trace: attempted=3 stored=0 updated=0 duplicate=0 rejected=1 spooled=2"
        );
    }

    #[test]
    fn what_is_stored_is_counted_by_what_became_of_it() {
        let drained = Counts { stored: 1, duplicate: 1, rejected: 1, ..Counts::default() };
        assert_eq!(
            judged().text(Some(drained)),
            "conversation-trace: attempted=3 stored=1 updated=0 duplicate=1 rejected=1 spooled=0"
        );
    }

    #[test]
    fn the_json_receipt_names_each_fault_and_holds_nothing_of_the_conversation() {
        let expected = concat!(
            r#"{"attempted":3,"stored":0,"updated":0,"duplicate":0,"rejected":1,"spooled":2,"#,
            r#""rejects":[{"envelope":0,"index":2,"field":"role","reason":"is missing"}],"#,
            r#""warnings":[],"unreadable":[{"offset":7,"bytes":6,"reason":"is no JSON"}]}"#,
        );
        assert_eq!(judged().json(None), expected);
    }
}
