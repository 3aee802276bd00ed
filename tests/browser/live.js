// What an agent does while a page is open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, handOver, world } from "./browser.js";
import { SESSION } from "./pages.js";

/** @import { Locator, Page } from "playwright-core" */

const isLive = '#live[data-state="on"]';

/**
 * Waits until a session of that title stands in the list.
 *
 * @param {Page} page
 * @param {string} title
 */
const appears = (page, title) => page.locator(".sessions h2", { hasText: title }).waitFor();

/**
 * Where something is in the window. Positions are whole pixels of the screen, so it may be a part of one off.
 *
 * @param {Locator} locator
 */
const top = (locator) => locator.evaluate((element) => element.getBoundingClientRect().top);

test("a session appears in the list, and nothing moves that the reader looks at", async () => {
  const visitor = await Visitor.of(world.captured, { viewport: { width: 400, height: 600 } });
  const page = await visitor.open("/sessions");
  await page.locator(isLive).waitFor();
  await page.evaluate(() => Object.assign(window, { isMarked: true }));
  const looked = page.locator(".sessions > li").nth(3);
  const key = await looked.getAttribute("data-key");
  await looked.evaluate((row) => row.scrollIntoView({ block: "start" }));
  const same = page.locator(`[data-key="${key}"]`);
  const before = await top(same);
  handOver("session.updated", { session_id: "ses_live", title: "Came while one looked" });
  await appears(page, "Came while one looked");
  assert.ok(Math.abs((await top(same)) - before) < 1);
  assert.ok(await page.evaluate(() => "isMarked" in window));
  await visitor.leave();
});

test("what is said appears in an open session, and what was unfolded stays so", async () => {
  const visitor = await Visitor.of(world.captured, { viewport: { width: 1280, height: 600 } });
  const page = await visitor.open(`/sessions/${SESSION}`);
  await page.locator(isLive).waitFor();
  const thought = page.locator("details.thought").first();
  await thought.locator("summary").click();
  const before = await top(thought);
  const said = { session_id: SESSION, message_id: "msg_live" };
  handOver("message.updated", { ...said, role: "assistant" });
  handOver("message.part.updated", { ...said, part_id: "prt_live", part_type: "text", text: "Said while one read" });
  await page.getByText("Said while one read").waitFor({ state: "attached" });
  assert.ok(await thought.evaluate((folded) => folded.hasAttribute("open")));
  assert.ok(Math.abs((await top(thought)) - before) < 1);
  await visitor.leave();
});

test("six tabs share one stream, and another takes over when its tab is closed", async () => {
  const visitor = await Visitor.of(world.captured);
  /** @type {Set<Page>} */
  const listening = new Set();
  visitor.context.on("request", (request) => {
    if (request.url().endsWith("/api/events")) listening.add(request.frame().page());
  });
  const tabs = [];
  for (let nth = 0; nth < 6; nth++) tabs.push(await visitor.open("/sessions"));
  await Promise.all(tabs.map((tab) => tab.locator(isLive).waitFor()));
  handOver("session.updated", { session_id: "ses_six", title: "Told to six" });
  await Promise.all(tabs.map((tab) => appears(tab, "Told to six")));
  assert.equal(listening.size, 1);
  const [holder] = listening;
  await holder?.close();
  const left = tabs.filter((tab) => tab !== holder);
  handOver("session.updated", { session_id: "ses_five", title: "Told to five" });
  await Promise.all(left.map((tab) => appears(tab, "Told to five")));
  assert.equal(listening.size, 2);
  await visitor.leave();
});
