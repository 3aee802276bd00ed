//! Prompts: what a person, or in a subagent's session another agent, asks for.

use domain::{Batch, Item, MessageId, PartId, Role, SessionId};

use super::Transcript;
use super::block::{Rows, text_of};
use super::line::{Line, take_filled};
use super::session::surroundings;
use super::unsettled::{Prompt, Waiting};
use crate::claude::PROMPT_PART;
use crate::json::Value;

/// What a prompt's line says that others tell.
const REPEATED: [&str; 3] = ["promptSource", "turnOrigin", "turnPosition"];

/// How commands begin, whose lines are written when they have done their work. Only behind what is
/// copied does their time tell anything.
const COMMANDS: [&str; 2] = ["<command-name>", "<command-message>"];

impl Transcript {
    pub(super) fn prompt<'a>(
        &mut self,
        session: SessionId,
        mut line: Line<'a>,
        blocks: Vec<(usize, Value<'a>)>,
        batch: &mut Batch,
    ) {
        if line.is_aside {
            return self.said(session, line, blocks, batch);
        }
        let (uuid, offset) = (line.id(), line.source.offset);
        let prompt_id = take_filled(&mut line.rest, "promptId").map(String::from);
        let is_again = prompt_id.is_some() && prompt_id.as_deref() == self.unsettled.prompt_id();
        self.settle(is_again, batch);

        // Of a second one with the same id no hook can know: what a subagent was told later, or what
        // was said while the agent worked.
        let prompt_id = prompt_id.filter(|id| self.state.prompt.as_ref() != Some(id));
        let mut prompt = Prompt {
            permission_mode: take_filled(&mut line.rest, "permissionMode").map(String::from),
            surroundings: surroundings(&mut line),
            is_old: self.is_older(&line, &blocks),
            own: None,
            by_line: item(&session, &uuid, line.clone(), blocks.clone()),
            prompt_id,
            uuid,
            session,
            clock: line.clock,
        };
        if line.is_branched || prompt.prompt_id.is_none() {
            return self.settle_prompt(prompt, line.is_branched, batch);
        }
        prompt.own = prompt.prompt_id.as_ref().map(|id| item(&prompt.session, id, line, blocks));
        self.unsettled.wait(offset, &self.state, Waiting::Prompt(prompt));
    }

    /// Whether a prompt is older than what stands before it. A fork begins with lines of its own.
    fn is_older(&self, line: &Line<'_>, blocks: &[(usize, Value<'_>)]) -> bool {
        let text = blocks.iter().find_map(|(_, block)| text_of(block)).unwrap_or_default();
        let is_command = COMMANDS.iter().any(|beginning| text.starts_with(beginning));
        (!is_command || self.state.is_copied) && self.state.is_beyond(line.clock.own)
    }
}

/// The message of a prompt under an id, with its blocks.
fn item<'a>(
    session: &SessionId,
    id: &str,
    mut line: Line<'a>,
    blocks: Vec<(usize, Value<'a>)>,
) -> Item {
    let is_by_line = id == line.id();
    for key in REPEATED {
        line.rest.remove(key);
    }
    // What follows it names its line.
    if let Some(uuid) = line.uuid.clone().filter(|_| !is_by_line) {
        line.rest.insert("uuid".into(), Value::Text(uuid));
    }
    let bytes = line.source.bytes;
    let id = MessageId::new(id).expect("it is filled");
    let mut rows = Rows::new(session.clone(), id, &mut line);
    let message = rows.message(Role::User);
    let first_text = blocks.iter().position(|(_, block)| text_of(block).is_some());
    for (at, (index, block)) in blocks.into_iter().enumerate() {
        let is_prompt = !is_by_line && first_text == Some(at);
        rows.said(index, is_prompt.then(|| PartId::new(PROMPT_PART).expect("a word")), block);
    }
    Item { subject: message.into(), beside: rows.finish(), bytes }
}
