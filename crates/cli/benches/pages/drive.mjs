// Drives a headless Chromium for the benchmark `pages`: what a page takes to load, and how many clicks lie
// between a question and its answer. One line of JSON on standard output is what it found.
//
// node drive.mjs PLAYWRIGHT load SIDE URL READY PICTURE
// node drive.mjs PLAYWRIGHT ask SIDE URL FOLDER

import { createRequire } from "node:module";
import { QUESTIONS } from "./questions.mjs";

const [playwright, task, ...words] = process.argv.slice(2);
const { chromium } = createRequire(playwright)("playwright-core");

/** What Debian installs. */
const CHROMIUM = "/usr/bin/chromium";

/** After so long without a request a page has all that it wants. */
const QUIET_MS = 1_000;
const LONGEST_MS = 30_000;

const browser = await chromium.launch({
	executablePath: CHROMIUM,
	// Who asks for another machine is told at once that there is none.
	args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});

async function context() {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	await context.grantPermissions(["clipboard-read", "clipboard-write"]);
	return context;
}

/** Counts what a page asks for, until nothing more comes. */
async function traffic(page) {
	const session = await page.context().newCDPSession(page);
	const seen = { requests: 0, remote: 0, bytes: 0, last: Date.now() };
	await session.send("Network.enable");
	session.on("Network.requestWillBeSent", ({ request }) => {
		const { protocol, hostname } = new URL(request.url);
		if (!protocol.startsWith("http")) return;
		seen.requests += 1;
		seen.remote += hostname === "127.0.0.1" ? 0 : 1;
		seen.last = Date.now();
	});
	session.on("Network.loadingFinished", ({ encodedDataLength }) => {
		seen.bytes += encodedDataLength;
		seen.last = Date.now();
	});
	return {
		async all() {
			const end = Date.now() + LONGEST_MS;
			while (Date.now() < Math.min(end, seen.last + QUIET_MS)) await page.waitForTimeout(50);
			const { requests, remote, bytes } = seen;
			Object.assign(seen, { requests: 0, remote: 0, bytes: 0 });
			return { requests, remote, bytes };
		},
	};
}

/** Notes in the page when the text stands there, one frame after it does. */
function watch(ready) {
	const shown = new RegExp(ready, "i");
	const look = () => {
		if (document.body && shown.test(document.body.innerText)) {
			requestAnimationFrame(() => { window.shownAt = performance.now(); });
		} else {
			requestAnimationFrame(look);
		}
	};
	requestAnimationFrame(look);
}

async function times(page) {
	await page.waitForFunction(() => window.shownAt !== undefined, null, { timeout: LONGEST_MS });
	return page.evaluate(() => {
		const [{ responseStart }] = performance.getEntriesByType("navigation");
		return { first_byte_ms: responseStart, shown_ms: window.shownAt };
	});
}

async function load(url, ready, picture) {
	const page = await (await context()).newPage();
	await page.addInitScript(watch, ready);
	const seen = await traffic(page);
	await page.goto(url, { waitUntil: "commit" });
	const cold = { ...(await times(page)), ...(await seen.all()) };
	await page.screenshot({ path: picture });
	await page.reload({ waitUntil: "commit" });
	const warm = { ...(await times(page)), ...(await seen.all()) };
	return { cold, warm };
}

async function ask({ steps, shown, answer }, url, picture) {
	const page = await (await context()).newPage();
	page.setDefaultTimeout(LONGEST_MS / 2);
	await page.goto(url);
	for (const step of steps) await step(page).click();
	if (shown) await shown(page).waitFor();
	let said = "";
	if (answer === "clipboard") {
		said = await page.evaluate(() => navigator.clipboard.readText());
	} else {
		const found = (shown) => new RegExp(shown.source, shown.flags).exec(document.body.innerText)?.[1];
		const pattern = { source: answer.source, flags: answer.flags };
		said = await (await page.waitForFunction(found, pattern)).jsonValue();
	}
	await page.screenshot({ path: picture });
	await page.context().close();
	return { clicks: steps.length, said };
}

async function askAll(side, url, folder) {
	const answers = [];
	for (const [number, question] of QUESTIONS.entries()) {
		const way = question[side] ?? null;
		const picture = `${folder}/${side}-question-${number + 1}.png`;
		const answer = way && (await ask(way, url, picture).catch((error) => {
			throw new Error(`${side}: ${question.asked}`, { cause: error });
		}));
		answers.push({ asked: question.asked, ...answer });
	}
	return answers;
}

try {
	const [side, url, ...rest] = words;
	const found = task === "load" ? await load(url, ...rest) : await askAll(side, url, ...rest);
	process.stdout.write(`${JSON.stringify(found)}\n`);
} finally {
	await browser.close();
}
