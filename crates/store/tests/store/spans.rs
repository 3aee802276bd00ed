//! What is asked of a time: the same as of all times, row by row, whichever sessions are skipped for it.

use std::collections::HashMap;

use domain::UnixMs;
use proptest::{prelude::*, test_runner::Config};
use rusqlite::Connection;
use store::{
    Holder, StoreError,
    query::{
        calls_seen::calls_seen,
        compactions_seen::compactions_seen,
        copies::{Copies, copies},
        errors_seen::errors_seen,
        session_counts::{SessionCounts, counts_by_session},
        usage_sums::{Grain, Span, usage_sums},
    },
};

use crate::support::TestStore;

/// The end of all times that are made here.
const END: i64 = 6;

/// A message with a call, an error and a compaction, all of one time.
#[derive(Clone, Debug)]
struct Said {
    session: u8,
    message: u8,
    /// What orders it.
    at: Option<i64>,
    /// As the agent says, which may be in the far future.
    generated_at: Option<i64>,
    request: Option<u8>,
    is_inherited: bool,
}

impl Said {
    fn session(&self) -> String {
        format!("s{}", self.session)
    }

    fn message(&self) -> String {
        format!("m{}", self.message)
    }

    fn write(&self, database: &Connection) -> rusqlite::Result<()> {
        database.execute(
            "INSERT INTO messages (session_id, message_id, ordered_at_unix_ms, generated_at_unix_ms, request_id,
                 inherited, tokens_input, stamps, received_at_unix_ms, updated_at_unix_ms, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, '', 0, 0, 0)",
            (
                self.session(),
                self.message(),
                self.at,
                self.generated_at,
                self.request,
                self.is_inherited.then_some(1),
            ),
        )?;
        for (table, key) in [
            ("tool_calls", "call_id"),
            ("session_errors", "error_id"),
            ("compaction_events", "compaction_id"),
        ] {
            let sql = format!(
                "INSERT INTO {table} (session_id, {key}, message_id, ordered_at_unix_ms, stamps,
                     received_at_unix_ms, updated_at_unix_ms, revision)
                 VALUES (?1, ?2, ?2, ?3, '', 0, 0, 0)"
            );
            database.execute(&sql, (self.session(), self.message(), self.at))?;
        }
        Ok(())
    }
}

fn said() -> impl Strategy<Value = Said> {
    let time = prop_oneof![1 => Just(None), 6 => (0..END).prop_map(Some)];
    let generated_at = prop_oneof![Just(None), (0..END).prop_map(Some), Just(Some(i64::MAX))];
    let request = prop::option::of(0_u8..2);
    (0_u8..4, 0_u8..4, time, generated_at, request, any::<bool>()).prop_map(
        |(session, message, at, generated_at, request, is_inherited)| Said {
            session,
            message,
            at,
            generated_at,
            request,
            is_inherited,
        },
    )
}

/// A store that holds all of it, each message of a session once; no row is ordered after the last
/// activity of its session, of which nothing need be known.
fn store_of(said: &[Said], unknown: u8) -> (TestStore, Vec<Said>) {
    let test = TestStore::new();
    drop(test.store.open("test").expect("it is made"));
    let database = Connection::open(test.store.location().database()).expect("it opens");
    let mut kept: Vec<Said> = Vec::new();
    let mut last: HashMap<String, Option<i64>> = HashMap::new();
    for said in said {
        if kept.iter().any(|kept| (kept.session, kept.message) == (said.session, said.message)) {
            continue;
        }
        said.write(&database).expect("it is written");
        let last = last.entry(said.session()).or_default();
        *last = (*last).max(said.at);
        kept.push(said.clone());
    }
    for (session, last) in last {
        let last = last.filter(|_| session != format!("s{unknown}"));
        database
            .execute(
                "INSERT INTO sessions (session_id, last_activity_at_unix_ms, stamps, received_at_unix_ms,
                     updated_at_unix_ms, revision)
                 VALUES (?1, ?2, '', 0, 0, 0)",
                (session, last),
            )
            .expect("a session");
    }
    (test, kept)
}

type Rows = Vec<(Option<String>, i64)>;

fn sorted(rows: impl Iterator<Item = (Option<String>, Option<UnixMs>)>) -> Rows {
    let mut rows: Rows = rows.map(|(session, at)| (session, at.map_or(0, UnixMs::get))).collect();
    rows.sort();
    rows
}

/// The session and the time of every call, error and compaction.
fn seen(holder: &Holder<'_>, span: Span, copies: &Copies) -> Result<[Rows; 3], StoreError> {
    let text = |session: Option<std::rc::Rc<str>>| session.map(|session| session.to_string());
    Ok([
        sorted(
            calls_seen(holder, span, copies)?.into_iter().map(|it| (text(it.session_id), it.at)),
        ),
        sorted(
            errors_seen(holder, span, copies)?.into_iter().map(|it| (text(it.session_id), it.at)),
        ),
        sorted(
            compactions_seen(holder, span, copies)?
                .into_iter()
                .map(|it| (text(it.session_id), it.at)),
        ),
    ])
}

fn taken(
    holder: &Holder<'_>,
    span: Span,
    copies: &Copies,
) -> Result<Vec<(String, String)>, StoreError> {
    let sums = usage_sums(holder, span, &[], Grain::Message, copies)?;
    let mut sums: Vec<_> =
        sums.into_iter().map(|sum| (sum.session_id, sum.message_id.unwrap_or_default())).collect();
    sums.sort();
    Ok(sums)
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_of_a_time_is_what_is_of_all_times_and_lies_in_it(
        said in prop::collection::vec(said(), 1..24),
        unknown in 0_u8..8,
    ) {
        let (test, said) = store_of(&said, unknown);
        let holder = test.store.open("test").expect("it opens");
        let copies = copies(&holder).expect("they are found");
        let everything = Span::between(None, None);
        let all_seen = seen(&holder, everything, &copies).expect("an answer");
        let all_taken = taken(&holder, everything, &copies).expect("an answer");
        for (since, until) in (0..=END).flat_map(|since| (since..=END).map(move |until| (since, until))) {
            let span = Span::between(UnixMs::new(since), UnixMs::new(until));
            let is_in = |at: i64| since <= at && at < until;
            let of_time = |session: &str, message: &str| {
                let found = said.iter().find(|it| it.session() == session && it.message() == message);
                is_in(found.expect("it was written").at.unwrap_or_default())
            };
            let mut expected = all_seen.clone();
            for rows in &mut expected {
                rows.retain(|(_, at)| is_in(*at));
            }
            prop_assert_eq!(seen(&holder, span, &copies).expect("an answer"), expected, "{} {}", since, until);
            let mut expected = all_taken.clone();
            expected.retain(|(session, message)| of_time(session, message));
            prop_assert_eq!(taken(&holder, span, &copies).expect("an answer"), expected, "{} {}", since, until);

            let mut counts: HashMap<String, SessionCounts> = HashMap::new();
            for it in said.iter().filter(|it| is_in(it.at.unwrap_or_default())) {
                let counts = counts.entry(it.session()).or_default();
                if !copies.contains(Some(&it.session()), Some(&it.message())) {
                    counts.messages += 1;
                    counts.calls += 1;
                }
            }
            let counted = counts_by_session(&holder, span, &copies).expect("an answer");
            prop_assert_eq!(counted, counts, "{} {}", since, until);
        }
    }
}
