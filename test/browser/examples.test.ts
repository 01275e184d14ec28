import { readdirSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { createExamples } from "../../examples/app.ts";
import { loadsAgain } from "./moments.ts";
import { arrival, clickRapidly, connected, expectText, record, typeAtOnce, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();
const PATIENT = { timeout: 20_000 };
const FOLDER = new URL("../../examples/", import.meta.url);
const NAMES = ["Counter", "Deploy", "Search", "Dashboard", "Rows", "Who", "Report", "Board"];

let url: string;
beforeEach(async () => {
  ({ url } = await start(createExamples()));
});

describe("the examples", () => {
  it("are files of at most 100 lines each", () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
    const lines = (name: string): number => readFileSync(new URL(name, FOLDER), "utf8").trimEnd().split("\n").length;
    expect(files).toContain("counter.ts");
    expect(files.filter((name) => lines(name) > 100)).toEqual([]);
  });

  it("are listed on the first page, with links that work", async () => {
    const { page, problems } = await visit(url);
    const links = page.locator("main a");
    const found = await links.evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href")]));
    expect(found).toEqual(NAMES.map((name) => [name, `/${name.toLowerCase()}`]));
    await loadsAgain(page, () => links.first().click());
    expect(await page.locator("header nav [aria-current=page]").textContent()).toBe("Counter");
    expect(problems).toEqual([]);
  });

  it("fit on a phone, name what can be used, and say on which page one is", async () => {
    const { page, problems } = await visit(url, { viewport: { width: 360, height: 740 } });
    for (const name of ["", ...NAMES]) {
      await page.goto(url + name.toLowerCase());
      await connected(page);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      const current = await page.locator("header nav [aria-current=page]").allTextContents();
      // Everything that takes the focus has a name that a screen reader says.
      const nameless = await page
        .locator("a, button, input")
        .evaluateAll((elements) =>
          elements
            .filter(
              (element) =>
                element.textContent.trim() === "" &&
                !element.hasAttribute("aria-label") &&
                !(element instanceof HTMLInputElement && (element.labels?.length ?? 0) > 0),
            )
            .map((element) => element.outerHTML),
        );
      expect({ name, wider: Math.max(0, wider), current, nameless }).toEqual({
        name,
        wider: 0,
        current: name === "" ? [] : [name],
        nameless: [],
      });
    }
    expect(problems).toEqual([]);
  });
});

describe("/counter", () => {
  it("ends at 40 in both windows after twenty rapid clicks in each", async () => {
    const [ada, grace] = await Promise.all([visit(`${url}counter`), visit(`${url}counter`)]);
    await expectText(ada.page, "h1", "Count is: 0");
    await Promise.all([ada, grace].map(({ page }) => clickRapidly(page, "text='+'", 20)));
    await expectText(ada.page, "h1", "Count is: 40");
    await expectText(grace.page, "h1", "Count is: 40");
    await Promise.all([ada, grace].map(({ page }) => clickRapidly(page, "text='-'", 20)));
    await expectText(ada.page, "h1", "Count is: 0");
    await expectText(grace.page, "h1", "Count is: 0");
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });

  it("can be used with the keyboard alone", async () => {
    const { page } = await visit(`${url}counter`);
    await page.locator("text='+'").focus();
    await page.keyboard.press("Enter");
    await expectText(page, "h1", "Count is: 1");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Space");
    await expectText(page, "h1", "Count is: 0");
  });
});

describe("/deploy", () => {
  const steps = ["Creating the organisation", "Creating the repository", "Pushing the contents", "Done!"];

  it("shows the same steps in the same order to everybody, the late included, and runs one job at a time", async () => {
    const [ada, grace] = await Promise.all([visit(`${url}deploy`), visit(`${url}deploy`)]);
    const [adas, graces] = await Promise.all([record(ada.page, "#status"), record(grace.page, "#status")]);
    // At the first step: a click that is on its way while the button is disabled starts nothing.
    const wasDisabled = grace.page.evaluate(
      (first) =>
        new Promise<boolean>((resolve) => {
          const observer = new MutationObserver(() => {
            const button = document.querySelector<HTMLButtonElement>("main button");
            if (button === null || document.querySelector("#status")?.textContent !== first) return;
            observer.disconnect();
            resolve(button.disabled);
            button.disabled = false;
            button.click();
          });
          observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
      steps[0],
    );
    await ada.page.getByRole("button", { name: "Deploy" }).click();
    expect(await wasDisabled).toBe(true);
    await expect.poll(graces).toContain(steps[1]);
    const late = await visit(`${url}deploy`);
    expect(steps.slice(1)).toContain(await late.page.locator("#status").textContent());
    for (const { page } of [ada, grace, late]) await expectText(page, "#status", "Done!");
    expect([await adas(), await graces()]).toEqual([steps, steps]);
    expect(grace.sent.filter((frame) => frame.includes('"event":"deploy"'))).toHaveLength(1);
    expect([...ada.problems, ...grace.problems, ...late.problems]).toEqual([]);
  });

  it("tells the others when the page that ran the job was closed, and lets them start again", async () => {
    const [ada, grace] = await Promise.all([visit(`${url}deploy`), visit(`${url}deploy`)]);
    // As soon as it runs: it is done in three seconds.
    await ada.page.evaluate(() => {
      const status = document.querySelector("#status");
      if (status === null) throw new Error("There is no status.");
      new MutationObserver(() => location.replace("about:blank")).observe(status, {
        subtree: true,
        characterData: true,
        childList: true,
      });
    });
    await ada.page.getByRole("button", { name: "Deploy" }).click();
    await expect
      .poll(() => grace.page.textContent("#status"))
      .toMatch(
        /^Stopped while (creating the organisation|creating the repository|pushing the contents): its page was closed$/,
      );
    const again = arrival(grace.page, "#status", steps[0] ?? "");
    await grace.page.getByRole("button", { name: "Deploy" }).click();
    await again;
  });
});

describe("/search", () => {
  it("asks once per pause, shows that it searches, then the results", async () => {
    const [ada, grace] = await Promise.all([visit(`${url}search`), visit(`${url}search`)]);
    const history = await record(ada.page, "#summary");
    await typeAtOnce(ada.page.locator("#query"), "owl");
    await expectText(ada.page, "#summary", "4 birds");
    expect(await history()).toEqual(["Searching…", "4 birds"]);
    expect(ada.sent.filter((frame) => frame.includes('"search"'))).toHaveLength(1);
    expect(await ada.page.locator(".results li span:first-child").allTextContents()).toEqual([
      "Barn owl",
      "Tawny owl",
      "Little owl",
      "Eurasian eagle-owl",
    ]);
    await expectText(grace.page, "#summary", "Type at least two letters.");
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });

  it("does not search for a single letter, and says when there is nothing", async () => {
    const { page, problems } = await visit(`${url}search`);
    const history = await record(page, "#summary");
    await typeAtOnce(page.locator("#query"), "zzz");
    await expectText(page, "#summary", "No results for “zzz”");
    await page.locator("#query").fill("z");
    await expectText(page, "#summary", "Type at least two letters.");
    await page.locator("#query").fill("<b>bold</b>");
    await expectText(page, "#summary", "No results for “<b>bold</b>”");
    expect(await history()).toEqual([
      "Searching…",
      "No results for “zzz”",
      "Type at least two letters.",
      "Searching…",
      "No results for “<b>bold</b>”",
    ]);
    expect(problems).toEqual([]);
  });
});

describe("/dashboard", () => {
  it("refreshes by itself in every window, but not in one that is paused", async () => {
    const [ada, grace] = await Promise.all([visit(`${url}dashboard`), visit(`${url}dashboard`)]);
    const chart = (page: typeof ada.page): Promise<string | null> =>
      page.locator("polyline").first().getAttribute("points");
    const changes = async (page: typeof ada.page): Promise<void> => {
      const before = await chart(page);
      await expect.poll(() => chart(page), PATIENT).not.toBe(before);
    };
    await Promise.all([changes(ada.page), changes(grace.page)]);
    await ada.page.getByRole("button", { name: "Pause" }).click();
    await expectText(ada.page, "main [role=status]", "Paused. The figures stand still.");
    const paused = await chart(ada.page);
    await changes(grace.page);
    await changes(grace.page);
    expect(await chart(ada.page)).toBe(paused);
    await ada.page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(() => chart(ada.page), PATIENT).not.toBe(paused);
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });
});

describe("/who", () => {
  /** Who is shown, sorted: "Ada Lovelace (you) typing…". */
  const people = async (page: Page): Promise<string[]> => {
    const texts = await page.locator(".people li > span:last-child").allInnerTexts();
    return texts.map((text) => text.trim().replaceAll(/\s+/g, " ")).sort();
  };
  const expectPeople = async (page: Page, ...texts: readonly string[]): Promise<void> => {
    await expect.poll(() => people(page), PATIENT).toEqual(texts);
  };
  /** The same, whether anybody is typing or not: whoever has typed a name is, for two seconds. */
  const expectNames = async (page: Page, ...texts: readonly string[]): Promise<void> => {
    const names = async (): Promise<string[]> => (await people(page)).map((text) => text.replace(" typing…", ""));
    await expect.poll(names, PATIENT).toEqual(texts);
  };
  const setName = async (page: Page, name: string): Promise<void> => {
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Save" }).click();
  };

  it("shows everybody with a name, and who is typing, and tells nobody by which cookie it knows the others", async () => {
    const [ada, grace] = await Promise.all([visit(`${url}who`), visit(`${url}who`)]);
    await setName(ada.page, "Ada Lovelace");
    await setName(grace.page, "Grace");
    await expectNames(ada.page, "Ada Lovelace (you)", "Grace");
    await expectNames(grace.page, "Ada Lovelace", "Grace (you)");
    expect(await ada.page.locator(".avatar").allTextContents()).toEqual(expect.arrayContaining(["AL", "G"]));

    const typing = arrival(ada.page, ".people li", "Grace typing…");
    await grace.page.getByLabel("Your name").pressSequentially("!");
    await typing;
    // What is not saved yet stays, whatever the page hears meanwhile.
    await grace.page.getByLabel("Your name").blur();
    await setName(ada.page, "Ada");
    await expectPeople(grace.page, "Ada", "Grace (you)");
    expect(await grace.page.getByLabel("Your name").inputValue()).toBe("!Grace");
    await expectPeople(ada.page, "Ada (you)", "Grace");
    await expectText(ada.page, "main [role=status]", "2 people are here.");

    const cookies = await grace.page.context().cookies();
    const visitor = cookies.find(({ name }) => name === "visitor")?.value;
    expect(visitor).toMatch(/^[\da-f-]{36}$/);
    const all = [await ada.page.content(), ...ada.received].join("\n");
    expect(all).not.toContain(visitor);
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });

  it("shows two tabs of one person once, with the name that either of them sets", async () => {
    const [ada, grace] = await Promise.all([visit(`${url}who`), visit(`${url}who`)]);
    await setName(grace.page, "Grace");
    const second = await ada.page.context().newPage();
    await second.goto(`${url}who`);
    await connected(second);
    await setName(second, "Ada");
    for (const page of [ada.page, second]) await expectNames(page, "Ada (you)", "Grace");

    // A page behind another one draws once a second.
    await ada.page.bringToFront();
    await setName(ada.page, "Countess Ada");
    await expectNames(grace.page, "Countess Ada", "Grace (you)");
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });
});
