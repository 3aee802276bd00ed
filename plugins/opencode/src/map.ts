/**
 * What OpenCode's events are in the wire contract. Pure apart from the memory handed in: no clock, no I/O. The importer maps
 * OpenCode's own rows to the same items, so a rule that changes here changes there.
 *
 * Facts: OpenCode 1.18.33, the `Event` union of `@opencode-ai/sdk/v2`, and the captures under `tests/fixtures/captures/opencode`.
 */

import { basename, isAbsolute, resolve } from "node:path";
import type { Event } from "@opencode-ai/sdk/v2";
import type { Item, Payload } from "./envelope.js";
import { type FileCall, keyOf, type Memory } from "./memory.js";

/** What the host says of the place it works in. */
export interface Place {
  readonly directory: string | undefined;
  readonly worktree: string | undefined;
  readonly projectId: string | undefined;
  readonly projectName: string | undefined;
}

/** What surrounds one event. */
export interface Sight {
  readonly observedAt: number;
  readonly memory: Memory;
  readonly place: Place;
}

/** The items that an event tells; none for noise. Throws only what reading the event throws. */
export function mapEvent(event: unknown, sight: Sight): readonly Item[] {
  const source = fieldsOf(event);
  const name = textOf(source?.["type"]);
  if (source === undefined || name === undefined) return [];
  const told: Told = { ...sight, name, id: textOf(source["id"]), properties: fieldsOf(source["properties"]) ?? {} };
  return treatmentOf(told)(told);
}

interface Told extends Sight {
  readonly name: string;
  readonly id: string | undefined;
  readonly properties: Fields;
}

type Fields = Readonly<Record<string, unknown>>;
type Treatment = (told: Told) => readonly Item[];

/** Every event of the union has its decision here; the compiler names a new one. */
const TREATMENTS = {
  "message.updated": messageItems,
  "message.part.updated": partItems,
  "session.created": sessionItems,
  "session.updated": sessionItems,
  "session.deleted": sessionItems,
  "session.status": statusItems,
  "session.idle": idleItems,
  "session.diff": diffItems,
  "session.error": errorItems,
  "session.compacted": compactedItems,
  "file.edited": fileItems,

  "message.removed": recorded,
  "message.part.removed": recorded,
  "todo.updated": recorded,
  "permission.asked": recorded,
  "permission.replied": recorded,
  "permission.v2.asked": recorded,
  "permission.v2.replied": recorded,
  "question.asked": recorded,
  "question.replied": recorded,
  "question.rejected": recorded,
  "question.v2.asked": recorded,
  "question.v2.replied": recorded,
  "question.v2.rejected": recorded,
  "command.executed": recorded,
  "vcs.branch.updated": recorded,
  "session.next.agent.switched": recorded,
  "session.next.model.switched": recorded,
  "session.next.moved": recorded,
  "session.next.prompted": recorded,
  "session.next.prompt.admitted": recorded,
  "session.next.context.updated": recorded,
  "session.next.synthetic": recorded,
  "session.next.shell.started": recorded,
  "session.next.shell.ended": recorded,
  "session.next.step.started": recorded,
  "session.next.step.ended": recorded,
  "session.next.step.failed": recorded,
  "session.next.text.started": recorded,
  "session.next.text.ended": recorded,
  "session.next.reasoning.started": recorded,
  "session.next.reasoning.ended": recorded,
  "session.next.tool.input.started": recorded,
  "session.next.tool.input.ended": recorded,
  "session.next.tool.called": recorded,
  "session.next.tool.progress": recorded,
  "session.next.tool.success": recorded,
  "session.next.tool.failed": recorded,
  "session.next.retried": recorded,
  "session.next.compaction.started": recorded,
  "session.next.compaction.ended": recorded,
  "session.next.revert.staged": recorded,
  "session.next.revert.cleared": recorded,
  "session.next.revert.committed": recorded,

  "message.part.delta": nothing,
  "session.next.text.delta": nothing,
  "session.next.reasoning.delta": nothing,
  "session.next.tool.input.delta": nothing,
  "session.next.compaction.delta": nothing,
  "models-dev.refreshed": nothing,
  "integration.updated": nothing,
  "integration.connection.updated": nothing,
  "catalog.updated": nothing,
  "reference.updated": nothing,
  "plugin.added": nothing,
  "file.watcher.updated": nothing,
  "installation.updated": nothing,
  "installation.update-available": nothing,
  "project.updated": nothing,
  "project.directories.updated": nothing,
  "pty.created": nothing,
  "pty.updated": nothing,
  "pty.exited": nothing,
  "pty.deleted": nothing,
  "lsp.updated": nothing,
  "tui.prompt.append": nothing,
  "tui.command.execute": nothing,
  "tui.toast.show": nothing,
  "tui.session.select": nothing,
  "mcp.tools.changed": nothing,
  "mcp.browser.open.failed": nothing,
  "workspace.ready": nothing,
  "workspace.failed": nothing,
  "workspace.status": nothing,
  "worktree.ready": nothing,
  "worktree.failed": nothing,
  "server.connected": nothing,
  "global.disposed": nothing,
  "server.instance.disposed": nothing,
} satisfies Record<Event["type"], Treatment>;

/** What tells of the host and not of a conversation, also in versions to come. */
const NOISE =
  /^(catalog|file\.watcher|global|ide|installation|integration|lsp|mcp|models[^.]*|plugin|project|pty|reference|server|tui)\.|\.delta$/;

function treatmentOf(told: Told): Treatment {
  if (Object.hasOwn(TREATMENTS, told.name)) return TREATMENTS[told.name as Event["type"]];
  const isTold = !NOISE.test(told.name) && textOf(told.properties["sessionID"]) !== undefined;
  return isTold ? recorded : nothing;
}

function nothing(): readonly Item[] {
  return [];
}

/** What has no table of its own, whole. */
function recorded(told: Told): readonly Item[] {
  const payload = present({
    session_id: textOf(told.properties["sessionID"]),
    name: told.name,
    event_id: told.id,
    observed_at_unix_ms: told.observedAt,
    properties: told.properties,
  });
  return [{ type: "event.recorded", identity: undefined, generatedAt: told.observedAt, payload, stage: "final" }];
}

const MESSAGE_TAKEN = [
  "id", "sessionID", "time", "parentID", "agent", "providerID", "modelID", "model", "role", "finish", "error", "cost", "tokens",
  "summary",
];

function messageItems(told: Told): readonly Item[] {
  const info = fieldsOf(told.properties["info"]);
  const sessionId = textOf(info?.["sessionID"]) ?? textOf(told.properties["sessionID"]);
  const messageId = textOf(info?.["id"]);
  if (info === undefined || sessionId === undefined || messageId === undefined) return recorded(told);
  const time = fieldsOf(info["time"]);
  const created = momentOf(time?.["created"]);
  const completed = momentOf(time?.["completed"]);
  const model = fieldsOf(info["model"]);
  const payload = present({
    session_id: sessionId,
    message_id: messageId,
    role: info["role"],
    observed_at_unix_ms: told.observedAt,
    completed_at_unix_ms: completed,
    parent_message_id: info["parentID"],
    agent_name: info["agent"] ?? info["mode"],
    provider_id: info["providerID"] ?? model?.["providerID"],
    model_id: info["modelID"] ?? model?.["modelID"],
    finish: info["finish"],
    error: info["error"],
    cost: info["cost"],
    tokens: info["tokens"],
    ...summaryOf(info["summary"]),
    project_path: fieldsOf(info["path"])?.["root"],
    model: restOfModel(model, "modelID"),
    inherited: isInherited(created, told.memory.sessionCreated.get(sessionId)),
  }, othersOf(info, MESSAGE_TAKEN));
  const isFinal = completed !== undefined || payload["error"] !== undefined;
  const item: Item = {
    type: "message.updated",
    identity: keyOf("message", sessionId, messageId),
    generatedAt: created ?? told.observedAt,
    payload,
    stage: isFinal ? "final" : "open",
  };
  // What a fork tells again is no answer that somebody waits for.
  if (info["role"] !== "assistant" || payload["inherited"] === true) return [item];
  rememberAnswer(told.memory, sessionId, messageId, isFinal);
  return [isFinal ? { ...item, signal: { kind: "completed", answer: messageId } } : item];
}

function rememberAnswer(memory: Memory, sessionId: string, messageId: string, isFinal: boolean): void {
  memory.lastAnswer.set(sessionId, messageId);
  if (!isFinal) memory.openAnswer.set(sessionId, messageId);
  else if (memory.openAnswer.get(sessionId) === messageId) memory.openAnswer.delete(sessionId);
}

/** A fork sends every old message again, with a new id and the old time (OpenCode 1.18.33). */
function isInherited(created: number | undefined, sessionCreated: number | undefined): true | undefined {
  return created !== undefined && sessionCreated !== undefined && created < sessionCreated ? true : undefined;
}

const PART_TAKEN = ["id", "sessionID", "messageID", "type"];

function partItems(told: Told): readonly Item[] {
  const part = fieldsOf(told.properties["part"]);
  const sessionId = textOf(part?.["sessionID"]) ?? textOf(told.properties["sessionID"]);
  const messageId = textOf(part?.["messageID"]);
  const partId = textOf(part?.["id"]);
  if (part === undefined || sessionId === undefined || messageId === undefined || partId === undefined) return recorded(told);
  const identity = keyOf("part", sessionId, messageId, partId);
  const payload = present({
    session_id: sessionId,
    message_id: messageId,
    part_id: partId,
    part_type: part["type"],
    observed_at_unix_ms: told.observedAt,
  }, othersOf(part, PART_TAKEN));
  rememberPart(told, part, sessionId, messageId);
  const stage = stageOf(part);
  const item: Item = { type: "message.part.updated", identity, generatedAt: firstSeen(told, identity), payload, stage };
  return [stage === "running" ? { ...item, signal: { kind: "running", answer: messageId } } : item];
}

/** `properties.time` of a part's first snapshot is the time that OpenCode's own database keeps for it. */
function firstSeen(told: Told, identity: string): number {
  const known = told.memory.partFirstSeen.get(identity);
  if (known !== undefined) return known;
  const time = momentOf(told.properties["time"]) ?? told.observedAt;
  told.memory.partFirstSeen.set(identity, time);
  return time;
}

/** A part that ends at once is final; a text without times is a prompt. */
function stageOf(part: Fields): Item["stage"] {
  const type = part["type"];
  if (type === "tool") {
    const status = fieldsOf(part["state"])?.["status"];
    if (status === "running") return "running";
    return status === "completed" || status === "error" ? "final" : "open";
  }
  if (type !== "text" && type !== "reasoning") return "final";
  const time = fieldsOf(part["time"]);
  if (time === undefined) return "open";
  if (momentOf(time["end"]) !== undefined) return "final";
  return part["text"] === "" ? "empty" : "open";
}

function rememberPart(told: Told, part: Fields, sessionId: string, messageId: string): void {
  if (part["type"] === "compaction") {
    const auto = typeof part["auto"] === "boolean" ? part["auto"] : undefined;
    told.memory.compaction.set(sessionId, { messageId, auto });
  }
  if (part["type"] !== "tool") return;
  const state = fieldsOf(part["state"]);
  const callId = textOf(part["callID"]);
  for (const [path, operation] of touchedPaths(fieldsOf(state?.["input"]), fieldsOf(state?.["metadata"]))) {
    const call: FileCall = { sessionId, messageId, callId, operation };
    told.memory.callOnPath.set(absolutePath(path, told.place), call);
  }
}

const OPERATIONS: Readonly<Record<string, string>> = { add: "created", update: "edited", delete: "deleted", move: "deleted" };

/** The paths that a call names, each with what the call does to it where it says so. */
function touchedPaths(input: Fields | undefined, metadata: Fields | undefined): Map<string, string | undefined> {
  const paths = new Map<string, string | undefined>();
  const add = (path: unknown, operation?: string) => {
    const text = textOf(path);
    if (text !== undefined) paths.set(text, operation ?? paths.get(text));
  };
  add(input?.["filePath"]);
  const exists = metadata?.["exists"];
  add(metadata?.["filepath"], typeof exists === "boolean" ? (exists ? "edited" : "created") : undefined);
  add(fieldsOf(metadata?.["filediff"])?.["file"]);
  const files = metadata?.["files"];
  for (const entry of Array.isArray(files) ? files : []) {
    const file = fieldsOf(entry);
    add(file?.["filePath"], OPERATIONS[textOf(file?.["type"]) ?? ""]);
    add(file?.["movePath"], "created");
  }
  return paths;
}

function absolutePath(path: string, place: Place): string {
  return isAbsolute(path) ? resolve(path) : resolve(place.directory ?? "/", path);
}

const SESSION_TAKEN = ["id", "parentID", "directory", "agent", "model", "version", "time", "summary"];

function sessionItems(told: Told): readonly Item[] {
  const info = fieldsOf(told.properties["info"]);
  const sessionId = textOf(info?.["id"]) ?? textOf(told.properties["sessionID"]);
  if (info === undefined || sessionId === undefined) return recorded(told);
  const time = fieldsOf(info["time"]) ?? {};
  const created = momentOf(time["created"]);
  if (created !== undefined) told.memory.sessionCreated.set(sessionId, created);
  const model = fieldsOf(info["model"]);
  const isDeleted = told.name === "session.deleted";
  const archived = momentOf(time["archived"]);
  const payload = present({
    session_id: sessionId,
    observed_at_unix_ms: told.observedAt,
    parent_session_id: info["parentID"],
    project_path: info["directory"],
    project_name: projectName(info, told.place),
    agent_name: info["agent"],
    provider_id: model?.["providerID"],
    model_id: model?.["id"],
    agent_version: info["version"],
    status: isDeleted ? "deleted" : undefined,
    ended_at_unix_ms: isDeleted ? told.observedAt : archived,
    end_reason: isDeleted ? "deleted" : archived === undefined ? undefined : "archived",
    ...summaryOf(info["summary"]),
    model: restOfModel(model, "id"),
    time: unlessEmpty(othersOf(time, ["created", "updated"])),
  }, othersOf(info, SESSION_TAKEN));
  return [sessionItem(sessionId, isDeleted ? "deleted" : "info", created ?? told.observedAt, payload)];
}

/** The snapshots of one session that say different things do not replace one another: each has a `side` of its own. */
function sessionItem(sessionId: string, side: string, generatedAt: number, payload: Payload): Item {
  return { type: "session.updated", identity: keyOf("session", sessionId, side), generatedAt, payload, stage: "open" };
}

/** The project's own name, else that of its folder; a session of another project has only its folder. */
function projectName(info: Fields, place: Place): string | undefined {
  const directory = textOf(info["directory"]);
  const ofDirectory = directory === undefined ? undefined : textOf(basename(directory));
  const projectId = textOf(info["projectID"]);
  if (place.projectId === undefined || (projectId !== undefined && projectId !== place.projectId)) return ofDirectory;
  return place.projectName ?? (place.worktree === undefined ? undefined : textOf(basename(place.worktree))) ?? ofDirectory;
}

function statusItems(told: Told): readonly Item[] {
  const sessionId = textOf(told.properties["sessionID"]);
  const status = textOf(fieldsOf(told.properties["status"])?.["type"]);
  if (sessionId === undefined || status === undefined) return recorded(told);
  const payload = { session_id: sessionId, observed_at_unix_ms: told.observedAt, status };
  const item = sessionItem(sessionId, "status", told.observedAt, payload);
  return status === "retry" ? [item, ...recorded(told)] : [item];
}

function idleItems(told: Told): readonly Item[] {
  const sessionId = textOf(told.properties["sessionID"]);
  if (sessionId === undefined) return recorded(told);
  const payload = {
    session_id: sessionId,
    observed_at_unix_ms: told.observedAt,
    status: "idle",
    ended_at_unix_ms: told.observedAt,
    end_reason: "idle",
  };
  const answer = told.memory.lastAnswer.get(sessionId);
  return [{ ...sessionItem(sessionId, "idle", told.observedAt, payload), signal: { kind: "idle", answer } }];
}

function diffItems(told: Told): readonly Item[] {
  const sessionId = textOf(told.properties["sessionID"]);
  const diffs = told.properties["diff"];
  if (sessionId === undefined || !Array.isArray(diffs)) return recorded(told);
  const payload = { session_id: sessionId, observed_at_unix_ms: told.observedAt, summary_diffs: diffs };
  return [sessionItem(sessionId, "diff", told.observedAt, payload)];
}

function errorItems(told: Told): readonly Item[] {
  const sessionId = textOf(told.properties["sessionID"]);
  const payload = present({
    session_id: sessionId,
    error_id: told.id,
    message_id: sessionId === undefined ? undefined : told.memory.openAnswer.get(sessionId),
    observed_at_unix_ms: told.observedAt,
    error: told.properties["error"],
  });
  return [{ type: "session.error", identity: undefined, generatedAt: told.observedAt, payload, stage: "final" }];
}

function compactedItems(told: Told): readonly Item[] {
  const sessionId = textOf(told.properties["sessionID"]);
  const request = sessionId === undefined ? undefined : told.memory.compaction.get(sessionId);
  if (request === undefined) return recorded(told);
  const payload = present({
    session_id: sessionId,
    message_id: request.messageId,
    event_id: told.id,
    observed_at_unix_ms: told.observedAt,
    auto: request.auto,
  });
  return [{ type: "session.compacted", identity: undefined, generatedAt: told.observedAt, payload, stage: "final" }];
}

function fileItems(told: Told): readonly Item[] {
  const path = textOf(told.properties["file"]);
  if (path === undefined) return recorded(told);
  const call = told.memory.callOnPath.get(absolutePath(path, told.place));
  const payload = present({
    session_id: call?.sessionId,
    message_id: call?.messageId,
    call_id: call?.callId,
    event_id: told.id,
    observed_at_unix_ms: told.observedAt,
    path,
    operation: call?.operation,
  });
  return [{ type: "file.edited", identity: undefined, generatedAt: told.observedAt, payload, stage: "final" }];
}

/** What a model is beside its names: the variant. */
function restOfModel(model: Fields | undefined, id: string): Fields | undefined {
  return model === undefined ? undefined : unlessEmpty(othersOf(model, ["providerID", id]));
}

/** A summary apart from its diffs, which have a key of their own; an empty list says that a change was taken back. */
function summaryOf(summary: unknown): Payload {
  const fields = fieldsOf(summary);
  if (fields === undefined) return { summary };
  return { summary: unlessEmpty(othersOf(fields, ["diffs"])), summary_diffs: fields["diffs"] };
}

/** Keys that an item cannot bear: `type` would make the whole envelope unreadable, and the time is written apart. */
const RESERVED: readonly string[] = ["type", "generated_at_unix_ms"];

/** What no field of ours takes, under its own name. Live objects of OpenCode 1.18.33 have keys that are `undefined`. */
function othersOf(source: Fields, taken: readonly string[]): Record<string, unknown> {
  const others: Record<string, unknown> = {};
  for (const key of Object.keys(source)) {
    const value = taken.includes(key) ? undefined : source[key];
    if (value !== undefined && value !== null) others[RESERVED.includes(key) ? `info_${key}` : key] = value;
  }
  return others;
}

function unlessEmpty(fields: Fields): Fields | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}

/** Our fields, which no other key outdoes, and the others, without what is absent or null. */
function present(ours: Fields, others: Fields = {}): Payload {
  const all = { ...ours, ...others, ...ours };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null));
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** A whole number of milliseconds that the sink takes. */
function momentOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.trunc(value) : undefined;
}
