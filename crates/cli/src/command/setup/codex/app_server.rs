//! `codex app-server` (0.169.0), asked for a few things: a JSON object on a line each way, and an end
//! to it whatever it does.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde_json::{Value, json};
use thiserror::Error;

/// For all that it is asked; it takes half a second.
const LIMIT: Duration = Duration::from_secs(20);

/// For coming to an end in good order; it takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// A longer line is none of its.
const MOST_BYTES: u64 = 8 << 20;

/// Why Codex does not do what it is asked.
#[derive(Debug, Error)]
pub enum Fault {
    /// There is none.
    #[error("`codex` is not in the `PATH`")]
    NoCodex,
    /// It cannot be started, or cannot be spoken to.
    #[error("`codex app-server` cannot be used ({0})")]
    Unusable(#[from] io::Error),
    /// It takes too long.
    #[error("`codex app-server` does not answer")]
    Late,
    /// It has ended.
    #[error("`codex app-server` has ended")]
    Ended,
    /// It says no, or something else than it should.
    #[error("`codex app-server` does not understand `{0}`")]
    Refused(&'static str),
    /// It says that it has done so, and has not.
    #[error("`codex app-server` has not noted them down as trusted")]
    NotDone,
}

/// A running one.
pub struct AppServer {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
    deadline: Instant,
    asked: u64,
}

impl AppServer {
    /// Starts it.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(program: &Path, folder: &Path) -> Result<Self, Fault> {
        let mut command = Command::new(program);
        command.arg("app-server").current_dir(folder).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let stdin = stdin.expect("it is piped");
        let lines = read_lines(stdout.expect("it is piped"));
        let mut server = Self { child, stdin, lines, deadline: Instant::now() + LIMIT, asked: 0 };
        let about_us = json!({ "name": "recount", "version": env!("CARGO_PKG_VERSION") });
        server.ask("initialize", &json!({ "clientInfo": about_us }))?;
        server.say(&json!({ "method": "initialized" }))?;
        Ok(server)
    }

    /// The hooks that it sees in a folder.
    ///
    /// # Errors
    /// It does not tell.
    pub fn hooks(&mut self, folder: &Path) -> Result<Vec<Value>, Fault> {
        let mut told = self.ask("hooks/list", &json!({ "cwds": [folder] }))?;
        match told.pointer_mut("/data/0/hooks").map(Value::take) {
            Some(Value::Array(hooks)) => Ok(hooks),
            Some(_) | None => Err(Fault::Refused("hooks/list")),
        }
    }

    /// Changes its settings.
    ///
    /// # Errors
    /// It does not do so.
    pub fn write_config(&mut self, edits: &[Value]) -> Result<(), Fault> {
        let edits = json!({ "edits": edits, "reloadUserConfig": true });
        self.ask("config/batchWrite", &edits).map(drop)
    }

    /// Asks, and waits for the answer; what else it says is passed over.
    fn ask(&mut self, method: &'static str, parameters: &Value) -> Result<Value, Fault> {
        self.asked += 1;
        let id = self.asked;
        self.say(&json!({ "id": id, "method": method, "params": parameters }))?;
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).map_err(|error| match error {
                RecvTimeoutError::Timeout => Fault::Late,
                RecvTimeoutError::Disconnected => Fault::Ended,
            })?;
            let mut said: Value = serde_json::from_str(&line).unwrap_or_default();
            if said["id"] == id && said.get("method").is_none() {
                let answer = said["result"].take();
                return if answer.is_null() { Err(Fault::Refused(method)) } else { Ok(answer) };
            }
        }
    }

    /// What it is told fits its standard input even while it does not read.
    fn say(&mut self, message: &Value) -> Result<(), Fault> {
        let said = self.stdin.write_all(format!("{message}\n").as_bytes());
        said.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Fault::Ended,
            _ => Fault::Unusable(error),
        })
    }
}

impl Drop for AppServer {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let _ = kill_process_group(group, Signal::TERM);
        let patience = Instant::now() + PATIENCE;
        // Left to be reaped: until then its id is nobody else's, and it can be killed by it.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let runs = || matches!(waitid(WaitId::Pid(group), options), Ok(None));
        while runs() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(10));
        }
        // Also what it has started and left behind.
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Its lines, as they come; nobody waits for more than one.
fn read_lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, lines) = sync_channel(1);
    thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        loop {
            let mut line = String::new();
            let read = (&mut stdout).take(MOST_BYTES).read_line(&mut line);
            if !matches!(read, Ok(1..)) || sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
