/**
 * What one process is handed: envelopes of one type each, one per line. One process takes all types. Pure.
 */

import type { EnvelopeType } from "./envelope.js";
import type { Entry } from "./queue.js";

/** One envelope per type, in the order in which the types first occur. */
export function toLines(entries: readonly Entry[]): string {
  const byType = new Map<EnvelopeType, Entry[]>();
  for (const entry of entries) {
    const group = byType.get(entry.type);
    if (group === undefined) byType.set(entry.type, [entry]);
    else group.push(entry);
  }
  return [...byType].map(([type, group]) => toLine(type, group)).join("");
}

function toLine(type: EnvelopeType, entries: readonly Entry[]): string {
  const payloads = entries.map(payloadOf).join(",");
  return `{"type":${JSON.stringify(type)},"agent":"opencode","payloads":[${payloads}]}\n`;
}

/** Every payload has at least one key of its own, so a comma can follow. */
function payloadOf(entry: Entry): string {
  return `{"generated_at_unix_ms":${entry.generatedAt},${entry.text.slice(1)}`;
}
