/** The terms of the wire contract (`context/envelope.md`) that the other modules share. */

/** What all items of one envelope are. */
export type EnvelopeType =
  | "message.updated"
  | "message.part.updated"
  | "session.updated"
  | "session.error"
  | "session.compacted"
  | "file.edited"
  | "event.recorded";

/** An item without its `generated_at_unix_ms`, which is settled when it is sent. */
export type Payload = Readonly<Record<string, unknown>>;

/** Why an item cannot wait. */
export type Signal =
  /** A tool has begun: a session that is killed now should show it. */
  | { readonly kind: "running"; readonly answer: string }
  /** An answer is complete. */
  | { readonly kind: "completed"; readonly answer: string }
  /** A session waits for its user; the answer is its newest. */
  | { readonly kind: "idle"; readonly answer: string | undefined };

/** One snapshot of one thing, or something that is told once. */
export interface Item {
  readonly type: EnvelopeType;
  /** What all snapshots of one thing share; `undefined` for what is told once. */
  readonly identity: string | undefined;
  /** When the thing came into being, as far as this snapshot tells, in Unix milliseconds. */
  readonly generatedAt: number;
  readonly payload: Payload;
  /** `final`: the thing has ended. `empty`: a text that has only begun. `running`: a tool at work. */
  readonly stage: "final" | "open" | "empty" | "running";
  readonly signal?: Signal;
}
