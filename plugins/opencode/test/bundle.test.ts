/** The file that is installed, as a host loads it. */

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { argumentsOf } from "../src/child.js";
import { outboxFolder, resolvedDatabase } from "../src/outbox.js";
import { FIXTURES } from "./replay.js";

const BUNDLE = readFileSync("dist/recount.js", "utf8");
const CAPTURE = `${process.cwd()}/${FIXTURES}/captures/opencode/basic.jsonl`;

/** Set it to try the files on the real drainer. */
const BINARY = process.env["RECOUNT_BINARY"] ?? "";

/** What recount says when its input is safe. */
const RECEIPT = "conversation-trace: attempted=1 stored=0 updated=0 duplicate=0 rejected=0 spooled=1";

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "recount-bundle-")));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Plays a capture to a bundle in a process of its own, and returns what that printed. */
function play(bundle: string, options: unknown, end: "dispose" | "exit" | "exception" | "nothing", environment = {}): string {
  const file = join(folder, "recount-plugin.mjs");
  writeFileSync(file, bundle);
  const host = join(folder, "host.mjs");
  writeFileSync(host, `
    import { readFileSync } from "node:fs";
    const plugin = await import(${JSON.stringify(pathToFileURL(file).href)});
    const exports = Object.values(plugin);
    if (exports.length !== 1 || exports[0].name !== "Recount") throw new Error("exports " + Object.keys(plugin));
    const logs = [];
    const client = { app: { log: async (entry) => void logs.push(entry) } };
    const input = { client, directory: "/home/dev/demo", worktree: "/", project: { id: "p", worktree: "/" } };
    const hooks = await plugin.Recount(input, ${JSON.stringify(options)});
    for (const line of readFileSync(${JSON.stringify(CAPTURE)}, "utf8").trim().split("\\n")) {
      const { event } = JSON.parse(line);
      if (event) await hooks.event({ event });
    }
    process.once("exit", () => console.log(JSON.stringify({ hooks: Object.keys(hooks), logs })));
    if (${JSON.stringify(end)} === "dispose") await hooks.dispose();
    if (${JSON.stringify(end)} === "exit") process.exit(0);
    if (${JSON.stringify(end)} === "exception") { process.on("uncaughtException", () => process.exit(0)); throw new Error("the host fails"); }
  `);
  const env = { PATH: "/usr/bin:/bin", HOME: folder, ...environment };
  return execFileSync(process.execPath, [host], { env, encoding: "utf8", cwd: folder, timeout: 15_000 });
}

/** A program that notes its arguments and what it is handed. */
function note(name = "recount"): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "$@" >> ${folder}/arguments\ncat >> ${folder}/taken\necho "${RECEIPT}"\n`);
  chmodSync(path, 0o755);
  return path;
}

const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");

function outbox(state = join(folder, ".local/state")): string[] {
  const path = join(state, "recount/outbox");
  return existsSync(path) ? readdirSync(path).map((name) => readFileSync(join(path, name), "utf8")) : [];
}

const headerOf = (file: string | undefined) => JSON.parse(file?.split("\n")[0] ?? "null") as Record<string, unknown>;
const PARTS = new Set([...readFileSync(CAPTURE, "utf8").matchAll(/"id": "(prt_[^"]+)"/g)].map((match) => match[1] ?? ""));

describe("the bundle", () => {
  it.each(["INSTALLED_COMMAND", "INSTALLED_DATABASE"])("has one line that `recount setup` replaces for %s", (name) => {
    const line = `const ${name} = "";`;
    expect(BUNDLE.split("\n").filter((other) => other === line)).toHaveLength(1);
    expect(BUNDLE.split(line)).toHaveLength(2);
    expect(BUNDLE.split(`const ${name}`)).toHaveLength(2);
  });

  it("needs nothing but Node's own modules", () => {
    const imported = [...BUNDLE.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)|\brequire\(/g)].map((match) => match[1] ?? "dynamic");
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) expect(builtinModules).toContain(name.replace(/^node:/, ""));
  });

  it("never prints", () => {
    expect(BUNDLE).not.toMatch(/\bconsole\.|process\.std(out|err)/);
  });
});

describe("the lock file", () => {
  it("names versions and no address", () => {
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, Record<string, unknown>> };
    for (const [name, locked] of Object.entries(lock.packages)) {
      expect(locked, name).toHaveProperty("version");
      expect(locked, name).not.toHaveProperty("resolved");
    }
  });
});

describe("the plugin", () => {
  it("takes what was installed", () => {
    const command = note('re "count" ü');
    const bundle = BUNDLE.replace('const INSTALLED_COMMAND = "";', () => `const INSTALLED_COMMAND = ${JSON.stringify(command)};`)
      .replace('const INSTALLED_DATABASE = "";', () => `const INSTALLED_DATABASE = "/data/my base.db";`);
    expect(play(bundle, undefined, "dispose")).toBe('{"hooks":["event","dispose"],"logs":[]}\n');
    expect(read("arguments")).toBe(`${argumentsOf("/data/my base.db").join(" ")}\n`);
    for (const part of PARTS) expect(read("taken")).toContain(part);
  });

  it("takes its options first", () => {
    const installed = BUNDLE.replace('const INSTALLED_COMMAND = "";', 'const INSTALLED_COMMAND = "/nowhere";');
    play(installed, { command: note("other"), database: "/x.db" }, "dispose");
    expect(read("arguments")).toBe(`${argumentsOf("/x.db").join(" ")}\n`);
  });

  it.each(["", "/moved/since/recount"])("finds recount in PATH where it was installed as %j", (installed) => {
    mkdirSync(join(folder, "bin"));
    note("bin/recount");
    const bundle = BUNDLE.replace('const INSTALLED_COMMAND = "";', `const INSTALLED_COMMAND = ${JSON.stringify(installed)};`);
    play(bundle, { command: 7 }, "dispose", { PATH: `${join(folder, "bin")}:/usr/bin:/bin` });
    expect(read("arguments")).toBe("hooks conversation-trace --agent opencode\n");
  });

  it("says once that there is no binary, and keeps everything", () => {
    const said = JSON.parse(play(BUNDLE, undefined, "dispose")) as { logs: { body: Record<string, unknown> }[] };
    expect(said.logs).toHaveLength(1);
    expect(said.logs[0]?.body).toMatchObject({ service: "recount", level: "warn" });
    expect(said.logs[0]?.body["message"]).toMatch(/^`recount` (is not there or no program|could not be started \(ENOENT\)); what .* is kept in/);
    for (const part of PARTS) expect(outbox().join("")).toContain(part);
  });

  it.each(["exit", "exception", "nothing"] as const)("leaves a file where the host ends by %s without a word", (end) => {
    play(BUNDLE, { command: note() }, end);
    for (const part of PARTS) expect(outbox().join("")).toContain(part);
    expect(headerOf(outbox()[0])).toMatchObject({ recount_spool: 1, kind: "conversation-trace", agent: "opencode", database: null });
  });

  it("names the database of its files where it is not the default one", () => {
    const state = join(folder, "state");
    play(BUNDLE, { database: join(folder, "x.db") }, "exit", { XDG_STATE_HOME: state });
    expect(headerOf(outbox(state)[0])["database"]).toBe(join(folder, "x.db"));
    rmSync(state, { recursive: true });
    play(BUNDLE, undefined, "exit", { XDG_STATE_HOME: state, RECOUNT_DATABASE: "y.db" });
    expect(headerOf(outbox(state)[0])["database"]).toBe(join(folder, "y.db"));
  });

  it("keeps what a program has taken that gives no receipt", () => {
    const said = JSON.parse(play(BUNDLE, { command: "/bin/true" }, "dispose")) as { logs: { body: { message: string } }[] };
    expect(said.logs).toHaveLength(1);
    expect(said.logs[0]?.body.message).toMatch(/^`\/bin\/true` (ended without a receipt|did not read all that it was handed); what/);
    for (const part of PARTS) expect(outbox().join("")).toContain(part);
  });

  it.skipIf(BINARY === "")("knows recount by its receipt", () => {
    expect(play(BUNDLE, { command: BINARY }, "dispose")).toBe('{"hooks":["event","dispose"],"logs":[]}\n');
    expect(outbox()).toEqual([]);
  });

  it.skipIf(BINARY === "")("writes files that recount drains", () => {
    const env = { PATH: "/usr/bin:/bin", HOME: folder };
    const recount = (...args: string[]) => execFileSync(BINARY, args, { env, encoding: "utf8", cwd: folder });
    play(BUNDLE, undefined, "exit");
    play(BUNDLE, { database: join(folder, "x.db") }, "exit");
    expect(outbox()).toHaveLength(2);
    recount("spool", "drain");
    expect(outbox()).toHaveLength(1);
    recount("--database", join(folder, "x.db"), "spool", "drain");
    expect(outbox()).toEqual([]);
    for (const database of [[], ["--database", join(folder, "x.db")]]) {
      expect(recount(...database, "session", "list")).toContain("ses_e0789eb93ffedKMnpzpgPS2p7j");
    }
  });
});

describe("places", () => {
  it.each([
    [{ XDG_STATE_HOME: "/s", HOME: "/h" }, "/s/recount/outbox"],
    [{ XDG_STATE_HOME: "", HOME: "/h" }, "/h/.local/state/recount/outbox"],
    [{ XDG_STATE_HOME: "relative", HOME: "/h" }, "/h/.local/state/recount/outbox"],
    [{ HOME: "relative" }, undefined],
    [{}, undefined],
  ])("%o has its outbox in %s", (environment, path) => {
    expect(outboxFolder(environment)).toBe(path);
  });

  it("a database is named as the drainer resolves it", async () => {
    const { symlinkSync } = await import("node:fs");
    mkdirSync(join(folder, "real"));
    symlinkSync(join(folder, "real"), join(folder, "link"));
    symlinkSync("target.db", join(folder, "real", "dangling.db"));
    expect(resolvedDatabase(join(folder, "link", "x.db"))).toBe(join(folder, "real", "x.db"));
    expect(resolvedDatabase(join(folder, "link", "dangling.db"))).toBe(join(folder, "real", "target.db"));
    expect(resolvedDatabase(join(folder, "none", "x.db"))).toBe(join(folder, "none", "x.db"));
  });
});
