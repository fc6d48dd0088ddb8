// Accessibility: axe finds nothing, in both colour modes and both languages.

import { AxeBuilder } from "./packages.mjs";
import { language, switchLanguage } from "./preferences.mjs";

/** WCAG 2.2 up to AA, and what axe holds for good practice besides. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds on the page as it stands, each as lines for a person. */
export async function violations(page) {
  // Legacy mode asks the page itself instead of opening a blank one beside it.
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
  return violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 8).map(({ target, failureSummary }) => {
      const why = failureSummary.split("\n").slice(1).map((line) => line.trim()).filter(Boolean).join("; ");
      return `    ${target.join(" ")}\n      ${why}`;
    });
    const more = nodes.length > 8 ? [`    and ${nodes.length - 8} more`] : [];
    return [`  ${id}: ${help}`, ...places, ...more].join("\n");
  });
}

/**
 * Demands that axe finds nothing.
 *
 * @param {import("playwright-core").Page} page needs JavaScript
 * @param {object} [options]
 * @param {("light"|"dark")[]} [options.colours]
 * @param {boolean} [options.languages] `false` for a page that answers a form: switching the language opens it anew
 */
export async function checkAxe(page, { colours = ["light", "dark"], languages = true } = {}) {
  const found = [];
  const before = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  const look = async () => {
    for (const colour of colours) {
      await page.emulateMedia({ colorScheme: colour });
      await settled(page);
      const lines = await violations(page);
      if (lines.length > 0) found.push(`${page.url()} (${await language(page)}, ${colour}):\n${lines.join("\n")}`);
    }
  };
  await look();
  if (languages) {
    const own = await language(page);
    await switchLanguage(page, own === "cs" ? "en" : "cs");
    await look();
    await switchLanguage(page, own);
  }
  await page.emulateMedia({ colorScheme: before });
  if (found.length > 0) throw new Error(`axe found something:\n${found.join("\n")}`);
}

/** Demands that the page is not wider than the window: nobody scrolls sideways. */
export async function checkWidth(page) {
  const { content, window } = await page.evaluate(() => ({
    content: document.scrollingElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  if (content > window) {
    const wide = await page.evaluate((limit) => {
      const beyond = [...document.querySelectorAll("body *")].filter((element) => {
        return element.checkVisibility() && element.getBoundingClientRect().right > limit + 1;
      });
      return beyond.slice(0, 5).map((element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`);
    }, window);
    throw new Error(`${page.url()} is ${content} px wide in a window of ${window} px: ${wide.join(", ")}`);
  }
}

/** Waits until fonts are there and the colours of the new mode are painted. */
async function settled(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
  });
}
