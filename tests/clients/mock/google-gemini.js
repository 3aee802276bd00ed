// Google's Gemini, streamed and whole, as Gemini CLI 0.61 asks for it.
import { randomUUID } from "node:crypto";
import { chunks, flushed } from "./pieces.js";

const USAGE = { input: 1200, output: 80, cached: 1000, reasoning: 24 };

export const content = {
  agent: "gemini",
  path: /:(generateContent|streamGenerateContent)(\?|$)/,
  offersTools: ({ tools }) => (tools ?? []).length > 0,
  turns: ({ contents }) => contents.flatMap(turns),
  send,
};

// The results of an answer's calls come in one message, which may hold text besides.
function turns({ role, parts }) {
  if (role === "model") return [{ role: "assistant", text: "" }];
  const text = parts.map((part) => part.text ?? "").join("\n");
  const results = parts.some(({ functionResponse }) => functionResponse) ? [{ role: "tool", text: "" }] : [];
  return results.length > 0 && text === "" ? results : [...results, { role: "user", text }];
}

async function send(response, asked, answer, url) {
  const calls = (answer.tools ?? []).map(({ name, input }) => ({ functionCall: { id: randomUUID(), name, args: input } }));
  const part = (parts, finishReason) => ({
    candidates: [{ index: 0, content: { role: "model", parts }, ...(finishReason ? { finishReason } : {}) }],
    usageMetadata: usage({ ...USAGE, ...answer.usage }),
    modelVersion: /models\/([^:]+):/.exec(url)[1],
    responseId: "mock",
  });
  if (!url.includes("stream")) {
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify(part([{ text: answer.text ?? "" }, ...calls], "STOP")));
  }
  const write = (fields) => flushed(response, `data: ${JSON.stringify(fields)}\r\n\r\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const text of chunks(answer.text, answer)) await write(part([{ text }]));
  if (calls.length > 0) await write(part(calls));
  await write(part([{ text: "" }], "STOP"));
  return response.end();
}

function usage({ input, output, cached, reasoning }) {
  return {
    promptTokenCount: input,
    candidatesTokenCount: output,
    cachedContentTokenCount: cached,
    thoughtsTokenCount: reasoning,
    totalTokenCount: input + output + reasoning,
  };
}
