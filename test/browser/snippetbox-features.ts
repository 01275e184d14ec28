import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../examples/snippetbox/database/open.ts";
import { connected, useBrowser, type Visit } from "./support.ts";

/** Snippetbox as it runs for a test: at two addresses, which may be the same. */
export interface Scene {
  readonly urls: readonly [here: string, there: string];
  readonly databaseUrl: string;
  /** How many processes answer. */
  readonly nodes: number;
  end(): Promise<void>;
}

/** Everything that Snippetbox does, by two people, each at an address of their own. */
export function describeFeatures(begin: () => Promise<Scene>): void {
  const { visit } = useBrowser();
  let scene: Scene;
  beforeAll(async () => {
    scene = await begin();
  });
  afterAll(() => scene.end());
  const here = (): string => scene.urls[0];
  const there = (): string => scene.urls[1];

  /** Somebody with cookies of their own, who looks around as a guest. */
  async function guest(path = "/snippets", url = here()): Promise<Visit & { readonly name: string }> {
    const visitor = await visit(url);
    const { page } = visitor;
    await page.click("text=Try it as a guest");
    await page.waitForURL("**/snippets");
    if (path !== "/snippets") await open(page, path);
    await connected(page);
    const name = (await page.locator(".me span").textContent())?.replace("guest", "").trim() ?? "";
    return { ...visitor, name };
  }

  describe("people", () => {
    it("sign up with errors as they type, log out of all their tabs at once, and log in again", async () => {
      const { page, problems } = await visit(`${here()}/sign-up`);
      await page.fill("[name=name]", "A");
      await page.fill("[name=password]", "short");
      await page.locator("[name=password]").blur();
      await sees(page, ".error", "At least two characters.");
      await sees(page, ".error", "At least eight characters.");
      await page.fill("[name=name]", "grace"); // there is a Grace
      await page.fill("[name=password]", "correct horse");
      await page.click("button:text('Sign up')");
      await sees(page, ".error", "Somebody has this name already.");
      await page.fill("[name=name]", "Élise");
      await page.click("button:text('Sign up')");
      await page.waitForURL("**/snippets");
      await connected(page);
      await sees(page, ".me", "Élise");
      const other = await newTab(page, "/chat/lobby");
      await page.click("text=Log out");
      await page.waitForURL(`${here()}/`);
      await other.waitForURL("**/log-in");
      await sees(other, ".flash", "Log in first");
      await other.fill("[name=name]", "éLISE");
      await other.fill("[name=password]", "wrong password");
      await other.click("button:text('Log in')");
      await sees(other, ".flash", "do not belong together");
      await other.fill("[name=name]", "éLISE");
      await other.fill("[name=password]", "correct horse");
      await other.click("button:text('Log in')");
      await other.waitForURL("**/snippets");
      await sees(other, ".me", "Élise");
      expect(problems).toEqual([]);
    });

    it("who post a form without its token are refused, and nothing happens", async () => {
      const response = await fetch(`${here()}/guest`, {
        method: "POST",
        headers: { origin: here() },
        body: new URLSearchParams({ _csrf_token: "guessed" }),
      });
      expect(response.status).toBe(403);
      expect(response.headers.get("set-cookie") ?? "").not.toContain("snippetbox=");
    });
  });

  describe("snippets", () => {
    it("that somebody adds, edits and deletes do so on the page of the others, where they stand", async () => {
      const [ada, bob] = await Promise.all([guest(), guest("/snippets", there())]);
      await ada.page.click("text=New snippet");
      await ada.page.fill("[name=title]", "");
      await ada.page.fill("[name=content]", "const one: number = 1;");
      await ada.page.click("text=Save");
      await sees(ada.page, ".error", "Give it a title.");
      await ada.page.fill("[name=title]", "One");
      await ada.page.selectOption("[name=language]", "typescript");
      await ada.page.click("text=Save");
      await sees(ada.page, ".flash", "“One” is saved.");
      expect(await ada.page.locator("pre.code .hljs-keyword").first().textContent()).toBe("const");
      await sees(bob.page, "#snippets li:first-child", "One");

      await bob.page.click("#snippets >> text=One");
      await sees(bob.page, "h1", "One");
      expect(await bob.page.locator("text=Edit").count()).toBe(0);
      const path = new URL(bob.page.url()).pathname;
      const refused = await bob.page.request.get(`${here()}${path}/edit`);
      expect(refused.status()).toBe(403);

      // Both look at it: each sees the other; and who types is seen to.
      await sees(bob.page, "#viewing", "2 viewing");
      await sees(bob.page, ".avatars", "");
      expect(await bob.page.getByLabel(ada.name).count()).toBe(1);
      await ada.page.click("text=Edit");
      await ada.page.fill("[name=title]", "Two");
      await sees(bob.page, ".watchers", `${ada.name} is typing…`);
      await ada.page.click("text=Save");
      await sees(bob.page, "h1", "Two");

      const carol = await guest("/snippets", there());
      ada.page.once("dialog", (dialog) => void dialog.accept());
      await ada.page.click("text=Delete");
      await ada.page.waitForURL("**/snippets");
      await sees(bob.page, ".notice", "Its owner has deleted it.");
      await expect.poll(() => carol.page.locator("#snippets >> text=Two").count()).toBe(0);
      expect([...ada.problems, ...bob.problems.filter((text) => !text.includes("403"))]).toEqual([]);
    });

    it("are found by their words from two characters on, and lead to the snippet", async () => {
      const { page } = await guest();
      await writeSnippet(page, "Zebra crossing", "// stripes <b>everywhere</b>");
      await open(page, "/find");
      await page.fill("[name=query]", "z");
      await sees(page, "#summary", "Type at least two characters.");
      await page.fill("[name=query]", "stripes every");
      await sees(page, "#summary", "1 snippet");
      expect(await page.locator(".cards mark").allTextContents()).toEqual(["stripes", "everywhere"]);
      expect(await page.locator(".cards b").count()).toBe(0);
      await page.fill("[name=query]", "qqqq");
      await sees(page, "#summary", "No results for “qqqq”");
      await page.fill("[name=query]", "zebra");
      await page.click("text=Zebra crossing");
      await sees(page, "h1", "Zebra crossing");
    });
  });

  describe("chat", () => {
    it("shows who is there and types, keeps what was said, and ignores what is empty", async () => {
      const [ada, bob] = await Promise.all([guest("/chat/help"), guest("/chat/help", there())]);
      await sees(bob.page, "#online", ada.name);
      await ada.page.fill("#say input", "Hel");
      await sees(bob.page, ".typing", `${ada.name} is typing…`);
      await ada.page.fill("#say input", "   ");
      await ada.page.keyboard.press("Enter");
      await ada.page.fill("#say input", "Hello <i>you</i>");
      await ada.page.keyboard.press("Enter");
      await sees(bob.page, "#messages .said:not(.mine) .text", "Hello <i>you</i>");
      await sees(ada.page, "#messages .said.mine .text", "Hello <i>you</i>");
      expect(await bob.page.locator("#messages .said").count()).toBe(1);
      await expect.poll(() => ada.page.locator("#say input").inputValue()).toBe("");
      await bob.page.reload();
      await sees(bob.page, "#messages", "Hello <i>you</i>");
    });

    it("has the last fifty messages at first, and older ones as one scrolls up, each once", async () => {
      const { db } = await openDatabase(scene.databaseUrl);
      const { id: author_id } = await db.selectFrom("users").select("id").limit(1).executeTakeFirstOrThrow();
      const rows = Array.from({ length: 120 }, (_, index) => `${100 + index}`).map((n) => {
        return { id: `message${n}`, room: "old", author_id, text: `line ${n}`, created_at: 0 };
      });
      await db.insertInto("messages").values(rows).execute();
      await db.destroy();
      const { page } = await guest("/chat/old");
      await sees(page, "#messages", "line 219");
      expect(await page.locator(".said").count()).toBe(50);
      await page.locator(".scroll").hover();
      await expect
        .poll(async () => {
          await page.mouse.wheel(0, -1500);
          return page.locator(".said").count();
        })
        .toBe(120);
      const lines = await page.locator(".said .text").allTextContents();
      expect(lines).toEqual(Array.from({ length: 120 }, (_, index) => `line ${100 + index}`));
    });

    it("tells whoever is mentioned: in all their tabs, until they have read it, and after a reload", async () => {
      const [ada, bob] = await Promise.all([guest("/chat/lobby"), guest("/find", there())]);
      const second = await newTab(bob.page, "/snippets");
      await ada.page.fill("#say input", `@"${bob.name}" look`);
      await ada.page.keyboard.press("Enter");
      await sees(bob.page, ".badge", "1");
      await sees(second, ".badge", "1");
      // It stays while the page around it is exchanged.
      await bob.page.click("nav >> text=Overview");
      await sees(bob.page, "h1", "Overview");
      await bob.page.click(".bell");
      await sees(bob.page, ".panel", `${ada.name} mentioned you in #lobby just now`.slice(0, ada.name.length + 20));
      await bob.page.click("text=Mark all as read");
      await second.locator(".badge").waitFor({ state: "hidden" });
      await second.reload();
      await connected(second);
      await second.click(".bell");
      await sees(second, ".panel", `${ada.name} mentioned you`);
      expect(await second.locator(".badge").isVisible()).toBe(false);
    });
  });

  describe("the overview", () => {
    it("counts what is there, and shows what happens to everybody", async () => {
      const [ada, bob] = await Promise.all([guest(), guest("/overview", there())]);
      const snippets = bob.page.locator("section[aria-label=Snippets] strong");
      const before = Number(await snippets.textContent());
      await writeSnippet(ada.page, "Counted", "1");
      await expect.poll(async () => Number(await snippets.textContent())).toBe(before + 1);
      await sees(bob.page, "#activities li:first-child", `${ada.name} added “Counted”`);
      await expect.poll(async () => Number(await bob.page.locator("#active").textContent())).toBeGreaterThanOrEqual(2);
      expect(await bob.page.locator(".chart svg").first().getAttribute("aria-label")).toMatch(
        /^Views, the last seven days: 20/,
      );
    });
  });

  describe("an export", () => {
    it("goes on while its page is left, shows the same in every tab, and is its owner's alone", async () => {
      const ada = await guest();
      for (const title of ["First", "Second"]) await writeSnippet(ada.page, title, `// ${title}`);
      await open(ada.page, "/export");
      const other = await newTab(ada.page, "/export");
      await ada.page.click("text=Start the export");
      await ada.page.click("nav >> text=Find");
      await sees(other, ".notice", "Download");
      await open(ada.page, "/export");
      await sees(ada.page, ".notice", "Download");
      const downloading = ada.page.waitForEvent("download");
      await ada.page.click("a[download]");
      const archive = readFileSync(await (await downloading).path());
      expect(archive.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
      expect(archive.includes("1 First.typescript.txt") && archive.includes("2 Second.typescript.txt")).toBe(true);
      const path = await ada.page.locator("a[download]").getAttribute("href");
      const bob = await guest("/snippets", there());
      expect((await bob.page.request.get(`${here()}${path}`)).status()).toBe(404);
    });
  });

  describe("a deployment", () => {
    it("is seen by all step by step, is the only one, and goes on with the step that failed", async () => {
      const [ada, bob] = await Promise.all([guest("/deployments"), guest("/deployments", there())]);
      await ada.page.check("[name=fail]");
      await ada.page.click("#deploy button");
      await sees(bob.page, "#state", `${ada.name} is deploying`);
      expect(await bob.page.locator("#deploy button").isDisabled()).toBe(true);
      await sees(bob.page, "#state", "It stopped while pushing the contents.");
      await sees(bob.page, "#steps .failed", "push-contents");
      expect(await bob.page.locator("#steps .done").count()).toBe(2);
      await bob.page.click("text=Retry this step");
      await sees(ada.page, "#state", `The deployment of ${ada.name} is done.`);
      expect(await ada.page.locator("#steps .done").count()).toBe(4);
    });
  });

  describe("the page about what is live", () => {
    it("shows the nodes and what they have to do, as it changes", async () => {
      const ada = await guest("/about");
      const connections = ada.page.locator("section[aria-label=Connections] strong");
      await expect.poll(async () => Number(await connections.textContent())).toBeGreaterThanOrEqual(1);
      const before = Number(await connections.textContent());
      await guest();
      await expect.poll(async () => Number(await connections.textContent())).toBeGreaterThan(before);
      await expect
        .poll(() => ada.page.locator("section[aria-label=Nodes] strong").textContent())
        .toBe(String(scene.nodes));
    });
  });
}

/** Goes to another page at the address where one is. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await connected(page);
}

/** Opens another page of the same person. */
async function newTab(page: Page, path: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(new URL(path, page.url()).href);
  await connected(other);
  return other;
}

/** Waits until the text is there, and can be seen. */
async function sees(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor({ state: "visible" });
}

async function writeSnippet(page: Page, title: string, content: string): Promise<void> {
  await open(page, "/snippets/new");
  await page.fill("[name=title]", title);
  await page.selectOption("[name=language]", "typescript");
  await page.fill("[name=content]", content);
  await page.click("text=Save");
  await sees(page, "h1", title);
}
