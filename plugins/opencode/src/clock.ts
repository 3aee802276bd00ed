/** Time as the other modules see it; tests hand in their own. */

export interface Clock {
  /** Unix milliseconds: what is written down. */
  now(): number;
  /** Milliseconds that only go forward: what durations are measured in. */
  ticks(): number;
  /** Runs something later and returns what keeps it from running. Nothing but a `vigil` keeps the host's process alive. */
  after(ms: number, run: () => void, kind?: "vigil"): () => void;
}

/** The host's clock. */
export const HOST_CLOCK: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  after: (ms, run, kind) => {
    const timer = setTimeout(run, Math.max(0, ms));
    if (kind !== "vigil") timer.unref();
    return () => clearTimeout(timer);
  },
};
