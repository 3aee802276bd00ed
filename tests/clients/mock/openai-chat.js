// OpenAI's chat completions, streamed, as OpenCode 1.18 asks for them with `@ai-sdk/openai-compatible`.
import { randomUUID } from "node:crypto";
import { chunks, flushed } from "./pieces.js";

const USAGE = { input: 1200, output: 80, cached: 1000, reasoning: 24 };

export const chat = {
  agent: "opencode",
  path: /\/chat\/completions$/,
  offersTools: ({ tools }) => (tools ?? []).length > 0,
  turns: ({ messages }) => messages.map(({ role, content }) => ({ role, text: text(content) })),
  send,
};

function text(content) {
  return typeof content === "string" ? content : (content ?? []).map((block) => block.text ?? "").join("\n");
}

async function send(response, { model }, answer) {
  const head = { id: `chatcmpl-${randomUUID()}`, object: "chat.completion.chunk", created: seconds(), model };
  const write = (fields) => flushed(response, `data: ${JSON.stringify({ ...head, ...fields })}\n\n`);
  const tell = (delta, finish_reason = null) => write({ choices: [{ index: 0, delta, finish_reason }] });
  response.writeHead(200, { "content-type": "text/event-stream" });
  await tell({ role: "assistant" });
  for (const chunk of chunks(answer.thinking, answer)) await tell({ reasoning_content: chunk });
  for (const chunk of chunks(answer.text, answer)) await tell({ content: chunk });
  const tools = answer.tools ?? [];
  for (const [index, tool] of tools.entries()) await call(tell, index, tool, answer);
  await tell({}, tools.length > 0 ? "tool_calls" : "stop");
  await write({ choices: [], usage: usage({ ...USAGE, ...answer.usage }) });
  response.end("data: [DONE]\n\n");
}

async function call(tell, index, { name, input }, answer) {
  const id = `call_${randomUUID()}`;
  await tell({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] });
  for (const chunk of chunks(JSON.stringify(input), answer)) {
    await tell({ tool_calls: [{ index, function: { arguments: chunk } }] });
  }
}

function usage({ input, output, cached, reasoning }) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function seconds() {
  return Math.floor(Date.now() / 1000);
}
