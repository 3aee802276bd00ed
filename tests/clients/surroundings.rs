//! What every real agent works in: a repository, no way to any host but the scripted model, and
//! a time after which it hangs.

use std::{
    fs::{self, DirEntry},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Pid;

use crate::support::{Run, Running, TestEnvironment, say, wait_until};

/// The folder that all of the project lies in.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A turn takes seconds; an agent that takes longer hangs.
const LIMIT: Duration = Duration::from_mins(3);

/// A port that nobody listens on: whoever wants to leave the machine is refused at once.
pub const NOWHERE: &str = "http://127.0.0.1:9/";

/// Makes the working folder a repository with one file.
pub fn make_repository(environment: &TestEnvironment) {
    let readme = environment.working_folder().join("README.md");
    fs::write(readme, "# demo\n").expect("a new file");
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "x"]] {
        let git = environment.program(Path::new("git"));
        git.arguments(identity).arguments(arguments).finish().ends_with(0);
    }
}

/// Where the agents are installed.
pub fn programs() -> PathBuf {
    Path::new(ROOT).join("tests/clients/node_modules/.bin")
}

/// An installed agent in that environment, not started yet.
pub fn agent(environment: &TestEnvironment, name: &str) -> Run {
    let program = programs().join(name);
    assert!(program.exists(), "`{name}` is not installed; hint: `tests/run` installs it");
    cut_off(environment, environment.program(&program))
}

/// Recount, which finds the installed agents by their names, not started yet.
pub fn recount_with_agents(environment: &TestEnvironment, arguments: &[&str]) -> Run {
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs().display());
    cut_off(environment, environment.recount(arguments)).variable("PATH", path)
}

/// What an agent needs to run in that environment and to leave it alone.
fn cut_off(environment: &TestEnvironment, run: Run) -> Run {
    let run = run.kill_after(LIMIT);
    let run = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"]
        .iter()
        .fold(run, |run, name| run.variable(name, NOWHERE));
    run.variable("no_proxy", "127.0.0.1")
        .variable("NO_PROXY", "127.0.0.1")
        .variable("TMPDIR", environment.home())
}

/// Waits for the call of the script `hang`, and gives its process, which an agent that is killed
/// leaves alone.
pub fn sleeper(environment: &TestEnvironment, run: &mut Running) -> Pid {
    let file = environment.working_folder().join("process");
    let mut sleeper = None;
    wait_until("the call runs", || {
        assert!(!run.has_ended(), "it runs until it is killed");
        let process = fs::read_to_string(&file).ok().and_then(|id| id.trim().parse().ok());
        sleeper = process.and_then(Pid::from_raw);
        sleeper.is_some()
    });
    sleeper.expect("it was waited for")
}

/// Waits until nothing goes on that an agent has started there and not waited for.
pub fn wait_until_alone(environment: &TestEnvironment) {
    let home = format!("HOME={}\0", environment.home().display()).into_bytes();
    let is_from_there = |process: DirEntry| {
        // Another's process, or one that has ended, cannot be read.
        let variables = fs::read(process.path().join("environ")).unwrap_or_default();
        variables.windows(home.len()).any(|bytes| bytes == home)
    };
    wait_until("all that was started there has ended", || {
        let processes = fs::read_dir("/proc").expect("Linux");
        !processes.map(|process| process.expect("an entry")).any(is_from_there)
    });
}

/// Says at its end how long the test took.
pub struct Clock(Instant);

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        let test = thread::current();
        let name = test.name().unwrap_or_default();
        say(&format!("{name}: {:.1} s", self.0.elapsed().as_secs_f64()));
    }
}
