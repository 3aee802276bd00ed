//! A file that cannot be stored holds up no other, and no innocent file is condemned.

use std::{fs, sync::atomic::Ordering};

use store::DrainEnd;

use crate::support::{BOOM, NOW, TestStore, Tested};

#[test]
fn one_poisonous_file_among_good_ones_is_found_and_quarantined_by_a_command() -> Tested {
    let test = TestStore::new();
    for file in 0..20 {
        test.spool(&format!("p s m p{file} 5 good\n"));
    }
    test.spool("p s m bad 5 lost?\nboom\n");
    let report = test.drain()?;
    assert!(matches!(report.end, DrainEnd::Empty), "{report:?}");
    assert_eq!((report.files, report.quarantined), (20, 1));
    assert_eq!(test.number("SELECT count(*) FROM parts"), 20);
    assert!(test.spooled().is_empty());
    let (piece, bytes) = test.store.quarantine().find("")?.expect("one piece");
    assert_eq!(bytes, b"p s m bad 5 lost?\nboom\n", "kept to the byte");
    assert!(piece.header.error.expect("it says why").contains("decode"));
    Ok(())
}

#[test]
fn a_hook_tries_a_poisonous_file_three_times_and_quarantines_nothing() {
    let test = TestStore::new();
    test.spool_at(NOW - 1, "boom\n");
    for round in 0..5 {
        let own = test.spool(&format!("p s m p{round} 5 good\n"));
        let report = test.drain_as_hook(&own);
        assert!(report.own.is_some() || !test.spooled().is_empty(), "{round}: {report:?}");
    }
    let last = test.spool("p s m last 5 good\n");
    test.drain_as_hook(&last);
    assert_eq!(test.number("SELECT count(*) FROM parts"), 6, "the good ones are all stored");
    let left = test.spooled();
    assert_eq!(left.len(), 1);
    assert!(left[0].ends_with(".tried3.spool"), "{left:?}");
    assert!(test.quarantined().is_empty());
}

#[test]
fn a_file_that_failed_before_is_stored_when_it_can_be() -> Tested {
    let test = TestStore::new();
    fs::create_dir_all(test.store.location().spool())?;
    test.spool("p s m p 5 text\n");
    let name = test.spooled().remove(0);
    let tried = name.replace(".spool", ".tried3.spool");
    fs::rename(
        test.store.location().spool().join(name),
        test.store.location().spool().join(tried),
    )?;
    let report = test.drain()?;
    assert_eq!((report.counts.stored, report.quarantined), (1, 0), "the last try succeeds");
    Ok(())
}

#[test]
fn a_file_in_whose_last_tries_processes_have_died_is_quarantined_untried() -> Tested {
    let test = TestStore::new();
    let file = test.spool("p s m p 5 text\n");
    let spool = test.store.location().spool();
    let tried = file.name().replace(".spool", ".tried5.spool");
    fs::rename(spool.join(file.name()), spool.join(tried))?;
    let report = test.drain()?;
    assert_eq!((report.counts.stored, report.quarantined), (0, 1));
    let (_, bytes) = test.store.quarantine().find("")?.expect("one piece");
    assert_eq!(bytes, b"p s m p 5 text\n");
    Ok(())
}

#[test]
fn the_files_of_a_holder_that_died_are_tried_alone_and_the_innocent_are_stored() -> Tested {
    let test = TestStore::new();
    for file in 0..3 {
        test.spool(&format!("p s m p{file} 5 good\n"));
    }
    // What a dead holder leaves: its name and the files that it had in hand.
    let mark =
        format!("{{\"process_id\":1,\"purpose\":\"hooks\"}}\n{}\n", test.spooled().join("\n"));
    fs::write(test.store.location().lock(), mark)?;
    let report = test.drain()?;
    assert_eq!((report.files, report.counts.stored, report.quarantined), (3, 3, 0));
    assert_eq!(test.number("SELECT value FROM store_state"), 3, "each in its own transaction");
    assert_eq!(fs::read(test.store.location().lock())?, b"", "nothing is suspected any more");
    Ok(())
}

#[test]
fn surroundings_that_fail_condemn_nothing() -> Tested {
    let test = TestStore::new();
    test.spool("p s m p 5 text\n");
    drop(test.store.open("test")?);
    let database = test.store.location().database().to_owned();
    let whole = fs::read(&database)?;
    fs::write(&database, b"this is no database at all, but long enough to be looked at........................................")?;
    assert!(test.drain().is_err());
    let own = test.spool("p s m q 5 text\n");
    let report = test.drain_as_hook(&own);
    assert!(matches!(report.end, DrainEnd::Failed(_)), "{report:?}");
    assert_eq!(test.spooled().len(), 2);
    assert!(test.spooled().iter().all(|name| name.matches('.').count() == 1), "no attempt counts");
    fs::write(&database, whole)?;
    assert_eq!(test.drain()?.counts.stored, 2);
    Ok(())
}

#[test]
fn a_quarantined_piece_can_be_judged_again() -> Tested {
    let test = TestStore::new();
    test.spool("p s m p 5 text\nboom\n");
    assert_eq!(test.drain()?.quarantined, 1);
    let id = test.store.quarantine().list()?.remove(0).id;
    BOOM.store(false, Ordering::SeqCst);
    test.store.quarantine().release(&id, &test.store.spool())?;
    let report = test.drain();
    BOOM.store(true, Ordering::SeqCst);
    assert_eq!(report?.counts.stored, 1);
    Ok(())
}
