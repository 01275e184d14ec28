import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { parseReports, tsc, withoutSource } from "../types/check.ts";
import { startRedisServer, type OwnRedis } from "../support/redis.ts";
import { printedFiles, ROOT, run, runToEnd, writeProject, type Program } from "./printed-programs.ts";
import { loadsAgain } from "./moments.ts";
import { clickRapidly, connected, expectText, record, typeAtOnce, useBrowser, type Visit } from "./support.ts";

const pages = ["README.md", ...readdirSync(join(ROOT, "docs/guides")).map((name) => `docs/guides/${name}`)];
const files = pages.flatMap(printedFiles);
const project = writeProject(files);
const { visit } = useBrowser();

const running: Program[] = [];
let redis: OwnRedis | undefined;
afterAll(() => rmSync(project, { recursive: true, force: true }));
afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.stop()));
  await redis?.stop();
  redis = undefined;
});

/** Starts a printed program and opens its page as two visitors. */
async function open(file: string, path = "", env?: (url: string) => Record<string, string>): Promise<[Visit, Visit]> {
  const program = await run(join(project, file), env);
  running.push(program);
  const visits: [Visit, Visit] = [await visit(program.url + path), await visit(program.url + path)];
  return visits;
}

/** Resolves when the click was answered: the client ignores another one until then. */
const button = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("button", { name, exact: true }).click();
  await expect.poll(() => page.locator(".phx-click-loading").count()).toBe(0);
};
const say = async (page: Page, label: string, text: string): Promise<void> => {
  await page.getByLabel(label).fill(text);
  await page.getByLabel(label).press("Enter");
};

/** What each printed program must do, with two visitors on its page. */
const programs: { readonly [file: string]: () => Promise<readonly Visit[]> } = {
  "README.md/counter.mts": async () => {
    const [ada, grace] = await open("README.md/counter.mts");
    await button(ada.page, "Clicked 0 times");
    await button(ada.page, "Clicked 1 times");
    await expectText(ada.page, "button", "Clicked 2 times");
    await expectText(grace.page, "button", "Clicked 0 times");
    return [ada, grace];
  },
  "docs/guides/real-time-counter.md/server.ts": async () => {
    const [ada, grace] = await open("docs/guides/real-time-counter.md/server.ts", "counter");
    await button(ada.page, "+");
    await expectText(grace.page, "h1", "Count is: 1");
    await button(grace.page, "-");
    await expectText(ada.page, "h1", "Count is: 0");
    await Promise.all([ada, grace].map(({ page }) => clickRapidly(page, "text='+'", 20)));
    for (const { page } of [ada, grace]) await expectText(page, "h1", "Count is: 40");
    return [ada, grace];
  },
  "docs/guides/views.md/todos.ts": async () => {
    const [ada, grace] = await open("docs/guides/views.md/todos.ts");
    await say(ada.page, "What to do", "  Write <tests> ");
    await expectText(ada.page, "h1", "1 to do");
    await expectText(ada.page, "[data-phx-main] [role=status]", "Added Write <tests>");
    await button(ada.page, "Write <tests>");
    await expectText(ada.page, "h1", "0 to do");
    expect(await ada.page.getAttribute("li", "class")).toBe("todo done");
    await expectText(grace.page, "h1", "0 to do");
    return [ada, grace];
  },
  "docs/guides/views.md/pages.ts": async () => {
    const [ada, grace] = await open("docs/guides/views.md/pages.ts");
    await ada.page.click("text=The list");
    await expectText(ada.page, "h1", "Page 1");
    await button(ada.page, "Next page");
    await expectText(ada.page, "h1", "Page 2");
    await ada.page.click("text=First page");
    await expectText(ada.page, "h1", "Page 1");
    await button(ada.page, "Leave");
    await expectText(ada.page, "[data-phx-main] [role=status]", "You left page 1");
    expect(ada.loads()).toBe(1);
    return [ada, grace];
  },
  "docs/guides/navigation.md/articles.ts": async () => {
    const [ada, grace] = await open("docs/guides/navigation.md/articles.ts", "articles?page=abc");
    const { page } = ada;
    await expectText(page, "h1", "30 articles");
    await page.click("text=Next page");
    await expectText(page, "li:first-child", "Article 11");
    await page.click("text=fifth");
    await expectText(page, "h1", "6 articles");
    await expect.poll(() => new URL(page.url()).search).toBe("?tag=fifth");
    await page.getByRole("link", { name: "Article 25" }).click();
    await expectText(page, "h1", "Article 25");
    await expect.poll(() => page.title()).toBe("Article 25 · News");
    await page.click("text=Back");
    await expectText(page, "h1", "6 articles");
    await page.goBack();
    await expectText(page, "h1", "Article 25");
    await button(page, "Archive");
    await expectText(page, "#flash-info p", "Article 25 is archived");
    await expectText(page, "h1", "15 articles");
    expect(ada.loads()).toBe(1);
    return [ada, grace];
  },
  "docs/guides/reconnect.md/order.ts": async () => {
    const [ada, grace] = await open("docs/guides/reconnect.md/order.ts", "orders/7");
    const { page } = ada;
    await expectText(page, "#flash-info p", "Welcome");
    await say(page, "Item", "Bread");
    await expectText(page, "h1", "1 items");
    await page.getByLabel("Item").fill("Butter");
    await page.evaluate("liveSocket.socket.conn.close()");
    await expectText(page, "#flash-info", "");
    await expectText(page, "h1", "1 items");
    expect(await page.getByLabel("Item").inputValue()).toBe("Butter");
    await page.reload();
    await expectText(page, "#flash-info p", "Welcome");
    return [ada, grace];
  },
  "docs/guides/nested-views.md/nested.ts": async () => {
    const [ada, grace] = await open("docs/guides/nested-views.md/nested.ts");
    await button(ada.page, "Tokyo");
    const times = ({ page }: Visit) => page.locator("time").allTextContents();
    await expect.poll(async () => (await times(ada)).length).toBe(2);
    const [rome, tokyo] = await times(ada);
    for (const time of [rome, tokyo]) await expect.poll(() => times(ada)).not.toContain(time);
    await button(ada.page, "Rome");
    const ids = (): Promise<string[]> => ada.page.locator("li").evaluateAll((rows) => rows.map(({ id }) => id));
    await expect.poll(ids).toEqual(["clock-Tokyo"]);
    expect(await times(grace)).toHaveLength(1);
    return [ada, grace];
  },
  "docs/guides/nested-views.md/sticky.ts": async () => {
    const [ada, grace] = await open("docs/guides/nested-views.md/sticky.ts");
    await expect.poll(() => ada.page.textContent("output")).not.toBe("0");
    await button(ada.page, "Pause");
    const seconds = await ada.page.textContent("output");
    await ada.page.click("text=About");
    await expectText(ada.page, "h1", "About");
    expect(await ada.page.textContent("#player button")).toBe("Play");
    expect(await ada.page.textContent("output")).toBe(seconds);
    await button(ada.page, "Play");
    await expect.poll(() => ada.page.textContent("output")).not.toBe(seconds);
    expect(ada.loads()).toBe(1);
    return [ada, grace];
  },
  "docs/guides/live-sessions.md/team.ts": async () => {
    const [ada, grace] = await open("docs/guides/live-sessions.md/team.ts", "notes");
    for (const [{ page }, name] of [
      [ada, "Ada"],
      [grace, "Grace"],
    ] as const) {
      await expectText(page, "#flash-error > p", "Please log in.");
      await page.getByLabel("Name").fill(name);
      await loadsAgain(page, () => page.getByRole("button", { name: "Log in" }).click());
      await expectText(page, "h1", `Home: ${name}`);
    }
    const before = ada.loads();
    await ada.page.click("text=Notes");
    await expectText(ada.page, "h1", "Notes: Ada");
    await button(ada.page, "Wave");
    await expectText(ada.page, "#flash-info > p", "Ada waves.");
    expect(ada.loads()).toBe(before);
    for (const { page } of [ada, grace]) await loadsAgain(page, () => page.click("text=Admin"));
    await expectText(ada.page, "body.admin h1", "Admin: Ada");
    await expectText(ada.page, "body.admin p", "Only admins see this.");
    await expectText(grace.page, "h1", "Home: Grace");
    return [ada, grace];
  },
  "docs/guides/hooks.md/beside.ts": async () => {
    const [ada, grace] = await open("docs/guides/hooks.md/beside.ts");
    for (const number of ["1", "2", "3"]) {
      await button(ada.page, number);
      await expect.poll(() => ada.page.textContent("#answer")).toMatch(new RegExp(`^${number}: (yes!|no)$`));
    }
    await expectText(ada.page, "b", "1");
    await expectText(grace.page, "b", "0");
    return [ada, grace];
  },
  "docs/guides/hooks.md/module.ts": async () => {
    const [ada, grace] = await open("docs/guides/hooks.md/module.ts");
    await expect.poll(() => ada.page.textContent("#now")).toMatch(/^\d{1,2}:\d\d:\d\d/);
    return [ada, grace];
  },
  "docs/guides/hooks.md/own-client.mts": async () => {
    const [ada, grace] = await open("docs/guides/hooks.md/own-client.mts");
    const opened = (): Promise<string | null> => ada.page.textContent("#opened");
    await expect.poll(opened).toMatch(/^\d{1,2}:\d\d:\d\d/);
    return [ada, grace];
  },
  "docs/guides/templates.md/cart.ts": async () => {
    const [ada, grace] = await open("docs/guides/templates.md/cart.ts");
    await button(ada.page, "One more <Bread>");
    await button(ada.page, "One more <Bread>");
    await expectText(ada.page, ".many b", "3");
    await button(ada.page, "Reverse");
    await expect.poll(() => ada.page.locator("li b").allTextContents()).toEqual(["1", "3", "1"]);
    expect(await ada.page.locator("li").first().textContent()).toContain("Milk");
    return [ada, grace];
  },
  "docs/guides/templates.md/ticker.ts": async () => {
    const [ada, grace] = await open("docs/guides/templates.md/ticker.ts");
    for (const { page } of [ada, grace]) await expect.poll(() => page.locator("li").count()).toBeGreaterThan(2);
    return [ada, grace];
  },
  "docs/guides/live-components.md/tasks.ts": async () => {
    const [ada, grace] = await open("docs/guides/live-components.md/tasks.ts");
    const before = ada.received.length;
    await button(ada.page, "Edit Milk");
    const answers = ada.received.slice(before).filter((frame) => frame.includes('"phx_reply"'));
    expect(answers).toEqual([expect.stringContaining('"response":{"diff":{"c":{"1":{')]);
    await button(ada.page, "Edit Bread");
    await ada.page.getByLabel("Task 1").fill("Oat milk");
    await ada.page.getByLabel("Task 1").press("Enter");
    await ada.page.getByRole("button", { name: "Edit Oat milk" }).waitFor();
    expect(await ada.page.getByLabel("Task 2").inputValue()).toBe("Bread");
    expect(await grace.page.getByRole("button").allTextContents()).toEqual(["Edit Milk", "Edit Bread"]);
    return [ada, grace];
  },
  "docs/guides/live-components.md/prices.ts": async () => {
    const [ada, grace] = await open("docs/guides/live-components.md/prices.ts");
    const prices = await ada.page.locator("li").allTextContents();
    const queries = Number(prices[0]?.at(-1));
    expect(prices).toEqual([`Tea: 3.0${queries}`, `Coffee: 6.0${queries}`, `Sugar: 5.0${queries}`]);
    await button(ada.page, "Ask for tea again");
    await expect.poll(() => ada.page.locator("li").first().textContent()).not.toBe(prices[0]);
    expect((await ada.page.locator("li").allTextContents()).slice(1)).toEqual(prices.slice(1));
    return [ada, grace];
  },
  "docs/guides/components.md/people.ts": async () => {
    const [ada, grace] = await open("docs/guides/components.md/people.ts");
    await button(ada.page, "Remove Ada <3");
    await expectText(ada.page, "#people h2", "1 people");
    await expectText(ada.page, "[data-phx-main] [role=status] p", "One less.");
    await button(ada.page, "Remove Grace");
    await expectText(ada.page, "#people > p", "Nobody is left.");
    await button(ada.page, "Reset");
    await expect.poll(() => ada.page.locator("td b").allTextContents()).toEqual(["1843", "1952"]);
    expect(await ada.page.getAttribute("#people", "class")).toBe("panel wide");
    expect(await grace.page.textContent("#people h2")).toBe("2 people");
    return [ada, grace];
  },
  "docs/guides/components.md/notes.ts": async () => {
    const [ada, grace] = await open("docs/guides/components.md/notes.ts");
    const { page } = ada;
    await expectText(page, "blockquote p", "Be brief.");
    await page.waitForSelector("#wait", { state: "detached" });
    await expect.poll(() => page.title()).toBe("Notes · Guide");
    await button(page, "Menu");
    await page.waitForSelector("#menu", { state: "visible" });
    await page.click("#chart");
    await page.waitForSelector("#menu", { state: "hidden" });
    await expect.poll(() => page.getAttribute("#menu-button", "aria-expanded")).toBe("false");
    await page.click("summary");
    await typeAtOnce(page.getByLabel("Note"), "hello");
    await expectText(page, "#length", "5 letters");
    expect(ada.sent.filter((frame) => frame.includes('"event":"draft"'))).toHaveLength(1);
    await button(page, "Ask me");
    await page.waitForSelector("body > div #dialog");
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Yes");
    await button(page, "No");
    await expectText(page, "#answer", "Answer: no");
    await page.waitForSelector("#dialog", { state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Ask me");
    await expect.poll(() => page.title()).toBe("Answered no · Guide");
    expect(await page.getAttribute("details", "open")).toBe("");
    await page.evaluate(() => window.liveSocket.disconnect(() => {}));
    await page.waitForSelector("#offline", { state: "visible" });
    await page.evaluate(() => window.liveSocket.connect());
    await page.waitForSelector("#offline", { state: "hidden" });
    return [ada, grace];
  },
  "docs/guides/streams.md/chat.ts": async () => {
    const [ada, grace] = await open("docs/guides/streams.md/chat.ts");
    const lines = ({ page }: Visit) =>
      page.locator("li:visible").evaluateAll((rows) => rows.map((row) => row.firstChild?.textContent?.trim()));
    expect(await lines(ada)).toEqual(["Nobody has said anything yet."]);
    await say(ada.page, "Message", "Hello <Grace>");
    await expect.poll(() => lines(grace)).toEqual(["Hello <Grace>"]);
    await say(grace.page, "Message", "Hello Ada");
    await expect.poll(() => lines(ada)).toEqual(["Hello <Grace>", "Hello Ada"]);
    await button(ada.page, "Shout Hello Ada");
    await button(grace.page, "Remove Hello <Grace>");
    for (const each of [ada, grace]) {
      await expect.poll(() => lines(each)).toEqual(["HELLO ADA"]);
      await expect.poll(() => each.page.inputValue("input")).toBe("");
    }
    await button(ada.page, "Remove HELLO ADA");
    await expect.poll(() => lines(grace)).toEqual(["Nobody has said anything yet."]);
    return [ada, grace];
  },
  "docs/guides/forms.md/signup.ts": async () => {
    const [ada, grace] = await open("docs/guides/forms.md/signup.ts");
    const { page } = ada;
    const errors = (): Promise<string[]> => page.locator("[role=alert]").allTextContents();
    await page.getByLabel("Age").fill("17");
    await expect.poll(errors).toEqual(["must be 18 or more"]);
    await button(page, "Sign up");
    await expect
      .poll(errors)
      .toEqual(["is no email address", "must be 18 or more", "is missing", "needs 8 characters", "must be agreed to"]);
    await page.getByLabel("Email").fill("ada@example.org");
    await page.getByLabel("Age").fill("36");
    await page.getByLabel("Street").fill("St James's Square");
    await page.getByLabel("For a team").check();
    await page.getByLabel("Password").fill("analytical");
    await page.getByLabel("Again").fill("engine");
    await page.getByLabel("I agree").check();
    await expect.poll(errors).toEqual(["is another one"]);
    await page.getByLabel("Again").fill("analytical");
    await expect.poll(errors).toEqual([]);
    await button(page, "Sign up");
    await expect.poll(errors).toEqual(["is taken"]);
    await page.getByLabel("Street").fill("Ockham Park");
    await page.getByLabel("Email").fill("ada@example.com");
    await page.getByLabel("Email").blur();
    await expect.poll(errors).toEqual([]);
    await button(page, "Sign up");
    await expectText(page, "p[role=status]", "Welcome, ada@example.com, aged 36");
    expect(await page.getByLabel("Street").inputValue()).toBe("");
    expect(await errors()).toEqual([]);
    return [ada, grace];
  },
  "docs/guides/forms.md/checklist.ts": async () => {
    const [ada, grace] = await open("docs/guides/forms.md/checklist.ts");
    const { page } = ada;
    await page.getByLabel("Title").fill("Shopping");
    // Each change is on the page before the next one is made: what is sent is what the page holds.
    const items = (): Promise<string[]> =>
      page.getByLabel(/^Item/).evaluateAll((fields: HTMLInputElement[]) => fields.map(({ value }) => value));
    await button(page, "Add");
    await page.getByLabel("Item 3").fill("Butter");
    await button(page, "Move up 3");
    await expect.poll(items).toEqual(["Milk", "Butter", "Bread"]);
    await button(page, "Remove 1");
    await expect.poll(items).toEqual(["Butter", "Bread"]);
    await button(page, "Save");
    await expectText(page, "p[role=status]", "Butter, Bread");
    await page.evaluate(() => new Promise<void>((resolve) => window.liveSocket.disconnect(resolve)));
    await page.getByLabel("Item 2").fill("Brioche");
    await page.evaluate(() => window.liveSocket.connect());
    await connected(page);
    for (const count of [3, 4, 5, 6]) {
      await button(page, "Add");
      await expect.poll(async () => (await items()).length).toBe(count);
    }
    await expectText(page, "#form_items-errors", "are too many");
    expect(await page.getByLabel("Item 2").inputValue()).toBe("Brioche");
    return [ada, grace];
  },
  "docs/guides/forms.md/booking.ts": async () => {
    const [ada, grace] = await open("docs/guides/forms.md/booking.ts");
    const { page } = ada;
    await button(page, "Next");
    await expectText(page, "[role=alert]", "is missing");
    await page.getByLabel("Name").fill("Ada");
    await button(page, "Next");
    await page.getByLabel("Country").selectOption("France");
    await page.getByLabel("City").selectOption("Nice");
    await page.getByLabel("Country").selectOption("Italy");
    await expect
      .poll(() => page.getByLabel("City").locator("option").allTextContents())
      .toEqual(["Choose", "Rome", "Turin"]);
    expect(await page.getByLabel("City").inputValue()).toBe("");
    await page.getByLabel("City").selectOption("Rome");
    await page.evaluate(() => new Promise<void>((resolve) => window.liveSocket.disconnect(resolve)));
    await page.evaluate(() => window.liveSocket.connect());
    await connected(page);
    expect(new URL(page.url()).search).toBe("?step=where");
    await button(page, "Book");
    await expectText(page, "p[role=status]", "Ada goes to Rome");
    return [ada, grace];
  },
  "docs/guides/pub-sub.md/snippets.ts": async () => {
    const [ada, grace] = await open("docs/guides/pub-sub.md/snippets.ts");
    await say(ada.page, "Title", "Hello & goodbye");
    await expectText(grace.page, "h1", "1 snippets");
    await say(grace.page, "Title", "Second");
    await expectText(ada.page, "h1", "2 snippets");
    await button(ada.page, "Delete Hello & goodbye");
    for (const { page } of [ada, grace]) {
      await expectText(page, "h1", "1 snippets");
      expect(await page.textContent("li")).toContain("Second");
    }
    return [ada, grace];
  },
  "docs/guides/pub-sub.md/chat.ts": async () => {
    const [ada, grace] = await open("docs/guides/pub-sub.md/chat.ts", "rooms/lobby");
    await say(ada.page, "Message", "Hello <Grace>");
    await expectText(grace.page, "li", "Hello <Grace>");
    await say(grace.page, "Message", "Hello Ada");
    for (const { page } of [ada, grace]) {
      await expect.poll(() => page.locator("li").allTextContents()).toEqual(["Hello <Grace>", "Hello Ada"]);
      await expectText(page, "h1", "lobby");
      await expect.poll(() => page.inputValue("input")).toBe("");
    }
    return [ada, grace];
  },
  "docs/guides/async.md/search.ts": async () => {
    const [ada, grace] = await open("docs/guides/async.md/search.ts");
    const found = () => ada.page.locator("li").allTextContents();
    const seen = await record(ada.page, "[data-phx-main]");
    await ada.page.getByLabel("Birds").fill("g");
    await ada.page.getByLabel("Birds").fill("gr");
    await expect.poll(found).toEqual(["Grey heron"]);
    await ada.page.getByLabel("Birds").fill("owl");
    await expectText(ada.page, "p[role=alert]", "The database is away.");
    await button(ada.page, "Try again");
    await expect.poll(found).toEqual(["Barn owl", "Little owl"]);
    expect((await seen()).some((text) => text.includes("Searching…"))).toBe(false);
    await expectText(grace.page, "p[role=status]", "0 found");
    return [ada, grace];
  },
  "docs/guides/async.md/export.ts": async () => {
    const [ada, grace] = await open("docs/guides/async.md/export.ts");
    // As soon as it moves: it is done in a second.
    await ada.page.evaluate(() => {
      const observer = new MutationObserver(() => {
        if ((document.querySelector("progress")?.getAttribute("value") ?? "0") === "0") return;
        observer.disconnect();
        document.querySelector("button")?.click();
      });
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await button(ada.page, "Export");
    await expectText(ada.page, "p[role=status]", "Cancelled");
    await button(ada.page, "Export");
    await expectText(ada.page, "p[role=status]", "2000 rows are exported");
    await expectText(grace.page, "p[role=status]", "Nothing exported yet");
    return [ada, grace];
  },
  "docs/guides/pub-sub.md/run-search.ts": async () => {
    const [ada, grace] = await open("docs/guides/pub-sub.md/run-search.ts");
    await say(ada.page, "Query", "Live");
    await expectText(ada.page, "[data-phx-main] [role=status]", "LiveView");
    await expectText(grace.page, "[data-phx-main] [role=status]", "");
    return [ada, grace];
  },
  "docs/guides/pub-sub.md/export.ts": async () => {
    const [ada, grace] = await open("docs/guides/pub-sub.md/export.ts");
    await button(ada.page, "Start the export");
    await expectText(ada.page, "[data-phx-main] [role=status]", "Export complete!");
    expect(await grace.page.getByRole("button").count()).toBe(1);
    return [ada, grace];
  },
  "docs/guides/presence.md/who-is-here.ts": async () => {
    const [ada, grace] = await open("docs/guides/presence.md/who-is-here.ts");
    for (const { page } of [ada, grace]) await expectText(page, "h1", "2 here");
    await ada.page.getByLabel("Message").focus();
    await expect.poll(() => grace.page.locator("li").allTextContents()).toContain("Visitor 1 is typing…");
    await ada.page.getByLabel("Message").blur();
    await expect.poll(() => grace.page.locator("li").allTextContents()).toEqual(["Visitor 1", "Visitor 2"]);
    return [ada, grace];
  },
  "docs/guides/presence.md/avatars.ts": async () => {
    const [ada, grace] = await open("docs/guides/presence.md/avatars.ts");
    const since = `since ${new Date().getFullYear()}`;
    for (const { page } of [ada, grace]) {
      await expect.poll(() => page.locator("li").allTextContents()).toEqual([`Ada ${since}`, `Grace ${since}`]);
    }
    return [ada, grace];
  },
  "docs/guides/pub-sub.md/cores.ts": async () => {
    const [ada, grace] = await open("docs/guides/pub-sub.md/cores.ts");
    await button(ada.page, "Wave");
    for (const { page } of [ada, grace])
      await expect
        .poll(() => page.textContent("[data-phx-main] [role=status]"))
        .toMatch(/^Process \d+ waved at \d{4}-/);
    return [ada, grace];
  },
  "docs/guides/pub-sub.md/server.ts": async () => {
    redis = await startRedisServer();
    const env = { REDIS_URL: redis.url };
    const visits: Visit[] = [];
    const healthOf = async (program?: Program): Promise<unknown> => (await fetch(`${program?.url}health`)).json();
    for (const _process of [1, 2]) {
      const program = await run(join(project, "docs/guides/pub-sub.md/server.ts"), () => env);
      running.push(program);
      // For a page that comes earlier there would be a gap.
      await expect.poll(() => healthOf(program)).toMatchObject({ pubSub: "connected" });
      visits.push(await visit(program.url));
    }
    expect(await healthOf(running[1])).toMatchObject({ gaps: 0, messages: { topics: 1, refused: 0 } });
    const bothShow = async (text: string): Promise<void> => {
      for (const { page } of visits) await expectText(page, "[data-phx-main] [role=status]", text);
    };

    await fetch(`${running[0]?.url}webhooks/deployed`, { method: "POST", body: "version 2" });
    await bothShow("Deployed: version 2");
    await runToEnd(join(project, "docs/guides/pub-sub.md/nightly.ts"), env);
    await bothShow("Yesterday's figures are in");
    const page = readFileSync(join(ROOT, "docs/guides/pub-sub.md"), "utf8");
    const [, channel = "", message = ""] = /^redis-cli PUBLISH (\S+) '(.+)'$/m.exec(page) ?? [];
    await redis.command("PUBLISH", channel, '{"type":"notice","text":42}');
    await redis.command("PUBLISH", channel, message);
    await bothShow("Back at noon");
    expect(await healthOf(running[0])).toMatchObject({ messages: { foreign: 1, refused: 1 } });
    await runToEnd(join(project, "docs/guides/pub-sub.md/worker.ts"), env);
    await bothShow("Sent the newsletter");
    for (const { page } of visits) await page.close();
    for (const program of running) expect(await program.terminate()).toBe(0);
    return visits;
  },
  "docs/guides/pub-sub.md/threads.ts": async () => {
    const [ada, grace] = await open("docs/guides/pub-sub.md/threads.ts");
    await say(ada.page, "Number", "999999000001");
    for (const { page } of [ada, grace])
      await expectText(page, "[data-phx-main] [role=status]", "999999000001 = 999999000001");
    await say(grace.page, "Number", "360");
    await expectText(ada.page, "[data-phx-main] [role=status]", "360 = 2 · 2 · 2 · 3 · 3 · 5");
    for (const { page } of [ada, grace]) await page.close();
    for (const program of running) expect(await program.terminate()).toBe(0);
    return [ada, grace];
  },
  "docs/guides/security.md/members.ts": async () => {
    const [ada, grace] = await open("docs/guides/security.md/members.ts");
    for (const { page } of [ada, grace]) await expectText(page, "h1", "Hello, Ada");
    return [ada, grace];
  },
  "docs/guides/security.md/strict.ts": async () => {
    const [ada, grace] = await open("docs/guides/security.md/strict.ts");
    for (const { page } of [ada, grace])
      await expect.poll(() => page.textContent("p")).toMatch(/^Open for [1-9]\d* s$/);
    return [ada, grace];
  },
  "docs/guides/authentication.md/password.ts": async () => {
    const [ada, stranger] = await open("docs/guides/authentication.md/password.ts");
    const { page } = ada;
    const sendFrom = async (from: Page, name: string, password: string, action: string): Promise<void> => {
      await from.getByLabel("Name").fill(name);
      await from.getByLabel("Password").fill(password);
      await loadsAgain(from, () => from.getByRole("button", { name: action }).click());
    };
    const send = (name: string, password: string, action: string): Promise<void> =>
      sendFrom(page, name, password, action);
    await expectText(page, "#flash-error p", "Please log in first.");
    await send("ada", "short", "Sign up");
    await expectText(page, "#flash-error p", "A password has at least 8 characters.");
    await send("ada", "correct horse", "Sign up");
    await expectText(page, "h1", "Hello, ada");
    await expectText(page, "#flash-info p", "Welcome!");
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await connected(tab);
    // A page behind another one draws once a second.
    await page.bringToFront();
    await loadsAgain(page, () => page.getByRole("button", { name: "Log out" }).click());
    for (const each of [page, tab]) await expectText(each, "h1", "Log in");
    await send("ada", "a guess", "Log in");
    await expectText(page, "#flash-error p", "Name or password is wrong.");
    // Four more at once, as a program guesses.
    await page.evaluate(async () => {
      const form = document.querySelector("form") ?? undefined;
      const guess = (): Promise<Response> => {
        const fields = new FormData(form);
        fields.set("name", "ada");
        return fetch("/login", { method: "POST", body: fields });
      };
      await Promise.all([guess(), guess(), guess(), guess()]);
    });
    await send("ada", "correct horse", "Log in");
    await expectText(page, "#flash-error p", "Too many attempts. Try again in a quarter of an hour.");
    await expectText(stranger.page, "h1", "Log in");
    // Back to the page that was asked for, also after a mistake.
    await stranger.page.goto(new URL("/?from=mail", stranger.page.url()).href);
    await connected(stranger.page);
    await sendFrom(stranger.page, "grace", "short", "Sign up");
    await expectText(stranger.page, "#flash-error p", "A password has at least 8 characters.");
    await sendFrom(stranger.page, "grace", "correct horse", "Sign up");
    await expectText(stranger.page, "h1", "Hello, grace");
    expect(new URL(stranger.page.url()).search).toBe("?from=mail");
    return [ada, stranger];
  },
  "docs/guides/authentication.md/oauth.ts": async () => {
    const [ada, stranger] = await open("docs/guides/authentication.md/oauth.ts");
    const { page } = ada;
    await page.click("text=Log in");
    await loadsAgain(page, () => page.click("text=Let in a forged answer"));
    await expectText(page, "#flash-error p", "Please try again.");
    await page.click("text=Log in");
    const callback = await page.locator("text=Let it in as Ada").getAttribute("href");
    await loadsAgain(page, () => page.click("text=Let it in as Ada"));
    await expectText(page, "h1", "Hello, Ada");
    // The answer is good once, and for nobody else.
    for (const each of [page, stranger.page]) {
      await each.goto(new URL(callback ?? "", page.url()).href);
      await expectText(each, "#flash-error p", "Please try again.");
    }
    await expectText(stranger.page, "h1", "Hello, stranger");
    await connected(page);
    await page.click("text=Log out");
    await expectText(page, "h1", "Hello, stranger");
    return [ada, stranger];
  },
  "docs/guides/authentication.md/notes.ts": async () => {
    const [ada, grace] = await open("docs/guides/authentication.md/notes.ts");
    await ada.page.click("text=I am Ada");
    await grace.page.click("text=I am Grace");
    await expectText(ada.page, "h1", "Notes, for Ada");
    await expectText(grace.page, "h1", "Notes, for Grace");
    await Promise.all([ada, grace].map(({ page }) => connected(page)));
    expect(await ada.page.locator("li button").allTextContents()).toEqual(["Delete Call Charles"]);
    expect(await grace.page.locator("li button").count()).toBe(2);
    // As somebody who writes the message by hand.
    await ada.page.locator("li button").evaluate((element) => element.setAttribute("phx-value-id", "2"));
    await ada.page.click("li button");
    await expectText(ada.page, "#flash-error p", "That is not yours to delete.");
    expect(await grace.page.locator("li").count()).toBe(2);
    await grace.page.click("text=Delete Call Charles");
    await expect.poll(() => ada.page.locator("li").count()).toBe(1);
    return [ada, grace];
  },
  "docs/guides/uploads.md/album.ts": async () => {
    const [ada, grace] = await open("docs/guides/uploads.md/album.ts");
    const picture = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(100_000)]);
    const field = ada.page.getByLabel("Photos, or drop them here");
    await field.setInputFiles([
      { name: "cat.png", mimeType: "image/png", buffer: picture },
      { name: "cat.txt", mimeType: "text/plain", buffer: Buffer.from("A cat") },
    ]);
    await expectText(ada.page, "li em", "is none of .jpg, .jpeg, .png");
    await ada.page.getByLabel("Take back cat.txt").click();
    await ada.page.waitForSelector("li em", { state: "detached" });
    await button(ada.page, "Add");
    await expectText(ada.page, "#album li", "cat.png");
    await expectText(grace.page, "#album li", "cat.png");
    await field.setInputFiles([{ name: "fake.png", mimeType: "image/png", buffer: Buffer.from("A cat") }]);
    await ada.page.getByRole("button", { name: "Add", exact: true }).click();
    await expectText(ada.page, "li em", "is no picture");
    return [ada, grace];
  },
  "docs/guides/uploads.md/direct.ts": async () => {
    const [ada, grace] = await open("docs/guides/uploads.md/direct.ts");
    const film = { name: "cat.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(300_000) };
    await ada.page.getByLabel("Film").setInputFiles([film]);
    await expect.poll(() => ada.page.locator("progress").count()).toBe(1);
    await button(ada.page, "Upload");
    await expectText(ada.page, "p[role=status]", "cat.mp4, 300000 bytes");
    return [ada, grace];
  },
  "docs/guides/deployment.md/production.ts": async () => {
    const [ada, grace] = await open("docs/guides/deployment.md/production.ts", "", (url) => ({
      NODE_ENV: "production",
      WINGBEAT_SECRET: "new-secret-0123456789-0123456789-0123456789,old-secret-0123456789-0123456789-0123456789",
      ORIGINS: new URL(url).origin,
    }));
    for (const { page } of [ada, grace]) await expectText(page, "h1", "It runs");
    return [ada, grace];
  },
};

describe("the programs that the README and the guides print", () => {
  it("are all tried here", () => {
    const served = files.filter(({ code }) => code.includes("serve(")).map(({ page, title }) => `${page}/${title}`);
    expect(Object.keys(programs).sort()).toEqual(served.sort());
  });

  it("type-check as printed", async () => {
    expect(files.length).toBeGreaterThan(10);
    expect(withoutSource(parseReports(await tsc("-p", project)))).toEqual([]);
  });

  it.each(Object.entries(programs))(
    "do what they say: %s",
    async (_file, scenario) => {
      for (const { problems } of await scenario()) expect(problems).toEqual([]);
    },
    180_000,
  );

  it("begin with one that needs no more than a screen", () => {
    expect(files[0]?.page).toBe("README.md");
    expect(files[0]?.code.split("\n").length).toBeLessThan(20);
  });

  it("link to pages and places that are there", () => {
    const broken = pages.flatMap((page) => {
      const text = readFileSync(join(ROOT, page), "utf8");
      return [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(([, path = "", anchor]) => {
        const target = path === "" ? join(ROOT, page) : join(ROOT, page, "..", path);
        try {
          if (!target.endsWith(".md"))
            return readdirSync(join(target, "..")).includes(target.split("/").at(-1) ?? "") ? [] : [path];
          const headings = readFileSync(target, "utf8").matchAll(/^#+ (.+)$/gm);
          const anchors = [...headings].map(([, heading = ""]) => heading.toLowerCase().replaceAll(" ", "-"));
          return anchor === undefined || anchors.includes(anchor) ? [] : [`${path}#${anchor}`];
        } catch {
          return [`${page}: ${path}`];
        }
      });
    });
    expect(broken).toEqual([]);
  });
});
