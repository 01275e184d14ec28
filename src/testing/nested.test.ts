import { afterEach, describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, liveRender, SingleProcessPubSub, topic, type LiveApp } from "wingbeat";
import { closePages, visit } from "wingbeat/testing";

afterEach(closePages);

const logger = { info: () => {}, warn: () => {}, error: () => {} };

function appOf(options: Omit<Parameters<typeof createLiveApp>[0], "session">): LiveApp {
  return createLiveApp({
    secret: "only-for-tests-0123456789-0123456789",
    pubSub: new SingleProcessPubSub({ isolated: true }),
    logger,
    ...options,
  });
}

const counter = createLiveView<
  { count: number; label: string },
  { type: "add" },
  { type: "set"; to: number },
  { label: string }
>({
  mount: (socket, { label }) => socket.assign({ count: 0, label }),
  handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
  handleInfo: ({ to }, socket) => socket.assign({ count: to }),
  render: ({ count, label }) => html`<button phx-click="add">${label} ${count}</button>`,
});

const page = createLiveView<{ name: string; isOpen: boolean }, { type: "rename"; name: string } | { type: "toggle" }>({
  initial: { name: "Ada", isOpen: true },
  handleEvent: (event, socket) => {
    if (event.type === "rename") socket.assign({ name: "Grace" });
    else socket.assign({ isOpen: !socket.context.isOpen });
  },
  render: ({ name, isOpen }) => html`<h1>${name}</h1>
    <button id="rename" phx-click="rename">Rename</button>
    <button id="toggle" phx-click="toggle">Toggle</button>
    ${isOpen && html`<section>${liveRender(counter, { id: "counter", session: { label: `Of ${name}:` } })}</section>`}`,
});

describe("a nested view in a test", () => {
  it("is shown, gets the events of its elements, and keeps its state while the view around it changes", async () => {
    const opened = await visit(appOf({ routes: { "/": page } }), "/");
    expect(opened.text()).toBe("Ada Rename Toggle Of Ada: 0");
    await opened.element("#counter button").click();
    await opened.element("#rename").click();
    await opened.element("#counter button").click();
    expect(opened.text()).toBe("Grace Rename Toggle Of Ada: 2");
  });

  it("is sent infos by its id, typed by the view", async () => {
    const opened = await visit(appOf({ routes: { "/": page } }), "/");
    const child = opened.child("counter", counter);
    await child.send({ type: "set", to: 40 });
    expect([child.text(), child.isConnected]).toEqual(["Of Ada: 40", true]);
  });

  it("begins anew when it crashes, and leaves the view around it", async () => {
    const opened = await visit(appOf({ routes: { "/": page } }), "/");
    await opened.element("#rename").click();
    await opened.element("#counter button").click();
    await opened.child("counter").crash();
    expect(opened.text()).toBe("Grace Rename Toggle Of Ada: 0");
    await opened.element("#counter button").click();
    expect(opened.child("counter").text()).toBe("Of Ada: 1");
  });

  it("begins anew with the view around it when that crashes", async () => {
    const app = appOf({ routes: { "/": page } });
    const opened = await visit(app, "/");
    await opened.element("#counter button").click();
    await opened.crash();
    expect(opened.text()).toBe("Ada Rename Toggle Of Ada: 0");
    expect(app.stats().views).toBe(2);
  });

  it("ends when its element leaves the page, and begins anew when it is back", async () => {
    const app = appOf({ routes: { "/": page } });
    const opened = await visit(app, "/");
    await opened.element("#counter button").click();
    await opened.element("#toggle").click();
    expect([opened.has("#counter"), app.stats().views]).toEqual([false, 1]);
    await opened.element("#toggle").click();
    expect([opened.child("counter").text(), app.stats().views]).toEqual(["Of Ada: 0", 2]);
  });

  it("is back after a reconnect, and with the page it ends", async () => {
    const app = appOf({ routes: { "/": page } });
    const opened = await visit(app, "/");
    await opened.disconnect();
    expect(app.stats().views).toBe(0);
    await opened.reconnect();
    await opened.element("#counter button").click();
    expect(opened.child("counter").text()).toBe("Of Ada: 1");
    opened.close();
    await opened.settled();
    expect(app.stats().views).toBe(0);
  });

  it("can be nested in a nested one, whose end is its own", async () => {
    const outer = createLiveView<{}, never, never, {}>({
      initial: {},
      render: () => html`<div>outer ${liveRender(counter, { id: "inner", session: { label: "inner" } })}</div>`,
    });
    const root = createLiveView<{ isOpen: boolean }, { type: "close" }>({
      initial: { isOpen: true },
      handleEvent: (_event, socket) => socket.assign({ isOpen: false }),
      render: ({ isOpen }) => html`<button id="close" phx-click="close">Close</button>
        ${isOpen && liveRender(outer, { id: "outer", container: "section" })}`,
    });
    const app = appOf({ routes: { "/": root } });
    const opened = await visit(app, "/");
    expect([opened.text(), app.stats().views]).toEqual(["Close outer inner 0", 3]);
    await opened.element("#inner button").click();
    await opened.child("outer").crash();
    expect([opened.text(), app.stats().views]).toEqual(["Close outer inner 0", 3]);
    await opened.element("#close").click();
    expect([opened.text(), app.stats().views]).toEqual(["Close", 1]);
  });
});

describe("a sticky view in a test", () => {
  const player = createLiveView<{ song: string; plays: number }, { type: "play" }, never, { song: string }>({
    mount: (socket, { song }) => socket.assign({ song, plays: 0 }),
    handleEvent: (_event, socket) => socket.assign({ plays: socket.context.plays + 1 }),
    render: ({ song, plays }) => html`<button phx-click="play">${song} × ${plays}</button>`,
  });
  const pageOf = (name: string, next: string, hasPlayer = true) =>
    createLiveView<{}, { type: "go" }>({
      initial: {},
      handleEvent: (_event, socket) => socket.pushNavigate(next),
      render: () => html`<h1>${name}</h1>
        <button id="go" phx-click="go">Go</button>
        ${hasPlayer && liveRender(player, { id: "player", sticky: true, session: { song: "Blue" } })}`,
    });
  const playerApp = (): LiveApp =>
    appOf({
      views: { player },
      routes: { "/": pageOf("One", "/two"), "/two": pageOf("Two", "/three"), "/three": pageOf("Three", "/", false) },
    });

  it("outlives a live navigation to a page that has it too, and ends on one that has not", async () => {
    const app = playerApp();
    const opened = await visit(app, "/");
    await opened.element("#player button").click();
    await opened.element("#go").click();
    expect(opened.text()).toBe("Two Go Blue × 1");
    await opened.element("#player button").click();
    expect([opened.child("player").text(), app.stats().views]).toEqual(["Blue × 2", 2]);
    await opened.element("#go").click();
    expect([opened.text(), app.stats().views]).toEqual(["Three Go", 1]);
    await opened.element("#go").click();
    expect([opened.text(), app.stats().views]).toEqual(["One Go Blue × 0", 2]);
  });

  it("outlives a crash of the view that placed it, and is back by itself after a reconnect", async () => {
    const opened = await visit(playerApp(), "/");
    await opened.element("#player button").click();
    await opened.crash();
    expect(opened.text()).toBe("One Go Blue × 1");
    await opened.disconnect();
    await opened.reconnect();
    expect(opened.text()).toBe("One Go Blue × 0");
    await opened.element("#player button").click();
    expect(opened.text()).toBe("One Go Blue × 1");
  });
});

describe("two pages with nested views", () => {
  it("hear of each other in their children, while the views around them are not asked", async () => {
    const said = topic<{ type: "said"; text: string }>("said");
    const chat = createLiveView<{ lines: readonly string[] }, { type: "say" }, { type: "said"; text: string }>({
      mount: async (socket) => {
        await socket.subscribe(said);
        socket.assign({ lines: [] });
      },
      handleEvent: (_event, socket) => void socket.broadcast(said, { type: "said", text: "hello" }),
      handleInfo: ({ text }, socket) => socket.assign({ lines: [...socket.context.lines, text] }),
      render: ({ lines }) => html`<button phx-click="say">Say</button>${lines.join(" ")}`,
    });
    let renders = 0;
    const around = createLiveView<{}>({
      initial: {},
      render: () => html`<h1>${++renders > 0 && "Chat"}</h1>${liveRender(chat, { id: "chat" })}`,
    });
    const app = appOf({ routes: { "/": around }, development: false, origins: ["http://localhost"] });
    const [ada, grace] = await Promise.all([visit(app, "/"), visit(app, "/")]);
    const before = renders;
    await ada.element("#chat button").click();
    await grace.settled();
    expect([ada.text(), grace.text(), renders - before]).toEqual(["Chat Say hello", "Chat Say hello", 0]);
  });
});
