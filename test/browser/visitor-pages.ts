import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from "playwright-core";

/** What these methods do to a page outlives its document. A page on which one was called is not used again. */
const LASTING = {
  page: [
    "addInitScript",
    "emulateMedia",
    "exposeBinding",
    "exposeFunction",
    "route",
    "routeWebSocket",
    "setDefaultNavigationTimeout",
    "setDefaultTimeout",
    "setExtraHTTPHeaders",
    "setViewportSize",
  ],
  context: [
    "addInitScript",
    "exposeBinding",
    "exposeFunction",
    "grantPermissions",
    "newCDPSession",
    "route",
    "routeWebSocket",
    "setExtraHTTPHeaders",
    "setGeolocation",
    "setOffline",
  ],
} as const;

/** What a test may have listened to. Playwright's own listeners are to other events. */
const EVENTS = ["console", "dialog", "download", "pageerror", "request", "response", "websocket"];

interface VisitorPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly devTools: CDPSession;
}

/**
 * Pages with cookies of their own, one for each visitor. A new context with its page costs half a second of work in
 * Chromium, most of what a short test needs: so a page that was given back as it came is the next visitor's, in the same
 * test file, without cookies, storage and history.
 */
export class VisitorPages {
  readonly #browser: Browser;
  readonly #free: VisitorPage[] = [];
  readonly #taken = new Set<VisitorPage>();
  readonly #spoilt = new Set<VisitorPage>();

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** @param options With any of them, the context is made for it and closed afterwards. */
  async take(options: BrowserContextOptions): Promise<Page> {
    const isPlain = Object.keys(options).length === 0;
    const visitor = (isPlain ? this.#free.pop() : undefined) ?? (await this.#open(options));
    this.#taken.add(visitor);
    if (!isPlain) this.#spoilt.add(visitor);
    return visitor.page;
  }

  /** Ends every visit: the pages that can be used again are cleaned, the other contexts are closed. */
  async giveBack(): Promise<void> {
    const taken = [...this.#taken];
    this.#taken.clear();
    await Promise.all(taken.map((visitor) => this.#clean(visitor)));
    const kept = new Set(this.#free.map(({ context }) => context));
    const others = this.#browser.contexts().filter((context) => !kept.has(context));
    await Promise.all(others.map((context) => context.close()));
    this.#spoilt.clear();
  }

  async #open(options: BrowserContextOptions): Promise<VisitorPage> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    const visitor = { page, context, devTools: await context.newCDPSession(page) };
    const spoil = (): void => void this.#spoilt.add(visitor);
    for (const name of LASTING.page) callBefore(page, name, spoil);
    for (const name of LASTING.context) callBefore(context, name, spoil);
    for (const name of ["install", "setFixedTime", "setSystemTime"] as const) callBefore(page.clock, name, spoil);
    return visitor;
  }

  async #clean(visitor: VisitorPage): Promise<void> {
    const { page, context, devTools } = visitor;
    if (this.#spoilt.has(visitor) || page.isClosed()) return;
    try {
      for (const event of EVENTS) page.removeAllListeners(event);
      await Promise.all(
        context
          .pages()
          .filter((other) => other !== page)
          .map((other) => other.close()),
      );
      await page.evaluate(() => [localStorage, sessionStorage].forEach((storage) => storage.clear()));
      await page.goto("about:blank");
      await context.clearCookies();
      await devTools.send("Page.resetNavigationHistory");
      this.#free.push(visitor);
    } catch {
      // It shows an error page, or does not answer: the context is closed with the others.
    }
  }
}

function callBefore<Name extends string>(
  target: { [name in Name]: (...args: never) => unknown },
  name: Name,
  before: () => void,
): void {
  const method = target[name];
  const replacement = function (this: unknown, ...args: unknown[]): unknown {
    before();
    return Reflect.apply(method, target, args);
  };
  Object.defineProperty(target, name, { value: replacement, configurable: true });
}
