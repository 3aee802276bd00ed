// OpenAI's responses, streamed, as Codex 0.169 asks for them.
import { randomUUID } from "node:crypto";
import { chunks, flushed } from "./pieces.js";

const USAGE = { input: 1200, output: 80, cached: 1000, reasoning: 24 };

export const responses = {
  agent: "codex",
  path: /\/responses$/,
  offersTools: ({ tools }) => (tools ?? []).length > 0,
  turns: ({ input }) => input.map(turn),
  send,
};

function turn({ type, role, content }) {
  if (type.endsWith("_output")) return { role: "tool", text: "" };
  if (type !== "message") return { role: "assistant", text: "" };
  return { role, text: (content ?? []).map((block) => block.text ?? "").join("\n") };
}

async function send(response, { model }, answer) {
  let sequence_number = 0;
  const write = (type, fields) =>
    flushed(response, `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence_number++, ...fields })}\n\n`);
  const head = { id: `resp_${randomUUID()}`, object: "response", created_at: Math.floor(Date.now() / 1000), model };
  response.writeHead(200, { "content-type": "text/event-stream" });
  await write("response.created", { response: { ...head, status: "in_progress", output: [] } });
  const output = items(answer);
  for (const [output_index, item] of output.entries()) await tell(write, output_index, item, answer);
  const whole = { ...head, status: "completed", output, usage: usage({ ...USAGE, ...answer.usage }) };
  await write("response.completed", { response: whole });
  response.end();
}

function items({ text, tools = [] }) {
  const content = [{ type: "output_text", text, annotations: [] }];
  const said = { type: "message", id: `msg_${randomUUID()}`, status: "completed", role: "assistant", content };
  const calls = tools.map(({ name, input }) => ({
    type: "function_call",
    id: `fc_${randomUUID()}`,
    call_id: `call_${randomUUID()}`,
    name,
    arguments: JSON.stringify(input),
    status: "completed",
  }));
  return [...(text === undefined ? [] : [said]), ...calls];
}

// A text comes in pieces, a call at once.
async function tell(write, output_index, item, answer) {
  const begun = item.type === "message" ? { ...item, status: "in_progress", content: [] } : item;
  await write("response.output_item.added", { output_index, item: begun });
  if (item.type === "message") {
    const place = { item_id: item.id, output_index, content_index: 0 };
    await write("response.content_part.added", { ...place, part: { type: "output_text", text: "", annotations: [] } });
    for (const delta of chunks(answer.text, answer)) await write("response.output_text.delta", { ...place, delta });
    await write("response.output_text.done", { ...place, text: answer.text });
  }
  await write("response.output_item.done", { output_index, item });
}

function usage({ input, output, cached, reasoning }) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
