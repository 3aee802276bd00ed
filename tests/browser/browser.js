// The browser, and people who visit a record with it: whatever goes wrong before their eyes is kept.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

/** @import { BrowserContext, BrowserContextOptions, Page } from "playwright-core" */

/**
 * What is opened: URLs of two records, a session exported as a page, where the pages of a repository of each record are,
 * where screenshots go, and the program.
 *
 * @typedef {{ captured: Record<string, string>, hostile: Record<string, string> }} Places
 * @type {{ captured: string, hostile: string, exported: string, places: Places, screenshots: string, program: string }}
 */
export const world = JSON.parse(readFileSync(0, "utf8"));

/** Nothing that is waited for takes as long, though others compute at the same time. */
const LIMIT_MS = 20_000;

/** It keeps what it has to keep in the folder for temporary files, which is the test's own. */
export const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  timeout: 2 * LIMIT_MS,
  // No name leads anywhere, so nothing beyond this machine is asked even by a page that would.
  args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});

/**
 * Hands something over to the record that was captured, as a plugin does.
 *
 * @param {string} type
 * @param {Record<string, unknown>} payload
 */
export function handOver(type, payload) {
  const payloads = [{ generated_at_unix_ms: Date.now(), ...payload }];
  const input = JSON.stringify({ type, agent: "opencode", payloads });
  execFileSync(world.program, ["hooks", "conversation-trace"], { input, timeout: LIMIT_MS });
}

/**
 * By how many pixels one has to move a page sideways to read it.
 *
 * @param {Page} page
 */
export function widerThanItsWindow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Somebody with a browser of their own, who has been let in. */
export class Visitor {
  /** What has gone wrong, one line each. @type {string[]} */
  faults = [];

  /**
   * @param {BrowserContext} context
   * @param {URL} url
   */
  constructor(context, url) {
    this.context = context;
    this.url = url;
    this.#watch();
  }

  /**
   * @param {string} url
   * @param {BrowserContextOptions} [options]
   */
  static async of(url, options = {}) {
    // What moves smoothly is somewhere else a moment later.
    const still = /** @type {const} */ ({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    const context = await browser.newContext({ ...still, ...options });
    context.setDefaultTimeout(LIMIT_MS);
    await context.addInitScript(() => {
      const tell = (/** @type {SecurityPolicyViolationEvent} */ { effectiveDirective, blockedURI, sample }) =>
        console.error(`refused by ${effectiveDirective}: ${blockedURI} ${sample}`);
      addEventListener("securitypolicyviolation", tell);
    });
    const visitor = new Visitor(context, new URL(url));
    // The token in the URL is kept from the first visit on.
    if (visitor.url.search !== "") await (await visitor.open(visitor.url.search)).close();
    return visitor;
  }

  /** @param {string} path */
  async open(path) {
    const page = await this.context.newPage();
    const reply = await page.goto(new URL(path, this.url).href);
    assert.equal(reply?.status(), 200, path);
    return page;
  }

  /** Goes; nothing may have gone wrong until then. */
  async leave() {
    await this.context.close();
    assert.deepEqual(this.faults, []);
  }

  #watch() {
    const { context } = this;
    const fault = (/** @type {string} */ text) => this.faults.push(text);
    context.on("console", (said) => {
      if (["error", "warning"].includes(said.type())) fault(`console: ${said.text()}`);
    });
    context.on("weberror", (thrown) => fault(`thrown: ${thrown.error()}`));
    context.on("dialog", (dialog) => {
      fault(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on("request", (request) => {
      if (new URL(request.url()).origin !== this.url.origin) fault(`asked for ${request.url()}`);
    });
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText;
      // That is what a page itself gave up, or what ended with it.
      if (reason !== "net::ERR_ABORTED") fault(`${reason}: ${request.url()}`);
    });
  }
}
