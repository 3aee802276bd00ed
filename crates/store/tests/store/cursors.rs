//! Cursors of importers: never ahead of the rows that they speak of.

use std::{collections::BTreeMap, ops::ControlFlow};

use store::{Bulk, ImportCursor, StoreError, query::import_cursors::import_cursors};

use crate::support::{NOW, TestStore, Tested, header};

fn cursor(scope: &str, position: &str) -> ImportCursor {
    let [source, scope, position] = ["/s.db", scope, position].map(str::to_owned);
    ImportCursor { source, scope, position }
}

fn add(bulk: &mut Bulk<'_>, test: &TestStore, text: &str) -> Tested {
    let header = header(NOW, 0);
    let mut body = text.as_bytes();
    let mut record = store::SpoolRecord { header: header.clone(), body: &mut body };
    let _ = (test.store.settings().decoder)(&mut record, &mut |decoded| {
        bulk.add(&header, decoded).expect("it is taken in");
        ControlFlow::Continue(())
    })?;
    Ok(())
}

fn kept(test: &TestStore, source: &str) -> Result<BTreeMap<String, String>, StoreError> {
    import_cursors(&test.store.open("test")?, source)
}

#[test]
fn a_cursor_is_kept_with_its_rows_and_a_later_one_takes_its_place() -> Tested {
    let test = TestStore::new();
    let mut bulk = Bulk::new(&test.store, "import");
    add(&mut bulk, &test, "p s1 m1 p1 5 hello")?;
    bulk.place_cursor(cursor("s1", "1"))?;
    bulk.place_cursor(cursor("s2", "1"))?;
    bulk.finish()?;
    let revision = "SELECT value FROM store_state WHERE name = 'revision'";
    assert_eq!(test.number(revision), 1);

    let mut bulk = Bulk::new(&test.store, "import");
    bulk.place_cursor(cursor("s1", "2"))?;
    bulk.finish()?;
    let expected = [("s1", "2"), ("s2", "1")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(kept(&test, "/s.db")?, BTreeMap::from(expected));
    assert_eq!(kept(&test, "/other.db")?, BTreeMap::new());
    assert_eq!(test.number(revision), 1, "no row of the record has changed");
    Ok(())
}

#[test]
fn what_was_not_committed_has_no_cursor() -> Tested {
    let test = TestStore::new();
    let mut bulk = Bulk::new(&test.store, "import");
    add(&mut bulk, &test, "p s1 m1 p1 5 hello")?;
    bulk.place_cursor(cursor("s1", "1"))?;
    drop(bulk);
    assert_eq!(kept(&test, "/s.db")?, BTreeMap::new());
    assert_eq!(test.number("SELECT count(*) FROM parts"), 0);
    Ok(())
}
