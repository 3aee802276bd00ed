//! A folder of Claude Code as a person has it after weeks: projects, sessions with subagents,
//! resumed and forked ones, of models with and without a price, and the truth about what all of it
//! took and cost.
//!
//! The lines have the shape of 2.1.328. The same shape and seed make the same bytes.

mod answer;
mod conversation;
mod json;
mod line;
mod prose;
pub mod truth;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use self::{
    conversation::Conversation,
    line::Transcript,
    prose::uuid,
    truth::{Answer, MODELS},
};
use super::Random;

/// What a corpus is like.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Makes it another one.
    pub seed: u64,
    /// How many sessions that began for themselves.
    pub sessions: u64,
    /// When the first of them began, in Unix milliseconds.
    pub begin: i64,
    /// Over how many days they began.
    pub days: i64,
    /// How many prompts a process has at most.
    pub turns: u64,
    /// How many words a text has at most.
    pub words: u64,
    /// How long a dump of a request is.
    pub dump_bytes: usize,
    /// Whether a blank stands after each colon and comma.
    pub spaced: bool,
    /// Whether no price depends on the day or on how long a prompt is.
    pub has_plain_prices: bool,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Corpus {
    /// What it took, each answer once, by the session in which it was given.
    pub answers: Vec<Answer>,
    /// Every transcript of a session; those of subagents lie beside it.
    pub transcripts: Vec<PathBuf>,
    /// Every session, those of subagents too.
    pub sessions: BTreeSet<String>,
    /// The sessions that began as copies of others.
    pub forks: Vec<String>,
    /// By the id of an answer the sessions that hold a copy and do not say so.
    untold: BTreeMap<String, BTreeSet<String>>,
}

impl Corpus {
    /// The session in which an answer counts: the first by name of those that do not say that it is
    /// a copy.
    pub fn counts_in<'a>(&'a self, answer: &'a Answer) -> &'a str {
        let copies = self.untold.get(&answer.message_id).and_then(BTreeSet::first);
        copies.map_or(&answer.session, |first| first.min(&answer.session))
    }
}

/// In milliseconds.
pub const DAY: i64 = 86_400_000;

const PROJECTS: [&str; 4] = ["/home/dev/demo", "/home/dev/other", "/srv/a.b/c_d", "/home/dev/über"];

/// Writes one into the `projects` of a folder.
pub fn write(folder: &Path, shape: &Shape) -> Corpus {
    let mut random = Random::from_seed(shape.seed);
    let mut corpus = Corpus::default();
    for number in 0..shape.sessions {
        let gap = shape.days * DAY / i64::try_from(shape.sessions).expect("it is small");
        let clock = shape.begin + i64::try_from(number).expect("it is small") * gap;
        let project = PROJECTS[usize::try_from(random.below(4)).expect("an index")];
        let slug = project.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let folder = folder.join("projects").join(slug);
        fs::create_dir_all(&folder).expect("a new folder");
        let mut ids = random.fork();
        let transcript = Transcript::new(uuid(&mut ids), None, project, clock, ids);
        session(&mut corpus, shape, &folder, transcript, number, &mut random);
    }
    corpus
}

/// One session with all that comes of it.
fn session(
    corpus: &mut Corpus,
    shape: &Shape,
    folder: &Path,
    transcript: Transcript,
    number: u64,
    random: &mut Random,
) {
    let own = folder.join(&transcript.session);
    let file = folder.join(format!("{}.jsonl", transcript.session));
    let mut conversation = Conversation {
        transcript,
        ends: Vec::new(),
        random: random.fork(),
        shape,
        folder: &own,
        truth: &mut corpus.answers,
        // Each model speaks first in some session.
        model: MODELS[usize::try_from(number % MODELS.len() as u64).expect("an index")],
    };
    conversation.process();
    while random.below(4) == 0 {
        // Resumed: another process goes on in the same file.
        conversation.transcript.wait(3_600_000);
        conversation.process();
    }
    let Conversation { transcript, ends, .. } = conversation;
    corpus.sessions.insert(transcript.session.clone());
    corpus.sessions.extend(corpus.answers.iter().map(|answer| answer.session.clone()));
    fs::write(&file, json::lines(&transcript.lines, shape.spaced)).expect("a new file");
    corpus.transcripts.push(file);
    if number.is_multiple_of(4) || random.below(8) == 0 {
        let end = ends[usize::try_from(random.below(ends.len() as u64)).expect("an index")];
        let is_told = random.below(4) > 0;
        let fork = fork(&transcript, end, is_told, random);
        for line in fork.lines.iter().filter(|line| line.get("requestSessionId").is_none()) {
            if line.get("requestId").is_some() {
                let message = line["message"]["id"].as_str().expect("an id").to_owned();
                corpus.untold.entry(message).or_default().insert(fork.session.clone());
            }
        }
        corpus.forks.push(fork.session.clone());
        session(corpus, shape, folder, fork, number + 1, random);
    }
}

/// A new session that begins with the lines of another one up to there. Versions before 2.1 do not
/// tell of an answer whose it was.
fn fork(of: &Transcript, end: usize, is_told: bool, random: &mut Random) -> Transcript {
    let mut ids = random.fork();
    let mut fork = of.forked(uuid(&mut ids), ids);
    fork.wait(60_000);
    let prompt = fork.uuid();
    for line in &of.lines[..end] {
        // What is no part of the tree is not copied.
        if line.get("uuid").is_none() {
            continue;
        }
        let mut line = line.clone();
        line["sessionId"] = fork.session.clone().into();
        if line.get("promptId").is_some() {
            line["promptId"] = prompt.clone().into();
        }
        let is_answer = line.get("requestId").is_some();
        if is_answer && is_told && line.get("requestSessionId").is_none() {
            line["requestSessionId"] = Value::from(of.session.clone());
        }
        fork.lines.push(line);
    }
    fork.next_prompt = Some(prompt);
    fork
}
