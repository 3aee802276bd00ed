//! A repository in which a story happens, with the program under test beside it.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use super::{
    agents::{Agents, Place},
    change, golden,
    story::{self, Step, Telling},
};
use crate::support::{Finished, Run, TestEnvironment, work_tree::WorkTree};

/// What a case leads to.
#[derive(Debug, Default)]
pub struct Found {
    /// The records of commits.
    pub records: Vec<Value>,
    /// Whose the lines of files are.
    pub blame: String,
}

/// Where a story happens.
pub struct World {
    tree: WorkTree,
    case: PathBuf,
    folder: PathBuf,
    record: PathBuf,
    is_watched: bool,
    agents: Agents,
    /// What agents told, and nobody was handed yet.
    held: Option<String>,
    found: Found,
}

impl World {
    /// An empty repository that tells of its commits.
    pub fn new(case: &Path) -> Self {
        let tree = WorkTree::new();
        let environment = tree.environment();
        let world = Self {
            folder: environment.working_folder(),
            record: environment.default_database(),
            case: case.to_owned(),
            is_watched: true,
            agents: Agents::default(),
            held: None,
            found: Found::default(),
            tree,
        };
        world.watch();
        world
    }

    /// Has a story happen; without a word about it, the record of the last commit is expected.
    pub fn tell(mut self, steps: &[Step]) -> Found {
        for step in steps {
            self.step(step);
        }
        if self.found.records.is_empty() {
            self.show("HEAD");
        }
        self.found
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Edit(edit) => self.edit(edit),
            Step::Model { session, model } => {
                let told = self.agents.tell_model(session, &story::model(model));
                self.hand_over(&told);
            }
            Step::Person { patch } => drop(self.apply(patch)),
            Step::Shell { line, fails } => {
                let done = self.shell(line);
                assert_eq!(done.code != Some(0), *fails, "{line}: {done:#?}");
                self.wait_for_next_second();
            }
            Step::Recount { words, fails } => {
                let _ = self.recount(words).finish().ends_with(i32::from(*fails));
            }
            Step::Enter(folder) => self.enter(folder),
            Step::DaysAgo(days) => self.agents.days_ago(*days),
            Step::Hold => self.held = Some(String::new()),
            Step::Deliver => {
                let told = self.held.take().expect("something was held back");
                self.hand_over(&told);
            }
            Step::Record(name) => {
                self.record = self.environment().home().join(name);
                if self.is_watched {
                    self.watch();
                }
            }
            Step::Unwatched => {
                self.recount(&["setup", "git", "--remove"]).finish().ends_with(0);
                self.is_watched = false;
            }
            Step::Show(revision) => self.show(revision),
            Step::Blame(file) => self.blame(file),
        }
    }

    fn environment(&self) -> &TestEnvironment {
        self.tree.environment()
    }

    fn watch(&self) {
        self.recount(&["setup", "git"]).finish().ends_with(0);
    }

    /// Git tells of whole seconds alone: without a hook nobody knows what came first within one.
    fn wait_for_next_second(&self) {
        if !self.is_watched {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later");
            let rest = 1_001 - u64::from(now.subsec_millis());
            thread::sleep(Duration::from_millis(rest));
        }
    }

    fn edit(&mut self, edit: &story::Edit) {
        let files = change::files(&self.apply(&edit.patch));
        let transcripts = self.environment().home().join(".claude/projects/-work");
        let place = Place { folder: &self.folder, transcripts: &transcripts };
        let told = self.agents.tell(edit, &files, &place);
        assert_eq!(told.is_empty(), edit.how == Telling::Transcript);
        self.hand_over(&told);
    }

    /// As a person names a folder: a link in it stays one.
    fn enter(&mut self, folder: &str) {
        for part in folder.split('/') {
            if part == ".." {
                self.folder.pop();
            } else {
                self.folder.push(part);
            }
        }
    }

    fn hand_over(&mut self, told: &str) {
        if let Some(held) = &mut self.held {
            held.push_str(told);
        } else if !told.is_empty() {
            let run = self.recount(&["hooks", "conversation-trace"]).input(told);
            let _ = run.finish().ends_with(0);
        }
    }

    /// Applies a patch of the case to the work tree, and gives its text.
    fn apply(&self, patch: &str) -> String {
        let file = self.case.join(patch);
        let apply = format!("git apply --whitespace=nowarn '{}'", file.display());
        self.shell(&apply).ends_with(0);
        fs::read_to_string(file).expect("a patch of the case")
    }

    fn shell(&self, line: &str) -> Finished {
        let shell = self.environment().program(Path::new("/bin/sh"));
        shell.arguments(["-c", line]).working_folder(&self.folder).finish()
    }

    fn recount<A: AsRef<str>>(&self, words: &[A]) -> Run {
        let run = self.environment().recount(["--database"]).arguments([&self.record]);
        run.arguments(words.iter().map(AsRef::as_ref)).working_folder(&self.folder)
    }

    fn json<A: AsRef<str>>(&self, words: &[A]) -> Value {
        let answer = self.recount(words).finish().output();
        serde_json::from_str(&answer).expect("a JSON value")
    }

    fn show(&mut self, revision: &str) {
        let record = self.json(&["trace", "show", revision, "--format", "json"]);
        golden::demand_valid(&record);
        let subject = self.shell(&format!("git log --max-count=1 --format=%s '{revision}'"));
        let subject = subject.output();
        let verified = self.recount(&["trace", "verify", revision]).finish().output();
        assert!(verified.starts_with("record: holds"), "{verified}");
        self.found.records.push(golden::stable(record, subject.trim_end()));
    }

    fn blame(&mut self, file: &str) {
        let answer = self.json(&["blame", file, "--format", "json"]);
        self.found.blame.extend([file, "\n"]);
        for line in answer["details"].as_array().expect("a list") {
            let [contributor, session, text] = ["contributor", "session_id", "text"]
                .map(|key| line[key].as_str().unwrap_or("-").trim_end());
            let line = format!("{} {contributor} {session} | {text}\n", line["line"]);
            self.found.blame.push_str(&line);
        }
    }
}
