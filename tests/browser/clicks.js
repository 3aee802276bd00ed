// What a person does with a mouse and with keys.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Visitor, handOver, world } from "./browser.js";
import { SESSION } from "./pages.js";

/** @import { Page } from "playwright-core" */

/**
 * Opens a page for somebody, and marks its window: the mark is gone once a page is loaded anew.
 *
 * @param {string} path
 */
async function marked(path) {
  const visitor = await Visitor.of(world.captured);
  const page = await visitor.open(path);
  await page.evaluate(() => Object.assign(window, { isMarked: true }));
  return { visitor, page };
}

/** @param {Page} page */
const isMarked = (page) => page.evaluate(() => "isMarked" in window);

/** @param {Page} page */
const place = (page) => new URL(page.url());

test("a filter changes the list without a load, and the way back undoes it", async () => {
  const { visitor, page } = await marked("/sessions");
  const agent = page.locator("select[name=agent]");
  const agents = page.locator(".sessions .agent");
  const others = agents.filter({ hasNotText: "opencode" }).first();
  const all = await agents.allInnerTexts();
  await agent.selectOption("opencode");
  await others.waitFor({ state: "detached" });
  const some = await agents.count();
  assert.ok(some > 0 && some < all.length, `${some} of ${all.length}`);
  assert.equal(place(page).searchParams.get("agent"), "opencode");
  await page.goBack();
  await others.waitFor();
  assert.deepEqual(await agents.allInnerTexts(), all);
  assert.equal(place(page).search, "");
  assert.equal(await agent.inputValue(), "");
  assert.ok(await isMarked(page));
  await visitor.leave();
});

test("what is typed narrows the list, and stays in its field", async () => {
  handOver("session.updated", { session_id: "ses_typed", title: "Typed and found" });
  const { visitor, page } = await marked("/sessions");
  await page.keyboard.press("/");
  await page.keyboard.type("typed AND");
  await page.locator(".sessions > li").nth(1).waitFor({ state: "detached" });
  assert.equal(await page.locator(".sessions h2").innerText(), "Typed and found");
  assert.equal(await page.locator("input[type=search]:focus").inputValue(), "typed AND");
  assert.equal(place(page).searchParams.get("text"), "typed AND");
  assert.ok(await isMarked(page));
  await visitor.leave();
});

/** Which key leads where after `g`. */
const PLACES = /** @type {const} */ ([
  ["e", "/search"],
  ["f", "/files"],
  ["a", "/analytics"],
  [",", "/settings"],
  ["s", "/sessions"],
]);

test("every key of the sheet does what it says", async () => {
  const { visitor, page } = await marked("/sessions");
  await page.keyboard.press("?");
  const sheet = page.locator("dialog#keys");
  await sheet.waitFor();
  const told = await sheet.locator("dt").allInnerTexts();
  for (const keys of ["Ctrl K", "?", "/", "j", "k", "Enter", "o", "r", ...PLACES.map(([key]) => `g ${key}`)]) {
    assert.ok(told.includes(keys), `${keys} is not among ${told.join(", ")}`);
  }
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "hidden" });
  // Another test may hand over a session meanwhile, which comes to stand above.
  const at = page.locator(".sessions > li.at");
  await page.keyboard.press("j");
  const entry = await at.getAttribute("data-key");
  for (const key of ["j", "k"]) await page.keyboard.press(key);
  assert.equal(await at.getAttribute("data-key"), entry);
  const link = at.locator("a:focus");
  const goal = await link.getAttribute("href");
  assert.ok(await isMarked(page));
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === goal);
  for (const [key, path] of PLACES) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.waitForURL((url) => url.pathname === path);
  }
  await visitor.leave();
});

test("one key opens all that is folded, and folds it again", async () => {
  const { visitor, page } = await marked(`/sessions/${SESSION}`);
  for (const folded of [".talk details:not([open])", ".talk details[open]"]) {
    assert.ok((await page.locator(folded).count()) > 0, folded);
    await page.keyboard.press("o");
    await page.locator(folded).first().waitFor({ state: "detached" });
  }
  await visitor.leave();
});

test("Ctrl-K finds a session by its title and goes there, and a page by its name", async () => {
  handOver("session.updated", { session_id: "ses_jump", title: "Where one jumps to" });
  const { visitor, page } = await marked("/sessions");
  const chosen = page.locator('#palette [aria-selected="true"]');
  await page.keyboard.press("Control+k");
  await page.keyboard.type("one jumps");
  await chosen.filter({ hasText: "Where one jumps to" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/sessions/ses_jump");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("sear");
  await chosen.filter({ hasText: "Search" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/search");
  await visitor.leave();
});

test("one clicks from the list to a session, a tool call, the analytics, a filter and back to a session", async () => {
  const { visitor, page } = await marked("/sessions?agent=opencode&sort=messages");
  await page.locator(".sessions h2 a").first().click();
  await page.locator("h1", { hasText: "Mock title" }).waitFor();
  const output = page.locator(".card details", { has: page.getByText("Output", { exact: true }) }).first();
  assert.equal(await output.locator("pre").isVisible(), false);
  await output.locator("summary").first().click();
  await output.locator("pre").waitFor();
  await page.getByRole("link", { name: "Analytics" }).click();
  await page.locator("h1", { hasText: "Analytics" }).waitFor();
  await page.evaluate(() => Object.assign(window, { isMarked: true }));
  await page.locator("select[name=period]").selectOption("all");
  await page.locator("svg.chart").waitFor();
  const rows = page.locator("[aria-labelledby=sessions] tbody tr");
  const opencode = rows.filter({ hasText: "opencode" }).first();
  await opencode.waitFor();
  await page.locator("select[name=agent]").selectOption("claude-code");
  await opencode.waitFor({ state: "detached" });
  assert.equal(place(page).searchParams.get("period"), "all");
  assert.equal(place(page).searchParams.get("agent"), "claude-code");
  assert.ok(await isMarked(page));
  await rows.first().locator("a").click();
  await page.locator(".talk").waitFor();
  await visitor.leave();
});

test("one clicks from a file to a session that changed it", async () => {
  const { visitor, page } = await marked("/files");
  await page.locator("input[type=search]").fill("hello");
  const files = page.locator(".files > li");
  await files.filter({ hasNotText: "hello" }).first().waitFor({ state: "detached" });
  assert.ok(await isMarked(page));
  await files.first().locator("summary").click();
  await files.first().locator("details li a").first().click();
  await page.locator(".talk").waitFor();
  await visitor.leave();
});

test("what is to be copied is copied, and what is exported is a file", async () => {
  const { visitor, page } = await marked(`/sessions/${SESSION}`);
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator('[data-copy="resume"]').click();
  await page.locator('[data-copy="resume"]', { hasText: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await page.locator("#resume").innerText());
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "HTML" }).click()]);
  assert.match(readFileSync(await file.path(), "utf8"), /^<!doctype html>/);
  await visitor.leave();
});
