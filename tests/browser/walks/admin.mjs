// The administrator: a box for somebody who then signs in, a table of boxes, disabling, searching, what is public.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { signIn } from "../lib/persona.mjs";
import { screen } from "../lib/screens.mjs";
import { send } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";

const OWN = "VlastniHeslo2027";

async function choosePassword(page, code) {
  await page.getByLabel("Vydané heslo").fill(code);
  await page.getByLabel("Nové heslo", { exact: true }).fill(OWN);
  await page.getByLabel("Nové heslo znovu").fill(OWN);
  await page.getByRole("button", { name: "Uložit heslo" }).click();
}

walk("an administrator creates a box whose owner then signs in and reads", async ({ demo, browser }) => {
  const page = await browser.open();
  await signIn(page, "spravce01");
  await page.goto("/admin");
  await page.getByRole("heading", { level: 1, name: "Stav systému" }).waitFor();
  await checkAxe(page);
  await screen(page, "admin", { phone: true });

  await page.getByRole("link", { name: "Schránky", exact: true }).click();
  await checkAxe(page);
  await page.getByLabel("Typ schránky").selectOption("PO");
  await page.getByRole("button", { name: "Pokračovat" }).click();
  await checkAxe(page);
  await page.getByLabel("Název").fill("Vzorné papírnictví, s.r.o.");
  await page.getByLabel("IČO").fill("99801234");
  await page.getByLabel("Obec", { exact: true }).fill("Vzorov");
  const first = page.getByRole("group", { name: "Oprávněná osoba 1" });
  await first.getByLabel("Křestní jména").fill("Alena");
  await first.getByLabel("Příjmení").fill("Vzorová");
  await screen(page, "admin-create-box");
  await page.getByRole("button", { name: "Založit schránku" }).click();
  await page.getByRole("heading", { level: 1, name: "Schránka je založena" }).waitFor();
  await checkAxe(page, { languages: false });
  await screen(page, "admin-access-data");
  const login = await page.locator(".issued-login").innerText();
  const code = await page.locator(".issued-code").innerText();
  await page.getByRole("link", { name: "Údaje jsou předány, pokračovat" }).click();
  await page.getByRole("heading", { level: 1, name: /Vzorné papírnictví/ }).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  assert.ok(await page.getByText("dosud neaktivovaná").first().isVisible());
  await checkAxe(page);
  await screen(page, "admin-box", { phone: true });

  const owner = await browser.open();
  await signIn(owner, login, code);
  await choosePassword(owner, code);
  await owner.waitForURL("**/home");
  // The first sign-in has made the box accessible; what an authority sends now arrives.
  const number = await send(demo, "mesto01", { to: id, subject: "Vítejte ve Vzorově" });
  await owner.goto(`/b/${id}/received`);
  await owner.getByRole("button", { name: "Otevřít a doručit" }).click();
  await owner.locator(`a[href*="${number}"]`).first().click();
  await owner.getByRole("heading", { name: /Vítejte ve Vzorově/ }).first().waitFor();

  await page.reload();
  assert.ok(await page.getByText("přístupná", { exact: true }).first().isVisible());
  await page.getByRole("link", { name: "Alena Vzorová" }).click();
  await page.getByText(login).first().waitFor();
  await checkAxe(page);
  await page.goto(`/admin/messages/${number}`);
  await checkAxe(page);
  assert.equal(await page.getByText("Vítejte ve Vzorově").count(), 0, "no administrator reads the subject");
  await page.goto("/admin/audit?action=box-created");
  assert.ok(await page.getByText("Hana Provozní").first().isVisible());
  await checkAxe(page);
  await screen(page, "admin-audit");
});

walk("a table of boxes is checked, carried out, and its access data are fetched once", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "spravce01");
  await page.goto("/admin/import");
  await checkAxe(page);
  const table = [
    "dbType;ic;firmName;adCity;userGivenNames;userLastName",
    "OVM;99800001;Obec Vzorná;Vzorov;Jana;Vzorová",
    "PO;;Bez čísla;Vzorov;Jan;Vzor",
    "PO;99800002;Vzorné pekařství;Vzorov;Jan;Vzor",
  ].join("\r\n");
  await page.getByLabel("Soubor CSV").setInputFiles({ name: "vzor.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
  await page.getByRole("button", { name: "Zkontrolovat tabulku" }).click();
  await page.getByText("Tabulka je zkontrolovaná").waitFor();
  assert.ok(await page.getByText("chybí ic").isVisible());
  await checkAxe(page);
  await screen(page, "admin-import");
  await page.getByRole("button", { name: "Založit 2 schránky" }).click();
  await page.getByText("Schránky se zakládají.").first().waitFor();
  for (let tries = 0; !(await page.getByText("Hotovo.").isVisible()); tries += 1) {
    assert.ok(tries < 200, "the import never ends");
    await page.waitForTimeout(100);
    await page.reload();
  }
  await checkAxe(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Stáhnout přístupové údaje 2 osob" }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines.length, 3);
  const [, , , login, code] = lines[1].split(";").map((cell) => cell.replaceAll('"', ""));
  await page.reload();
  assert.equal(await page.getByRole("button", { name: /Stáhnout přístupové údaje/ }).count(), 0);
  const owner = await browser.open();
  await signIn(owner, login, code);
  await choosePassword(owner, code);
  await owner.waitForURL("**/home");
});

walk("a box is disabled only after what follows was said; it is found again and enabled", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "spravce01");
  await page.goto("/admin");
  await page.getByRole("searchbox", { name: "Hledat schránku, osobu nebo zprávu" }).fill("truhlářství");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "zivna27" }).click();
  await page.getByRole("link", { name: "Znepřístupnit na žádost držitele" }).click();
  await page.getByText("nebude možné dodávat zprávy").waitFor();
  await checkAxe(page);
  await page.getByRole("button", { name: "Znepřístupnit na žádost držitele" }).click();
  await page.getByText("Schránka je znepřístupněna.").waitFor();
  await page.goto("/admin/search?q=zivna27");
  assert.ok(await page.getByText("znepřístupněná na žádost").isVisible());
  await checkAxe(page);
  await page.getByRole("link", { name: "zivna27" }).click();
  await page.getByRole("link", { name: "Zpřístupnit", exact: true }).click();
  await page.getByRole("button", { name: "Zpřístupnit" }).click();
  await page.getByText("Schránka je zpřístupněna.").waitFor();
});

walk("pages of the console are accessible, and fit a phone", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "spravce01");
  for (const path of [
    "/admin/credit",
    "/admin/locks",
    "/admin/system-messages",
    "/admin/jobs",
    "/admin/restraint",
    "/admin/boxes/mesta2j/restraint",
    "/admin/nodes",
    "/admin/boxes/firma2x",
    "/admin/boxes/firma2x/requests",
    "/admin/boxes/firma2x/act/top-up",
    "/admin/boxes/firma2x/act/grant",
    "/admin/boxes/firma2x/act/merge",
    "/admin/boxes/firma2x/act/add-user",
    "/admin/boxes/firma2x/act/change",
    "/admin/boxes/firma2x/act/grant-vault",
    "/admin/boxes/list",
    "/admin/credit/contracts",
    "/admin/credit/low",
    "/admin/credit/subsidies",
    "/admin/audit/examine",
  ]) {
    await page.goto(path);
    await checkAxe(page);
  }
  // What leads on from a person and from the overview: the forms there.
  for (const [from, links] of [
    ["/admin/search?q=firma01", "a[href^='/admin/people/']"],
    ["/admin", "a[href^='/admin/limits/']"],
  ]) {
    await page.goto(from);
    const first = await page.locator(links).first().getAttribute("href");
    await page.goto(first);
    await checkAxe(page);
  }
  await page.goto("/admin/search?q=firma01");
  await page.goto(await page.locator("a[href^='/admin/people/']").first().getAttribute("href"));
  for (const link of await page.locator("main a[href^='/admin/people/']").evaluateAll((all) => all.map((a) => a.href))) {
    await page.goto(link);
    await checkAxe(page);
  }
  await page.goto("/admin/jobs");
  await screen(page, "admin-jobs");
  const narrow = await browser.open({ device: "narrow" });
  await signIn(narrow, "spravce01");
  for (const path of ["/admin", "/admin/boxes?type=OVM_REQ", "/admin/boxes/firma2x", "/admin/boxes/list", "/admin/credit/subsidies", "/admin/audit", "/admin/audit/examine", "/admin/import", "/statistics"]) {
    await narrow.goto(path);
    await checkWidth(narrow);
  }
});

walk("anybody sees the statistics, as pictures and as tables", async ({ demo, browser }) => {
  await send(demo, "mesto01", { to: "nvak22s", subject: "Do statistiky" });
  const page = await browser.open();
  await page.goto("/statistics");
  for (let tries = 0; (await page.locator("svg").count()) < 3; tries += 1) {
    assert.ok(tries < 300, "nothing is counted");
    await page.waitForTimeout(100);
    await page.reload();
  }
  await checkAxe(page);
  await screen(page, "statistics", { phone: true });
  assert.ok(await page.getByRole("img", { name: "Odeslané zprávy" }).isVisible());
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Zprávy podle měsíců jako CSV" }).click(),
  ]);
  assert.match(await readFile(await download.path(), "utf8"), /^\uFEFFmonth;sent;/);
});

walk("somebody else finds no console", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "mesto03");
  const answer = await page.goto("/admin");
  assert.equal(answer.status(), 403);
  await checkAxe(page);
});
