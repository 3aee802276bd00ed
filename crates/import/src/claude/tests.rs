//! Files in every state that an agent, a person or a crash can leave them in.

use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    os::unix::fs::symlink,
    time::{Duration, Instant, SystemTime},
};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use super::*;

/// A time at which what was written a moment ago may still change unseen.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after it");
    i64::try_from(now.as_millis()).expect("it fits")
}

/// A time at which it would have been seen.
fn later() -> i64 {
    now() + 60_000
}

struct Transcript {
    folder: TempDir,
}

impl Transcript {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("s.jsonl")
    }

    fn write(&self, text: &str) {
        // The same file, as an agent rewrites it.
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(self.path())
            .expect("it is ours");
        file.write_all(text.as_bytes()).expect("it is ours");
    }

    fn append(&self, text: &str) {
        let mut file = OpenOptions::new().append(true).open(self.path()).expect("it is there");
        file.write_all(text.as_bytes()).expect("it is ours");
    }

    /// The lines from a position on, and the position behind them; `None` where all is as it was.
    fn read(&self, position: Option<&str>, now: i64) -> Option<(Vec<String>, String)> {
        let mut lines = match open(&self.path(), position, now).expect("it can be read") {
            Opened::Lines(lines) => lines,
            Opened::Unchanged => return None,
            Opened::Gone => panic!("it is there"),
        };
        let mut found = Vec::new();
        loop {
            match lines.step().expect("it can be read") {
                Step::Line { offset, line } => {
                    let line = String::from_utf8_lossy(line);
                    found.push(if line.len() < 100 {
                        format!("{offset} {line}")
                    } else {
                        format!("{offset} …")
                    });
                }
                Step::TooLong { offset, bytes } => {
                    found.push(format!("{offset} has {bytes} bytes"));
                }
                Step::Passed(_) => {}
                Step::End => break,
            }
        }
        let position = lines.position(lines.end(), "state".to_owned()).expect("it can be read");
        Some((found, position))
    }
}

#[test]
fn whole_lines_are_read_once_and_half_a_line_waits() {
    let transcript = Transcript::new();
    transcript.write("one\n\n two\r\nthr");
    let (lines, position) = transcript.read(None, now()).expect("it is new");
    assert_eq!(lines, ["0 one", "5  two\r"]);
    transcript.append("ee\nfour\n");
    let (lines, position) = transcript.read(Some(&position), now()).expect("it is new");
    assert_eq!(lines, ["11 three", "17 four"]);
    let (lines, _) = transcript.read(Some(&position), now()).expect("it is looked at");
    assert_eq!(lines, [""; 0]);
}

#[test]
fn a_last_line_that_is_an_object_is_whole_without_its_end() {
    let transcript = Transcript::new();
    transcript.write("{\"a\":1}\n{\"b\":\"}\"");
    let (lines, position) = transcript.read(None, now()).expect("it is read");
    assert_eq!(lines, ["0 {\"a\":1}"]);
    transcript.append("}");
    let (lines, position) = transcript.read(Some(&position), now()).expect("it is read");
    assert_eq!(lines, ["8 {\"b\":\"}\"}"]);
    transcript.append("\n{\"c\":1}\r");
    let (lines, _) = transcript.read(Some(&position), now()).expect("it is read");
    assert_eq!(lines, ["18 {\"c\":1}\r"]);
}

#[test]
fn a_file_that_is_as_it_was_is_not_opened_unless_it_was_written_just_now() {
    let transcript = Transcript::new();
    transcript.write("one\nhalf");
    let (_, young) = transcript.read(None, now()).expect("it is new");
    assert!(transcript.read(Some(&young), later()).is_some());
    let (_, settled) = transcript.read(Some(&young), later()).expect("it is looked at");
    assert!(transcript.read(Some(&settled), later()).is_none());
    transcript.append("er\n");
    let (lines, _) = transcript.read(Some(&settled), later()).expect("it has changed");
    assert_eq!(lines, ["4 halfer"]);
}

#[test]
fn what_does_not_begin_as_it_did_is_read_from_its_beginning() {
    let long = |line: &str| format!("{line}\n").repeat(2_000);
    let cases: [(&str, &str, String); 5] = [
        ("cut", "aaaa\nbbbb\n", "aaaa\n".to_owned()),
        ("rewritten to the same length", "aaaa\nbbbb\n", "aaaa\ncccc\n".to_owned()),
        ("rewritten and longer", "aaaa\nbbbb\n", "cccc\ndddd\neeee\n".to_owned()),
        ("rewritten far before the place", &long("aaaa"), format!("bbbb\n{}", &long("aaaa")[5..])),
        ("emptied", "aaaa\n", String::new()),
    ];
    for (name, before, after) in cases {
        let transcript = Transcript::new();
        transcript.write(before);
        let (_, position) = transcript.read(None, later()).expect("it is new");
        std::thread::sleep(Duration::from_millis(20));
        transcript.write(&after);
        let (lines, _) = transcript.read(Some(&position), now()).expect("it has changed");
        assert_eq!(lines.len(), after.lines().count(), "{name}");
    }
}

#[test]
fn another_file_in_the_same_place_is_read_from_its_beginning() {
    let transcript = Transcript::new();
    transcript.write("aaaa\nbbbb\n");
    let (_, position) = transcript.read(None, now()).expect("it is new");
    fs::rename(transcript.path(), transcript.folder.path().join("old")).expect("it is ours");
    transcript.write("aaaa\nbbbb\n");
    let (lines, _) = transcript.read(Some(&position), now()).expect("it is new");
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_position_that_nobody_can_read_is_none() {
    let transcript = Transcript::new();
    transcript.write("aaaa\n");
    for position in ["", "{}", "nonsense", "[1]", "{\"offset\":99}"] {
        let (lines, _) = transcript.read(Some(position), now()).expect("it is new");
        assert_eq!(lines, ["0 aaaa"], "{position}");
    }
}

#[test]
fn a_line_that_is_too_long_is_passed_over_and_waits_until_it_has_ended() {
    let transcript = Transcript::new();
    let long = "x".repeat((64 << 20) + 1);
    transcript.write(&format!("one\n{long}"));
    let (lines, position) = transcript.read(None, now()).expect("it is new");
    assert_eq!(lines, ["0 one"]);
    transcript.append(&format!("{long}\ntwo\n{}\n", &long[1..]));
    let (lines, position) = transcript.read(Some(&position), now()).expect("it is new");
    let two = 4 + 2 * long.len() + 1;
    assert_eq!(
        lines,
        [format!("4 has {} bytes", 2 * long.len()), format!("{two} two"), format!("{} …", two + 4)]
    );
    let (lines, position) = transcript.read(Some(&position), now()).expect("it is looked at");
    assert_eq!(lines, [""; 0]);
    assert_eq!(lines_too_long(&position), 1, "that is not forgotten");
}

#[test]
fn a_line_that_is_too_long_is_told_once_though_it_is_read_again() {
    let transcript = Transcript::new();
    transcript.write(&format!("one\n{}\ntwo\n", "x".repeat((64 << 20) + 1)));
    let Ok(Opened::Lines(mut lines)) = open(&transcript.path(), None, now()) else {
        panic!("it is there")
    };
    while lines.step().expect("it can be read") != Step::End {}
    let before = lines.position(4, String::new()).expect("it can be read");
    let (lines, _) = transcript.read(Some(&before), now()).expect("it is looked at");
    assert_eq!(lines, [format!("{} two", 4 + (64 << 20) + 2)]);
}

#[test]
fn cut_at_any_byte_and_completed_every_line_is_read_once() {
    let transcript = Transcript::new();
    let text: String = (0..40).fold(String::new(), |text, line| {
        text + &format!("line {line} {}\n", "é".repeat(line * 3))
    });
    let expected: Vec<&str> = text.lines().collect();
    for cut in 0..=text.len() {
        // A file that was emptied is written to the disk at once, which takes its time.
        let _ = fs::remove_file(transcript.path());
        fs::write(transcript.path(), &text.as_bytes()[..cut]).expect("it is ours");
        let (mut lines, position) = transcript.read(None, now()).expect("it is new");
        let mut file =
            OpenOptions::new().append(true).open(transcript.path()).expect("it is there");
        file.write_all(&text.as_bytes()[cut..]).expect("it is ours");
        lines.extend(transcript.read(Some(&position), now()).expect("it is new").0);
        let lines: Vec<&str> =
            lines.iter().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
        assert_eq!(lines.len(), expected.len(), "{cut}");
        assert!(
            lines.iter().zip(&expected).all(|(line, expected)| line == expected || *line == "…")
        );
    }
}

#[test]
fn what_stands_before_a_place_is_told_as_it_was_read() {
    let transcript = Transcript::new();
    transcript.write("aaaa\nbbbb\n");
    let Ok(Opened::Lines(mut lines)) = open(&transcript.path(), None, now()) else {
        panic!("it is there")
    };
    while lines.step().expect("it can be read") != Step::End {}
    // Rewritten by its agent after it was read, and before its place is kept.
    transcript.write("aaaa\ncccc\n");
    let position = lines.position(10, String::new()).expect("it is known");
    assert_eq!(transcript.read(Some(&position), now()).expect("it is new").0.len(), 2);
}

#[test]
fn a_long_file_takes_little_memory() {
    let transcript = Transcript::new();
    let mut file = File::create(transcript.path()).expect("it is ours");
    let line = "x".repeat(9_999) + "\n";
    let chunk = line.repeat(100);
    for _ in 0..60 {
        file.write_all(chunk.as_bytes()).expect("there is room");
    }
    let Ok(Opened::Lines(mut lines)) = open(&transcript.path(), None, now()) else {
        panic!("it is there")
    };
    let mut count = 0;
    loop {
        match lines.step().expect("it can be read") {
            Step::Line { .. } => count += 1,
            Step::End => break,
            _ => {}
        }
        assert!(lines.capacity() <= 4 << 20, "{}", lines.capacity());
    }
    assert_eq!(count, 6_000);
}

#[test]
fn nothing_but_a_file_is_opened_and_nobody_is_waited_for() {
    let since = Instant::now();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a new name");
    fs::create_dir(at("folder")).expect("a new name");
    symlink("loop", at("loop")).expect("a new name");
    symlink("/dev/zero", at("zero")).expect("a new name");
    symlink(at("pipe"), at("to a pipe")).expect("a new name");
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a new name");
    for name in ["pipe", "folder", "loop", "zero", "to a pipe", "socket", "nothing", "pipe/x", "\0"]
    {
        let opened = open(&at(name), None, now()).expect("nothing is wrong with it");
        assert!(matches!(opened, Opened::Gone), "{name}");
    }
    fs::write(at("file"), "one\n").expect("a new name");
    symlink("file", at("link")).expect("a new name");
    assert!(matches!(open(&at("link"), None, now()), Ok(Opened::Lines(_))));
    assert!(since.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_file_with_a_hole_and_one_that_is_cut_while_it_is_read_come_to_an_end() {
    let transcript = Transcript::new();
    let mut file = File::create(transcript.path()).expect("it is ours");
    file.write_all(b"one\n").expect("there is room");
    file.seek(SeekFrom::Start(200 << 20)).expect("it is a file");
    file.write_all(b"\ntwo\n").expect("there is room");
    let (lines, _) = transcript.read(None, now()).expect("it is new");
    assert_eq!(
        lines,
        [
            "0 one".to_owned(),
            format!("4 has {} bytes", (200 << 20) - 4),
            format!("{} two", (200 << 20) + 1)
        ]
    );

    transcript.write(&"line\n".repeat(100_000));
    let Ok(Opened::Lines(mut lines)) = open(&transcript.path(), None, now()) else {
        panic!("it is there")
    };
    assert!(matches!(lines.step(), Ok(Step::Passed(_))));
    transcript.write("");
    while lines.step().expect("it can be read") != Step::End {}
    let end = lines.end();
    let position = lines.position(end, String::new()).expect("it is known");
    assert_eq!(transcript.read(Some(&position), later()).expect("it has changed").0.len(), 0);
}

#[test]
fn beside_a_subagents_transcript_its_description_is_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let subagents = folder.path().join("ses/subagents");
    fs::create_dir_all(&subagents).expect("a new folder");
    let transcript = subagents.join("agent-a1.jsonl");
    assert_eq!(meta_beside(&transcript), None);
    let meta = subagents.join("agent-a1.meta.json");
    fs::write(&meta, "{}").expect("a new file");
    let found = meta_beside(&transcript).expect("it is there");
    assert_eq!((found.session.as_str(), found.agent_id.as_str()), ("ses", "a1"));
    assert_eq!(meta_beside(&subagents.join("a1.jsonl")), None);
    assert_eq!(meta_beside(&folder.path().join("agent-a1.jsonl")), None);

    fs::write(&transcript, "one\n").expect("a new file");
    let Ok(Opened::Lines(mut lines)) = open(&transcript, None, later()) else {
        panic!("it is there")
    };
    while lines.step().expect("it can be read") != Step::End {}
    let position = lines.position(4, String::new()).expect("it is known");
    assert!(matches!(open(&transcript, Some(&position), later()), Ok(Opened::Unchanged)));
    fs::write(&meta, "{ }").expect("it is ours");
    assert!(matches!(open(&transcript, Some(&position), later()), Ok(Opened::Lines(_))));
    fs::write(&meta, " ".repeat((64 << 10) + 1)).expect("it is ours");
    assert_eq!(meta_beside(&transcript), None);
}

#[test]
fn transcripts_are_found_below_a_folder_whatever_else_lies_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    for path in ["p1/s1/subagents", "p2", "a/b/c/d/e/f/g/h/i/j", "folder.jsonl"] {
        fs::create_dir_all(at(path)).expect("a new folder");
    }
    for path in [
        "p1/s1.jsonl",
        "p1/s1/subagents/agent-a.jsonl",
        "p2/s2.jsonl",
        "p1/note.txt",
        "a/b/c/d/e/f/g/h/i/j/deep.jsonl",
        "folder.jsonl/s3.jsonl",
    ] {
        fs::write(at(path), "one\n").expect("a new file");
    }
    symlink(folder.path(), at("p2/loop")).expect("a new name");
    symlink("nothing", at("p2/dangling.jsonl")).expect("a new name");
    mknodat(CWD, at("p2/pipe.jsonl"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
        .expect("a new name");
    let Transcripts { found, skipped } = transcripts_below(folder.path()).expect("it is there");
    let names: Vec<String> = found
        .iter()
        .map(|found| found.path.strip_prefix(folder.path()).expect("below").display().to_string())
        .collect();
    assert_eq!(
        names,
        ["folder.jsonl/s3.jsonl", "p1/s1/subagents/agent-a.jsonl", "p1/s1.jsonl", "p2/s2.jsonl"]
    );
    assert!(found.iter().all(|found| found.bytes == 4));
    let mut reasons: Vec<_> = skipped.iter().map(|skipped| skipped.reason.as_ref()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["is gone", "is no file", "lies too deep"]);
    let one = transcripts_below(&at("p1/note.txt")).expect("it is there");
    assert_eq!(one.found.len(), 1, "what is named is taken whatever its name");
    assert!(transcripts_below(&at("nothing")).is_err());
}
