/**
 * What is remembered between events. Every map is bounded: a host can run for weeks, and what falls out costs at most a
 * weaker join, never an event.
 */

/** A map that forgets what was not used for longest. */
export class Bounded<Value> {
  readonly #values = new Map<string, Value>();

  constructor(readonly limit: number) {}

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.limit) {
      const oldest = this.#values.keys().next();
      if (!oldest.done) this.#values.delete(oldest.value);
    }
  }

  delete(key: string): void {
    this.#values.delete(key);
  }
}

/** One key of several ids, which hold no NUL. */
export function keyOf(...ids: readonly string[]): string {
  return ids.join("\0");
}

/** A tool call that may touch a file. */
export interface FileCall {
  readonly sessionId: string;
  readonly messageId: string;
  readonly callId: string | undefined;
  readonly operation: string | undefined;
}

/** A part that tells of a compaction to come. */
export interface CompactionRequest {
  readonly messageId: string;
  readonly auto: boolean | undefined;
}

/** What the mapping has to know of earlier events. */
export class Memory {
  /** When each part was first seen. A part lives within one answer, and an answer has tens of them; the store keeps the earliest. */
  readonly partFirstSeen = new Bounded<number>(4096);

  /** When each session came into being: tells replayed messages of a fork. Sessions of one process, sub-agents included. */
  readonly sessionCreated = new Bounded<number>(1024);

  /** The answer of each session that is not complete: what an error is about. */
  readonly openAnswer = new Bounded<string>(1024);

  /** The newest answer of each session: whose last process an idle session may start. */
  readonly lastAnswer = new Bounded<string>(1024);

  /** The message of each session that asked for a compaction; it is asked for again by then if it falls out. */
  readonly compaction = new Bounded<CompactionRequest>(256);

  /** The last tool call on each path; an edit is told within milliseconds of its call. */
  readonly callOnPath = new Bounded<FileCall>(2048);
}
