//! What is summed up: each answer of a provider once, however many sessions hold it.

use rusqlite::Connection;
use store::query::{
    session_list::sessions_counted,
    usage::{Subject, usage},
};

use crate::support::{TestStore, Tested};

/// A store with these messages: session, message, request, whether it is inherited, and its cost.
fn with_messages(messages: &[(&str, &str, Option<&str>, bool, i64)]) -> TestStore {
    let test = TestStore::new();
    drop(test.store.open("test").expect("it is made"));
    let database = Connection::open(test.store.location().database()).expect("it opens");
    for (session, message, request, inherited, cost) in messages {
        database
            .execute(
                "INSERT INTO sessions (session_id, stamps, received_at_unix_ms, updated_at_unix_ms, revision)
                 VALUES (?1, '', 0, 0, 0) ON CONFLICT DO NOTHING",
                [session],
            )
            .expect("a session");
        database
            .execute(
                "INSERT INTO messages (session_id, message_id, request_id, inherited, tokens_input, cost_given,
                     cost_given_picodollars, ordered_at_unix_ms, stamps, received_at_unix_ms, updated_at_unix_ms, revision)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, 0, '', 0, 0, 0)",
                (session, message, request, inherited.then_some(1), cost),
            )
            .expect("a message");
        for (part, kind) in [("1", "text"), ("2", "tool")] {
            database
                .execute(
                    "INSERT INTO parts (session_id, message_id, part_id, part_type, stamps,
                         received_at_unix_ms, updated_at_unix_ms, revision)
                     VALUES (?1, ?2, ?3, ?4, '', 0, 0, 0)",
                    [session, message, part, kind],
                )
                .expect("a part");
        }
        database
            .execute(
                "INSERT INTO tool_calls (session_id, call_id, message_id, stamps, received_at_unix_ms,
                     updated_at_unix_ms, revision)
                 VALUES (?1, ?2, ?2, '', 0, 0, 0)",
                [session, message],
            )
            .expect("a tool call");
    }
    test
}

#[test]
fn an_answer_counts_once_in_the_first_session_that_holds_it_as_its_own() -> Tested {
    let one = Some("req_1");
    let test = with_messages(&[
        ("a", "m", one, true, 1),
        ("b", "m", one, false, 10),
        ("c", "m", one, false, 100),
        ("d", "m", one, true, 1_000),
        // Another request, or one that nobody knows.
        ("e", "m", Some("req_2"), false, 10_000),
        ("f", "m", None, false, 100_000),
        ("g", "m", None, false, 1_000_000),
        ("g", "n", one, false, 10_000_000),
        // Copies whose original is gone, and one that nobody can tell.
        ("h", "o", one, true, 100_000_000),
        ("i", "o", one, true, 1_000_000_000),
        ("i", "p", None, true, 10_000_000_000),
    ]);
    let holder = test.store.open("test")?;
    let counted_in = |session: &str| -> Result<Vec<String>, store::StoreError> {
        let (subject, messages) = usage(&holder, session)?.expect("it is there");
        assert_eq!(subject, Subject::Session(None));
        let told = messages.iter().map(|message| match (message.counts(), &message.counts_in) {
            (true, None) => "here".to_owned(),
            (true, Some(_)) => unreachable!("it counts in one session"),
            (false, None) => "where it came from".to_owned(),
            (false, Some(session)) => session.clone(),
        });
        Ok(told.collect())
    };
    let expected: [(&str, &[&str]); 9] = [
        ("a", &["b"]),
        ("b", &["here"]),
        ("c", &["b"]),
        ("d", &["b"]),
        ("e", &["here"]),
        ("f", &["here"]),
        ("g", &["here", "here"]),
        ("h", &["here"]),
        ("i", &["h", "where it came from"]),
    ];
    for (session, counted) in expected {
        assert_eq!(counted_in(session)?, counted, "{session}");
    }
    let (subject, everywhere) = usage(&holder, "m")?.expect("it is there");
    assert_eq!((subject, everywhere.len()), (Subject::Message, 7));
    let costs = everywhere.iter().filter(|message| message.counts());
    let costs = costs.map(|message| message.cost_given.as_ref().map_or(0, |cost| cost.amount().0));
    assert_eq!(costs.sum::<i64>(), 1_110_010);

    let listed = sessions_counted(&holder, &expected.map(|(session, _)| session), &[200_000])?;
    for row in &listed {
        let given = row.usage.iter().filter_map(|sum| sum.cost_given_picodollars).sum::<i128>();
        assert_eq!(given, i128::from(row.cost_given_picodollars.unwrap_or_default()), "{row:?}");
    }
    let counts = listed
        .iter()
        .map(|row| ((row.messages, row.parts, row.tool_calls), row.cost_given_picodollars));
    let (none, one) = ((0, 0, 0), (1, 2, 1));
    let expected = [
        (none, None),
        (one, Some(10)),
        (none, None),
        (none, None),
        (one, Some(10_000)),
        (one, Some(100_000)),
        ((2, 4, 2), Some(11_000_000)),
        (one, Some(100_000_000)),
        (none, None),
    ];
    assert_eq!(counts.collect::<Vec<_>>(), expected);
    Ok(())
}
