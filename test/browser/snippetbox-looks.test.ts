import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type OpenDatabase } from "../../examples/snippetbox/database/open.ts";
import { SnippetboxServer } from "../support/snippetbox.ts";
import { loadsAgain } from "./moments.ts";
import { goTo, newWindow, open, People, say, sees, writeSnippet, type Person } from "./snippetbox-people.ts";
import { connected } from "./support.ts";

const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const WIDE = { width: 1100, height: 760 };
const EMPTIED = ["snippet_views", "snippets", "activities", "deploys", "exports", "messages", "notifications"] as const;
const PHONE = { width: 360, height: 740 };

let server: SnippetboxServer;
let people: People;
let ada: Person;
let bob: Person;
beforeAll(async () => {
  [server, people] = await Promise.all([SnippetboxServer.start(), People.start()]);
  [ada, bob] = await Promise.all([people.guest(server.url), people.guest(server.url)]);
});
afterAll(async () => {
  await people.end();
  await server.stop();
});

describe("while others change what is on a page", () => {
  it("nothing moves but the rows of the list that grows, and no row under the eyes of who has scrolled", async () => {
    await writeSnippet(bob.page, "Steady", "let one = 1;");
    const path = new URL(bob.page.url()).pathname;
    const tab = (at: string): Promise<Page> => newWindow(ada.page, at);
    const [list, scrolled, snippet] = await Promise.all([tab("/snippets"), tab("/snippets"), tab(path)]);
    const [chat, overview, deployments] = await Promise.all([
      tab("/chat/lobby"),
      tab("/overview"),
      tab("/deployments"),
    ]);
    const tabs = { list, scrolled, snippet, chat, overview, deployments };
    // To a row whose neighbours above are out of sight: where one that changes reaches into the window, its lower edge,
    // or the row below it, must move.
    await scrolled
      .locator("#snippets .card")
      .nth(2)
      .evaluate((row) => row.scrollIntoView());
    const scrolledTo = await scrolled.evaluate(() => scrollY);
    // Nobody presses the button beside it, and what is chosen stays so.
    await deployments.check("[name=fail]");
    await deployments.locator("[name=fail]").blur();
    const shifts = await watchShifts(tabs);

    await bob.page.click("text=Edit");
    await bob.page.fill("[name=content]", "let one = 1;\nlet two = 2;\nlet three = 3;\n");
    await sees(tabs.snippet, ".watchers", `${bob.name} is typing…`);
    await bob.page.click("text=Save");
    await sees(tabs.snippet, "pre.code", "three");
    await writeSnippet(bob.page, "Another one", "let two = 2;");
    await sees(tabs.list, "#snippets li:first-child", "Another one");
    // The control of who has scrolled: the list above grew, and the window went along.
    await expect.poll(() => scrolled.evaluate(() => scrollY)).toBeGreaterThan(scrolledTo + 100);
    await sees(tabs.overview, "#activities", "Another one");
    await goTo(bob.page, "Chat", "#lobby");
    await say(bob.page, `@"${ada.name}" look, and look again, as it is a message of more than one line of the page`);
    await sees(tabs.chat, ".said", "look again");
    for (const page of Object.values(tabs)) await sees(page, ".badge", "1");
    await goTo(bob.page, "Deploy");
    await bob.page.check("[name=fail]");
    await bob.page.click("#deploy button");
    await sees(tabs.deployments, "#state", "It stopped while");
    expect(await tabs.deployments.isChecked("[name=fail]")).toBe(true);
    await open(bob.page, path);
    bob.page.once("dialog", (dialog) => void dialog.accept());
    await bob.page.click("text=Delete");
    await sees(tabs.snippet, ".notice", "Its owner has deleted it.");
    await sees(tabs.overview, "#activities", "deleted “Steady”");

    expect(await shifts()).toEqual({
      list: ["li.card"], // the control: what is measured is seen
      scrolled: [],
      snippet: [],
      chat: ["ol"],
      overview: ["li"],
      deployments: [],
    });
    await Promise.all(Object.values(tabs).map((page) => page.context().close()));
  }, 180_000);
});

describe("by keyboard alone", () => {
  it("everything is reached in the order in which it stands, and Escape closes the panel and gives the focus back", async () => {
    const { page } = bob;
    await open(page, "/snippets");
    const reached: string[] = [];
    for (let stop = 0; stop < 12; stop++) {
      await page.keyboard.press("Tab");
      reached.push(await focused(page));
    }
    expect(reached).toEqual([
      "To the content",
      "Snippetbox",
      "Snippets",
      "Find",
      "Chat",
      "Overview",
      "Deploy",
      "Export",
      "About",
      "Notifications",
      "Log out",
      "New snippet",
    ]);
    await page.focus(".bell");
    await page.keyboard.press("Enter");
    await sees(page, ".panel", "Nothing yet.");
    expect(await page.getAttribute(".bell", "aria-expanded")).toBe("true");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Mark all as read");
    await page.keyboard.press("Escape");
    await page.locator(".panel").waitFor({ state: "hidden" });
    await expect.poll(() => focused(page)).toBe("Notifications");
    expect(await page.getAttribute(".bell", "aria-expanded")).toBe("false");

    // Over the ways to other pages, straight to this one.
    await open(page, "/snippets");
    await page.keyboard.press("Tab");
    const skip = page.locator(".skip");
    await expect.poll(() => skip.evaluate((link) => link.getBoundingClientRect().top)).toBeGreaterThanOrEqual(0);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("New snippet");
    await page.keyboard.press("Enter");
    await sees(page, "h1", "New snippet");
    await page.focus("[name=title]");
    await page.keyboard.type("Typed");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Go");
    await page.keyboard.press("Tab");
    await page.keyboard.type("package main");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Save");
    await page.keyboard.press("Enter");
    await sees(page, "h1", "Typed");
    await sees(page, "main", "Go ·");
  });
});

describe("axe, in light and dark, and a phone of 360 px find nothing wrong", () => {
  it("with the pages of who is not logged in, and with those that say no", async () => {
    const { page, problems } = await people.stranger(server.url, { viewport: WIDE });
    await looksRight(page, "the front page");
    await loadsAgain(page, () => page.click("text=Sign up"));
    await page.fill("[name=name]", "A");
    await page.fill("[name=password]", "short");
    await page.locator("[name=password]").blur();
    await sees(page, ".error", "At least eight");
    await looksRight(page, "signing up, with errors");
    await page.goto(`${server.url}/snippets`);
    await sees(page, ".flash", "Log in first");
    await connected(page);
    await looksRight(page, "logging in, with a message");
    expect(problems).toEqual([]);
    const missing = await page.goto(`${server.url}/nowhere`);
    expect(missing?.status()).toBe(404);
    await sees(page, "h1", "Nothing here");
    await looksRight(page, "an unknown address");
    await page.context().close();

    const tooMuch = await fetch(`${server.url}/sign-up`, {
      method: "POST",
      headers: { origin: server.url, accept: "text/html" },
      body: new URLSearchParams({ name: "x".repeat(5_000_000) }),
    });
    expect(tooMuch.status).toBe(413);
    expect(await tooMuch.text()).toContain("<h1>That is too much at once</h1>");
  });

  it("with the pages on which there is nothing yet", async () => {
    const { page, problems } = ada;
    await inDatabase(async (db) => {
      for (const table of EMPTIED) await db.deleteFrom(table).execute();
    });
    await page.setViewportSize(WIDE);
    await open(page, "/snippets");
    await sees(page, "main", "No snippets yet.");
    await looksRight(page, "no snippets");
    await goTo(page, "Find");
    await page.fill("[name=query]", "nothing");
    await sees(page, "#summary", "No results for “nothing”");
    await looksRight(page, "no results");
    await goTo(page, "Chat", "#lobby");
    await sees(page, "#messages", "Nobody has said anything here yet.");
    await looksRight(page, "an empty room");
    await goTo(page, "Overview");
    await sees(page, "main", "Nothing has happened yet.");
    await looksRight(page, "an overview of nothing");
    await goTo(page, "Deploy");
    await sees(page, "#state", "Ready.");
    await looksRight(page, "no deployment");
    await goTo(page, "Export");
    await sees(page, "main", "Nothing has been exported yet.");
    await looksRight(page, "no export");
    await page.click(".bell");
    await sees(page, ".panel", "Nothing yet.");
    await looksRight(page, "a panel without anything");
    await page.keyboard.press("Escape");
    expect(problems).toEqual([]);
  }, 180_000);

  it("with the pages on which there is something", async () => {
    const { page } = ada;
    await page.setViewportSize(WIDE);
    await writeSnippet(
      page,
      "Filled",
      "/* to look at */ const wide = 'a line that is longer than any phone is wide'; // 123",
    );
    await looksRight(page, "a snippet");
    const path = new URL(page.url()).pathname;
    await page.click("text=Edit");
    await page.fill("[name=title]", "");
    await page.locator("[name=title]").blur();
    await sees(page, ".error", "Give it a title.");
    await looksRight(page, "an editor with an error");
    await goTo(page, "Find");
    await page.fill("[name=query]", "longer");
    await sees(page, ".cards mark", "longer");
    await looksRight(page, "results");
    await Promise.all([goTo(page, "Chat", "#lobby"), goTo(bob.page, "Chat", "#lobby")]);
    await say(page, "Good morning");
    await say(bob.page, `@"${ada.name}" see https://example.org/${"long/".repeat(30)}`);
    await sees(page, ".said:not(.mine)", "long/");
    await looksRight(page, "a room where somebody talks");
    await page.click(".bell");
    await sees(page, ".panel .unread", "mentioned you");
    await looksRight(page, "the open panel");
    await page.keyboard.press("Escape");
    await goTo(page, "Overview");
    await sees(page, "#activities", "Filled");
    await looksRight(page, "an overview");
    await goTo(page, "Deploy");
    await page.check("[name=fail]");
    await page.click("#deploy button");
    await sees(page, "#state", "It stopped while");
    await looksRight(page, "a deployment that failed");
    await goTo(page, "Export");
    await page.click("text=Start the export");
    await sees(page, ".notice", "Download");
    await looksRight(page, "an export");
    await goTo(page, "About", "What is live");
    await sees(page, "td", "connected");
    await looksRight(page, "what is live");
    await goTo(page, "Snippets");
    await sees(page, "#snippets", "Filled");
    await looksRight(page, "the list");

    const foreign = await bob.page.goto(`${server.url}${path}/edit`);
    expect(foreign?.status()).toBe(403);
    await sees(bob.page, "h1", "That is not yours");
    await inDatabase((db) => db.schema.alterTable("messages").renameTo("gone").execute());
    const broken = await bob.page.goto(`${server.url}/chat/lobby`);
    expect(broken?.status()).toBe(500);
    await sees(bob.page, "h1", "Something went wrong");
    expect(await bob.page.textContent("body")).not.toContain("messages");
    await inDatabase((db) => db.schema.alterTable("gone").renameTo("messages").execute());
  }, 180_000);
});

/** Does what the app itself would not. */
async function inDatabase(work: (db: OpenDatabase["db"]) => Promise<unknown>): Promise<void> {
  const { db } = await openDatabase(server.databaseFile);
  await work(db);
  await db.destroy();
}

/** What a screen reader says of what has the focus, as far as it is text. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent?.replace(/\d+ unread/, "").trim() ?? "");
}

/** All of axe's rules in light and at full width; in dark, and on a phone, those that may differ there, and the width. */
async function looksRight(page: Page, what: string): Promise<void> {
  const size = page.viewportSize();
  const found = await axe(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  found.push(...(await axe(page, ["color-contrast", "target-size", "scrollable-region-focusable"])));
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(size ?? WIDE);
  expect({ what, found, wider: Math.max(0, wider) }).toEqual({ what, found: [], wider: 0 });
}

/** What it finds, however slight. `rules`: without them, all. */
async function axe(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html }) => `${impact} ${id}: ${html.slice(0, 200)}`),
  );
}

/** Notes from now on what moves by itself, on each of the pages: every kind of element once, by its name and class. */
async function watchShifts(tabs: Readonly<Record<string, Page>>): Promise<() => Promise<Record<string, string[]>>> {
  const watches = await Promise.all(
    Object.entries(tabs).map(async ([name, tab]) => {
      const moved = await tab.evaluateHandle(() => {
        const kinds = new Set<string>();
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            const sources = "sources" in entry && Array.isArray(entry.sources) ? entry.sources : [];
            for (const { node } of sources) {
              const element = node instanceof Element ? node : node?.parentElement;
              kinds.add([element?.localName ?? "gone", ...(element?.classList ?? [])].join("."));
            }
          }
        }).observe({ type: "layout-shift" });
        return kinds;
      });
      return { name, moved };
    }),
  );
  return async () => {
    const found: Record<string, string[]> = {};
    for (const { name, moved } of watches) found[name] = await moved.evaluate((kinds) => [...kinds]);
    return found;
  };
}
