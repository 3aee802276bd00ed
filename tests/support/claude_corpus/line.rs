//! The lines of one transcript, with all that a line of Claude Code 2.1.328 has around what it says.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::prose::uuid;
use crate::support::Random;

/// A transcript that is being written.
#[derive(Debug)]
pub struct Transcript {
    /// What is in it so far.
    pub lines: Vec<Value>,
    /// The id that its lines name.
    pub session: String,
    /// The subagent whose it is.
    pub agent: Option<String>,
    /// Where the session works.
    pub folder: String,
    /// Its time, in Unix milliseconds.
    pub clock: i64,
    /// The prompt that is being answered.
    pub prompt: String,
    /// The id that the next prompt is going to have, where that is known.
    pub next_prompt: Option<String>,
    parent: Value,
    ids: Random,
}

impl Transcript {
    /// An empty one.
    pub fn new(
        session: String,
        agent: Option<String>,
        folder: &str,
        clock: i64,
        ids: Random,
    ) -> Self {
        let (lines, folder) = (Vec::new(), folder.to_owned());
        let (prompt, next_prompt, parent) = (String::new(), None, Value::Null);
        Self { lines, session, agent, folder, clock, prompt, next_prompt, parent, ids }
    }

    /// The same for another session, with nothing in it: what it says next follows what this one
    /// said last.
    pub fn forked(&self, session: String, ids: Random) -> Self {
        let parent = self.parent.clone();
        Self { parent, ..Self::new(session, None, &self.folder, self.clock, ids) }
    }

    /// The session as we call it.
    pub fn session_id(&self) -> String {
        self.agent.iter().fold(self.session.clone(), |session, agent| format!("{session}/{agent}"))
    }

    /// An id that nothing has yet.
    pub fn uuid(&mut self) -> String {
        uuid(&mut self.ids)
    }

    /// Lets time pass.
    pub fn wait(&mut self, milliseconds: u64) {
        self.clock += i64::try_from(milliseconds).expect("a short while");
    }

    /// The time as lines write it.
    pub fn time(&self) -> String {
        let time = Timestamp::from_millisecond(self.clock).expect("a time of this century");
        time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// A line that stands in no tree, with the session behind its type.
    pub fn bare(&mut self, kind: &str, rest: Value) {
        let mut line = json!({ "type": kind });
        extend(&mut line, rest);
        line["sessionId"] = self.session.clone().into();
        self.lines.push(line);
    }

    /// A line of the tree: what stands before its id and what behind. Gives the id.
    pub fn entry(&mut self, before: Value, behind: Value) -> String {
        let id = self.uuid();
        let mut line = json!({ "parentUuid": self.parent, "isSidechain": self.agent.is_some() });
        if let Some(agent) = &self.agent {
            line["agentId"] = agent.clone().into();
        }
        extend(&mut line, before);
        line["uuid"] = id.clone().into();
        line["timestamp"] = self.time().into();
        extend(&mut line, behind);
        let around = json!({
            "userType": "external",
            "entrypoint": "cli",
            "cwd": self.folder,
            "sessionId": self.session,
            "version": "2.1.328",
            "gitBranch": "main",
        });
        extend(&mut line, around);
        self.lines.push(line);
        self.parent = id.clone().into();
        id
    }

    /// What a person or a tool says; `more` stands behind the time.
    pub fn user(&mut self, content: impl Into<Value>, more: Value) -> String {
        let content: Value = content.into();
        let message = json!({ "role": "user", "content": content });
        let before = json!({ "promptId": self.prompt, "type": "user", "message": message });
        self.entry(before, more)
    }

    /// What is shown to the model beside the conversation.
    pub fn attachment(&mut self, attachment: &Value, rendered: &str) {
        let rendered = format!("<system-reminder>\n{rendered}\n</system-reminder>");
        let behind = json!({ "rendered": [{ "content": rendered }], "renderedRole": "system" });
        self.entry(json!({ "attachment": attachment, "type": "attachment" }), behind);
    }

    /// What Claude Code itself has to say.
    pub fn system(&mut self, kind: &str, more: Value) -> String {
        self.entry(json!({ "type": "system", "subtype": kind }), more)
    }

    /// What follows does not follow what was said before.
    pub fn cut(&mut self) -> Value {
        std::mem::take(&mut self.parent)
    }
}

/// Adds the entries of an object to another.
pub fn extend(line: &mut Value, more: Value) {
    let Value::Object(more) = more else { panic!("`{more}` is no object") };
    let line: &mut Map<String, Value> = line.as_object_mut().expect("it is one");
    line.extend(more);
}
