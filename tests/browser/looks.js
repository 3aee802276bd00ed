// What each page has to be, however it is looked at.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import axe from "axe-core";
import { PAGES, pathOf } from "./pages.js";
import { Visitor, widerThanItsWindow, world } from "./browser.js";

/** @import { Page } from "playwright-core" */
/** @import { Row } from "./pages.js" */

const SCHEMES = /** @type {const} */ (["light", "dark"]);
const WIDTHS = [1280, 400];

/** What a page may weigh with its style, its script and what a small record fills it with. */
const MOST_BYTES = 150_000;

/** The rules that are asked, and which findings count. */
const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"];
const GRAVE = ["serious", "critical"];

mkdirSync(world.screenshots, { recursive: true });

test("every page is what it has to be", { concurrency: true }, async (t) => {
  const looks = SCHEMES.flatMap((scheme) => WIDTHS.map((width) => ({ scheme, width })));
  await Promise.all(looks.map(({ scheme, width }) => t.test(`in ${scheme} colours, ${width} px wide`, async (t) => {
    const look = { colorScheme: scheme, viewport: { width, height: 800 } };
    const visitor = await Visitor.of(world.captured, look);
    for (const row of PAGES) {
      await t.test(row.name, async () => {
        const page = await visitor.open(pathOf(row));
        await page.screenshot({ path: join(world.screenshots, `${row.name}-${scheme}-${width}.png`), fullPage: true });
        assert.deepEqual([...(await faultsOf(page, row)), ...visitor.faults.splice(0)], []);
        await page.close();
      });
    }
    await visitor.leave();
  })));
});

test("every page reads without a script", async () => {
  const visitor = await Visitor.of(world.captured, { javaScriptEnabled: false });
  for (const row of PAGES) {
    const page = await visitor.open(pathOf(row));
    assert.deepEqual(await content(page, row), []);
    await page.close();
  }
  await visitor.leave();
});

test("every place of the navigation is looked at", async () => {
  const visitor = await Visitor.of(world.captured);
  const page = await visitor.open("/");
  const links = await page.locator("nav a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  const known = PAGES.map(({ path }) => path.split("?")[0]);
  assert.deepEqual(links.filter((link) => link !== "/" && !known.includes(link ?? "")), []);
  await visitor.leave();
});

/**
 * What is wrong with a page.
 *
 * @param {Page} page
 * @param {Row} row
 */
async function faultsOf(page, row) {
  const faults = await content(page, row);
  const bytes = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const sizes = /** @type {PerformanceResourceTiming[]} */ (entries).map(({ decodedBodySize }) => decodedBodySize);
    return sizes.reduce((sum, size) => sum + size, 0);
  });
  if (bytes > MOST_BYTES) faults.push(`${bytes} bytes`);
  // Through the debugger: a page lets no script in but its own.
  await page.evaluate(axe.source);
  const found = await page.evaluate((values) => {
    const { axe } = /** @type {{ axe: typeof import("axe-core") }} */ (Object(window));
    // Of what is as it should be it need not tell anything, which takes half of the time.
    return axe.run({ runOnly: { type: "tag", values }, resultTypes: ["violations"] });
  }, RULES);
  for (const { id, impact, help, nodes } of found.violations) {
    if (GRAVE.includes(impact ?? "")) faults.push(`${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
  }
  return faults;
}

/**
 * What is wrong with a page at first sight.
 *
 * @param {Page} page
 * @param {Row} row
 */
async function content(page, { name, heading, shows }) {
  const faults = [];
  const wide = await widerThanItsWindow(page);
  if (wide > 0) faults.push(`${wide} px wider than the window`);
  const headings = await page.locator("h1").allInnerTexts();
  if (headings.length !== 1 || !heading.test(headings[0] ?? "")) faults.push(`headings: ${headings.join(", ")}`);
  for (const wanted of ["main", "nav", shows]) {
    if (!(await page.locator(wanted).first().isVisible())) faults.push(`no ${wanted}`);
  }
  return faults.map((fault) => `${name}: ${fault}`);
}
