//! Our hooks in an agent's settings: they go in or out, and every other byte stays.
//!
//! Claude Code, Codex and Gemini CLI keep them alike: `hooks.<event>[].hooks[]`. Two levels of what
//! `json_list` does: what was found empty is told from what we made by the blank behind its bracket.
//! Agents write these files too, and set them anew; so a hook is ours by what it calls and not by how
//! it is set. It touches no file.

pub mod file;
pub mod line;
pub mod registered;

use jsonc_parser::{
    ParseOptions,
    ast::{Array, Object, Value},
};

use serde::de::IgnoredAny;

use super::json_text::{
    self, Container, Fault, Layout, STRICT, Splices, append_property, entries_in, line_of,
    only_property, properties_in, span, split_mark,
};

/// An event, and the hook that is to be called for it.
pub type Wanted = (&'static str, serde_json::Value);

/// How an agent keeps its hooks.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Whether its file may hold comments.
    pub comments: bool,
    /// Whether a hook is one of ours, wherever the program was.
    pub is_ours: fn(&Object<'_>) -> bool,
}

/// The settings with these hooks and no others of ours; new ones where there are none.
///
/// # Errors
/// They are not what the agent reads.
pub fn add(kind: &Kind, settings: Option<&str>, wanted: &[Wanted]) -> Result<String, Fault> {
    let settings = match settings {
        None => return Ok(format!("{}\n", made(wanted))),
        Some("") => return Ok(made(wanted)),
        Some(settings) => settings,
    };
    let (mark, body) = split_mark(settings);
    let is_superfluous = |ours: &[Ours<'_, '_>], at: usize| {
        let is_wanted = wanted.iter().any(|(event, _)| *event == ours[at].event);
        !is_wanted || ours[..at].iter().any(|before| before.event == ours[at].event)
    };
    let mut body = without(kind, body, is_superfluous)?;
    for (event, hook) in wanted {
        body = with_hook(kind, &body, event, hook)?;
    }
    Ok(format!("{mark}{body}"))
}

/// The settings without our hooks; `None` if nothing of them is left but what we have made.
///
/// # Errors
/// They are not what the agent reads.
pub fn remove(kind: &Kind, settings: &str) -> Result<Option<String>, Fault> {
    if settings.is_empty() {
        return Ok(Some(String::new()));
    }
    let (mark, body) = split_mark(settings);
    let rest = format!("{mark}{}", without(kind, body, |_, _| true)?);
    if !settings.starts_with(MADE_START) || rest.trim_end() != MADE_REST {
        return Ok(Some(rest));
    }
    Ok((rest == MADE_REST).then(String::new))
}

/// Whether one of our hooks is in them.
///
/// # Errors
/// They are not what the agent reads.
pub fn is_in(kind: &Kind, settings: &str) -> Result<bool, Fault> {
    if settings.is_empty() {
        return Ok(false);
    }
    let (_, body) = split_mark(settings);
    let root = kind.parse(body)?;
    Ok(hooks_of(body, &root)?.is_some_and(|hooks| !ours_in(kind, hooks).is_empty()))
}

/// What is left of settings that we made where they cannot be taken away.
pub const EMPTY: &str = "{}\n";

/// A line feed at the one place where [`add`] makes none.
const MADE_START: &str = "{ \"hooks\": {\n";
const MADE_REST: &str = "{  }";

fn made(wanted: &[Wanted]) -> String {
    let events: Vec<_> = wanted.iter().map(|wanted| format!("  {}", property(wanted))).collect();
    format!("{MADE_START}{}\n}} }}", events.join(",\n"))
}

impl Kind {
    fn parse<'t>(&self, body: &'t str) -> Result<Object<'t>, Fault> {
        let root =
            json_text::parse(body, &ParseOptions { allow_comments: self.comments, ..STRICT })?;
        if self.comments {
            return Ok(root);
        }
        // That parser lets line feeds stand in strings and takes every blank of Unicode for one.
        serde_json::from_str::<IgnoredAny>(body).map_err(|error| Fault::Syntax {
            line: error.line(),
            column: error.column(),
            reason: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        })?;
        Ok(root)
    }
}

const KEY: &str = "hooks";

fn hooks_of<'r, 't>(body: &str, root: &'r Object<'t>) -> Result<Option<&'r Object<'t>>, Fault> {
    let Some((_, property)) = only_property(body, root, KEY)? else { return Ok(None) };
    let line = line_of(body, property);
    property.value.as_object().map(Some).ok_or(Fault::NotAnObject { line, key: KEY })
}

/// A hook of ours, and where it is.
struct Ours<'r, 't> {
    event: &'r str,
    event_position: usize,
    groups: &'r Array<'t>,
    group_position: usize,
    hooks: &'r Array<'t>,
    position: usize,
}

/// In the order of the text. What is set otherwise than the agent expects is not ours.
fn ours_in<'r, 't>(kind: &Kind, events: &'r Object<'t>) -> Vec<Ours<'r, 't>> {
    let mut ours = Vec::new();
    for (event_position, event) in events.properties.iter().enumerate() {
        let Value::Array(groups) = &event.value else { continue };
        for (group_position, group) in groups.elements.iter().enumerate() {
            let Value::Object(group) = group else { continue };
            let lists = group.properties.iter().filter(|property| property.name.as_str() == KEY);
            for hooks in lists.filter_map(|property| property.value.as_array()) {
                let is_ours =
                    |at: &usize| hooks.elements[*at].as_object().is_some_and(kind.is_ours);
                let positions = (0..hooks.elements.len()).filter(is_ours);
                ours.extend(positions.map(|position| Ours {
                    event: event.name.as_str(),
                    event_position,
                    groups,
                    group_position,
                    hooks,
                    position,
                }));
            }
        }
    }
    ours
}

/// The text without those of our hooks.
fn without(
    kind: &Kind,
    body: &str,
    is_meant: impl Fn(&[Ours<'_, '_>], usize) -> bool,
) -> Result<String, Fault> {
    let mut body = body.to_owned();
    loop {
        let root = kind.parse(&body)?;
        let Some(events) = hooks_of(&body, &root)? else { return Ok(body) };
        let ours = ours_in(kind, events);
        // The last first, as they were added.
        let Some(at) = (0..ours.len()).rev().find(|&at| is_meant(&ours, at)) else {
            return Ok(body);
        };
        body = without_one(&body, &root, events, &ours[at]);
    }
}

/// The text without that hook, and without what we have made around it. Where somebody has set it
/// anew, nothing shows what was found empty, and all that is empty then goes.
fn without_one(body: &str, root: &Object<'_>, events: &Object<'_>, ours: &Ours<'_, '_>) -> String {
    if ours.hooks.elements.len() > 1 {
        return entries_in(body, ours.hooks).without(body, ours.position);
    }
    let group = &body[span(&ours.groups.elements[ours.group_position])];
    let is_set_anew = !group.starts_with(GROUP_START);
    let is_made = |container: &Container| {
        container.is_one_between_blanks(body) || is_set_anew && container.items.len() == 1
    };
    let groups = entries_in(body, ours.groups);
    if !is_made(&groups) {
        return groups.without(body, ours.group_position);
    }
    let events = properties_in(body, events);
    if !is_made(&events) {
        return events.without(body, ours.event_position);
    }
    let position = root.properties.iter().position(|property| property.name.as_str() == KEY);
    properties_in(body, root).without(body, position.expect("the hooks were found in it"))
}

fn with_hook(
    kind: &Kind,
    body: &str,
    event: &'static str,
    hook: &serde_json::Value,
) -> Result<String, Fault> {
    let wanted = (event, hook.clone());
    let root = kind.parse(body)?;
    let Some(events) = hooks_of(body, &root)? else {
        return Ok(append_property(body, &root, |layout| all_hooks(layout, &wanted)));
    };
    let Some((_, there)) = only_property(body, events, event)? else {
        let properties = properties_in(body, events);
        return Ok(match properties.items.last() {
            Some(last) => last.append(body, |_| property(&wanted)),
            // Touching the bracket, so that this object is told from one that we made.
            None => Splices::new(body).insert(properties.inside.start, &property(&wanted)).done(),
        });
    };
    let no_list = || Fault::NoList { line: line_of(body, there), key: event };
    let groups = there.value.as_array().ok_or_else(no_list)?;
    let ours = ours_in(kind, events).into_iter().find(|ours| ours.event == event);
    Ok(match ours {
        Some(ours) => {
            let there = span(&ours.hooks.elements[ours.position]);
            let is_same = serde_json::from_str(&body[there.clone()])
                .is_ok_and(|is: serde_json::Value| is == *hook);
            if is_same {
                body.to_owned()
            } else {
                Splices::new(body).replace(there, &inline(hook)).done()
            }
        }
        None => match entries_in(body, groups).items.last() {
            Some(last) => last.append(body, |_| group(hook)),
            None => Splices::new(body).insert(span(groups).start + 1, &group(hook)).done(),
        },
    })
}

/// The object of all hooks with the first one in it.
fn all_hooks(layout: &Layout<'_>, first: &Wanted) -> String {
    match layout {
        Layout::Inline => format!("\"{KEY}\": {{ {} }}", property(first)),
        Layout::Lines { newline, indent } => {
            let line = format!("{newline}{indent}");
            format!("\"{KEY}\": {{{line}{}{}{line}}}", layout.unit(), property(first))
        }
    }
}

fn property((event, hook): &Wanted) -> String {
    format!("\"{event}\": [ {} ]", group(hook))
}

const GROUP_START: &str = "{ \"hooks\": [";

fn group(hook: &serde_json::Value) -> String {
    format!("{GROUP_START}{}] }}", inline(hook))
}

/// JSON on one line, with blanks as people write it.
fn inline(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(elements) => {
            format!("[{}]", elements.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Object(properties) => {
            let properties = properties.iter().map(|(key, value)| {
                format!("{}: {}", serde_json::Value::from(&**key), inline(value))
            });
            format!("{{ {} }}", properties.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
