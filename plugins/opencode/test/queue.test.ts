import { describe, expect, it } from "vitest";
import { toLines } from "../src/batch.js";
import type { Item } from "../src/envelope.js";
import { mapEvent } from "../src/map.js";
import { Memory } from "../src/memory.js";
import { type Entry, entryOf, Queue } from "../src/queue.js";
import { CAPTURES, captured, NOWHERE } from "./replay.js";

/** A source of numbers that are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function snapshot(identity: string | undefined, version: number, fields: Partial<Item> = {}): Item {
  return { type: "message.part.updated", identity, generatedAt: version, payload: { version }, stage: "open", ...fields };
}

function take(queue: Queue, item: Item): void {
  if (!queue.isNoise(item)) queue.add(item, entryOf(item, 0).entry);
}

const versionOf = (entry: Entry | undefined) => (JSON.parse(entry?.text ?? "{}") as { version?: number }).version;

describe("the queue", () => {
  it("sends ten thousand updates of one part once, with the last text and the first time", () => {
    const queue = new Queue();
    for (let version = 1; version <= 10_000; version += 1) take(queue, snapshot("p", version));
    const [entry, ...others] = queue.take();
    expect(others).toEqual([]);
    expect([versionOf(entry), entry?.generatedAt]).toEqual([10_000, 1]);
    expect(queue.bytes).toBe(0);
  });

  it("keeps a final state from one that is not", () => {
    const queue = new Queue();
    take(queue, snapshot("p", 2, { stage: "final" }));
    take(queue, snapshot("p", 1));
    const [entry] = queue.take();
    expect([versionOf(entry), entry?.generatedAt]).toEqual([2, 1]);
  });

  it("takes the newer of two final states", () => {
    const queue = new Queue();
    take(queue, snapshot("p", 1, { stage: "final" }));
    take(queue, snapshot("p", 2, { stage: "final" }));
    expect(queue.take().map(versionOf)).toEqual([2]);
  });

  it("sends a session's last list of changes once, also when it is empty", () => {
    const queue = new Queue();
    const memory = new Memory();
    for (const [observedAt, diff] of [[], [], [{ file: "a" }], []].entries()) {
      const event = { type: "session.diff", properties: { sessionID: "s", diff } };
      for (const item of mapEvent(event, { observedAt, memory, place: NOWHERE })) take(queue, item);
    }
    const [entry, ...others] = queue.take();
    expect(others).toEqual([]);
    expect(JSON.parse(entry?.text ?? "{}")).toMatchObject({ session_id: "s", observed_at_unix_ms: 3, summary_diffs: [] });
  });

  it("takes a tool's first running state and none after it, also when it has been sent", () => {
    const queue = new Queue();
    take(queue, snapshot("p", 1, { stage: "running" }));
    take(queue, snapshot("p", 2, { stage: "running" }));
    expect(queue.take().map(versionOf)).toEqual([1]);
    take(queue, snapshot("p", 3, { stage: "running" }));
    expect(queue.length).toBe(0);
    take(queue, snapshot("p", 4, { stage: "final" }));
    expect(queue.take().map(versionOf)).toEqual([4]);
  });

  it("drops the start of a text", () => {
    const queue = new Queue();
    take(queue, snapshot("p", 1, { stage: "empty" }));
    expect(queue.length).toBe(0);
  });

  it("never joins what is told once", () => {
    const queue = new Queue();
    for (const version of [1, 1, 2]) take(queue, snapshot(undefined, version));
    const taken = queue.take();
    queue.restore(taken);
    take(queue, snapshot(undefined, 3));
    expect(queue.take().map(versionOf)).toEqual([1, 1, 2, 3]);
  });

  it("takes back what failed under what has come since", () => {
    const queue = new Queue();
    for (const id of ["a", "b", "c"]) take(queue, snapshot(id, 1, { stage: id === "c" ? "final" : "open" }));
    const failed = queue.take();
    take(queue, snapshot("b", 2));
    take(queue, snapshot("c", 2));
    take(queue, snapshot("d", 2));
    queue.restore(failed);
    const bytes = queue.bytes;
    const entries = queue.take();
    expect(entries.map((entry) => [entry.identity, versionOf(entry), entry.generatedAt])).toEqual([
      ["a", 1, 1], ["b", 2, 1], ["c", 1, 1], ["d", 2, 2],
    ]);
    expect(entries.reduce((sum, entry) => sum + entry.bytes, 0)).toBe(bytes);
  });

  it("gives out what fits, and at least one", () => {
    const queue = new Queue();
    for (let version = 0; version < 10; version += 1) take(queue, snapshot(undefined, version));
    const one = queue.bytes / 10;
    expect(queue.take(one * 3).map(versionOf)).toEqual([0, 1, 2]);
    expect(queue.take(1).map(versionOf)).toEqual([3]);
    expect(queue.take().map(versionOf)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it.each(Array.from({ length: 200 }, (_, seed) => seed))("keeps every last state, whatever is flushed or fails (seed %i)", (seed) => {
    const below = numbers(seed);
    const queue = new Queue();
    const sent = new Map<string, { final: number; last: number; earliest: number }>();
    const told = new Map<string, { final: number; last: number; earliest: number }>();
    const see = (into: typeof sent, id: string, version: number, earliest: number, isFinal: boolean) => {
      const known = into.get(id) ?? { final: -1, last: -1, earliest: Number.POSITIVE_INFINITY };
      into.set(id, {
        final: isFinal ? Math.max(known.final, version) : known.final,
        last: Math.max(known.last, version),
        earliest: Math.min(known.earliest, earliest),
      });
    };
    const deliver = (entries: readonly Entry[]) => {
      for (const entry of entries) see(sent, entry.identity ?? "", versionOf(entry) ?? -1, entry.generatedAt, entry.isFinal);
    };
    let inFlight: Entry[] = [];
    for (let version = 0; version < 300; version += 1) {
      const id = `p${below(6)}`;
      const isFinal = below(5) === 0;
      const generatedAt = below(1000);
      see(told, id, version, generatedAt, isFinal);
      take(queue, snapshot(id, version, { generatedAt, stage: isFinal ? "final" : "open" }));
      const chance = below(20);
      if (chance === 0 && inFlight.length === 0) inFlight = queue.take(1 + below(400));
      if (chance === 1) deliver(inFlight.splice(0));
      if (chance === 2) queue.restore(inFlight.splice(0));
    }
    queue.restore(inFlight);
    deliver(queue.take());
    for (const [id, { final, last, earliest }] of told) {
      const arrived = sent.get(id);
      expect(arrived?.earliest).toBe(earliest);
      if (final >= 0) expect(arrived?.final).toBe(final);
      else expect(arrived?.last).toBe(last);
    }
  });
});

describe.each(CAPTURES)("the capture %s", (name) => {
  it("is sent once for each thing, in its last state", () => {
    const memory = new Memory();
    const queue = new Queue();
    const all = captured(name).flatMap(({ observedAt, event }) => mapEvent(event, { observedAt, memory, place: NOWHERE }));
    for (const item of all) take(queue, item);
    const entries = queue.take();
    const identities = new Set(all.flatMap((item) => (item.identity === undefined ? [] : [item.identity])));
    expect(entries.filter((entry) => entry.identity !== undefined)).toHaveLength(identities.size);
    const finals = all.filter((item) => item.stage === "final" && item.identity !== undefined);
    for (const item of finals) {
      const last = finals.findLast((other) => other.identity === item.identity);
      expect(entries.find((entry) => entry.identity === item.identity)?.text).toBe(JSON.stringify(last?.payload));
    }
    const types = toLines(entries).trimEnd().split("\n").map((line) => (JSON.parse(line) as { type: string }).type);
    expect(new Set(types).size).toBe(types.length);
  });
});
