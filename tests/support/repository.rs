//! A small repository beside a record that explains one of its commits.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    TestEnvironment,
    envelope::{GENERATED_AT, envelope, message, messages, part, parts},
};

/// The session that wrote lines of it.
pub const SESSION: &str = "ses_lines";

/// The message by which it wrote them.
pub const MESSAGE: &str = "msg_wrote";

/// Where it is, and what is in it.
pub struct Repository {
    /// The top of its work tree: the project of the session.
    pub folder: PathBuf,
    /// The git folder.
    pub git_folder: PathBuf,
    /// The file.
    pub path: String,
    /// The commit of which it is recorded who wrote its lines.
    pub commit: String,
}

impl Repository {
    /// A file that an agent and a person wrote in turns: a commit before the session, one with lines of it,
    /// and a line that was not committed.
    pub fn new(environment: &TestEnvironment, path: &str, prompt: &str, agents: &[&str]) -> Self {
        let folder = environment.working_folder().join("lines");
        let file = folder.join(path);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a new folder");
        git(environment, &folder, -60, &["init", "--quiet", "--initial-branch=main"]);
        let write = |lines: &[&str]| {
            fs::write(&file, lines.join("\n") + "\n").expect("a file can be written");
        };
        write(&["// Before anybody looked."]);
        commit(environment, &folder, -60, "Begin");
        let wrote = [&["// Before anybody looked."], agents].concat();
        hand_over(environment, &folder, &file, prompt, agents);
        write(&[&wrote[..], &["// A person wrote this."]].concat());
        let id = commit(environment, &folder, 10, "Say what <it> does");
        let git_folder = folder.join(".git");
        let told = json!({
            "repository": git_folder, "commit_id": id, "worktree": folder,
            "generated_at_unix_ms": GENERATED_AT + 10_500,
        });
        environment.hook(envelope("commit.recorded", &[told])).finish().ends_with(0);
        write(
            &[&wrote[..], &["// A person wrote this.", "// Nobody has committed this."]].concat(),
        );
        Self { folder, git_folder, path: path.to_owned(), commit: id }
    }

    /// One like many.
    pub fn plain(environment: &TestEnvironment) -> Self {
        let lines = [
            "/// Adds one.",
            "pub fn add_one(number: u64) -> u64 {",
            "\tlet sum = number + 1;",
            "    sum // and a line that is far longer than any telephone is wide, so that it has to be moved sideways",
            "}",
        ];
        Self::new(environment, "src/lib.rs", "Please add one\nto a number", &lines)
    }

    /// A query that asks for its file.
    pub fn query(&self) -> String {
        let path = encoded(&self.path);
        format!("repository={}&path={path}", encoded(&self.folder.to_string_lossy()))
    }

    /// Where each of its pages and answers is.
    pub fn paths(&self) -> [String; 5] {
        let Self { commit, .. } = self;
        let (query, repository) = (self.query(), encoded(&self.git_folder.to_string_lossy()));
        [
            format!("/blame?{query}"),
            format!("/blame?{query}&rev={commit}"),
            format!("/commits/{commit}?repository={repository}"),
            format!("/api/blame?{query}"),
            format!("/api/commit?repository={repository}&rev={commit}"),
        ]
    }
}

/// A text as it stands in a URL.
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let told = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(told).collect()
}

/// Tells of the session: what was asked, and the call that wrote behind the first line.
fn hand_over(
    environment: &TestEnvironment,
    folder: &Path,
    file: &Path,
    prompt: &str,
    lines: &[&str],
) {
    let session = json!({
        "session_id": SESSION, "project_path": folder, "title": "Lines",
        "generated_at_unix_ms": GENERATED_AT,
    });
    let mut answer = message(SESSION, MESSAGE);
    (answer["role"], answer["generated_at_unix_ms"]) = ("assistant".into(), later(1));
    (answer["provider_id"], answer["model_id"]) = ("mock".into(), "priced".into());
    let asked = messages(&[message(SESSION, "msg_asked"), answer]);
    let mut call = part(SESSION, MESSAGE, "prt_wrote", "");
    (call["part_type"], call["tool"]) = ("tool".into(), "edit".into());
    (call["callID"], call["generated_at_unix_ms"]) = ("call_wrote".into(), later(2));
    let patch = format!("@@ -1,0 +2,{} @@\n+{}\n", lines.len(), lines.join("\n+"));
    let change = json!({ "file": file, "patch": patch });
    call["state"] = json!({
        "status": "completed", "input": { "filePath": file }, "metadata": { "filediff": change },
        "time": { "start": later(2), "end": later(3) },
    });
    let said = parts(&[part(SESSION, "msg_asked", "prt_asked", prompt), call]);
    let session = envelope("session.updated", &[session]);
    environment.hook(session + &asked + &said).finish().ends_with(0);
}

fn later(seconds: i64) -> Value {
    (GENERATED_AT + seconds * 1_000).into()
}

fn commit(environment: &TestEnvironment, folder: &Path, after: i64, subject: &str) -> String {
    git(environment, folder, after, &["add", "--all"]);
    git(environment, folder, after, &["commit", "--quiet", "-m", subject]);
    git(environment, folder, after, &["rev-parse", "HEAD"]).trim().to_owned()
}

/// Runs git so many seconds after everything else came into being.
fn git(environment: &TestEnvironment, folder: &Path, after: i64, arguments: &[&str]) -> String {
    let date = format!("{} +0000", GENERATED_AT / 1_000 + after);
    let run = environment.program(Path::new("git")).working_folder(folder).arguments(arguments);
    let run = run.variable("GIT_AUTHOR_DATE", &date).variable("GIT_COMMITTER_DATE", &date);
    let run = ["AUTHOR", "COMMITTER"].into_iter().fold(run, |run, who| {
        run.variable(&format!("GIT_{who}_NAME"), "Dev").variable(&format!("GIT_{who}_EMAIL"), "d@e")
    });
    run.finish().output()
}
