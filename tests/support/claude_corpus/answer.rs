//! What a model answers, block by block: each block is a line of its own that repeats the usage.

use serde_json::{Value, json};

use super::{
    Shape,
    line::{Transcript, extend},
    prose::{id, words},
    truth::{Answer, Tokens, cost},
};
use crate::support::Random;

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With tools that are to be called.
    Tools(u64),
    /// For good.
    Turn,
    /// In the middle, because a person broke it off.
    Broken,
}

/// A call that waits for its result.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its id.
    pub id: String,
    /// The tool.
    pub tool: &'static str,
    /// What it was called with.
    pub input: Value,
    /// The line that has it.
    pub line: String,
}

/// Writes an answer, and what it took into `truth`. Gives the calls in it.
pub fn answer(
    transcript: &mut Transcript,
    random: &mut Random,
    shape: &Shape,
    model: &'static str,
    end: End,
    truth: &mut Vec<Answer>,
) -> Vec<Call> {
    let (message, request) = (id(random, "msg_01", 22), id(random, "req_011", 21));
    let blocks = blocks(random, shape, transcript, end);
    let whole = tokens(random, shape);
    let streams = end == End::Broken || random.below(3) == 0;
    let (at, last) = (transcript.clock, blocks.len() - 1);
    let (mut calls, mut told) = (Vec::new(), Tokens::default());
    for (number, block) in blocks.into_iter().enumerate() {
        let is_whole = !streams || (number == last && end != End::Broken);
        told = if is_whole { whole } else { partly(whole, told, random) };
        let reason = match end {
            _ if !is_whole => Value::Null,
            End::Tools(_) => "tool_use".into(),
            End::Turn | End::Broken => "end_turn".into(),
        };
        let content = json!({
            "id": message,
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [block],
            "stop_reason": reason,
            "stop_sequence": null,
            "usage": usage(told, is_whole, random),
            "stop_details": null,
        });
        let line = line(transcript, &content, number, &request, model);
        if block["type"] == "tool_use" {
            let tool = TOOLS.into_iter().find(|tool| block["name"] == *tool).expect("one of them");
            let id = block["id"].as_str().expect("an id").to_owned();
            calls.push(Call { id, tool, input: block["input"].clone(), line });
        }
        // Lines of one answer may be of one millisecond.
        transcript.wait(random.below(40));
    }
    truth.push(Answer {
        session: transcript.session_id(),
        message_id: message,
        model,
        at,
        tokens: told,
        cost: cost(model, at, told),
    });
    calls
}

fn line(
    transcript: &mut Transcript,
    message: &Value,
    number: usize,
    request: &str,
    model: &str,
) -> String {
    let mut before = json!({ "message": message });
    match message["content"][0]["type"].as_str() {
        Some("thinking") => {
            extend(&mut before, json!({ "thinkingDurationMs": 137, "thinkingDisplay": "updates" }));
        }
        Some("tool_use") => extend(&mut before, json!({ "toolInputStreamMs": 4 })),
        _ => {}
    }
    let reference = transcript.uuid();
    let request = json!({
        "apiBlockIndex": number,
        "requestId": request,
        "requestRef": reference,
        "requestedModel": model,
        "promptCacheRequested": "5m",
        "type": "assistant",
    });
    extend(&mut before, request);
    transcript.entry(before, json!({ "perTurnEffort": null, "madeBy": "model" }))
}

/// The tools of a corpus.
pub const TOOLS: [&str; 5] = ["Bash", "Read", "Edit", "Write", "Agent"];

fn blocks(random: &mut Random, shape: &Shape, transcript: &Transcript, end: End) -> Vec<Value> {
    let mut blocks = Vec::new();
    if random.below(10) < 7 {
        let (thinking, signature) = (words(random, shape.words), id(random, "Er", 400));
        blocks.push(json!({ "type": "thinking", "thinking": thinking, "signature": signature }));
    }
    let calls = if let End::Tools(calls) = end { calls } else { 0 };
    if calls == 0 || random.below(10) < 6 {
        blocks.push(json!({ "type": "text", "text": words(random, shape.words / 2 + 1) }));
    }
    for _ in 0..calls {
        blocks.push(call(random, shape, transcript));
    }
    blocks
}

fn call(random: &mut Random, shape: &Shape, transcript: &Transcript) -> Value {
    let is_agent = transcript.agent.is_none() && random.below(16) == 0;
    let tool = if is_agent { 4 } else { usize::try_from(random.below(4)).expect("an index") };
    let path = format!("{}/src/part_{}.rs", transcript.folder, random.below(40));
    let input = match TOOLS[tool] {
        "Bash" => json!({ "command": words(random, 16), "description": words(random, 6) }),
        "Read" => json!({ "file_path": path }),
        "Edit" => json!({
            "file_path": path,
            "old_string": words(random, shape.words / 4 + 1),
            "new_string": words(random, shape.words / 4 + 1),
            "replace_all": false,
        }),
        "Write" => json!({ "file_path": path, "content": words(random, shape.words) }),
        _ => json!({
            "description": words(random, 4),
            "prompt": words(random, shape.words),
            "subagent_type": "general-purpose",
        }),
    };
    json!({ "type": "tool_use", "id": id(random, "toolu_01", 22), "name": TOOLS[tool], "input": input })
}

fn tokens(random: &mut Random, shape: &Shape) -> Tokens {
    let mut below = |limit| i64::try_from(random.below(limit)).expect("it is small");
    // With prices of one kind only a prompt stays below each length from which it costs more.
    let longest = if shape.has_plain_prices { 60_000 } else { 230_000 };
    let longest = [100, longest / 4, longest][usize::try_from(below(3)).expect("an index")];
    let write = below(longest / 8 + 1) + below(2) * below(20_000);
    let cache_write_1h = [0, write, below(u64::try_from(write).expect("not negative") + 1)]
        [usize::try_from(below(3)).expect("an index")];
    let (output, reasoning) = (1 + below(4_000), below(3) * below(1_000));
    Tokens {
        input: below(12) + below(2) * below(4_000),
        cache_read: below(longest),
        cache_write: write,
        cache_write_1h,
        output,
        reasoning,
    }
}

/// What a row says that was written while the rest of the answer still came: never less than the
/// row before it.
fn partly(whole: Tokens, told: Tokens, random: &mut Random) -> Tokens {
    let so_far = told.output.max(1);
    let most = u64::try_from((whole.output - so_far).max(0)).expect("not negative");
    let more = i64::try_from(random.below(most / 2 + 1)).expect("it is small");
    Tokens { output: so_far + more, reasoning: 0, ..whole }
}

fn usage(tokens: Tokens, is_whole: bool, random: &mut Random) -> Value {
    let Tokens { input, cache_read, cache_write, cache_write_1h, output, reasoning } = tokens;
    let mut usage = json!({
        "input_tokens": input,
        "cache_creation_input_tokens": cache_write,
        "cache_read_input_tokens": cache_read,
        "output_tokens": output + reasoning,
        "output_tokens_details": { "thinking_tokens": reasoning },
        "server_tool_use": { "web_search_requests": 0, "web_fetch_requests": 0 },
        "service_tier": "standard",
        "cache_creation": {
            "ephemeral_1h_input_tokens": cache_write_1h,
            "ephemeral_5m_input_tokens": cache_write - cache_write_1h,
        },
        "inference_geo": "",
        "iterations": [],
        "speed": "standard",
        "fallback_credit": null,
    });
    let usage_map = usage.as_object_mut().expect("it is one");
    if !is_whole {
        usage_map.shift_remove("output_tokens_details");
    }
    // As versions wrote it that knew no cache of an hour.
    if cache_write_1h == 0 && random.below(8) == 0 {
        usage_map.shift_remove("cache_creation");
    }
    usage
}
