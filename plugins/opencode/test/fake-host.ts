/** A host whose time stands still until a test moves it, with a binary and an outbox that note what they are handed. */

import type { Binary, Outcome } from "../src/child.js";
import type { Clock } from "../src/clock.js";
import { LIMITS, type Limits } from "../src/limits.js";
import { Notices } from "../src/notices.js";
import type { Files } from "../src/outbox.js";
import { Recorder } from "../src/recorder.js";
import { NOWHERE } from "./replay.js";

export const START = 1_795_169_000_000;

export class FakeClock implements Clock {
  #elapsed = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return START + this.#elapsed;
  }

  ticks(): number {
    return this.#elapsed;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, ms), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Runs what falls due, in order, and what that leads to. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (let steps = 0; ; steps += 1) {
      if (steps > 10_000) throw new Error("timers never come to rest");
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#elapsed = Math.max(this.#elapsed, due.at);
      due.run();
      await settle();
    }
    this.#elapsed = end;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

export class FakeBinary implements Binary {
  readonly name = "recount";
  readonly started: { readonly at: number; readonly input: string }[] = [];
  readonly killed: number[] = [];

  constructor(
    readonly clock: FakeClock,
    /** How each process ends, and after how long. */
    public ends: { readonly after: number; readonly outcome: Outcome } = { after: 10, outcome: { kind: "safe" } },
  ) {}

  async isThere(): Promise<boolean> {
    return true;
  }

  start(input: string) {
    const index = this.started.push({ at: this.clock.ticks(), input }) - 1;
    let end: (outcome: Outcome) => void = () => {};
    const outcome = new Promise<Outcome>((resolve) => {
      end = resolve;
    });
    const { after, outcome: how } = this.ends;
    this.clock.after(after, () => end(how));
    return {
      outcome,
      kill: () => {
        this.killed.push(index);
        end({ kind: "failed", reason: "was ended by SIGKILL" });
      },
    };
  }
}

export class FakeFiles implements Files {
  readonly folder = "/outbox";
  readonly files: { readonly at: number; readonly text: string }[] = [];
  isBroken = false;

  constructor(readonly clock: FakeClock) {}

  async write(text: string): Promise<void> {
    this.writeNow(text);
  }

  writeNow(text: string): void {
    if (this.isBroken) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    this.files.push({ at: this.clock.ticks(), text });
  }
}

export class FakeHost {
  readonly clock = new FakeClock();
  readonly binary = new FakeBinary(this.clock);
  readonly outbox = new FakeFiles(this.clock);
  readonly said: string[] = [];
  readonly recorder: Recorder;
  #told = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.recorder = new Recorder(NOWHERE, {
      binary: this.binary,
      outbox: this.outbox,
      clock: this.clock,
      limits: { ...LIMITS, ...limits },
      notices: new Notices((message) => this.said.push(message)),
    });
  }

  tell(type: string, properties: unknown): void {
    this.#told += 1;
    this.recorder.see({ id: `evt_${this.#told}`, type, properties });
  }

  part(partId: string, fields: Record<string, unknown>, messageID = "m"): void {
    const part = { id: partId, sessionID: "s", messageID, ...fields };
    this.tell("message.part.updated", { sessionID: "s", part, time: this.clock.now() });
  }

  text(partId: string, text: string, messageID = "m"): void {
    this.part(partId, { type: "text", text, time: { start: 1, end: 2 } }, messageID);
  }

  running(partId: string, messageID = "m"): void {
    this.part(partId, { type: "tool", tool: "bash", callID: partId, state: { status: "running", input: {} } }, messageID);
  }

  answer(messageID = "m", completed?: number): void {
    const time = completed === undefined ? { created: 1 } : { created: 1, completed };
    this.tell("message.updated", { sessionID: "s", info: { id: messageID, sessionID: "s", role: "assistant", time } });
  }

  idle(): void {
    this.tell("session.idle", { sessionID: "s" });
  }

  /** Everything that has left, in order of neither kind. */
  get left(): string {
    return [...this.binary.started.map(({ input }) => input), ...this.outbox.files.map(({ text }) => text)].join("");
  }
}
