/**
 * One recorder per folder, however many copies of the plugin the host has loaded (one for all projects and one of the project):
 * every copy is told every event. The first that asks has the folder until it lets it go; then the next event finds another.
 */

/** What must not be lost when the host's process ends. */
export interface Ending {
  abandon(): void;
}

/** Shared by all copies in the process, of whatever version: the folder, and who has it. */
const REGISTRY = Symbol.for("recount.opencode.folders");

/** What this copy has to end; one listener for all, as hosts warn of many. */
const endings = new Set<Ending>();

function folders(): Map<string, unknown> {
  const shared = globalThis as { [REGISTRY]?: Map<string, unknown> };
  shared[REGISTRY] ??= new Map();
  return shared[REGISTRY];
}

/** Whether the folder is `owner`'s, which it also becomes if it is nobody's. */
export function claim(folder: string, owner: object): boolean {
  const taken = folders();
  if (!taken.has(folder)) taken.set(folder, owner);
  return taken.get(folder) === owner;
}

/** Lets a folder go, if it is `owner`'s. */
export function letGo(folder: string, owner: object): void {
  const taken = folders();
  if (taken.get(folder) === owner) taken.delete(folder);
}

/** Has something end with the host's process. */
export function endWithHost(ending: Ending): void {
  if (endings.size === 0) process.once("exit", endAll);
  endings.add(ending);
}

/** The same no longer. */
export function endedBefore(ending: Ending): void {
  endings.delete(ending);
  if (endings.size === 0) process.removeListener("exit", endAll);
}

function endAll(): void {
  for (const ending of endings) ending.abandon();
}
