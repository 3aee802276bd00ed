import { describe, expect, it } from "vitest";
import { plainCopy, toJson } from "../src/json.js";

const cyclic: Record<string, unknown> = { a: 1 };
cyclic["self"] = cyclic;
const throwing = { a: 1, get b(): unknown { throw new Error("no"); } };
const proxy = new Proxy({}, { ownKeys: () => { throw new Error("no"); } });
let deep: unknown = "end";
for (let level = 0; level < 100_000; level += 1) deep = { deep };

describe("toJson", () => {
  it.each<[string, unknown, string]>([
    ["plain data", { a: [1, null, "x"] }, '{"a":[1,null,"x"]}'],
    ["nothing", undefined, "null"],
    ["a function", () => 1, "null"],
    ["a lone surrogate", { a: "\ud800" }, '{"a":"\\ud800"}'],
  ])("writes %s as it is", (_, value, text) => {
    expect(toJson(value)).toEqual({ text, isCut: false });
  });

  it.each<[string, unknown, string]>([
    ["a cycle", cyclic, '{"a":1,"self":"[cyclic]"}'],
    ["a getter that throws", throwing, '{"a":1,"b":"[unreadable]"}'],
    ["a proxy that throws", { proxy }, '{"proxy":"[unreadable]"}'],
    ["a big integer", { a: 12n }, '{"a":"12"}'],
  ])("marks %s", (_, value, text) => {
    expect(toJson(value)).toEqual({ text, isCut: true });
  });

  it("cuts what is too long, and says how long it was", () => {
    const { text, isCut } = toJson({ id: "x", text: "a".repeat(100_000) }, 10_000);
    expect(isCut).toBe(true);
    expect(text.length).toBeLessThan(70_000);
    expect(JSON.parse(text)).toMatchObject({ id: "x", text: expect.stringMatching(/a\[cut: 100000 characters\]$/) });
  });

  it("does not fail on depth", () => {
    expect(toJson(deep).text).toContain("[cut]");
  });

  it("copies a wide value in bounded time", () => {
    const wide = Array.from({ length: 300_000 }, () => ({ a: "x".repeat(10) }));
    expect((plainCopy(wide) as unknown[]).length).toBe(100_000);
  });
});
