//! What every answer keeps to: the path tells what the command tells, what the document says of it,
//! and what was captured.

mod golden;
mod schema;

use report::{overall::OVERALL_QUESTIONS, usage::By};

use crate::support::{
    TestEnvironment,
    asked::{asked, sessions, word},
    captured::captured,
    http::Served,
    repository::Repository,
};

/// Questions with what narrows them down: the options, and the same in a path.
fn narrowed() -> Vec<(String, String)> {
    let mut narrowed = vec![
        ("session list".to_owned(), "/api/sessions".to_owned()),
        (
            "session list --limit 2 --sort messages --agent opencode".to_owned(),
            "/api/sessions?limit=2&sort=messages&agent=opencode".to_owned(),
        ),
        (
            "session list --text demo --file hello.txt".to_owned(),
            "/api/sessions?text=demo&file=hello.txt".to_owned(),
        ),
        ("stats files --path hello".to_owned(), "/api/files/hot?path=hello".to_owned()),
    ];
    for (_, question) in OVERALL_QUESTIONS {
        let options = "--status idle --limit 1 --timezone Europe/Paris";
        let path = format!("{}?status=idle&limit=1&timezone=Europe/Paris", question.route);
        narrowed.push((format!("{} {options}", question.command), path));
    }
    for by in By::ALL {
        let options = "--agent opencode --since 2026-11-01 --until 2026-11-30";
        let by = by.as_str();
        let path = format!("/api/usage/{by}?agent=opencode&since=2026-11-01&until=2026-11-30");
        narrowed.push((format!("usage {} {options}", word(by)), path));
    }
    narrowed
}

#[test]
fn each_path_answers_with_the_bytes_of_its_command() {
    let environment = captured();
    let served = Served::start(&environment, &[]);
    let all = asked(&sessions(&environment));
    let all = all.into_iter().map(|asked| (asked.command, asked.path)).chain(narrowed());
    for (command, path) in all {
        let words = command.split(' ').chain(["--format", "json"]);
        let printed = environment.run(words).output();
        let reply = served.get(&path);
        assert_eq!(format!("{}\n", reply.data()), printed, "{command} {path}");
    }
}

#[test]
fn a_file_is_told_line_by_line_with_the_bytes_of_its_command() {
    let environment = TestEnvironment::new();
    let repository = Repository::plain(&environment);
    let served = Served::start(&environment, &[]);
    let path = &repository.paths()[3];
    for (options, parameters) in
        [("", ""), (" --rev HEAD", "&rev=HEAD"), (" -L 2,3", "&from=2&to=3")]
    {
        let command = format!("blame {}{options} --format json", repository.path);
        let run = environment.recount(command.split(' ')).working_folder(&repository.folder);
        let printed = run.finish().output();
        let reply = served.get(&format!("{path}{parameters}"));
        assert_eq!(format!("{}\n", reply.data()), printed, "{command}");
    }
}
