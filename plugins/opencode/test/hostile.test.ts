/** Real processes that do everything wrong: the host never waits, and nothing is lost. Times are shortened where a bound is waited for. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { binaryAt } from "../src/child.js";
import { HOST_CLOCK } from "../src/clock.js";
import { LIMITS, type Limits } from "../src/limits.js";
import { Notices } from "../src/notices.js";
import { Outbox } from "../src/outbox.js";
import { Recorder } from "../src/recorder.js";
import { NOWHERE } from "./replay.js";

const QUICK: Limits = { ...LIMITS, runningMs: 5, completedMs: 20, idleMs: 10 };

/** For those that never end. */
const IMPATIENT: Limits = { ...QUICK, childTimeoutMs: 300, disposeMs: 500 };

/** What a dispose may take: its bound, and the time of a loaded machine to write a file. */
const DISPOSE_LIMIT_MS = 3_000;

/** What the host may spend in its handler, on a loaded machine: far less than any process takes here that is waited for. */
const HANDLER_LIMIT_MS = 200;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recount-plugin-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program of a few lines of Node that is handed batches; `taken(bytes)` notes what it has taken. */
function program(body: string): string {
  const path = join(folder, "recount");
  const text = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const taken = (text) => appendFileSync(${JSON.stringify(join(folder, "taken"))}, text);
${body}
`;
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

function recorderOf(command: string, limits: Limits = QUICK, outbox = join(folder, "outbox")) {
  const said: string[] = [];
  const recorder = new Recorder(NOWHERE, {
    binary: binaryAt(command, undefined, limits.childTimeoutMs, HOST_CLOCK),
    outbox: new Outbox(outbox, undefined),
    limits,
    clock: HOST_CLOCK,
    notices: new Notices((message) => said.push(message)),
  });
  return { recorder, said };
}

/** What is in the outbox, without the headers. */
function outboxText(): string {
  const outbox = join(folder, "outbox");
  if (!existsSync(outbox)) return "";
  const names = readdirSync(outbox).filter((name) => name.endsWith(".spool"));
  return names.map((name) => readFileSync(join(outbox, name), "utf8").split("\n").slice(1).join("\n")).join("");
}

const takenText = () => (existsSync(join(folder, "taken")) ? readFileSync(join(folder, "taken"), "utf8") : "");

const tool = (answer: number, state: object) => ({
  id: `evt_t${answer}`,
  type: "message.part.updated",
  properties: {
    sessionID: "s",
    part: { id: `t${answer}`, sessionID: "s", messageID: `m${answer}`, type: "tool", tool: "bash", callID: `c${answer}`, state },
    time: 5,
  },
});

const answer = (index: number) => ({
  id: `evt_m${index}`,
  type: "message.updated",
  properties: {
    sessionID: "s",
    info: { id: `m${index}`, sessionID: "s", role: "assistant", time: { created: 5, completed: 6 } },
  },
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Three answers with a tool each, long enough for a process in the middle of them. */
async function session(recorder: Recorder, output: string, betweenMs: number): Promise<void> {
  const see = (event: unknown) => {
    const before = performance.now();
    recorder.see(event);
    expect(performance.now() - before).toBeLessThan(HANDLER_LIMIT_MS);
  };
  for (const index of [1, 2, 3]) {
    see(tool(index, { status: "running", input: {} }));
    await pause(betweenMs);
    see(tool(index, { status: "completed", input: {}, output: `${output}end${index}` }));
    see(answer(index));
    await pause(betweenMs);
  }
  const before = performance.now();
  await recorder.close();
  expect(performance.now() - before).toBeLessThan(DISPOSE_LIMIT_MS);
}

function expectAllFinalStates(text: string): void {
  for (const index of [1, 2, 3]) {
    expect(text).toContain(`end${index}"`);
    expect(text).toContain(`"message_id":"m${index}","role":"assistant"`);
  }
}

const READ_ALL = 'const text = readFileSync(0, "utf8");';

/** What recount says when the input is safe. */
const RECEIPT = 'console.log("conversation-trace: attempted=1 stored=0 updated=0 duplicate=0 rejected=0 spooled=1");';

/** What a program that works does. */
const TAKE = `${READ_ALL} taken(text); ${RECEIPT}`;

const MEGABYTES =
  'for (let n = 0; n < 64; n += 1) { process.stdout.write("o".repeat(65536)); process.stderr.write("e".repeat(65536)); }';

/** Whichever comes first: the look at the first event, or the first try. */
const NOT_STARTED = /is not there or no program|could not be started \((ENOENT|EACCES|ERR_INVALID_ARG_VALUE)\)/;

const HOSTILE: [name: string, body: string, isTaken: boolean, said: RegExp | undefined][] = [
  ["works", TAKE, true, undefined],
  ["is slow", `${READ_ALL} setTimeout(() => { taken(text); ${RECEIPT} }, 200);`, true, undefined],
  ["gives its receipt late", `${READ_ALL} taken(text); setTimeout(() => { ${RECEIPT} }, 100);`, true, undefined],
  ["gives its receipt in pieces", `${READ_ALL} taken(text); process.stdout.write("\\nconversation-"); setTimeout(() => console.log("trace: attempted=1"), 20);`, true, undefined],
  ["says 65", `${TAKE} process.exitCode = 65;`, true, undefined],
  ["says 65 without a receipt", `${READ_ALL} process.exitCode = 65;`, false, /ended without a receipt;/],
  ["says 64", `${READ_ALL} taken(text); process.exitCode = 64;`, true, /did not understand how it was called/],
  ["says 74", `${READ_ALL} console.error("cannot write"); process.exitCode = 74;`, false, /exit code 74: cannot write;/],
  ["says 74 after a receipt", `${READ_ALL} ${RECEIPT} process.exitCode = 74;`, false, /exit code 74;/],
  ["says 1, with what it was handed", `${READ_ALL} console.error(text); process.exitCode = 1;`, false, /exit code 1; what/],
  ["hangs", "setInterval(() => {}, 1000);", false, /did not end (within 300 ms|before its host)/],
  ["hangs after it has read", `${READ_ALL} setInterval(() => {}, 1000);`, false, /did not end (within 300 ms|before its host)/],
  ["hangs after its receipt", `${READ_ALL} ${RECEIPT} setInterval(() => {}, 1000);`, false, /did not end (within 300 ms|before its host)/],
  ["is killed", `${READ_ALL} process.kill(process.pid, "SIGKILL");`, false, /was ended by SIGKILL/],
  ["reads and forgets", READ_ALL, false, /ended without a receipt;/],
  ["is not recount but repeats what it is handed", `${READ_ALL} process.stdout.write(text);`, false, /ended without a receipt;/],
  ["only mentions a receipt", `${READ_ALL} console.log("no conversation-trace: attempted=1");`, false, /ended without a receipt;/],
  ["gives its receipt on the wrong stream", `${READ_ALL} console.error("conversation-trace: attempted=1");`, false, /ended without a receipt;/],
  ["prints megabytes on both streams after its receipt", `${TAKE} ${MEGABYTES}`, true, undefined],
  ["prints megabytes on both streams", `${READ_ALL} ${MEGABYTES}`, false, /ended without a receipt;/],
  ["prints megabytes without having read", MEGABYTES, false, /ended without a receipt;|did not read all/],
];

describe("a binary that", () => {
  it.each(HOSTILE)("%s", async (name, body, isTaken, said) => {
    const { recorder, said: told } = recorderOf(program(body), name.startsWith("hangs") ? IMPATIENT : QUICK);
    await session(recorder, "", 100);
    if (isTaken) expect(takenText()).toContain("payloads");
    expectAllFinalStates((isTaken ? takenText() : "") + outboxText());
    expect(told.join("\n")).toMatch(said ?? /^$/);
    expect(told.length).toBeLessThanOrEqual(1);
    expect(told.join("")).not.toContain("end1");
  });

  it("closes its input early", async () => {
    const { recorder, said } = recorderOf(program('require("node:fs").closeSync(0); setTimeout(() => {}, 100);'));
    await session(recorder, "x".repeat(300_000), 100);
    expectAllFinalStates(outboxText());
    expect(said.join("")).toMatch(/ended without a receipt;|did not read all that it was handed;/);
  });

  it("ends well without having read", async () => {
    const { recorder } = recorderOf(program("process.exit(0);"));
    await session(recorder, "x".repeat(300_000), 100);
    expectAllFinalStates(outboxText());
  });

  it.each(["/bin/true", "program"])("ends well without having read what fits into its pipe: %s", async (command) => {
    const { recorder, said } = recorderOf(command === "program" ? program("process.exit(0);") : command);
    await session(recorder, "", 100);
    expectAllFinalStates(outboxText());
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/ended without a receipt;|did not read all that it was handed;/);
  });

  const HELD = 'require("node:child_process").spawn("sleep", ["3"], { stdio: "inherit", detached: true }).unref();';

  it("leaves a child that holds its pipes", async () => {
    const { recorder, said } = recorderOf(program(`${TAKE} ${HELD}`));
    await session(recorder, "", 100);
    expectAllFinalStates(takenText() + outboxText());
    expect(said).toEqual([]);
  });

  it("leaves a child that holds its pipes, and has no receipt", async () => {
    const { recorder, said } = recorderOf(program(`${READ_ALL} ${HELD}`));
    await session(recorder, "", 400);
    expectAllFinalStates(outboxText());
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/ended without a receipt;/);
  });

  it("has a child that gives the receipt after it has ended itself", async () => {
    const late = 'require("node:child_process").spawn("sh", ["-c", "sleep 0.1; echo conversation-trace: attempted=1"], { stdio: "inherit", detached: true }).unref();';
    const { recorder, said } = recorderOf(program(`${READ_ALL} taken(text); ${late}`));
    await session(recorder, "", 200);
    expectAllFinalStates(takenText() + outboxText());
    expect(said).toEqual([]);
  });

  it.each([
    ["is missing", () => join(folder, "nowhere"), NOT_STARTED],
    ["is a folder", () => folder, NOT_STARTED],
    ["is no program", () => (writeFileSync(join(folder, "text"), "x"), join(folder, "text")), NOT_STARTED],
    ["has no name that a process can have", () => "a\0b", NOT_STARTED],
  ])("%s", async (_, command, said) => {
    const { recorder, said: told } = recorderOf(command());
    await session(recorder, "", 50);
    expectAllFinalStates(outboxText());
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(said);
  });
});

describe("an outbox that cannot be written", () => {
  it("is said once, and the count at the end", async () => {
    writeFileSync(join(folder, "file"), "");
    const { recorder, said } = recorderOf(join(folder, "nowhere"), QUICK, join(folder, "file", "outbox"));
    await session(recorder, "", 50);
    expect(said).toHaveLength(3);
    expect(said[1]).toMatch(/cannot be written \(ENOTDIR\)/);
    expect(said[2]).toBe("6 items could be neither handed over nor written, and are lost");
  });

  it("does not hinder a binary that works", async () => {
    writeFileSync(join(folder, "file"), "");
    const { recorder } = recorderOf(program(TAKE), QUICK, join(folder, "file", "outbox"));
    await session(recorder, "", 100);
    expectAllFinalStates(takenText());
  });
});

describe("files", () => {
  it("are for their owner alone, and complete", async () => {
    mkdirSync(folder, { recursive: true });
    const { recorder } = recorderOf(join(folder, "nowhere"));
    await session(recorder, "", 50);
    const outbox = join(folder, "outbox");
    expect(statSync(outbox).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(outbox)) {
      expect(name).toMatch(/^\d{15}-[0-9a-f]{16}\.spool$/);
      expect(statSync(join(outbox, name)).mode & 0o777).toBe(0o600);
      const [head, ...rest] = readFileSync(join(outbox, name), "utf8").split("\n");
      const header = JSON.parse(head ?? "") as { bytes: number };
      expect(header).toMatchObject({ recount_spool: 1, kind: "conversation-trace", agent: "opencode", database: null });
      expect(header.bytes).toBe(Buffer.byteLength(rest.join("\n")));
    }
  });
});
