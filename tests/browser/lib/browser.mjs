// Debian's Chromium, and what must never happen in it: errors on the console, violations of the content security
// policy, requests to other hosts.

import { access } from "node:fs/promises";

import { chromium } from "./packages.mjs";

const EXECUTABLE = process.env.ISDS_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"];

/** Sizes of the two devices; `narrow` is the narrowest that pages promise to serve. */
export const DEVICES = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  narrow: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
};

/** One browser for all walks of a file. */
export class Browser {
  #chromium;
  #contexts = [];
  #problems = [];
  #expected = [];

  constructor(chromium, demo) {
    this.#chromium = chromium;
    this.demo = demo;
  }

  /**
   * Opens a window with cookies of its own and answers its page.
   *
   * @param {object} wishes
   * @param {"desktop"|"phone"|"narrow"} [wishes.device]
   * @param {"light"|"dark"} [wishes.colours]
   * @param {"cs"|"en"} [wishes.language] what the browser prefers
   * @param {boolean} [wishes.scripts] `false` for a browser without JavaScript
   */
  async open({ device = "desktop", colours = "light", language = "cs", scripts = true } = {}) {
    const context = await this.#chromium.newContext({
      ...DEVICES[device],
      baseURL: this.demo.url,
      colorScheme: colours,
      locale: language === "cs" ? "cs-CZ" : "en-GB",
      timezoneId: "Europe/Prague",
      javaScriptEnabled: scripts,
      reducedMotion: "reduce",
      acceptDownloads: true,
    });
    // No measure of speed: two walks, their browsers and their servers share two processors.
    context.setDefaultTimeout(45_000);
    this.#watch(context);
    this.#contexts.push(context);
    return context.newPage();
  }

  /** From now on a problem whose sentence matches is none: for walks that provoke it. */
  expectProblem(pattern) {
    this.#expected.push(pattern);
  }

  /** What went wrong in any window, as sentences. */
  get problems() {
    return this.#problems.filter((problem) => !this.#expected.some((pattern) => pattern.test(problem)));
  }

  /** All pages that are open. */
  get pages() {
    return this.#contexts.flatMap((context) => context.pages());
  }

  /** Closes the windows. */
  async close() {
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#contexts = [];
  }

  #watch(context) {
    const problem = (page, sentence) => this.#problems.push(`${page?.url() ?? ""}: ${sentence}`);
    const home = new URL(this.demo.url).host;
    // A page that refuses (not found, filled in wrongly) is an answer like any other; Chromium reports its status as an
    // error all the same.
    const refusals = new Set();
    context.on("request", (request) => {
      const url = new URL(request.url());
      // The browser's own reader of PDF is made of pages of its own.
      const inner = ["data:", "blob:", "about:", "chrome:", "chrome-extension:"];
      const own = url.host === home || inner.includes(url.protocol);
      if (!own) problem(undefined, `a request to another host: ${url}`);
    });
    context.on("response", (response) => {
      const status = response.status();
      if (status >= 500) problem(undefined, `${status} from ${response.url()}`);
      if (status >= 400 && status < 500 && response.request().isNavigationRequest()) refusals.add(response.url());
    });
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      const { url } = message.location();
      const status = message.text().startsWith("Failed to load resource: the server responded with a status of");
      if (status && refusals.has(url)) return;
      problem(message.page(), `on the console: ${message.text()}${url ? ` (${url})` : ""}`);
    });
    context.on("weberror", (error) => problem(error.page(), `a script failed: ${error.error()}`));
  }
}

let launched;

/** A browser for a walk over `demo`; the process behind it is shared by all walks of a file. */
export async function browserFor(demo) {
  launched ??= access(EXECUTABLE).then(() => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS }));
  return new Browser(await launched, demo);
}

/** Ends the shared process. */
export async function closeBrowser() {
  const chromium = await launched;
  launched = undefined;
  await chromium?.close();
}
