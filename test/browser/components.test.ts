import { describe, expect, it } from "vitest";
import {
  createLiveApp,
  createLiveComponent,
  createLiveView,
  each,
  html,
  liveComponent,
  SingleProcessPubSub,
  topic,
  type LiveStream,
} from "wingbeat";
import { clickWhenAnswered, connected, expectText, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

type Votes = { type: "voted"; id: string; votes: number };
const voted = topic<Votes>("votes");

/** A poll of several components: who votes tells the view, which tells all pages, which tell their component. */
function poll() {
  const stored = new Map([
    ["a", 0],
    ["b", 0],
  ]);
  const option = createLiveComponent<
    { id: string; votes: number },
    { own: number },
    { type: "vote" },
    { type: "vote"; id: string }
  >({
    name: "option",
    initial: { own: 0 },
    handleEvent: (_event, socket) => {
      const { id, own } = socket.context;
      socket.assign({ own: own + 1 });
      socket.sendParent({ type: "vote", id });
    },
    render: ({ id, votes, own }, meta) =>
      html`<p id="${id}"><b>${votes}</b> votes, <i>${own}</i> of them from here <button phx-click="${meta.event("vote")}">Vote</button></p>`,
  });
  return createLiveView<{ ids: readonly string[] }, never, Votes | { type: "vote"; id: string }>({
    initial: { ids: ["a", "b"] },
    mount: (socket) => void socket.subscribe(voted),
    handleInfo: (info, socket) => {
      if (info.type === "voted") return socket.sendUpdate(option, info.id, { votes: info.votes });
      const votes = (stored.get(info.id) ?? 0) + 1;
      stored.set(info.id, votes);
      return socket.broadcast(voted, { type: "voted", id: info.id, votes }).then(() => {});
    },
    render: ({ ids }, meta) => html`${ids.map((id) => meta.liveComponent(option, { id, votes: stored.get(id) ?? 0 }))}`,
  });
}

describe("live components of two pages", () => {
  it("keep what is their own apart, and share what their views tell each other", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const { url } = await start(createLiveApp({ pubSub, routes: { "/": poll() } }));
    const [ada, grace] = await Promise.all([visit(url), visit(url)]);
    await ada.page.click("#a button");
    await expectText(grace.page, "#a b", "1");
    await grace.page.click("#a button");
    await grace.page.click("#b button");
    for (const { page } of [ada, grace]) {
      await expectText(page, "#a b", "2");
      await expectText(page, "#b b", "1");
    }
    await expectText(ada.page, "#a i", "1");
    await expectText(ada.page, "#b i", "0");
    await expectText(grace.page, "#a i", "1");
    await expectText(grace.page, "#b i", "1");
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });
});

describe("live components in the rows of a stream", () => {
  it("are edited in place on each page while others' rows come, and go with their rows", async () => {
    type Line = { id: string; text: string };
    type News = { type: "said"; line: Line } | { type: "removed"; id: string };
    type Saved = { type: "saved"; line: Line };
    const heard = topic<News>("lines");
    const row = createLiveComponent<
      Line,
      { isOpen: boolean },
      { type: "edit" } | { type: "save"; text: string },
      Saved
    >({
      name: "row",
      initial: { isOpen: false },
      handleEvent: (event, socket) => {
        socket.assign({ isOpen: event.type === "edit" });
        if (event.type !== "save") return;
        socket.sendParent({ type: "saved", line: { id: socket.context.id, text: event.text } });
      },
      render: ({ id, text, isOpen }, meta) => html`
        <li id="lines-${id}">${
          isOpen
            ? html`<form id="edit-${id}" phx-submit="${meta.event("save")}"><input name="text" value="${text}"></form>`
            : html`<b>${text}</b><button phx-click="${meta.event("edit")}">Edit</button>`
        }</li>`,
    });
    const view = createLiveView<{ lines: LiveStream<Line>; count: number }, { type: "say" | "remove" }, News | Saved>({
      initial: { count: 0 },
      mount: async (socket) => {
        await socket.subscribe(heard);
        socket.stream("lines", [{ id: "1", text: "one" }]);
      },
      handleEvent: ({ type }, socket) => {
        const id = String(socket.context.count + 2);
        if (type === "remove") return socket.broadcast(heard, { type: "removed", id: "1" });
        return socket.broadcast(heard, { type: "said", line: { id, text: `line ${id}` } });
      },
      handleInfo: (info, socket) => {
        if (info.type === "removed") return socket.streamDeleteByDomId("lines", `lines-${info.id}`);
        if (info.type === "saved") return socket.broadcast(heard, { type: "said", line: info.line });
        socket.streamInsert("lines", info.line);
        socket.assign({ count: socket.context.count + 1 });
      },
      render: ({ lines, count }, meta) => html`
        <i>${count}</i><button id="say" phx-click="say">Say</button><button id="remove" phx-click="remove">Remove</button>
        <ul id="lines" phx-update="stream">${lines.map((_domId, line) => meta.liveComponent(row, line))}</ul>`,
    });
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const { url } = await start(createLiveApp({ pubSub, routes: { "/": view } }));
    const [ada, grace] = await Promise.all([visit(url), visit(url)]);
    await ada.page.click("#say");
    await expectText(grace.page, "#lines-2 b", "line 2");
    await grace.page.click("#lines-1 button");
    await grace.page.fill("#lines-1 input", "unfinished");
    await clickWhenAnswered(ada.page, "#say");
    await expectText(grace.page, "#lines-3 b", "line 3");
    expect(await grace.page.inputValue("#lines-1 input")).toBe("unfinished");
    await grace.page.press("#lines-1 input", "Enter");
    for (const { page } of [ada, grace]) await expectText(page, "#lines-1 b", "unfinished");
    await ada.page.click("#remove");
    for (const { page } of [ada, grace]) {
      await expect.poll(() => page.locator("#lines li").count()).toBe(2);
      await page.click("#lines-2 button");
      await page.waitForSelector("#lines-2 input");
    }
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });
});

describe("a live component whose handler throws", () => {
  it("costs its own page its view, which is joined anew, and no other", async () => {
    const bomb = createLiveComponent<{ id: number }, { count: number }, { type: "tick" } | { type: "explode" }>({
      name: "bomb",
      initial: { count: 0 },
      handleEvent: async (event, socket) => {
        await Promise.resolve();
        if (event.type === "explode") throw new Error("boom");
        socket.assign({ count: socket.context.count + 1 });
      },
      render: ({ count }, meta) =>
        html`<p><b>${count}</b><button id="tick" phx-click="${meta.event("tick")}">tick</button><button id="explode" phx-click="${meta.event("explode")}">explode</button></p>`,
    });
    const view = createLiveView({ initial: {}, render: () => html`${liveComponent(bomb, { id: 1 })}` });
    const errors: unknown[] = [];
    const app = createLiveApp({
      routes: { "/": view },
      ...rememberingLogger(),
      onError: (error, { component, callback }) => void errors.push([String(error), component, callback]),
    });
    const { url } = await start(app);
    const [ada, grace] = await Promise.all([visit(url), visit(url)]);
    for (const { page } of [ada, grace]) {
      await page.click("#tick");
      await expectText(page, "b", "1");
    }
    await ada.page.click("#explode");
    await expectText(ada.page, "b", "0");
    await connected(ada.page);
    await ada.page.click("#tick");
    await expectText(ada.page, "b", "1");
    await expectText(grace.page, "b", "1");
    expect(errors).toEqual([["Error: boom", "bomb", "handleEvent"]]);
  });
});

describe("a live component that goes and comes back", () => {
  const counter = createLiveComponent<{ id: string }, { count: number }, { type: "up" }>({
    name: "counter",
    initial: { count: 0 },
    handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
    render: ({ id, count }, meta) => html`<p id="${id}"><button phx-click="${meta.event("up")}">${count}</button></p>`,
  });
  type Events = { type: "blink" } | { type: "toggle" };
  const view = createLiveView<{ isShown: boolean }, Events, { type: "show" }>({
    initial: { isShown: true },
    handleEvent: (event, socket) => {
      socket.assign({ isShown: event.type === "blink" ? false : !socket.context.isShown });
      // In a turn of its own, before the page can have said that the component has left it.
      if (event.type === "blink") socket.sendInfo("show");
    },
    handleInfo: (_info, socket) => socket.assign({ isShown: true }),
    render: ({ isShown }) =>
      html`<button id="blink" phx-click="blink">blink</button><button id="toggle" phx-click="toggle">toggle</button>${isShown && liveComponent(counter, { id: "c" })}`,
  });

  it("within one round trip is the same, and goes on to work", async () => {
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page, problems, sent } = await visit(url);
    await page.click("#c button");
    await expectText(page, "#c button", "1");
    await page.click("#blink");
    const partings = (): number => sent.filter((frame) => frame.includes("cids_will_destroy")).length;
    await expect.poll(partings).toBe(1);
    await expectText(page, "#c button", "1");
    await page.click("#c button");
    await expectText(page, "#c button", "2");
    await page.click("#blink");
    await page.click("#c button");
    await expectText(page, "#c button", "3");
    // Answered in the order in which they were asked: what the page makes of the second parting it has made after this.
    await expect.poll(partings).toBe(2);
    await page.click("#c button");
    await expectText(page, "#c button", "4");
    expect(sent.some((frame) => frame.includes("cids_destroyed"))).toBe(false);
    expect(problems).toEqual([]);
  });

  it("after the page has forgotten it is a new one", async () => {
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page, problems, sent } = await visit(url);
    await page.click("#c button");
    await expectText(page, "#c button", "1");
    await page.click("#toggle");
    await expect.poll(() => sent.some((frame) => frame.includes("cids_destroyed"))).toBe(true);
    await page.click("#toggle");
    await expectText(page, "#c button", "0");
    await page.click("#c button");
    await expectText(page, "#c button", "1");
    expect(problems).toEqual([]);
  });
});

describe("the target of an event", () => {
  it("is the component around it, another one by a selector, or the view", async () => {
    const box = createLiveComponent<{ id: string }, { heard: number }>({
      name: "box",
      initial: { heard: 0 },
      handleEvent: (_event, socket) => socket.assign({ heard: socket.context.heard + 1 }),
      render: ({ id, heard }, { self }) => html`
        <div id="${id}"><b>${heard}</b>
          <button class="self" phx-click="ring" phx-target="${self}">me</button>
          <button class="other" phx-click="ring" phx-target="#two">two</button>
          <button class="all" phx-click="ring" phx-target="#one, #two">both</button>
          <button class="view" phx-click="ring">the view</button></div>`,
    });
    const view = createLiveView<{ heard: number }>({
      initial: { heard: 0 },
      handleEvent: (_event, socket) => socket.assign({ heard: socket.context.heard + 1 }),
      render: ({ heard }) =>
        html`<h1>${heard}</h1>${liveComponent(box, { id: "one" })}${liveComponent(box, { id: "two" })}`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page, problems } = await visit(url);
    const expectHeard = async (view: string, one: string, two: string): Promise<void> => {
      await expectText(page, "h1", view);
      await expectText(page, "#one b", one);
      await expectText(page, "#two b", two);
    };
    await page.click("#one .self");
    await expectHeard("0", "1", "0");
    await page.click("#one .other");
    await expectHeard("0", "1", "1");
    await page.click("#two .all");
    await expectHeard("0", "2", "2");
    await page.click("#two .view");
    await expectHeard("1", "2", "2");
    expect(problems).toEqual([]);
  });
});

describe("a list of a thousand live components", () => {
  it("gets less than a hundred bytes when one of them changes, and leaves the fields of all others alone", async () => {
    const row = createLiveComponent<{ id: number }, { count: number }, { type: "up" }>({
      name: "row",
      initial: { count: 0 },
      handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
      render: ({ id, count }, meta) =>
        html`<li id="row-${id}">Row ${id}: <b>${count}</b> <button phx-click="${meta.event("up")}">+</button><input></li>`,
    });
    const ids = Array.from({ length: 1_000 }, (_, id) => id);
    const view = createLiveView({
      initial: {},
      render: () =>
        html`<ul>${each(
          ids,
          (id) => id,
          (id) => liveComponent(row, { id }),
        )}</ul>`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page, problems, received } = await visit(url);
    await page.fill("#row-1 input", "typed");
    const before = received.length;
    await page.click("#row-777 button");
    await expectText(page, "#row-777 b", "1");
    const frames = received.slice(before).filter((frame) => frame.includes('"c":'));
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatch(/"diff":\{"c":\{"778":\{"2":"1"\}\}\}/);
    expect(frames[0]?.length).toBeLessThan(100);
    expect(await page.inputValue("#row-1 input")).toBe("typed");
    expect(problems).toEqual([]);
  });
});
