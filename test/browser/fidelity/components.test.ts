/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import { createLiveComponent, createLiveView, each, html, liveComponent, type LiveStream } from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario, type Twin } from "./both.ts";

// As fidelity.test.ts, for live components: after every step the kit and Chromium must show the same.

const tools = useBrowser();

async function open(scenario: Scenario): Promise<Twin> {
  const [twin] = await openBoth(tools, scenario, "/");
  return twin!;
}

type Item = { id: string; text: string };

/** Counts by itself, and has a field that nobody but the user changes. */
const row = createLiveComponent<{ id: string; text: string }, { count: number }, { type: "up" }>({
  name: "row",
  initial: { count: 0 },
  handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ id, text, count }, meta) => html`
    <li>${text} <b>${count}</b><button id="up-${id}" phx-click="${meta.event("up")}">+</button><input id="field-${id}" name="note"></li>`,
});

type ListEvents =
  | { type: "add"; id: string }
  | { type: "drop"; id: string }
  | { type: "turn" }
  | { type: "rename"; id: string }
  | { type: "frame" }
  | { type: "back" };

/** What can be done to a list of components. */
const list = createLiveView<{ items: readonly Item[]; isFramed: boolean; gone: readonly Item[] }, ListEvents>({
  initial: { items: ["a", "b", "c"].map((id) => ({ id, text: id })), isFramed: false, gone: [] },
  handleEvent: (event, socket) => {
    const { items, gone } = socket.context;
    switch (event.type) {
      case "add":
        return socket.assign({ items: [...items, { id: event.id, text: event.id }] });
      case "drop":
        return socket.assign({
          items: items.filter(({ id }) => id !== event.id),
          gone: [...gone, ...items.filter(({ id }) => id === event.id)],
        });
      case "back":
        return socket.assign({ items: [...gone, ...items], gone: [] });
      case "turn":
        return socket.assign({ items: items.toReversed() });
      case "rename":
        return socket.assign({ items: items.map((item) => (item.id === event.id ? { ...item, text: "new" } : item)) });
      case "frame":
        return socket.assign({ isFramed: !socket.context.isFramed });
    }
  },
  render: ({ items, isFramed }, meta) => {
    const rows = html`<ul>${each(
      items,
      ({ id }) => id,
      (item) => liveComponent(row, item),
    )}</ul>`;
    return html`
      <button id="turn" phx-click="turn">turn</button><button id="frame" phx-click="frame">frame</button>
      <button id="add" phx-click="${meta.event("add", { id: "d" })}">add</button><button id="back" phx-click="back">back</button>
      <button id="drop" phx-click="${meta.event("drop", { id: "b" })}">drop</button>
      <button id="rename" phx-click="${meta.event("rename", { id: "b" })}">rename</button>
      ${isFramed ? html`<section>${rows}</section>` : rows}`;
  },
});

describe("live components in a list", () => {
  it("change by themselves, and leave what was typed into the others", async () => {
    const page = await open({ routes: () => ({ "/": list }) });
    await page.fill("#field-a", "typed");
    await page.fill("#field-b", "typed too");
    await page.click("#up-b");
    await page.click("#up-b");
    await page.click("#up-c");
    await page.click("#rename");
  });

  it("keep their state and their fields when they move", async () => {
    const page = await open({ routes: () => ({ "/": list }) });
    await page.click("#up-c");
    await page.fill("#field-c", "typed");
    await page.click("#turn");
    await page.click("#up-a");
    await page.click("#frame");
    await page.click("#up-b");
    await page.click("#add");
    await page.click("#up-d");
    await page.click("#frame");
  });

  it("leave the page, and come back anew", async () => {
    const page = await open({ routes: () => ({ "/": list }) });
    await page.click("#up-b");
    await page.fill("#field-b", "typed");
    await page.click("#drop");
    await page.click("#up-a");
    await page.click("#back");
    await page.click("#up-b");
    await page.click("#turn");
  });

  it("are all anew after a reconnect", async () => {
    const page = await open({ routes: () => ({ "/": list }) });
    await page.click("#up-b");
    await page.disconnect();
    await page.reconnect();
    await page.click("#up-b");
  });
});

describe("live components inside each other", () => {
  const inner = createLiveComponent<{ id: string; label: string }, { isOn: boolean }, { type: "switch" }>({
    name: "inner",
    initial: { isOn: false },
    handleEvent: (_event, socket) => socket.assign({ isOn: !socket.context.isOn }),
    render: ({ id, label, isOn }, meta) =>
      html`<button id="inner-${id}" phx-click="${meta.event("switch")}">${label} is ${isOn ? "on" : "off"}</button>`,
  });
  /** Its element changes its name. */
  const outer = createLiveComponent<{ label: string }, { clicks: number }, { type: "click" }>({
    name: "outer",
    initial: { clicks: 0 },
    handleEvent: (_event, socket) => socket.assign({ clicks: socket.context.clicks + 1 }),
    render: ({ label, clicks }, meta) => {
      const content = html`
        <button id="outer" phx-click="click" phx-target="${meta.self}">${label} ${clicks}</button>
        ${liveComponent(inner, { id: "always", label: `${label} ${clicks}` })}
        ${clicks % 3 === 1 && liveComponent(inner, { id: "sometimes", label })}`;
      return clicks % 4 === 3 ? html`<article>${content}</article>` : html`<section>${content}</section>`;
    },
  });
  const view = createLiveView<{ label: string; isOpen: boolean }>({
    initial: { label: "Lamp", isOpen: true },
    handleEvent: (event, socket) => {
      if (event.type === "rename") socket.assign({ label: `${socket.context.label}!` });
      else socket.assign({ isOpen: !socket.context.isOpen });
    },
    render: ({ label, isOpen }) => html`
      <button id="rename" phx-click="rename">rename</button><button id="toggle" phx-click="toggle">toggle</button>
      ${isOpen && liveComponent(outer, { id: 1, label })}`,
  });

  it("change apart and together", async () => {
    const page = await open({ routes: () => ({ "/": view }) });
    await page.click("#inner-always");
    await page.click("#outer");
    await page.click("#inner-sometimes");
    await page.click("#inner-always");
    await page.click("#rename");
    await page.click("#outer");
    await page.click("#outer");
    await page.click("#inner-always");
    await page.click("#outer");
    await page.click("#outer");
  });

  it("go and come as one", async () => {
    const page = await open({ routes: () => ({ "/": view }) });
    await page.click("#outer");
    await page.click("#inner-sometimes");
    await page.click("#toggle");
    await page.click("#toggle");
    await page.click("#inner-always");
    await page.click("#outer");
    await page.click("#inner-sometimes");
  });
});

describe("the target of an event", () => {
  const log = createLiveComponent<{ id: string }, { lines: readonly string[] }>({
    name: "log",
    initial: { lines: [] },
    handleEvent: (event, socket) => {
      socket.assign({ lines: [...socket.context.lines, JSON.stringify(event)] });
      return { reply: { lines: socket.context.lines.length } };
    },
    render: ({ id, lines }, meta) => html`
      <div id="${id}" class="log">
        <form id="form-${id}" phx-change="changed" phx-submit="submitted" phx-target="${meta.self}"><input id="input-${id}" name="text"><button id="send-${id}">send</button></form>
        <form id="typed-${id}" phx-change="${meta.event("typed")}"><input id="typed-input-${id}" name="text"></form>
        <input id="key-${id}" phx-keydown="key" phx-target="#log-b">
        <button id="both-${id}" phx-click="both" phx-target=".log">both</button>
        <button id="none-${id}" phx-click="none">none</button>
        <button id="chain-${id}" phx-click="${meta.js.push("chained", { value: { a: 1 } }).addClass("seen")}">chain</button>
        <button id="selector-${id}" phx-click="${meta.js.push("other", { target: "#log-a button" })}">other</button>
        <ol>${lines.map((line) => html`<li>${line}</li>`)}</ol>
      </div>`,
  });
  const view = createLiveView<{ lines: readonly string[] }>({
    initial: { lines: [] },
    handleEvent: (event, socket) => socket.assign({ lines: [...socket.context.lines, JSON.stringify(event)] }),
    render: ({ lines }) => html`
      <p id="hook" phx-hook="Pusher"></p>
      ${liveComponent(log, { id: "log-a" })}${liveComponent(log, { id: "log-b" })}
      <ol>${lines.map((line) => html`<li>${line}</li>`)}</ol>`,
  });

  it("is the component itself, another one, several, or the view", async () => {
    const page = await open({ routes: () => ({ "/": view }) });
    await page.fill("#input-log-a", "one");
    await page.fill("#typed-input-log-b", "two");
    await page.key("#key-log-a", "F2");
    await page.click("#both-log-a");
    await page.click("#none-log-b");
    await page.click("#chain-log-b");
    await page.click("#selector-log-b");
    await page.click("#send-log-b");
    await page.hook("#hook", "hello", { from: "the hook" });
  });

  it("is found again for forms that are recovered", async () => {
    const page = await open({ routes: () => ({ "/": view }) });
    await page.fill("#input-log-b", "kept");
    await page.fill("#typed-input-log-a", "kept as well");
    await page.disconnect();
    await page.reconnect();
  });
});

describe("live components in streams", () => {
  const card = createLiveComponent<{ id: string; text: string }, { stars: number }, { type: "star" }>({
    name: "card",
    initial: { stars: 0 },
    handleEvent: (_event, socket) => socket.assign({ stars: socket.context.stars + 1 }),
    render: ({ id, text, stars }, meta) =>
      html`<p id="${id}">${text} <button id="star-${id}" phx-click="${meta.event("star")}">${stars}</button></p>`,
  });
  const view = createLiveView<{ cards: LiveStream<Item>; next: number }>({
    mount: (socket) => {
      socket.assign({ next: 3 });
      socket.stream("cards", [
        { id: "1", text: "one" },
        { id: "2", text: "two" },
      ]);
    },
    handleEvent: (event, socket) => {
      const { next } = socket.context;
      if (event.type === "delete") return socket.streamDeleteByDomId("cards", "cards-1");
      socket.streamInsert("cards", { id: String(next), text: `card ${next}` }, { at: 0, limit: 3 });
      socket.assign({ next: next + 1 });
    },
    render: ({ cards, next }) => html`
      <button id="insert" phx-click="insert">insert ${next}</button><button id="delete" phx-click="delete">delete</button>
      <div id="cards" phx-update="stream">${cards.map((id, { text }) => liveComponent(card, { id, text }))}</div>`,
  });

  it("change where they are, and go with their row", async () => {
    const page = await open({ routes: () => ({ "/": view }) });
    await page.click("#star-cards-2");
    await page.click("#insert");
    await page.click("#star-cards-3");
    await page.click("#star-cards-2");
    await page.click("#delete");
    await page.click("#insert");
    await page.click("#insert");
    await page.click("#insert");
    await page.click("#star-cards-5");
  });

  const counter = createLiveComponent<
    { id: string; push?: number },
    { n: number },
    { type: "inc" } | { type: "both" },
    { type: "told" }
  >({
    name: "counter",
    initial: { n: 0 },
    update: (socket, { id, push }) => socket.assign({ id, n: push ?? socket.context.n }),
    handleEvent: (event, socket) => {
      socket.assign({ n: socket.context.n + 1 });
      if (event.type === "both") socket.sendParent({ type: "told" });
    },
    render: ({ id, n }, meta) => html`
      <p id="${id}"><b id="n-${id}">${n}</b> <button id="inc-${id}" phx-click="${meta.event("inc")}">+</button>
        <button id="both-${id}" phx-click="${meta.event("both")}">and the view</button></p>`,
  });
  const page = createLiveView<
    { rows: LiveStream<{ id: number }>; total: number; isWide: boolean },
    { type: "wide" } | { type: "push" },
    { type: "told" }
  >({
    initial: { total: 0, isWide: false },
    mount: (socket) => socket.stream("rows", [{ id: 1 }, { id: 2 }]),
    handleInfo: (_info, socket) => socket.assign({ total: socket.context.total + 1 }),
    handleEvent: (event, socket) => {
      const { total, isWide } = socket.context;
      if (event.type === "wide") return socket.assign({ isWide: !isWide });
      // Both are for the view's next turn, which sends one message.
      socket.sendInfo("told");
      socket.sendUpdate(counter, "rows-1", { push: total + 10 });
    },
    render: ({ rows, total, isWide }, meta) => {
      const content = html`
        <button id="wide" phx-click="wide">wide</button><button id="push" phx-click="push">push</button><i id="total">${total}</i>
        <div id="rows" phx-update="stream">${rows.map((id) => meta.liveComponent(counter, { id }))}</div>`;
      return isWide ? html`<main>${content}</main>` : html`<article>${content}</article>`;
    },
  });

  it("change in one message with the view around them", async () => {
    const twin = await open({ routes: () => ({ "/": page }) });
    await twin.click("#both-rows-1");
    await twin.click("#both-rows-2");
    await twin.click("#push");
    twin.reads("#n-rows-1", "12");
    twin.reads("#total", "3");
    await twin.click("#inc-rows-1");
    twin.reads("#n-rows-1", "13");
    twin.reads("#n-rows-2", "1");
    twin.reads("#total", "3");
  });

  it("go on after all around them was replaced", async () => {
    const twin = await open({ routes: () => ({ "/": page }) });
    await twin.click("#inc-rows-1");
    await twin.click("#wide");
    await twin.click("#inc-rows-1");
    await twin.click("#inc-rows-2");
    twin.reads("#n-rows-1", "2");
    twin.reads("#n-rows-2", "1");
  });
});
