//! Whose lines are: of a repository made by git, and of a record made of what an agent handed over.

use std::{fs, ops::ControlFlow, path::Path, process::Command};

use domain::Decoded;
use intake::Origin;
use store::SpoolRecord;
use tempfile::TempDir;

use super::*;

/// A file as an agent wrote it, which wants to act on whoever reads it.
const HOSTILE: &str = "<script>alert(1)</script> \u{202e}txt \u{1b}[2J \" onload='x'";

/// The name of such a file.
const NAME: &str = "src/<img src=x onerror=alert(1)>\u{202e} \".rs";

/// A repository, and a record of a session in it.
struct World {
    site: Site,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path().join("project");
        fs::create_dir_all(top.join("src")).expect("a new folder");
        fs::create_dir_all(top.join("below")).expect("a new folder");
        git(&top, &["init", "--quiet"]);
        fs::write(top.join(NAME), format!("{HOSTILE}\n\tplain\n")).expect("a new file");
        fs::write(top.join("below/long.txt"), "line\n".repeat(2_500)).expect("a new file");
        fs::write(top.join("empty"), "").expect("a new file");
        git(&top, &["add", "--all"]);
        git(&top, &["commit", "--quiet", "-m", HOSTILE]);
        fs::write(top.join("untracked"), "secret\n").expect("a new file");
        std::os::unix::fs::symlink("../../outside", top.join("below/link")).expect("a new link");
        std::os::unix::fs::symlink("../.git/config", top.join("below/config")).expect("a new link");
        fs::write(folder.path().join("outside"), "secret\n").expect("a new file");
        let site = Site::with(None, decode);
        let world = Self { site, folder };
        world.hand_over();
        world
    }

    fn top(&self) -> std::path::PathBuf {
        self.folder.path().canonicalize().expect("it is there").join("project")
    }

    /// Spools what a session did, and that its commit was made.
    fn hand_over(&self) {
        let top = self.top();
        let at = seconds(&top) * 1_000;
        let patch = format!("@@ -0,0 +1,2 @@\n+{HOSTILE}\n+\tplain\n");
        let wrote = serde_json::json!({
            "session_id": "ses_1", "message_id": "msg_2", "part_id": "prt_2", "part_type": "tool",
            "tool": "edit", "callID": "call_1", "generated_at_unix_ms": at - 5_000,
            "state": {
                "status": "completed", "input": { "filePath": top.join(NAME) },
                "metadata": { "filediff": { "file": top.join(NAME), "patch": patch } },
                "time": { "start": at - 5_000, "end": at - 4_000 },
            },
        });
        let id = git(&top, &["rev-parse", "HEAD"]);
        let said = [
            (
                "session.updated",
                serde_json::json!({
                    "session_id": "ses_1", "project_path": top, "generated_at_unix_ms": at - 9_000,
                }),
            ),
            (
                "session.updated",
                serde_json::json!({
                    "session_id": "ses_below", "project_path": top.join("below"),
                    "generated_at_unix_ms": at - 9_000,
                }),
            ),
            (
                "message.updated",
                serde_json::json!({
                    "session_id": "ses_1", "message_id": "msg_1", "role": "user",
                    "generated_at_unix_ms": at - 8_000,
                }),
            ),
            (
                "message.part.updated",
                serde_json::json!({
                    "session_id": "ses_1", "message_id": "msg_1", "part_id": "prt_1",
                    "part_type": "text", "text": HOSTILE, "generated_at_unix_ms": at - 8_000,
                }),
            ),
            ("message.part.updated", wrote),
            (
                "commit.recorded",
                serde_json::json!({
                    "repository": top.join(".git"), "commit_id": id.trim(), "worktree": top,
                    "generated_at_unix_ms": at + 500,
                }),
            ),
        ];
        let lines = said.map(|(kind, payload)| {
            let envelope =
                serde_json::json!({ "type": kind, "agent": "opencode", "payloads": [payload] });
            format!("{envelope}\n")
        });
        self.site.spool(&lines.concat());
    }

    fn repository(&self) -> String {
        encoded(&self.top().join(".git").to_string_lossy())
    }

    fn project(&self) -> String {
        encoded(&self.top().to_string_lossy())
    }
}

fn decode(
    record: &mut SpoolRecord<'_>,
    sink: &mut dyn FnMut(Decoded) -> ControlFlow<()>,
) -> std::io::Result<ControlFlow<()>> {
    let agent = record.header.agent.as_deref().and_then(intake::agent_named);
    let origin = Origin { agent, received_at: record.header.received_at() };
    intake::decode(record.body, &origin, sink)
}

/// When the last commit was made.
fn seconds(top: &Path) -> i64 {
    git(top, &["log", "-1", "--format=%ct"]).trim().parse().expect("a time")
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments).env_clear();
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", folder);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Dev <b>").env(format!("GIT_{who}_EMAIL"), "d@e");
        command.env(format!("GIT_{who}_DATE"), "1795168010 +0000");
    }
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn lines_are_told_with_the_conversation_that_wrote_them() {
    let world = World::new();
    let (repository, path) = (world.repository(), encoded(NAME));
    let blame = format!("/api/blame?repository={repository}&path={path}");
    for asked in [blame.clone(), format!("{blame}&rev=HEAD"), format!("{blame}&from=1&to=2")] {
        let told = value(world.site.get(&asked).await).await;
        let first = &told["data"]["details"][0];
        assert_eq!(first["session_id"], "ses_1", "{asked}: {told}");
        assert_eq!((&first["message_id"], &first["call_id"]), (&"msg_2".into(), &"call_1".into()));
        assert_eq!(told["data"]["summary"][0]["lines"], 2, "{told}");
    }
    let commit = format!("/api/commit?repository={repository}&rev=HEAD");
    let commit = value(world.site.get(&commit).await).await;
    let ai = &commit["data"]["summary"]["lines"];
    assert_eq!((&ai["ai"], &ai["human"]), (&2.into(), &2_500.into()), "{commit}");
    let commits = value(world.site.get("/api/session/ses_1/commits").await).await;
    assert_eq!(commits["data"]["summary"]["ai_lines"], 2, "{commits}");
    let whole = value(world.site.get("/api/stats/attribution").await).await;
    assert_eq!(whole["data"]["summary"]["lines"], 2_502, "{whole}");
}

#[tokio::test]
async fn what_was_answered_is_known_by_its_text() {
    let world = World::new();
    let path = format!("/api/blame?repository={}&path=empty", world.project());
    let reply = world.site.get(&path).await;
    let tag = header_of(&reply, "etag").expect("a tag").to_owned();
    let ask = || request(&path, &[("if-none-match", &tag)]).body(Body::empty());
    assert_eq!(world.site.ask(ask().expect("a request")).await.status(), 304);
    fs::write(world.top().join("empty"), "no more\n").expect("a file");
    assert_eq!(world.site.ask(ask().expect("a request")).await.status(), 200);
}

#[tokio::test]
async fn nothing_but_files_of_known_repositories_is_told() {
    let world = World::new();
    let (repository, project) = (world.repository(), world.project());
    let below = encoded(&world.top().join("below").to_string_lossy());
    let outer = encoded(&world.folder.path().to_string_lossy());
    let cases = [
        (format!("repository={repository}&path=empty"), 200),
        (format!("repository={project}&path=empty"), 200),
        (format!("repository={project}&path=untracked"), 200),
        (format!("repository={project}&path=below/long.txt"), 200),
        (format!("repository={below}&path=long.txt"), 200),
        (format!("repository={below}&path=below/long.txt"), 404),
        (format!("repository={project}&path=nothing"), 404),
        (format!("repository={project}&path=below"), 404),
        (format!("repository={project}&path=empty&rev=nothing"), 404),
        (format!("repository={project}&path=empty&rev=--all"), 404),
        (format!("repository={project}&path=empty&rev=a%00b"), 404),
        (format!("repository={project}&path=untracked&rev=HEAD"), 404),
        (format!("repository={project}&path=untracked&from=2"), 404),
        (format!("repository={project}&path=below/long.txt&from=2501"), 404),
        (format!("repository={project}&path=below/config"), 404),
        (format!("repository={outer}&path=outside"), 404),
        (format!("repository={project}%2F&path=empty"), 404),
        (format!("repository={project}%2F..%2Fproject&path=empty"), 404),
        ("repository=.&path=empty".to_owned(), 404),
        ("repository=%2Fetc&path=passwd".to_owned(), 404),
        ("repository=%00&path=passwd".to_owned(), 404),
        (format!("repository={project}&path=../outside"), 400),
        (format!("repository={project}&path=%2Fetc%2Fpasswd"), 400),
        (format!("repository={project}&path=.git/config"), 400),
        (format!("repository={project}&path=a%00b"), 400),
        (format!("repository={project}&path="), 400),
        (format!("repository={project}"), 400),
        ("path=empty".to_owned(), 400),
        (format!("repository={project}&path=empty&from=0"), 400),
        (format!("repository={project}&path=empty&from=x"), 400),
        (format!("repository={project}&path=empty&from=3&to=2"), 400),
        (format!("repository={project}&path=empty&what=x"), 400),
    ];
    for (query, expected) in cases {
        for place in ["/api/blame", "/blame"] {
            let path = format!("{place}?{query}");
            let reply = world.site.get(&path).await;
            assert_eq!(reply.status(), expected, "{path}");
            assert!(!text(reply).await.contains("secret") || query.contains("untracked"), "{path}");
        }
    }
    // A link is told as git has it: by where it leads.
    let path = format!("/api/blame?repository={project}&path=below/link");
    assert_eq!(world.site.get(&path).await.status(), 404);
    for (query, expected) in [
        (format!("repository={project}&rev=HEAD"), 200),
        (format!("repository={project}&rev=nothing"), 404),
        (format!("repository={outer}&rev=HEAD"), 404),
        (format!("repository={project}"), 400),
        ("rev=HEAD".to_owned(), 400),
    ] {
        let path = format!("/api/commit?{query}");
        assert_eq!(world.site.get(&path).await.status(), expected, "{path}");
    }
}

#[tokio::test]
async fn no_text_of_a_repository_acts_on_a_page() {
    let world = World::new();
    let (repository, path) = (world.repository(), encoded(NAME));
    for place in [
        format!("/blame?repository={repository}&path={path}"),
        format!("/blame?repository={repository}&path={path}&rev=HEAD"),
        format!("/commits/HEAD?repository={repository}"),
        "/sessions/ses_1".to_owned(),
    ] {
        let reply = world.site.get(&place).await;
        assert_eq!(reply.status(), 200, "{place}");
        let html = text(reply).await;
        for acts in ["<script>", "<img", " style=", "\u{202e}", "\u{1b}", "onload='", "\" onload"] {
            assert!(!html.contains(acts), "{place}: {acts} in {html}");
        }
        assert!(html.contains("&#60;script&#62;alert(1)"), "{place}: {html}");
        assert!(html.contains("\\u{202e}"), "{place}: {html}");
    }
}

#[tokio::test]
async fn a_long_file_is_read_part_by_part() {
    let world = World::new();
    let file = format!("/blame?repository={}&path=below%2Flong.txt", world.project());
    let cases = [
        ("", 1, 1_000, false, true),
        ("&from=1001", 1_001, 2_000, true, true),
        ("&from=2001", 2_001, 2_500, true, false),
        ("&from=5&to=7", 5, 7, true, true),
        ("&from=5&to=2500", 5, 1_004, true, true),
    ];
    for (query, first, last, has_before, has_after) in cases {
        let html = text(world.site.get(&format!("{file}{query}")).await).await;
        for (line, is_there) in [(first - 1, false), (first, true), (last, true), (last + 1, false)]
        {
            assert_eq!(html.contains(&format!("id=\"L{line}\"")), is_there, "{query}: {line}");
        }
        assert_eq!(html.contains(">Lines before</a>"), has_before, "{query}");
        assert_eq!(html.contains(">Lines after</a>"), has_after, "{query}");
        let share = format!("{} lines · 100.0 %", if last == 7 { 3 } else { last - first + 1 });
        let share = share.replace("1000", "1,000");
        assert!(html.contains(&share), "{query}: {share}");
        assert!(html.len() < 150_000, "{query}: {}", html.len());
    }
}
