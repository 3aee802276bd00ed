//! Repositories and records that belong together: what agents wrote, and what was committed of it.

use std::{
    ffi::OsStr,
    fmt::Write as _,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{Fallible, run, world::World};

/// The file whose lines are blamed.
pub const FILE: &str = "src/file_0.rs";

/// Where programs are that every machine has.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

const EDITS: usize = 10_000;
const LINES_PER_EDIT: usize = 10;

/// So many parts are in one envelope.
const PARTS: usize = 500;

/// When the first edit was made, in seconds of Unix time.
const BEGIN: usize = 1_790_000_000;

/// How committed lines differ from what was written.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    None,
    /// White space at the begin of each line.
    Indented,
    /// Each line is parted into some.
    Reflowed,
    /// A word in each line.
    Changed,
    /// Nothing is as it was written.
    Unrelated,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "as they were written",
            Self::Indented => "with other white space",
            Self::Reflowed => "parted by a formatter",
            Self::Changed => "each changed by a person",
            Self::Unrelated => "with none of an agent",
        }
    }

    fn apply(self, line: &str, number: usize) -> String {
        match self {
            Self::None => line.to_owned(),
            Self::Indented => format!("\t\t{}", line.trim()),
            Self::Reflowed => line.replace('(', "(\n").replace(", ", ",\n"),
            Self::Changed => line.replace("compute", "computed"),
            Self::Unrelated => format!("struct Other{number};"),
        }
    }
}

/// A repository with its record.
pub struct Made {
    folder: PathBuf,
    world: World,
}

impl Made {
    /// One commit of 100,000 lines in so many files, made of 10,000 edits.
    pub fn commit(root: &Path, files: usize, change: Change) -> Fallible<Self> {
        let made = Self::new(root)?;
        let mut texts: Vec<Vec<String>> = vec![Vec::new(); files];
        let edits: Vec<Edit> = (0..EDITS)
            .map(|number| Edit::make(number, number % files, &mut texts[number % files]))
            .collect();
        made.record(&edits)?;
        let mut stream = commit("first", BEGIN - 10, &[("README".to_owned(), "x\n".to_owned())]);
        let texts: Vec<(String, String)> = texts
            .iter()
            .enumerate()
            .map(|(file, lines)| {
                let lines = lines.iter().zip(0..).map(|(line, at)| change.apply(line, at) + "\n");
                (name(file), lines.collect())
            })
            .collect();
        stream += &commit("large", BEGIN + EDITS + 10, &texts);
        made.import(&stream)?;
        Ok(made)
    }

    /// One file in so many commits, every other of an agent.
    pub fn history(root: &Path, commits: usize, lines: usize) -> Fallible<Self> {
        let made = Self::new(root)?;
        let (mut text, mut edits, mut stream) = (Vec::new(), Vec::new(), String::new());
        for number in 0..commits {
            let edit = Edit::of(number * 10, 0, lines, &mut text);
            if number % 2 == 0 {
                edits.push(edit);
            }
            let whole = text.iter().fold(String::new(), |whole, line: &String| whole + line + "\n");
            stream += &commit("one more", BEGIN + number * 10 + 5, &[(name(0), whole)]);
        }
        made.record(&edits)?;
        made.import(&stream)?;
        Ok(made)
    }

    fn new(root: &Path) -> Fallible<Self> {
        let folder = root.join("made");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let world = World::new(&folder, "world", "")?;
        let made = Self { folder, world };
        run(made
            .git_anywhere()
            .args(["init", "--quiet", "--initial-branch=main"])
            .arg(made.repository()))?;
        Ok(made)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn database(&self) -> PathBuf {
        self.world.database()
    }

    fn repository(&self) -> PathBuf {
        self.folder.join("repository")
    }

    fn git_anywhere(&self) -> Command {
        let mut command = Command::new("git");
        command
            .env("HOME", &self.folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    /// Git in the repository.
    pub fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.git_anywhere();
        command.arg("-C").arg(self.repository()).args(arguments);
        command
    }

    /// The program in the repository.
    pub fn recount<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.world.recount(arguments);
        command.current_dir(self.repository()).env("PATH", PATH);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    fn record(&self, edits: &[Edit]) -> Fallible {
        let mut text = String::new();
        for edits in edits.chunks(PARTS) {
            let parts: Vec<Value> =
                edits.iter().map(|edit| edit.part(&self.repository())).collect();
            let envelope =
                json!({ "type": "message.part.updated", "agent": "opencode", "payloads": parts });
            writeln!(text, "{envelope}")?;
        }
        let file = self.folder.join("edits.jsonl");
        fs::write(&file, text)?;
        self.world.run([OsStr::new("replay"), file.as_os_str()])
    }

    fn import(&self, stream: &str) -> Fallible {
        let mut child = self.git(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
        child.stdin.take().ok_or("it has a standard input")?.write_all(stream.as_bytes())?;
        if !child.wait()?.success() {
            return Err("git fast-import failed".into());
        }
        run(&mut self.git(["reset", "--quiet", "--hard"]))
    }
}

fn name(file: usize) -> String {
    format!("src/file_{file}.rs")
}

/// A commit for `git fast-import`.
fn commit(subject: &str, at: usize, files: &[(String, String)]) -> String {
    let mut stream = format!(
        "commit refs/heads/main\ncommitter A <a@example.org> {at} +0000\ndata {}\n{subject}\n",
        subject.len()
    );
    for (name, text) in files {
        let _ = write!(stream, "M 100644 inline {name}\ndata {}\n{text}\n", text.len());
    }
    stream
}

/// Lines that an agent writes into a file.
struct Edit {
    number: usize,
    file: usize,
    hunk: String,
}

impl Edit {
    fn make(number: usize, file: usize, text: &mut Vec<String>) -> Self {
        Self::of(number, file, LINES_PER_EDIT, text)
    }

    /// Writes so many lines somewhere into the text.
    fn of(number: usize, file: usize, count: usize, text: &mut Vec<String>) -> Self {
        let place = number * 7_919 % (text.len() + 1);
        let lines: Vec<String> = (0..count)
            .map(|line| {
                if line + 1 == count {
                    return "}".to_owned();
                }
                format!("    let value_{number}_{line} = compute({line}, {number});")
            })
            .collect();
        let (begin, end) = (place.saturating_sub(3), (place + 3).min(text.len()));
        let context = end - begin;
        let start = begin + usize::from(context > 0);
        let mut hunk = format!("@@ -{start},{context} +{},{} @@\n", begin + 1, context + count);
        let mut push = |mark: char, lines: &[String]| {
            for line in lines {
                let _ = writeln!(hunk, "{mark}{line}");
            }
        };
        push(' ', &text[begin..place]);
        push('+', &lines);
        push(' ', &text[place..end]);
        text.splice(place..place, lines);
        Self { number, file, hunk }
    }

    /// A tool call as `OpenCode`'s plugin hands it over.
    fn part(&self, repository: &Path) -> Value {
        let Self { number, file, hunk } = self;
        let path = repository.join(name(*file));
        let at = (BEGIN + number) * 1_000;
        let patch = format!("--- {0}\n+++ {0}\n{hunk}", path.display());
        json!({
            "session_id": format!("ses_{}", number % 20),
            "message_id": format!("msg_{}", number / 10),
            "part_id": format!("prt_{number}"),
            "part_type": "tool",
            "generated_at_unix_ms": at,
            "callID": format!("call_{number}"),
            "tool": "edit",
            "state": {
                "status": "completed",
                "input": { "filePath": path },
                "output": "Edit applied successfully.",
                "metadata": { "filediff": { "file": path, "patch": patch } },
                "time": { "start": at, "end": at },
            },
        })
    }
}
