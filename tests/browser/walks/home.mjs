// The first page, and from there wherever a visitor wants to go.

import assert from "node:assert/strict";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { language, switchLanguage } from "../lib/preferences.mjs";
import { screen } from "../lib/screens.mjs";
import { sealedSent, send } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";
import { checkWeight } from "../lib/weight.mjs";

walk("a visitor sees what this is and finds the ways in", async ({ demo, browser }) => {
  const page = await browser.open();
  const weight = await checkWeight(page, "/");
  console.log(`/ weighs ${weight} bytes`);
  await checkAxe(page);
  await screen(page, "home", { phone: true });
  for (const said of ["mesto01", "DemoHeslo2026", "nvak22s", `${demo.url}/DS/dz`]) {
    assert.ok(await page.getByText(said, { exact: true }).first().isVisible(), said);
  }
  await page.getByRole("link", { name: "Přihlásit se" }).click();
  await page.waitForURL("**/sign-in*");
  await page.goBack();
  await page.getByRole("link", { name: "Vstoupit do schránky" }).click();
  await page.waitForURL("**/sign-in*");
  await page.goBack();
  await page.getByRole("link", { name: "Prohlédnout statistiku" }).click();
  await page.waitForURL("**/statistics");
});

walk("language and colours are kept", async ({ browser }) => {
  const page = await browser.open({ language: "en" });
  await page.goto("/");
  assert.equal(await language(page), "en");
  assert.ok(await page.getByRole("heading", { level: 1, name: "Data boxes" }).isVisible());
  await switchLanguage(page, "cs");
  await page.goto("/verify");
  assert.equal(await language(page), "cs");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole("button", { name: "tmavé" }).click();
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  assert.notEqual(await background(), light);
  await page.goto("/");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await checkAxe(page);
});

walk("a message is checked right on the first page", async ({ demo, browser }) => {
  const id = await send(demo, "mesto01", { to: "nvak22s", subject: "Rovnou odsud" });
  const zfo = await sealedSent(demo, "mesto01", id);
  for (const scripts of [true, false]) {
    const page = await browser.open({ scripts });
    await page.goto("/");
    await page.getByLabel("Soubor ZFO").setInputFiles({ name: "DZ.zfo", mimeType: "", buffer: zfo });
    await page.getByRole("button", { name: "Ověřit" }).click();
    await page.getByText("Zpráva je pravá a nezměněná.").waitFor();
    assert.ok(await page.getByText("Rovnou odsud").isVisible());
  }
});

walk("the first pages fit a phone and a narrow window", async ({ browser }) => {
  for (const device of ["phone", "narrow"]) {
    const page = await browser.open({ device });
    for (const path of ["/", "/verify", "/sign-in", "/statistics", "/nothing/here"]) {
      await page.goto(path);
      await checkWidth(page);
    }
    await checkAxe(page);
  }
});
