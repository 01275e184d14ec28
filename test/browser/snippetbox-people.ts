import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "../support/chromium.ts";
import { loadsAgain } from "./moments.ts";
import { connected } from "./support.ts";

/** Somebody with cookies of their own, for as long as the tests of a file last. */
export interface Person {
  readonly page: Page;
  readonly name: string;
  /** Errors and warnings of the console, and exceptions that nobody caught, on all of their pages. */
  readonly problems: string[];
}

/** A Chromium, and who uses Snippetbox in it. A person costs two page loads: tests share them. */
export class People {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<People> {
    return new People(await launchChromium(["--disable-gpu", "--disable-background-networking", "--disable-sync"]));
  }

  /** Opens a page as somebody of whom nothing is known. */
  async stranger(url: string, options: BrowserContextOptions = {}): Promise<Omit<Person, "name">> {
    const context = await this.#browser.newContext(options);
    const problems: string[] = [];
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    context.on("weberror", (error) => problems.push(error.error().message));
    const page = await context.newPage();
    await page.goto(url);
    // Whoever leaves a page that is still connecting finds a warning in the console.
    await connected(page);
    return { page, problems };
  }

  /** Somebody who looks around as a guest, and is at the list of snippets. */
  async guest(url: string, options: BrowserContextOptions = {}): Promise<Person> {
    const { page, problems } = await this.stranger(url, options);
    await loadsAgain(page, () => page.click("text=Try it as a guest"));
    await page.waitForURL("**/snippets");
    return { page, problems, name: await nameOn(page) };
  }

  async end(): Promise<void> {
    await this.#browser.close();
  }
}

/** Who is logged in. */
export async function nameOn(page: Page): Promise<string> {
  return ((await page.locator(".me span").textContent()) ?? "").replace(" guest", "").trim();
}

/** Loads another page at the address where one is. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await connected(page);
}

/** Goes there as people do, by the links at the top of each page, and waits for the heading. One may be there already. */
export async function goTo(page: Page, link: string, heading = link): Promise<void> {
  const old = await page.evaluateHandle(() => document.querySelector("[data-phx-main]"));
  await page.locator("nav a", { hasText: new RegExp(`^${link}$`) }).click();
  await page.waitForFunction((view) => view?.isConnected === false, old);
  await sees(page, "h1", heading);
}

/** Opens another page of the same person, in a window of its own: a tab that is behind another draws once a second. */
export async function newWindow(page: Page, path: string): Promise<Page> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page's context was not made by a browser");
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.goto(new URL(path, page.url()).href);
  await connected(other);
  return other;
}

/** Waits until the text is there, and can be seen. */
export async function sees(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor({ state: "visible" });
}

export async function writeSnippet(page: Page, title: string, content: string): Promise<void> {
  await goTo(page, "Snippets");
  await page.click("text=New snippet");
  await page.fill("[name=title]", title);
  await page.selectOption("[name=language]", "typescript");
  await page.fill("[name=content]", content);
  await page.click("text=Save");
  await sees(page, "h1", title);
}

/** Resolves when that was answered: until then the client ignores whatever else is said. */
export async function say(page: Page, text: string): Promise<void> {
  await page.fill("#say input", text);
  await page.press("#say input", "Enter");
  await page.waitForSelector("#say:not(.phx-submit-loading)");
}

/** Says so many things in a room, one each 200 ms, or as soon as the last one is there. Done by the page itself. */
export async function chatter(page: Page, who: string, count: number): Promise<void> {
  await page.evaluate(
    async ([name, times]) => {
      const frame = (): Promise<number> => new Promise(requestAnimationFrame);
      for (let index = 0; index < times; index++) {
        const since = performance.now();
        const field = document.querySelector<HTMLInputElement>("#say input");
        if (field === null) throw new Error("there is no field to type in");
        const text = `${name} ${index}`;
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.form?.requestSubmit();
        const isThere = (): boolean =>
          [...document.querySelectorAll(".said.mine .text")].some(({ textContent }) => textContent === text);
        while (!isThere() || performance.now() - since < 200) await frame();
      }
    },
    [who, count] as const,
  );
}

/** Clicks, and says when, by the clock of this machine. */
export function click(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluate((element: HTMLElement) => {
    const at = Date.now();
    element.click();
    return at;
  });
}
