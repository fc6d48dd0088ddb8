// Signing in: by password without scripts, by passkey, by one-time code; one person with two boxes; a new user.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

import { checkAxe, checkWidth } from "../lib/axe.mjs";
import { DEMO_PASSWORD, fillSignIn, signIn } from "../lib/persona.mjs";
import { screen } from "../lib/screens.mjs";
import { call, text } from "../lib/soap.mjs";
import { walk } from "../lib/walk.mjs";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of a secret (RFC 6238), so many steps of 30 seconds away from now. */
function code(secret, steps) {
  let bits = "";
  for (const letter of secret) bits += BASE32.indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = digest[19] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A device of the page that makes and shows passkeys; answers what it can do. */
async function device(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    passkeys: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    verified: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

async function signOut(page) {
  await page.locator(".site-person summary").click();
  await page.getByRole("button", { name: "Odhlásit se" }).first().click();
  await page.getByRole("link", { name: "Přihlásit se" }).first().waitFor();
}

walk("signing in by password without scripts, wrong and right", async ({ browser }) => {
  const page = await browser.open({ scripts: false, device: "phone" });
  await page.goto("/");
  await page.getByRole("link", { name: "Přihlásit se" }).first().click();
  await fillSignIn(page, "novak01", "Spatne2026");
  assert.match(await page.getByRole("alert").innerText(), /Jméno nebo heslo nesouhlasí/);
  assert.equal(await page.locator('input[autocomplete~="username"]').inputValue(), "novak01");
  await fillSignIn(page, "novak01");
  assert.equal(new URL(page.url()).pathname, "/home");
  await page.goto("/settings/sessions");
  assert.equal(await page.locator("tbody tr").count(), 1);
  await page.getByRole("button", { name: "Odhlásit všude", exact: true }).click();
  await page.goto("/settings/sessions");
  assert.match(page.url(), /\/sign-in\?next=/);
});

walk("the pages of signing in are accessible, narrow and wide", async ({ browser }) => {
  const page = await browser.open();
  await page.goto("/sign-in");
  await checkAxe(page);
  await screen(page, "sign-in", { phone: true });
  await page.goto("/sign-in/passkey");
  await checkAxe(page);
  await signIn(page, "advok01");
  await checkAxe(page);
  await screen(page, "boxes", { phone: true });
  for (const path of [
    "/settings/sign-in",
    "/settings/sign-in/password",
    "/settings/sign-in/prove",
    "/settings/sign-in/passkeys/new",
    "/settings/sign-in/codes",
    "/settings/sessions",
  ]) {
    await page.goto(path);
    assert.equal(new URL(page.url()).pathname, path);
    await checkAxe(page);
  }
  const narrow = await browser.open({ device: "narrow" });
  for (const path of ["/sign-in", "/sign-in/passkey"]) {
    await narrow.goto(path);
    await checkWidth(narrow);
  }
  await signIn(narrow, "advok01");
  for (const path of ["/boxes", "/settings/sign-in", "/settings/sign-in/codes", "/settings/sessions"]) {
    await narrow.goto(path);
    await checkWidth(narrow);
  }
});

walk("a passkey is added, signs in with and without a name, and is removed", async ({ browser }) => {
  const page = await browser.open();
  const key = await device(page);
  await signIn(page, "novak01");
  await page.goto("/settings/sign-in");
  await page.getByRole("link", { name: "Přidat přístupový klíč" }).click();
  await page.getByLabel("Název klíče").fill("Telefon");
  await page.getByRole("button", { name: "Přidat přístupový klíč" }).click();
  await page.getByText("Přístupový klíč je přidán.").waitFor();
  assert.equal((await key.passkeys()).length, 1);
  await checkAxe(page);
  await screen(page, "settings-sign-in");

  await page.getByLabel("Název klíče").fill("Nový telefon");
  await page.getByRole("button", { name: "Přejmenovat" }).click();
  await page.getByText("Klíč má nový název.").waitFor();
  assert.ok(await page.getByText("dosud nepoužit").isVisible());

  // The same device does not make a second one for the same person.
  await page.getByRole("link", { name: "Přidat přístupový klíč" }).click();
  await page.getByRole("button", { name: "Přidat přístupový klíč" }).click();
  await page.getByText("Klíč se nepodařilo vytvořit.").waitFor();

  for (const login of ["", "novak01"]) {
    await signOut(page);
    await page.goto("/sign-in?next=/settings/sign-in");
    await page.getByRole("link", { name: "Přístupový klíč" }).click();
    await page.getByLabel("Přihlašovací jméno").fill(login);
    await page.getByRole("button", { name: "Přihlásit se přístupovým klíčem" }).click();
    await page.waitForURL("**/settings/sign-in");
    assert.ok(await page.getByText("naposledy použit").first().isVisible());
  }
  await page.goto("/settings/sessions");
  assert.ok(await page.getByText("přístupovým klíčem").isVisible());

  // Under a name that is not its owner's it lets nobody in: the device is not even asked for it.
  await signOut(page);
  await page.goto("/sign-in/passkey");
  await page.getByLabel("Přihlašovací jméno").fill("firma01");
  await page.getByRole("button", { name: "Přihlásit se přístupovým klíčem" }).click();
  await page.getByText("Klíč se nepodařilo použít.").waitFor();
  await checkAxe(page, { languages: false });
  // Nor where the device has not made sure of its owner.
  await key.verified(false);
  await page.goto("/sign-in/passkey");
  await page.getByRole("button", { name: "Přihlásit se přístupovým klíčem" }).click();
  await page.getByText("Klíč se nepodařilo použít.").waitFor();
  await key.verified(true);

  await signIn(page, "novak01");
  await page.goto("/settings/sign-in");
  await page.getByRole("button", { name: "Odebrat" }).click();
  await page.getByText("Klíč je odebrán").waitFor();
  await signOut(page);
  await page.goto("/sign-in/passkey");
  await page.getByRole("button", { name: "Přihlásit se přístupovým klíčem" }).click();
  await page.getByText("Tímto klíčem se nelze přihlásit.").waitFor();
});

walk("a passkey after an old proof leads to the proof, and what was typed stays", async ({ browser }) => {
  const page = await browser.open();
  await device(page);
  await signIn(page, "novak01");
  await page.goto("/settings/sign-in/passkeys/new");
  browser.expectProblem(/409|429/);
  // Nobody waits for five minutes: the server's answer to an old proof, and to one question too many.
  const answers = [
    { status: 429, body: "" },
    { status: 409, contentType: "application/json", body: '{"page":"/settings/sign-in/passkeys/new?name=Telefon"}' },
  ];
  await page.route("**/settings/sign-in/passkeys/options", (route) => {
    const answer = answers.shift();
    return answer ? route.fulfill(answer) : route.continue();
  });
  await page.getByLabel("Název klíče").fill("Telefon");
  await page.getByRole("button", { name: "Přidat přístupový klíč" }).click();
  await page.getByText("přichází příliš mnoho pokusů").waitFor();
  await page.getByRole("button", { name: "Přidat přístupový klíč" }).click();
  await page.waitForURL("**/settings/sign-in/passkeys/new?name=Telefon");
  assert.equal(await page.getByLabel("Název klíče").inputValue(), "Telefon");
  await page.getByRole("button", { name: "Přidat přístupový klíč" }).click();
  await page.getByText("Přístupový klíč je přidán.").waitFor();
});

walk("one-time codes are switched on, asked for, and replaced by a recovery code", async ({ browser }) => {
  // Without scripts all of it.
  const page = await browser.open({ scripts: false });
  await signIn(page, "novak01");
  await page.goto("/settings/sign-in");
  await page.getByRole("link", { name: "Zapnout jednorázové kódy" }).click();
  assert.ok(await page.getByRole("img", { name: /QR/ }).isVisible());
  const secret = (await page.locator(".sign-in-secret").innerText()).replace(/\s/g, "");
  await page.getByRole("textbox", { name: "Kód" }).fill("000000");
  await page.getByRole("button", { name: "Zapnout" }).click();
  assert.match(await page.locator(".field-error").innerText(), /Kód nesouhlasí/);
  assert.equal((await page.locator(".sign-in-secret").innerText()).replace(/\s/g, ""), secret);
  await page.getByRole("textbox", { name: "Kód" }).fill(code(secret, -1));
  await page.getByRole("button", { name: "Zapnout" }).click();
  const recovery = await page.locator(".sign-in-recovery code").allInnerTexts();
  assert.equal(recovery.length, 10);
  await signOut(page);

  await signIn(page, "novak01");
  assert.equal(new URL(page.url()).pathname, "/sign-in/code");
  await page.getByRole("textbox", { name: "Kód" }).fill(code(secret, 0));
  await page.getByRole("button", { name: "Přihlásit se" }).click();
  assert.equal(new URL(page.url()).pathname, "/home");

  const other = await browser.open();
  await signIn(other, "novak01");
  await checkAxe(other);
  await screen(other, "sign-in-code");
  await other.getByRole("textbox", { name: "Kód" }).fill(recovery[4].toUpperCase());
  await other.getByRole("button", { name: "Přihlásit se" }).click();
  await other.waitForURL("**/home");
  await other.goto("/settings/sign-in");
  assert.ok(await other.getByText("Zbývá 9 záložních kódů.").isVisible());
  await other.getByRole("button", { name: "Nové záložní kódy" }).click();
  assert.equal(await other.locator(".sign-in-recovery code").count(), 10);
  await checkAxe(other, { languages: false });
  await other.getByRole("link", { name: "Mám je uložené" }).click();
  await other.getByRole("button", { name: "Vypnout kódy" }).click();
  await other.getByText("Jednorázové kódy jsou vypnuté").waitFor();
  await signOut(other);
  await signIn(other, "novak01");
  assert.equal(new URL(other.url()).pathname, "/home");
});

walk("one person with two boxes chooses and switches, in two tabs", async ({ browser }) => {
  const page = await browser.open();
  await signIn(page, "dvora01");
  assert.equal(new URL(page.url()).pathname, "/boxes");
  assert.deepEqual((await page.locator("tbody code").allInnerTexts()).sort(), ["advka2c", "advok01", "dvora01", "maria2f"]);
  await page.getByRole("link", { name: "JUDr. Marie Vzorná, advokátka" }).first().click();
  await page.waitForURL("**/b/advka2c/received");
  const second = await page.context().newPage();
  await second.goto("/boxes");
  await second.locator("tbody tr", { hasText: "maria2f" }).getByRole("link").click();
  await second.waitForURL("**/b/maria2f/received");
  // Each tab stays where it is.
  await page.reload();
  assert.equal(new URL(page.url()).pathname, "/b/advka2c/received");
  assert.match(await page.locator(".site-boxes summary").innerText(), /advka2c/);
  assert.match(await second.locator(".site-boxes summary").innerText(), /maria2f/);
  // From one to the other without signing in again, by the menu of the header.
  await page.locator(".site-boxes summary").click();
  await page.locator(".site-boxes").getByRole("link", { name: /maria2f/ }).click();
  await page.waitForURL("**/b/maria2f/received");
  // What is not theirs is not there.
  const answer = await page.goto("/b/firma2x/received");
  assert.equal(answer.status(), 404);
});

walk("a new user signs in with what was issued, and chooses a password of their own", async ({ demo, browser }) => {
  const issued = await call(
    demo,
    "mesto01",
    "/DS/DsManage",
    "AddDataBoxUser2",
    `<dbID>mesta2j</dbID><dbUserInfo><aifoIsds/><pnGivenNames>Alena</pnGivenNames><pnLastName>Vzorová</pnLastName><adCode/><adCity>Vzorov</adCity><adDistrict/><adStreet/><adNumberInStreet/><adNumberInMunicipality/><adZipCode/><adState/><biDate>1990-05-06</biDate><isdsID/><userType>ENTRUSTED_USER</userType><userPrivils>5</userPrivils><ic/><firmName/><caStreet/><caCity/><caZipCode/><caState/></dbUserInfo><dbVirtual>false</dbVirtual>`,
  );
  const activation = text(issued, "dbAccessDataId");
  const login = activation.slice(0, 8);
  const page = await browser.open({ scripts: false });
  await signIn(page, login, activation);
  assert.equal(new URL(page.url()).pathname, "/sign-in/password");
  // Nothing else is to be seen before.
  await page.goto("/home");
  assert.equal(new URL(page.url()).pathname, "/sign-in/password");
  const own = "VlastniHeslo2027";
  const fill = async (old, chosen, again) => {
    await page.getByLabel("Vydané heslo").fill(old);
    await page.getByLabel("Nové heslo", { exact: true }).fill(chosen);
    await page.getByLabel("Nové heslo znovu").fill(again);
    await page.getByRole("button", { name: "Uložit heslo" }).click();
  };
  await fill(activation, own, "JineHeslo2027");
  assert.match(await page.locator(".field-error").innerText(), /neshodují/);
  await fill(activation, "heslo", "heslo");
  assert.ok(await page.getByRole("alert").isVisible());
  const seen = await browser.open();
  await signIn(seen, login, activation);
  await checkAxe(seen);
  await fill(activation, own, own);
  assert.equal(new URL(page.url()).pathname, "/home");
  await signOutWithoutScripts(page);
  await signIn(page, login, activation);
  assert.match(await page.getByRole("alert").innerText(), /nesouhlasí/);
  await signIn(page, login, own);
  assert.equal(new URL(page.url()).pathname, "/home");
  assert.notEqual(own, DEMO_PASSWORD);
});

async function signOutWithoutScripts(page) {
  await page.goto("/settings/sessions");
  await page.locator("tbody").getByRole("button", { name: "Odhlásit se" }).click();
}
