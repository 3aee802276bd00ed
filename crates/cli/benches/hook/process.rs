//! Real processes: how long one takes, as the one who starts it sees it, and how much memory.

use std::{
    fs,
    io::Write,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::Fallible;

/// Runs `command` to its end with `input`; the time is from before its start until it is gone.
pub fn timed(mut command: Command, input: Option<&[u8]>) -> Fallible<Duration> {
    let begin = Instant::now();
    let mut child = start(&mut command, input)?;
    let status = child.wait()?;
    let taken = begin.elapsed();
    if status.success() {
        Ok(taken)
    } else {
        Err(format!("{command:?} ended with {status}").into())
    }
}

/// The same with the most memory it had in use, in KiB: its high-water mark is looked at until the
/// process is gone, so only what it took in its last `pause` can be missing.
pub fn watched(
    mut command: Command,
    input: Option<&[u8]>,
    pause: Duration,
) -> Fallible<(Duration, u64)> {
    let begin = Instant::now();
    let mut child = start(&mut command, input)?;
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = peak_kib.max(high_water_kib(&child).unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(pause);
    };
    let taken = begin.elapsed();
    if status.success() {
        Ok((taken, peak_kib))
    } else {
        Err(format!("{command:?} ended with {status}").into())
    }
}

fn start(command: &mut Command, input: Option<&[u8]>) -> Fallible<Child> {
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        stdin.write_all(input)?;
    }
    Ok(child)
}

fn high_water_kib(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
