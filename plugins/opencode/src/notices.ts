/** What the user is told, each thing once, through the host's own log. Never holds what a conversation says. */

export class Notices {
  readonly #said = new Set<string>();
  readonly #tell: (message: string) => unknown;

  /** `tell` may throw or reject; nobody waits for it. */
  constructor(tell: (message: string) => unknown) {
    this.#tell = tell;
  }

  /** Says something, unless something of the same kind was said before. */
  once(kind: string, message: string): void {
    if (this.#said.has(kind)) return;
    this.#said.add(kind);
    try {
      Promise.resolve(this.#tell(message)).catch(() => {});
    } catch {
      // A host without a log.
    }
  }
}
