/** Every bound in one place, so that tests can make time short. */

const MIB = 1024 * 1024;

export interface Limits {
  /** A process that takes longer is killed. */
  readonly childTimeoutMs: number;
  /** How long dispose waits for a process before it writes files; the rest of its three seconds is for writing. */
  readonly disposeMs: number;
  /** After a process has failed, everything goes to the outbox for so long. */
  readonly childBackoffMs: number;
  /** After the outbox could not be written, it is left alone for so long. */
  readonly outboxBackoffMs: number;
  /** What waits and what is in flight, together; beyond it things are dropped if they cannot be written. */
  readonly heldBytes: number;
  /** From here on what waits goes to the outbox without waiting for a process. */
  readonly relieveBytes: number;
  /** What one process or file takes; a hook leaves a longer input to a command. */
  readonly batchBytes: number;
  /** So much at once is not kept waiting. */
  readonly sizeTriggerBytes: number;
  /** A tool has begun: its session may be killed next. */
  readonly runningMs: number;
  /** A further tool of the same answer waits for others to share the process. */
  readonly sharedRunningMs: number;
  /** A complete answer waits for the session to become idle. */
  readonly completedMs: number;
  /** OpenCode tells of a session's cost and diff some milliseconds after it has become idle. */
  readonly idleMs: number;
  /** Whatever waits longer becomes a file. */
  readonly lingerMs: number;
  /** Processes per answer before it is complete. */
  readonly earlyProcesses: number;
  /** Processes per answer in all. */
  readonly processes: number;
}

export const LIMITS: Limits = {
  childTimeoutMs: 5_000,
  disposeMs: 2_500,
  childBackoffMs: 30_000,
  outboxBackoffMs: 5_000,
  heldBytes: 16 * MIB,
  relieveBytes: 8 * MIB,
  batchBytes: 8 * MIB,
  sizeTriggerBytes: MIB,
  runningMs: 25,
  sharedRunningMs: 500,
  completedMs: 200,
  idleMs: 50,
  lingerMs: 2_000,
  earlyProcesses: 2,
  processes: 3,
};
