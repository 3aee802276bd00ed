//! What one small part costs. Run it by hand:
//! `cargo test --release -p recount-intake --test throughput -- --ignored --nocapture`

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use domain::{Batch, Decoded, UnixMs};
use intake::claude::Transcript;
use intake::{Origin, decode};

use crate::claude_lines::{BASIC, RESUMED};

const PARTS: u32 = 50_000;
const RUNS: usize = 7;
const LIMIT: Duration = Duration::from_micros(5);

fn envelopes(parts_each: u32, id: impl Fn(u32) -> String) -> String {
    let mut text = String::new();
    for first in (0..PARTS).step_by(parts_each as usize) {
        text.push_str(r#"{"type":"message.part.updated","agent":"opencode","payloads":["#);
        for number in first..first + parts_each {
            let comma = if number == first { "" } else { "," };
            write!(
                text,
                r#"{comma}{{"session_id":"ses_e0789eb93ffedKMnpzpgPS2p7j","message_id":"msg_{number}",{}"part_type":"text","text":"I will look at the repository first, then write.","time":{{"start":1795169852551,"end":1795169852606}},"generated_at_unix_ms":{}}}"#,
                id(number),
                1_795_168_018_979_u64 + u64::from(number),
            )
            .expect("a string grows");
        }
        text.push_str("]}\n");
    }
    text
}

fn cost_of_a_part(text: &str) -> Duration {
    let received_at = UnixMs::new(1_795_170_000_000).expect("not negative");
    let origin = Origin { agent: None, received_at };
    let mut items = 0;
    let begin = Instant::now();
    let flow = decode(&mut text.as_bytes(), &origin, &mut |decoded| {
        if let Decoded::Items(batch) = decoded {
            items += batch.items.len();
        }
        ControlFlow::Continue(())
    });
    let taken = begin.elapsed();
    assert_eq!(flow.expect("a slice does not fail"), ControlFlow::Continue(()));
    assert_eq!(items, PARTS as usize);
    taken / PARTS
}

#[test]
#[ignore = "a measurement, of use in release builds only"]
fn a_small_part_costs_less_than_five_microseconds() {
    let given = |number| format!(r#""part_id":"prt_{number}","#);
    let cases = [
        ("one in an envelope", envelopes(1, given)),
        ("1,000 in an envelope", envelopes(1_000, given)),
        ("without an id", envelopes(1_000, |_| String::new())),
    ];
    for (name, text) in cases {
        // The fastest run tells the cost; the others tell what else the machine was doing.
        let cost = (0..RUNS).map(|_| cost_of_a_part(&text)).min().expect("there are runs");
        println!("{name}: {cost:?} a part of {} bytes", text.len() / PARTS as usize);
        assert!(cost < LIMIT, "{name}: {cost:?}");
    }
}

/// How often a transcript is read for one number.
const READINGS: usize = 200;

/// What a line of a transcript may cost, dumps among them.
const LINE_LIMIT: Duration = Duration::from_micros(20);

/// Reads a transcript many times over, and gives the time for one line.
fn cost_of_a_line(text: &str) -> Duration {
    let received_at = UnixMs::new(1_795_170_000_000).expect("not negative");
    let mut lines = 0;
    let begin = Instant::now();
    for _ in 0..READINGS {
        let mut batch = Batch::default();
        let mut transcript = Transcript::resume(None, received_at);
        for line in text.lines() {
            transcript.line(0, line.as_bytes(), &mut batch).expect("it is a line of a transcript");
            lines += 1;
        }
        transcript.finish(&mut batch);
        assert!(!batch.items.is_empty());
    }
    begin.elapsed() / lines
}

#[test]
#[ignore = "a measurement, of use in release builds only"]
fn a_line_of_a_transcript_costs_less_than_twenty_microseconds() {
    let talk: String = BASIC
        .lines()
        .filter(|line| line.contains(r#""type": "assistant""#) || line.contains("toolUseResult"))
        .fold(String::new(), |text, line| text + line + "\n");
    let dump = format!(r#"{{"type":"api-request-shape","shape":"{}"}}"#, "x".repeat(75_000));
    let cases = [
        ("a session", BASIC),
        ("a resumed one", RESUMED),
        ("answers and results", &talk),
        ("a dump", &dump),
    ];
    for (name, text) in cases {
        let cost = (0..RUNS).map(|_| cost_of_a_line(text)).min().expect("there are runs");
        let bytes = text.len() / text.lines().count();
        let speed = bytes as u128 * 1000 / cost.as_nanos().max(1);
        println!("{name}: {cost:?} a line of {bytes} bytes, {speed} MB/s");
        assert!(cost < LINE_LIMIT, "{name}: {cost:?}");
    }
}
