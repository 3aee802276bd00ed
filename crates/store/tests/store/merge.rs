//! Merging in the store: any order of the same events, and any split of them into files, gives the
//! same rows.

use proptest::{prelude::*, test_runner::Config};
use rusqlite::types::Value;

use store::query::sessions_changed::sessions_changed;

use crate::support::{TestStore, Tested};

#[test]
fn the_newest_snapshot_wins_in_any_order_and_streaming_costs_one_row() -> Tested {
    let lines = ["p s m p 5 a", "p s m p 6 ab", "p s m p 7 abc!", "p s m p 9 late"];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let test = TestStore::new();
        for line in order.map(|index| lines[index]) {
            test.spool(line);
            test.drain()?;
        }
        let rows = test.query("SELECT text, generated_at_unix_ms FROM parts");
        assert_eq!(rows, [[Value::Text("abc!".to_owned()), Value::Integer(5)]], "{order:?}");
        let seen = test.query("SELECT created_at_unix_ms, last_activity_at_unix_ms FROM sessions");
        assert_eq!(seen, [[Value::Integer(5), Value::Integer(9)]]);
    }
    Ok(())
}

#[test]
fn whatever_is_new_in_a_session_moves_its_revision_and_nothing_else_does() -> Tested {
    let test = TestStore::new();
    let changed = |since| -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let holder = test.store.open("test")?;
        Ok(sessions_changed(&holder, since, 10)?)
    };
    test.spool("p s m p3 5 text\np other m p9 5 text\n");
    test.drain()?;
    assert_eq!(changed(0)?.len(), 2);
    // Of the same time, so that the session's own row says nothing new.
    test.spool("p s m p4 5 text");
    test.drain()?;
    assert_eq!(changed(1)?, ["s"]);
    test.spool("p s m p4 5 text\np other m p9 5 text\n");
    test.drain()?;
    assert_eq!(changed(2)?, [""; 0]);
    Ok(())
}

#[test]
fn known_and_new_are_told_apart_before_and_after_the_last_key() -> Tested {
    let test = TestStore::new();
    test.spool("p s m p3 5 text\np s m p5 5 text\np other m p9 5 text\n");
    test.drain()?;
    // Of one transaction: between the stored keys, each of them, behind them, in a new session.
    test.spool(
        "p s m p4 5 text\np s m p3 5 text\np s m p5 6 more\np s m p6 5 text\np new m p1 5 text\n",
    );
    let counts = test.drain()?.counts;
    assert_eq!((counts.stored, counts.updated, counts.duplicate), (3, 1, 1));
    assert_eq!(test.query("SELECT count(*) FROM parts"), [[Value::Integer(6)]]);
    Ok(())
}

#[test]
fn a_commit_told_of_again_in_any_order_is_one_row_and_so_is_each_rewrite() -> Tested {
    let lines = ["c /r 1 3 7 rebase", "c /r 2 3 5 amend", "c /r 1 3 6 amend", "c /q 1 3 9 rebase"];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let test = TestStore::new();
        for line in order.into_iter().chain(order).map(|index| lines[index]) {
            test.spool(line);
            test.drain()?;
        }
        let commits = test.query(
            "SELECT repository || ' ' || substr(commit_id, 40) || ' ' || generated_at_unix_ms || ' ' || worktree
             FROM commits ORDER BY repository",
        );
        let text = |text: &str| vec![Value::Text(text.to_owned())];
        assert_eq!(commits, [text("/q 3 9 /work/9"), text("/r 3 5 /work/7")], "{order:?}");
        let rewrites = test.query(
            "SELECT repository || ' ' || substr(old_commit_id, 40) || substr(new_commit_id, 40) || ' '
                 || ordered_at_unix_ms || ' ' || command
             FROM commit_rewrites ORDER BY repository, old_commit_id",
        );
        let expected = [text("/q 13 9 rebase"), text("/r 13 6 rebase"), text("/r 23 5 amend")];
        assert_eq!(rewrites, expected, "{order:?}");
        assert_eq!(test.number("SELECT count(*) FROM sessions"), 0);
        let revision = test.number("SELECT value FROM store_state WHERE name = 'revision'");
        test.spool(&lines.join("\n"));
        let counts = test.drain()?.counts;
        assert_eq!((counts.stored, counts.updated, counts.duplicate), (0, 0, 4));
        let after = test.number("SELECT value FROM store_state WHERE name = 'revision'");
        assert_eq!(revision, after);
    }
    Ok(())
}

const DUMP: &str = "\
    SELECT session_id, message_id, part_id, text, stamps, generated_at_unix_ms, ordered_at_unix_ms \
    FROM parts ORDER BY 1, 2, 3";

fn rows(lines: &[String], cuts: &[usize]) -> Vec<Vec<Value>> {
    let test = TestStore::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([lines.len()]) {
        if start < end {
            test.spool(&lines[start..end].join("\n"));
            start = end;
            if end % 2 == 0 {
                test.drain().expect("it drains");
            }
        }
    }
    test.drain().expect("it drains");
    test.query(DUMP)
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_order_and_any_split_gives_the_same_rows(
        events in prop::collection::vec((0_u8..2, 0_u8..2, 0_u8..3, 0_i64..4, "[ab]{0,2}!?"), 1..24),
        shuffled in any::<prop::sample::Index>(),
        mut cuts in prop::collection::vec(0_usize..24, 0..4),
    ) {
        let lines: Vec<String> = events.iter()
            .map(|(session, message, part, ms, text)| format!("p s{session} m{message} p{part} {ms} t{text}"))
            .collect();
        let mut other = lines.clone();
        other.rotate_left(shuffled.index(lines.len()));
        other.reverse();
        cuts.sort_unstable();
        cuts.retain(|cut| *cut < lines.len());
        prop_assert_eq!(rows(&lines, &[]), rows(&other, &cuts));
    }
}
