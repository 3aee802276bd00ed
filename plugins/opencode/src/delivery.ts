/**
 * How what waits becomes durable: by one process at a time, and as files beside it. What is on its way is held until it is
 * known to be safe, so that the end of the host finds it; to hand it over twice is harmless, to lose it is not.
 */

import { toLines } from "./batch.js";
import type { Binary, Running } from "./child.js";
import type { Clock } from "./clock.js";
import type { Limits } from "./limits.js";
import type { Notices } from "./notices.js";
import type { Files } from "./outbox.js";
import type { Entry, Queue } from "./queue.js";
import type { Readiness, Way } from "./schedule.js";

const NOT_THERE = "is not there or no program; what it should have been handed is kept in files";

/** A batch on its way. */
interface Held {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

export interface Means {
  readonly binary: Binary;
  readonly outbox: Files;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly notices: Notices;
}

export class Delivery {
  readonly #queue: Queue;
  readonly #means: Means;
  readonly #changed: () => void;
  readonly #held = new Set<Held>();
  #running: Running | undefined;
  #inProcess: Promise<void> = Promise.resolve();
  #inFiles: Promise<void> = Promise.resolve();
  #files = 0;
  #restUntil = Number.NEGATIVE_INFINITY;
  #fileFrom = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  /** `changed` is called when something that was on its way has arrived or has come back. */
  constructor(queue: Queue, means: Means, changed: () => void) {
    this.#queue = queue;
    this.#means = means;
    this.#changed = changed;
  }

  get readiness(): Readiness {
    const isResting = this.#means.clock.ticks() < this.#restUntil;
    return { process: this.#running !== undefined ? "busy" : isResting ? "resting" : "ready", fileFrom: this.#fileFrom };
  }

  /** Says early that there is no binary: at its end OpenCode 1.18.33 takes no message. */
  async look(): Promise<void> {
    if (!(await this.#means.binary.isThere())) this.#say("process", NOT_THERE);
  }

  /** Sends all that waits on its way. */
  flush(way: Way): void {
    if (way === "process" && this.readiness.process === "ready") this.#startProcess();
    if (this.#canWrite()) this.#startFiles();
  }

  /** Keeps memory within its bound after something has come; stops the host only where nothing else is left. */
  relieve(): void {
    const { relieveBytes, heldBytes } = this.#means.limits;
    if (this.#bytes() > relieveBytes && this.#files === 0 && this.#canWrite()) this.#startFiles();
    if (this.#bytes() <= heldBytes) return;
    if (this.#canWrite()) this.#writeNow(this.#queue);
    while (this.#bytes() > heldBytes && this.#queue.length > 0) this.#dropped += this.#queue.take(1).length;
  }

  /** Brings what waits and what is on its way to safety within `disposeMs` and the time to write files. */
  async close(way: Way): Promise<void> {
    const { limits, clock } = this.#means;
    const over = deadline(limits.disposeMs, clock);
    await Promise.race([over.passed, this.#settled()]);
    if (!over.isPast() && way === "process" && this.#queue.length > 0 && this.readiness.process === "ready") {
      this.#startProcess();
      await Promise.race([over.passed, this.#settled()]);
    }
    over.cancel();
    if (this.#running !== undefined) this.#say("process", "did not end before its host; what it was handed is kept in files");
    this.#running?.kill();
    this.abandon();
  }

  /** Writes whatever is not known to be safe, while the host stands still. Never throws. */
  abandon(): void {
    this.#queue.restore([...this.#held].flatMap((held) => held.entries));
    this.#held.clear();
    this.#writeNow(this.#queue);
    this.#dropped += this.#queue.take().length;
    this.#sayDropped();
  }

  #bytes(): number {
    let held = 0;
    for (const { bytes } of this.#held) held += bytes;
    return held + this.#queue.bytes;
  }

  #canWrite(): boolean {
    return this.#means.clock.ticks() >= this.#fileFrom;
  }

  #hold(): Held {
    const entries = this.#queue.take(this.#means.limits.batchBytes);
    const held = { entries, bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0) };
    this.#held.add(held);
    return held;
  }

  #startProcess(): void {
    if (this.#queue.length === 0) return;
    const held = this.#hold();
    const running = this.#means.binary.start(toLines(held.entries));
    this.#running = running;
    this.#inProcess = running.outcome.then((outcome) => {
      this.#running = undefined;
      if (outcome.kind !== "failed") this.#arrived(held);
      else if (this.#held.has(held)) this.#processFailed(held, outcome.reason);
      if (outcome.kind === "usage") this.#say("usage", "did not understand how it was called; what it was handed is kept");
      this.#changed();
    });
  }

  #processFailed(held: Held, reason: string): void {
    this.#restUntil = this.#means.clock.ticks() + this.#means.limits.childBackoffMs;
    this.#say("process", `${reason}; what it was handed is kept in ${this.#means.outbox.folder ?? "memory"}`);
    this.#writeLater(held);
  }

  #startFiles(): void {
    while (this.#queue.length > 0) this.#writeLater(this.#hold());
  }

  #writeLater(held: Held): void {
    this.#files += 1;
    this.#inFiles = this.#inFiles.then(() => this.#write(held));
  }

  async #write(held: Held): Promise<void> {
    const { outbox, clock } = this.#means;
    try {
      if (this.#held.has(held)) await outbox.write(toLines(held.entries), clock.now());
      this.#arrived(held);
    } catch (error) {
      if (this.#held.delete(held)) this.#queue.restore(held.entries);
      this.#fileFailed(error);
    }
    this.#files -= 1;
    this.#changed();
  }

  #arrived(held: Held): void {
    this.#held.delete(held);
    this.#sayDropped();
  }

  /** Leaves in the queue what cannot be written. */
  #writeNow(queue: Queue): void {
    const { outbox, clock, limits } = this.#means;
    while (queue.length > 0) {
      const entries = queue.take(limits.batchBytes);
      try {
        outbox.writeNow(toLines(entries), clock.now());
      } catch (error) {
        queue.restore(entries);
        this.#fileFailed(error);
        return;
      }
    }
  }

  #fileFailed(error: unknown): void {
    this.#fileFrom = this.#means.clock.ticks() + this.#means.limits.outboxBackoffMs;
    const code = (error as { code?: unknown } | null)?.code;
    const why = typeof code === "string" ? ` (${code})` : "";
    this.#means.notices.once("outbox", `the outbox ${this.#means.outbox.folder ?? ""} cannot be written${why}`);
  }

  async #settled(): Promise<void> {
    // A process that fails leads to a file, a file to none.
    await this.#inProcess;
    await this.#inFiles;
  }

  #sayDropped(): void {
    if (this.#dropped === 0) return;
    this.#means.notices.once("dropped", `${this.#dropped} items could be neither handed over nor written, and are lost`);
  }

  #say(kind: string, message: string): void {
    this.#means.notices.once(kind, `\`${this.#means.binary.name}\` ${message}`);
  }
}

/** A moment that the host's process stays alive for. */
function deadline(ms: number, clock: Clock): { readonly passed: Promise<void>; isPast(): boolean; cancel(): void } {
  let isPast = false;
  let cancel = () => {};
  const passed = new Promise<void>((resolve) => {
    const pass = () => {
      isPast = true;
      resolve();
    };
    cancel = clock.after(ms, pass, "vigil");
  });
  return { passed, isPast: () => isPast, cancel };
}
