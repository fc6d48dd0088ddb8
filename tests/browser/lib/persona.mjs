// People of the demo directory at the browser.

export const DEMO_PASSWORD = "DemoHeslo2026";

/** Signs in with name and password; where the person has several boxes, the page of the account chooser follows. */
export async function signIn(page, login, password = DEMO_PASSWORD) {
  await page.goto("/sign-in");
  await fillSignIn(page, login, password);
}

/** Fills in the form of the sign-in page that is open, and submits it. */
export async function fillSignIn(page, login, password = DEMO_PASSWORD) {
  const form = page.locator("form", { has: page.locator('input[autocomplete~="current-password"]') });
  await form.locator('input[autocomplete~="username"]').fill(login);
  await form.locator('input[autocomplete~="current-password"]').fill(password);
  const left = page.waitForResponse((answer) => answer.request().method() === "POST" && answer.request().isNavigationRequest());
  await form.locator('button[type="submit"], button:not([type])').first().click();
  await left;
  await page.waitForLoadState("load");
}
