// Settings: an administrator of a box lets somebody in who may read everything but personal deliveries; notifications by
// e-mail; what happened; everything accessible, in both languages and colours.

import assert from "node:assert/strict";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { signIn } from "../lib/persona.mjs";
import { screen } from "../lib/screens.mjs";
import { send } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";

const NEW_PASSWORD = "Vzorova2026Hesla";

walk("an entrusted person is let in without personal deliveries", async ({ demo, browser }) => {
  await send(demo, "kraj01", { to: "mesta2j", subject: "Pro všechny" });
  const number = await send(demo, "kraj01", {
    to: "mesta2j",
    subject: "Do vlastních rukou",
    envelope: { dmPersonalDelivery: true },
  });

  const admin = await browser.open();
  await signIn(admin, "mesto03");
  await admin.goto("/b/mesta2j/settings");
  await checkAxe(admin);
  await checkWidth(admin);
  await admin.getByRole("link", { name: "Lidé a oprávnění" }).click();
  await checkAxe(admin);
  await screen(admin, "settings-people", { phone: true });
  await admin.getByRole("link", { name: "Přidat osobu" }).click();
  await checkAxe(admin);
  await admin.getByLabel("Jména", { exact: true }).fill("Karla");
  await admin.getByLabel("Příjmení", { exact: true }).fill("Vzorová");
  await admin.getByLabel("Číst zprávy kromě zpráv do vlastních rukou").check();
  await admin.getByLabel("Vidět seznamy zpráv a doručenky").check();
  await screen(admin, "settings-add-person");
  await admin.getByRole("button", { name: "Přidat osobu a vydat přístup" }).click();
  await checkAxe(admin, { languages: false });
  const login = await admin.locator("#access-login").innerText();
  const code = await admin.locator("#access-code").innerText();
  await admin.goto("/b/mesta2j/settings/people");
  const card = admin.locator(".settings-people > li", { hasText: "Karla Vzorová" });
  assert.match(await card.innerText(), /smí číst všechno kromě zpráv do vlastních rukou/);

  // She signs in with what was issued, and has to choose a password before anything else.
  const page = await browser.open({ scripts: false });
  await signIn(page, login, code);
  const passwords = page.locator('input[autocomplete~="new-password"]');
  for (let index = 0; index < (await passwords.count()); index += 1) await passwords.nth(index).fill(NEW_PASSWORD);
  const old = page.locator('input[autocomplete~="current-password"]');
  if ((await old.count()) > 0) await old.first().fill(code);
  await page.locator("main form button[type=submit]").first().click();
  await page.goto("/b/mesta2j/settings");
  assert.match(await page.locator("main").innerText(), /smí číst všechno kromě zpráv do vlastních rukou/);
  const answer = await page.goto(`/b/mesta2j/messages/${number}`);
  assert.ok(answer.status() >= 400 || !(await page.locator("main").innerText()).includes("dopis.txt"));

  await admin.getByRole("link", { name: "Co se ve schránce dělo" }).click();
  assert.match(await admin.locator("tbody").innerText(), /přidání osoby/);
  await checkAxe(admin);
  await checkWidth(admin);
  await screen(admin, "settings-activity", { phone: true });
  await admin.goto("/b/mesta2j/settings/people");
  await card.getByRole("link", { name: "Změnit oprávnění" }).click();
  await checkAxe(admin);
  await admin.getByRole("link", { name: "Odebrat přístup" }).click();
  await checkAxe(admin);
  await admin.getByRole("button", { name: "Odebrat přístup" }).click();
  assert.equal(await card.count(), 0);
  await page.goto("/b/mesta2j/settings");
  assert.doesNotMatch(page.url(), /\/b\/mesta2j\/settings$/);
});

walk("the other settings are accessible, wide and narrow", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "firma01");
  for (const [path, name] of [
    ["/settings", "settings"],
    ["/b/firma2x/settings", "settings-box"],
    ["/b/firma2x/settings/contact", "settings-contact"],
    ["/b/firma2x/settings/notices", "settings-notices"],
    ["/b/firma2x/settings/credit", "settings-credit"],
    ["/b/firma2x/settings/vault", "settings-vault"],
    ["/b/firma2x/settings/certificates", null],
    ["/b/firma2x/settings/activity?group=users", null],
  ]) {
    await page.goto(path);
    await checkAxe(page);
    await checkWidth(page);
    if (name) await screen(page, name);
  }
  await page.goto("/settings");
  await page.getByLabel("hustá").check();
  await page.getByRole("button", { name: "Uložit" }).click();
  assert.equal(await page.locator("html").getAttribute("data-density"), "compact");
  const phone = await browser.open({ device: "phone" });
  await signIn(phone, "firma01");
  for (const path of ["/settings", "/b/firma2x/settings/notices", "/b/firma2x/settings/activity"]) {
    await phone.goto(path);
    await checkWidth(phone);
  }
});
