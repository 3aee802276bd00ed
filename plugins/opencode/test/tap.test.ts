import { afterEach, describe, expect, it } from "vitest";
import { LIMITS } from "../src/limits.js";
import { Notices } from "../src/notices.js";
import { Tap } from "../src/tap.js";
import { FakeBinary, FakeClock, FakeFiles } from "./fake-host.js";
import { NOWHERE } from "./replay.js";

const folders = () => (globalThis as Record<symbol, unknown>)[Symbol.for("recount.opencode.folders")] as Map<string, unknown>;

function tapIn(directory: string) {
  const clock = new FakeClock();
  const outbox = new FakeFiles(clock);
  const tap = new Tap(
    { ...NOWHERE, directory },
    { binary: new FakeBinary(clock), outbox, clock, limits: LIMITS, notices: new Notices(() => {}) },
  );
  return { tap, text: () => outbox.files.map((file) => file.text).join("") };
}

const told = (name: string) => ({ event: { id: `evt_${name}`, type: "todo.updated", properties: { sessionID: "s", name } } });

afterEach(() => folders().clear());

describe("copies of the plugin", () => {
  it("in one folder record once", async () => {
    const first = tapIn("/a");
    const second = tapIn("/a");
    for (const { tap } of [second, first]) tap.see(told("one"));
    await Promise.all([first.tap.dispose(), second.tap.dispose()]);
    expect([first.text(), second.text()].map((text) => text.includes("one"))).toEqual([true, false]);
    expect(folders().size).toBe(0);
  });

  it("take over from one another", async () => {
    const first = tapIn("/a");
    const second = tapIn("/a");
    await first.tap.dispose();
    second.tap.see(told("two"));
    first.tap.see(told("two"));
    await second.tap.dispose();
    expect([first.text(), second.text()].map((text) => text.includes("two"))).toEqual([false, true]);
  });

  it("in two folders record both", async () => {
    const taps = [tapIn("/a"), tapIn("/b")];
    for (const { tap } of taps) tap.see(told("one"));
    await Promise.all(taps.map(({ tap }) => tap.dispose()));
    expect(taps.map(({ text }) => text().includes("one"))).toEqual([true, true]);
  });

  it("keep an event that comes after the end", async () => {
    const { tap, text } = tapIn("/a");
    tap.see(told("one"));
    await tap.dispose();
    tap.see(told("late"));
    await tap.dispose();
    expect(text()).toContain("late");
  });

  it("leave one listener, and none behind", async () => {
    const before = process.listenerCount("exit");
    const taps = Array.from({ length: 30 }, (_, index) => tapIn(`/${index}`).tap);
    for (const tap of taps) tap.see(told("one"));
    expect(process.listenerCount("exit")).toBe(before + 1);
    await Promise.all(taps.map((tap) => tap.dispose()));
    expect(process.listenerCount("exit")).toBe(before);
  });
});

describe("what the host hands over", () => {
  const cyclic: Record<string, unknown> = { sessionID: "s", note: "cyclic" };
  cyclic["self"] = cyclic;
  const throwing = {
    get sessionID(): string {
      throw new Error("no");
    },
  };
  const info = {
    id: "m",
    sessionID: "s",
    role: "user",
    get model(): string {
      throw new Error("no");
    },
  };

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["no event", {}],
    ["an event that throws", Object.defineProperty({}, "event", { get: () => { throw new Error("no"); } })],
    ["properties that throw", { event: { type: "todo.updated", properties: throwing } }],
    ["properties that cannot be listed", { event: { type: "todo.updated", properties: new Proxy({}, { get: () => { throw new Error("no"); } }) } }],
  ])("never hurts it: %s", (_, handed) => {
    expect(() => tapIn("/a").tap.see(handed)).not.toThrow();
  });

  it("is kept as far as it can be read", async () => {
    const { tap, text } = tapIn("/a");
    tap.see({ event: { id: "evt_1", type: "todo.updated", properties: cyclic } });
    tap.see({ event: { id: "evt_2", type: "message.updated", properties: { sessionID: "s", info } } });
    await tap.dispose();
    expect(text()).toContain('"note":"cyclic"');
    expect(text()).toContain('"message_id":"m"');
  });

  it("has a log that may fail", () => {
    const notices = [() => { throw new Error("no"); }, () => Promise.reject(new Error("no"))].map((tell) => new Notices(tell));
    for (const notice of notices) expect(() => notice.once("a", "b")).not.toThrow();
  });
});
