//! Reading an input whole, and picking rows out of what was found.

use std::io::Read;
use std::ops::ControlFlow;

use domain::{Agent, Decoded, Item, Record, Reject, Transcript, UnixMs, Unreadable, Warning};
use intake::{Origin, decode};

pub const RECEIVED_AT: i64 = 1_795_170_000_000;

/// All that was found in an input, by kind, each kind in order.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    pub items: Vec<Item>,
    pub batch_sizes: Vec<usize>,
    pub warnings: Vec<Warning>,
    pub rejects: Vec<Reject>,
    pub unreadable: Vec<Unreadable>,
    pub hook_events: usize,
    pub ends_turn: bool,
    pub transcripts: Vec<Transcript>,
}

pub fn at(milliseconds: i64) -> UnixMs {
    UnixMs::new(milliseconds).expect("not negative")
}

pub fn found(input: impl AsRef<[u8]>) -> Found {
    found_by(&mut input.as_ref(), None)
}

pub fn found_by(input: &mut dyn Read, agent: Option<&str>) -> Found {
    let agent = agent.map(|name| Agent::new(name).expect("a name"));
    found_of(input, &Origin { agent, received_at: at(RECEIVED_AT) })
}

/// What is found in an input that was received so long after the usual time.
pub fn found_later(input: impl AsRef<[u8]>, later_ms: i64) -> Found {
    found_of(&mut input.as_ref(), &Origin { agent: None, received_at: at(RECEIVED_AT + later_ms) })
}

fn found_of(input: &mut dyn Read, origin: &Origin) -> Found {
    let mut found = Found::default();
    let flow = decode(input, origin, &mut |decoded| {
        found.add(decoded);
        ControlFlow::Continue(())
    });
    assert_eq!(flow.expect("these inputs do not fail"), ControlFlow::Continue(()));
    found
}

impl Found {
    pub fn add(&mut self, decoded: Decoded) {
        match decoded {
            Decoded::Items(batch) => {
                self.batch_sizes.push(batch.items.len());
                self.items.extend(batch.items);
                self.warnings.extend(batch.warnings);
                self.hook_events += usize::from(batch.is_hook_event);
                self.ends_turn |= batch.ends_turn;
                self.transcripts.extend(batch.transcripts);
            }
            Decoded::Rejected(reject) => self.rejects.push(reject),
            Decoded::Unreadable(piece) => self.unreadable.push(piece),
        }
    }

    /// The one item of an input that holds nothing else.
    pub fn only_item(mut self) -> Item {
        assert_eq!((&self.rejects, &self.unreadable), (&vec![], &vec![]));
        assert_eq!(self.items.len(), 1);
        self.items.remove(0)
    }

    /// Field and reason of each reject.
    pub fn refusals(&self) -> Vec<(&str, &str)> {
        self.rejects.iter().map(|reject| (&*reject.field, &*reject.reason)).collect()
    }

    /// Field and reason of each warning.
    pub fn notes(&self) -> Vec<(&str, &str)> {
        self.warnings.iter().map(|warning| (&*warning.field, &*warning.reason)).collect()
    }
}

/// An envelope of `OpenCode` around items.
pub fn envelope(kind: &str, items: &[&str]) -> String {
    format!(r#"{{"type":"{kind}","agent":"opencode","payloads":[{}]}}"#, items.join(","))
}

pub fn message(fields: &str) -> String {
    let item = format!(
        r#"{{"session_id":"ses_1","message_id":"msg_1","role":"assistant","generated_at_unix_ms":1000{fields}}}"#
    );
    envelope("message.updated", &[&item])
}

pub fn part(part_type: &str, fields: &str) -> String {
    let item = format!(
        r#"{{"session_id":"ses_1","message_id":"msg_1","part_id":"prt_1","part_type":"{part_type}","generated_at_unix_ms":1000{fields}}}"#
    );
    envelope("message.part.updated", &[&item])
}

macro_rules! picks {
    ($($function:ident: $name:ident),+ $(,)?) => {
        $(
            /// The row of that kind, where the item tells of one.
            pub fn $function(item: &Item) -> Option<&domain::$name> {
                std::iter::once(&item.subject).chain(&item.beside).find_map(|record| match record {
                    Record::$name(row) => Some(row),
                    _ => None,
                })
            }
        )+
    };
}

picks!(
    session_of: Session,
    message_of: Message,
    part_of: Part,
    call_of: ToolCall,
    step_of: Step,
    patch_of: Patch,
    compaction_of: Compaction,
    error_of: SessionError,
    operation_of: FileOperation,
    edit_of: Edit,
    event_of: Event,
    commit_of: Commit,
    rewrite_of: Rewrite,
);

/// A small valid text part.
pub fn text_part(number: usize) -> String {
    envelope(
        "message.part.updated",
        &[&format!(
            r#"{{"session_id":"ses_1","message_id":"msg_1","part_id":"prt_{number}","part_type":"text","text":"hello","generated_at_unix_ms":1000}}"#
        )],
    )
}
