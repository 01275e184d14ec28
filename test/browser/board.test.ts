import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import { beforeEach, describe, expect, it } from "vitest";
import { createExamples } from "../../examples/app.ts";
import { expectText, twoFrames, typeAtOnce, useBrowser, type Visit } from "./support.ts";

const { start, visit } = useBrowser();
const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

let url: string;
beforeEach(async () => {
  ({ url } = await start(createExamples()));
});

const notesOf = ({ page }: Visit, column: number): Promise<string[]> =>
  page.locator(`[data-column="${column}"] .paper p`).allTextContents();

describe("/board", () => {
  it("is one board for everybody, which one works with the mouse or with the keys, and by question and answer", async () => {
    const [ada, grace] = [await visit(`${url}board`), await visit(`${url}board`)];
    expect(await ada.page.title()).toBe("Board: Notes · Wingbeat");

    // A live component's own state: Grace edits, and keeps what she types while notes come and go around it.
    await grace.page.locator("#note-1").getByRole("button", { name: "Edit" }).click();
    const field = grace.page.getByLabel("Text", { exact: true });
    await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true);
    await field.fill("Write a <note>");
    await ada.page.getByLabel("New note").fill("Bake bread");
    await ada.page.getByLabel("New note").press("Enter");
    await expect.poll(() => notesOf(grace, 0)).toEqual(["Bake bread"]);
    expect(await field.inputValue()).toBe("Write a <note>");
    await field.press("Enter");
    for (const each of [ada, grace])
      await expect.poll(() => notesOf(each, 0)).toEqual(["Write a <note>", "Bake bread"]);
    const newNote = ada.page.getByLabel("New note");
    expect(await newNote.inputValue()).toBe("");
    await expect.poll(() => newNote.evaluate((input) => input === document.activeElement)).toBe(true);
    // What she has begun and left stays, whatever comes from now on.
    await newNote.fill("Begun");
    await newNote.blur();

    // The hook beside the view: a note is dragged; and the one of the module, in an element that the server leaves alone.
    await ada.page.dragAndDrop("#note-4", '[data-column="2"]');
    for (const each of [ada, grace])
      await expect.poll(() => notesOf(each, 2)).toEqual(["Open a second window", "Bake bread"]);
    await expect
      .poll(() => grace.page.locator("#bars i").evaluateAll((bars) => bars.map((bar) => bar.getAttribute("title"))))
      .toEqual(["1", "1", "2"]);
    await ada.page.locator("#note-4").getByRole("button", { name: "To Doing" }).press("Enter");
    for (const each of [ada, grace]) await expect.poll(() => notesOf(each, 1)).toEqual(["Move it", "Bake bread"]);

    // Of a double click one vote counts. Both clicks in one turn of the page: no clock comes between them.
    await ada.page.locator("#note-4 [aria-label^=Vote]").evaluate((vote: HTMLElement) => {
      vote.click();
      vote.click();
    });
    await expectText(grace.page, "#note-4 [aria-label^=Vote]", "▲ 1");

    // The nested view, with times as the visitor's clock has them.
    await expect.poll(() => grace.page.locator("#board-log li").allTextContents()).toHaveLength(5);
    expect(await grace.page.locator("#board-log li").first().textContent()).toMatch(
      /^Bake bread: a vote \d+:\d\d:\d\d/,
    );

    // The question in its portal has the focus, keeps it, and gives it back.
    const remove = grace.page.locator("#note-4").getByRole("button", { name: "Delete" });
    await remove.click();
    await grace.page.waitForSelector("body > div #question");
    const focused = (): Promise<string | undefined> =>
      grace.page.evaluate(() => document.activeElement?.textContent?.trim());
    await expect.poll(focused).toBe("Delete");
    // The client puts the focus there once more, two frames later.
    await twoFrames(grace.page);
    await grace.page.keyboard.press("Tab");
    await expect.poll(focused).toBe("Keep");
    await grace.page.keyboard.press("Tab");
    await expect.poll(focused).toBe("Delete");
    await grace.page.keyboard.press("Escape");
    await grace.page.waitForSelector("#question", { state: "detached" });
    await expect.poll(() => remove.evaluate((button) => button === document.activeElement)).toBe(true);
    await remove.click();
    await grace.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => notesOf(ada, 1)).toEqual(["Move it"]);
    await expectText(grace.page, "#flash-info p", "“Bake bread” is gone.");
    expect(ada.sent.filter((frame) => frame.includes('"event":"vote"'))).toHaveLength(1);
    expect(await newNote.inputValue()).toBe("Begun");
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });

  it("keeps the timer on the way to what is done, the help open, and says when the line is down", async () => {
    const ada = await visit(`${url}board`);
    const { page } = ada;
    await page.getByRole("button", { name: "Start" }).click();
    await expect.poll(() => page.textContent("[role=timer]")).not.toBe("0:00");
    await page.click("summary");
    await typeAtOnce(page.getByLabel("Find"), "window");
    await expect.poll(() => notesOf(ada, 0)).toEqual([]);
    expect(ada.sent.filter((frame) => frame.includes('"find"'))).toHaveLength(1);
    expect(await page.getAttribute("details", "open")).toBe("");

    await page.getByRole("link", { name: "What is done" }).click();
    await expectText(page, "h1", "What is done");
    await expect.poll(() => page.title()).toBe("Board: What is done · Wingbeat");
    await page.getByRole("button", { name: "Pause" }).waitFor();
    expect(await page.textContent("[role=timer]")).not.toBe("0:00");
    expect(ada.loads()).toBe(1);

    await page.evaluate(() => window.liveSocket.disconnect(() => {}));
    await page.waitForSelector("#offline", { state: "visible" });
    await page.evaluate(() => window.liveSocket.connect());
    await page.waitForSelector("#offline", { state: "hidden" });
    expect(ada.problems).toEqual([]);
  });

  it("fits on a phone, where axe finds nothing wrong with it, with its question, its messages and a note that is edited", async () => {
    const { page, problems } = await visit(`${url}board`, { viewport: { width: 360, height: 740 } });
    await page.evaluate(AXE);
    const looksRight = async (): Promise<void> => {
      // A transition begins up to three frames after what has caused it.
      await twoFrames(page);
      await twoFrames(page);
      await page.waitForFunction(() => document.getAnimations().length === 0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
      const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
      expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))).toEqual([]);
    };
    await page.locator(".paper").first().getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Text", { exact: true }).waitFor();
    await looksRight();
    await page.getByLabel("New note").fill("Short-lived");
    await page.getByLabel("New note").press("Enter");
    await page.getByRole("group", { name: "Short-lived" }).getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").waitFor();
    await looksRight();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expectText(page, "#flash-info p", "“Short-lived” is gone.");
    await page.waitForSelector("#question", { state: "detached" });
    await page.getByRole("group", { name: "Short-lived" }).waitFor({ state: "detached" });
    await looksRight();
    await page.getByRole("link", { name: "What is done" }).click();
    await expectText(page, "h1", "What is done");
    await looksRight();
    expect(problems).toEqual([]);
  });
});
