// Writing: with a mouse, with the keyboard alone, on a phone, without JavaScript.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { signIn } from "../lib/persona.mjs";
import { screen } from "../lib/screens.mjs";
import { walk } from "../lib/walk.mjs";

const PDF = { name: "vyzva.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") };
const MB = 1024 * 1024;

/** Finds a box as one types, and chooses it with the keyboard. */
async function choose(page, text, id) {
  const field = page.getByRole("combobox");
  await field.fill(text);
  const option = page.getByRole("option").filter({ hasText: id });
  await option.waitFor();
  for (let presses = 0; (await option.getAttribute("aria-selected")) !== "true"; presses += 1) {
    assert.ok(presses < 12, "the arrow keys reach every option");
    await field.press("ArrowDown");
  }
  assert.equal(await field.getAttribute("aria-activedescendant"), await option.getAttribute("id"));
  await field.press("Enter");
  await page.locator(`[data-box="${id}"]`).waitFor();
}

async function saved(page) {
  await page.locator("#status", { hasText: "Uloženo" }).waitFor();
}

async function attached(page, name) {
  await page.locator("[data-file]", { hasText: name }).waitFor();
}

walk("an official sends to several, with a large file", async ({ browser }) => {
  const folder = await mkdtemp(join(tmpdir(), "isds-write-"));
  try {
    const large = join(folder, "velky.txt");
    await writeFile(large, Buffer.alloc(22 * MB, "x"));
    const page = await browser.open();
    await signIn(page, "mesto01");
    await page.goto("/b/mesta2j/write");
    await checkAxe(page);
    await choose(page, "novak", "nvak22s");
    await choose(page, "dvorakova", "maria2f");
    await page.getByLabel("Věc").fill("Stavební dokumentace");
    await saved(page);
    await page.locator("#field-file").setInputFiles([large]);
    // How far it got is shown, for eyes and for a screen reader.
    await page.getByRole("progressbar").waitFor();
    await attached(page, "velky.txt");
    await page.getByText("Zpráva půjde jako velkoobjemová (VoDZ).").waitFor();
    await page.locator("#field-file").setInputFiles([PDF]);
    await attached(page, "vyzva.pdf");
    await page.getByRole("button", { name: "Posunout výš: vyzva.pdf" }).click();
    await page.locator("[data-file]").first().getByText("vyzva.pdf").waitFor();
    // Dropped, and judged at once.
    const transfer = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["MZ"], "program.exe"));
      return transfer;
    });
    await page.dispatchEvent("#drop", "drop", { dataTransfer: transfer });
    await page.getByText("Soubory tohoto typu nelze posílat: program.exe").waitFor();
    await screen(page, "write", { phone: true });
    await checkAxe(page, { languages: false });
    await page.getByRole("button", { name: "Zkontrolovat a odeslat" }).click();
    await page.getByRole("heading", { name: "Co se stane odesláním" }).waitFor();
    await checkAxe(page);
    await screen(page, "write-review");
    await page.getByRole("button", { name: "Odeslat datovou zprávu" }).click();
    await page.getByRole("heading", { name: "Cesta zprávy" }).waitFor();
    assert.equal(await page.locator(".write-journeys > li").count(), 2);
    // Live: nobody loads the page anew.
    await page.waitForFunction(() => document.querySelectorAll(".write-journeys .write-step-now").length === 2
      && [...document.querySelectorAll(".write-state")].every((state) => state.textContent.startsWith("Dodána")));
    await checkAxe(page);
    await screen(page, "write-journey");
    await page.goto("/b/mesta2j/drafts");
    await page.getByText("Nic rozepsaného tu není.").waitFor();
    await checkAxe(page);
  } finally {
    await rm(folder, { recursive: true });
  }
});

walk("a firm sees what each message will cost, by keyboard alone", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "firma01");
  await page.goto("/b/firma2x/write");
  // Waited for from the beginning: the browser needs a moment before it hands choosers out, and a key is faster.
  const choosing = page.waitForEvent("filechooser", { timeout: 120_000 });
  const tab = async (to) => {
    for (let presses = 0; presses < 60; presses += 1) {
      if (await page.evaluate((selector) => document.activeElement?.matches(selector), to)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${to} cannot be reached by Tab`);
  };
  await tab("#field-to");
  await page.keyboard.type("vzorova banka");
  await page.getByRole("option").filter({ hasText: "banka2q" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator('[data-box="banka2q"]').getByText("z kreditu schránky").waitFor();
  await tab("#field-subject");
  await page.keyboard.type("Nabídka");
  await tab("#field-file");
  await page.keyboard.press("Enter");
  const chooser = await choosing;
  await chooser.setFiles([PDF]);
  await attached(page, "vyzva.pdf");
  await tab('button[value="review"]');
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Co se stane odesláním" }).waitFor();
  await tab("form.write-end button");
  await page.keyboard.press("Enter");
  await page.getByText("Odeslána 1 zpráva.").waitFor();
});

walk("two windows with one draft, and a session that ends", async ({ browser }) => {
  // The script is told of both by the status of the answer.
  browser.expectProblem(/status of (409|401)/);
  const page = await browser.open();
  await signIn(page, "mesto01");
  await page.goto("/b/mesta2j/write?to=nvak22s");
  await page.getByLabel("Věc").fill("První okno");
  await saved(page);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByLabel("Věc").fill("Druhé okno");
  await saved(other);
  await page.getByLabel("Věc").fill("Zase první");
  await page.getByText("Tento koncept mezitím změnilo jiné okno").waitFor();
  await checkAxe(page, { languages: false });
  await page.getByRole("button", { name: "Uložit mé změny jako nový koncept" }).click();
  await page.waitForURL((url) => url.href !== other.url() && url.search.startsWith("?draft="));
  assert.equal(await page.getByLabel("Věc").inputValue(), "Zase první");
  await page.goto("/b/mesta2j/drafts");
  assert.equal(await page.locator(".write-list > li").count(), 2);
  await checkAxe(page);
  await other.getByLabel("Věc").fill("Po odhlášení");
  await page.context().clearCookies();
  await other.getByText("Vaše přihlášení skončilo").waitFor();
  assert.equal(await other.getByLabel("Věc").inputValue(), "Po odhlášení");
  await other.getByRole("button", { name: "Zkontrolovat a odeslat" }).click();
  await other.getByRole("heading", { name: "Vaše přihlášení skončilo" }).waitFor();
  await checkAxe(other, { languages: false });
});

walk("a citizen answers and sends without JavaScript", async ({ browser }) => {
  const page = await browser.open({ scripts: false });
  await signIn(page, "novak01");
  await page.goto("/b/nvak22s/write");
  await page.getByLabel("Najít adresáta").fill("Město Vzorov");
  await page.getByRole("button", { name: "Hledat" }).click();
  await page.getByRole("button", { name: /Přidat adresáta Město Vzorov/ }).click();
  await page.locator('[data-box="mesta2j"]').getByText("Datová zpráva, zdarma").waitFor();
  await page.getByLabel("Věc").fill("Žádost o informace");
  await page.locator("#field-file").setInputFiles([PDF]);
  await page.getByRole("button", { name: "Nahrát vybrané" }).click();
  await attached(page, "vyzva.pdf");
  await page.getByRole("button", { name: "Zkontrolovat a odeslat" }).click();
  await page.getByText("Podání je učiněno okamžikem").waitFor();
  await page.getByRole("button", { name: "Odeslat datovou zprávu" }).click();
  await page.getByText("Odeslána 1 zpráva.").waitFor();
  for (let looks = 0; !(await page.getByText("Dodána do schránky adresáta.").isVisible()); looks += 1) {
    assert.ok(looks < 200, "it is delivered");
    await page.getByRole("link", { name: "Obnovit stav" }).click();
  }
});

walk("a reply on a phone, and a template", async ({ browser }) => {
  const page = await browser.open({ device: "narrow" });
  await signIn(page, "mesto01");
  await page.goto("/b/mesta2j/write?to=nvak22s");
  await checkWidth(page);
  await page.getByLabel("Věc").fill("Měsíční hlášení");
  await page.locator("#field-file").setInputFiles([PDF]);
  await attached(page, "vyzva.pdf");
  await page.getByText("Ponechat jako šablonu").click();
  await page.getByLabel("Název šablony").fill("Hlášení");
  await page.getByRole("button", { name: "Uložit jako šablonu" }).click();
  await page.getByRole("link", { name: "Hlášení", exact: true }).waitFor();
  await checkWidth(page);
  await checkAxe(page);
  await page.getByRole("link", { name: "Upravit: Hlášení" }).click();
  await page.getByRole("heading", { name: "Úprava šablony" }).waitFor();
  await checkAxe(page);
  await checkWidth(page);
  await page.goto("/b/mesta2j/templates");
  await page.getByRole("link", { name: "Hlášení", exact: true }).click();
  await page.getByRole("button", { name: "Zkontrolovat a odeslat" }).click();
  await page.getByRole("button", { name: "Odeslat datovou zprávu" }).click();
  await page.getByText("Odeslána 1 zpráva.").waitFor();
  await checkWidth(page);
});
