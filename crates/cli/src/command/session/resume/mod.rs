//! `recount session resume`: goes on with a session in its own agent, in the place of this process.
//!
//! Ids and folders come from the record, and a record may hold what anybody has written. So an id is
//! handed on only where the agent could have given it, a folder that the agent has not told of itself
//! only where the person says so, and nothing goes through a shell.

pub mod agent;
mod claude;
mod codex;
mod cursor;
mod gemini;
mod line;
mod opencode;
mod primed;
pub mod state;

use std::{
    ffi::OsString,
    fs::{self, Permissions},
    io::{self, BufRead, IsTerminal, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use ::store::{Store, query::session_head::session_head};
use clap::Args;
use domain::{ResumeState, Session, UnixMs};

use self::{
    agent::{AGENTS, Agent, Found, Wanted, agent_named},
    line::Line,
    state::Keeps,
};
use super::{id, read};
use crate::{
    command::{
        Context,
        store::{failure, open_drained},
    },
    environment::Environment,
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, escape},
};

pub const DAY_MS: i64 = 86_400_000;

/// Which session, and how to go on with it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The session, or as much of its id as tells it from all others
    id: String,

    /// Print the command for a shell instead
    #[arg(long)]
    print: bool,

    /// Where it cannot be resumed, begin a new session that reads the recorded conversation
    #[arg(long)]
    fallback: bool,

    /// Go on in that folder without being asked
    #[arg(long)]
    yes: bool,

    /// What the agent is given besides
    #[arg(last = true, value_name = "ARGS")]
    given: Vec<OsString>,
}

/// Does it.
pub fn run(
    context: &mut Context,
    store: &Store,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let holder = open_drained(store, "session resume")?;
    let id = id::session(&holder, &arguments.id)?;
    let session = session_head(&holder, &id).map_err(|error| failure(&error))?;
    // What the agent does next has to be stored.
    drop(holder);
    let Some(session) = session else {
        return Err(Failure::new(ExitCode::NotFound, format!("session {} is gone", named(&id))));
    };
    let now = (store.settings().clock)();
    let resume = Resume::of(context, arguments, &session, now)?;
    let found = resume.look();
    let known = resume.judge(found.as_ref());
    state::keep(store, &[(id.as_str(), known)]);
    let line = match resume.line(found, known) {
        Ok(line) => line,
        Err(Reason::Gone(reason)) if resume.begins_anew(&reason) => {
            let material = read(context, store, "session resume", |_| Ok(id.clone()))?;
            let place = resume.new_place(&reason)?;
            let folder = primed::folder(context.environment.state_folder.as_deref())?;
            let file = primed::write(&folder, resume.agent, &material, now)?;
            resume.new_line(place, &file)
        }
        Err(reason) => return Err(reason.failure(arguments)),
    };
    if arguments.print {
        writeln!(context.output, "{}", line.for_shell());
        return Ok(ExitCode::Ok);
    }
    context.output.finish()?;
    Err(line.execute(context.environment.umask))
}

/// Why a session cannot be resumed.
enum Reason {
    /// It is not there, or has no place to go on in.
    Gone(String),
    /// It may go on, but not without somebody who says so.
    Refused(Failure),
}

impl Reason {
    fn failure(self, arguments: &Arguments) -> Failure {
        let id = escape(&arguments.id, Keep::Nothing);
        match self {
            Self::Refused(failure) => failure,
            Self::Gone(reason) => Failure::new(ExitCode::NotFound, reason).hint(format!(
                "`recount session resume {id} --fallback` begins a new session that reads the \
                 recorded conversation"
            )),
        }
    }
}

/// A session that shall go on.
struct Resume<'r> {
    environment: &'r Environment,
    arguments: &'r Arguments,
    session: &'r Session,
    agent: &'static Agent,
    program: PathBuf,
    now: UnixMs,
}

impl<'r> Resume<'r> {
    /// # Errors
    /// It cannot go on, and no session can take its place.
    fn of(
        context: &'r Context,
        arguments: &'r Arguments,
        session: &'r Session,
        now: UnixMs,
    ) -> Result<Self, Failure> {
        let environment = &context.environment;
        let (id, name) = (&session.session_id, session.agent.value());
        let refused = |message| Failure::new(ExitCode::NotFound, message);
        let Some(agent) = name.and_then(|name| agent_named(name.as_str())) else {
            let name = name.map_or("unknown", domain::Agent::as_str);
            let known: Vec<_> = AGENTS.iter().map(|agent| agent.title).collect();
            let message = format!("session {} is of agent {}", named(id), named(name));
            let hint = format!("sessions can be resumed of: {}", known.join(", "));
            return Err(refused(message).hint(hint));
        };
        let parent = id.as_str().split_once('/').map(|(parent, _)| parent);
        if let Some(parent) = parent.filter(|parent| (agent.is_id)(parent)) {
            let message = format!("session {} is a subagent's", named(id));
            let hint = format!("resume the session that started it: {}", named(parent));
            return Err(refused(message).hint(hint));
        }
        let Some(program) = environment.find_program(agent.program) else {
            let Agent { title, program, .. } = agent;
            let message = format!("{title} is not installed: `{program}` is not in the `PATH`");
            return Err(refused(message));
        };
        Ok(Self { environment, arguments, session, agent, program, now })
    }

    /// What its agent's own store says; nothing where the agent cannot have given it that id.
    fn look(&self) -> Option<Found> {
        let id = self.session.session_id.as_str();
        let wanted = Wanted { id: id.to_owned(), folder: self.folder().map(Path::to_path_buf) };
        (self.agent.is_id)(id).then(|| (self.agent.look)(self.environment, &wanted))
    }

    /// What that means, to be kept.
    fn judge(&self, found: Option<&Found>) -> domain::Resume {
        let is_there = found.map_or(Some(false), Found::is_there);
        let last_activity = found.and(self.session.last_activity_at.0);
        let keeps_ms = Keeps::read(self.environment).ms(self.agent);
        state::judge(keeps_ms, last_activity, is_there, self.now)
    }

    /// The call that resumes it.
    fn line(&self, found: Option<Found>, known: domain::Resume) -> Result<Line, Reason> {
        let (id, agent) = (self.session.session_id.as_str(), self.agent);
        let own = self.folder().map(Path::to_path_buf);
        let (folder, file) = match found {
            Some(Found::There { folder, file }) => (folder.or(own), file),
            Some(Found::Unknown(reason)) => {
                say(&format!("whether {} still has it cannot be told: {reason}", agent.title));
                (own, None)
            }
            Some(Found::Gone) => return Err(self.gone(known)),
            None => {
                let (id, title) = (named(id), agent.title);
                return Err(Reason::Gone(format!("{id} is no id that {title} gives a session")));
            }
        };
        let folder = self.existing(folder)?;
        let is_sure = (agent.has_told)(self.session) || self.arguments.yes;
        if !is_sure {
            self.confirm_imported(&folder)?;
        }
        if let Some(file) = file.filter(|_| agent.harms) {
            self.copy(&file)?;
        }
        Ok(self.call(folder, |_| (agent.resume)(id)))
    }

    fn folder(&self) -> Option<&Path> {
        self.session.project_path.value().map(Path::new).filter(|folder| folder.is_absolute())
    }

    fn existing(&self, folder: Option<PathBuf>) -> Result<PathBuf, Reason> {
        let id = named(&self.session.session_id);
        match folder {
            Some(folder) if folder.is_dir() => Ok(folder),
            Some(folder) => Err(Reason::Gone(format!(
                "the folder of session {id}, {}, is gone",
                named(&folder.display())
            ))),
            None => Err(Reason::Gone(format!("the folder of session {id} is not known"))),
        }
    }

    fn gone(&self, known: domain::Resume) -> Reason {
        let (title, id) = (self.agent.title, named(&self.session.session_id));
        let days = known.agent_keeps_ms.map(|ms| ms / DAY_MS);
        Reason::Gone(match days.filter(|_| known.state == ResumeState::Expired) {
            Some(days) => {
                format!("session {id} has expired: {title} keeps a session for {days} days")
            }
            None => format!("session {id} is gone: {title} does not have it any more"),
        })
    }

    /// A folder that only an import tells of.
    fn confirm_imported(&self, folder: &Path) -> Result<(), Reason> {
        let shown = named(&folder.display());
        let told = format!("the folder {shown} is known only from an import");
        if self.arguments.print {
            say(&told);
            return Ok(());
        }
        if is_confirmed(&format!("{told}; go on in it?")) {
            return Ok(());
        }
        let failure = Failure::new(ExitCode::NotFound, format!("{told}, and nobody confirms it"));
        Err(Reason::Refused(failure.hint("`--yes` does")))
    }

    /// Keeps what the agent may harm.
    fn copy(&self, file: &Path) -> Result<(), Reason> {
        let folder = primed::folder(self.environment.state_folder.as_deref());
        let folder = folder.map_err(Reason::Refused)?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let copy = folder.join(format!("{}-{stem}-{}.jsonl", self.agent.name, self.now.get()));
        let private = Permissions::from_mode(0o600);
        let copied = fs::copy(file, &copy).and_then(|_| fs::set_permissions(&copy, private));
        copied.map_err(|error| {
            let message = format!("{} cannot be copied before it goes on", named(&file.display()));
            Reason::Refused(Failure::new(ExitCode::Io, message).caused_by(&error))
        })
    }

    /// Whether a new session shall take its place.
    fn begins_anew(&self, reason: &str) -> bool {
        let title = self.agent.title;
        let question = format!(
            "{reason}\nbegin a new session of {title} that reads the recorded conversation?"
        );
        self.arguments.fallback || (!self.arguments.print && is_confirmed(&question))
    }

    /// Where a new session begins, once the person has said so.
    fn new_place(&self, reason: &str) -> Result<PathBuf, Failure> {
        say(reason);
        let folder = self.folder().filter(|folder| folder.is_dir());
        let is_told = folder.is_some() && (self.agent.has_told)(self.session);
        let folder = folder.unwrap_or(&self.environment.working_folder).to_path_buf();
        let shown = named(&folder.display());
        let is_sure = is_told || self.arguments.yes || self.arguments.print;
        if !is_sure && !is_confirmed(&format!("begin it in the folder {shown}?")) {
            let message = format!("nobody has confirmed the folder {shown}");
            return Err(Failure::new(ExitCode::NotFound, message).hint("`--yes` confirms it"));
        }
        Ok(folder)
    }

    /// The call that begins a new session which reads that file.
    fn new_line(&self, folder: PathBuf, file: &Path) -> Line {
        let prompt = primed::prompt(file);
        self.call(folder, |follows_word| (self.agent.begin)(&prompt, follows_word))
    }

    /// The agent's own arguments stand before the person's, and behind the word that the person's
    /// begin with, if it is one of its commands that can do so.
    fn call(&self, folder: PathBuf, arguments: impl FnOnce(bool) -> Vec<String>) -> Line {
        let given = &self.arguments.given;
        let word = self.agent.word.filter(|word| given.first().is_some_and(|first| first == word));
        let (word, rest) = given.split_at(usize::from(word.is_some()));
        let own = arguments(!word.is_empty()).into_iter().map(OsString::from);
        let arguments = word.iter().cloned().chain(own).chain(rest.iter().cloned()).collect();
        Line { folder, program: self.program.clone(), arguments }
    }
}

fn named(text: &(impl ToString + ?Sized)) -> String {
    format!("`{}`", escape(&text.to_string(), Keep::Nothing))
}

/// Says something beside the answer.
fn say(text: &str) {
    // Whether anyone listens changes nothing.
    let _ = writeln!(io::stderr(), "recount: {}", escape(text, Keep::Lines));
}

/// Asks whoever sits there; nobody says no.
fn is_confirmed(question: &str) -> bool {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return false;
    }
    let mut error = io::stderr();
    let _ = write!(error, "recount: {} [y/N] ", escape(question, Keep::Lines));
    let _ = error.flush();
    let mut answer = String::new();
    // A line at most: what follows is for the agent.
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
