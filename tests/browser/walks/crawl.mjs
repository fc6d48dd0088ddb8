// Every page that links lead to, as each kind of person: nothing for axe to find in either language and either colour
// mode, nothing wider than 320 px, nothing heavier than 300 kB.

import assert from "node:assert/strict";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { signIn } from "../lib/persona.mjs";
import { openInbox, send } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";
import { weigh } from "../lib/weight.mjs";

const MOST_BYTES = 300_000;

/** The address without what differs between pages of one kind. */
function shape(address) {
  const url = new URL(address);
  const path = url.pathname
    .split("/")
    .map((part) => (/\d/.test(part) || part.length > 24 ? "*" : part))
    .join("/");
  return `${path}?${[...url.searchParams.keys()].sort().join("&")}`;
}

async function material(demo) {
  const files = [
    { name: "dopis.txt", content: "Vážený pane,\nzasíláme rozhodnutí." },
    { name: "obrazek.png", content: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64") },
  ];
  await send(demo, "mesto01", { to: "nvak22s", subject: "Rozhodnutí", files, envelope: { dmSenderRefNumber: "MV-1/2026" } });
  await openInbox(demo, "novak01");
  await send(demo, "novak01", { to: "mesta2j", subject: "Odvolání", envelope: { dmRecipientRefNumber: "MV-1/2026" } });
  await openInbox(demo, "mesto01");
  await send(demo, "kraj01", { to: "nvak22s", subject: "Výzva", files });
}

/** Pages that axe has seen, in whoever's hands: the second time they are only measured. */
const seen = new Set();

for (const [login, start] of [
  ["novak01", "/home"],
  ["mesto01", "/home"],
  ["advok01", "/boxes"],
  ["spravce01", "/admin"],
]) {
  walk(
    `every page within reach of ${login}`,
    async ({ demo, browser }) => {
      await material(demo);
      const page = await browser.open();
      const narrow = await browser.open({ device: "narrow" });
      await signIn(page, login);
      await signIn(narrow, login);
      const waiting = [new URL(start, demo.url).href];
      const shapes = new Set();
      const problems = [];
      const note = async (what) => what.catch((error) => problems.push(error.message));
      while (waiting.length > 0) {
        const address = waiting.shift();
        if (shapes.has(shape(address))) continue;
        shapes.add(shape(address));
        if (!(await isPage(page, address))) continue;
        const bytes = await weigh(page, address);
        const sum = Object.values(bytes).reduce((one, other) => one + other, 0);
        if (sum > MOST_BYTES) problems.push(`${address} weighs ${sum} bytes`);
        const links = await page.evaluate(() => [...document.links].map(({ href }) => href));
        waiting.push(...links.map((link) => link.split("#")[0]).filter((link) => link.startsWith(`${demo.url}/`)));
        const first = !seen.has(shape(address));
        seen.add(shape(address));
        await note(first ? checkAxe(page) : checkAxe(page, { colours: ["light"], languages: false }));
        await narrow.goto(address);
        await note(checkWidth(narrow));
      }
      console.log(`${login}: ${shapes.size} kinds of pages\n  ${[...shapes].sort().join("\n  ")}`);
      assert.equal(problems.join("\n"), "");
      assert.ok(shapes.size >= 5, "hardly any page was reached");
    },
    { timeout: 900_000 },
  );
}

/** Whether an address answers with a page of ours: no download, no picture, no WSDL. */
async function isPage(page, address) {
  const answer = await page.request.fetch(address, { method: "GET", maxRedirects: 5 });
  const { "content-type": kind = "", "content-disposition": kept = "", "content-security-policy": policy = "" } = answer.headers();
  assert.ok(answer.status() < 500, `${answer.status()} from ${address}`);
  assert.ok(answer.status() < 400, `a link leads to ${address}: ${answer.status()}`);
  return kind.startsWith("text/html") && !kept.startsWith("attachment") && !policy.includes("sandbox");
}
