import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, link, type AppOptions, type LiveApp } from "wingbeat";
import { freePort } from "../support/free-port.ts";
import { joinsAgain } from "./moments.ts";
import { connected, expectText, production, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

/** Tall pages with a title each, and fields to type into. */
function createPages() {
  const list = createLiveView<{ page: string; by: string }, { type: "next" }>({
    handleParams: (url, socket) => {
      const page = url.searchParams.get("page") ?? "1";
      socket.assign({ page, by: socket.navigation.type });
      socket.pageTitle(`Page ${page}`);
    },
    handleEvent: (_next, socket) => socket.pushPatch("", { page: Number(socket.context.page) + 1 }),
    render: ({ page, by }) => html`
      <h1>Page ${page} by ${by}</h1>
      <input id="field" aria-label="Field">
      <div style="height:1500px"></div>
      ${link({ patch: "?page=2" }, "Second")} ${link({ navigate: "/about" }, "About")}
      ${link({ navigate: "/about#end" }, "The end")} <button phx-click="next">Next</button>
      <div style="height:1500px"></div>`,
  });
  const about = createLiveView<{ changed: boolean }>({
    mount: (socket) => {
      socket.assign({ changed: socket.staticChanged });
      socket.pageTitle("About");
    },
    render: ({ changed }) => html`
      <h1>About</h1>${changed ? html`<p role="status">New version</p>` : null}
      ${link({ navigate: "/" }, "List")}<div style="height:2500px"></div><p id="end">The end</p>`,
  });
  return { "/": list, "/about": about };
}

/** The client sets it in the frame after the patch. */
async function expectTitle(page: Page, title: string): Promise<void> {
  await expect.poll(() => page.title()).toBe(title);
}
const scroll = (page: Page): Promise<number> => page.evaluate(() => Math.round(scrollY));
/** The client notes where the page was scrolled to a moment after it was. */
const scrollTo = async (page: Page, y: number): Promise<void> => {
  await page.evaluate((to) => window.scrollTo(0, to), y);
  await expect.poll(() => page.evaluate(() => (history.state as { scroll?: number } | null)?.scroll)).toBe(y);
};

describe("an address that changes", () => {
  it("brings title, scroll position and focus along as the client does it", async () => {
    const { url } = await start(
      createLiveApp({ logger: rememberingLogger(), title: { suffix: " · site" }, routes: createPages() }),
    );
    const { page, loads, problems } = await visit(url);
    await expectTitle(page, "Page 1 · site");
    // A patch leaves scroll and focus alone.
    await scrollTo(page, 900);
    await page.locator("#field").evaluate((field: HTMLElement) => field.focus({ preventScroll: true }));
    await page.getByRole("link", { name: "Second" }).evaluate((anchor: HTMLElement) => anchor.click());
    await expectText(page, "h1", "Page 2 by patch");
    await expectTitle(page, "Page 2 · site");
    expect(await scroll(page)).toBe(900);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("field");
    // Another view begins at its top, and with no focus.
    await scrollTo(page, 1_000);
    await page.getByRole("link", { name: "About" }).click();
    await expectText(page, "h1", "About");
    await expectTitle(page, "About · site");
    await expect.poll(() => scroll(page)).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe("body");
    // Back brings the position back, too.
    await page.goBack();
    await expectText(page, "h1", "Page 2 by navigate");
    await expect.poll(() => scroll(page)).toBe(1_000);
    await expectTitle(page, "Page 2 · site");
    expect(loads()).toBe(1);
    // And a fragment leads to its element.
    await page.getByRole("link", { name: "The end" }).click();
    await expectText(page, "h1", "About");
    await expect.poll(() => scroll(page)).toBeGreaterThan(1_500);
    expect([new URL(page.url()).hash, problems]).toEqual(["#end", []]);
  });

  it("keeps its history over a reload of the page and a restart of the server", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const limits = { drainWindowMs: 1 };
    const make = (): LiveApp =>
      createLiveApp({ ...production(url), limits, logger: rememberingLogger(), routes: createPages() });
    const first = await start(make(), port);
    const { page, loads } = await visit(url);
    await page.getByRole("button", { name: "Next" }).click();
    await expectText(page, "h1", "Page 2 by patch");
    await page.getByRole("link", { name: "About" }).click();
    await expectText(page, "h1", "About");
    await joinsAgain(page, async () => {
      await first.close();
      await start(make(), port);
    });
    await page.goBack();
    await expectText(page, "h1", "Page 2 by navigate");
    await page.goBack();
    await expectText(page, "h1", "Page 1 by patch");
    expect(loads()).toBe(1);
    await page.goForward();
    await expectText(page, "h1", "Page 2 by patch");
    await page.reload();
    await connected(page);
    await expectText(page, "h1", "Page 2 by load");
    await page.goBack();
    await expectText(page, "h1", "Page 1 by patch");
    expect(new URL(page.url()).search).toBe("");
  });
});

describe("files that change with a deploy", () => {
  it("are told to the views of pages that have older ones", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const make = (file: string): LiveApp => {
      const options: AppOptions = {
        ...production(url),
        limits: { drainWindowMs: 1 },
        logger: rememberingLogger(),
        staticPaths: [file],
        layout: (content, page) => html`<!doctype html>
<html lang="en">
  <head>
    <meta name="csrf-token" content="${page.csrfToken}">
    ${page.titleElement}${page.scripts}
    <link rel="stylesheet" phx-track-static href="${file}">
  </head>
  <body>${content}</body>
</html>`,
        fetch: () => new Response("body { margin: 0 }", { headers: { "content-type": "text/css" } }),
      };
      return createLiveApp({ ...options, routes: createPages() });
    };
    let server = await start(make("/site-1.css"), port);
    const { page, loads } = await visit(`${url}/about`);
    const status = page.getByRole("status").filter({ hasText: "New version" });
    const restart = (file: string): Promise<void> =>
      joinsAgain(page, async () => {
        await server.close();
        server = await start(make(file), port);
      });
    await restart("/site-1.css");
    expect(await status.count()).toBe(0);
    await restart("/site-2.css");
    await status.waitFor();
    // Live navigation keeps the old file, and the page load gets the new one.
    await page.getByRole("link", { name: "List" }).click();
    await page.getByRole("link", { name: "About" }).click();
    await status.waitFor();
    expect(loads()).toBe(1);
    await page.reload();
    await connected(page);
    expect(await status.count()).toBe(0);
  });
});

describe("links that lead elsewhere than they say", () => {
  it("never take the page to another site by live navigation", async () => {
    const hostile = ["//evil.example/x", "/\\evil.example/x", "https://evil.example/x", "javascript:alert(1)"];
    const page = createLiveView({
      render: () =>
        html`<h1>Links</h1>${hostile.map((to, index) => link({ navigate: to, id: `link-${index}` }, `${index}`))}`,
    });
    const { url } = await start(createLiveApp({ logger: rememberingLogger(), routes: { "/": page, "/x": page } }));
    const opened = await visit(url);
    expect(
      await opened.page
        .locator("a")
        .evaluateAll((links: HTMLElement[]) => links.map(({ dataset }) => dataset["phxLink"])),
    ).toEqual([undefined, undefined, undefined, undefined]);
    expect(await opened.page.locator("#link-3").getAttribute("href")).toBe("about:blank#blocked");
  });
});
