//! A git repository of a person's own, in which an agent has changed a file.

use std::{fs, path::Path};

use serde_json::json;

use super::{Finished, TestEnvironment, envelope};

/// The settings of the person whose repository it is.
const GIT_SETTINGS: &str = "[user]\n\tname = A Person\n\temail = person@example.com\n\
                            [init]\n\tdefaultBranch = main\n[core]\n\teditor = true\n";

/// A working folder that is a repository.
pub struct WorkTree {
    environment: TestEnvironment,
}

impl WorkTree {
    /// One without a commit.
    pub fn new() -> Self {
        let tree = Self::nowhere();
        tree.git("init --quiet");
        tree
    }

    /// A person with git and without a repository.
    pub fn nowhere() -> Self {
        let environment = TestEnvironment::new();
        fs::write(environment.home().join(".gitconfig"), GIT_SETTINGS).expect("a new file");
        Self { environment }
    }

    /// One with a line of a person and a line of an agent in `file.txt`, committed.
    pub fn with_an_edit() -> Self {
        let tree = Self::new();
        tree.write("file.txt", "by a person\n");
        tree.commit("first");
        tree.write("file.txt", "by a person\nby an agent\n");
        tree.tell_edit("file.txt", "by an agent", 2);
        tree.commit("second");
        tree
    }

    /// The world that it lies in.
    pub fn environment(&self) -> &TestEnvironment {
        &self.environment
    }

    /// Runs git by a shell, which has to succeed.
    pub fn git(&self, line: &str) -> String {
        self.shell(&format!("git {line}")).ends_with(0).stdout
    }

    /// Runs a line of shell in the work tree.
    pub fn shell(&self, line: &str) -> Finished {
        self.environment.program(Path::new("/bin/sh")).arguments(["-c", line]).finish()
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.environment.working_folder().join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(path, text).expect("it is ours");
    }

    /// Commits all that is there.
    pub fn commit(&self, message: &str) {
        self.git("add --all");
        self.git(&format!("commit --quiet --message '{message}'"));
    }

    /// Says that an agent has put a line into a file.
    pub fn tell_edit(&self, path: &str, text: &str, line: u32) {
        let folder = self.environment.working_folder();
        let path = folder.join(path).display().to_string();
        let before = line - 1;
        let diff = format!("--- {path}\n+++ {path}\n@@ -{before},0 +{line},1 @@\n+{text}\n");
        let told = [
            ("session.updated", json!({ "session_id": "ses_1", "project_path": folder })),
            (
                "message.updated",
                json!({
                    "session_id": "ses_1", "message_id": "msg_1", "role": "assistant",
                    "provider_id": "mock", "model_id": "mock-1",
                }),
            ),
            (
                "message.part.updated",
                json!({
                    "session_id": "ses_1", "message_id": "msg_1", "part_id": format!("prt_{line}"),
                    "part_type": "tool", "tool": "edit", "callID": format!("call_{line}"),
                    "state": {
                        "status": "completed", "input": { "filePath": path },
                        "metadata": { "diff": diff, "filediff": { "file": path, "patch": diff } },
                    },
                }),
            ),
        ];
        let at = jiff::Timestamp::try_from(std::time::SystemTime::now()).expect("a time");
        let told = told.map(|(kind, mut payload)| {
            payload["generated_at_unix_ms"] = at.as_millisecond().into();
            envelope::envelope(kind, &[payload])
        });
        self.environment.hook(told.concat()).finish().ends_with(0);
    }

    /// Runs the program under test in the work tree.
    #[must_use]
    pub fn run(&self, words: &[&str]) -> Finished {
        self.environment.run(words)
    }
}
