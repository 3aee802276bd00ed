import { describe, expect, it } from "vitest";
import { toLines } from "../src/batch.js";
import type { Item } from "../src/envelope.js";
import { mapEvent, type Place } from "../src/map.js";
import { Memory } from "../src/memory.js";
import { entryOf } from "../src/queue.js";
import { NOWHERE } from "./replay.js";
import { faultsOf } from "./schema.js";

const NOW = 1_795_169_000_000;
const PLACE: Place = { directory: "/home/dev/demo", worktree: "/home/dev/demo", projectId: "p1", projectName: undefined };

type Properties = Record<string, unknown>;

/** What the last of some events maps to, after those before it. */
function items(events: readonly [type: string, properties: unknown][], place: Place = PLACE): readonly Item[] {
  const memory = new Memory();
  let last: readonly Item[] = [];
  events.forEach(([type, properties], index) => {
    last = mapEvent({ id: `evt_${index + 1}`, type, properties }, { observedAt: NOW + index, memory, place });
  });
  return last;
}

/** The only item of the last event, as it is sent. */
function sent(...events: [type: string, properties: unknown][]): Properties & { type: string } {
  const all = items(events);
  expect(all).toHaveLength(1);
  return sentOf(all[0] as Item);
}

function sentOf(item: Item): Properties & { type: string } {
  const line = toLines([entryOf(item, 0).entry]);
  expect(faultsOf(line)).toEqual([]);
  const envelope = JSON.parse(line) as { type: string; agent: string; payloads: [Properties] };
  expect(envelope.agent).toBe("opencode");
  return { ...envelope.payloads[0], type: envelope.type };
}

const part = (fields: Properties, time: number = NOW - 5): [string, Properties] => [
  "message.part.updated",
  { sessionID: "s", part: { id: "p", sessionID: "s", messageID: "m", ...fields }, time },
];
const message = (fields: Properties): [string, Properties] => [
  "message.updated",
  { sessionID: "s", info: { id: "m", sessionID: "s", role: "assistant", time: { created: 5 }, ...fields } },
];
const session = (type: string, fields: Properties): [string, Properties] => [
  type,
  { sessionID: "s", info: { id: "s", time: { created: 7, updated: 8 }, ...fields } },
];

describe("message.updated", () => {
  it("keeps what an answer tells, each under one name", () => {
    const error = { name: "APIError", data: { message: "no" } };
    const tokens = { total: 6, input: 1, output: 2, reasoning: 3, cache: { read: 0, write: 0 } };
    const info = {
      parentID: "u", mode: "build", agent: "plan", path: { cwd: "/a/b", root: "/a" }, cost: 0.5, tokens, modelID: "m-1",
      providerID: "mock", time: { created: 5, completed: 9 }, finish: "stop", error, variant: "high", summary: true, none: null,
    };
    expect(sent(message(info))).toEqual({
      type: "message.updated", session_id: "s", message_id: "m", role: "assistant", generated_at_unix_ms: 5,
      observed_at_unix_ms: NOW, completed_at_unix_ms: 9, parent_message_id: "u", agent_name: "plan", provider_id: "mock",
      model_id: "m-1", finish: "stop", error, cost: 0.5, tokens, project_path: "/a", mode: "build",
      path: { cwd: "/a/b", root: "/a" }, variant: "high", summary: true,
    });
  });

  it("takes the model and the diffs of a prompt out of where they stand", () => {
    const diffs = [{ file: "a", patch: "@@", additions: 1, deletions: 0, status: "added" }];
    const info = {
      role: "user", agent: "build", model: { providerID: "mock", modelID: "m-1" }, summary: { title: "T", diffs },
      system: "be kind", tools: { bash: false },
    };
    expect(sent(message(info))).toEqual({
      type: "message.updated", session_id: "s", message_id: "m", role: "user", generated_at_unix_ms: 5,
      observed_at_unix_ms: NOW, agent_name: "build", provider_id: "mock", model_id: "m-1", summary: { title: "T" },
      summary_diffs: diffs, system: "be kind", tools: { bash: false },
    });
  });

  it("tells of a list of changes that has become empty", () => {
    const told = sent(message({ role: "user", summary: { diffs: [] } }));
    expect(told).not.toHaveProperty("summary");
    expect(told["summary_diffs"]).toEqual([]);
  });

  it.each([{}, { diffs: undefined }, { diffs: null }, { title: "T" }, true, undefined])("knows of no changes by the summary %o", (summary) => {
    expect(sent(message({ role: "user", summary }))).not.toHaveProperty("summary_diffs");
  });

  it.each([
    ["before its session", 6, true],
    ["with its session", 7, undefined],
    ["after its session", 8, undefined],
  ])("marks a message that was created %s", (_, created, inherited) => {
    expect(sent(session("session.created", {}), message({ time: { created } }))["inherited"]).toBe(inherited);
  });

  it("asks to be sent once it is complete", () => {
    expect(items([message({})])[0]?.signal).toBeUndefined();
    expect(items([message({ time: { created: 5, completed: 6 } })])[0]?.signal).toEqual({ kind: "completed", answer: "m" });
    expect(items([message({ role: "user", time: { created: 5, completed: 6 } })])[0]?.signal).toBeUndefined();
    const replayed = message({ time: { created: 5, completed: 6 } });
    expect(items([session("session.created", {}), replayed])[0]?.signal).toBeUndefined();
  });
});

describe("message.part.updated", () => {
  const head = { type: "message.part.updated", session_id: "s", message_id: "m", part_id: "p", observed_at_unix_ms: NOW };
  const time = { start: 1, end: 2 };
  const cases: [string, Properties, Item["stage"]][] = [
    ["text", { text: "hi", time, synthetic: true }, "final"],
    ["text", { text: "", time: { start: 1 } }, "empty"],
    ["text", { text: "prompt" }, "open"],
    ["text", { text: "" }, "open"],
    ["reasoning", { text: "so", time, metadata: { anthropic: { signature: "x" } } }, "final"],
    ["reasoning", { text: "", time: { start: 1 } }, "empty"],
    ["reasoning", { text: "so far", time: { start: 1 } }, "open"],
    ["tool", { tool: "bash", callID: "c", state: { status: "pending", input: {}, raw: "" } }, "open"],
    ["tool", { tool: "bash", callID: "c", state: { status: "running", input: {}, time: { start: 1 } } }, "running"],
    ["tool", { tool: "bash", callID: "c", state: { status: "completed", input: {}, output: "", metadata: { exit: 0 }, time } }, "final"],
    ["tool", { tool: "read", callID: "c", state: { status: "error", input: {}, error: "no", time } }, "final"],
    ["step-start", { snapshot: "abc" }, "final"],
    ["step-finish", { reason: "stop", snapshot: "abc", cost: 1, tokens: { input: 1 } }, "final"],
    ["patch", { hash: "abc", files: ["/a"] }, "final"],
    ["file", { mime: "text/plain", filename: "a", url: "file:///a", source: { type: "file" } }, "final"],
    ["agent", { name: "general" }, "final"],
    ["subtask", { agent: "general", prompt: "x", description: "y" }, "final"],
    ["compaction", { auto: true }, "final"],
    ["snapshot", { snapshot: "abc" }, "final"],
    ["retry", { attempt: 1, error: { name: "APIError" }, time: { created: 1 } }, "final"],
  ];
  it.each(cases)("%s %o is %s", (type, fields, stage) => {
    const [item] = items([part({ type, ...fields })]);
    expect(item?.stage).toBe(stage);
    expect(sentOf(item as Item)).toEqual({ ...head, part_type: type, generated_at_unix_ms: NOW - 5, ...fields });
  });

  it("keeps the time of the first snapshot", () => {
    expect(sent(part({ type: "text", text: "" }, 100), part({ type: "text", text: "a" }, 200))["generated_at_unix_ms"]).toBe(100);
  });

  it("is sent with a type that the contract does not know", () => {
    expect(items([part({ type: "hologram", x: 1 })])[0]?.payload).toMatchObject({ part_type: "hologram", x: 1 });
  });

  it("asks to be sent when a tool runs", () => {
    expect(items([part({ type: "tool", state: { status: "running" } })])[0]?.signal).toEqual({ kind: "running", answer: "m" });
  });
});

describe("session.updated", () => {
  const info = {
    slug: "eager", version: "1.18.33", projectID: "p1", directory: "/home/dev/demo/sub", path: "sub", title: "T", agent: "build",
    model: { id: "m-1", providerID: "mock", variant: "default" }, parentID: "s0", permission: [{ action: "deny" }], cost: 1,
    tokens: { input: 1 }, share: { url: "https://x" }, summary: { additions: 1, deletions: 0, files: 1 },
  };
  const mapped = {
    type: "session.updated", session_id: "s", generated_at_unix_ms: 7, observed_at_unix_ms: NOW, title: "T",
    parent_session_id: "s0", project_path: "/home/dev/demo/sub", project_name: "demo", agent_name: "build", provider_id: "mock",
    model_id: "m-1", model: { variant: "default" }, agent_version: "1.18.33", permission: info.permission, slug: "eager", projectID: "p1", path: "sub", cost: 1,
    tokens: info.tokens, share: info.share, summary: info.summary,
  };

  it.each(["session.created", "session.updated"])("tells of %s", (type) => {
    expect(sent(session(type, info))).toEqual(mapped);
  });

  it("says nothing of what is not set", () => {
    const time = { created: 7, updated: 8, compacting: undefined, archived: null };
    expect(sent(session("session.updated", { ...info, time, summary: { diffs: undefined }, revert: undefined }))).toEqual(
      Object.fromEntries(Object.entries(mapped).filter(([key]) => key !== "summary")),
    );
  });

  it("tells that its changes were taken back", () => {
    const summary = { additions: 0, deletions: 0, files: 0, diffs: [] };
    const { diffs, ...rest } = summary;
    expect(sent(session("session.updated", { ...info, summary }))).toEqual({ ...mapped, summary: rest, summary_diffs: diffs });
  });

  it("is deleted when it was seen to be", () => {
    const ended = { status: "deleted", ended_at_unix_ms: NOW, end_reason: "deleted" };
    expect(sent(session("session.deleted", info))).toEqual({ ...mapped, ...ended });
  });

  it("ends when it was archived", () => {
    const time = { created: 7, updated: 8, archived: 20, compacting: 19 };
    const ended = { ended_at_unix_ms: 20, end_reason: "archived", time: { archived: 20, compacting: 19 } };
    expect(sent(session("session.updated", { ...info, time }))).toEqual({ ...mapped, ...ended });
  });

  it.each<[string, Place, string | undefined]>([
    ["the project's name", { ...PLACE, projectName: "Demo" }, "Demo"],
    ["the work tree's", { ...PLACE, worktree: "/srv/tree" }, "tree"],
    ["the directory's, where the work tree is all", { ...PLACE, worktree: "/" }, "sub"],
    ["the directory's, in another project", { ...PLACE, projectId: "p2", projectName: "Other" }, "sub"],
    ["the directory's, in no project", NOWHERE, "sub"],
  ])("is named by %s", (_, place, name) => {
    expect(items([session("session.updated", info)], place)[0]?.payload["project_name"]).toBe(name);
  });

  it("has the status that it is told", () => {
    const told = { type: "session.updated", session_id: "s", generated_at_unix_ms: NOW, observed_at_unix_ms: NOW };
    expect(sent(["session.status", { sessionID: "s", status: { type: "busy" } }])).toEqual({ ...told, status: "busy" });
    const ended = { status: "idle", ended_at_unix_ms: NOW, end_reason: "idle" };
    expect(sent(["session.idle", { sessionID: "s" }])).toEqual({ ...told, ...ended });
    const diff = [{ file: "a", patch: "@@", additions: 1, deletions: 1 }];
    expect(sent(["session.diff", { sessionID: "s", diff }])).toEqual({ ...told, summary_diffs: diff });
    expect(sent(["session.diff", { sessionID: "s", diff: [] }])).toEqual({ ...told, summary_diffs: [] });
  });

  it("tells of a retry besides", () => {
    const status = { type: "retry", attempt: 1, message: "later", next: 9 };
    const both = items([["session.status", { sessionID: "s", status }]]).map(sentOf);
    expect(both.map((item) => item.type)).toEqual(["session.updated", "event.recorded"]);
    expect(both[0]?.["status"]).toBe("retry");
    expect(both[1]).toMatchObject({ name: "session.status", event_id: "evt_1", properties: { status } });
  });

  it("is idle with its newest answer", () => {
    const signal = items([message({}), ["session.idle", { sessionID: "s" }]])[0]?.signal;
    expect(signal).toEqual({ kind: "idle", answer: "m" });
  });
});

describe("session.error", () => {
  const error = { name: "APIError", data: { message: "no", statusCode: 400 } };
  const told = { type: "session.error", error_id: "evt_2", generated_at_unix_ms: NOW + 1, observed_at_unix_ms: NOW + 1, error };

  it("belongs to the answer that is open", () => {
    expect(sent(message({}), ["session.error", { sessionID: "s", error }])).toEqual({ ...told, session_id: "s", message_id: "m" });
  });

  it("belongs to no answer that is complete, and to no session where none is told", () => {
    const complete = message({ time: { created: 5, completed: 6 } });
    expect(sent(complete, ["session.error", { sessionID: "s", error }])).toEqual({ ...told, session_id: "s" });
    expect(sent(message({}), ["session.error", { error }])).toEqual(told);
  });
});

describe("session.compacted", () => {
  it("names the message that asked for it", () => {
    expect(sent(part({ type: "compaction", auto: false }), ["session.compacted", { sessionID: "s" }])).toEqual({
      type: "session.compacted", session_id: "s", message_id: "m", event_id: "evt_2", auto: false,
      generated_at_unix_ms: NOW + 1, observed_at_unix_ms: NOW + 1,
    });
  });

  it("is an event where that message is not known", () => {
    expect(sent(["session.compacted", { sessionID: "s" }])).toMatchObject({ type: "event.recorded", name: "session.compacted" });
  });
});

describe("file.edited", () => {
  const edited = (file: string): [string, Properties] => ["file.edited", { file }];
  const call = (state: Properties) => part({ type: "tool", callID: "c", state });
  const file = "/home/dev/demo/a.txt";

  it.each<[string, Properties, string | undefined]>([
    ["input", { input: { filePath: file } }, undefined],
    ["relative input", { input: { filePath: "a.txt" } }, undefined],
    ["new file", { metadata: { filepath: file, exists: false } }, "created"],
    ["old file", { metadata: { filepath: file, exists: true } }, "edited"],
    ["diff", { metadata: { filediff: { file } } }, undefined],
    ["patch", { metadata: { files: [{ filePath: file, type: "delete" }] } }, "deleted"],
    ["move away", { metadata: { files: [{ filePath: file, type: "move", movePath: "/x" }] } }, "deleted"],
    ["move", { metadata: { files: [{ filePath: "/x", type: "move", movePath: file }] } }, "created"],
  ])("joins the last call on its path by %s", (_, state, operation) => {
    expect(sent(call(state), edited(file))).toEqual({
      type: "file.edited", session_id: "s", message_id: "m", call_id: "c", event_id: "evt_2", path: file,
      generated_at_unix_ms: NOW + 1, observed_at_unix_ms: NOW + 1, ...(operation === undefined ? {} : { operation }),
    });
  });

  it("joins nothing on another path", () => {
    expect(sent(call({ input: { filePath: file } }), edited("/b"))).toEqual({
      type: "file.edited", event_id: "evt_2", path: "/b", generated_at_unix_ms: NOW + 1, observed_at_unix_ms: NOW + 1,
    });
  });
});

describe("other events", () => {
  it.each([
    "todo.updated", "permission.asked", "permission.replied", "permission.v2.asked", "question.asked", "question.replied",
    "question.v2.rejected", "message.removed", "message.part.removed", "command.executed", "session.next.step.started",
    "never.heard.of", "constructor",
  ])("%s of a session is recorded", (name) => {
    const properties = { sessionID: "s", x: [1] };
    expect(sent([name, properties])).toEqual({
      type: "event.recorded", session_id: "s", name, event_id: "evt_1", generated_at_unix_ms: NOW, observed_at_unix_ms: NOW, properties,
    });
  });

  it("a branch is recorded without a session", () => {
    const told = sent(["vcs.branch.updated", { branch: "b" }]);
    expect(told).toMatchObject({ name: "vcs.branch.updated", properties: { branch: "b" } });
    expect(told).not.toHaveProperty("session_id");
  });

  it.each([
    "message.part.delta", "session.next.text.delta", "future.thing.delta", "plugin.added", "catalog.updated", "reference.updated",
    "integration.updated", "file.watcher.updated", "server.connected", "lsp.updated", "tui.session.select", "installation.updated",
    "project.updated", "pty.created", "ide.installed", "mcp.tools.changed", "models-dev.refreshed", "models.future",
  ])("%s is noise", (name) => {
    expect(items([[name, { sessionID: "s" }]])).toEqual([]);
  });

  it("an unknown event without a session is noise", () => {
    expect(items([["never.heard.of", { x: 1 }]])).toEqual([]);
  });
});

describe("malformed events", () => {
  it.each([undefined, null, 1, "x", [], {}, { type: 1 }, { type: "" }])("%o tells nothing", (event) => {
    expect(mapEvent(event, { observedAt: NOW, memory: new Memory(), place: PLACE })).toEqual([]);
  });

  it.each([
    ["message.updated", null], ["message.updated", { info: null }], ["message.updated", { sessionID: "s", info: { role: "user" } }],
    ["message.part.updated", { part: { type: "text" } }], ["message.part.updated", { part: [] }], ["session.updated", {}],
    ["session.status", { sessionID: "s", status: null }], ["session.idle", {}], ["session.diff", { sessionID: "s", diff: {} }],
    ["session.compacted", null], ["file.edited", { file: 3 }],
  ])("%s with %o is kept as an event", (name, properties) => {
    expect(sent([name, properties])).toMatchObject({ type: "event.recorded", name });
  });

  it.each([Number.NaN, -1, "5", 1e300, null])("a time of %o is that of the observation", (created) => {
    expect(sent(message({ time: { created } }))["generated_at_unix_ms"]).toBe(NOW);
  });

  it("a key that would spoil the envelope gets another name", () => {
    const told = items([message({ type: "x", generated_at_unix_ms: 3, session_id: "foreign" })])[0] as Item;
    expect(told.payload).toMatchObject({ info_type: "x", info_generated_at_unix_ms: 3, session_id: "s" });
    expect(sentOf(told)["generated_at_unix_ms"]).toBe(5);
  });
});
