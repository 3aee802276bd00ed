// What a person wants to know, and the way to it on each side: every step is one click, one key or one
// filled field, and begins where the last one ended. The first one begins on the first page.
//
// A way ends with what has to stand on the screen then, where `shown` is; `null` is a question that no page answers.

const button = (name) => (page) => page.locator("button:visible", { hasText: name }).first();
const text = (shown) => (page) => page.getByText(shown).first();
const css = (selector) => (page) => page.locator(selector).first();

/** What `agentsview` calls the day before today in its calendar. */
const yesterday = (page) => {
	const day = new Date(Date.now() - 86_400_000).getUTCDate();
	return page.locator("button:visible:enabled", { hasText: new RegExp(`^\\s*${day}\\s*$`) }).last();
};

const day = [
	button(/^\s*Activity\s*$/),
	button(/^\s*\w{3} \d+, 20\d\d\s*$/),
	yesterday,
];

/** The navigation of `recount`. */
const go = (name) => (page) => page.locator("nav a", { hasText: name });
const analytics = go("Analytics");
const before = [analytics, css(".periods a:has-text('Yesterday')")];
/** Something of the page once that day is shown. */
const yesterdays = (selector) =>
	css(`main:has(.periods a[aria-current]:has-text('Yesterday')) ${selector}`);
/** A file's row, by the end of its path. */
const file = (name, part) => (page) =>
	page.locator(".files > li", { hasText: name }).first().locator(part).first();

export const QUESTIONS = [
	{
		asked: "what did yesterday cost",
		recount: { steps: before, shown: yesterdays(".cards"), answer: /Cost\s+(\$[\d.,]+)/ },
		agentsview: { steps: day, answer: /(\$[1-9][\d.,]*)\s+Total Cost/ },
	},
	{
		asked: "and which session most of it",
		recount: {
			steps: [...before, yesterdays("section[aria-labelledby='sessions'] tbody a")],
			answer: /session resume ([0-9a-f]{8})/,
		},
		agentsview: {
			steps: [...day, css("th:has-text('Cost')"), css("tbody tr a, tbody tr button")],
			answer: /Resume\s+([0-9a-f]{8})\s/,
		},
	},
	{
		asked: "which sessions touched this file",
		recount: {
			steps: [go("Files"), file("part_7.rs", "summary")],
			answer: /part_7\.rs\s+[\d,]+ sessions?\s+(\S[^\n]+)/,
		},
		agentsview: {
			steps: [button(/^\s*Recent Edits\s*$/), text("src/part_7.rs")],
			answer: /EDIT\s+([0-9a-f-]{36})/,
		},
	},
	{
		asked: "which tool fails most",
		recount: { steps: [analytics], answer: /Fails most: (\w+)/ },
		agentsview: null,
	},
	{
		asked: "what did the agent think before this edit",
		recount: {
			steps: [
				go("Files"),
				file("part_7.rs", "summary"),
				file("part_7.rs", "details a"),
				(page) => page.locator(":target summary", { hasText: "Thought" }).first(),
			],
			answer: /Thought\s+(\S+)/,
		},
		agentsview: {
			steps: [
				button(/^\s*Recent Edits\s*$/),
				text("src/part_7.rs"),
				text(/^\s*EDIT\s*$/i),
				(page) => page.getByText("Thinking", { exact: true }).first(),
			],
			answer: /Thinking\s+(\S+)/,
		},
	},
	{
		asked: "what did this subagent cost",
		recount: {
			steps: [css(".sessions > li:has-text('subagent') h2 a"), css(".subagent a[href^='/sessions/']")],
			// A model without a price has no cost.
			answer: /cost\s+(\$[\d.,]+|–)/,
		},
		agentsview: {
			steps: [css("[aria-label=Expand]:visible"), css("a[href^='/sessions/agent-']")],
			answer: /steps\s+(\$[\d.,]+)/,
		},
	},
	{
		asked: "with which prompt did the session begin that failed",
		// No page lists the sessions in which something failed.
		recount: null,
		agentsview: {
			steps: [
				button(/^\s*Quality\s*$/),
				button("Errored outcomes"),
				text("API Error: 529 overloaded"),
			],
			answer: /User\s+\w{3} \d+, \d\d:\d\d \w\w\s+(\S+)/,
		},
	},
	{
		asked: "which model cost most in 30 days",
		recount: { steps: [analytics], answer: /By model\s+(claude-[\w-]+)/ },
		agentsview: {
			steps: [
				button(/^\s*Usage\s*$/),
				(page) => page.locator("button:visible", { hasText: /^\s*Model\s*$/ }).nth(1),
			],
			answer: /1\s+(claude-[\w-]+)\s+\$/,
		},
	},
	{
		asked: "how do I go on with this session",
		recount: {
			steps: [css(".sessions h2 a"), css("button[data-copy]")],
			answer: "clipboard",
		},
		agentsview: {
			steps: [css("a[href^='/sessions/']"), css("[aria-label='Resume session']"), text("Copy command")],
			answer: "clipboard",
		},
	},
	{
		asked: "which sessions were compacted",
		recount: { steps: [analytics], answer: /(\d[\d,]*) compactions in/ },
		agentsview: {
			steps: [button(/^\s*Quality\s*$/), button("Sessions with compaction")],
			answer: /SESSION EVIDENCE\s+(Sessions with compaction)/,
		},
	},
	{
		asked: "how much of the prompts came from the cache",
		recount: { steps: [analytics], answer: /Cache hits\s+([\d.]+) %/ },
		agentsview: { steps: [button(/^\s*Usage\s*$/)], answer: /([1-9][\d.]*%)\s+Cache Hit/ },
	},
];
