import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { LiveApp } from "wingbeat";
import { serve, type LiveServer } from "wingbeat/serve";
import { launchChromium } from "../support/chromium.ts";
import { VisitorPages } from "./visitor-pages.ts";

/** Chromium must not reach for anything but our server. */
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A page with its own cookies, and what went wrong on it. */
export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the console, and exceptions that nobody caught. */
  readonly problems: readonly string[];
  /** The addresses of the page's sockets. */
  readonly sockets: readonly string[];
  /** Every text frame that the page has sent and received. */
  readonly sent: readonly string[];
  readonly received: readonly string[];
  /** How often the document was loaded. */
  readonly loads: () => number;
}

export interface Tools {
  /** Serves an app on a port of its own, or on the one given. Stopped when the test is over. */
  start(app: LiveApp, port?: number): Promise<LiveServer>;
  /** Opens a page as another visitor: with cookies of its own, of which there are none. Waits until its view is connected. */
  visit(url: string, options?: VisitOptions): Promise<Visit>;
}

export interface VisitOptions extends BrowserContextOptions {
  /** @default true */
  readonly untilConnected?: boolean;
  /** To be done before the address is opened. */
  readonly before?: (page: Page) => Promise<unknown>;
}

/** To be called once in a test file: a Chromium for its tests. */
export function useBrowser(): Tools {
  let browser: Browser;
  let pages: VisitorPages;
  const servers: LiveServer[] = [];
  beforeAll(async () => {
    browser = await launchChromium(QUIET);
    pages = new VisitorPages(browser);
  });
  afterEach(async () => {
    await pages.giveBack();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  afterAll(() => browser.close());
  return {
    start: async (app, port = 0) => {
      const server = await serve(app, { port, hostname: "127.0.0.1", signals: false });
      servers.push(server);
      return server;
    },
    visit: async (url, options = {}) => {
      const { untilConnected = true, before, ...contextOptions } = options;
      const page = await pages.take(contextOptions);
      const visit = watch(page);
      await before?.(page);
      await page.goto(url);
      if (untilConnected) await connected(page);
      return visit;
    },
  };
}

function watch(page: Page): Visit {
  const problems: string[] = [];
  const sockets: string[] = [];
  const sent: string[] = [];
  const received: string[] = [];
  let loads = 0;
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (request.isNavigationRequest()) loads++;
  });
  page.on("websocket", (socket) => {
    sockets.push(socket.url());
    socket.on("framesent", ({ payload }) => sent.push(String(payload)));
    socket.on("framereceived", ({ payload }) => received.push(String(payload)));
  });
  return { page, problems, sockets, sent, received, loads: () => loads };
}

const MAIN = "[data-phx-main].phx-connected";
/** A nested view that is still on its way: what is clicked in it would be lost. One that fails is tried again for ever. */
const JOINING = "[data-phx-session]:not(.phx-connected, .phx-error)";

/**
 * Waits until the page's view has joined, and those in it. The page that is there: where an action loads another one,
 * `loadsAgain` waits for that.
 */
export async function connected(page: Page): Promise<void> {
  await page.waitForSelector(`html:has(${MAIN}):not(:has(${JOINING}))`, { state: "attached" });
}

/**
 * When the text is there, by the clock of this machine; it may be gone again at once. To be called before it is: what is only
 * looked for afterwards may have passed.
 */
export function arrival(page: Page, selector: string, text: string): Promise<number> {
  return page.evaluate(
    ([where = "", what = ""]) =>
      new Promise<number>((resolve, reject) => {
        const look = (): void => {
          if (![...document.querySelectorAll(where)].some(({ textContent }) => textContent.includes(what))) return;
          observer.disconnect();
          resolve(Date.now());
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
        setTimeout(() => reject(new Error(`"${what}" was never in ${where}.`)), 60_000);
        look();
      }),
    [selector, text],
  );
}

/** Clicks as soon as the element waits for no answer: until then the client ignores a click on it. */
export async function clickWhenAnswered(page: Page, selector: string): Promise<void> {
  await page.locator(`${selector}:not([data-phx-ref-src])`).click();
}

/** Until then the client may move the focus once more, to where it has put it already (JS.focus and its like). */
export async function twoFrames(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/**
 * For a page, before its transitions of 30 ms: they end three frames later. The client ends them by a timer, and gives them
 * their classes from frame to frame: where a frame takes longer than the timer, these come last and stay.
 */
export const FRAMES_BEFORE_ENDS = `
const startTimer = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => {
  const inFrames = (count) => (count === 0 ? work() : window.requestAnimationFrame(() => inFrames(count - 1)));
  return ms === 30 ? startTimer(inFrames, ms, 3) : startTimer(work, ms, ...rest);
};
`;

/** Types a text into a field, key by key, with no time in between: no pause is long enough for a `phx-debounce`. */
export async function typeAtOnce(field: Locator, text: string): Promise<void> {
  await field.focus();
  await field.evaluate((element, keys) => {
    if (!(element instanceof HTMLInputElement)) throw new TypeError(`${element.localName} is no field to type in`);
    for (const key of keys) {
      element.value += key;
      element.dispatchEvent(new InputEvent("input", { bubbles: true, data: key, inputType: "insertText" }));
    }
  }, text);
}

/** Waits until the element's text is this. */
export async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await expect.poll(() => page.locator(selector).textContent({ timeout: 20_000 }), { timeout: 20_000 }).toBe(text);
}

/**
 * Clicks as fast as the client allows: it ignores a click on a button that still waits for the answer to its last one.
 * Resolves when the last click was answered.
 */
export async function clickRapidly(page: Page, selector: string, times: number): Promise<void> {
  await page.locator(selector).evaluate(async (button: HTMLElement, count) => {
    const answered = (): Promise<void> =>
      new Promise((resolve) => {
        if (!button.hasAttribute("data-phx-ref-src")) return resolve();
        const observer = new MutationObserver(() => {
          if (button.hasAttribute("data-phx-ref-src")) return;
          observer.disconnect();
          resolve();
        });
        observer.observe(button, { attributes: true });
      });
    for (let click = 0; click < count; click++) {
      await answered();
      button.click();
    }
    await answered();
  }, times);
}

/** Collects every text that the element shows from now on. */
export async function record(page: Page, selector: string): Promise<() => Promise<string[]>> {
  const history = await page.locator(selector).evaluateHandle((element) => {
    const texts: string[] = [];
    new MutationObserver(() => {
      const text = element.textContent ?? "";
      if (text !== texts.at(-1)) texts.push(text);
    }).observe(element, { childList: true, characterData: true, subtree: true });
    return texts;
  });
  return () => history.jsonValue();
}

/** A logger that remembers what it was told. */
export function rememberingLogger(): {
  readonly lines: string[];
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
} {
  const lines: string[] = [];
  const log = (text: string): void => void lines.push(text);
  return { lines, info: log, warn: log, error: log };
}

/** What an app in production must be given. */
export function production(url = "http://127.0.0.1"): { development: false; secret: string; origins: string[] } {
  return { development: false, secret: "only-for-tests-0123456789-0123456789", origins: [new URL(url).origin] };
}
