/** The captures as the mapping tells them: what the shared fixtures hold, for the tests here and in Rust. */

import { readFileSync } from "node:fs";
import { toLines } from "../src/batch.js";
import { mapEvent, type Place } from "../src/map.js";
import { Memory } from "../src/memory.js";
import { entryOf } from "../src/queue.js";

export const CAPTURES = ["basic", "subagent", "error"] as const;
export type Capture = (typeof CAPTURES)[number];

export interface CapturedEvent {
  readonly observedAt: number;
  readonly event: unknown;
}

/** The folder of captures and fixtures, seen from this package. */
export const FIXTURES = "../../tests/fixtures";

/** The captures do not say what project the host named, so a session's is named by its folder. */
export const NOWHERE: Place = { directory: undefined, worktree: undefined, projectId: undefined, projectName: undefined };

/** The events of a capture; a hook's line is none. */
export function captured(name: Capture): CapturedEvent[] {
  const lines = readFileSync(`${FIXTURES}/captures/opencode/${name}.jsonl`, "utf8").split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { ts: string; event?: unknown })
    .filter((line) => line.event !== undefined)
    .map((line) => ({ observedAt: Date.parse(line.ts), event: line.event }));
}

/** One envelope per item, without coalescing: every snapshot that was seen. */
export function envelopesOf(name: Capture): string {
  const memory = new Memory();
  return captured(name)
    .flatMap(({ observedAt, event }) => mapEvent(event, { observedAt, memory, place: NOWHERE }))
    .map((item) => toLines([entryOf(item, 0).entry]))
    .join("");
}
