// The checks that every walk relies on, against pages with planted faults: a check that finds nothing here would find
// nothing anywhere.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { violations, checkWidth } from "../lib/axe.mjs";
import { browserFor, closeBrowser } from "../lib/browser.mjs";

const PAGES = {
  "/good": `<main><h1>Schránka</h1><p>Zpráva čeká.</p></main>`,
  "/faults": `<main><h1>Schránka</h1><img src="data:," width="1" height="1"><p style="color:#ccc;background:#fff">Bledé</p>
    <input name="nameless"><a href="/a" style="display:inline-block;width:9px;height:9px;font-size:8px">a</a><a
    href="/b" style="display:inline-block;width:9px;height:9px;font-size:8px">b</a></main>`,
  "/dark": `<style>@media (prefers-color-scheme: dark) { html { background: #000 } p { color: #222 } }</style>
    <main><h1 style="color:#888">Schránka</h1><p>Zpráva čeká.</p></main>`,
  "/wide": `<main><h1>Schránka</h1><div style="width:700px">široké</div></main>`,
  "/inline": `<main><h1>Schránka</h1><script>document.title = "x"</script></main>`,
  "/foreign": `<main><h1>Schránka</h1><img alt="" src="http://127.0.0.1:9/x.png"></main>`,
  "/throws": `<main><h1>Schránka</h1><script src="/throws.js"></script></main>`,
  "/lacking": `<main><h1>Schránka</h1><img alt="" src="/nothing.png"></main>`,
};

let server, site;

before(async () => {
  server = createServer((request, response) => {
    if (request.url === "/throws.js") {
      response.setHeader("Content-Type", "text/javascript");
      return response.end("throw new Error('broken')");
    }
    const page = PAGES[request.url];
    if (request.url === "/inline") response.setHeader("Content-Security-Policy", "default-src 'self'");
    response.statusCode = page ? 200 : request.url === "/fails" ? 500 : 404;
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="cs"><head><meta charset="utf-8"><title>Schránka</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
      <body>${page ?? "<main><h1>Tady nic není</h1></main>"}</body></html>`);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  site = { url: `http://localhost:${server.address().port}` };
});

after(async () => {
  await closeBrowser();
  server.closeAllConnections();
  server.close();
});

async function visit(path, wishes) {
  const browser = await browserFor(site);
  const page = await browser.open(wishes);
  await page.goto(path, { waitUntil: "networkidle" });
  return { browser, page };
}

test("axe finds planted faults, and nothing where there is nothing", async () => {
  const good = await visit("/good");
  assert.deepEqual(await violations(good.page), []);
  await good.browser.close();
  const { browser, page } = await visit("/faults");
  const found = (await violations(page)).join("\n");
  for (const rule of ["image-alt", "color-contrast", "label", "target-size"]) assert.match(found, new RegExp(`  ${rule}:`));
  await browser.close();
});

test("what is only unreadable in the dark is found in the dark", async () => {
  const light = await visit("/dark");
  assert.doesNotMatch((await violations(light.page)).join("\n"), /<p>|  p/);
  await light.page.emulateMedia({ colorScheme: "dark" });
  assert.match((await violations(light.page)).join("\n"), /color-contrast/);
  await light.browser.close();
});

test("a page that is too wide for a phone is told of", async () => {
  const wide = await visit("/wide", { device: "narrow" });
  await assert.rejects(checkWidth(wide.page), /wide in a window of 320 px/);
  await wide.browser.close();
  const good = await visit("/good", { device: "narrow" });
  await checkWidth(good.page);
  await good.browser.close();
});

for (const [path, complaint] of [
  ["/inline", /Content Security Policy/],
  ["/foreign", /another host: http:\/\/127\.0\.0\.1:9/],
  ["/throws", /a script failed: .*broken/],
  ["/lacking", /404/],
  ["/fails", /500/],
]) {
  test(`${path} is complained about`, async () => {
    const { browser } = await visit(path);
    assert.match(browser.problems.join("\n"), complaint);
    browser.expectProblem(/./);
    assert.deepEqual(browser.problems, []);
    await browser.close();
  });
}

test("a page that is not there is an answer, not a problem", async () => {
  const { browser } = await visit("/nowhere");
  assert.deepEqual(browser.problems, []);
  await browser.close();
});

test("without scripts nothing runs, in English a browser says so", async () => {
  const { browser, page } = await visit("/throws", { scripts: false, language: "en", colours: "dark", device: "phone" });
  assert.deepEqual(browser.problems, []);
  assert.equal(await page.locator("h1").textContent(), "Schránka");
  await browser.close();
});
