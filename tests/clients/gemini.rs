//! Gemini CLI against a scripted model: its sessions are in the record and go on.

pub mod client;

use std::fs;

use serde_json::{Value, json};

use self::client::{GeminiCli, options};

/// Some columns of the one session in the list.
fn listed<const N: usize>(gemini: &GeminiCli, columns: [&str; N]) -> Value {
    let list = gemini.recount(&["session", "list", "--check", "--format", "json"]).finish();
    let list: Value = serde_json::from_str(&list.output()).expect("JSON");
    assert_eq!(list["summary"]["sessions"], 1, "{list:#}");
    columns.map(|column| list["details"][0][column].clone()).to_vec().into()
}

/// The prompts that the record's events hold, oldest first.
fn prompts(gemini: &GeminiCli) -> Vec<String> {
    gemini.environment().record().column(
        "SELECT json_extract(payload, '$.prompt') FROM events WHERE name = 'BeforeAgent' \
         ORDER BY ordered_at_unix_ms",
    )
}

#[test]
fn a_person_who_has_set_it_up_has_sessions_in_the_list() {
    let gemini = GeminiCli::new();
    let before = gemini.settings();
    let _ = gemini.recount(&["setup", "gemini"]).finish().ends_with(0);
    gemini.run("one");
    let folder = gemini.environment().working_folder();
    let columns = ["agent", "project_path", "end_reason", "messages", "resume_state"];
    assert_eq!(listed(&gemini, columns), json!(["gemini", folder, "exit", 0, "active"]));
    assert_eq!(prompts(&gemini), ["[[script:short]] one"]);
    let _ = gemini.recount(&["setup", "gemini", "--remove"]).finish().ends_with(0);
    assert_eq!(gemini.settings(), before);
}

#[test]
fn a_project_that_is_set_up_has_sessions_in_the_list() {
    let gemini = GeminiCli::new();
    let _ = gemini.recount(&["setup", "gemini", "--project"]).finish().ends_with(0);
    gemini.run("one");
    assert_eq!(listed(&gemini, ["agent"]), json!(["gemini"]));
    let _ = gemini.recount(&["setup", "gemini", "--project", "--remove"]).finish().ends_with(0);
    assert!(!gemini.environment().working_folder().join(".gemini/settings.json").exists());
}

/// Goes on with a session from another folder.
fn resume(gemini: &GeminiCli, session: &str, prompt: &str) {
    let options = options(prompt);
    let options = options.each_ref().map(String::as_str);
    let arguments = [&["session", "resume", &session[..8], "--"][..], &options].concat();
    let elsewhere = gemini.environment().home();
    let _ = gemini.recount(&arguments).working_folder(&elsewhere).finish().ends_with(0);
}

#[test]
fn a_session_goes_on_in_the_same_session_and_its_file_is_copied_first() {
    let gemini = GeminiCli::new();
    let _ = gemini.recount(&["setup", "gemini"]).finish().ends_with(0);
    gemini.run("one");
    let (session, chat) = (gemini.session(), gemini.begun_in_another_minute());
    let whole = [(); 2].map(|()| {
        let before = fs::read(&chat).expect("it is there");
        resume(&gemini, &session, "two");
        before
    });
    assert!(gemini.chats().len() > 1, "a head of the resumption lies beside it");
    let copies = gemini.copies().into_iter();
    let mut copies: Vec<_> = copies.map(|copy| fs::read(copy).expect("it is there")).collect();
    copies.sort_by_key(Vec::len);
    assert_eq!(copies, whole, "each copy is whole");
    let said = fs::read_to_string(&chat).expect("it is there");
    let both = ["[[script:short]] one", "[[script:short]] two"];
    assert!(both.iter().all(|prompt| said.contains(prompt)), "{said}");
    assert_eq!(prompts(&gemini), [both[0], both[1], both[1]]);
    let folder = gemini.environment().working_folder();
    assert_eq!(listed(&gemini, ["session_id", "project_path"]), json!([session, folder]));
    let shown = gemini.recount(&["session", "show", &session]).finish().output();
    assert!(both.iter().all(|prompt| shown.contains(&format!("\n  {prompt}\n"))), "{shown}");
    // The list deletes the full file, which is why it was copied.
    gemini.list_sessions();
    assert!(!chat.exists() && !gemini.chats().is_empty());
    let refused = gemini.recount(&["session", "resume", &session, "--", "-p", "x"]).finish();
    let _ = refused.ends_with(1).complains("is gone: Gemini CLI does not have it any more");
}

#[test]
fn a_session_that_is_gone_is_told_as_gone() {
    let gemini = GeminiCli::new();
    let _ = gemini.recount(&["setup", "gemini"]).finish().ends_with(0);
    gemini.run("one");
    let session = gemini.session();
    for chat in gemini.chats() {
        fs::remove_file(chat).expect("it is there");
    }
    assert_eq!(listed(&gemini, ["resume_state"]), json!(["invalid"]));
    let refused = gemini.recount(&["session", "resume", &session, "--", "-p", "x"]).finish();
    let _ = refused.ends_with(1).complains("is gone: Gemini CLI does not have it any more");
    assert!(gemini.copies().is_empty());
}
