/**
 * What waits to be handed over, one entry per thing: a newer snapshot takes the place of an older one, so that a part that
 * is told ten thousand times is sent once. A final state is never lost to a state that is not final, and the earliest time of
 * coming into being is kept.
 */

import type { EnvelopeType, Item } from "./envelope.js";
import { toJson } from "./json.js";
import { Bounded } from "./memory.js";

/** One item as it will be sent; the text was made when the event came, because the host goes on changing its objects. */
export interface Entry {
  readonly type: EnvelopeType;
  readonly identity: string | undefined;
  readonly generatedAt: number;
  /** The payload's JSON object, without `generated_at_unix_ms`. */
  readonly text: string;
  readonly bytes: number;
  readonly isFinal: boolean;
  /** When the oldest snapshot that this one replaced came, in ticks. */
  readonly waitingSince: number;
}

/** Calls whose running state was taken; one that falls out is told once more, which only costs a row's update. */
const RUNNING_CALLS = 4096;

/** What an item takes beside its text. */
const ENTRY_OVERHEAD_BYTES = 64;

/** An item as an entry, and whether it had to be cut. `now` is in ticks. */
export function entryOf(item: Item, now: number): { entry: Entry; isCut: boolean } {
  const { text, isCut } = toJson(item.payload);
  const bytes = Buffer.byteLength(text) + ENTRY_OVERHEAD_BYTES;
  const { type, identity, generatedAt } = item;
  return { entry: { type, identity, generatedAt, text, bytes, isFinal: item.stage === "final", waitingSince: now }, isCut };
}

export class Queue {
  /** By identity, or by a number of its own for what is told once; oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Bounded<true>(RUNNING_CALLS);
  #bytes = 0;
  #told = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#entries.size;
  }

  /** When the entry that has waited for longest came, in ticks. */
  get oldest(): number | undefined {
    const first = this.#entries.values().next();
    return first.done ? undefined : first.value.waitingSince;
  }

  /** Whether an item says nothing that is worth a line: the start of a text, or how far a running tool has come. */
  isNoise(item: Item): boolean {
    if (item.stage === "empty") return true;
    if (item.stage !== "running" || item.identity === undefined) return false;
    return this.#running.get(item.identity) !== undefined;
  }

  /** Takes a new snapshot. */
  add(item: Item, entry: Entry): void {
    if (item.stage === "running" && item.identity !== undefined) this.#running.set(item.identity, true);
    this.put(entry);
  }

  /** Takes an entry that is newer than what waits. */
  put(entry: Entry): void {
    const key = entry.identity ?? this.#nextKey();
    const queued = this.#entries.get(key);
    const put = queued === undefined ? entry : newer(queued, entry);
    this.#bytes += put.bytes - (queued?.bytes ?? 0);
    this.#entries.set(key, put);
  }

  /** Takes back what could not be handed over; what has come since stays newer. */
  restore(entries: readonly Entry[]): void {
    const since = this.take();
    for (const entry of [...entries, ...since]) this.put(entry);
  }

  /** Takes the oldest entries out: as many as fit, but at least one. */
  take(limitBytes: number = Number.POSITIVE_INFINITY): Entry[] {
    const taken: Entry[] = [];
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

  #nextKey(): string {
    this.#told += 1;
    return `\0${this.#told}`;
  }
}

/** One entry of two snapshots of the same thing. */
function newer(queued: Entry, entry: Entry): Entry {
  const state = queued.isFinal && !entry.isFinal ? queued : entry;
  const generatedAt = Math.min(queued.generatedAt, entry.generatedAt);
  const waitingSince = Math.min(queued.waitingSince, entry.waitingSince);
  return { ...state, generatedAt, waitingSince };
}
