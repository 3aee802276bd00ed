use super::*;

const CALL: Call<'_> = Call { program: "/bin/recount", database: None, is_by_husky: false };

fn block(hook: Hook) -> String {
    CALL.block(hook, Form::Lines)
}

#[test]
fn our_lines_go_in_behind_the_first_line_and_out_to_the_byte() {
    // What is there, and how much of it stands before our lines.
    let cases: [(&[u8], usize); 12] = [
        (b"#!/bin/sh\necho one\n", 10),
        (b"#!/bin/sh\necho one", 10),
        (b"#!/bin/sh\n", 10),
        (b"#!/bin/sh", 9),
        (b"#! /usr/bin/env sh\n\n\necho\n", 19),
        (b"#!/bin/bash -e\r\necho one\r\n", 16),
        (b"#!/bin/sh\r\n", 11),
        (b"echo one\r\necho two", 0),
        (b"echo one", 0),
        (b"\n", 0),
        (b"", 0),
        (b"#!/bin/sh\n# latin: \xe4\n", 10),
    ];
    for (text, before) in cases {
        let shown = text.escape_ascii();
        for hook in Hook::ALL {
            assert_eq!(find(text, hook), Ok(None), "{shown}");
            let with = insert(text, &block(hook));
            assert!(with[before..].trim_ascii_start().starts_with(BEGIN.as_bytes()), "{shown}");
            let found = find(&with, hook).expect("whole").expect("there");
            assert_eq!(found.form, Form::Lines, "{shown}");
            assert_eq!(&with[found.range.clone()], block(hook).as_bytes(), "{shown}");
            assert_eq!(found.removed(&with), text, "{shown}");
            assert_eq!(found.replaced(&with, &block(hook)), with, "{shown}");
            // Another program, and back.
            let other = Call { program: "/it's/other", ..CALL }.block(hook, Form::Lines);
            let changed = found.replaced(&with, &other);
            let found = find(&changed, hook).expect("whole").expect("there");
            assert_eq!(program(&changed, hook).as_deref(), Some("/it's/other"), "{shown}");
            assert_eq!(found.removed(&changed), text, "{shown}");
            assert_eq!(found.replaced(&changed, &block(hook)), with, "{shown}");
        }
    }
}

#[test]
fn lines_that_were_moved_are_found_where_they_are() {
    let block = block(Hook::PostCommit);
    for (before, end, behind) in
        [("#!/bin/sh\none\n", "\n", "two\n"), ("one\r\n", "\r\n", "two"), ("", "\n", "two")]
    {
        let text = format!("{before}{block}{end}{behind}");
        let found = find(text.as_bytes(), Hook::PostCommit).expect("whole").expect("there");
        assert_eq!(found.removed(text.as_bytes()), format!("{before}{behind}").as_bytes());
        let changed = found.replaced(text.as_bytes(), "x");
        assert_eq!(changed, format!("{before}x{end}{behind}").as_bytes());
    }
}

#[test]
fn a_form_is_known_again() {
    for hook in Hook::ALL {
        for form in Form::ALL {
            for is_by_husky in [false, true] {
                let block = Call { is_by_husky, ..CALL }.block(hook, form);
                let text = insert(SHEBANG.as_bytes(), &block);
                let found = find(&text, hook).expect("whole").expect("there");
                assert_eq!((found.form, found.removed(&text)), (form, SHEBANG.into()));
            }
        }
    }
    // Whose note is not ours is somebody's script.
    let block = CALL.block(Hook::PostCommit, Form::File).replace("# Put", "# Laid");
    let found = find(block.as_bytes(), Hook::PostCommit).expect("whole").expect("there");
    assert_eq!(found.form, Form::Lines);
}

#[test]
fn torn_lines_are_told() {
    let block = block(Hook::PostCommit);
    let begin = format!("{BEGIN}\necho\n");
    let end = format!("echo\n{END}\n");
    let cases = [
        &begin,
        &end,
        &format!("{end}{begin}"),
        &format!("{block}\n{block}\n"),
        &format!("{begin}{block}\n"),
    ];
    for text in cases {
        assert_eq!(find(text.as_bytes(), Hook::PostCommit), Err(Torn), "{text}");
    }
    for text in [format!("  {BEGIN}\n"), format!("{BEGIN} \u{e4}\n"), format!("echo {END}\n")] {
        assert_eq!(find(text.as_bytes(), Hook::PostCommit), Ok(None), "{text}");
    }
}

#[test]
fn a_script_is_told_by_its_first_line() {
    let cases: [(&[u8], bool); 23] = [
        (b"#!/bin/sh\n", true),
        (b"#!/bin/sh", true),
        (b"#!/bin/sh -eu\n", true),
        (b"#! /bin/bash\r\n", true),
        (b"#!/usr/local/bin/zsh -f\n", true),
        (b"#!\t/bin/ksh\n", true),
        (b"#!/bin/dash\n\xff", true),
        (b"#!/usr/bin/env sh\n", true),
        (b"#!/usr/bin/env -S A=b bash -e\n", true),
        (b"#!/nix/store/x-bash-5.2/bin/bash\n", true),
        (b"#!sh\n", true),
        (b"echo one\n", true),
        (b"", true),
        (b"#!/usr/bin/env python3\n", false),
        (b"#!/usr/bin/python3\n# sh\n", false),
        (b"#!/usr/bin/perl -w\n", false),
        (b"#!/usr/bin/fish\n", false),
        (b"#!/usr/bin/env\n", false),
        (b"#!\n", false),
        (b"#!/bin/csh\n", false),
        (b"\x7fELF\x02\x01\x01\0", false),
        (b"echo \xe4\n", false),
        (b"echo\0\n", false),
    ];
    for (text, expected) in cases {
        assert_eq!(is_for_shell(text), expected, "{}", text.escape_ascii());
    }
}

#[test]
fn a_call_is_what_somebody_would_write() {
    let call = Call { program: "/it's", database: Some("/a b.db"), is_by_husky: false };
    let expected = r#"# >>> lines of recount >>>
# Put here by `recount setup git`, which with `--remove` takes these lines away.
if [ -x '/it'"'"'s' ]; then
  '/it'"'"'s' hooks commit-msg --database '/a b.db' "$@" </dev/null >/dev/null || :
fi
# <<< lines of recount <<<"#;
    assert_eq!(call.block(Hook::CommitMsg, Form::Lines), expected);
}
