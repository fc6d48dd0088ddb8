// An office that sends notices from a table: checked, tried, sent, interrupted by a restart, found again, and proven.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { signIn } from "../lib/persona.mjs";
import { screen } from "../lib/screens.mjs";
import { walk } from "../lib/walk.mjs";

const RECIPIENTS = ["nvak22s", "maria2f", "firma2x", "banka2q", "advka2c", "zivna27", "kraj227"];

/** A table with a row for each number, one without a box and one with a box that is closed. */
function table(rows) {
  const lines = ["Schránka;Jméno;Částka;Číslo"];
  for (let row = 1; row <= rows; row += 1) {
    lines.push(`${RECIPIENTS[row % RECIPIENTS.length]};Adresát ${row};${row * 10} Kč;${row}`);
  }
  lines.push(";Neznámý Adresát;10 Kč;9001", "zrus22r;Zrušená;10 Kč;9002");
  return { name: "poplatky.csv", mimeType: "text/csv", buffer: Buffer.from(`\uFEFF${lines.join("\r\n")}\r\n`) };
}

const button = (page, name) => page.getByRole("button", { name, exact: true });

async function upload(page, rows) {
  await page.goto("/b/mesta2j/bulk");
  await page.getByLabel("Název").fill("Poplatky za odpad 2026");
  await page.getByLabel("Tabulka s adresáty (CSV)").setInputFiles(table(rows));
  await button(page, "Nahrát tabulku").click();
  await page.waitForURL(/\/columns$/);
}

async function writeMessage(page, look) {
  await page.getByRole("link", { name: "Zpráva", exact: true }).click();
  // Before anything is typed: looking at it in another language opens it anew.
  if (look) await checkAxe(page);
  await page.getByLabel("Předmět").fill("Výzva k úhradě poplatku, č. ");
  const chip = page.getByRole("button", { name: "Vložit pole {{Číslo}}" });
  if (await chip.count()) {
    await page.getByLabel("Předmět").press("End");
    await chip.click();
    assert.equal(await page.getByLabel("Předmět").inputValue(), "Výzva k úhradě poplatku, č. {{Číslo}}");
  } else {
    await page.getByLabel("Předmět").fill("Výzva k úhradě poplatku, č. {{Číslo}}");
  }
  await page.getByLabel("Text dopisu").fill("Vážený adresáte {{Jméno}},\n\nuhraďte prosím částku {{Částka}}.");
}

walk("an office sends notices, is interrupted by a restart, goes on, and has proof", async ({ demo, browser }) => {
  const rows = 260;
  let page = await browser.open();
  await signIn(page, "mesto01");
  await page.goto("/b/mesta2j/bulk");
  await checkAxe(page);
  await upload(page, rows);
  assert.equal(await page.getByLabel("Identifikátor datové schránky").inputValue(), "Schránka", "guessed by its name");
  await checkAxe(page);
  await button(page, "Uložit").click();
  await page.getByText("Uloženo.").waitFor();
  await checkAxe(page);
  await writeMessage(page, true);
  await screen(page, "bulk-message");
  await button(page, "Uložit").click();
  await page.getByRole("link", { name: "Přílohy", exact: true }).click();
  await page.getByLabel("Soubory pro všechny adresáty").setInputFiles({
    name: "vyhláška.pdf",
    mimeType: "application/pdf",
    buffer: Buffer.from("%PDF-1.7\n% vyhláška\n"),
  });
  await button(page, "Nahrát").first().click();
  await page.getByText("Soubory jsou přidány.").waitFor();
  await checkAxe(page);
  await page.getByRole("link", { name: "Zpět na přehled odeslání" }).click();

  await button(page, "Ověřit adresy").click();
  await page.locator(".gov-tag", { hasText: "Adresy ověřeny" }).waitFor();
  await page.getByRole("link", { name: "Řádky a výsledky" }).click();
  await page.getByRole("link", { name: /^Nepodařené/ }).click();
  assert.equal(await page.locator("tbody tr").count(), 2);
  await checkAxe(page);
  await page.getByRole("link", { name: "Zpět na přehled odeslání" }).click();
  await button(page, "Zkusit nanečisto").click();
  await page.locator(".gov-tag", { hasText: "Připraveno k odeslání" }).waitFor();
  await checkAxe(page);
  await screen(page, "bulk-ready", { phone: true });
  await page.getByRole("link", { name: /^Řádek 1/ }).first().click();
  await page.getByText("uhraďte prosím částku 10 Kč.").waitFor();
  await checkAxe(page);
  await page.getByRole("link", { name: "Zpět na přehled odeslání" }).click();

  // It is sent, and in the middle the system is restarted under the office's hands.
  const job = new URL(page.url()).pathname;
  await button(page, `Odeslat ${rows} zpráv`).click();
  await page.locator('[data-bulk="sent"]').waitFor();
  await page.waitForFunction(() => Number(document.querySelector('[data-bulk="sent"]')?.textContent) >= 20);
  await screen(page, "bulk-progress");
  browser.expectProblem(/ERR_|Failed to load resource|EventSource/);
  await page.goto("about:blank");
  await demo.restart("SIGKILL");

  // Another morning: it is found in the list, and has gone on by itself.
  page = await browser.open();
  await signIn(page, "mesto01");
  await page.goto("/b/mesta2j/bulk");
  await page.getByRole("link", { name: "Poplatky za odpad 2026" }).click();
  assert.equal(new URL(page.url()).pathname, job);
  if (await button(page, "Pozastavit").count()) {
    await button(page, "Pozastavit").click();
    await page.locator(".gov-tag", { hasText: /Pozastaveno|Dokončeno/ }).first().waitFor();
    await checkAxe(page);
    if (await button(page, "Pokračovat v odesílání").count()) await button(page, "Pokračovat v odesílání").click();
  }
  await page.locator(".gov-tag", { hasText: "Dokončeno" }).waitFor({ timeout: 60_000 });
  assert.equal(await page.locator('[data-bulk="sent"]').textContent(), String(rows));
  assert.equal(await page.locator('[data-bulk="refused"]').textContent(), "0");
  await checkAxe(page);
  await screen(page, "bulk-done");

  const started = page.waitForEvent("download");
  await page.getByRole("link", { name: /^Doklady o všech zprávách/ }).click();
  const folder = await mkdtemp(join(tmpdir(), "isds-evidence-"));
  const archive = join(folder, "evidence.zip");
  await (await started).saveAs(archive);
  const unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
  execFileSync("python3", ["-c", unpack, archive, folder]);
  const infos = await readdir(join(folder, "dorucenky"));
  assert.equal(infos.length, rows);
  assert.equal(new Set(infos.map((name) => name.split("_")[1])).size, rows, "each message once");
  await rm(folder, { recursive: true });
});

walk("the same without scripts, on a phone", async ({ browser }) => {
  const page = await browser.open({ scripts: false, device: "phone" });
  await signIn(page, "mesto01");
  await upload(page, 3);
  await button(page, "Uložit").click();
  await writeMessage(page);
  await button(page, "Uložit").click();
  const reached = async (state) => {
    for (let tries = 0; tries < 60; tries += 1) {
      if ((await page.locator(".gov-tag").first().textContent()) === state) return;
      await page.reload();
    }
    assert.fail(`never: ${state}`);
  };
  await button(page, "Ověřit adresy").click();
  await reached("Adresy ověřeny");
  await button(page, "Zkusit nanečisto").click();
  await reached("Připraveno k odeslání");
  await checkWidth(page);
  await button(page, "Odeslat 3 zprávy").click();
  await reached("Dokončeno");
  assert.equal(await page.locator('[data-bulk="sent"]').textContent(), "3");
  await page.getByRole("link", { name: "Řádky a výsledky" }).click();
  await checkWidth(page);
});

walk("a table that cannot be used says why", async ({ browser }) => {
  const page = await browser.open({ device: "narrow" });
  await signIn(page, "mesto01");
  await page.goto("/b/mesta2j/bulk");
  await page.getByLabel("Tabulka s adresáty (CSV)").setInputFiles({
    name: "bez.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("nvak22s;1\nmaria2f;2\n"),
  });
  await button(page, "Nahrát tabulku").click();
  await page.getByRole("alert").getByText("První řádek neobsahuje názvy sloupců").waitFor();
  await checkAxe(page, { languages: false });
  await checkWidth(page);
});

walk("files of the rows come in an archive", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "mesto01");
  await page.goto("/b/mesta2j/bulk");
  await page.getByLabel("Tabulka s adresáty (CSV)").setInputFiles({
    name: "s přílohami.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("Schránka;Příloha\r\nnvak22s;a.txt\r\n"),
  });
  await button(page, "Nahrát tabulku").click();
  await page.waitForURL(/\/columns$/);
  await button(page, "Uložit").click();
  await page.getByRole("link", { name: "Přílohy", exact: true }).click();
  await checkAxe(page);
  await checkWidth(page);
  const archive = page.getByLabel("Soubory řádků v jednom archivu ZIP");
  await archive.setInputFiles({ name: "a.zip", mimeType: "application/zip", buffer: Buffer.from("nic") });
  browser.expectProblem(/status of 422/);
  await button(page, "Nahrát a rozbalit").click();
  await page.getByText("není archivem ZIP").waitFor();
  await checkAxe(page, { languages: false });
  // A file of three bytes, stored.
  const name = Buffer.from("a.txt");
  const content = Buffer.from("abc");
  const numbers = Buffer.alloc(22);
  numbers.writeUInt16LE(20, 0);
  numbers.writeUInt32LE(0x352441c2, 10);
  numbers.writeUInt32LE(3, 14);
  numbers.writeUInt32LE(3, 18);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), numbers, Buffer.from([5, 0, 0, 0]), name, content]);
  const central = Buffer.concat([
    Buffer.from("PK\x01\x02\x14\x00", "latin1"),
    numbers,
    Buffer.from([5, 0, 0, 0]),
    Buffer.alloc(14),
    name,
  ]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  await archive.setInputFiles({
    name: "přílohy.zip",
    mimeType: "application/zip",
    buffer: Buffer.concat([local, central, end]),
  });
  await button(page, "Nahrát a rozbalit").click();
  await page.getByText("Soubory jsou přidány.").waitFor();
  assert.ok(await page.getByText("a.txt").first().isVisible());
  await checkAxe(page);
});
