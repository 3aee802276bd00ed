// A record of which every text wants to act: it is shown, and nothing of it acts. A second time without the policy by
// which browsers refuse scripts and pictures, for what is shown has to be inert by itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor, widerThanItsWindow, world } from "./browser.js";
import { PAGES, pathOf } from "./pages.js";

/** @import { Page } from "playwright-core" */

/** The sessions of that record. */
const SESSIONS = ["ses_1", "ses_1/child", "ses_lines", "<script>alert(1)</script><img src=http://evil/x onerror=alert(1)>"];

for (const bypassCSP of [false, true]) {
  const how = bypassCSP ? "without a policy" : "as it is sent";
  test(`no text of a record acts on a page ${how}`, async (t) => {
    const visitor = await Visitor.of(world.hostile, { bypassCSP, viewport: { width: 400, height: 800 } });
    const paths = PAGES.flatMap((row) => SESSIONS.map((session) => pathOf(row, session, world.places.hostile)));
    for (const path of new Set(paths)) {
      await t.test(path, async () => {
        const page = await visitor.open(path);
        assert.deepEqual([...(await acting(page)), ...visitor.faults.splice(0)], []);
        assert.equal(await widerThanItsWindow(page), 0);
        await page.close();
      });
    }
    await visitor.leave();
  });
}

test("no text of a record acts when it is typed, listed or swapped in", async () => {
  const visitor = await Visitor.of(world.hostile);
  const page = await visitor.open("/sessions");
  await page.locator("select[name=project]").selectOption({ index: 1 });
  await page.waitForURL((url) => url.searchParams.has("project"));
  await page.locator("main:not([aria-busy])").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("<script>alert(1)</script>");
  await page.locator("#palette [role=option]", { hasText: "onerror=alert(1)" }).first().waitFor();
  assert.deepEqual(await acting(page), []);
  await visitor.leave();
});

for (const bypassCSP of [false, true]) {
  test(`no text of a record acts in an exported page ${bypassCSP ? "without a policy" : "as it is written"}`, async () => {
    const visitor = await Visitor.of(world.exported, { bypassCSP });
    const page = await visitor.open("");
    for (const folded of await page.locator("details").all()) await folded.evaluate((one) => one.setAttribute("open", ""));
    assert.deepEqual(await acting(page), []);
    await visitor.leave();
  });
}

/**
 * What of a page does more than be read: elements that load or run something, attributes that hold script, links that
 * lead anywhere but to a page.
 *
 * @param {Page} page
 */
function acting(page) {
  return page.evaluate(() => {
    const LOADING = "img, iframe, object, embed, audio, video, body script, body style, body link, base, meta[http-equiv=refresh]";
    const PROTOCOLS = ["http:", "https:", "mailto:", "file:"];
    const acts = (/** @type {Element} */ element) =>
      element.matches(LOADING) ||
      [...element.attributes].some(({ name }) => name.startsWith("on")) ||
      (element instanceof HTMLAnchorElement && !PROTOCOLS.includes(element.protocol));
    return [...document.querySelectorAll("*")].filter(acts).map((element) => element.outerHTML.slice(0, 200));
  });
}
