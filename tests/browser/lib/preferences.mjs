// Language and colours, as a person switches them: in the head of every page.

/** The language that the page is in: `cs` or `en`. */
export async function language(page) {
  return page.locator("html").getAttribute("lang");
}

/** Switches the language; the same page comes back in it. */
export async function switchLanguage(page, to) {
  if ((await language(page)) === to) return;
  const back = page.url();
  // By keyboard: parts of a page that arrive later move the foot of it from under the pointer.
  await page.locator(`button[name="language"][value="${to}"]`).first().press("Enter");
  await page.waitForFunction((wanted) => document.documentElement.lang === wanted, to).catch((error) => {
    throw new Error(`switching the language at ${back} leads to ${page.url()}, still in another language: ${error.message}`);
  });
  await page.waitForLoadState("load");
  if (page.url() !== back) throw new Error(`switching the language at ${back} leads to ${page.url()}`);
}
