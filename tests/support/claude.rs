//! Claude Code as it leaves its transcripts, and as it calls its hooks.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::TestEnvironment;

/// Where the captures were made.
const CAPTURED_IN: &str = "/home/dev/.claude/";

/// The folder of one person's Claude Code.
pub struct Claude {
    folder: PathBuf,
}

impl Claude {
    /// That of the test's person, still empty.
    pub fn new(environment: &TestEnvironment) -> Self {
        let claude = Self { folder: environment.home().join(".claude") };
        fs::create_dir_all(claude.project()).expect("a new folder");
        claude
    }

    /// The folder of all transcripts.
    pub fn projects(&self) -> PathBuf {
        self.folder.join("projects")
    }

    /// The folder of one project's transcripts.
    pub fn project(&self) -> PathBuf {
        self.projects().join("-home-dev-demo")
    }

    /// The transcript of a session.
    pub fn transcript(&self, session: &str) -> PathBuf {
        self.project().join(format!("{session}.jsonl"))
    }

    /// Puts the transcripts of a capture there.
    pub fn lay(&self, capture: &str) {
        copy_folder(&captures().join(format!("{capture}.transcript")), &self.project());
    }

    /// What the hooks were handed in a capture.
    pub fn events(&self, capture: &str) -> Vec<String> {
        let text = fs::read_to_string(captures().join(format!("{capture}.jsonl")));
        let here = format!("{}/", self.folder.display());
        let text = text.expect("a fixture").replace(CAPTURED_IN, &here);
        text.lines().map(str::to_owned).collect()
    }

    /// An event of a session, as a hook is handed it.
    pub fn event(&self, session: &str, name: &str) -> String {
        event(session, name, &self.transcript(session))
    }

    /// Appends lines to the transcript of a session.
    pub fn append(&self, session: &str, lines: &[Value]) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.transcript(session))
            .expect("it is ours");
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        file.write_all(lines.concat().as_bytes()).expect("there is room");
    }
}

/// An event of a session with this transcript.
pub fn event(session: &str, name: &str, transcript: &Path) -> String {
    let event = json!({ "session_id": session, "transcript_path": transcript,
                        "cwd": "/home/dev/demo", "hook_event_name": name });
    event.to_string()
}

/// The nth answer of a session, in one line.
pub fn answer(session: &str, nth: usize, text: &str) -> Value {
    let (minutes, seconds) = (nth / 60 % 60, nth % 60);
    json!({
        "parentUuid": null, "isSidechain": false, "type": "assistant",
        "uuid": format!("00000000-0000-4000-8000-{nth:012}"),
        "timestamp": format!("2026-11-20T{:02}:{minutes:02}:{seconds:02}.000Z", nth / 3_600 % 24),
        "sessionId": session, "version": "2.1.328", "cwd": "/home/dev/demo",
        "requestId": format!("req_{session}_{nth}"),
        "message": {
            "id": format!("msg_{session}_{nth}"), "type": "message", "role": "assistant",
            "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
            "content": [{ "type": "text", "text": text }],
            "usage": { "input_tokens": 10, "output_tokens": 5 },
        },
    })
}

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captures/claude")
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a fixture").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it is ours");
        }
    }
}
