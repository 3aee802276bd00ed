// A model that answers from a script, so that a real agent does the same in every run.
//
//   node server.js FOLDER
//
// FOLDER is where the agent works. The first line of standard output is the port on 127.0.0.1. It ends with its
// standard input, so it never outlives who started it. It keeps nothing between two requests: an answer follows
// from what the request holds.
import { createServer } from "node:http";
import { messages } from "./anthropic.js";
import { choose } from "./choose.js";
import { content } from "./google-gemini.js";
import { chat } from "./openai-chat.js";
import { responses } from "./openai-responses.js";

// One entry for each protocol that an agent speaks: whose script counts, which requests are its own,
// the turns of the conversation in a request's body, and how an answer is sent.
const PROTOCOLS = [chat, content, messages, responses];

const LONGEST_REQUEST_BYTES = 64 * 1024 * 1024;

const folder = process.argv[2];

async function body(request) {
  const pieces = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += piece.length;
    if (bytes > LONGEST_REQUEST_BYTES) throw new Error("the request is too long");
    pieces.push(piece);
  }
  return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

function refuse(response, status, type, message) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ type: "error", error: { type, message, code: type } }));
}

async function answer(request, response) {
  const protocol = PROTOCOLS.find(({ path }) => path.test(request.url));
  if (request.method !== "POST" || protocol === undefined) {
    return refuse(response, 404, "not_found_error", `mock: no ${request.method} ${request.url}`);
  }
  const asked = await body(request);
  const chosen = choose(protocol, asked, folder);
  if (chosen.refusal) return refuse(response, chosen.refusal.status, chosen.refusal.type, chosen.refusal.message);
  return protocol.send(response, asked, chosen, request.url);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) refuse(response, 500, "mock_error", String(error));
    response.end();
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
