//! A tool call, and what it was about: recognised by the name of the tool and what it was given.

use std::borrow::Cow;

use domain::{CutText, Edit, Json, ToolCall};
use store::query::session_tree::Branch;

use super::input;

/// A tool call.
pub struct Call<'m> {
    /// What is recorded of it.
    pub row: &'m ToolCall,
    /// The changes of files that it made, as far as the agent told of them.
    pub edits: Vec<&'m Edit>,
    /// The sessions that it started.
    pub subagents: Vec<&'m Branch>,
}

/// What a tool call was about.
#[derive(Debug, PartialEq, Eq)]
pub enum Body<'m> {
    /// A command for a shell.
    Shell {
        /// The command.
        command: String,
        /// What it is for, as the agent says.
        description: Option<String>,
    },
    /// Changes of files.
    Changes(Vec<Change<'m>>),
    /// What is to be done, and how far that is.
    Todos(Vec<Todo>),
    /// Work for a subagent.
    Subagent {
        /// In a few words.
        description: Option<String>,
        /// What it was told.
        prompt: Option<String>,
    },
    /// Something else, told by what was given and came back.
    Other,
}

/// A change of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Change<'m> {
    /// The file; a patch names several in its text.
    pub path: Option<Cow<'m, str>>,
    /// A diff, as the agent gave it or made of what the tool was given; [`super::diff`] reads it.
    pub diff: Cow<'m, str>,
}

/// Something that is to be done.
#[derive(Debug, PartialEq, Eq)]
pub struct Todo {
    /// What.
    pub text: String,
    /// The agent's own word for how it is.
    pub status: Option<String>,
}

/// What a tool does, as far as that changes how it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Run,
    Change,
    Plan,
    Delegate,
}

/// What the tools are called, in any case: of Claude Code 2.1.328, `OpenCode` 1.18, Codex 0.169 and Gemini
/// CLI 0.61.0, and in what these wrote before.
const TOOLS: &[(&str, Does)] = &[
    // Claude Code, OpenCode and the hooks of Codex; `BashOutput` and `KillShell` run nothing.
    ("bash", Does::Run),
    // Codex, by model and version.
    ("shell", Does::Run),
    ("shell_command", Does::Run),
    ("local_shell", Does::Run),
    ("exec_command", Does::Run),
    // Gemini CLI.
    ("run_shell_command", Does::Run),
    // Claude Code, OpenCode.
    ("edit", Does::Change),
    ("multiedit", Does::Change),
    ("notebookedit", Does::Change),
    ("write", Does::Change),
    // OpenCode before it had `apply_patch`.
    ("patch", Does::Change),
    // Codex, OpenCode.
    ("apply_patch", Does::Change),
    // Gemini CLI.
    ("replace", Does::Change),
    ("write_file", Does::Change),
    // Claude Code before it had tasks, OpenCode.
    ("todowrite", Does::Plan),
    // Codex.
    ("update_plan", Does::Plan),
    // Gemini CLI.
    ("write_todos", Does::Plan),
    // Claude Code, by version.
    ("agent", Does::Delegate),
    // Claude Code before, OpenCode.
    ("task", Does::Delegate),
    // Codex.
    ("spawn_agent", Does::Delegate),
];

impl<'m> Call<'m> {
    /// What the tool is called.
    pub fn tool(&self) -> &'m str {
        self.row.tool.value().map_or("tool", String::as_str)
    }

    /// Whether it failed.
    pub fn has_failed(&self) -> bool {
        self.row.error.value().is_some()
    }

    /// What it gave back. Some agents give the model of a failed call what went wrong, which is told once.
    pub fn output(&self) -> Option<&'m CutText> {
        self.row.output.value().filter(|output| Some(*output) != self.row.error.value())
    }

    /// What it was about.
    pub fn body(&self) -> Body<'m> {
        let given = self.row.input.value().map_or("", Json::as_str);
        let body = match does(self.tool()) {
            Some(Does::Run) => input::shell(given),
            Some(Does::Change) => self.told_changes().or_else(|| input::changes(given)),
            Some(Does::Plan) => input::todos(given),
            Some(Does::Delegate) => Some(input::subagent(given)),
            // Whatever it is called, the agent has said what it changed.
            None => self.told_changes(),
        };
        body.unwrap_or(Body::Other)
    }

    /// Whether the tool gives work to a subagent.
    pub(super) fn starts_subagent(&self) -> bool {
        does(self.tool()) == Some(Does::Delegate)
    }

    fn told_changes(&self) -> Option<Body<'m>> {
        let told = self.edits.iter().filter_map(|edit| {
            let path = edit.path.value().map(|path| Cow::Borrowed(path.as_str()));
            Some(Change { path, diff: Cow::Borrowed(edit.diff.value()?) })
        });
        let told: Vec<_> = told.collect();
        (!told.is_empty()).then_some(Body::Changes(told))
    }
}

fn does(tool: &str) -> Option<Does> {
    TOOLS.iter().find(|(name, _)| name.eq_ignore_ascii_case(tool)).map(|(_, does)| *does)
}

#[cfg(test)]
mod tests {
    use domain::{CallId, Field, SessionId, Stamp, UnixMs};

    use super::*;

    fn body_of(tool: &str, input: &str) -> Body<'static> {
        let observed_at = UnixMs::new(0).expect("not negative");
        let stamp = Stamp { is_final: true, observed_at };
        let session_id = SessionId::new("s").expect("a word");
        let mut row = ToolCall::new(session_id, CallId::new("c").expect("a word"));
        row.tool = Field::new(stamp, Some(tool.to_owned()));
        row.input = Field::new(stamp, Some(Json::from_canonical(input.to_owned())));
        let call = Call { row: &row, edits: Vec::new(), subagents: Vec::new() };
        match call.body() {
            Body::Changes(changes) => Body::Changes(changes.into_iter().map(owned).collect()),
            Body::Shell { command, description } => Body::Shell { command, description },
            Body::Todos(todos) => Body::Todos(todos),
            Body::Subagent { description, prompt } => Body::Subagent { description, prompt },
            Body::Other => Body::Other,
        }
    }

    fn owned(Change { path, diff }: Change<'_>) -> Change<'static> {
        let path = path.map(|path| Cow::Owned(path.into_owned()));
        Change { path, diff: Cow::Owned(diff.into_owned()) }
    }

    fn shell(command: &str, description: Option<&str>) -> Body<'static> {
        Body::Shell { command: command.to_owned(), description: description.map(str::to_owned) }
    }

    fn change(path: Option<&'static str>, diff: &'static str) -> Body<'static> {
        Body::Changes(vec![Change { path: path.map(Cow::Borrowed), diff: diff.into() }])
    }

    fn todos(items: &[(&str, Option<&str>)]) -> Body<'static> {
        let todo = |(text, status): &(&str, Option<&str>)| Todo {
            text: (*text).to_owned(),
            status: status.map(str::to_owned),
        };
        Body::Todos(items.iter().map(todo).collect())
    }

    #[test]
    fn a_call_is_known_by_its_tool_and_what_that_was_given() {
        let cases = [
            ("Bash", r#"{"command":"ls","description":"Look"}"#, shell("ls", Some("Look"))),
            ("bash", r#"{"command":"ls"}"#, shell("ls", None)),
            ("shell", r#"{"command":["bash","-lc","a | b"]}"#, shell("a | b", None)),
            ("shell", r#"{"command":["git","status"]}"#, shell("git status", None)),
            ("exec_command", r#"{"cmd":"ls","yield_time_ms":1}"#, shell("ls", None)),
            ("run_shell_command", r#"{"command":"ls"}"#, shell("ls", None)),
            ("Bash", r#"{"command":7}"#, Body::Other),
            ("BashOutput", r#"{"command":"ls"}"#, Body::Other),
            (
                "Edit",
                r#"{"file_path":"f","old_string":"a","new_string":"b","replace_all":false}"#,
                change(Some("f"), "@@\n-a\n+b\n"),
            ),
            (
                "edit",
                r#"{"filePath":"f","oldString":"a","newString":"b"}"#,
                change(Some("f"), "@@\n-a\n+b\n"),
            ),
            (
                "MultiEdit",
                r#"{"file_path":"f","edits":[{"old_string":"a","new_string":"b"},{"new_string":"c"}]}"#,
                change(Some("f"), "@@\n-a\n+b\n@@\n+c\n"),
            ),
            (
                "Write",
                r#"{"file_path":"f","content":"a"}"#,
                change(Some("f"), "@@ -0,0 +1,1 @@\n+a\n"),
            ),
            ("apply_patch", r#"{"command":"*** Begin Patch"}"#, change(None, "*** Begin Patch")),
            ("apply_patch", r#"{"patchText":"*** Begin Patch"}"#, change(None, "*** Begin Patch")),
            ("Write", "{}", Body::Other),
            ("Write", "", Body::Other),
            (
                "todowrite",
                r#"{"todos":[{"content":"a","status":"pending","id":"1"}]}"#,
                todos(&[("a", Some("pending"))]),
            ),
            ("update_plan", r#"{"plan":[{"step":"a"}]}"#, todos(&[("a", None)])),
            ("write_todos", r#"{"todos":[{"description":"a"}]}"#, todos(&[("a", None)])),
            (
                "Task",
                r#"{"description":"d","prompt":"p","subagent_type":"x"}"#,
                Body::Subagent { description: Some("d".into()), prompt: Some("p".into()) },
            ),
            ("task", "7", Body::Subagent { description: None, prompt: None }),
            ("NoSuchTool", r#"{"command":"ls"}"#, Body::Other),
        ];
        for (tool, input, expected) in cases {
            assert_eq!(body_of(tool, input), expected, "{tool} {input}");
        }
    }

    #[test]
    fn a_tool_stands_once_in_the_table() {
        for (place, (name, _)) in TOOLS.iter().enumerate() {
            assert!(TOOLS[..place].iter().all(|(other, _)| other != name), "{name}");
            assert_eq!(name.to_ascii_lowercase(), *name);
        }
    }
}
