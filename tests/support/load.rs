//! Input of every kind at once, each thing in it with a mark of its own by which it is found again.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    envelope::{self, hook_event, message, nameless_part, part},
    random::Random,
};

/// How many parts grow: many snapshots of few things.
const STREAMS: u64 = 8;

/// A text that does not fit a pipe, nor a hook's `drain_bytes` here.
const LONG_TEXT_BYTES: usize = 100_000;

/// Something that an input says, by its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// A message.
    Message(u64),
    /// A part, with or without an id of its own.
    Part(u64),
    /// A state of a part that grows; a later one takes its place.
    Snapshot {
        /// Which part.
        stream: u64,
        /// Orders its states.
        mark: u64,
    },
    /// A native hook event.
    Event(u64),
    /// An item that cannot be taken in.
    Reject(u64),
    /// A line that is no JSON.
    Piece(u64),
}

/// What one process is given.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What they say.
    pub said: Vec<Said>,
}

impl Input {
    /// Whether a piece of it cannot be read.
    pub fn has_piece(&self) -> bool {
        self.said.iter().any(|said| matches!(said, Said::Piece(_)))
    }

    /// Whether nothing may be printed about it.
    pub fn has_hook_event(&self) -> bool {
        self.said.iter().any(|said| matches!(said, Said::Event(_)))
    }

    /// How many items a receipt counts.
    pub fn items(&self) -> usize {
        self.said.iter().filter(|said| !matches!(said, Said::Piece(_))).count()
    }

    /// Both, one after the other.
    pub fn followed_by(mut self, next: Self) -> Self {
        self.bytes.extend(next.bytes);
        self.said.extend(next.said);
        self
    }
}

impl From<(String, Vec<Said>)> for Input {
    fn from((text, said): (String, Vec<Said>)) -> Self {
        Self { bytes: text.into_bytes(), said }
    }
}

/// Makes inputs, for several threads at once.
pub struct Load {
    sessions: u64,
    marks: AtomicU64,
}

impl Load {
    /// Inputs about that many sessions, each in its turn.
    pub fn over(sessions: u64) -> Self {
        Self { sessions, marks: AtomicU64::new(0) }
    }

    /// The session that the thing with this mark belongs to.
    pub fn session(&self, mark: u64) -> String {
        format!("ses_{}", mark % self.sessions)
    }

    /// A few batches.
    pub fn input(&self, random: &mut Random) -> Input {
        (0..=random.below(4))
            .fold(Input::default(), |input, _| input.followed_by(self.batch(random).into()))
    }

    /// A batch of each kind.
    pub fn input_of_all_kinds(&self, random: &mut Random) -> Input {
        let batches = [
            self.messages(random),
            self.piece(),
            self.parts(random),
            self.snapshots(random),
            self.event(random),
            self.good_and_bad(),
        ];
        batches.into_iter().fold(Input::default(), |input, next| input.followed_by(next.into()))
    }

    fn batch(&self, random: &mut Random) -> (String, Vec<Said>) {
        match random.below(100) {
            0..25 => self.messages(random),
            25..60 => self.parts(random),
            60..75 => self.snapshots(random),
            75..92 => self.event(random),
            92..96 => self.good_and_bad(),
            _ => self.piece(),
        }
    }

    fn mark(&self) -> u64 {
        self.marks.fetch_add(1, Ordering::Relaxed)
    }

    fn messages(&self, random: &mut Random) -> (String, Vec<Said>) {
        let marks: Vec<u64> = (0..=random.below(5)).map(|_| self.mark()).collect();
        let payloads: Vec<_> = marks.iter().map(|&mark| self.message(mark)).collect();
        (envelope::messages(&payloads), marks.into_iter().map(Said::Message).collect())
    }

    fn message(&self, mark: u64) -> serde_json::Value {
        message(&self.session(mark), &format!("msg_{mark}"))
    }

    fn parts(&self, random: &mut Random) -> (String, Vec<Said>) {
        let is_long = random.below(50) == 0;
        let has_ids = random.below(2) == 0;
        let marks: Vec<u64> = (0..=random.below(5)).map(|_| self.mark()).collect();
        let payloads = marks.iter().map(|&mark| {
            let (session, message) = (self.session(mark), format!("msg_{mark}"));
            let mut text = format!("mark {mark}");
            if is_long {
                write!(text, " {}", "x".repeat(LONG_TEXT_BYTES)).expect("a string takes all");
            }
            if has_ids {
                part(&session, &message, &format!("prt_{mark}"), &text)
            } else {
                nameless_part(&session, &message, &text)
            }
        });
        let payloads: Vec<_> = payloads.collect();
        (envelope::parts(&payloads), marks.into_iter().map(Said::Part).collect())
    }

    fn snapshots(&self, random: &mut Random) -> (String, Vec<Said>) {
        let stream = random.below(STREAMS);
        let marks: Vec<u64> = (0..=random.below(3)).map(|_| self.mark()).collect();
        let payloads = marks.iter().map(|&mark| {
            let text = format!("stream {stream} mark {mark}");
            let id = format!("prt_stream_{stream}");
            let mut part = part(&self.session(stream), "msg_stream", &id, &text);
            let later = i64::try_from(mark).expect("a small number");
            part["observed_at_unix_ms"] = (envelope::GENERATED_AT + later).into();
            part
        });
        let payloads: Vec<_> = payloads.collect();
        let said = marks.into_iter().map(|mark| Said::Snapshot { stream, mark });
        (envelope::parts(&payloads), said.collect())
    }

    fn event(&self, random: &mut Random) -> (String, Vec<Said>) {
        let mark = self.mark();
        let name = if random.below(20) == 0 { "SessionEnd" } else { "UserPromptSubmit" };
        let text = hook_event(&self.session(mark), name, &format!("mark {mark}"));
        (text, vec![Said::Event(mark)])
    }

    fn good_and_bad(&self) -> (String, Vec<Said>) {
        let (first, bad, last) = (self.mark(), self.mark(), self.mark());
        let mut roleless = self.message(bad);
        roleless["role"] = "nobody".into();
        let payloads = [self.message(first), roleless, self.message(last)];
        let said = vec![Said::Message(first), Said::Reject(bad), Said::Message(last)];
        (envelope::messages(&payloads), said)
    }

    fn piece(&self) -> (String, Vec<Said>) {
        let mark = self.mark();
        (format!("mark {mark} is no JSON\n"), vec![Said::Piece(mark)])
    }
}
