//! `commit.recorded`.

use domain::{CommitId, Json, Stamp};

use crate::support::{at, commit_of, envelope, found, rewrite_of, session_of};

const OLD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const NEW: &str = "0123456789abcdef0123456789abcdef01234567";

fn commit(fields: &str) -> String {
    let item = format!(
        r#"{{"repository":"/r/.git","commit_id":"{NEW}","generated_at_unix_ms":1000{fields}}}"#
    );
    envelope("commit.recorded", &[&item])
}

#[test]
fn every_field_of_a_commit_has_its_place_and_none_is_a_session() {
    let rewritten = format!(r#","rewritten_from":"{OLD}","rewritten_by":"amend""#);
    let item = found(commit(&format!(r#","worktree":"/r","x":1{rewritten}"#))).only_item();
    let row = commit_of(&item).expect("it is a commit");
    assert_eq!((row.repository.as_str(), row.commit_id.as_str()), ("/r/.git", NEW));
    assert_eq!((row.generated_at.0, row.ordered_at.0), (Some(at(1000)), Some(at(1000))));
    assert_eq!(row.worktree.value().map(String::as_str), Some("/r"));
    assert_eq!(row.worktree.stamp(), Some(Stamp { is_final: false, observed_at: at(1000) }));
    assert_eq!(row.payload.value().map(Json::as_str), Some(r#"{"x":1}"#));
    let rewrite = rewrite_of(&item).expect("it took the place of another");
    assert_eq!(rewrite.repository, row.repository);
    assert_eq!((rewrite.old_commit_id.as_str(), rewrite.new_commit_id.as_str()), (OLD, NEW));
    assert_eq!((rewrite.generated_at.0, rewrite.ordered_at.0), (Some(at(1000)), Some(at(1000))));
    assert_eq!(rewrite.command.value().map(String::as_str), Some("amend"));
    assert_eq!((item.beside.len(), session_of(&item)), (1, None));
}

#[test]
fn a_commit_that_replaces_no_other_is_no_rewrite() {
    let same = format!(r#","rewritten_from":"{NEW}""#);
    let cases = [
        ("nothing is said", "", None),
        ("null", r#","rewritten_from":null,"rewritten_by":null"#, None),
        ("itself", &same, None),
        ("only by what", r#","rewritten_by":"amend""#, Some(r#"{"rewritten_by":"amend"}"#)),
    ];
    for (name, fields, payload) in cases {
        let found = found(commit(fields));
        assert_eq!(found.notes(), [], "{name}");
        let item = found.only_item();
        assert_eq!(item.beside, [], "{name}");
        let row = commit_of(&item).expect("it is a commit");
        assert_eq!(row.payload.value().map(Json::as_str), payload, "{name}");
    }
}

#[test]
fn a_commit_is_one_however_its_id_is_written_and_its_command_is_kept_as_given() {
    let item = format!(
        r#"{{"repository":"/r/.git","commit_id":"{}","generated_at_unix_ms":1,
            "rewritten_from":"{}","rewritten_by":" Filter\n"}}"#,
        NEW.to_uppercase(),
        "AB".repeat(32),
    );
    let item = found(envelope("commit.recorded", &[&item])).only_item();
    assert_eq!(commit_of(&item).map(|row| row.commit_id.as_str()), Some(NEW));
    let rewrite = rewrite_of(&item).expect("it took the place of another");
    assert_eq!(rewrite.old_commit_id, CommitId::new("ab".repeat(32)).expect("it is one"));
    assert_eq!(rewrite.command.value().map(String::as_str), Some(" Filter\n"));
}

#[test]
fn an_optional_field_that_does_not_fit_is_left_out_with_a_warning() {
    let cases = [
        (r#""worktree":"r""#, "worktree", "is no absolute path"),
        (r#""worktree":7"#, "worktree", "is no string"),
        (r#""rewritten_from":"HEAD~1""#, "rewritten_from", "is no commit id"),
        (r#""rewritten_by":" ""#, "rewritten_by", "is empty"),
        (r#""observed_at_unix_ms":-1"#, "observed_at_unix_ms", "is negative"),
    ];
    for (field, name, reason) in cases {
        let found = found(commit(&format!(",{field}")));
        assert_eq!(found.notes(), [(name, reason)]);
        let item = found.only_item();
        assert_eq!(item.beside, [], "{field}");
        assert_eq!(commit_of(&item).and_then(|row| row.payload.value()), None, "{field}");
    }
}

#[test]
fn a_commit_that_lacks_what_it_needs_is_refused() {
    let item = |repository: &str, commit_id: &str, more: &str| {
        format!(r#"{{"repository":{repository},"commit_id":{commit_id},{more}}}"#)
    };
    let (path, id, time) = ("\"/r/.git\"", format!("\"{NEW}\""), "\"generated_at_unix_ms\":1");
    let short = format!("\"{}\"", &NEW[1..]);
    let wide = format!("\"{}é\"", &NEW[2..]);
    let relative = "is no absolute path";
    let cases = [
        (format!(r#"{{"commit_id":{id},{time}}}"#), "repository", "is missing"),
        (item("null", &id, time), "repository", "is no string"),
        (item("\"\"", &id, time), "repository", relative),
        (item("\".git\"", &id, time), "repository", relative),
        (format!(r#"{{"repository":{path},{time}}}"#), "commit_id", "is missing"),
        (item(path, "7", time), "commit_id", "is no string"),
        (item(path, "\"HEAD\"", time), "commit_id", "is no commit id"),
        (item(path, &short, time), "commit_id", "is no commit id"),
        (item(path, &wide, time), "commit_id", "is no commit id"),
        (item(path, &id, "\"x\":1"), "generated_at_unix_ms", "is missing"),
        (item(path, &id, "\"generated_at_unix_ms\":1.5"), "generated_at_unix_ms", "is no integer"),
    ];
    for (item, field, reason) in cases {
        let found = found(envelope("commit.recorded", &[&item]));
        assert_eq!(found.refusals(), [(field, reason)], "{item}");
        assert_eq!(found.rejects[0].kind, "commit.recorded");
    }
}
