//! `--canary`: sends a marked event through each registered command exactly as its agent would, finds
//! it in the record, and removes it.
//!
//! Only recount itself is run: whatever else is registered may do what nobody wants done for a look.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use ::store::{Canaries, DrainEnd, Location, Settings, Store, StoreError};
use domain::SessionId;
use report::health::{Check, Finding};

use super::{
    agent::calls,
    bounded::Findings,
    of_complaint,
    process::{self, Ended},
    program::{Program, Programs},
};
use crate::{
    command::{
        setup::registration::{Agent, Call, Handed, Line, Origin, Printed, Registrations},
        store::failure,
    },
    environment::Environment,
};

/// The events that are sent rather than others: they tell of nothing but a session.
const PLAIN: [&str; 3] = ["SessionStart", "Notification", "SessionEnd"];

/// How long a command may take to say which database it writes to.
const LIMIT: Duration = Duration::from_secs(2);

/// A call that will be made.
pub struct Flight {
    agent: Agent,
    call: Call,
    program: PathBuf,
    words: Vec<String>,
}

impl Flight {
    /// What there is to say of it where it was not made.
    pub fn not_made(&self, reason: &str) -> Finding {
        let found = format!("{} was not called: {reason}", self.name());
        Finding::failure(Check::Canary, found).of_agent(self.agent.name)
    }
}

/// The calls to be made for an agent, each once however many events it is registered for, and what
/// there is to say of those that are not made.
pub fn flights(
    agent: Agent,
    registered: &Registrations,
    programs: &mut Programs<'_>,
) -> (Vec<Flight>, Vec<Finding>) {
    let (mut flights, mut findings): (Vec<Flight>, Vec<Finding>) = (Vec::new(), Vec::new());
    let mut all: Vec<&Call> = calls(registered).collect();
    let is_other = |call: &Call| {
        let event = call.event.as_deref();
        PLAIN.iter().position(|plain| Some(*plain) == event).unwrap_or(PLAIN.len())
    };
    all.sort_by_key(|call| (call.origin, is_other(call)));
    let mut known = Vec::new();
    for call in all {
        let key = (&call.line, &call.variables);
        if known.contains(&key) {
            continue;
        }
        known.push(key);
        match fit(call, programs) {
            Ok((program, words)) => {
                flights.push(Flight { agent, call: call.clone(), program, words });
            }
            Err(finding) if findings.contains(&finding) => {}
            Err(finding) => findings.push(finding),
        }
    }
    let findings = findings.into_iter().map(|finding| finding.of_agent(agent.name)).collect();
    (flights, findings)
}

/// The program of a call and all its words, if it may be made.
fn fit(call: &Call, programs: &mut Programs<'_>) -> Result<(PathBuf, Vec<String>), Finding> {
    let Some(words) = call.words() else {
        let (Line::Shell(line) | Line::Program { program: line, .. }) = &call.line;
        let found = format!("`{line}` was not run: it is more than a call of recount");
        return Err(Finding::warning(Check::Canary, found));
    };
    match programs.look(&words[0], call.origin) {
        (Program::Recount(_), _) if call.origin == Origin::Project && !is_as_set_up(&words) => {
            let found = format!("`{}` was not run: it is registered by this project", words[0]);
            Err(Finding::warning(Check::Canary, found)
                .advised(format!("look at what it is called with: `{}`", words[1..].join(" "))))
        }
        (Program::Recount(program), _) => Ok((program, words)),
        (Program::Foreign | Program::Withheld | Program::Missing, finding) => {
            Err(Finding { check: Check::Canary, ..finding })
        }
    }
}

/// Whether set-up registers such a call: recount can do other things, too.
fn is_as_set_up(words: &[String]) -> bool {
    let [_, hooks, trace, options @ ..] = words else { return false };
    let is_option =
        |pair: &[String]| matches!(pair, [name, _] if matches!(&**name, "--agent" | "--database"));
    (&**hooks, &**trace) == ("hooks", "conversation-trace") && options.chunks(2).all(is_option)
}

/// What all calls need.
pub struct Sky {
    /// What surrounds this program.
    pub environment: Environment,
    /// How it uses a database.
    pub settings: Settings,
    /// The database that it looks at, if there can be one.
    pub here: Option<PathBuf>,
}

/// Makes the calls.
pub fn send(sky: &Sky, flights: &[Flight], findings: &mut Findings<'_>) {
    let canaries = Canaries::new();
    for (number, flight) in flights.iter().enumerate() {
        let session = canaries.session(number);
        let finding = sky.fly(flight, &canaries, &session);
        findings(finding.of_agent(flight.agent.name));
    }
}

impl Sky {
    fn fly(&self, flight: &Flight, canaries: &Canaries, session: &SessionId) -> Finding {
        let target = match self.target(flight) {
            Ok(target) => target,
            Err(reason) => return Finding::failure(Check::Canary, reason),
        };
        if flight.call.origin == Origin::Project
            && !flight.database().is_empty()
            && self.here.as_ref() != Some(&target)
            && !target.exists()
        {
            let (name, target) = (flight.name(), target.display());
            let found =
                format!("{name} was not run: this project has it make the database `{target}`");
            return Finding::warning(Check::Canary, found)
                .advised("look at the project's settings before an agent works here");
        }
        let folder = self.environment.working_folder.to_string_lossy();
        let handed = (flight.agent.hands_over)(&Handed {
            session,
            event: flight.call.event.as_deref(),
            folder: &folder,
            now: (self.settings.clock)(),
        });
        let input = handed.to_string();
        let ended = process::run(self.command(flight), input.as_bytes(), flight.call.timeout);
        let arrived = self.arrived(&target, canaries, session, input.as_bytes());
        let name = flight.name();
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => {
                return Finding::failure(Check::Canary, format!("{name} cannot be run: {error}"));
            }
        };
        if let Some(reason) = what_went_wrong(flight, &ended) {
            return Finding::failure(Check::Canary, format!("{name} {reason}"));
        }
        self.judge(&name, &ended, &target, arrived)
    }

    fn judge(
        &self,
        name: &str,
        ended: &Ended,
        target: &Path,
        arrived: Result<Arrival, StoreError>,
    ) -> Finding {
        let database = target.display();
        let took = format!("{} ms", ended.elapsed.as_millis());
        match arrived {
            Err(error) => {
                let failure = failure(&error);
                let complaint = failure.complaints().first().cloned();
                of_complaint(Check::Canary, complaint.expect("a failure has a complaint"))
            }
            Ok(Arrival::Unfit) => {
                let found = format!("{name} took {took}; `{database}` does not take the event in");
                Finding::failure(Check::Canary, found).advised("run `recount db check`")
            }
            Ok(Arrival::Nowhere) => {
                let found =
                    format!("{name} ended well after {took}, and nothing is in `{database}`");
                Finding::failure(Check::Canary, found).advised("look at `recount spool status`")
            }
            Ok(Arrival::Stored) if Some(target) == self.here.as_deref() => {
                Finding::good(Check::Canary, format!("{name} took {took}; the event arrived"))
            }
            Ok(Arrival::Stored) => {
                let here = self.here.as_ref().map(|here| format!("`{}`", here.display()));
                let here = here.unwrap_or_else(|| "none".to_owned());
                let found = format!(
                    "{name} took {took}; the event arrived in `{database}`, while this looks at {here}"
                );
                Finding::warning(Check::Canary, found)
                    .advised("set the agent up with the database that is meant: `--database PATH`")
            }
        }
    }

    /// The database that a command writes to, as it says itself.
    fn target(&self, flight: &Flight) -> Result<PathBuf, String> {
        let mut command = self.surrounded(&flight.program);
        command.args(["db", "path"]).args(flight.database());
        let ended = process::run(command, b"", LIMIT);
        let name = flight.name();
        let failed =
            |reason: String| format!("{name} does not say which database it uses: {reason}");
        let ended = ended.map_err(|error| failed(error.to_string()))?;
        if ended.is_killed || ended.code != Some(0) {
            return Err(failed(first_line(&ended.stderr)));
        }
        let path = ended.stdout.strip_suffix(b"\n").unwrap_or(&ended.stdout);
        Ok(PathBuf::from(OsString::from_vec(path.to_vec())))
    }

    /// The call as the agent makes it.
    fn command(&self, flight: &Flight) -> Command {
        let mut command = match &flight.call.line {
            Line::Program { arguments, .. } => {
                let mut command = self.surrounded(&flight.program);
                command.args(arguments);
                command
            }
            Line::Shell(line) => {
                let mut command = self.surrounded(Path::new("/bin/sh"));
                command.arg("-c").arg(line);
                command
            }
        };
        command.envs(flight.call.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn surrounded(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let variables = self.environment.inherited.iter();
        command.env_clear().envs(variables.map(|(name, value)| (OsStr::new(name), value)));
        command.current_dir(&self.environment.working_folder);
        command
    }

    /// What has become of the event in that database; nothing of it is there any more then.
    fn arrived(
        &self,
        target: &Path,
        canaries: &Canaries,
        session: &SessionId,
        input: &[u8],
    ) -> Result<Arrival, StoreError> {
        let located = |source| StoreError::File { action: "find", path: target.to_owned(), source };
        let location = Location::resolve(target).map_err(located)?;
        let store = Store::new(location, self.settings.clone());
        // Where there is none, this is the first event of all, and stores it as any reader would.
        let mut holder = if store.location().database().exists() {
            store.open_unmigrated("doctor")?
        } else {
            store.open("doctor")?
        };
        let report = holder.drain()?;
        let is_there = holder.has_session(session)?;
        holder.remove_canaries(canaries)?;
        let is_unfit = store.quarantine().discard_bytes(input);
        match report.end {
            _ if is_there => Ok(Arrival::Stored),
            _ if is_unfit => Ok(Arrival::Unfit),
            DrainEnd::Failed(error) => Err(error),
            DrainEnd::Empty | DrainEnd::Taken | DrainEnd::Deadline => Ok(Arrival::Nowhere),
        }
    }
}

/// What became of an event.
enum Arrival {
    /// It was in the record.
    Stored,
    /// It was in quarantine, as it could not be stored.
    Unfit,
    /// It was in neither.
    Nowhere,
}

impl Flight {
    /// What a person takes it for.
    fn name(&self) -> String {
        let event = self.call.event.as_ref().map(|event| format!(" for `{event}`"));
        format!("`{}`{}", self.words[0], event.unwrap_or_default())
    }

    /// The database that it is given.
    fn database(&self) -> Vec<&String> {
        let at = self.words.iter().position(|word| word == "--database");
        at.map(|at| self.words[at..].iter().take(2).collect()).unwrap_or_default()
    }
}

/// Why the agent would not be content.
fn what_went_wrong(flight: &Flight, ended: &Ended) -> Option<String> {
    if ended.is_killed {
        let seconds = flight.call.timeout.as_secs_f32();
        return Some(format!("did not end within {seconds} seconds, and was killed"));
    }
    match ended.code {
        None => return Some("was ended by a signal".to_owned()),
        Some(0) => {}
        Some(code) => {
            return Some(format!("ended with exit code {code}: {}", first_line(&ended.stderr)));
        }
    }
    let is_receipt = || {
        let printed = String::from_utf8_lossy(&ended.stdout);
        printed.lines().any(|line| line.starts_with(RECEIPT))
    };
    match flight.agent.printed {
        Printed::IsToldToTheModel if !ended.stdout.is_empty() => Some(format!(
            "prints {} bytes to its standard output, which {} tells its model",
            ended.stdout.len(),
            flight.agent.title
        )),
        Printed::IsTheReceipt if !is_receipt() => Some(format!(
            "gives no receipt, without which {} keeps all to itself",
            flight.agent.title
        )),
        Printed::IsToldToTheModel | Printed::IsTheReceipt => None,
    }
}

/// How the receipt begins that the plugins look for.
const RECEIPT: &str = "conversation-trace: attempted=";

fn first_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().next().unwrap_or("it says nothing").to_owned()
}
