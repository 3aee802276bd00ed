// What a person wants to know, and the way to it on each side: every step is one click, one key or one
// filled field, and begins where the last one ended. The first one begins on the first page.
//
// A way ends with what has to stand on the screen then; `null` is a question that no page answers.

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

export const QUESTIONS = [
	{
		asked: "what did yesterday cost",
		agentsview: { steps: day, answer: /(\$[1-9][\d.,]*)\s+Total Cost/ },
	},
	{
		asked: "and which session most of it",
		agentsview: {
			steps: [...day, css("th:has-text('Cost')"), css("tbody tr a, tbody tr button")],
			answer: /Resume\s+([0-9a-f]{8})\s/,
		},
	},
	{
		asked: "which sessions touched this file",
		agentsview: {
			steps: [button(/^\s*Recent Edits\s*$/), text("src/part_7.rs")],
			answer: /EDIT\s+([0-9a-f-]{36})/,
		},
	},
	{
		asked: "which tool fails most",
		agentsview: null,
	},
	{
		asked: "what did the agent think before this edit",
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
		agentsview: {
			steps: [css("[aria-label=Expand]:visible"), css("a[href^='/sessions/agent-']")],
			answer: /steps\s+(\$[\d.,]+)/,
		},
	},
	{
		asked: "with which prompt did the session begin that failed",
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
		agentsview: {
			steps: [css("a[href^='/sessions/']"), css("[aria-label='Resume session']"), text("Copy command")],
			answer: "clipboard",
		},
	},
	{
		asked: "which sessions were compacted",
		agentsview: {
			steps: [button(/^\s*Quality\s*$/), button("Sessions with compaction")],
			answer: /SESSION EVIDENCE\s+(Sessions with compaction)/,
		},
	},
	{
		asked: "how much of the prompts came from the cache",
		agentsview: { steps: [button(/^\s*Usage\s*$/)], answer: /([1-9][\d.]*%)\s+Cache Hit/ },
	},
];
