// Every page there is.
import { world } from "./browser.js";

/** The session of the captured ones that holds most kinds of things. */
export const SESSION = "ses_e0789eb93ffedKMnpzpgPS2p7j";

/** One that was condensed, and one that a subagent worked for. */
const CONDENSED = "46c8fba1-6d82-4d2a-abdf-c985353ac9b6";
const OF_AGENTS = "a48631d7-b157-45ef-bd1b-eaf9130f8fce";

/** One that wrote lines of a repository. */
const LINES = "ses_lines";

/**
 * What a page is called, where it is, the session that it is about if about one, its heading, and by what its content
 * is known.
 *
 * @typedef {{ name: string, path: string, session?: string, heading: RegExp, shows: string }} Row
 */

/** @type {Row[]} */
export const PAGES = [
  { name: "sessions", path: "/sessions", heading: /^Sessions$/, shows: ".sessions > li" },
  { name: "sessions-none", path: "/sessions?text=nobody+said+this", heading: /^Sessions$/, shows: ".empty" },
  { name: "session", path: "/sessions/{id}", session: SESSION, heading: /^Mock title$/, shows: ".card" },
  { name: "session-condensed", path: "/sessions/{id}", session: CONDENSED, heading: /./, shows: ".compaction" },
  { name: "session-of-agents", path: "/sessions/{id}", session: OF_AGENTS, heading: /./, shows: ".subagent" },
  { name: "search", path: "/search", heading: /^Search$/, shows: ".empty" },
  { name: "files", path: "/files", heading: /^Files$/, shows: ".files > li" },
  { name: "files-none", path: "/files?path=nobody+touched+this", heading: /^Files$/, shows: ".empty" },
  { name: "file", path: "{file}", heading: /^src\/lib\.rs$/, shows: ".blame .ai" },
  { name: "file-then", path: "{file-then}", heading: /^src\/lib\.rs$/, shows: ".blame .human" },
  { name: "commit", path: "{commit}", heading: /^Say what <it> does$/, shows: ".ranges .ai" },
  { name: "session-of-lines", path: "/sessions/{id}", session: LINES, heading: /^Lines$/, shows: ".commits a" },
  { name: "analytics", path: "/analytics?period=all", heading: /^Analytics$/, shows: "svg.chart" },
  { name: "analytics-none", path: "/analytics?until=2000-01-01", heading: /^Analytics$/, shows: ".empty" },
  { name: "settings", path: "/settings", heading: /^Settings$/, shows: "table" },
];

/**
 * Where a page is, of its own session or of another, with the repository of one of the records.
 *
 * @param {Row} page
 * @param {string} [session]
 * @param {Record<string, string>} [places]
 */
export const pathOf = ({ path, session: own = "" }, session = own, places = world.places.captured) =>
  places[path] ?? path.replace("{id}", encodeURIComponent(session));
