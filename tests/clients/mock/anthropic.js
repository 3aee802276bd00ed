// Anthropic's messages, streamed, as Claude Code 2.1 asks for them.
import { randomUUID } from "node:crypto";
import { chunks, flushed } from "./pieces.js";

const USAGE = { input: 1200, output: 80, cached: 1000, written: 300, written_1h: 100, reasoning: 24 };

// A signature is opaque; this one has each character that base64 has.
const SIGNATURE = "bW9jay+zaWdu/YXR1cmU=";

const BLOCKS = {
  text: { empty: { text: "" }, delta: "text_delta", key: "text", whole: ({ text }) => text },
  thinking: {
    empty: { thinking: "", signature: "" },
    delta: "thinking_delta",
    key: "thinking",
    whole: ({ thinking }) => thinking,
  },
  tool_use: {
    empty: { input: {} },
    delta: "input_json_delta",
    key: "partial_json",
    whole: ({ input }) => JSON.stringify(input),
  },
};

export const messages = {
  agent: "claude",
  path: /^\/v1\/messages(\?|$)/,
  offersTools: ({ tools }) => (tools ?? []).length > 0,
  turns: ({ messages }) => messages.flatMap(turns),
  send,
};

// The results of an answer's calls come in one message, which may hold text besides.
function turns({ role, content }) {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const text = blocks.filter(({ type }) => type === "text").map((block) => block.text).join("\n");
  const results = blocks.some(({ type }) => type === "tool_result") ? [{ role: "tool", text: "" }] : [];
  return results.length > 0 && text === "" ? results : [...results, { role, text }];
}

async function send(response, { model, thinking }, answer) {
  const asks = thinking !== undefined && thinking.type !== "disabled";
  const blocks = content(answer, asks);
  const stop_reason = answer.tools === undefined ? "end_turn" : "tool_use";
  const usage = counts({ ...USAGE, ...answer.usage }, blocks[0]?.type === "thinking");
  const write = (type, fields = {}) =>
    flushed(response, `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream", "request-id": `req_${randomUUID()}` });
  const message = { id: `msg_${randomUUID()}`, type: "message", role: "assistant", model, content: [] };
  const begun = { ...usage, output_tokens: 1, output_tokens_details: null };
  await write("message_start", { message: { ...message, stop_reason: null, stop_sequence: null, usage: begun } });
  for (const [index, block] of blocks.entries()) await tell(write, index, block);
  await write("message_delta", { delta: { stop_reason, stop_sequence: null }, usage });
  await write("message_stop");
  response.end();
}

function content({ thinking, text, tools = [] }, asks) {
  return [
    ...(asks && thinking !== undefined ? [{ type: "thinking", thinking, signature: SIGNATURE }] : []),
    ...(text === undefined ? [] : [{ type: "text", text }]),
    ...tools.map(({ name, input }) => ({ type: "tool_use", id: `toolu_${randomUUID()}`, name, input })),
  ];
}

// A block comes empty, and what it holds comes in pieces.
async function tell(write, index, block) {
  const { empty, delta, key, whole } = BLOCKS[block.type];
  const piece = (type, fields) => write("content_block_delta", { index, delta: { type, ...fields } });
  await write("content_block_start", { index, content_block: { ...block, ...empty } });
  for (const chunk of chunks(whole(block))) await piece(delta, { [key]: chunk });
  if (block.signature !== undefined) await piece("signature_delta", { signature: block.signature });
  await write("content_block_stop", { index });
}

function counts({ input, output, cached, written, written_1h, reasoning }, hasThought) {
  return {
    input_tokens: input,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: written,
    cache_creation: { ephemeral_5m_input_tokens: written - written_1h, ephemeral_1h_input_tokens: written_1h },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: hasThought ? reasoning : 0 },
    service_tier: "standard",
  };
}
