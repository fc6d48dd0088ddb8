// Somebody without an account holds a file and wants to know whether it holds.

import assert from "node:assert/strict";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { screen } from "../lib/screens.mjs";
import { sealedDeliveryInfo, sealedSent, send } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";

const GENUINE = "Zpráva je pravá a nezměněná.";
const BAD = "Zpráva neplatí: některá kontrola selhala.";

const file = (name, buffer) => ({ name, mimeType: "application/octet-stream", buffer });

async function letter(demo) {
  const id = await send(demo, "mesto01", {
    to: "nvak22s",
    subject: "Rozhodnutí o přidělení čísla popisného",
    files: [
      { name: "rozhodnuti.txt", content: "Rozhodnutí\n".repeat(200) },
      { name: "priloha.txt", content: "Příloha" },
    ],
  });
  return { id, zfo: await sealedSent(demo, "mesto01", id) };
}

/** One letter of the subject, as somebody would change it who wants another message to be believed. */
function forged(zfo) {
  const copy = Buffer.from(zfo);
  const at = copy.indexOf("Rozhodnutí o");
  assert.ok(at > 0);
  copy[at] = "P".charCodeAt(0);
  return copy;
}

walk("a genuine message, a forged one, and a file that is none", async ({ demo, browser }) => {
  const { id, zfo } = await letter(demo);
  const page = await browser.open();
  await page.goto("/verify");
  await checkAxe(page);
  await screen(page, "verify", { phone: true });

  const result = page.locator("#verify-result");
  const choose = page.getByLabel("Soubor ZFO");
  const button = page.getByRole("button", { name: "Ověřit" });
  await choose.setInputFiles(file("DZ_1.zfo", zfo));
  await button.click();
  await page.getByText(GENUINE).waitFor();
  assert.ok(await result.evaluate((heading) => heading === document.activeElement), "the result has the focus");
  assert.equal(await result.textContent(), "Výsledek ověření souboru DZ_1.zfo");
  for (const said of ["Rozhodnutí o přidělení čísla popisného", id, "rozhodnuti.txt", "Město Vzorov (mesta2j)"]) {
    assert.ok(await page.getByText(said, { exact: true }).first().isVisible(), said);
  }
  await checkAxe(page, { languages: false });
  await screen(page, "verify-genuine");

  // One after another on the same page, by keyboard alone.
  await choose.setInputFiles(file("DZ_2.zfo", forged(zfo)));
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByText(BAD).waitFor();
  assert.ok(await page.getByText("obsah zprávy byl změněn").isVisible());
  assert.equal(await page.getByText(GENUINE).count(), 0);
  await checkAxe(page, { languages: false });
  await screen(page, "verify-forged", { phone: true });

  await choose.setInputFiles(file("dopis.pdf", Buffer.from("%PDF-1.7 <script>alert(1)</script>")));
  await button.click();
  await page.getByText("Tohle není zapečetěná datová zpráva.").waitFor();
  await checkAxe(page, { languages: false });
});

walk("a delivery info is dropped on the form, in English and in the dark", async ({ demo, browser }) => {
  const { id } = await letter(demo);
  const receipt = await sealedDeliveryInfo(demo, "mesto01", id);
  const page = await browser.open({ language: "en", colours: "dark" });
  await page.goto("/verify");
  const drop = async (bytes, name) => {
    const data = await page.evaluateHandle(
      ([encoded, name]) => {
        const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], name));
        return data;
      },
      [bytes.toString("base64"), name],
    );
    await page.dispatchEvent("form[data-verify]", "dragover", { dataTransfer: data });
    await page.dispatchEvent("form[data-verify]", "drop", { dataTransfer: data });
  };
  await drop(receipt, "receipt.zfo");
  await page.getByRole("heading", { name: "Delivery receipt" }).waitFor();
  assert.ok(await page.getByText(/EV5/).isVisible());
  await checkAxe(page, { languages: false });
});

walk("a file that is too large is not even sent", async ({ browser }) => {
  const page = await browser.open();
  await page.goto("/verify");
  // The browser would hold 140 MB for this: the limit that the page was told is made small instead.
  await page.locator("form[data-verify]").evaluate((form) => (form.dataset.largest = "100"));
  const posts = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  await page.getByLabel("Soubor ZFO").setInputFiles(file("velky.zfo", Buffer.alloc(101)));
  await page.getByRole("alert").getByText("Nic z něj se neuložilo").waitFor();
  await page.getByRole("button", { name: "Ověřit" }).click();
  assert.deepEqual(posts, []);
  await checkAxe(page, { languages: false });
});

walk("on a phone, and without scripts", async ({ demo, browser }) => {
  const { zfo } = await letter(demo);
  for (const wishes of [{ device: "phone" }, { device: "narrow" }, { scripts: false }, { device: "phone", scripts: false }]) {
    const page = await browser.open(wishes);
    await page.goto("/verify");
    for (const [content, said] of [[zfo, GENUINE], [forged(zfo), BAD]]) {
      await page.getByLabel("Soubor ZFO").setInputFiles(file("DZ.zfo", content));
      await page.getByRole("button", { name: "Ověřit" }).click();
      await page.getByText(said).waitFor();
      if (wishes.scripts !== false) await checkWidth(page);
    }
  }
});
