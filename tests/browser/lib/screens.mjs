// Pictures of the main pages for docs/screens, in a fixed size and light. Only made where ISDS_SCREENS=1 asks for them, so
// that a test run leaves the source tree as it was.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { DEVICES } from "./browser.mjs";
import { ROOT } from "./packages.mjs";

const FOLDER = process.env.ISDS_SCREENS_FOLDER ?? join(ROOT, "docs/screens");

/** A picture of the page as it stands: NAME.png, and with `{ phone: true }` NAME-phone.png as well. */
export async function screen(page, name, { phone = false } = {}) {
  if (process.env.ISDS_SCREENS !== "1") return;
  await mkdir(FOLDER, { recursive: true });
  const before = page.viewportSize();
  await page.emulateMedia({ colorScheme: "light" });
  const sizes = phone ? ["desktop", "phone"] : ["desktop"];
  for (const device of sizes) {
    await page.setViewportSize(DEVICES[device].viewport);
    await page.evaluate(() => document.fonts.ready.then(() => scrollTo(0, 0)));
    const suffix = device === "phone" ? "-phone" : "";
    await page.screenshot({ path: join(FOLDER, `${name}${suffix}.png`), animations: "disabled", scale: "css", caret: "hide" });
  }
  await page.setViewportSize(before);
}
