/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import {
  attrs,
  createLiveComponent,
  createLiveView,
  each,
  html,
  liveComponent,
  liveRender,
  type LiveStream,
} from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario } from "./both.ts";

// Views in views: who gets which event, and what becomes of their elements while the views around them change.

const tools = useBrowser();

type CounterEvent = { type: "add" } | { type: "crash" } | { type: "typed"; text: string } | { type: "away" };

/** With what people put into views: buttons, a field, a hook, a part that comes and goes. */
const counter = createLiveView<{ n: number; text: string; label: string }, CounterEvent, never, { label: string }>({
  mount: (socket, { label }) => socket.assign({ n: 0, text: "", label }),
  handleEvent: (event, socket) => {
    const { n } = socket.context;
    if (event.type === "crash") throw new Error("on purpose");
    if (event.type === "typed") socket.assign({ text: event.text });
    else if (event.type === "away") socket.pushNavigate("/two");
    else socket.assign({ n: n + 1 });
    return { reply: { n } };
  },
  render: ({ n, text, label }) =>
    html`<button class="add" phx-click="add">${label} ${n}</button>
      <button class="crash" phx-click="crash">Crash</button> <button class="away" phx-click="away">Away</button>
      <i id="${`hook-${label}`}" phx-hook="Pusher">${text}</i>
      <form id="${`form-${label}`}" phx-change="typed"><input name="text" value="${text}"></form>
      ${n % 2 === 1 && html`<b>odd</b>`}`,
});

type PageEvent = { type: "up" } | { type: "crash" } | { type: "toggle" } | { type: "swap" };

interface PageContext {
  readonly n: number;
  readonly isOpen: boolean;
  readonly names: readonly string[];
}

const handlePageEvent = (event: PageEvent, { n, isOpen, names }: PageContext): Partial<PageContext> => {
  if (event.type === "crash") throw new Error("on purpose");
  if (event.type === "toggle") return { isOpen: !isOpen };
  if (event.type === "swap") return { names: names.toReversed() };
  return { n: n + 1 };
};

const pageWith = (content: (context: PageContext) => ReturnType<typeof html>): Scenario => ({
  routes: () => ({
    "/": createLiveView<PageContext, PageEvent>({
      initial: { n: 0, isOpen: true, names: ["a", "b", "c"] },
      handleEvent: (event, socket) => {
        const next = handlePageEvent(event, socket.context);
        socket.assign({ ...socket.context, ...next });
      },
      render: (context) =>
        html`<button id="up" phx-click="up">${context.n}</button> <button id="toggle" phx-click="toggle">Toggle</button>
          <button id="swap" phx-click="swap">Swap</button> <button id="crash" phx-click="crash">Crash</button>
          <a id="patch" data-phx-link="patch" data-phx-link-state="push" href="/?x=1">Patch</a> ${content(context)}`,
    }),
    "/two": createLiveView<{}>({ initial: {}, render: () => html`<h1>Two</h1>` }),
  }),
});

const one = pageWith(
  ({ n, isOpen }) =>
    html`<div>${isOpen && liveRender(counter, { id: "kid", session: { label: "kid" }, container: ["section", { class: ["n", `n${n}`] }] })}</div>`,
);

describe("a nested view", () => {
  it("takes its own events, and its element those of the view around it", async () => {
    const [page] = await openBoth(tools, one, "/");
    await page!.click("#kid .add");
    await page!.click("#up");
    await page!.click("#kid .add");
    await page!.fill("#form-kid input", "typed");
    await page!.hook("#hook-kid", "add", {});
    await page!.click("#up");
    await page!.click("#patch");
    await page!.click("#kid .add");
  });

  it("goes and comes with its element", async () => {
    const [page] = await openBoth(tools, one, "/");
    await page!.click("#kid .add");
    await page!.click("#toggle");
    await page!.click("#toggle");
    await page!.click("#kid .add");
  });

  it("crashes alone, and with the view around it", async () => {
    const [page] = await openBoth(tools, one, "/");
    await page!.fill("#form-kid input", "typed");
    await page!.click("#up");
    await page!.crash("#kid .crash", "#kid");
    await page!.click("#kid .add");
    await page!.fill("#form-kid input", "again");
    await page!.crash("#crash");
    await page!.click("#kid .add");
    page!.reads("#kid .add", "kid 1");
    page!.reads("#up", "0");
  });

  it("is back after the connection was gone", async () => {
    const [page] = await openBoth(tools, one, "/");
    await page!.click("#kid .add");
    await page!.fill("#form-kid input", "typed");
    await page!.disconnect();
    await page!.reconnect();
    await page!.click("#kid .add");
    page!.reads("#kid .add", "kid 1");
  });

  it("sends the whole page elsewhere", async () => {
    const [page] = await openBoth(tools, one, "/");
    await page!.click("#kid .away");
  });

  it("stays itself when its row moves", async () => {
    const rows = pageWith(
      ({ names, n }) =>
        html`<ul>${each(
          names,
          (name) => name,
          (name) => html`<li>${name} ${n} ${liveRender(counter, { id: `in-${name}`, session: { label: name } })}</li>`,
        )}</ul>`,
    );
    const [page] = await openBoth(tools, rows, "/");
    await page!.click("#in-a .add");
    await page!.click("#in-c .add");
    await page!.click("#swap");
    await page!.click("#up");
    await page!.click("#in-a .add");
    await page!.crash("#in-b .crash", "#in-b");
    await page!.click("#swap");
  });

  it("stands in a live component, and in another nested view", async () => {
    const card = createLiveComponent<{ label: string }, { k: number }, { type: "more" }>({
      initial: { k: 0 },
      handleEvent: (_event, socket) => socket.assign({ k: socket.context.k + 1 }),
      render: ({ k, label }, meta) =>
        html`<article>
          <button class="more" phx-click="${meta.event("more")}">${k}</button>
          ${liveRender(counter, { id: `in-${label}`, session: { label } })}
        </article>`,
    });
    const middle = createLiveView<{ n: number }, { type: "mid" } | { type: "boom" }>({
      initial: { n: 0 },
      handleEvent: (event, socket) => {
        if (event.type === "boom") throw new Error("on purpose");
        socket.assign({ n: socket.context.n + 1 });
      },
      render: ({ n }) =>
        html`<button id="mid" phx-click="mid">${n}</button> <button id="boom" phx-click="boom">Boom</button>
          ${liveComponent(card, { id: 1, label: "deep" })}`,
    });
    const scene = pageWith(
      ({ isOpen }) =>
        html`${liveComponent(card, { id: 1, label: "flat" })} ${isOpen && liveRender(middle, { id: "middle" })}`,
    );
    const [page] = await openBoth(tools, scene, "/");
    await page!.click("#in-flat .add");
    await page!.click("article:has(#in-flat) > .more");
    await page!.click("#middle .more");
    await page!.click("#in-deep .add");
    await page!.click("#mid");
    await page!.crash("#in-deep .crash", "#in-deep");
    await page!.click("#in-deep .add");
    await page!.crash("#boom", "#middle");
    await page!.click("#in-deep .add");
    await page!.click("#up");
    await page!.click("#toggle");
    await page!.click("#toggle");
    await page!.click("#in-deep .add");
  });

  it("is a row of a stream", async () => {
    interface Item {
      readonly id: string;
    }
    const [page] = await openBoth(
      tools,
      {
        routes: () => ({
          "/": createLiveView<{ items: LiveStream<Item>; n: number }, { type: "add" } | { type: "drop" }>({
            initial: { n: 0 },
            mount: (socket) => socket.stream("items", [{ id: "1" }, { id: "2" }]),
            handleEvent: (event, socket) => {
              if (event.type === "drop") return socket.streamDelete("items", { id: "1" });
              socket.streamInsert("items", { id: "3" }, { at: 0 });
              socket.streamInsert("items", { id: "2" });
            },
            render: ({ items }) =>
              html`<button id="more" phx-click="add">Add</button> <button id="drop" phx-click="drop">Drop</button>
                <ul id="list" phx-update="stream">${items.map((domId, { id }) =>
                  liveRender(counter, { id: domId, session: { label: id }, container: "li" }),
                )}</ul>`,
          }),
        }),
      },
      "/",
    );
    await page!.click("#items-2 .add");
    await page!.click("#more");
    await page!.click("#items-3 .add");
    await page!.click("#items-2 .add");
    await page!.click("#drop");
    await page!.click("#items-3 .add");
    await page!.crash("#items-2 .crash", "#items-2");
  });

  it("gets the events that name an element of it as their target", async () => {
    const scene = pageWith(
      () =>
        html`<button id="poke" phx-click="add" phx-target="#kid .add">Poke</button>
          ${liveRender(counter, { id: "kid", session: { label: "kid" } })}`,
    );
    const [page] = await openBoth(tools, scene, "/");
    await page!.click("#poke");
    await page!.click("#poke");
  });
});

describe("a sticky view", () => {
  const pages: Scenario = {
    options: { views: { counter } },
    routes: () => {
      const pageOf = (name: string, next: string, hasSticky: boolean) =>
        createLiveView<{ n: number }, { type: "up" } | { type: "crash" }>({
          initial: { n: 0 },
          handleEvent: (event, socket) => {
            if (event.type === "crash") throw new Error("on purpose");
            socket.assign({ n: socket.context.n + 1 });
          },
          render: ({ n }) =>
            html`<h1>${name}</h1>
              <button id="up" phx-click="up">${n}</button> <button id="crash" phx-click="crash">Crash</button>
              <a id="next" data-phx-link="redirect" data-phx-link-state="push" href="${next}" ${attrs({})}>Next</a>
              ${hasSticky && liveRender(counter, { id: "kid", sticky: true, session: { label: name } })}`,
        });
      return {
        "/": pageOf("one", "/two", true),
        "/two": pageOf("two", "/three", true),
        "/three": pageOf("three", "/", false),
      };
    },
  };

  it("is carried over to a page that has it too, with what was typed into it", async () => {
    const [page] = await openBoth(tools, pages, "/");
    await page!.click("#kid .add");
    await page!.fill("#form-one input", "typed");
    await page!.click("#up");
    await page!.click("#next");
    await page!.click("#kid .add");
    await page!.click("#up");
    await page!.click("#next");
    await page!.click("#next");
    await page!.click("#kid .add");
  });

  it("outlives the crash of the page's own view, and has its own", async () => {
    const [page] = await openBoth(tools, pages, "/");
    await page!.click("#kid .add");
    await page!.crash("#crash");
    await page!.click("#kid .add");
    await page!.crash("#kid .crash", "#kid");
    await page!.click("#kid .add");
  });

  it("is back by itself after the connection was gone, on a page that was not the first", async () => {
    const [page] = await openBoth(tools, pages, "/");
    await page!.click("#next");
    await page!.click("#kid .add");
    await page!.disconnect();
    await page!.reconnect();
    await page!.click("#kid .add");
  });

  it("sends the page elsewhere, and goes along", async () => {
    const [page] = await openBoth(tools, pages, "/");
    await page!.click("#kid .add");
    await page!.click("#kid .away");
    await page!.click("#kid .add");
  });
});
