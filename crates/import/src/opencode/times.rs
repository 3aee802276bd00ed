//! When things came into being and were written, where the store's own columns do not tell.
//!
//! `OpenCode` 1.2 moved its JSON files into SQLite and gave every row that bears no time at its top
//! the time of the move: all parts, and the `time_updated` of all messages
//! (`packages/opencode/src/storage/json-migration.ts`).

use crate::object::Object;

/// Two clocks do not differ by more. No row is made so long after its id, and none is written so long
/// after its session was last touched.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// An ascending id is a prefix, 12 hexadecimal digits and 14 random letters. The digits are the low
/// 48 bits of its time in milliseconds × 4,096 + a counter.
const ID_DIGITS: usize = 12;
const ID_LETTERS: usize = 14;
const ID_SPAN_MS: i64 = 1 << 36;

/// The time in an id that lies before `before`, but not before its session did.
pub(crate) fn of_id(id: &str, before: i64, session_created_at: Option<i64>) -> Option<i64> {
    let (_, body) = id.split_once('_')?;
    let digits = body.get(..ID_DIGITS).filter(|_| body.len() == ID_DIGITS + ID_LETTERS)?;
    let low = i64::from_str_radix(digits, 16).ok()? >> 12;
    let latest = before.checked_add(DAY_MS)?;
    let time = latest - (latest - low).rem_euclid(ID_SPAN_MS);
    let earliest = session_created_at.unwrap_or(0) - DAY_MS;
    (time >= earliest.max(0)).then_some(time)
}

/// When a part came into being: when its row was made, unless the row was made by the move.
pub(crate) fn unless_moved(created_at: i64, id: &str, session_created_at: Option<i64>) -> i64 {
    match of_id(id, created_at, session_created_at) {
        Some(time) if created_at - time > DAY_MS => time,
        Some(_) | None => created_at,
    }
}

/// When a row was last written, unless that was by the move: long after its session was touched.
pub(crate) fn written(updated_at: i64, session_updated_at: Option<i64>, told: Option<i64>) -> i64 {
    match (session_updated_at, told) {
        (Some(session), Some(told)) if updated_at - session > DAY_MS => told,
        _ => updated_at,
    }
}

/// When a part began, as it says itself.
pub(crate) fn began(part: &Object) -> Option<i64> {
    spans(part).find_map(|time| time.integer("start").or_else(|| time.integer("created")))
}

/// The newest time that a thing tells of itself.
pub(crate) fn newest(thing: &Object) -> Option<i64> {
    const KEYS: [&str; 5] = ["updated", "completed", "end", "start", "created"];
    spans(thing).flat_map(|time| KEYS.map(|key| time.integer(key))).flatten().max()
}

/// Where a thing tells times: a tool call does so in its state.
fn spans(thing: &Object) -> impl Iterator<Item = Object> {
    let state = thing.object("state").and_then(|state| state.object("time"));
    thing.object("time").into_iter().chain(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part of a session that the real client made, and when its row was.
    const ID: &str = "prt_1f969a725001E8io35QEn8RMuD";
    const MADE_AT: i64 = 1_795_185_813_964;
    const TIME: i64 = 1_795_185_813_285;

    #[test]
    fn an_id_tells_its_time() {
        let cases = [
            ("as made", ID, MADE_AT, None, Some(TIME)),
            ("a year later", ID, MADE_AT + 365 * DAY_MS, Some(TIME - 5), Some(TIME)),
            ("clock set back", ID, TIME - DAY_MS / 2, None, Some(TIME)),
            ("before its session", ID, MADE_AT, Some(TIME + 2 * DAY_MS), None),
            ("other form", "prt_1f969a725001", MADE_AT, None, None),
            ("no digits", "prt_zf969a725001E8io35QEn8RMuD", MADE_AT, None, None),
            ("no prefix", "1f969a725001E8io35QEn8RMuD", MADE_AT, None, None),
        ];
        for (name, id, before, session, expected) in cases {
            assert_eq!(of_id(id, before, session), expected, "{name}");
        }
    }

    #[test]
    fn only_a_row_of_the_move_loses_its_time() {
        assert_eq!(unless_moved(MADE_AT, ID, None), MADE_AT);
        assert_eq!(unless_moved(MADE_AT + 30 * DAY_MS, ID, None), TIME);
        assert_eq!(unless_moved(MADE_AT, "prt_of_somebody", None), MADE_AT);
        assert_eq!(written(MADE_AT, Some(MADE_AT - 5), Some(1)), MADE_AT);
        assert_eq!(written(MADE_AT, Some(MADE_AT - 2 * DAY_MS), Some(7)), 7);
        assert_eq!(written(MADE_AT, Some(MADE_AT - 2 * DAY_MS), None), MADE_AT);
    }
}
