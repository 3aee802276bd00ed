/** Time as the other modules see it; tests hand in their own. */

export interface Clock {
  /** Unix milliseconds: what is written down. */
  now(): number;
  /** Milliseconds that only go forward: what durations are measured in. */
  ticks(): number;
  /** Runs something later and returns what keeps it from running. */
  after(ms: number, run: () => void): () => void;
}

/** The host's clock; its timers keep no process alive. */
export const HOST_CLOCK: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.max(0, ms));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
