import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openDatabase, type OpenDatabase } from "../../examples/snippetbox/database/open.ts";
import { chatter, goTo, newWindow, open, People, sees, writeSnippet, type Person } from "./snippetbox-people.ts";
import { walkTour, type Tour } from "./snippetbox-tour.ts";

const PATIENT = { timeout: 20_000 };

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
  let scene: Scene;
  let people: People;
  let tour: Tour | undefined;
  let guests: Promise<readonly [Person, Person]> | undefined;
  beforeAll(async () => {
    [scene, people] = await Promise.all([begin(), People.start()]);
  });
  afterAll(async () => {
    await people.end();
    await scene.end();
  });
  const here = (): string => scene.urls[0];
  const there = (): string => scene.urls[1];

  /** Those of the tour; without it, two guests. */
  async function both(): Promise<readonly [ada: Person, bob: Person]> {
    if (tour !== undefined) return [tour.ada, tour.bob];
    guests ??= Promise.all([people.guest(here()), people.guest(there())]);
    return guests;
  }
  afterEach(async () => {
    for (const { problems } of await both()) expect(problems.splice(0)).toEqual([]);
  });

  /** Does what the app itself would not. */
  async function inDatabase(work: (db: OpenDatabase["db"]) => Promise<unknown>): Promise<void> {
    const { db } = await openDatabase(scene.databaseUrl);
    await work(db);
    await db.destroy();
  }

  it("leads two people through all of it, each of whom sees at once what the other does", async ({ annotate }) => {
    tour = await walkTour(people, here(), there(), scene.nodes);
    expect(Object.keys(tour.updates)).toHaveLength(5);
    const list = Object.entries(tour.updates).map(([what, ms]) => `${what} ${ms} ms`);
    const report = `Seen by the other person after: ${list.join(", ")}`;
    console.log(report);
    await annotate(report);
  }, 180_000);

  it("refuses a form without its token, and nothing happens", async () => {
    const response = await fetch(`${here()}/guest`, {
      method: "POST",
      headers: { origin: here() },
      body: new URLSearchParams({ _csrf_token: "guessed" }),
    });
    expect(response.status).toBe(403);
    expect(response.headers.get("set-cookie") ?? "").not.toContain("snippetbox=");
  });

  it("lets nobody but its owner edit or delete a snippet, or download an export, which expires", async () => {
    const [ada, bob] = await both();
    await writeSnippet(ada.page, "Mine", "let mine = true;");
    const path = new URL(ada.page.url()).pathname;
    await open(bob.page, path);
    await sees(bob.page, "h1", "Mine");
    expect(await bob.page.locator("main >> text=Edit").count()).toBe(0);
    expect((await bob.page.request.get(`${there()}${path}/edit`)).status()).toBe(403);
    // As somebody would who knows what the button sends. At once: the next patch takes the attribute away.
    await bob.page.locator("#viewing").evaluate((element: HTMLElement) => {
      element.setAttribute("phx-click", "delete");
      element.click();
    });
    await sees(bob.page, ".flash", "That is not yours to delete.");
    expect((await ada.page.request.get(`${here()}${path}`)).status()).toBe(200);

    await goTo(ada.page, "Export");
    const other = await newWindow(ada.page, "/export");
    const files = (): Promise<string[]> =>
      other.locator("a[download]").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
    // The one of the tour is there already.
    const earlier = await files();
    await ada.page.click("button:text('xport')");
    await expect.poll(async () => (await files()).filter((file) => !earlier.includes(file)), PATIENT).toHaveLength(1);
    const [file = ""] = await files();
    expect((await ada.page.request.get(`${here()}${file}`)).status()).toBe(200);
    expect((await bob.page.request.get(`${there()}${file}`)).status()).toBe(404);
    const id = /[0-9a-z]+(?=\.zip)/.exec(file)?.[0] ?? "";
    await inDatabase((db) => db.updateTable("exports").set({ expires_at: 1 }).where("id", "=", id).execute());
    await sees(other, ".notice", "The last export has expired.");
    expect((await ada.page.request.get(`${here()}${file}`)).status()).toBe(404);
    await other.context().close();
  });

  it("has the last fifty messages of a room at first, and older ones as one scrolls up, each once", async () => {
    const [{ page }] = await both();
    await inDatabase(async (db) => {
      const { id: author_id } = await db.selectFrom("users").select("id").limit(1).executeTakeFirstOrThrow();
      const rows = Array.from({ length: 120 }, (_, index) => `${100 + index}`).map((n) => {
        return { id: `message${n}`, room: "old", author_id, text: `line ${n}`, created_at: 0 };
      });
      await db.insertInto("messages").values(rows).execute();
    });
    await open(page, "/chat/old");
    await sees(page, "#messages", "line 219");
    expect(await page.locator(".said").count()).toBe(50);
    await page.locator(".scroll").hover();
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -1500);
        return page.locator(".said").count();
      }, PATIENT)
      .toBe(120);
    const lines = await page.locator(".said .text").allTextContents();
    expect(lines).toEqual(Array.from({ length: 120 }, (_, index) => `line ${100 + index}`));
  });

  it("loses no key of who types while several people say ten things a second", async ({ annotate }) => {
    const [ada, bob] = await both();
    const carol = await people.guest(here());
    await Promise.all([ada, bob, carol].map(({ page }) => open(page, "/chat/busy")));
    const sentence = "The quick brown fox jumps over the lazy dog, and the dog does not even wake up.";
    await ada.page.focus("#say input");
    await ada.page.evaluate(() => {
      let last = performance.now();
      document.body.dataset["longest"] = "0";
      const frame = (now: number): void => {
        const longest = Math.max(Number(document.body.dataset["longest"]), now - last);
        document.body.dataset["longest"] = String(Math.round(longest));
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const since = Date.now();
    await Promise.all([
      chatter(bob.page, "first", 15),
      chatter(carol.page, "second", 15),
      ada.page.keyboard.type(sentence, { delay: 35 }),
    ]);
    const rate = (30_000 / (Date.now() - since)).toFixed(1);
    await expect.poll(() => ada.page.locator(".said").count(), PATIENT).toBe(30);
    const said = await ada.page.locator(".said .text").allTextContents();
    for (const who of ["first", "second"]) {
      const theirs = said.filter((text) => text.startsWith(who));
      expect(theirs).toEqual(Array.from({ length: 15 }, (_, index) => `${who} ${index}`));
    }
    expect(await ada.page.inputValue("#say input")).toBe(sentence);
    await annotate(
      `${rate} messages a second; the longest frame took ${await ada.page.evaluate(() => document.body.dataset["longest"])} ms`,
    );
    await carol.page.context().close();
  }, 180_000);
}
