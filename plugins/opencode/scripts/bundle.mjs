// How the plugin becomes one file.
import { buildSync } from "esbuild";

const HEADER = `// recount's plugin for OpenCode: hands what a session says and does to \`recount\`.
// Made from plugins/opencode/src by plugins/opencode/scripts/build.mjs; change it there. MIT OR Apache-2.0.

// \`recount setup opencode\` writes absolute paths here.
const INSTALLED_COMMAND = "";
const INSTALLED_DATABASE = "";
`;

/** The bundle's text: one module without dependencies, readable. */
export function bundle() {
  return bundled("src/index.ts", HEADER);
}

/** The text of one entry file with all that it imports, but Node's own modules. */
export function bundled(entry, banner = "") {
  const built = buildSync({
    entryPoints: [entry],
    absWorkingDir: new URL("..", import.meta.url).pathname,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner: { js: banner },
  });
  return built.outputFiles[0].text;
}
