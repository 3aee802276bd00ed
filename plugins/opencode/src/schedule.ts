/**
 * When what waits is handed over, and how: by a process, or as a file where the answer has had its processes. No timers and
 * no I/O. A process takes all that waits and is counted for the one answer that asked for it, so in all there are never more
 * than three per answer.
 */

import type { Signal } from "./envelope.js";
import type { Limits } from "./limits.js";
import { Bounded } from "./memory.js";

export type Way = "process" | "outbox";

/** What waits. */
export interface Waiting {
  /** When the oldest of it came; `undefined` if nothing waits. */
  readonly oldest: number | undefined;
  readonly bytes: number;
}

/** What can be done now. */
export interface Readiness {
  /** `resting`: a process has failed not long ago, so a file is written in its place. */
  readonly process: "ready" | "busy" | "resting";
  /** Before this time no file can be written. */
  readonly fileFrom: number;
}

interface Wish {
  readonly at: number;
  readonly way: Way;
  readonly answer: string | undefined;
  readonly isEarly: boolean;
}

interface Spent {
  readonly early: number;
  readonly all: number;
  readonly isComplete: boolean;
}

/** Answers whose processes are counted; many more than are ever open at once. */
const COUNTED_ANSWERS = 1024;

const NOTHING_SPENT: Spent = { early: 0, all: 0, isComplete: false };

export class Schedule {
  readonly #limits: Limits;
  readonly #spent = new Bounded<Spent>(COUNTED_ANSWERS);
  #wishes: Wish[] = [];
  #newest: string | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Something has come that cannot wait. */
  signal(signal: Signal, now: number): void {
    if (signal.answer !== undefined) this.#newest = signal.answer;
    const spent = this.#of(signal.answer);
    if (signal.kind === "running") this.#running(signal.answer, spent, now);
    else if (signal.kind === "idle") this.#wish(now + this.#limits.idleMs, signal.answer, false);
    else if (!spent.isComplete) this.#wish(now + this.#limits.completedMs, signal.answer, false);
  }

  /** When to ask again what is due; `undefined` while nothing waits, or only for a process to end. */
  next(waiting: Waiting, ready: Readiness): number | undefined {
    const wishes = this.#all(waiting, ready);
    return wishes.length === 0 ? undefined : Math.min(...wishes.map((wish) => wish.at));
  }

  /** What is due, with its process counted; a file gives way to a process that will be due soon. */
  due(waiting: Waiting, ready: Readiness, now: number): Way | undefined {
    const wishes = this.#all(waiting, ready).sort((a, b) => a.at - b.at);
    const first = wishes[0];
    if (first === undefined || first.at > now) return undefined;
    const wish = wishes.find(({ way }) => way === "process") ?? first;
    if (wish.way === "process") this.#count(wish);
    this.#wishes = [];
    return wish.way;
  }

  /** Whether the end of the host may start one more process, which is counted. */
  last(): Way {
    const wish = this.#wishFor(0, this.#newest, false);
    if (wish.way === "process") this.#count(wish);
    this.#wishes = [];
    return wish.way;
  }

  #running(answer: string, spent: Spent, now: number): void {
    const ms = spent.early === 0 ? this.#limits.runningMs : this.#limits.sharedRunningMs;
    const wish = this.#wishFor(now + ms, answer, true);
    this.#wishes.push(wish.way === "process" ? wish : { ...wish, at: now + this.#limits.runningMs });
  }

  #wish(at: number, answer: string | undefined, isEarly: boolean): void {
    this.#wishes.push(this.#wishFor(at, answer, isEarly));
  }

  #wishFor(at: number, answer: string | undefined, isEarly: boolean): Wish {
    const { early, all } = this.#of(answer);
    const isLeft = all < this.#limits.processes && (!isEarly || early < this.#limits.earlyProcesses);
    return { at, way: answer !== undefined && isLeft ? "process" : "outbox", answer, isEarly };
  }

  /** What was asked for, and what time and size demand, as far as it can be done. */
  #all(waiting: Waiting, ready: Readiness): Wish[] {
    return this.#wanted(waiting).flatMap((wish) => {
      if (wish.way === "process" && ready.process === "ready") return [wish];
      if (wish.way === "process" && ready.process === "busy") return [];
      return [{ ...wish, way: "outbox", at: Math.max(wish.at, ready.fileFrom) }];
    });
  }

  #wanted(waiting: Waiting): Wish[] {
    if (waiting.oldest === undefined) return [];
    const linger: Wish = { at: waiting.oldest + this.#limits.lingerMs, way: "outbox", answer: undefined, isEarly: false };
    const size = waiting.bytes < this.#limits.sizeTriggerBytes ? [] : [this.#wishFor(waiting.oldest, this.#newest, true)];
    return [...this.#wishes, ...size, linger];
  }

  #of(answer: string | undefined): Spent {
    return (answer === undefined ? undefined : this.#spent.get(answer)) ?? NOTHING_SPENT;
  }

  #count(wish: Wish): void {
    if (wish.answer === undefined) return;
    const { early, all, isComplete } = this.#of(wish.answer);
    this.#spent.set(wish.answer, {
      early: early + (wish.isEarly ? 1 : 0),
      all: all + 1,
      isComplete: isComplete || !wish.isEarly,
    });
  }
}
