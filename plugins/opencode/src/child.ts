/**
 * One process of `recount`, which takes a batch on its standard input. Without a shell; never longer than its time; whatever it
 * prints is read and forgotten. A process counts as successful only if it took the whole input and says so by its exit code.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
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

/** What of a process's standard error is kept. */
const STDERR_LIMIT_BYTES = 4 * 1024;

/** The part of it that a message tells. */
const STDERR_TOLD_CHARACTERS = 200;

/** The last bytes' receipt can be told after the exit. */
const RECEIPT_GRACE_MS = 500;

const EXIT_SAFE = 0;
const EXIT_USAGE = 64;
const EXIT_UNREADABLE = 65;

/** The exit codes of which recount's own message says more; another program's might hold what was handed to it. */
const EXITS_OF_RECOUNT: readonly number[] = [74, 75, 78];

/** The arguments that the binary is given. */
export function argumentsOf(database: string | undefined): string[] {
  const args = ["hooks", "conversation-trace", "--agent", "opencode", "--receipt", "none"];
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
      stdio: ["pipe", "ignore", "pipe"],
      windowsHide: true,
    });
  } catch (error) {
    return { outcome: Promise.resolve(notStarted(error)), kill: () => {} };
  }
  const outcome = new Promise<Outcome>((resolve) => watch(child, input, timeoutMs, clock, resolve));
  return { outcome, kill: () => kill(child) };
}

function watch(child: ChildProcess, input: string, timeoutMs: number, clock: Clock, resolve: (outcome: Outcome) => void): void {
  const told = drained(child);
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
    else if (!isSafe(code)) settle({ kind: "failed", reason: reasonOf(code, signal, told()) });
    else void within(taken, RECEIPT_GRACE_MS, clock).then((isTaken) => settle(afterExit(code, isTaken)));
  });
  child.unref();
}

function afterExit(code: number | null, isTaken: boolean): Outcome {
  if (!isTaken) return { kind: "failed", reason: "did not read all that it was handed" };
  return { kind: code === EXIT_USAGE ? "usage" : "safe" };
}

function isSafe(code: number | null): boolean {
  return code === EXIT_SAFE || code === EXIT_USAGE || code === EXIT_UNREADABLE;
}

function reasonOf(code: number | null, signal: string | null, told: string): string {
  if (code === null) return `was ended by ${signal ?? "a signal"}`;
  const line = (told.split("\n", 1)[0] ?? "").replace(/\p{C}/gu, "").slice(0, STDERR_TOLD_CHARACTERS);
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

/** Reads standard error to its end and returns how it began. */
function drained(child: ChildProcess): () => string {
  let kept = Buffer.alloc(0);
  child.stderr?.on("error", () => {});
  child.stderr?.on("data", (chunk: Buffer) => {
    const room = STDERR_LIMIT_BYTES - kept.length;
    if (room > 0) kept = Buffer.concat([kept, chunk.subarray(0, room)]);
  });
  return () => kept.toString("utf8");
}

function release(child: ChildProcess): void {
  try {
    child.stdin?.destroy();
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
