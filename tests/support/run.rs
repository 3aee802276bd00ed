//! One run of the program, bounded in time.

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A run that takes longer hangs, and is killed.
const LIMIT: Duration = Duration::from_mins(1);

/// A run that has not begun.
#[must_use]
pub struct Run {
    command: Command,
    input: Vec<u8>,
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
}

impl Run {
    /// A program in an empty environment.
    pub fn new(program: &Path) -> Self {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, input: Vec::new() }
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

    /// Starts it and hands it over, with its standard input open.
    pub fn start(mut self) -> Child {
        self.command.spawn().expect("the program starts")
    }

    /// Runs it to its end.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        let input = std::mem::take(&mut self.input);
        let mut child = self.start();
        let process = rustix::process::Pid::from_child(&child);
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let (ended, wait) = mpsc::channel::<()>();
        thread::scope(|scope| {
            // A program that does not read all of its input is judged by its code.
            scope.spawn(move || drop(stdin.write_all(&input)));
            scope.spawn(move || {
                if wait.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
                }
            });
            let finished = collect(&mut child);
            drop(ended);
            finished
        })
    }
}

fn collect(child: &mut Child) -> Finished {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let stdout = scope.spawn(|| read_all(stdout));
        let stderr = read_all(stderr);
        let stdout = stdout.join().expect("reading does not panic");
        let code = child.wait().expect("it was started").code();
        Finished { code, stdout, stderr }
    })
}

fn read_all(stream: Option<impl Read>) -> String {
    stream.map_or_else(String::new, |stream| {
        io::read_to_string(stream).expect("the program writes UTF-8")
    })
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
