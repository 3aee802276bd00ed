// The pages of `recount serve` in Debian's Chromium, without a screen; one browser for all of it. `tests/pages.rs`
// starts this, with what it opens as JSON on standard input.
import { after } from "node:test";
import { browser } from "./browser.js";
import "./looks.js";
import "./clicks.js";
import "./live.js";
import "./hostile.js";

after(() => browser.close());
