//! One run of another program, bounded in time and in what is kept of its output.

use std::{
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// What is kept of each stream.
const KEPT_BYTES: u64 = 64 << 10;

/// What a process has printed can be read right after its end; what keeps a stream open for longer
/// is something that it has started.
const STREAMS: Duration = Duration::from_millis(500);

/// How a run ended.
pub struct Ended {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// How its standard output begins.
    pub stdout: Vec<u8>,
    /// How its standard error begins.
    pub stderr: Vec<u8>,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether it took too long, and was killed.
    pub is_killed: bool,
}

/// Runs it to its end with that input, or kills it and all of its group after that time.
///
/// # Errors
/// It cannot be started or waited for.
pub fn run(mut command: Command, input: &[u8], limit: Duration) -> io::Result<Ended> {
    command.process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let since = Instant::now();
    let mut child = command.spawn()?;
    let process = Pid::from_child(&child);
    hand_over(&mut child, input.to_vec());
    let streams = [collect(child.stdout.take()), collect(child.stderr.take())];
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        // Left to be reaped: until then its id is nobody else's, and it can be killed by it.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let _ = ended.send(waitid(WaitId::Pid(process), options).map(drop));
    });
    let is_killed = end.recv_timeout(limit).is_err();
    let elapsed = since.elapsed();
    // Also what it has started and left behind.
    let _ = kill_process_group(process, Signal::KILL);
    let code = child.wait()?.code();
    let [stdout, stderr] = streams.map(|stream| stream.recv_timeout(STREAMS).unwrap_or_default());
    Ok(Ended { code, stdout, stderr, elapsed, is_killed })
}

/// In a thread of its own: a program need not read.
fn hand_over(child: &mut Child, input: Vec<u8>) {
    if let Some(mut stdin) = child.stdin.take() {
        // What it leaves unread it is judged by elsewhere.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
}

fn collect(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut stream) = stream {
            let _ = (&mut stream).take(KEPT_BYTES).read_to_end(&mut kept);
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        let _ = sender.send(kept);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(line: &str, input: &[u8], limit: Duration) -> Ended {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]);
        run(command, input, limit).expect("there is a shell")
    }

    #[test]
    fn what_a_program_does_is_told() {
        let ended = shell("cat; echo two >&2; exit 3", b"one", Duration::from_mins(1));
        assert_eq!(
            (ended.code, &*ended.stdout, &*ended.stderr),
            (Some(3), &b"one"[..], &b"two\n"[..])
        );
        assert!(!ended.is_killed);
    }

    #[test]
    fn what_does_not_end_is_killed_with_what_it_has_started() {
        let ended = shell("sleep 60 & echo one; sleep 60", b"", Duration::from_millis(200));
        assert!(ended.is_killed && ended.code.is_none());
        assert_eq!(ended.stdout, b"one\n");
        assert!(ended.elapsed < Duration::from_secs(30));
    }

    #[test]
    fn what_is_left_behind_keeps_nobody() {
        let since = Instant::now();
        let ended = shell("sleep 60 & exit 0", b"", Duration::from_mins(1));
        assert_eq!(ended.code, Some(0));
        assert!(since.elapsed() < Duration::from_secs(30));
    }
}
