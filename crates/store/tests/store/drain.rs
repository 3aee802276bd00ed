//! The drain: what was handed over is stored once, whoever drains it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Instant,
};

use rusqlite::types::Value;
use store::{Bulk, Counts, DrainEnd};

use crate::support::{NOW, TestStore, Tested, header, query};

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[test]
fn what_was_spooled_is_stored_and_its_file_removed() -> Tested {
    let test = TestStore::new();
    test.spool("p s1 m1 p1 5 hello\np s1 m1 p2 6 world\n");
    test.spool("p s2 m1 p1 7 other\n");
    let report = test.drain()?;
    assert!(matches!(report.end, DrainEnd::Empty), "{report:?}");
    assert_eq!((report.files, report.counts.stored), (2, 3));
    assert_eq!(
        test.query("SELECT session_id, message_id, part_id, text FROM parts ORDER BY text"),
        [
            ["s1", "m1", "p1", "hello"].map(text),
            ["s2", "m1", "p1", "other"].map(text),
            ["s1", "m1", "p2", "world"].map(text),
        ]
    );
    assert_eq!(test.number("SELECT count(*) FROM sessions"), 2);
    assert_eq!(test.number("SELECT value FROM store_state"), 1, "one commit");
    assert!(test.spooled().is_empty());
    Ok(())
}

#[test]
fn the_same_bytes_twice_change_nothing() -> Tested {
    let test = TestStore::new();
    let lines = "p s1 m1 p1 5 hello\np s1 m1 p1 5 hello\nreject x\nunreadable y\n";
    test.spool(lines);
    let first = test.drain()?.counts;
    assert_eq!(
        first,
        Counts { stored: 1, duplicate: 1, rejected: 1, unreadable: 1, ..Counts::default() }
    );
    let dump = "SELECT * FROM parts JOIN sessions JOIN rejects JOIN store_state";
    let before = test.query(dump);
    test.spool_at(NOW + 5, lines);
    let second = test.drain()?.counts;
    assert_eq!((second.stored, second.updated, second.duplicate), (0, 0, 2));
    let after = test.query(dump);
    assert_eq!(before.len(), after.len());
    assert_eq!(test.number("SELECT value FROM store_state"), 1, "nothing was written again");
    assert_eq!(test.number("SELECT count(*) FROM rejects"), 1);
    assert_eq!(test.quarantined().len(), 1);
    Ok(())
}

#[test]
fn a_hook_drains_its_own_file_first_and_tells_what_became_of_it() {
    let test = TestStore::new();
    test.spool_at(NOW - 10, "p s1 m1 p1 5 hello\n");
    let own = test.spool("p s1 m1 p1 5 hello\np s1 m1 p2 5 new\nreject z\n");
    let report = test.drain_as_hook(&own);
    let own = report.own.expect("its own file is stored");
    assert_eq!((own.stored, own.duplicate, own.rejected), (2, 0, 1), "it came first");
    assert_eq!(report.files, 2);
    assert!(test.spooled().is_empty());
}

#[test]
fn a_hook_begins_nothing_more_after_its_deadline() {
    let test = TestStore::new();
    // Each file is more than one transaction's worth.
    for file in 0..3 {
        let lines: Vec<String> =
            (0..1_500).map(|part| format!("p s m{file} p{part} 5 text")).collect();
        test.spool(&lines.join("\n"));
    }
    let own = test.spool("p s own p1 5 mine\n");
    let report = test.store.drain_as_hook(&own, 1, Instant::now());
    assert!(matches!(report.end, DrainEnd::Deadline), "{report:?}");
    assert_eq!(report.own.map(|own| own.stored), Some(1), "its own is in the first transaction");
    assert_eq!(test.spooled().len(), 3, "the rest waits");
    assert_eq!(test.number("SELECT count(*) FROM parts WHERE message_id = 'own'"), 1);
    assert!(test.number("SELECT count(*) FROM parts") <= 1_000);
}

#[test]
fn a_hook_leaves_a_huge_file_of_another_to_a_command() -> Tested {
    let test = TestStore::new();
    let huge = |part| format!("p s1 m1 {part} 5 {}\n", "x".repeat(2 << 20));
    test.spool_at(NOW - 1, &huge("theirs"));
    let own = test.spool(&huge("ours"));
    let report = test.drain_as_hook(&own);
    assert_eq!((report.files, report.own.map(|own| own.stored)), (1, Some(1)));
    assert_eq!(test.spooled().len(), 1);
    assert_eq!(test.drain()?.counts.stored, 1);
    Ok(())
}

#[test]
fn a_file_that_is_passed_over_keeps_no_attempt() -> Tested {
    let test = TestStore::new();
    let mut header = header(NOW, 0);
    header.kind = "post-commit".to_owned();
    test.store.spool().write(&header, b"{}")?;
    let name = test.spooled();
    for _ in 0..7 {
        let mark = format!("{{\"process_id\":1,\"purpose\":\"hooks\"}}\n{}\n", name.join("\n"));
        fs::write(test.store.location().lock(), mark)?;
        assert_eq!(test.drain()?.passed_over, 1);
    }
    assert_eq!(test.spooled(), name);
    Ok(())
}

#[test]
fn a_file_of_many_transactions_is_removed_after_the_last() -> Tested {
    let test = TestStore::new();
    let lines: Vec<String> = (0..2_500).map(|part| format!("p s m p{part} 5 text{part}")).collect();
    test.spool(&lines.join("\n"));
    let report = test.drain()?;
    assert_eq!((report.files, report.counts.stored), (1, 2_500));
    assert_eq!(test.number("SELECT count(*) FROM parts"), 2_500);
    assert_eq!(test.number("SELECT value FROM store_state"), 3, "three transactions");
    Ok(())
}

#[test]
fn who_has_not_got_the_lease_leaves_the_work_to_its_holder() -> Tested {
    let test = TestStore::new();
    let holder = test.store.open("test")?;
    let own = test.spool("p s m p 5 text\n");
    let refused = test.drain_as_hook(&own);
    assert!(matches!(refused.end, DrainEnd::Taken));
    assert_eq!(test.spooled().len(), 1, "it is safe");
    drop(holder);
    assert_eq!(test.drain()?.counts.stored, 1);
    Ok(())
}

#[test]
fn the_outbox_is_drained_by_the_database_that_it_names_or_by_the_default_one() -> Tested {
    let other = TestStore::with(|settings| settings.is_default_database = false);
    let test = TestStore::new();
    let outbox = store::Spool::new(test.folder.path().join("outbox"));
    outbox.write(&header(NOW, 0), b"p s m nameless 5 text\n")?;
    let mut ours = header(NOW, 0);
    ours.database = Some(test.store.location().database().to_string_lossy().into_owned());
    outbox.write(&ours, b"p s m ours 5 text\n")?;
    let mut theirs = header(NOW, 0);
    theirs.database = Some(other.store.location().database().to_string_lossy().into_owned());
    outbox.write(&theirs, b"p s m theirs 5 text\n")?;

    let report = test.drain()?;
    assert_eq!((report.counts.stored, report.passed_over), (2, 1));
    assert_eq!(test.number("SELECT count(*) FROM parts WHERE part_id IN ('nameless', 'ours')"), 2);
    assert_eq!(outbox.waiting()?.files, 1);
    Ok(())
}

#[test]
fn a_file_of_a_newer_form_or_another_kind_is_left_alone() -> Tested {
    let test = TestStore::new();
    let spool = test.store.location().spool();
    test.spool("p s m p 5 text\n");
    fs::write(spool.join("1-newer.spool"), "{\"recount_spool\":2,\"other\":true}\nbytes")?;
    let mut header = header(NOW, 0);
    header.kind = "post-commit".to_owned();
    test.store.spool().write(&header, b"{}")?;
    let report = test.drain()?;
    assert!(matches!(report.end, DrainEnd::Empty), "{report:?}");
    assert_eq!((report.files, report.passed_over), (1, 2));
    assert_eq!(test.spooled().len(), 2);
    assert!(test.quarantined().is_empty());
    Ok(())
}

#[test]
fn a_file_without_a_header_goes_to_quarantine_to_the_byte() -> Tested {
    let test = TestStore::new();
    let spool = test.store.location().spool();
    fs::create_dir(&spool)?;
    fs::write(spool.join("1-garbage.spool"), b"\xff\0garbage")?;
    fs::write(spool.join("2-empty.spool"), b"")?;
    fs::write(spool.join("3-half.spool"), b"{\"recount_spool\":1,\"ki")?;
    test.spool("p s m p 5 text\n");
    let report = test.drain()?;
    assert_eq!((report.files, report.counts.stored, report.counts.unreadable), (4, 1, 3));
    assert!(test.spooled().is_empty());
    let kept = test.store.quarantine().find("")?;
    assert!(kept.is_none(), "three pieces, so the empty prefix is ambiguous");
    let bytes: Vec<Vec<u8>> = test
        .store
        .quarantine()
        .list()?
        .iter()
        .map(|piece| test.store.quarantine().find(&piece.id).expect("readable").expect("there").1)
        .collect();
    assert!(bytes.contains(&b"\xff\0garbage".to_vec()));
    assert!(bytes.contains(&b"{\"recount_spool\":1,\"ki".to_vec()));
    Ok(())
}

#[test]
fn what_the_store_makes_belongs_to_its_owner_alone() -> Tested {
    let test = TestStore::new();
    test.spool("p s m p 5 text\nunreadable\n");
    test.drain()?;
    let location = test.store.location();
    let mode = |path: &std::path::Path| fs::metadata(path).map(|m| m.permissions().mode() & 0o777);
    for path in [location.database(), &location.lock(), &location.wal()] {
        assert_eq!(mode(path)?, 0o600, "{}", path.display());
    }
    for path in [location.spool(), location.quarantine()] {
        assert_eq!(mode(&path)?, 0o700, "{}", path.display());
    }
    Ok(())
}

#[test]
fn the_log_is_written_back_when_it_is_long_and_after_the_schema_is_made() -> Tested {
    let test = TestStore::new();
    let wal = || fs::metadata(test.store.location().wal()).map_or(0, |metadata| metadata.len());
    drop(test.store.open("test")?);
    assert_eq!(wal(), 0, "the schema is in the database itself");
    test.spool("p s m p 5 text\n");
    test.drain()?;
    assert!(wal() > 0, "a short log stays");
    let lines: Vec<String> =
        (0..3_000).map(|part| format!("p s m p{part} 5 {}", "x".repeat(500))).collect();
    test.spool(&lines.join("\n"));
    test.drain()?;
    assert_eq!(wal(), 0, "a long one does not");
    Ok(())
}

#[test]
fn a_database_that_was_replaced_while_in_use_leaves_the_files_in_the_spool() -> Tested {
    let test = TestStore::new();
    drop(test.store.open("test")?);
    let database = test.store.location().database().to_owned();
    let mut holder = test.store.open("test")?;
    test.spool("p s m p 5 text\n");
    fs::rename(&database, database.with_extension("old"))?;
    fs::write(&database, "")?;
    let report = holder.drain()?;
    assert!(matches!(report.end, DrainEnd::Failed(store::StoreError::Replaced(_))), "{report:?}");
    assert_eq!(test.spooled().len(), 1);
    drop(holder);
    assert_eq!(test.drain()?.counts.stored, 1);
    assert_eq!(query(&database, "SELECT count(*) FROM parts"), [[Value::Integer(1)]]);
    Ok(())
}

#[test]
fn a_command_ends_however_fast_others_hand_over() -> Tested {
    let test = TestStore::new();
    let is_drained = AtomicBool::new(false);
    test.spool("p s m first 5 text\n");
    let report = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut written = 0;
                    while !is_drained.load(Ordering::SeqCst) && written < 20_000 {
                        test.spool("p s m p 5 text\n");
                        written += 1;
                    }
                    written
                })
            })
            .collect();
        while test.spooled().len() < 100 {}
        let report = test.drain();
        is_drained.store(true, Ordering::SeqCst);
        let written = writers.into_iter().map(|writer| writer.join().expect("it writes"));
        assert!(written.into_iter().all(|written| written < 20_000), "it ended before they did");
        report
    });
    assert!(matches!(report?.end, DrainEnd::Empty));
    assert_eq!(test.number("SELECT count(*) FROM parts WHERE part_id = 'first'"), 1);
    Ok(())
}

#[test]
fn bulk_writing_gives_the_same_rows_as_the_drain() -> Tested {
    let lines: Vec<String> =
        (0..2_300).map(|n| format!("p s{} m{} p{} {n} text{n}", n % 3, n % 50, n % 700)).collect();
    let (drained, written) = (TestStore::new(), TestStore::new());
    drained.spool(&lines.join("\n"));
    let counts = drained.drain()?.counts;

    let mut bulk = Bulk::new(&written.store, "replay");
    let header = header(NOW, 0);
    let text = lines.join("\n");
    let mut body = text.as_bytes();
    let mut record = store::SpoolRecord { header: header.clone(), body: &mut body };
    let _ = (written.store.settings().decoder)(&mut record, &mut |decoded| {
        bulk.add(&header, decoded).expect("it is taken in");
        std::ops::ControlFlow::Continue(())
    })?;
    assert_eq!(bulk.finish()?, counts);
    let dump = "SELECT session_id, message_id, part_id, text, stamps, ordered_at_unix_ms FROM parts ORDER BY 1, 2, 3";
    assert_eq!(drained.query(dump), written.query(dump));
    Ok(())
}
