/**
 * Files of what could not be handed over, in the spool form of `context/envelope.md`; recount drains them like its own spool.
 * A file is complete or has a name that is never drained.
 */

import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readlinkSync, realpathSync, renameSync, writeSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** As many links as the drainer follows. */
const LINKS_LIMIT = 40;

export interface Environment {
  readonly [name: string]: string | undefined;
}

/** Where recount looks for an outbox; `undefined` where there is no home. A relative folder counts as not set. */
export function outboxFolder(environment: Environment): string | undefined {
  const folder = (name: string) => {
    const value = environment[name];
    return value !== undefined && isAbsolute(value) ? value : undefined;
  };
  const state = folder("XDG_STATE_HOME");
  if (state !== undefined) return join(state, "recount", "outbox");
  const home = folder("HOME");
  return home === undefined ? undefined : join(home, ".local", "state", "recount", "outbox");
}

/** A database's path as the drainer compares it: links followed, also a dangling one. */
export function resolvedDatabase(path: string): string {
  let here = resolve(path);
  for (let links = 0; links < LINKS_LIMIT; links += 1) {
    here = join(realFolder(dirname(here)), basename(here));
    try {
      here = resolve(dirname(here), readlinkSync(here));
    } catch {
      return here;
    }
  }
  return here;
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Where a batch can be kept without a process. */
export interface Files {
  readonly folder: string | undefined;
  /** Writes a file durably without stopping the host. Rejects if it cannot. */
  write(text: string, now: number): Promise<void>;
  /** The same while the host stands still: for its end. Throws if it cannot. */
  writeNow(text: string, now: number): void;
}

export class Outbox implements Files {
  constructor(
    readonly folder: string | undefined,
    /** The database that the files are for; `undefined` for the default one. */
    readonly database: string | undefined,
  ) {}

  async write(text: string, now: number): Promise<void> {
    const file = this.#file(text, now);
    await mkdir(file.folder, { recursive: true, mode: FOLDER_MODE });
    const handle = await open(file.temporary, "wx", FILE_MODE);
    try {
      await handle.writeFile(file.bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(file.temporary, file.path);
    const folder = await open(file.folder, "r");
    await folder.sync().catch(() => {});
    await folder.close();
  }

  writeNow(text: string, now: number): void {
    const file = this.#file(text, now);
    mkdirSync(file.folder, { recursive: true, mode: FOLDER_MODE });
    const handle = openSync(file.temporary, "wx", FILE_MODE);
    try {
      let written = 0;
      while (written < file.bytes.length) written += writeSync(handle, file.bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(file.temporary, file.path);
    syncFolder(file.folder);
  }

  #file(text: string, now: number): { folder: string; path: string; temporary: string; bytes: Buffer } {
    if (this.folder === undefined) throw new Error("there is no home folder");
    const name = `${String(now).padStart(15, "0")}-${randomBytes(8).toString("hex")}.spool`;
    const path = join(this.folder, name);
    const body = Buffer.from(text);
    const header = Buffer.from(`${this.#header(now, body.length)}\n`);
    return { folder: this.folder, path, temporary: `${path}.tmp`, bytes: Buffer.concat([header, body]) };
  }

  #header(now: number, bytes: number): string {
    return JSON.stringify({
      recount_spool: 1,
      kind: "conversation-trace",
      received_at_unix_ms: now,
      agent: "opencode",
      database: this.database === undefined ? null : resolvedDatabase(this.database),
      bytes,
    });
  }
}

function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Some file systems cannot; the file itself is synced.
  }
}
