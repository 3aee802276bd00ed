// Writes the captures as the mapping tells them, for the tests here and in Rust.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { bundled } from "./bundle.mjs";

process.chdir(new URL("..", import.meta.url).pathname);
const module = "node_modules/.fixtures.mjs";
writeFileSync(module, bundled("test/replay.ts"));
const { CAPTURES, FIXTURES, envelopesOf } = await import(new URL(`../${module}`, import.meta.url).href);
rmSync(module);
mkdirSync(`${FIXTURES}/opencode`, { recursive: true });
for (const name of CAPTURES) writeFileSync(`${FIXTURES}/opencode/${name}.envelopes.ndjson`, envelopesOf(name));
