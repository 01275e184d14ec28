import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, liveRender, topic } from "wingbeat";
import { freePort } from "../support/free-port.ts";
import { joinsAgain } from "./moments.ts";
import { expectText, production, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

type CounterEvent = { type: "add" } | { type: "crash" };

const counter = createLiveView<{ count: number; label: string }, CounterEvent, never, { label: string }>({
  mount: (socket, session) => socket.assign({ count: 0, label: session.label }),
  handleEvent: (event, socket) => {
    if (event.type === "crash") throw new Error("on purpose");
    socket.assign({ count: socket.context.count + 1 });
  },
  render: ({ count, label }) =>
    html`<button class="add" phx-click="add">${label} ${count}</button>
      <button class="crash" phx-click="crash">Crash</button>`,
});

const parent = createLiveView<
  { clicks: number; isOpen: boolean },
  { type: "up" } | { type: "close" } | { type: "crash" }
>({
  initial: { clicks: 0, isOpen: true },
  handleEvent: (event, socket) => {
    if (event.type === "crash") throw new Error("on purpose");
    if (event.type === "close") socket.assign({ isOpen: false });
    else socket.assign({ clicks: socket.context.clicks + 1 });
  },
  render: ({ clicks, isOpen }) =>
    html`<h1>${clicks}</h1>
      <button id="up" phx-click="up">Up</button> <button id="close" phx-click="close">Close</button>
      <button id="crash" phx-click="crash">Crash</button>
      <div>${isOpen && liveRender(counter, { id: "kid", session: { label: `At ${clicks}:` } })}</div>`,
});

const quiet = { logger: rememberingLogger(), onError: () => {} };

describe("a nested view", () => {
  it("is in the first page, keeps its element and its state while the view around it changes, and ends when it goes", async () => {
    const app = createLiveApp({ ...quiet, routes: { "/": parent } });
    const { url } = await start(app);
    expect(await (await fetch(url)).text()).toContain("At 0: 0</button>");
    const { page, problems } = await visit(url);
    const element = await page.waitForSelector("#kid .add");
    await element.click();
    await expectText(page, "#kid .add", "At 0: 1");
    await page.click("#up");
    await expectText(page, "h1", "1");
    await element.click();
    await expectText(page, "#kid .add", "At 0: 2");
    expect(await element.evaluate((button) => button.isConnected)).toBe(true);
    await page.click("#close");
    await expect.poll(() => app.stats().views).toBe(1);
    expect(problems).toEqual([]);
  });

  it("crashes alone: the view around it and another page do not notice", async () => {
    const { url } = await start(createLiveApp({ ...quiet, routes: { "/": parent } }));
    const [ada, grace] = await Promise.all([visit(url), visit(url)]);
    for (const { page } of [ada, grace]) {
      await page.click("#up");
      await page.click("#kid .add");
      await expectText(page, "#kid .add", "At 0: 1");
    }
    await joinsAgain(
      ada.page,
      async () => {
        await ada.page.click("#kid .crash");
        await ada.page.click("#up");
        await expectText(ada.page, "h1", "2");
      },
      "#kid",
    );
    await expectText(ada.page, "#kid .add", "At 0: 0");
    await ada.page.click("#kid .add");
    await expectText(ada.page, "#kid .add", "At 0: 1");
    await expectText(grace.page, "#kid .add", "At 0: 1");
    expect([ada.loads(), grace.loads()]).toEqual([1, 1]);
  });

  it("ends with the view around it, and begins anew with that", async () => {
    const app = createLiveApp({ ...quiet, routes: { "/": parent } });
    const { url } = await start(app);
    const { page, loads } = await visit(url);
    await page.click("#kid .add");
    await expectText(page, "#kid .add", "At 0: 1");
    await joinsAgain(page, () => page.click("#crash"));
    await expectText(page, "#kid.phx-connected .add", "At 0: 0");
    await page.click("#kid .add");
    await expectText(page, "#kid .add", "At 0: 1");
    await expect.poll(() => app.stats().views).toBe(2);
    expect(loads()).toBe(1);
  });

  it("whose mount fails does not keep the page from living, and is there as soon as it mounts", async () => {
    let fails = true;
    const moody = createLiveView<{}>({
      initial: {},
      mount: (socket) => {
        if (socket.connected && fails) throw new Error("not today");
      },
      render: () => html`<p>I am here</p>`,
    });
    const around = createLiveView<{ n: number }, { type: "up" }>({
      initial: { n: 0 },
      handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: ({ n }) => html`<button id="up" phx-click="up">${n}</button>${liveRender(moody, { id: "moody" })}`,
    });
    const { url } = await start(createLiveApp({ ...quiet, routes: { "/": around } }));
    const { page, loads } = await visit(url);
    await page.click("#up");
    await expectText(page, "#up", "1");
    await page.waitForSelector("#moody.phx-error", { state: "attached" });
    fails = false;
    await expectText(page, "#moody.phx-connected", "I am here");
    await page.click("#up");
    await expectText(page, "#up", "2");
    expect(loads()).toBe(1);
  });

  it("of one page hears what that of another says", async () => {
    const said = topic<{ type: "said"; text: string }>("said-in-nested");
    const chat = createLiveView<
      { lines: readonly string[] },
      { type: "say"; text: string },
      { type: "said"; text: string }
    >({
      mount: async (socket) => {
        await socket.subscribe(said);
        socket.assign({ lines: [] });
      },
      handleEvent: ({ text }, socket) => void socket.broadcast(said, { type: "said", text }),
      handleInfo: ({ text }, socket) => socket.assign({ lines: [...socket.context.lines, text] }),
      render: ({ lines }) => html`<form id="say" phx-submit="say"><input name="text"></form><p>${lines.join(" ")}</p>`,
    });
    const around = createLiveView<{}>({ initial: {}, render: () => html`${liveRender(chat, { id: "chat" })}` });
    const { url } = await start(createLiveApp({ ...quiet, routes: { "/": around } }));
    const [ada, grace] = await Promise.all([visit(url), visit(url)]);
    await ada.page.fill("#say input", "hello");
    await ada.page.press("#say input", "Enter");
    for (const { page } of [ada, grace]) await expectText(page, "#chat p", "hello");
  });
});

describe("a sticky view", () => {
  const player = createLiveView<{ plays: number; song: string }, { type: "play" }, never, { song: string }>({
    mount: (socket, { song }) => socket.assign({ plays: 0, song }),
    handleEvent: (_event, socket) => socket.assign({ plays: socket.context.plays + 1 }),
    render: ({ plays, song }) =>
      html`<button class="play" phx-click="play">${song} × ${plays}</button><input id="note" aria-label="Note">`,
  });
  const pageOf = (name: string, next: string, hasPlayer: boolean) =>
    createLiveView<{}>({
      initial: {},
      render: () =>
        html`<h1>${name}</h1> <a id="next" href="${next}" data-phx-link="redirect" data-phx-link-state="push">Next</a>
          ${hasPlayer && liveRender(player, { id: "player", sticky: true, session: { song: "Blue" } })}`,
    });
  const routes = {
    "/": pageOf("One", "/two", true),
    "/two": pageOf("Two", "/three", true),
    "/three": pageOf("Three", "/", false),
  };

  it("goes along from page to page with its state, its element and what was typed, until one has no place for it", async () => {
    const app = createLiveApp({ ...quiet, views: { player }, routes });
    const { url } = await start(app);
    const { page, loads, problems } = await visit(url);
    const button = await page.waitForSelector("#player.phx-connected .play");
    await button.click();
    await expectText(page, "#player .play", "Blue × 1");
    await page.fill("#note", "typed");
    await page.click("#next");
    await expectText(page, "h1", "Two");
    expect(await button.evaluate((element) => element.isConnected)).toBe(true);
    expect(await page.inputValue("#note")).toBe("typed");
    await button.click();
    await expectText(page, "#player .play", "Blue × 2");
    await page.click("#next");
    await expectText(page, "h1", "Three");
    await expect.poll(() => app.stats().views).toBe(1);
    await page.click("#next");
    await expectText(page, "#player.phx-connected .play", "Blue × 0");
    expect([loads(), problems]).toEqual([1, []]);
  });

  it("is brought back by the browser after a reconnect, by a server that has never seen the page", async () => {
    // Not in development, in which a page loads anew when its server has started anew.
    const appAt = (url: string) => createLiveApp({ ...quiet, ...production(url), views: { player }, routes });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const first = await start(appAt(url), port);
    const { page, loads } = await visit(url);
    await page.click("#next");
    await expectText(page, "h1", "Two");
    await page.click("#player.phx-connected .play");
    await expectText(page, "#player .play", "Blue × 1");
    await first.close();
    await start(appAt(url), port);
    await expectText(page, "#player.phx-connected .play", "Blue × 0");
    await page.click("#player .play");
    await expectText(page, "#player .play", "Blue × 1");
    expect(loads()).toBe(1);
  });
});
