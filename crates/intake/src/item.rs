//! What all items of one envelope share, and how one item is judged.

use domain::{
    Agent, Earliest, Field, Item, Latest, Reject, Session, SessionId, Stamp, UNKNOWN_AGENT, UnixMs,
};

use crate::envelope::Kind;
use crate::identity::{Digest, Occurrences};
use crate::json::{Object, canonical};
use crate::wire::{Note, Refusal};
use crate::{
    commit, compaction, event, failure, file_edited, json, message, part, session, surrogates,
};

/// Who speaks in an envelope, and when it was received.
#[derive(Clone, Debug)]
pub(crate) struct Speaker {
    pub agent: Option<Agent>,
    pub agent_version: Option<String>,
    pub received_at: UnixMs,
}

impl Speaker {
    /// The agent's name in places that cannot be empty.
    pub fn agent_name(&self) -> &str {
        self.agent.as_ref().map_or(UNKNOWN_AGENT, Agent::as_str)
    }

    /// The session that an item widens. Other times than the moment's own may be its latest too. None of
    /// its rows is ordered after its last activity: whoever asks about a time skips sessions by it.
    pub fn session(&self, id: SessionId, moment: &Moment, others: &[Option<UnixMs>]) -> Session {
        let others = others.iter().flatten().map(|time| time.ordered_by(self.received_at));
        let latest = others.chain([moment.ordered]).chain(moment.observed).max();
        let stamp = moment.stamp(false);
        let mut session = Session::new(id);
        session.created_at = Earliest(Some(moment.ordered));
        session.last_activity_at = Latest(latest);
        session.agent = Field::new(stamp, self.agent.clone());
        session.agent_version = Field::new(stamp, self.agent_version.clone());
        session
    }
}

/// The times of one item, as they order the conversation and the snapshots of one thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub generated: UnixMs,
    pub ordered: UnixMs,
    /// `None` where no time is plausible.
    observed: Option<UnixMs>,
}

impl Moment {
    pub fn new(speaker: &Speaker, generated_at: UnixMs, observed_at: Option<UnixMs>) -> Self {
        let ordered = generated_at.ordered_by(speaker.received_at);
        let times = [observed_at, Some(generated_at)].into_iter().flatten();
        let mut plausible = times.filter(|time| time.is_plausible_at(speaker.received_at));
        let observed = plausible.next();
        Self { generated: generated_at, ordered, observed }
    }

    /// When the thing came into being, and what orders it.
    pub fn times(&self) -> (Earliest, Earliest) {
        (Earliest(Some(self.generated)), Earliest(Some(self.ordered)))
    }

    pub fn stamp(&self, is_final: bool) -> Stamp {
        // A snapshot from the future yields to any other, and does so at every delivery alike.
        Stamp { is_final, observed_at: self.observed.unwrap_or(UnixMs::EPOCH) }
    }
}

/// Where an item stands in an input; both are counted from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub envelope: usize,
    pub index: usize,
}

/// What no field has taken, for the row's payload.
pub(crate) fn remainder(object: &Object<'_>) -> Option<domain::Json> {
    (!object.is_empty()).then(|| domain::Json::from_canonical(canonical(object)))
}

/// One item on its way to its rows.
pub(crate) struct Draft<'d, 'a> {
    pub speaker: &'d Speaker,
    pub object: Object<'a>,
    /// Its text, for an id where it bears none.
    pub text: &'d str,
    pub occurrences: &'d mut Occurrences,
    pub notes: &'d mut Vec<Note>,
}

/// Judges the items of one envelope.
pub(crate) struct Judge {
    kind: Kind,
    speaker: Speaker,
    occurrences: Occurrences,
}

impl Judge {
    pub fn new(kind: Kind, speaker: Speaker, occurrences: Occurrences) -> Self {
        Self { kind, speaker, occurrences }
    }

    /// Makes rows of one item.
    ///
    /// # Errors
    /// The first field that it cannot do without.
    pub fn judge(&mut self, raw: &str, notes: &mut Vec<Note>) -> Result<Item, Refusal> {
        let repaired = surrogates::replaced(raw);
        notes.extend(repaired.iter().map(|_| surrogates::note()));
        let text = repaired.as_deref().unwrap_or(raw);
        let object = json::object(text).map_err(|reason| Refusal { field: "payload", reason })?;
        let Self { kind, speaker, occurrences } = self;
        let draft = Draft { speaker, object, text, occurrences, notes };
        let (subject, beside) = match kind {
            Kind::Message => message::rows(draft)?,
            Kind::Part => part::rows(draft)?,
            Kind::Session => session::rows(draft)?,
            Kind::Error => failure::rows(draft)?,
            Kind::Compaction => compaction::rows(draft)?,
            Kind::File => file_edited::rows(draft)?,
            Kind::Event => event::rows(draft)?,
            Kind::Commit => commit::rows(draft)?,
        };
        Ok(Item { subject, beside, bytes: raw.len() })
    }

    /// All that is needed to judge a refused item again.
    pub fn reject(&mut self, raw: &str, place: Place, refusal: Refusal) -> Reject {
        let repaired = surrogates::replaced(raw);
        let digest = Digest::of(repaired.as_deref().unwrap_or(raw));
        Reject {
            envelope: place.envelope,
            index: place.index,
            field: refusal.field.to_owned(),
            reason: refusal.reason.to_owned(),
            kind: self.kind.as_str().to_owned(),
            agent: self.speaker.agent_name().to_owned(),
            agent_version: self.speaker.agent_version.clone(),
            bytes: raw.as_bytes().to_vec(),
            occurrence: self.occurrences.count(digest),
        }
    }
}
