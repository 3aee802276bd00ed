// Which answer of which script a request is given.
import { scripts, side } from "./scripts.js";

const MARK = /\[\[script:([\w-]+)\]\]/g;
const SUMMARY = /anchored summary|create a detailed summary/i;

// A prompt names its script as [[script:NAME]]; the last one counts. The rounds of tool results since
// then say how far it is. A request for a summary, or one that offers no tools, is the agent's own, beside the
// conversation.
export function choose(protocol, asked, folder) {
  const turns = protocol.turns(asked);
  const last = turns.findLast(({ role }) => role === "user");
  if (SUMMARY.test(last?.text ?? "")) return side.summary;
  if (!protocol.offersTools(asked)) return side.title;
  const at = turns.findLastIndex(({ role, text }) => role === "user" && text.match(MARK));
  const name = at < 0 ? undefined : [...turns[at].text.matchAll(MARK)].at(-1)[1];
  const script = scripts[protocol.agent][name];
  if (script === undefined) return { text: `There is no script ${protocol.agent}/${name}.` };
  return filled(script[Math.min(rounds(turns.slice(at + 1)), script.length - 1)], folder);
}

// Results that follow one another belong to one round: they answer the calls of one answer.
function rounds(turns) {
  return turns.filter(({ role }, place) => role === "tool" && turns[place - 1]?.role !== "tool").length;
}

function filled(answer, folder) {
  return JSON.parse(JSON.stringify(answer).replaceAll("{{folder}}", folder));
}
