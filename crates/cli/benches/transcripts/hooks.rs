//! What Claude Code waits for: a hook before a tool, and one at the end of a turn, which reads on in
//! a transcript that is short or long.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use comfy_table::Table;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    Fallible, process, programs,
    samples::{Samples, Summary},
    support::claude_corpus::{self, Shape, truth::CHANGE},
    tables,
    world::World,
};

/// How often each hook runs.
const ROUNDS: usize = 300;

/// How often a short transcript grows before another one takes its place.
const SHORT_FOR: usize = 5;

/// How much of a transcript is read before hooks come.
const SHORT: usize = 50_000;
const LONG: usize = 50_000_000;

/// How many lines are new each time.
const NEW: usize = 10;

pub fn table(root: &Path, is_quick: bool) -> Fallible<Table> {
    let (empty, minimal) = (programs::empty(root)?, programs::durable(root)?);
    let (files, written) = (tempfile::tempdir_in(root)?, Written::new(root)?);
    let mut long = Session::new(root, "long", &written, LONG)?;
    let mut short = Session::new(root, "short", &written, SHORT)?;
    let rounds = if is_quick { ROUNDS / 10 } else { ROUNDS };
    let (mut at_short, mut at_long) = (Samples::default(), Samples::default());
    let (mut nothing, mut durable) = (Samples::default(), Samples::default());
    let mut before_a_tool = Samples::default();
    eprintln!("{rounds} rounds of hooks …");
    for round in 0..rounds {
        if round > 0 && round.is_multiple_of(SHORT_FOR) {
            short = short.another(&written)?;
        }
        at_short.add(short.grow_and_stop(&written)?);
        at_long.add(long.grow_and_stop(&written)?);
    }
    long.has_all(root)?;
    for _ in 0..rounds {
        let event = long.before_a_tool();
        let mut minimal = Command::new(&minimal);
        minimal.arg(files.path());
        nothing.add(process::timed(Command::new(&empty), None)?);
        durable.add(process::timed(minimal, Some(&event))?);
        before_a_tool.add(process::timed(long.hook(), Some(&event))?);
    }
    let rows = [
        ("empty Rust process", &nothing, &nothing),
        ("a minimal program that makes the same bytes durable", &durable, &nothing),
        ("before a tool", &before_a_tool, &nothing),
        ("end of a turn, 10 new lines, transcript of 50 KB", &at_short, &at_short),
        ("the same, transcript of 50 MB", &at_long, &at_short),
    ];
    report(rows)
}

fn report(rows: [(&str, &Samples, &Samples); 5]) -> Fallible<Table> {
    let mut table =
        tables::table(&["hook of Claude Code", "p50 ms", "mean ms", "p99 ms", "p50 ×", "mean ×"]);
    for (who, samples, base) in rows {
        let none = || "there are no samples";
        let Summary { p50, mean, p99, .. } = samples.summary().ok_or_else(none)?;
        let base = base.summary().ok_or_else(none)?;
        let figures = [p50, mean, p99, p50 / base.p50, mean / base.mean].map(tables::two);
        table.add_row([vec![who.to_owned()], figures.into()].concat());
    }
    Ok(table)
}

/// One long session as Claude Code writes it.
struct Written {
    id: String,
    lines: Vec<String>,
}

impl Written {
    fn new(root: &Path) -> Fallible<Self> {
        let needed = LONG + LONG / 5;
        for seed in 0.. {
            let folder = tempfile::tempdir_in(root)?;
            let shape = Shape {
                seed,
                sessions: 1,
                begin: CHANGE,
                days: 1,
                turns: 3_000,
                words: 120,
                dump_bytes: 2_000,
                spaced: false,
                has_plain_prices: true,
            };
            let corpus = claude_corpus::write(folder.path(), &shape);
            let text = fs::read_to_string(&corpus.transcripts[0])?;
            if text.len() >= needed {
                let name = corpus.transcripts[0].file_stem().ok_or("a transcript has a name")?;
                let id = name.to_string_lossy().into_owned();
                return Ok(Self { id, lines: text.lines().map(str::to_owned).collect() });
            }
        }
        unreachable!("some seed makes a long one")
    }

    /// How many of its lines make that many bytes.
    fn lines_in(&self, bytes: usize) -> usize {
        let mut so_far = 0;
        let is_within = |line: &&String| {
            so_far += line.len() + 1;
            so_far <= bytes
        };
        self.lines.iter().take_while(is_within).count()
    }
}

/// A session whose transcript grows.
struct Session {
    world: World,
    id: String,
    number: usize,
    bytes: usize,
    transcript: PathBuf,
    /// The next line of those that are written.
    next: usize,
}

impl Session {
    /// One of which that much is read already.
    fn new(root: &Path, name: &str, written: &Written, bytes: usize) -> Fallible<Self> {
        let world = World::new(root, &format!("hooks-{name}"), "")?.with_database(None)?;
        Self::begin(world, &root.join(format!("{name}-transcripts")), written, bytes, 0)
    }

    fn begin(
        world: World,
        folder: &Path,
        written: &Written,
        bytes: usize,
        number: usize,
    ) -> Fallible<Self> {
        fs::create_dir_all(folder)?;
        let id = format!("{:08x}{}", number, &written.id[8..]);
        let transcript = folder.join(format!("{id}.jsonl"));
        let mut session = Self { world, id, number, bytes, transcript, next: 0 };
        session.grow(written, written.lines_in(bytes))?;
        let path = session.transcript.as_os_str();
        session.world.run(["import".as_ref(), "claude".as_ref(), path])?;
        Ok(session)
    }

    /// Another one as long as this one was, in the same world.
    fn another(self, written: &Written) -> Fallible<Self> {
        let folder = self.transcript.parent().ok_or("it lies in a folder")?.to_owned();
        Self::begin(self.world, &folder, written, self.bytes, self.number + 1)
    }

    fn grow(&mut self, written: &Written, lines: usize) -> Fallible {
        let end = self.next + lines;
        let new = written.lines.get(self.next..end).ok_or("too few lines were written")?;
        let mut text = new.join("\n").replace(&written.id, &self.id);
        text.push('\n');
        let mut file = OpenOptions::new().create(true).append(true).open(&self.transcript)?;
        file.write_all(text.as_bytes())?;
        self.next = end;
        Ok(())
    }

    /// What the hook takes at the end of a turn.
    fn grow_and_stop(&mut self, written: &Written) -> Fallible<std::time::Duration> {
        self.grow(written, NEW)?;
        let more = json!({
            "hook_event_name": "Stop",
            "stop_hook_active": false,
            "last_assistant_message": "All done.",
        });
        process::timed(self.hook(), Some(&self.event(more)))
    }

    fn before_a_tool(&self) -> Vec<u8> {
        self.event(json!({
            "hook_event_name": "PreToolUse",
            "tool_name": "Bash",
            "tool_input": { "command": "cargo test", "description": "Runs the tests" },
            "tool_use_id": "toolu_01a8c09e6b4f4b6d2f7e12",
        }))
    }

    fn event(&self, more: Value) -> Vec<u8> {
        let mut event = json!({
            "session_id": self.id,
            "transcript_path": self.transcript,
            "cwd": "/home/dev/demo",
            "prompt_id": "0a5c3f1e-1111-4222-8333-444455556666",
            "permission_mode": "default",
        });
        if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
            event.extend(more);
        }
        event.to_string().into_bytes()
    }

    fn hook(&self) -> Command {
        self.world.recount(["hooks", "conversation-trace"])
    }

    /// Demands that the hooks have read what an import of the whole reads.
    fn has_all(&self, root: &Path) -> Fallible {
        let world = World::new(root, "hooks-check", "")?.with_database(None)?;
        let path = self.transcript.as_os_str();
        world.run(["import".as_ref(), "claude".as_ref(), path])?;
        let [found, all] = [parts(&self.world)?, parts(&world)?];
        if found == all { Ok(()) } else { Err(format!("{found} parts of {all} were read").into()) }
    }
}

fn parts(world: &World) -> Fallible<i64> {
    let connection = Connection::open(world.database())?;
    Ok(connection.query_row("SELECT count(*) FROM parts", [], |row| row.get(0))?)
}
