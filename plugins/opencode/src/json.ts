/**
 * JSON text of values that come from elsewhere: they may be cyclic, huge, or throw when they are read. What cannot be told is
 * replaced by a mark, so that the rest of the value is kept.
 */

/** In characters, of up to three bytes each: the sink reads values up to 64 MiB, and the envelope needs room too. */
const TEXT_LIMIT = 20 * 1024 * 1024;

/** In a value that has to be cut: as much of each text as tells what it was. */
const STRING_LIMIT = 64 * 1024;

/** The sink refuses items that are deeper than 127 levels. */
const DEPTH_LIMIT = 100;

/** In a value that has to be cut: its nodes, so that the copy is bounded. */
const NODE_LIMIT = 100_000;

export interface JsonText {
  readonly text: string;
  /** Whether something was replaced by a mark. */
  readonly isCut: boolean;
}

/** The JSON text of a value, whatever it is. Never throws. */
export function toJson(value: unknown, limit: number = TEXT_LIMIT): JsonText {
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) return { text: "null", isCut: false };
    if (text.length <= limit) return { text, isCut: false };
  } catch {
    // Cyclic, too long for one string, a big integer or a getter that throws.
  }
  return { text: JSON.stringify(plainCopy(value)), isCut: true };
}

/** A copy that holds nothing but plain data, without what cannot be read. Never throws. */
export function plainCopy(value: unknown): unknown {
  const budget = { nodes: NODE_LIMIT, characters: TEXT_LIMIT / 4 };
  return copyOf(value, [], budget);
}

interface Budget {
  nodes: number;
  characters: number;
}

function copyOf(value: unknown, path: readonly object[], budget: Budget): unknown {
  if (typeof value === "string") return cutText(value, budget);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (path.includes(value)) return "[cyclic]";
  budget.nodes -= 1;
  if (path.length >= DEPTH_LIMIT || budget.nodes < 0) return "[cut]";
  const within = [...path, value];
  try {
    if (Array.isArray(value)) return value.slice(0, NODE_LIMIT).map((item) => copyOf(item, within, budget) ?? null);
    const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(value)) copy[key] = copyOf(readOf(value, key), within, budget);
    return copy;
  } catch {
    return "[unreadable]";
  }
}

function readOf(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return "[unreadable]";
  }
}

function cutText(text: string, budget: Budget): string {
  const kept = Math.min(text.length, STRING_LIMIT, Math.max(budget.characters, 0));
  budget.characters -= kept;
  return kept < text.length ? `${text.slice(0, kept)}[cut: ${text.length} characters]` : text;
}
