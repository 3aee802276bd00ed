import { describe, expect, it } from "vitest";
import { LIMITS } from "../src/limits.js";
import { CAPTURES, captured } from "./replay.js";
import { FakeHost } from "./fake-host.js";

const startedAt = (host: FakeHost) => host.binary.started.map(({ at }) => at);
const writtenAt = (host: FakeHost) => host.outbox.files.map(({ at }) => at);

describe("what is sent when", () => {
  it("a running tool at once", async () => {
    const host = new FakeHost();
    host.running("t1");
    await host.clock.pass(5_000);
    expect(startedAt(host)).toEqual([LIMITS.runningMs]);
    expect(host.binary.started[0]?.input).toContain('"status":"running"');
  });

  it("nothing while the host hands over an event", () => {
    const host = new FakeHost();
    host.running("t1");
    host.idle();
    expect([startedAt(host), writtenAt(host)]).toEqual([[], []]);
  });

  it("a complete answer together with the idle session, its cost and its diff", async () => {
    const host = new FakeHost();
    host.answer();
    host.answer("m", 9);
    await host.clock.pass(3);
    host.idle();
    await host.clock.pass(5);
    host.tell("session.diff", { sessionID: "s", diff: [{ file: "a" }] });
    await host.clock.pass(10_000);
    expect(startedAt(host)).toEqual([3 + LIMITS.idleMs]);
    expect(host.binary.started[0]?.input).toContain("summary_diffs");
    expect(writtenAt(host)).toEqual([]);
  });

  it("a complete answer that goes on, alone", async () => {
    const host = new FakeHost();
    host.answer("m", 9);
    await host.clock.pass(10_000);
    expect(startedAt(host)).toEqual([LIMITS.completedMs]);
  });

  it("what asks for nothing as a file after two seconds", async () => {
    const host = new FakeHost();
    host.text("p1", "hello");
    await host.clock.pass(500);
    host.text("p2", "world");
    await host.clock.pass(10_000);
    expect([startedAt(host), writtenAt(host)]).toEqual([[], [LIMITS.lingerMs]]);
  });

  it("what has waited by a process that is due soon", async () => {
    const host = new FakeHost();
    host.text("p1", "hello");
    await host.clock.pass(LIMITS.lingerMs - 10);
    host.running("t1");
    await host.clock.pass(1_000);
    expect([startedAt(host), writtenAt(host)]).toEqual([[LIMITS.lingerMs], []]);
  });

  it("further tools of one answer share the second process, the rest becomes files", async () => {
    const host = new FakeHost();
    host.running("t1");
    await host.clock.pass(100);
    host.running("t2");
    await host.clock.pass(100);
    host.running("t3");
    await host.clock.pass(1_000);
    expect(startedAt(host)).toEqual([25, 600]);
    host.running("t4");
    await host.clock.pass(1_000);
    expect(writtenAt(host)).toEqual([1_225]);
    host.answer("m", 9);
    await host.clock.pass(1_000);
    expect(startedAt(host)).toEqual([25, 600, 2_400]);
    host.idle();
    await host.clock.pass(1_000);
    expect([startedAt(host).length, writtenAt(host)]).toEqual([3, [1_225, 3_250]]);
  });

  it("a mebibyte at once, by a process while the answer has one", async () => {
    const host = new FakeHost({ sizeTriggerBytes: 1_000 });
    host.running("t1");
    await host.clock.pass(25);
    for (const part of ["p1", "p2", "p3"]) {
      host.text(part, "x".repeat(2_000));
      await host.clock.pass(20);
    }
    expect([startedAt(host), writtenAt(host)]).toEqual([[25, 35], [45, 65]]);
  });

  it("nothing waits for a process that hangs", async () => {
    const host = new FakeHost();
    host.binary.ends = { after: 5_000, outcome: { kind: "failed", reason: "hangs" } };
    host.running("t1");
    await host.clock.pass(100);
    host.text("p1", "hello");
    host.answer("m", 9);
    await host.clock.pass(3_000);
    expect(host.binary.started).toHaveLength(1);
    expect(host.outbox.files.map(({ text }) => text).join("")).toContain("hello");
    await host.clock.pass(3_000);
    expect(host.outbox.files.map(({ text }) => text).join("")).toContain('"part_id":"t1"');
  });
});

describe("one process at a time", () => {
  it("a second waits for the first", async () => {
    const host = new FakeHost();
    host.binary.ends = { after: 400, outcome: { kind: "safe" } };
    host.running("t1");
    await host.clock.pass(30);
    host.answer("m", 9);
    host.idle();
    await host.clock.pass(1_000);
    expect(startedAt(host)).toEqual([25, 425]);
  });
});

describe("a process that fails", () => {
  it("is not tried again for half a minute, and files take its place", async () => {
    const host = new FakeHost();
    host.binary.ends = { after: 1, outcome: { kind: "failed", reason: "could not be started (ENOENT)" } };
    for (let answer = 0; answer < 20; answer += 1) {
      host.running(`t${answer}`, `m${answer}`);
      await host.clock.pass(500);
      host.answer(`m${answer}`, 9);
      await host.clock.pass(500);
    }
    expect(host.binary.started).toHaveLength(1);
    expect(host.said).toEqual(["`recount` could not be started (ENOENT); what it was handed is kept in /outbox"]);
    host.binary.ends = { after: 1, outcome: { kind: "safe" } };
    await host.clock.pass(20_000);
    host.running("t99", "m99");
    await host.clock.pass(500);
    expect(host.binary.started).toHaveLength(2);
    for (let answer = 0; answer < 20; answer += 1) expect(host.left).toContain(`"part_id":"t${answer}"`);
  });

  it("is safe and said once when it does not understand its arguments", async () => {
    const host = new FakeHost();
    host.binary.ends = { after: 1, outcome: { kind: "usage" } };
    host.running("t1");
    await host.clock.pass(100);
    host.running("t2", "m2");
    await host.clock.pass(100);
    expect([host.binary.started.length, host.outbox.files.length, host.said.length]).toEqual([2, 0, 1]);
  });
});

describe("an outbox that cannot be written", () => {
  it("keeps what it can, says so once, and writes later", async () => {
    const host = new FakeHost();
    host.outbox.isBroken = true;
    host.text("p1", "hello");
    await host.clock.pass(60_000);
    expect(host.said).toEqual(["the outbox /outbox cannot be written (ENOSPC)"]);
    expect(host.outbox.files).toEqual([]);
    host.outbox.isBroken = false;
    await host.clock.pass(LIMITS.outboxBackoffMs);
    expect(host.left).toContain("hello");
  });

  it("counts what had to be dropped", async () => {
    const host = new FakeHost({ heldBytes: 10_000, relieveBytes: 5_000 });
    host.outbox.isBroken = true;
    for (let part = 0; part < 30; part += 1) host.text(`p${part}`, "x".repeat(1_000));
    host.outbox.isBroken = false;
    await host.clock.pass(60_000);
    const kept = Array.from({ length: 30 }, (_, part) => host.left.includes(`"part_id":"p${part}"`));
    const dropped = kept.filter((isKept) => !isKept).length;
    expect(dropped).toBeGreaterThan(0);
    expect(host.said.at(-1)).toBe(`${dropped} items could be neither handed over nor written, and are lost`);
  });
});

describe("memory", () => {
  it("is relieved by files while a process hangs", async () => {
    const host = new FakeHost({ heldBytes: 10_000, relieveBytes: 5_000 });
    host.binary.ends = { after: 5_000, outcome: { kind: "safe" } };
    host.running("t1");
    await host.clock.pass(30);
    for (let part = 0; part < 100; part += 1) host.text(`p${part}`, "x".repeat(1_000));
    await host.clock.pass(0);
    for (let part = 0; part < 90; part += 1) expect(host.left).toContain(`"part_id":"p${part}"`);
    await host.clock.pass(10_000);
    for (let part = 0; part < 100; part += 1) expect(host.left).toContain(`"part_id":"p${part}"`);
    expect(host.said).toEqual([]);
  });

  it("is left by one item that is larger than all of it", async () => {
    const host = new FakeHost({ heldBytes: 10_000, relieveBytes: 5_000 });
    host.text("p1", "x".repeat(50_000));
    await host.clock.pass(0);
    expect(host.left).toContain("x".repeat(50_000));
  });
});

describe("the end", () => {
  it("takes one more process", async () => {
    const host = new FakeHost();
    host.answer("m", 9);
    host.idle();
    const closed = host.recorder.close();
    await host.clock.pass(20);
    await closed;
    expect([startedAt(host), writtenAt(host), host.clock.pending]).toEqual([[0], [], 0]);
  });

  it("writes a file where the answer has had its processes", async () => {
    const host = new FakeHost();
    host.running("t1");
    await host.clock.pass(100);
    host.running("t2");
    await host.clock.pass(1_000);
    host.answer("m", 9);
    await host.clock.pass(1_000);
    host.idle();
    await host.recorder.close();
    expect([startedAt(host).length, writtenAt(host).length]).toEqual([3, 1]);
  });

  it("waits no longer than its bound for a process that hangs, and writes what it had", async () => {
    const host = new FakeHost();
    host.binary.ends = { after: 60_000, outcome: { kind: "safe" } };
    host.running("t1");
    await host.clock.pass(100);
    host.text("p1", "hello");
    let isClosed = false;
    const closed = host.recorder.close().then(() => {
      isClosed = true;
    });
    await host.clock.pass(LIMITS.disposeMs - 1);
    expect(isClosed).toBe(false);
    await host.clock.pass(1);
    await closed;
    expect(host.said).toEqual(["`recount` did not end before its host; what it was handed is kept in files"]);
    expect(host.binary.killed).toEqual([0]);
    expect(host.outbox.files).toHaveLength(1);
    for (const part of ["t1", "p1"]) expect(host.outbox.files[0]?.text).toContain(`"part_id":"${part}"`);
  });

  it("of the process writes what waits and what is on its way", async () => {
    const host = new FakeHost();
    host.binary.ends = { after: 60_000, outcome: { kind: "safe" } };
    host.running("t1");
    await host.clock.pass(100);
    host.text("p1", "hello");
    host.recorder.abandon();
    for (const part of ["t1", "p1"]) expect(host.outbox.files[0]?.text).toContain(`"part_id":"${part}"`);
  });
});

describe.each(CAPTURES)("the capture %s, told in its own time", (name) => {
  it("starts at most three processes for each answer and loses nothing", async () => {
    const host = new FakeHost();
    const events = captured(name);
    let at = events[0]?.observedAt ?? 0;
    const answers = new Set<string>();
    for (const { observedAt, event } of events) {
      await host.clock.pass(Math.max(0, observedAt - at));
      at = Math.max(at, observedAt);
      host.recorder.see(event);
      const { info } = (event as { properties: { info?: { id: string; role?: string } } }).properties;
      if (info?.role === "assistant") answers.add(info.id);
    }
    const closed = host.recorder.close();
    await host.clock.pass(5_000);
    await closed;
    expect(host.binary.started.length).toBeLessThanOrEqual(3 * answers.size);
    expect(host.binary.started.length / answers.size).toBeLessThanOrEqual(2);
    for (const { event } of events) {
      const { part } = (event as { properties: { part?: { id: string } } }).properties;
      if (part !== undefined) expect(host.left).toContain(`"part_id":"${part.id}"`);
    }
  });
});
