/** The plugin as OpenCode sees it. The host calls every export of this file, so it has one. */

import { existsSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { Hooks, PluginInput, PluginOptions } from "@opencode-ai/plugin";
import { binaryAt } from "./child.js";
import { HOST_CLOCK } from "./clock.js";
import { LIMITS } from "./limits.js";
import type { Place } from "./map.js";
import { Notices } from "./notices.js";
import { Outbox, outboxFolder } from "./outbox.js";
import { Tap } from "./tap.js";

/**
 * Records the sessions of one folder. Takes the options `command` and `database` (absolute paths); without them what
 * `recount setup opencode` has written, else `recount` from `PATH` with its default database.
 */
export async function Recount(input: PluginInput, options?: PluginOptions): Promise<Hooks> {
  try {
    const database = pathOf(options?.["database"]) ?? pathOf(INSTALLED_DATABASE);
    const binary = binaryAt(commandOf(options), database, LIMITS.childTimeoutMs, HOST_CLOCK);
    const outbox = new Outbox(outboxFolder(process.env), database ?? pathOf(process.env["RECOUNT_DATABASE"]));
    const notices = new Notices((message) => tell(input, message));
    const tap = new Tap(placeOf(input), { binary, outbox, notices, limits: LIMITS, clock: HOST_CLOCK });
    return {
      event: async (handed) => tap.see(handed),
      dispose: () => tap.dispose(),
    };
  } catch {
    return {};
  }
}

/** A path is made absolute; a bare name is for `PATH`, as is what was installed and has moved since. */
function commandOf(options: PluginOptions | undefined): string {
  const installed = existsSync(INSTALLED_COMMAND) ? INSTALLED_COMMAND : undefined;
  const command = textOf(options?.["command"]) ?? installed ?? "recount";
  return command.includes(sep) ? resolve(command) : command;
}

function placeOf(input: PluginInput): Place {
  const { directory, worktree, project } = input as Partial<PluginInput>;
  return {
    directory: textOf(directory),
    worktree: textOf(worktree),
    projectId: textOf(project?.id),
    projectName: textOf((project as { readonly name?: unknown } | undefined)?.name),
  };
}

function tell(input: PluginInput, message: string): unknown {
  return input.client.app.log({ body: { service: "recount", level: "warn", message } });
}

function pathOf(value: unknown): string | undefined {
  const path = textOf(value);
  return path === undefined ? undefined : resolve(path);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
