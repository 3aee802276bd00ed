//! Both programs, each with a home of its own that is filled with the same transcripts, and each as a
//! server that nobody has asked yet.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    Fallible,
    support::claude_corpus::{self, DAY, Shape},
    tools,
    world::World,
};

/// So many begin for themselves that there are 1,000 with the forks.
const BEGUN: u64 = 702;
const DAYS: i64 = 90;

/// Whose pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Recount,
    Agentsview,
}

pub const SIDES: [Side; 2] = [Side::Agentsview, Side::Recount];

impl Side {
    /// As tables and the scripts call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recount => "recount",
            Self::Agentsview => "agentsview",
        }
    }
}

/// Both with the same sessions.
pub struct Filled {
    /// How many, without those of subagents.
    pub sessions: usize,
    /// The id of the one whose transcript is the longest.
    pub longest: String,
    /// Where pictures go.
    pub pictures: PathBuf,
    world: World,
    folder: PathBuf,
}

impl Filled {
    pub fn new(root: &Path) -> Fallible<Self> {
        let (folder, pictures) = (root.join("claude"), root.join("pictures"));
        fs::create_dir_all(&pictures)?;
        eprintln!("transcripts …");
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let shape = Shape {
            seed: 7,
            sessions: BEGUN,
            begin: (i64::try_from(now)? / DAY - DAYS) * DAY,
            days: DAYS,
            turns: 12,
            words: 120,
            dump_bytes: 0,
            spaced: false,
            has_plain_prices: false,
        };
        let transcripts = claude_corpus::write(&folder, &shape).transcripts;
        let bytes = |path: &&PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let longest = transcripts.iter().max_by_key(bytes).and_then(|path| path.file_stem());
        let longest = longest.ok_or("there are transcripts")?.to_string_lossy().into_owned();
        let world = World::new(root, "recount", "")?.with_database(None)?;
        let filled = Self { sessions: transcripts.len(), longest, pictures, world, folder };
        eprintln!("recount takes them in …");
        let projects = filled.folder.join("projects");
        filled.world.run(["import".as_ref(), "claude".as_ref(), projects.as_os_str()])?;
        eprintln!("agentsview takes them in …");
        let mut sync = filled.agentsview()?;
        sync.arg("sync").env("AGENTSVIEW_NO_DAEMON", "1").stdout(Stdio::null());
        let status = sync.status()?;
        if status.success() { Ok(filled) } else { Err(format!("{sync:?}: {status}").into()) }
    }

    /// A server that has just begun.
    pub fn serve(&self, side: Side) -> Fallible<Server> {
        match side {
            Side::Recount => Server::start(self.world.recount(["serve", "--port", "0"])),
            Side::Agentsview => {
                let mut serve = self.agentsview()?;
                // It would look for new transcripts while it is asked.
                serve.args(["serve", "--no-browser", "--no-sync", "--port", "0"]);
                Server::start(serve)
            }
        }
    }

    fn agentsview(&self) -> Fallible<Command> {
        let mut command =
            tools::agentsview_in(&self.folder.with_file_name("agentsview"), &self.folder)?;
        // It asks other machines for prices.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").env("TZ", "UTC");
        Ok(command)
    }
}

/// A server, which ends when it is dropped.
pub struct Server {
    process: Child,
    /// Where it is reached, with the token if there is one.
    url: String,
    /// Nobody reads on, but it may go on to write.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Waits until it tells where it is.
    fn start(mut command: Command) -> Fallible<Self> {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut stdout = BufReader::new(process.stdout.take().ok_or("it is piped")?);
        let mut line = String::new();
        while stdout.read_line(&mut line)? > 0 {
            let word = line.split_whitespace().find(|word| word.starts_with("http://"));
            if let Some(url) = word {
                let url = url.to_owned();
                return Ok(Self { process, url, _stdout: stdout });
            }
            line.clear();
        }
        Err(format!("{command:?} ended with {}", process.wait()?).into())
    }

    /// The URL of a page, as who has just started it opens it.
    pub fn page(&self, path: &str) -> String {
        let (at, query) = self.url.split_once("/?").unwrap_or((&self.url, ""));
        let at = at.trim_end_matches('/');
        if query.is_empty() { format!("{at}{path}") } else { format!("{at}{path}?{query}") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It keeps nothing that could be lost.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
