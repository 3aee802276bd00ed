//! One run of the program, bounded in time.

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

/// A run that takes longer hangs, and is killed.
const LIMIT: Duration = Duration::from_mins(1);

/// A run that has not begun.
#[must_use]
pub struct Run {
    command: Command,
    input: Vec<u8>,
    is_endless: bool,
    limit: Duration,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// What its process id was.
    pub process_id: u32,
    /// How long it took.
    pub elapsed: Duration,
}

impl Run {
    /// A program in an empty environment.
    pub fn new(program: &Path) -> Self {
        let mut command = Command::new(program);
        // A group of its own, so that what it starts can be killed with it.
        command
            .env_clear()
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self { command, input: Vec::new(), is_endless: false, limit: LIMIT }
    }

    /// Adds arguments.
    pub fn arguments<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable.
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable away.
    pub fn without_variable(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Starts in that folder.
    pub fn working_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sends standard output there instead of keeping it.
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.command.stdout(stdout);
        self
    }

    /// Gives that on standard input.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Leaves standard input open after that, as a writer does that hangs.
    pub fn endless(mut self) -> Self {
        self.is_endless = true;
        self
    }

    /// Takes standard input from there.
    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.command.stdin(stdin);
        self
    }

    /// Kills it if it still runs after that time.
    pub fn kill_after(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs as that user and in no group of anybody else.
    pub fn user(mut self, id: u32) -> Self {
        self.command.uid(id).gid(id);
        self
    }

    /// Starts it without input.
    pub fn start(mut self) -> Running {
        self.command.stdin(Stdio::null());
        let child = self.command.spawn().expect("the program starts");
        Running { child, since: Instant::now() }
    }

    /// Starts it with an input that is still to be written.
    pub fn start_open(mut self) -> (Running, ChildStdin) {
        let mut child = self.command.spawn().expect("the program starts");
        let stdin = child.stdin.take().expect("it is a pipe");
        (Running { child, since: Instant::now() }, stdin)
    }

    /// Runs it to its end, or for as long as it may.
    #[must_use]
    pub fn finish(self) -> Finished {
        self.try_finish().expect("the program starts")
    }

    /// The same with a program that need not be there.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn try_finish(mut self) -> io::Result<Finished> {
        let Self { input, is_endless, limit, .. } = self;
        let since = Instant::now();
        let mut child = self.command.spawn()?;
        let process = Pid::from_child(&child);
        let stdin = child.stdin.take();
        let (ended, wait) = mpsc::channel::<()>();
        let (stdout, stderr) = thread::scope(|scope| {
            let writer = scope.spawn(move || {
                let mut stdin = stdin?;
                // A program that does not read all of its input is judged by its code.
                let _ = stdin.write_all(&input);
                is_endless.then_some(stdin)
            });
            scope.spawn(move || {
                if wait.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let _ = kill_process_group(process, Signal::KILL);
                }
            });
            let streams = collect(&mut child);
            // Its id is its own until it is waited for below, so the signal hits nobody else.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            waitid(WaitId::Pid(process), options).expect("it was started");
            drop((ended, writer.join()));
            streams
        });
        let code = child.wait()?.code();
        let process_id = child.id();
        Ok(Finished { code, stdout, stderr, process_id, elapsed: since.elapsed() })
    }
}

fn collect(child: &mut Child) -> (String, String) {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let stdout = scope.spawn(|| read_all(stdout));
        let stderr = read_all(stderr);
        (stdout.join().expect("reading does not panic"), stderr)
    })
}

fn read_all(stream: Option<impl Read>) -> String {
    stream.map_or_else(String::new, |stream| {
        io::read_to_string(stream).expect("the program writes UTF-8")
    })
}

/// A run that goes on beside the test, and is killed with it.
pub struct Running {
    child: Child,
    since: Instant,
}

impl Running {
    /// Its process id.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it, wherever it is; it stands still when this returns.
    pub fn stop(&self) {
        self.signal(Signal::STOP);
        let process = WaitId::Pid(Pid::from_child(&self.child));
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
        waitid(process, options).expect("it was started");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// Tells it to end.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Interrupts it, as a person does at a terminal.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// The next line that it writes, with its end; an empty one where it writes no more.
    pub fn line(&mut self) -> String {
        let mut line = Vec::new();
        let stdout = self.child.stdout.as_mut().expect("it is a pipe");
        while line.last() != Some(&b'\n') {
            // Byte by byte: what comes after it is for whoever asks next.
            let mut byte = [0];
            if stdout.read(&mut byte).expect("it can be read") == 0 {
                break;
            }
            line.extend(byte);
        }
        String::from_utf8(line).expect("the program writes UTF-8")
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it was started").is_some()
    }

    /// Waits for its end.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        let (stdout, stderr) = collect(&mut self.child);
        let code = self.child.wait().expect("it was started").code();
        let (process_id, elapsed) = (self.process_id(), self.since.elapsed());
        Finished { code, stdout, stderr, process_id, elapsed }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it has not been waited for");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A stopped process dies of this too; one that has ended is past caring.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// Demands that exit code.
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Demands that standard error holds that.
    pub fn complains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "`{text}` is missing in {self:#?}");
        self
    }

    /// Demands that nothing was complained of, and gives standard output.
    pub fn output(self) -> String {
        assert_eq!((self.code, &*self.stderr), (Some(0), ""), "{self:#?}");
        self.stdout
    }
}
