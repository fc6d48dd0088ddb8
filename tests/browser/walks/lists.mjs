// Lists of messages: a first-time reader, a clerk without a mouse, two boxes in two tabs, a phone, no JavaScript.

import assert from "node:assert/strict";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { signIn } from "../lib/persona.mjs";
import { screen } from "../lib/screens.mjs";
import { call, send, text } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";

const NOVAK = "nvak22s";

async function state(demo, sender, id) {
  return text(await call(demo, sender, "/DS/dx", "GetDeliveryInfo", `<dmID>${id}</dmID>`), "dmMessageStatus");
}

walk("a first-time reader learns what waits, opens it and finds it in the list", async ({ demo, browser }) => {
  const id = await send(demo, "mesto01", {
    to: NOVAK,
    subject: "Výzva k doplnění žádosti",
    envelope: { dmSenderRefNumber: "MV-77/2026" },
  });
  await send(demo, "kraj01", { to: NOVAK, subject: "Oznámení o zahájení řízení", envelope: { dmPersonalDelivery: true } });
  const page = await browser.open();
  await signIn(page, "novak01");
  await page.goto("/home");
  await page.getByText("Na otevření čekají 2 zprávy").first().waitFor();
  await page.getByText("Touto stránkou se nic nedoručuje.").waitFor();
  await page.locator("summary", { hasText: "Jak se den počítá" }).first().click();
  await page.getByText("Desátý den po dodání je").first().waitFor();
  await checkAxe(page);
  await screen(page, "home", { phone: true });
  assert.equal(await state(demo, "mesto01", id), "4");

  await page.getByRole("link", { name: "Přijaté", exact: true }).or(page.getByRole("link", { name: "Podívat se, co čeká" })).first().click();
  await page.getByRole("heading", { name: "Na otevření čekají 2 zprávy" }).waitFor();
  await page.getByText("§ 17 odst. 3").waitFor();
  assert.equal(await page.locator("button[data-type=solid]").count(), 1, "one primary action");
  assert.equal(await page.getByText("Výzva k doplnění").count(), 0);
  await checkAxe(page);
  await screen(page, "inbox-asks", { phone: true });
  assert.equal(await state(demo, "mesto01", id), "4");

  await page.getByRole("button", { name: "Otevřít a doručit" }).click();
  await page.getByText("Čekající zprávy jsou doručeny.").waitFor();
  assert.equal(await state(demo, "mesto01", id), "6");
  const link = page.getByRole("link", { name: "Výzva k doplnění žádosti" });
  assert.match(await link.getAttribute("href"), new RegExp(`/b/${NOVAK}/messages/${id}$`));
  await checkAxe(page, { languages: false });
  await page.reload();
  await checkAxe(page);

  await page.getByRole("link", { name: "MV-77/2026" }).click();
  await page.getByRole("heading", { name: "Spis MV-77/2026" }).waitFor();
  await checkAxe(page);
});

walk("a clerk works through the morning without the mouse", async ({ demo, browser }) => {
  const ids = [];
  for (let n = 1; n <= 4; n += 1) ids.push(await send(demo, "novak01", { to: "mesta2j", subject: `Žádost číslo ${n}` }));
  const page = await browser.open();
  await signIn(page, "mesto01");
  await page.goto("/b/mesta2j/received");
  // From the top of the page to the button, by the keyboard alone.
  await tabTo(page, () => document.activeElement.textContent.trim() === "Otevřít a doručit");
  await page.keyboard.press("Enter");
  await page.getByText("Čekající zprávy jsou doručeny.").waitFor();
  // The clerk's own tags.
  await page.goto("/b/mesta2j/lists");
  await tabTo(page, () => document.activeElement.name === "name");
  await page.keyboard.type("Stavební úřad");
  await page.keyboard.press("Enter");
  await page.getByText("Štítek je založený.").waitFor();
  await checkAxe(page, { languages: false });
  await page.reload();
  await checkAxe(page);

  await page.goto("/b/mesta2j/received");
  await page.keyboard.press("j");
  assert.equal(await focused(page), "Žádost číslo 4");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  assert.equal(await focused(page), "Žádost číslo 3");
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  assert.deepEqual(await page.locator("input[name=message]:checked").evaluateAll((boxes) => boxes.map((box) => box.value)), [
    ids[2],
    ids[1],
  ]);
  await screen(page, "received");
  await tabTo(page, () => document.activeElement.id === "lists-tag");
  await page.keyboard.type("Stav");
  await tabTo(page, () => document.activeElement.value === "tag");
  await page.keyboard.press("Enter");
  await page.getByText("Štítek je přidaný.").waitFor();
  assert.equal(await page.locator(".lists-row .lists-tag").count(), 2);

  // Keys typed into the search are letters, and the help tells of them.
  await page.keyboard.press("/");
  await page.keyboard.type("jkx?");
  assert.equal(await page.locator("#lists-q").inputValue(), "jkx?");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await page.locator("#lists-q").fill("cislo 3");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=cislo/);
  assert.deepEqual(await page.locator(".lists-open").allTextContents(), ["Žádost číslo 3"]);
  await page.keyboard.press("j");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Klávesové zkratky" });
  await help.waitFor();
  await checkAxe(page, { languages: false });
  // Who does not want the keys switches them off.
  await help.getByLabel("Zkratky jsou zapnuté").press("Space");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await page.getByRole("button", { name: "Klávesové zkratky" }).press("Enter");
  await help.getByLabel("Zkratky jsou zapnuté").press("Space");
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  assert.equal(await focused(page), "Žádost číslo 3");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === `/b/mesta2j/messages/${ids[2]}`);

  // Something to be done, with its ring at home.
  await page.goto("/b/mesta2j/received?q=cislo+1");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await page.locator("#lists-due").fill(day);
  await page.getByRole("button", { name: "Zařadit k vyřízení" }).press("Enter");
  await page.getByText("Zprávy jsou zařazené k vyřízení.").waitFor();
  await page.goto("/home");
  await page.getByText(/zbývají [34] dny/).first().waitFor();
  await checkAxe(page);
});

walk("two boxes in two tabs never mix", async ({ demo, browser }) => {
  const first = await send(demo, "mesto01", { to: "advka2c", subject: "Pro advokátku" });
  const second = await send(demo, "mesto01", { to: "maria2f", subject: "Pro Marii" });
  const lawyer = await browser.open();
  await signIn(lawyer, "advok01");
  const maria = await lawyer.context().newPage();
  await lawyer.goto("/b/advka2c/received");
  await maria.goto(new URL("/b/maria2f/received", lawyer.url()).href);
  await lawyer.getByRole("button", { name: "Otevřít a doručit" }).click();
  await lawyer.getByRole("link", { name: "Pro advokátku" }).waitFor();
  assert.equal(await state(demo, "mesto01", first), "6");
  assert.equal(await state(demo, "mesto01", second), "4", "the other tab's box was left alone");
  await maria.getByRole("button", { name: "Otevřít a doručit" }).click();
  await maria.getByRole("link", { name: "Pro Marii" }).waitFor();
  assert.match(maria.url(), /\/b\/maria2f\/received$/);
  await lawyer.goto("/all/received");
  await lawyer.getByRole("link", { name: "Pro advokátku" }).waitFor();
  await lawyer.getByRole("link", { name: "Pro Marii" }).waitFor();
  await checkAxe(lawyer);
  await screen(lawyer, "all-received");
  await lawyer.goto("/home");
  await checkAxe(lawyer);
  // Every other list of a box, empty as it is.
  for (const path of ["sent", "vault", "erased", "received?q=nic+takoveho&from=2026-01-01&who=x"]) {
    await lawyer.goto(`/b/advka2c/${path}`);
    await checkAxe(lawyer);
  }
});

walk("the lists fit a phone, and the narrowest screen", async ({ demo, browser }) => {
  await send(demo, "mesto01", {
    to: NOVAK,
    subject: "Rozhodnutí o umístění stavby garáže na pozemku parcelní číslo 4711 v katastrálním území Vzorov",
    envelope: { dmSenderRefNumber: "MUVZ/2026/0123456789-ABC", dmPersonalDelivery: true },
  });
  for (const device of ["phone", "narrow"]) {
    const page = await browser.open({ device });
    await signIn(page, "novak01");
    await page.goto("/home");
    await checkWidth(page);
    await page.goto(`/b/${NOVAK}/received`);
    const button = page.getByRole("button", { name: "Otevřít a doručit" });
    if ((await button.count()) > 0) {
      await checkWidth(page);
      await checkAxe(page);
      await button.click();
    }
    await page.getByRole("link", { name: /^Rozhodnutí o umístění/ }).waitFor();
    await checkWidth(page);
    await page.goto(`/b/${NOVAK}/received?q=rozhodnuti`);
    await checkWidth(page);
    await checkAxe(page);
    for (const path of ["sent", "lists", "case?mark=MUVZ%2F2026%2F0123456789-ABC"]) {
      await page.goto(`/b/${NOVAK}/${path}`);
      await checkWidth(page);
    }
  }
});

walk("without JavaScript the inbox is opened, searched and marked", async ({ demo, browser }) => {
  const id = await send(demo, "mesto01", { to: NOVAK, subject: "Výzva bez skriptů" });
  const page = await browser.open({ scripts: false });
  await signIn(page, "novak01");
  await page.goto(`/b/${NOVAK}/received`);
  assert.equal(await state(demo, "mesto01", id), "4");
  await page.getByRole("button", { name: "Otevřít a doručit" }).click();
  await page.getByRole("link", { name: "Výzva bez skriptů" }).waitFor();
  assert.equal(await state(demo, "mesto01", id), "6");
  await page.getByLabel("Hledat ve zprávách").fill("vyzva");
  await page.getByRole("button", { name: "Hledat", exact: true }).click();
  await page.getByRole("checkbox", { name: "Vybrat zprávu: Výzva bez skriptů" }).check();
  await page.getByRole("button", { name: "Označit za přečtené" }).click();
  await page.getByText("Zprávy jsou označené za přečtené.").waitFor();
  assert.match(page.url(), /q=vyzva/, "the filter stays");
  await page.getByRole("button", { name: "úsporná" }).click();
  assert.equal(await page.locator("html").getAttribute("data-density"), "compact");
});

/** Presses Tab until `arrived`, as somebody without a mouse does. */
async function tabTo(page, arrived) {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(arrived)) return;
  }
  throw new Error(`no way by the keyboard to ${arrived}`);
}

async function focused(page) {
  return page.evaluate(() => document.activeElement.textContent.trim());
}
