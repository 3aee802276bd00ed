// Writes dist/recount.js, or with --check says whether it is what the sources make.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { bundle } from "./bundle.mjs";

const FILE = new URL("../dist/recount.js", import.meta.url);
const text = bundle();
if (!process.argv.includes("--check")) {
  mkdirSync(new URL(".", FILE), { recursive: true });
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, "utf8") !== text) {
  console.error("dist/recount.js is not what the sources make: `npm run build`, and commit it");
  process.exit(1);
}
