// recount's plugin for OpenCode: hands what a session says and does to `recount`.
// Made from plugins/opencode/src by plugins/opencode/scripts/build.mjs; change it there. MIT OR Apache-2.0.

// `recount setup opencode` writes absolute paths here.
const INSTALLED_COMMAND = "";
const INSTALLED_DATABASE = "";


// src/index.ts
import { existsSync } from "node:fs";
import { resolve as resolve3, sep as sep2 } from "node:path";

// src/child.ts
import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
var KEPT_LIMIT_BYTES = 4 * 1024;
var TOLD_CHARACTERS = 200;
var PIPES_GRACE_MS = 500;
var RECEIPT = /^conversation-trace: attempted=/m;
var EXIT_SAFE = 0;
var EXIT_USAGE = 64;
var EXIT_UNREADABLE = 65;
var EXITS_OF_RECOUNT = [74, 75, 78];
function argumentsOf(database) {
  const args = ["hooks", "conversation-trace", "--agent", "opencode"];
  return database === void 0 ? args : [...args, "--database", database];
}
function binaryAt(command, database, timeoutMs, clock) {
  const args = argumentsOf(database);
  return { name: command, isThere: () => isThere(command), start: (input) => start(command, args, input, timeoutMs, clock) };
}
async function isThere(command) {
  if (process.platform === "win32") return true;
  const folders2 = command.includes(sep) ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  for (const folder of folders2) {
    const isProgram = await access(join(folder, command), constants.X_OK).then(() => true, () => false);
    if (isProgram) return true;
  }
  return false;
}
function start(command, args, input, timeoutMs, clock) {
  let child;
  try {
    child = spawn(command, args, {
      shell: false,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true
    });
  } catch (error) {
    return { outcome: Promise.resolve(notStarted(error)), kill: () => {
    } };
  }
  const outcome = new Promise((resolve4) => watch(child, input, timeoutMs, clock, resolve4));
  return { outcome, kill: () => kill(child) };
}
function watch(child, input, timeoutMs, clock, resolve4) {
  const output = drained(child.stdout);
  const errors = drained(child.stderr);
  const taken = handOver(child, input);
  let isLate = false;
  const cancelTimeout = clock.after(timeoutMs, () => {
    isLate = true;
    kill(child);
  });
  const settle = (outcome) => {
    cancelTimeout();
    release(child);
    resolve4(outcome);
  };
  child.once("error", (error) => {
    if (child.pid === void 0) settle(notStarted(error));
  });
  child.once("exit", (code, signal) => {
    if (isLate) settle({ kind: "failed", reason: `did not end within ${timeoutMs} ms` });
    else if (!isSafe(code)) settle({ kind: "failed", reason: reasonOf(code, signal, errors.kept()) });
    else {
      const receipt = code === EXIT_USAGE ? Promise.resolve(true) : output.tells(RECEIPT);
      const proofs = [taken, receipt].map((proof) => within(proof, PIPES_GRACE_MS, clock));
      void Promise.all(proofs).then(([isTaken, isReceipted]) => settle(afterExit(code, isTaken, isReceipted)));
    }
  });
  child.unref();
}
function afterExit(code, isTaken, isReceipted) {
  if (isTaken !== true) return { kind: "failed", reason: "did not read all that it was handed" };
  if (isReceipted !== true) return { kind: "failed", reason: "ended without a receipt" };
  return { kind: code === EXIT_USAGE ? "usage" : "safe" };
}
function isSafe(code) {
  return code === EXIT_SAFE || code === EXIT_USAGE || code === EXIT_UNREADABLE;
}
function reasonOf(code, signal, told) {
  if (code === null) return `was ended by ${signal ?? "a signal"}`;
  const line = (told.split("\n", 1)[0] ?? "").replace(/\p{C}/gu, "").slice(0, TOLD_CHARACTERS);
  return `ended with exit code ${code}${EXITS_OF_RECOUNT.includes(code) && line !== "" ? `: ${line}` : ""}`;
}
function handOver(child, input) {
  return new Promise((resolve4) => {
    const stdin = child.stdin;
    if (stdin === null) return resolve4(false);
    stdin.once("error", () => resolve4(false));
    stdin.on("error", () => {
    });
    stdin.write(input, (error) => resolve4(error === void 0 || error === null));
    stdin.end();
  });
}
function drained(stream) {
  let bytes = Buffer.alloc(0);
  let isOver = stream === null;
  let changed = () => {
  };
  const kept = () => bytes.toString("utf8");
  const over = () => {
    isOver = true;
    changed();
  };
  stream?.on("data", (chunk) => {
    const room = KEPT_LIMIT_BYTES - bytes.length;
    if (room <= 0) return;
    bytes = Buffer.concat([bytes, chunk.subarray(0, room)]);
    changed();
  });
  for (const end of ["end", "close", "error"]) stream?.on(end, over);
  const tells = (pattern) => new Promise((resolve4) => {
    changed = () => {
      const isTold = pattern.test(kept());
      if (isTold || isOver || bytes.length >= KEPT_LIMIT_BYTES) resolve4(isTold);
    };
    changed();
  });
  return { kept, tells };
}
function release(child) {
  try {
    child.stdin?.destroy();
    child.stdout?.destroy();
    child.stderr?.destroy();
  } catch {
  }
}
function kill(child) {
  try {
    child.kill("SIGKILL");
  } catch {
  }
}
function notStarted(error) {
  const code = error?.code;
  return { kind: "failed", reason: `could not be started${typeof code === "string" ? ` (${code})` : ""}` };
}
function within(promise, ms, clock) {
  return new Promise((resolve4) => {
    const cancel = clock.after(ms, () => resolve4(false));
    void promise.then((value) => {
      cancel();
      resolve4(value);
    });
  });
}

// src/clock.ts
var HOST_CLOCK = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  after: (ms, run, kind) => {
    const timer = setTimeout(run, Math.max(0, ms));
    if (kind !== "vigil") timer.unref();
    return () => clearTimeout(timer);
  }
};

// src/limits.ts
var MIB = 1024 * 1024;
var LIMITS = {
  childTimeoutMs: 5e3,
  disposeMs: 2500,
  childBackoffMs: 3e4,
  outboxBackoffMs: 5e3,
  heldBytes: 16 * MIB,
  relieveBytes: 8 * MIB,
  batchBytes: 8 * MIB,
  sizeTriggerBytes: MIB,
  runningMs: 25,
  sharedRunningMs: 500,
  completedMs: 200,
  idleMs: 50,
  lingerMs: 2e3,
  earlyProcesses: 2,
  processes: 3
};

// src/notices.ts
var Notices = class {
  #said = /* @__PURE__ */ new Set();
  #tell;
  /** `tell` may throw or reject; nobody waits for it. */
  constructor(tell2) {
    this.#tell = tell2;
  }
  /** Says something, unless something of the same kind was said before. */
  once(kind, message) {
    if (this.#said.has(kind)) return;
    this.#said.add(kind);
    try {
      Promise.resolve(this.#tell(message)).catch(() => {
      });
    } catch {
    }
  }
};

// src/outbox.ts
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readlinkSync, realpathSync, renameSync, writeSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { basename, dirname, isAbsolute, join as join2, resolve } from "node:path";
var FOLDER_MODE = 448;
var FILE_MODE = 384;
var LINKS_LIMIT = 40;
function outboxFolder(environment) {
  const folder = (name) => {
    const value = environment[name];
    return value !== void 0 && isAbsolute(value) ? value : void 0;
  };
  const state = folder("XDG_STATE_HOME");
  if (state !== void 0) return join2(state, "recount", "outbox");
  const home = folder("HOME");
  return home === void 0 ? void 0 : join2(home, ".local", "state", "recount", "outbox");
}
function resolvedDatabase(path) {
  let here = resolve(path);
  for (let links = 0; links < LINKS_LIMIT; links += 1) {
    here = join2(realFolder(dirname(here)), basename(here));
    try {
      here = resolve(dirname(here), readlinkSync(here));
    } catch {
      return here;
    }
  }
  return here;
}
function realFolder(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
var Outbox = class {
  constructor(folder, database) {
    this.folder = folder;
    this.database = database;
  }
  folder;
  database;
  async write(text, now) {
    const file = this.#file(text, now);
    await mkdir(file.folder, { recursive: true, mode: FOLDER_MODE });
    const handle = await open(file.temporary, "wx", FILE_MODE);
    try {
      await handle.writeFile(file.bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(file.temporary, file.path);
    const folder = await open(file.folder, "r");
    await folder.sync().catch(() => {
    });
    await folder.close();
  }
  writeNow(text, now) {
    const file = this.#file(text, now);
    mkdirSync(file.folder, { recursive: true, mode: FOLDER_MODE });
    const handle = openSync(file.temporary, "wx", FILE_MODE);
    try {
      let written = 0;
      while (written < file.bytes.length) written += writeSync(handle, file.bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(file.temporary, file.path);
    syncFolder(file.folder);
  }
  #file(text, now) {
    if (this.folder === void 0) throw new Error("there is no home folder");
    const name = `${String(now).padStart(15, "0")}-${randomBytes(8).toString("hex")}.spool`;
    const path = join2(this.folder, name);
    const body = Buffer.from(text);
    const header = Buffer.from(`${this.#header(now, body.length)}
`);
    return { folder: this.folder, path, temporary: `${path}.tmp`, bytes: Buffer.concat([header, body]) };
  }
  #header(now, bytes) {
    return JSON.stringify({
      recount_spool: 1,
      kind: "conversation-trace",
      received_at_unix_ms: now,
      agent: "opencode",
      database: this.database === void 0 ? null : resolvedDatabase(this.database),
      bytes
    });
  }
};
function syncFolder(folder) {
  try {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
  }
}

// src/claim.ts
var REGISTRY = /* @__PURE__ */ Symbol.for("recount.opencode.folders");
var endings = /* @__PURE__ */ new Set();
function folders() {
  const shared = globalThis;
  shared[REGISTRY] ??= /* @__PURE__ */ new Map();
  return shared[REGISTRY];
}
function claim(folder, owner) {
  const taken = folders();
  if (!taken.has(folder)) taken.set(folder, owner);
  return taken.get(folder) === owner;
}
function letGo(folder, owner) {
  const taken = folders();
  if (taken.get(folder) === owner) taken.delete(folder);
}
function endWithHost(ending) {
  if (endings.size === 0) process.once("exit", endAll);
  endings.add(ending);
}
function endedBefore(ending) {
  endings.delete(ending);
  if (endings.size === 0) process.removeListener("exit", endAll);
}
function endAll() {
  for (const ending of endings) ending.abandon();
}

// src/batch.ts
function toLines(entries) {
  const byType = /* @__PURE__ */ new Map();
  for (const entry of entries) {
    const group = byType.get(entry.type);
    if (group === void 0) byType.set(entry.type, [entry]);
    else group.push(entry);
  }
  return [...byType].map(([type, group]) => toLine(type, group)).join("");
}
function toLine(type, entries) {
  const payloads = entries.map(payloadOf).join(",");
  return `{"type":${JSON.stringify(type)},"agent":"opencode","payloads":[${payloads}]}
`;
}
function payloadOf(entry) {
  return `{"generated_at_unix_ms":${entry.generatedAt},${entry.text.slice(1)}`;
}

// src/delivery.ts
var NOT_THERE = "is not there or no program; what it should have been handed is kept in files";
var Delivery = class {
  #queue;
  #means;
  #changed;
  #held = /* @__PURE__ */ new Set();
  #running;
  #inProcess = Promise.resolve();
  #inFiles = Promise.resolve();
  #files = 0;
  #restUntil = Number.NEGATIVE_INFINITY;
  #fileFrom = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  /** `changed` is called when something that was on its way has arrived or has come back. */
  constructor(queue, means, changed) {
    this.#queue = queue;
    this.#means = means;
    this.#changed = changed;
  }
  get readiness() {
    const isResting = this.#means.clock.ticks() < this.#restUntil;
    return { process: this.#running !== void 0 ? "busy" : isResting ? "resting" : "ready", fileFrom: this.#fileFrom };
  }
  /** Says early that there is no binary: at its end OpenCode 1.18.33 takes no message. */
  async look() {
    if (!await this.#means.binary.isThere()) this.#say("process", NOT_THERE);
  }
  /** Sends all that waits on its way. */
  flush(way) {
    if (way === "process" && this.readiness.process === "ready") this.#startProcess();
    if (this.#canWrite()) this.#startFiles();
  }
  /** Keeps memory within its bound after something has come; stops the host only where nothing else is left. */
  relieve() {
    const { relieveBytes, heldBytes } = this.#means.limits;
    if (this.#bytes() > relieveBytes && this.#files === 0 && this.#canWrite()) this.#startFiles();
    if (this.#bytes() <= heldBytes) return;
    if (this.#canWrite()) this.#writeNow(this.#queue);
    while (this.#bytes() > heldBytes && this.#queue.length > 0) this.#dropped += this.#queue.take(1).length;
  }
  /** Brings what waits and what is on its way to safety within `disposeMs` and the time to write files. */
  async close(way) {
    const { limits, clock } = this.#means;
    const over = deadline(limits.disposeMs, clock);
    await Promise.race([over.passed, this.#settled()]);
    if (!over.isPast() && way === "process" && this.#queue.length > 0 && this.readiness.process === "ready") {
      this.#startProcess();
      await Promise.race([over.passed, this.#settled()]);
    }
    over.cancel();
    if (this.#running !== void 0) this.#say("process", "did not end before its host; what it was handed is kept in files");
    this.#running?.kill();
    this.abandon();
  }
  /** Writes whatever is not known to be safe, while the host stands still. Never throws. */
  abandon() {
    this.#queue.restore([...this.#held].flatMap((held) => held.entries));
    this.#held.clear();
    this.#writeNow(this.#queue);
    this.#dropped += this.#queue.take().length;
    this.#sayDropped();
  }
  #bytes() {
    let held = 0;
    for (const { bytes } of this.#held) held += bytes;
    return held + this.#queue.bytes;
  }
  #canWrite() {
    return this.#means.clock.ticks() >= this.#fileFrom;
  }
  #hold() {
    const entries = this.#queue.take(this.#means.limits.batchBytes);
    const held = { entries, bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0) };
    this.#held.add(held);
    return held;
  }
  #startProcess() {
    if (this.#queue.length === 0) return;
    const held = this.#hold();
    const running = this.#means.binary.start(toLines(held.entries));
    this.#running = running;
    this.#inProcess = running.outcome.then((outcome) => {
      this.#running = void 0;
      if (outcome.kind !== "failed") this.#arrived(held);
      else if (this.#held.has(held)) this.#processFailed(held, outcome.reason);
      if (outcome.kind === "usage") this.#say("usage", "did not understand how it was called; what it was handed is kept");
      this.#changed();
    });
  }
  #processFailed(held, reason) {
    this.#restUntil = this.#means.clock.ticks() + this.#means.limits.childBackoffMs;
    this.#say("process", `${reason}; what it was handed is kept in ${this.#means.outbox.folder ?? "memory"}`);
    this.#writeLater(held);
  }
  #startFiles() {
    while (this.#queue.length > 0) this.#writeLater(this.#hold());
  }
  #writeLater(held) {
    this.#files += 1;
    this.#inFiles = this.#inFiles.then(() => this.#write(held));
  }
  async #write(held) {
    const { outbox, clock } = this.#means;
    try {
      if (this.#held.has(held)) await outbox.write(toLines(held.entries), clock.now());
      this.#arrived(held);
    } catch (error) {
      if (this.#held.delete(held)) this.#queue.restore(held.entries);
      this.#fileFailed(error);
    }
    this.#files -= 1;
    this.#changed();
  }
  #arrived(held) {
    this.#held.delete(held);
    this.#sayDropped();
  }
  /** Leaves in the queue what cannot be written. */
  #writeNow(queue) {
    const { outbox, clock, limits } = this.#means;
    while (queue.length > 0) {
      const entries = queue.take(limits.batchBytes);
      try {
        outbox.writeNow(toLines(entries), clock.now());
      } catch (error) {
        queue.restore(entries);
        this.#fileFailed(error);
        return;
      }
    }
  }
  #fileFailed(error) {
    this.#fileFrom = this.#means.clock.ticks() + this.#means.limits.outboxBackoffMs;
    const code = error?.code;
    const why = typeof code === "string" ? ` (${code})` : "";
    this.#means.notices.once("outbox", `the outbox ${this.#means.outbox.folder ?? ""} cannot be written${why}`);
  }
  async #settled() {
    await this.#inProcess;
    await this.#inFiles;
  }
  #sayDropped() {
    if (this.#dropped === 0) return;
    this.#means.notices.once("dropped", `${this.#dropped} items could be neither handed over nor written, and are lost`);
  }
  #say(kind, message) {
    this.#means.notices.once(kind, `\`${this.#means.binary.name}\` ${message}`);
  }
};
function deadline(ms, clock) {
  let isPast = false;
  let cancel = () => {
  };
  const passed = new Promise((resolve4) => {
    const pass = () => {
      isPast = true;
      resolve4();
    };
    cancel = clock.after(ms, pass, "vigil");
  });
  return { passed, isPast: () => isPast, cancel };
}

// src/json.ts
var TEXT_LIMIT = 20 * 1024 * 1024;
var STRING_LIMIT = 64 * 1024;
var DEPTH_LIMIT = 100;
var NODE_LIMIT = 1e5;
function toJson(value, limit = TEXT_LIMIT) {
  try {
    const text = JSON.stringify(value);
    if (text === void 0) return { text: "null", isCut: false };
    if (text.length <= limit) return { text, isCut: false };
  } catch {
  }
  return { text: JSON.stringify(plainCopy(value)), isCut: true };
}
function plainCopy(value) {
  const budget = { nodes: NODE_LIMIT, characters: TEXT_LIMIT / 4 };
  return copyOf(value, [], budget);
}
function copyOf(value, path, budget) {
  if (typeof value === "string") return cutText(value, budget);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return void 0;
  if (typeof value !== "object" || value === null) return value;
  if (path.includes(value)) return "[cyclic]";
  budget.nodes -= 1;
  if (path.length >= DEPTH_LIMIT || budget.nodes < 0) return "[cut]";
  const within2 = [...path, value];
  try {
    if (Array.isArray(value)) return value.slice(0, NODE_LIMIT).map((item) => copyOf(item, within2, budget) ?? null);
    const copy = /* @__PURE__ */ Object.create(null);
    for (const key of Object.keys(value)) copy[key] = copyOf(readOf(value, key), within2, budget);
    return copy;
  } catch {
    return "[unreadable]";
  }
}
function readOf(value, key) {
  try {
    return value[key];
  } catch {
    return "[unreadable]";
  }
}
function cutText(text, budget) {
  const kept = Math.min(text.length, STRING_LIMIT, Math.max(budget.characters, 0));
  budget.characters -= kept;
  return kept < text.length ? `${text.slice(0, kept)}[cut: ${text.length} characters]` : text;
}

// src/map.ts
import { basename as basename2, isAbsolute as isAbsolute2, resolve as resolve2 } from "node:path";

// src/memory.ts
var Bounded = class {
  constructor(limit) {
    this.limit = limit;
  }
  limit;
  #values = /* @__PURE__ */ new Map();
  get size() {
    return this.#values.size;
  }
  get(key) {
    const value = this.#values.get(key);
    if (value !== void 0) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }
  set(key, value) {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.limit) {
      const oldest = this.#values.keys().next();
      if (!oldest.done) this.#values.delete(oldest.value);
    }
  }
  delete(key) {
    this.#values.delete(key);
  }
};
function keyOf(...ids) {
  return ids.join("\0");
}
var Memory = class {
  /** When each part was first seen. A part lives within one answer, and an answer has tens of them; the store keeps the earliest. */
  partFirstSeen = new Bounded(4096);
  /** When each session came into being: tells replayed messages of a fork. Sessions of one process, sub-agents included. */
  sessionCreated = new Bounded(1024);
  /** The answer of each session that is not complete: what an error is about. */
  openAnswer = new Bounded(1024);
  /** The newest answer of each session: whose last process an idle session may start. */
  lastAnswer = new Bounded(1024);
  /** The message of each session that asked for a compaction; it is asked for again by then if it falls out. */
  compaction = new Bounded(256);
  /** The last tool call on each path; an edit is told within milliseconds of its call. */
  callOnPath = new Bounded(2048);
};

// src/map.ts
function mapEvent(event, sight) {
  const source = fieldsOf(event);
  const name = textOf(source?.["type"]);
  if (source === void 0 || name === void 0) return [];
  const told = { ...sight, name, id: textOf(source["id"]), properties: fieldsOf(source["properties"]) ?? {} };
  return treatmentOf(told)(told);
}
var TREATMENTS = {
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
  "server.instance.disposed": nothing
};
var NOISE = /^(catalog|file\.watcher|global|ide|installation|integration|lsp|mcp|models[^.]*|plugin|project|pty|reference|server|tui)\.|\.delta$/;
function treatmentOf(told) {
  if (Object.hasOwn(TREATMENTS, told.name)) return TREATMENTS[told.name];
  const isTold = !NOISE.test(told.name) && textOf(told.properties["sessionID"]) !== void 0;
  return isTold ? recorded : nothing;
}
function nothing() {
  return [];
}
function recorded(told) {
  const payload = present({
    session_id: textOf(told.properties["sessionID"]),
    name: told.name,
    event_id: told.id,
    observed_at_unix_ms: told.observedAt,
    properties: told.properties
  });
  return [{ type: "event.recorded", identity: void 0, generatedAt: told.observedAt, payload, stage: "final" }];
}
var MESSAGE_TAKEN = [
  "id",
  "sessionID",
  "time",
  "parentID",
  "agent",
  "providerID",
  "modelID",
  "model",
  "role",
  "finish",
  "error",
  "cost",
  "tokens",
  "summary"
];
function messageItems(told) {
  const info = fieldsOf(told.properties["info"]);
  const sessionId = textOf(info?.["sessionID"]) ?? textOf(told.properties["sessionID"]);
  const messageId = textOf(info?.["id"]);
  if (info === void 0 || sessionId === void 0 || messageId === void 0) return recorded(told);
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
    inherited: isInherited(created, told.memory.sessionCreated.get(sessionId))
  }, othersOf(info, MESSAGE_TAKEN));
  const isFinal = completed !== void 0 || payload["error"] !== void 0;
  const item = {
    type: "message.updated",
    identity: keyOf("message", sessionId, messageId),
    generatedAt: created ?? told.observedAt,
    payload,
    stage: isFinal ? "final" : "open"
  };
  if (info["role"] !== "assistant" || payload["inherited"] === true) return [item];
  rememberAnswer(told.memory, sessionId, messageId, isFinal);
  return [isFinal ? { ...item, signal: { kind: "completed", answer: messageId } } : item];
}
function rememberAnswer(memory, sessionId, messageId, isFinal) {
  memory.lastAnswer.set(sessionId, messageId);
  if (!isFinal) memory.openAnswer.set(sessionId, messageId);
  else if (memory.openAnswer.get(sessionId) === messageId) memory.openAnswer.delete(sessionId);
}
function isInherited(created, sessionCreated) {
  return created !== void 0 && sessionCreated !== void 0 && created < sessionCreated ? true : void 0;
}
var PART_TAKEN = ["id", "sessionID", "messageID", "type"];
function partItems(told) {
  const part = fieldsOf(told.properties["part"]);
  const sessionId = textOf(part?.["sessionID"]) ?? textOf(told.properties["sessionID"]);
  const messageId = textOf(part?.["messageID"]);
  const partId = textOf(part?.["id"]);
  if (part === void 0 || sessionId === void 0 || messageId === void 0 || partId === void 0) return recorded(told);
  const identity = keyOf("part", sessionId, messageId, partId);
  const payload = present({
    session_id: sessionId,
    message_id: messageId,
    part_id: partId,
    part_type: part["type"],
    observed_at_unix_ms: told.observedAt
  }, othersOf(part, PART_TAKEN));
  rememberPart(told, part, sessionId, messageId);
  const stage = stageOf(part);
  const item = { type: "message.part.updated", identity, generatedAt: firstSeen(told, identity), payload, stage };
  return [stage === "running" ? { ...item, signal: { kind: "running", answer: messageId } } : item];
}
function firstSeen(told, identity) {
  const known = told.memory.partFirstSeen.get(identity);
  if (known !== void 0) return known;
  const time = momentOf(told.properties["time"]) ?? told.observedAt;
  told.memory.partFirstSeen.set(identity, time);
  return time;
}
function stageOf(part) {
  const type = part["type"];
  if (type === "tool") {
    const status = fieldsOf(part["state"])?.["status"];
    if (status === "running") return "running";
    return status === "completed" || status === "error" ? "final" : "open";
  }
  if (type !== "text" && type !== "reasoning") return "final";
  const time = fieldsOf(part["time"]);
  if (time === void 0) return "open";
  if (momentOf(time["end"]) !== void 0) return "final";
  return part["text"] === "" ? "empty" : "open";
}
function rememberPart(told, part, sessionId, messageId) {
  if (part["type"] === "compaction") {
    const auto = typeof part["auto"] === "boolean" ? part["auto"] : void 0;
    told.memory.compaction.set(sessionId, { messageId, auto });
  }
  if (part["type"] !== "tool") return;
  const state = fieldsOf(part["state"]);
  const callId = textOf(part["callID"]);
  for (const [path, operation] of touchedPaths(fieldsOf(state?.["input"]), fieldsOf(state?.["metadata"]))) {
    const call = { sessionId, messageId, callId, operation };
    told.memory.callOnPath.set(absolutePath(path, told.place), call);
  }
}
var OPERATIONS = { add: "created", update: "edited", delete: "deleted", move: "deleted" };
function touchedPaths(input, metadata) {
  const paths = /* @__PURE__ */ new Map();
  const add = (path, operation) => {
    const text = textOf(path);
    if (text !== void 0) paths.set(text, operation ?? paths.get(text));
  };
  add(input?.["filePath"]);
  const exists = metadata?.["exists"];
  add(metadata?.["filepath"], typeof exists === "boolean" ? exists ? "edited" : "created" : void 0);
  add(fieldsOf(metadata?.["filediff"])?.["file"]);
  const files = metadata?.["files"];
  for (const entry of Array.isArray(files) ? files : []) {
    const file = fieldsOf(entry);
    add(file?.["filePath"], OPERATIONS[textOf(file?.["type"]) ?? ""]);
    add(file?.["movePath"], "created");
  }
  return paths;
}
function absolutePath(path, place) {
  return isAbsolute2(path) ? resolve2(path) : resolve2(place.directory ?? "/", path);
}
var SESSION_TAKEN = ["id", "parentID", "directory", "agent", "model", "version", "time", "summary"];
function sessionItems(told) {
  const info = fieldsOf(told.properties["info"]);
  const sessionId = textOf(info?.["id"]) ?? textOf(told.properties["sessionID"]);
  if (info === void 0 || sessionId === void 0) return recorded(told);
  const time = fieldsOf(info["time"]) ?? {};
  const created = momentOf(time["created"]);
  if (created !== void 0) told.memory.sessionCreated.set(sessionId, created);
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
    status: isDeleted ? "deleted" : void 0,
    ended_at_unix_ms: isDeleted ? told.observedAt : archived,
    end_reason: isDeleted ? "deleted" : archived === void 0 ? void 0 : "archived",
    ...summaryOf(info["summary"]),
    model: restOfModel(model, "id"),
    time: unlessEmpty(othersOf(time, ["created", "updated"]))
  }, othersOf(info, SESSION_TAKEN));
  return [sessionItem(sessionId, isDeleted ? "deleted" : "info", created ?? told.observedAt, payload)];
}
function sessionItem(sessionId, side, generatedAt, payload) {
  return { type: "session.updated", identity: keyOf("session", sessionId, side), generatedAt, payload, stage: "open" };
}
function projectName(info, place) {
  const directory = textOf(info["directory"]);
  const ofDirectory = directory === void 0 ? void 0 : textOf(basename2(directory));
  const projectId = textOf(info["projectID"]);
  if (place.projectId === void 0 || projectId !== void 0 && projectId !== place.projectId) return ofDirectory;
  return place.projectName ?? (place.worktree === void 0 ? void 0 : textOf(basename2(place.worktree))) ?? ofDirectory;
}
function statusItems(told) {
  const sessionId = textOf(told.properties["sessionID"]);
  const status = textOf(fieldsOf(told.properties["status"])?.["type"]);
  if (sessionId === void 0 || status === void 0) return recorded(told);
  const payload = { session_id: sessionId, observed_at_unix_ms: told.observedAt, status };
  const item = sessionItem(sessionId, "status", told.observedAt, payload);
  return status === "retry" ? [item, ...recorded(told)] : [item];
}
function idleItems(told) {
  const sessionId = textOf(told.properties["sessionID"]);
  if (sessionId === void 0) return recorded(told);
  const payload = {
    session_id: sessionId,
    observed_at_unix_ms: told.observedAt,
    status: "idle",
    ended_at_unix_ms: told.observedAt,
    end_reason: "idle"
  };
  const answer = told.memory.lastAnswer.get(sessionId);
  return [{ ...sessionItem(sessionId, "idle", told.observedAt, payload), signal: { kind: "idle", answer } }];
}
function diffItems(told) {
  const sessionId = textOf(told.properties["sessionID"]);
  const diffs = told.properties["diff"];
  if (sessionId === void 0 || !Array.isArray(diffs)) return recorded(told);
  const payload = { session_id: sessionId, observed_at_unix_ms: told.observedAt, summary_diffs: diffs };
  return [sessionItem(sessionId, "diff", told.observedAt, payload)];
}
function errorItems(told) {
  const sessionId = textOf(told.properties["sessionID"]);
  const payload = present({
    session_id: sessionId,
    error_id: told.id,
    message_id: sessionId === void 0 ? void 0 : told.memory.openAnswer.get(sessionId),
    observed_at_unix_ms: told.observedAt,
    error: told.properties["error"]
  });
  return [{ type: "session.error", identity: void 0, generatedAt: told.observedAt, payload, stage: "final" }];
}
function compactedItems(told) {
  const sessionId = textOf(told.properties["sessionID"]);
  const request = sessionId === void 0 ? void 0 : told.memory.compaction.get(sessionId);
  if (request === void 0) return recorded(told);
  const payload = present({
    session_id: sessionId,
    message_id: request.messageId,
    event_id: told.id,
    observed_at_unix_ms: told.observedAt,
    auto: request.auto
  });
  return [{ type: "session.compacted", identity: void 0, generatedAt: told.observedAt, payload, stage: "final" }];
}
function fileItems(told) {
  const path = textOf(told.properties["file"]);
  if (path === void 0) return recorded(told);
  const call = told.memory.callOnPath.get(absolutePath(path, told.place));
  const payload = present({
    session_id: call?.sessionId,
    message_id: call?.messageId,
    call_id: call?.callId,
    event_id: told.id,
    observed_at_unix_ms: told.observedAt,
    path,
    operation: call?.operation
  });
  return [{ type: "file.edited", identity: void 0, generatedAt: told.observedAt, payload, stage: "final" }];
}
function restOfModel(model, id) {
  return model === void 0 ? void 0 : unlessEmpty(othersOf(model, ["providerID", id]));
}
function summaryOf(summary) {
  const fields = fieldsOf(summary);
  if (fields === void 0) return { summary };
  return { summary: unlessEmpty(othersOf(fields, ["diffs"])), summary_diffs: fields["diffs"] };
}
var RESERVED = ["type", "generated_at_unix_ms"];
function othersOf(source, taken) {
  const others = {};
  for (const key of Object.keys(source)) {
    const value = taken.includes(key) ? void 0 : source[key];
    if (value !== void 0 && value !== null) others[RESERVED.includes(key) ? `info_${key}` : key] = value;
  }
  return others;
}
function unlessEmpty(fields) {
  return Object.keys(fields).length === 0 ? void 0 : fields;
}
function present(ours, others = {}) {
  const all = { ...ours, ...others, ...ours };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== void 0 && value !== null));
}
function fieldsOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : void 0;
}
function textOf(value) {
  return typeof value === "string" && value.trim() !== "" ? value : void 0;
}
function momentOf(value) {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.trunc(value) : void 0;
}

// src/queue.ts
var RUNNING_CALLS = 4096;
var ENTRY_OVERHEAD_BYTES = 64;
function entryOf(item, now) {
  const { text, isCut } = toJson(item.payload);
  const bytes = Buffer.byteLength(text) + ENTRY_OVERHEAD_BYTES;
  const { type, identity, generatedAt } = item;
  return { entry: { type, identity, generatedAt, text, bytes, isFinal: item.stage === "final", waitingSince: now }, isCut };
}
var Queue = class {
  /** By identity, or by a number of its own for what is told once; oldest first. */
  #entries = /* @__PURE__ */ new Map();
  #running = new Bounded(RUNNING_CALLS);
  #bytes = 0;
  #told = 0;
  get bytes() {
    return this.#bytes;
  }
  get length() {
    return this.#entries.size;
  }
  /** When the entry that has waited for longest came, in ticks. */
  get oldest() {
    const first = this.#entries.values().next();
    return first.done ? void 0 : first.value.waitingSince;
  }
  /** Whether an item says nothing that is worth a line: the start of a text, or how far a running tool has come. */
  isNoise(item) {
    if (item.stage === "empty") return true;
    if (item.stage !== "running" || item.identity === void 0) return false;
    return this.#running.get(item.identity) !== void 0;
  }
  /** Takes a new snapshot. */
  add(item, entry) {
    if (item.stage === "running" && item.identity !== void 0) this.#running.set(item.identity, true);
    this.put(entry);
  }
  /** Takes an entry that is newer than what waits. */
  put(entry) {
    const key = entry.identity ?? this.#nextKey();
    const queued = this.#entries.get(key);
    const put = queued === void 0 ? entry : newer(queued, entry);
    this.#bytes += put.bytes - (queued?.bytes ?? 0);
    this.#entries.set(key, put);
  }
  /** Takes back what could not be handed over; what has come since stays newer. */
  restore(entries) {
    const since = this.take();
    for (const entry of [...entries, ...since]) this.put(entry);
  }
  /** Takes the oldest entries out: as many as fit, but at least one. */
  take(limitBytes = Number.POSITIVE_INFINITY) {
    const taken = [];
    let bytes = 0;
    for (const [key, entry] of this.#entries) {
      bytes += entry.bytes;
      if (taken.length > 0 && bytes > limitBytes) break;
      taken.push(entry);
      this.#entries.delete(key);
      this.#bytes -= entry.bytes;
    }
    return taken;
  }
  #nextKey() {
    this.#told += 1;
    return `\0${this.#told}`;
  }
};
function newer(queued, entry) {
  const state = queued.isFinal && !entry.isFinal ? queued : entry;
  const generatedAt = Math.min(queued.generatedAt, entry.generatedAt);
  const waitingSince = Math.min(queued.waitingSince, entry.waitingSince);
  return { ...state, generatedAt, waitingSince };
}

// src/schedule.ts
var COUNTED_ANSWERS = 1024;
var NOTHING_SPENT = { early: 0, all: 0, isComplete: false };
var Schedule = class {
  #limits;
  #spent = new Bounded(COUNTED_ANSWERS);
  #wishes = [];
  #newest;
  constructor(limits) {
    this.#limits = limits;
  }
  /** Something has come that cannot wait. */
  signal(signal, now) {
    if (signal.answer !== void 0) this.#newest = signal.answer;
    const spent = this.#of(signal.answer);
    if (signal.kind === "running") this.#running(signal.answer, spent, now);
    else if (signal.kind === "idle") this.#wish(now + this.#limits.idleMs, signal.answer, false);
    else if (!spent.isComplete) this.#wish(now + this.#limits.completedMs, signal.answer, false);
  }
  /** When to ask again what is due; `undefined` while nothing waits, or only for a process to end. */
  next(waiting, ready) {
    const wishes = this.#all(waiting, ready);
    return wishes.length === 0 ? void 0 : Math.min(...wishes.map((wish) => wish.at));
  }
  /** What is due, with its process counted; a file gives way to a process that will be due soon. */
  due(waiting, ready, now) {
    const wishes = this.#all(waiting, ready).sort((a, b) => a.at - b.at);
    const first = wishes[0];
    if (first === void 0 || first.at > now) return void 0;
    const wish = wishes.find(({ way }) => way === "process") ?? first;
    if (wish.way === "process") this.#count(wish);
    this.#wishes = [];
    return wish.way;
  }
  /** Whether the end of the host may start one more process, which is counted. */
  last() {
    const wish = this.#wishFor(0, this.#newest, false);
    if (wish.way === "process") this.#count(wish);
    this.#wishes = [];
    return wish.way;
  }
  #running(answer, spent, now) {
    const ms = spent.early === 0 ? this.#limits.runningMs : this.#limits.sharedRunningMs;
    const wish = this.#wishFor(now + ms, answer, true);
    this.#wishes.push(wish.way === "process" ? wish : { ...wish, at: now + this.#limits.runningMs });
  }
  #wish(at, answer, isEarly) {
    this.#wishes.push(this.#wishFor(at, answer, isEarly));
  }
  #wishFor(at, answer, isEarly) {
    const { early, all } = this.#of(answer);
    const isLeft = all < this.#limits.processes && (!isEarly || early < this.#limits.earlyProcesses);
    return { at, way: answer !== void 0 && isLeft ? "process" : "outbox", answer, isEarly };
  }
  /** What was asked for, and what time and size demand, as far as it can be done. */
  #all(waiting, ready) {
    return this.#wanted(waiting).flatMap((wish) => {
      if (wish.way === "process" && ready.process === "ready") return [wish];
      if (wish.way === "process" && ready.process === "busy") return [];
      return [{ ...wish, way: "outbox", at: Math.max(wish.at, ready.fileFrom) }];
    });
  }
  #wanted(waiting) {
    if (waiting.oldest === void 0) return [];
    const linger = { at: waiting.oldest + this.#limits.lingerMs, way: "outbox", answer: void 0, isEarly: false };
    const size = waiting.bytes < this.#limits.sizeTriggerBytes ? [] : [this.#wishFor(waiting.oldest, this.#newest, true)];
    return [...this.#wishes, ...size, linger];
  }
  #of(answer) {
    return (answer === void 0 ? void 0 : this.#spent.get(answer)) ?? NOTHING_SPENT;
  }
  #count(wish) {
    if (wish.answer === void 0) return;
    const { early, all, isComplete } = this.#of(wish.answer);
    this.#spent.set(wish.answer, {
      early: early + (wish.isEarly ? 1 : 0),
      all: all + 1,
      isComplete: isComplete || !wish.isEarly
    });
  }
};

// src/recorder.ts
var Recorder = class {
  #place;
  #means;
  #clock;
  #memory = new Memory();
  #queue = new Queue();
  #schedule;
  #delivery;
  #cancel = () => {
  };
  #wakesAt = Number.POSITIVE_INFINITY;
  #isClosed = false;
  constructor(place, means) {
    this.#place = place;
    this.#means = means;
    this.#clock = means.clock;
    this.#schedule = new Schedule(means.limits);
    this.#delivery = new Delivery(this.#queue, means, () => this.#arm());
    void this.#delivery.look();
  }
  /** Takes an event. It costs the host the time to copy it; processes and files are for later. */
  see(event) {
    for (const item of this.#itemsOf(event)) this.#take(item);
    this.#delivery.relieve();
    this.#arm();
  }
  /** Brings everything to safety within three seconds. */
  async close() {
    this.#isClosed = true;
    this.#cancel();
    const way = this.#queue.length === 0 ? "outbox" : this.#schedule.last();
    await this.#delivery.close(way);
  }
  /** The same at once, at the end of the host's process. */
  abandon() {
    this.#isClosed = true;
    this.#cancel();
    this.#delivery.abandon();
  }
  #itemsOf(event) {
    const sight = { observedAt: this.#clock.now(), memory: this.#memory, place: this.#place };
    try {
      return mapEvent(event, sight);
    } catch {
      this.#sayCut();
      return mapEvent(plainCopy(event), sight);
    }
  }
  #take(item) {
    if (this.#queue.isNoise(item)) return;
    const now = this.#clock.ticks();
    const { entry, isCut } = entryOf(item, now);
    if (isCut) this.#sayCut();
    this.#queue.add(item, entry);
    if (item.signal !== void 0) this.#schedule.signal(item.signal, now);
  }
  #waiting() {
    return { oldest: this.#queue.oldest, bytes: this.#queue.bytes };
  }
  /** Sets the timer for what is due next; one timer at a time. */
  #arm() {
    if (this.#isClosed) return;
    const next = this.#schedule.next(this.#waiting(), this.#delivery.readiness) ?? Number.POSITIVE_INFINITY;
    if (next === this.#wakesAt) return;
    this.#cancel();
    this.#wakesAt = next;
    this.#cancel = next === Number.POSITIVE_INFINITY ? () => {
    } : this.#clock.after(next - this.#clock.ticks(), () => this.#wake());
  }
  #wake() {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const way = this.#schedule.due(this.#waiting(), this.#delivery.readiness, this.#clock.ticks());
    if (way !== void 0) this.#delivery.flush(way);
    this.#arm();
  }
  #sayCut() {
    this.#means.notices.once("cut", "an event could not be read as a whole; what could be read of it is kept");
  }
};

// src/tap.ts
var Tap = class {
  #place;
  #means;
  #folder;
  #recorder;
  constructor(place, means) {
    this.#place = place;
    this.#means = means;
    this.#folder = place.directory ?? "";
    claim(this.#folder, this);
  }
  /** Takes what the host hands to its `event` hook. */
  see(handed) {
    try {
      if (!claim(this.#folder, this)) return;
      this.#recording().see(handed?.event);
    } catch {
    }
  }
  /** Brings everything to safety; takes at most three seconds. An event after it starts anew. */
  async dispose() {
    const recorder = this.#recorder;
    this.#recorder = void 0;
    letGo(this.#folder, this);
    try {
      await recorder?.close();
    } catch {
      recorder?.abandon();
    }
    if (recorder !== void 0) endedBefore(recorder);
  }
  #recording() {
    if (this.#recorder !== void 0) return this.#recorder;
    const recorder = new Recorder(this.#place, this.#means);
    endWithHost(recorder);
    this.#recorder = recorder;
    return recorder;
  }
};

// src/index.ts
async function Recount(input, options) {
  try {
    const database = pathOf(options?.["database"]) ?? pathOf(INSTALLED_DATABASE);
    const binary = binaryAt(commandOf(options), database, LIMITS.childTimeoutMs, HOST_CLOCK);
    const outbox = new Outbox(outboxFolder(process.env), database ?? pathOf(process.env["RECOUNT_DATABASE"]));
    const notices = new Notices((message) => tell(input, message));
    const tap = new Tap(placeOf(input), { binary, outbox, notices, limits: LIMITS, clock: HOST_CLOCK });
    return {
      event: async (handed) => tap.see(handed),
      dispose: () => tap.dispose()
    };
  } catch {
    return {};
  }
}
function commandOf(options) {
  const installed = existsSync(INSTALLED_COMMAND) ? INSTALLED_COMMAND : void 0;
  const command = textOf2(options?.["command"]) ?? installed ?? "recount";
  return command.includes(sep2) ? resolve3(command) : command;
}
function placeOf(input) {
  const { directory, worktree, project } = input;
  return {
    directory: textOf2(directory),
    worktree: textOf2(worktree),
    projectId: textOf2(project?.id),
    projectName: textOf2(project?.name)
  };
}
function tell(input, message) {
  return input.client.app.log({ body: { service: "recount", level: "warn", message } });
}
function pathOf(value) {
  const path = textOf2(value);
  return path === void 0 ? void 0 : resolve3(path);
}
function textOf2(value) {
  return typeof value === "string" && value !== "" ? value : void 0;
}
export {
  Recount
};
