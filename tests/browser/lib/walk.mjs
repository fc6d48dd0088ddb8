// A walk: a person's way through the pages of a demo of its own. Anything that a browser complains about fails it.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";

import { browserFor, closeBrowser } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { TARGET } from "./packages.mjs";

/** Where a failed walk leaves pictures and sources of its pages. */
const FAILED = join(TARGET, "walks");
const LONGEST = 300_000;

after(closeBrowser);

/**
 * Declares a walk.
 *
 * @param {string} name
 * @param {(tools: {demo: import("./demo.mjs").Demo, browser: import("./browser.mjs").Browser}) => Promise<void>} steps
 * @param {{demo?: string[], timeout?: number}} [options] further arguments of `isds demo`; the walk's limit in ms
 */
export function walk(name, steps, options = {}) {
  test(name, { timeout: options.timeout ?? LONGEST }, async () => {
    const demo = await startDemo(options.demo);
    const browser = await browserFor(demo);
    try {
      await steps({ demo, browser });
      const { problems } = browser;
      if (problems.length > 0) throw new Error(`the browser complained:\n${problems.join("\n")}`);
    } catch (error) {
      await keep(name, browser, demo);
      if (browser.problems.length > 0) console.error(`the browser complained:\n${browser.problems.join("\n")}`);
      console.error(`--- the end of the server's log ---\n${await demo.logTail()}\n---`);
      throw error;
    } finally {
      await browser.close();
      await demo.end();
    }
  });
}

async function keep(name, browser) {
  await mkdir(FAILED, { recursive: true });
  const file = name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80);
  for (const [index, page] of browser.pages.entries()) {
    const path = join(FAILED, `${file}-${index + 1}`);
    console.error(`${page.url()} is kept as ${path}.png and .html`);
    // A page that is gone leaves nothing; the walk's own failure is what has to be told.
    await page.screenshot({ path: `${path}.png`, timeout: 5000 }).catch(() => {});
    await page.content().then((html) => writeFile(`${path}.html`, html), () => {});
  }
}
