// A reader with a message: sees the letter in the frame, knows who vouches for it, keeps it, on a phone and without scripts.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { signIn } from "../lib/persona.mjs";
import { screen } from "../lib/screens.mjs";
import { openInbox, send } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";

const NOVAK = "nvak22s";

/** A PDF of one page with this line, its table of objects counted. */
function pdf(line) {
  const stream = `BT /F1 24 Tf 72 700 Td (${line}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  text += places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  return Buffer.from(`${text}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`);
}

const HTML = `<!doctype html><title>x</title><script>parent.postMessage("ran","*");document.title="ran"</script><p>ahoj`;
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+F8PAAKHAYDrR7qSAAAAAElFTkSuQmCC",
  "base64",
);

/**
 * Opens the message without its preview. Chromium routes clicks by where frames of other origins were drawn last; one that
 * a scroll has just moved away may swallow a click on what is there now.
 */
async function withoutPreview(page) {
  const path = new URL(page.url()).pathname;
  await page.goto(`${path}?preview=0`);
  await page.getByText("Zpráva je pravá a nezměněná.").waitFor();
}

/** Axe on a message: with its preview, and in both languages without. */
async function checkMessage(page) {
  await checkAxe(page, { languages: false });
  const shown = page.url();
  await withoutPreview(page);
  await checkAxe(page);
  await page.goto(shown);
}

async function letter(demo) {
  const files = [
    { name: "rozhodnuti.pdf", content: pdf("Rozhodnuti c. 1/2026") },
    { name: "priloha.html", content: HTML },
    { name: "obrazek.png", content: PNG },
    { name: "poznamka.txt", content: "Příliš žluťoučký kůň" },
  ];
  const id = await send(demo, "mesto01", { to: NOVAK, subject: "Rozhodnutí o žádosti o dotaci", files });
  await openInbox(demo, "novak01");
  return { id, files, path: `/b/${NOVAK}/messages/${id}` };
}

/** What a link of the page brings. */
async function downloaded(page, link) {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

walk("a reader sees the letter, checks its seal and keeps it", async ({ demo, browser }) => {
  const { files, path, id } = await letter(demo);
  const page = await browser.open();
  await signIn(page, "novak01");
  await page.goto(path);
  await page.getByRole("heading", { level: 1, name: "Rozhodnutí o žádosti o dotaci" }).waitFor();

  // The PDF is shown by the browser's own reader, in a frame with an origin of its own; it is loaded when it comes into view.
  const preview = page.locator("#preview iframe");
  await preview.scrollIntoViewIfNeeded();
  const frame = await (await preview.elementHandle()).contentFrame();
  await frame.waitForURL(`**${path}/attachments/1/view`, { waitUntil: "commit" });
  const answer = await page.request.get(`${path}/attachments/1/view`);
  assert.match(answer.headers()["content-security-policy"], /^sandbox;/);

  // The check of the seal comes by itself, as a sentence with names.
  await page.getByText("Zpráva je pravá a nezměněná.").waitFor();
  await page.getByText("ISDS demo timestamp authority").first().waitFor();
  await checkMessage(page);
  await screen(page, "message", { phone: true });

  await withoutPreview(page);
  await page.getByText("Všechny kontroly").click();
  await page.getByRole("rowheader", { name: "Otisk zprávy odpovídá jejímu obsahu" }).waitFor();
  for (const [index, file] of files.entries()) {
    const { name, bytes } = await downloaded(page, page.locator(`a[download][href$="/attachments/${index + 1}"]`));
    assert.equal(name, file.name);
    assert.equal(digest(bytes), digest(Buffer.from(file.content)), file.name);
  }
  for (const [link, name, magic] of [
    ["Zapečetěná zpráva (ZFO)", `zprava-${id}.zfo`, null],
    ["Zapečetěná doručenka (ZFO)", `dorucenka-${id}.zfo`, null],
    ["Zpráva na papír (PDF)", `zprava-${id}.pdf`, "%PDF-1.7"],
    ["Všechny přílohy (ZIP)", `prilohy-${id}.zip`, "PK"],
  ]) {
    const found = await downloaded(page, page.getByRole("link", { name: link, exact: true }));
    assert.equal(found.name, name);
    assert.ok(found.bytes.length > 500, name);
    if (magic) assert.equal(found.bytes.subarray(0, magic.length).toString("latin1"), magic);
  }
});

walk("no script of an attachment runs, pictures and texts are shown", async ({ demo, browser }) => {
  const { path } = await letter(demo);
  const page = await browser.open();
  await signIn(page, "novak01");
  await page.addInitScript(() => addEventListener("message", (event) => (window.heard = event.data)));
  await page.goto(`${path}?preview=2`);
  const frame = page.frameLocator("#preview iframe");
  await frame.getByText("<!doctype html>").waitFor();
  assert.equal(await page.evaluate(() => window.heard), undefined);
  assert.notEqual(await page.title(), "ran");
  await page.goto(`${path}?preview=4`);
  await page.frameLocator("#preview iframe").getByText("Příliš žluťoučký kůň").waitFor();
  await page.goto(`${path}?preview=3`);
  const width = await page.locator("#preview img").evaluate((image) => image.decode().then(() => image.naturalWidth));
  assert.equal(width, 1);
  // Opened by itself it runs no better.
  await page.goto(`${path}/attachments/2/view`);
  assert.equal(await page.title(), "");
  assert.equal(await page.evaluate(() => document.contentType), "text/plain");
});

walk("a message on a phone, and on paper", async ({ demo, browser }) => {
  const { path } = await letter(demo);
  const page = await browser.open({ device: "phone" });
  await signIn(page, "novak01");
  await page.goto(path);
  await page.getByText("Zpráva je pravá a nezměněná.").waitFor();
  await checkWidth(page);
  assert.equal(await page.locator("#preview iframe").isVisible(), false);
  await page.getByRole("link", { name: "Otevřít rozhodnuti.pdf" }).waitFor();
  await checkAxe(page);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByRole("link", { name: "Odpovědět" }).isVisible(), false);
  assert.equal(await page.getByRole("heading", { name: "Co se se zprávou dělo" }).isVisible(), true);
});

walk("a message without scripts: the seal is a link away", async ({ demo, browser }) => {
  const { path } = await letter(demo);
  const page = await browser.open({ scripts: false });
  await signIn(page, "novak01");
  await page.goto(path);
  await page.getByRole("link", { name: "Ověřit", exact: true }).click();
  await page.getByText("Zpráva je pravá a nezměněná.").waitFor();
  await page.getByRole("link", { name: "Zpět na zprávu" }).click();
  await page.getByText("Zpráva je pravá a nezměněná.").waitFor();
});

walk("the sender's side, a waiting message, a personal one", async ({ demo, browser }) => {
  const id = await send(demo, "mesto01", { to: NOVAK, subject: "Výzva k doplnění" });
  const page = await browser.open();
  await signIn(page, "mesto01");
  await page.goto(`/b/mesta2j/messages/${id}`);
  await page.getByText("Leží ve schránce příjemce").waitFor();
  await page.getByText("Doručení fikcí").waitFor();
  await page.getByText("Zpráva je pravá a nezměněná.").waitFor();
  await checkMessage(page);
  await screen(page, "message-sent");
  const reader = await browser.open();
  await signIn(reader, "novak01");
  await reader.goto(`/b/${NOVAK}/messages/${id}`);
  await reader.getByRole("heading", { name: "Zpráva čeká ve schránce" }).waitFor();
  await checkAxe(reader);
  await screen(reader, "message-waiting");
  const personal = await send(demo, "novak01", {
    to: "mesta2j",
    subject: "Jen pro starostku",
    envelope: { dmPersonalDelivery: true },
  });
  await openInbox(demo, "mesto01");
  const clerk = await browser.open();
  await signIn(clerk, "mesto02");
  await clerk.goto(`/b/mesta2j/messages/${personal}`);
  await clerk.getByRole("heading", { name: "Tuto zprávu nesmíte číst" }).waitFor();
  await checkAxe(clerk);
});

/** From the letter to its answer, by what the page offers. */
async function answer(page, demo, { scripts }) {
  await send(demo, "mesto01", {
    to: NOVAK,
    subject: "Výzva k doplnění žádosti",
    envelope: { dmSenderRefNumber: "MV-77/2026" },
  });
  await openInbox(demo, "novak01");
  await signIn(page, "novak01");
  await page.goto(`/b/${NOVAK}/received`);
  await page.getByRole("link", { name: "Výzva k doplnění žádosti" }).click();
  await page.getByRole("link", { name: "Odpovědět", exact: true }).click();
  // The addressee, the subject and their reference are there already.
  await page.locator('[data-box="mesta2j"]').getByText("Město Vzorov").first().waitFor();
  assert.match(await page.getByLabel("Věc").inputValue(), /Výzva k doplnění žádosti/);
  if (scripts) await checkWidth(page);
  await page.locator("#field-file").setInputFiles([
    { name: "doplneni.txt", mimeType: "text/plain", buffer: Buffer.from("Doplňuji.") },
  ]);
  if (!scripts) await page.getByRole("button", { name: "Nahrát vybrané" }).click();
  await page.locator("[data-file]", { hasText: "doplneni.txt" }).waitFor();
  // What checks the page is a script itself.
  if (scripts) await checkAxe(page, { languages: false });
  await page.getByRole("button", { name: "Zkontrolovat a odeslat" }).click();
  await page.getByRole("heading", { name: "Co se stane odesláním" }).waitFor();
  if (scripts) await checkWidth(page);
  await page.getByRole("button", { name: "Odeslat datovou zprávu" }).click();
  await page.getByText("Odeslána 1 zpráva.").waitFor();
  if (scripts) await checkWidth(page);
  // Both letters are one case, for the one who answered too.
  await page.goto(`/b/${NOVAK}/case?mark=MV-77%2F2026`);
  await page.getByText("2 zprávy").first().waitFor();
}

walk("a reader answers a letter on a phone", async ({ demo, browser }) => {
  const page = await browser.open({ device: "phone" });
  await answer(page, demo, { scripts: true });
});

walk("a reader answers a letter without scripts", async ({ demo, browser }) => {
  const page = await browser.open({ scripts: false });
  await answer(page, demo, { scripts: false });
});
