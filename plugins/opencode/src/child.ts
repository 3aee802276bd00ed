/**
 * One process of `recount`, which takes a batch on its standard input. Without a shell; never longer than its time; of what it
 * prints only the beginning is kept. Its exit code alone proves nothing, as what it leaves unread can fit into the pipe: it counts
 * as successful only if it gives recount's own receipt.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
import type { Readable } from "node:stream";
import type { Clock } from "./clock.js";

/** What became of a batch. */
export type Outcome =
  /** It is durable. */
  | { readonly kind: "safe" }
  /** It is durable, but the binary did not understand how it was called. */
  | { readonly kind: "usage" }
  /** It may be lost. */
  | { readonly kind: "failed"; readonly reason: string };

export interface Running {
  readonly outcome: Promise<Outcome>;
  kill(): void;
}

/** What takes batches. */
export interface Binary {
  /** As the user knows it. */
  readonly name: string;
  /** Whether there is something to start. Never rejects. */
  isThere(): Promise<boolean>;
  /** Starts a process and hands it a batch. Never throws. */
  start(input: string): Running;
}

/** What is kept of each stream that a process prints. */
const KEPT_LIMIT_BYTES = 4 * 1024;

/** The part of its standard error that a message tells. */
const TOLD_CHARACTERS = 200;

/** What is in the pipes can be told after the exit; what holds them open for longer is a grandchild. */
const PIPES_GRACE_MS = 500;

/** How recount says on its standard output that its input is safe. */
const RECEIPT = /^conversation-trace: attempted=/m;

const EXIT_SAFE = 0;
const EXIT_USAGE = 64;
const EXIT_UNREADABLE = 65;

/** The exit codes of which recount's own message says more; another program's might hold what was handed to it. */
const EXITS_OF_RECOUNT: readonly number[] = [74, 75, 78];

/** The arguments that the binary is given. */
export function argumentsOf(database: string | undefined): string[] {
  const args = ["hooks", "conversation-trace", "--agent", "opencode"];
  return database === undefined ? args : [...args, "--database", database];
}

/** The binary that a name or path finds, with a database if it is not the default one. */
export function binaryAt(command: string, database: string | undefined, timeoutMs: number, clock: Clock): Binary {
  const args = argumentsOf(database);
  return { name: command, isThere: () => isThere(command), start: (input) => start(command, args, input, timeoutMs, clock) };
}

async function isThere(command: string): Promise<boolean> {
  if (process.platform === "win32") return true;
  const folders = command.includes(sep) ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  for (const folder of folders) {
    const isProgram = await access(join(folder, command), constants.X_OK).then(() => true, () => false);
    if (isProgram) return true;
  }
  return false;
}

function start(command: string, args: readonly string[], input: string, timeoutMs: number, clock: Clock): Running {
  let child: ChildProcess;
  try {
    child = spawn(command, args, {
      shell: false,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
  } catch (error) {
    return { outcome: Promise.resolve(notStarted(error)), kill: () => {} };
  }
  const outcome = new Promise<Outcome>((resolve) => watch(child, input, timeoutMs, clock, resolve));
  return { outcome, kill: () => kill(child) };
}

function watch(child: ChildProcess, input: string, timeoutMs: number, clock: Clock, resolve: (outcome: Outcome) => void): void {
  const output = drained(child.stdout);
  const errors = drained(child.stderr);
  const taken = handOver(child, input);
  let isLate = false;
  const cancelTimeout = clock.after(timeoutMs, () => {
    isLate = true;
    kill(child);
  });
  const settle = (outcome: Outcome) => {
    cancelTimeout();
    release(child);
    resolve(outcome);
  };
  child.once("error", (error) => {
    if (child.pid === undefined) settle(notStarted(error));
  });
  // Not `close`: a grandchild can hold the pipes open for ever.
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

function afterExit(code: number | null, isTaken: boolean | undefined, isReceipted: boolean | undefined): Outcome {
  if (isTaken !== true) return { kind: "failed", reason: "did not read all that it was handed" };
  if (isReceipted !== true) return { kind: "failed", reason: "ended without a receipt" };
  return { kind: code === EXIT_USAGE ? "usage" : "safe" };
}

function isSafe(code: number | null): boolean {
  return code === EXIT_SAFE || code === EXIT_USAGE || code === EXIT_UNREADABLE;
}

function reasonOf(code: number | null, signal: string | null, told: string): string {
  if (code === null) return `was ended by ${signal ?? "a signal"}`;
  const line = (told.split("\n", 1)[0] ?? "").replace(/\p{C}/gu, "").slice(0, TOLD_CHARACTERS);
  return `ended with exit code ${code}${EXITS_OF_RECOUNT.includes(code) && line !== "" ? `: ${line}` : ""}`;
}

/** Writes the input; whether all of it was taken. The write's own answer, as Bun 1.3.14 tells `finish` even of a closed pipe. */
function handOver(child: ChildProcess, input: string): Promise<boolean> {
  return new Promise((resolve) => {
    const stdin = child.stdin;
    if (stdin === null) return resolve(false);
    stdin.once("error", () => resolve(false));
    stdin.on("error", () => {});
    stdin.write(input, (error) => resolve(error === undefined || error === null));
    stdin.end();
  });
}

/** What a process prints on one stream. */
interface Drained {
  /** How it began. */
  kept(): string;
  /** Whether it begins with something; answered as soon as it does, else at the stream's end. */
  tells(pattern: RegExp): Promise<boolean>;
}

/** Reads a stream to its end, and keeps how it began. */
function drained(stream: Readable | null): Drained {
  let bytes = Buffer.alloc(0);
  let isOver = stream === null;
  let changed = () => {};
  const kept = () => bytes.toString("utf8");
  const over = () => {
    isOver = true;
    changed();
  };
  stream?.on("data", (chunk: Buffer) => {
    const room = KEPT_LIMIT_BYTES - bytes.length;
    if (room <= 0) return;
    bytes = Buffer.concat([bytes, chunk.subarray(0, room)]);
    changed();
  });
  for (const end of ["end", "close", "error"]) stream?.on(end, over);
  const tells = (pattern: RegExp) =>
    new Promise<boolean>((resolve) => {
      changed = () => {
        const isTold = pattern.test(kept());
        if (isTold || isOver || bytes.length >= KEPT_LIMIT_BYTES) resolve(isTold);
      };
      changed();
    });
  return { kept, tells };
}

function release(child: ChildProcess): void {
  try {
    child.stdin?.destroy();
    child.stdout?.destroy();
    child.stderr?.destroy();
  } catch {
    // They are closed.
  }
}

function kill(child: ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

function notStarted(error: unknown): Outcome {
  const code = (error as { code?: unknown } | null)?.code;
  return { kind: "failed", reason: `could not be started${typeof code === "string" ? ` (${code})` : ""}` };
}

function within(promise: Promise<boolean>, ms: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(false));
    void promise.then((value) => {
      cancel();
      resolve(value);
    });
  });
}
