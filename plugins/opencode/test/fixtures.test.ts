import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CAPTURES, captured, envelopesOf, FIXTURES } from "./replay.js";
import { faultsOf } from "./schema.js";

describe.each(CAPTURES)("the capture %s", (name) => {
  it("maps to the fixture that Rust tests replay (`npm run fixtures` writes it)", () => {
    expect(envelopesOf(name)).toBe(readFileSync(`${FIXTURES}/opencode/${name}.envelopes.ndjson`, "utf8"));
  });

  it("maps to envelopes of the contract", () => {
    const faults = envelopesOf(name)
      .split("\n")
      .filter((line) => line !== "")
      .flatMap((line) => faultsOf(line).map((fault) => `${fault}: ${line.slice(0, 200)}`));
    expect(faults).toEqual([]);
  });

  it("loses no part and no message", () => {
    const lines = envelopesOf(name);
    for (const { event } of captured(name)) {
      const { type, properties } = event as { type: string; properties: { part?: { id: string }; info?: { id: string } } };
      if (type === "message.part.updated") expect(lines).toContain(`"part_id":"${properties.part?.id}"`);
      if (type === "message.updated") expect(lines).toContain(`"message_id":"${properties.info?.id}"`);
    }
  });
});
