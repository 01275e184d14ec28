import { describe, expect, it } from "vitest";
import { z } from "zod";
import { load, ORIGIN, quiet, testApp, turn, until, visit, type TestClient } from "../../../test/support/client.ts";
import { each } from "../../html/each.ts";
import { html } from "../../html/html.ts";
import type { LiveStream } from "../../html/live-stream.ts";
import type { Rendered } from "../../html/rendered.ts";
import { shared } from "../../html/shared.ts";
import { createLiveView } from "../live-view.ts";
import { createLiveComponent } from "./create-live-component.ts";
import { liveComponent, placeLiveComponent } from "./place-live-component.ts";

/** The page without what the client adds for itself. */
const shown = (client: TestClient): string => client.html().replaceAll(/ data-phx-(?:component|view|id)="[^"]*"/g, "");
const toComponent = (client: TestClient, cid: number, event: string, value: unknown = {}): string =>
  client.push("event", { type: "click", event, value, cid });
const joinOf = (client: TestClient): unknown => client.replyTo(client.joinRef)?.response["rendered"];

const counter = createLiveComponent<{ label: string }, { count: number }, { type: "inc" }>({
  name: "counter",
  initial: { count: 0 },
  handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ label, count }) => html`<b>${label}: ${count}</b>`,
});

const fruit = createLiveView<{ title: string; labels: readonly string[] }>({
  initial: { title: "Fruit", labels: ["Apples", "Pears"] },
  handleEvent: (event, socket) => {
    if (event.type === "retitle") socket.assign({ title: "Vegetables" });
    if (event.type === "relabel") socket.assign({ labels: ["Apples", "Plums"] });
    if (event.type === "clear") socket.assign({ labels: [] });
    if (event.type === "restore") socket.assign({ labels: ["Apples", "Pears"] });
  },
  render: ({ title, labels }) =>
    html`<h1>${title}</h1>${labels.map((label, id) => liveComponent(counter, { id, label }))}`,
});

/** A view that shows what it is given by `place`, as often as its context changes. */
function viewOf(place: (context: { n: number }) => Rendered) {
  return createLiveView<{ n: number }>({
    initial: { n: 0 },
    handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
    render: place,
  });
}

describe("what a page gets of live components", () => {
  it("is HTML in the first response, without any mark of them", async () => {
    const { app } = testApp({ "/": fruit });
    const page = await load(app, "/");
    expect(page.html).toContain("<h1>Fruit</h1><b>Apples: 0</b><b>Pears: 0</b></div>");
  });

  it("is a number for each place at the join, and an entry, of which the second is a copy of the first", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    expect(joinOf(client)).toEqual({
      0: "Fruit",
      1: { s: ["", ""], k: { 0: { 0: 1 }, 1: { 0: 2 }, kc: 2 } },
      s: ["<h1>", "</h1>", ""],
      c: { 1: { 0: "Apples", 1: "0", s: ["<b>", ": ", "</b>"], r: 1 }, 2: { 0: "Pears", s: 1 } },
    });
    expect(shown(client)).toBe("<h1>Fruit</h1><b>Apples: 0</b><b>Pears: 0</b>");
  });

  it("is the number alone where a component is all that a place holds", async () => {
    const { app } = testApp({ "/": viewOf(() => html`<p>${liveComponent(counter, { id: 1, label: "a" })}</p>`) });
    const client = await visit(app, "/");
    expect(joinOf(client)).toMatchObject({ 0: 1, s: ["<p>", "</p>"] });
  });

  it("is one entry with what is different when one has changed by itself", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    expect(await client.reply(toComponent(client, 2, "inc"))).toEqual({
      status: "ok",
      response: { diff: { c: { 2: { 1: "1" } } } },
    });
    expect(shown(client)).toBe("<h1>Fruit</h1><b>Apples: 0</b><b>Pears: 1</b>");
  });

  it("is nothing when their view has changed and their props have not", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    expect(await client.event("retitle")).toEqual({ diff: { 0: "Vegetables" } });
  });

  it("is the change of the one whose props have changed", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 2, "inc"));
    expect(await client.event("relabel")).toEqual({ diff: { c: { 2: { 0: "Plums" } } } });
    expect(shown(client)).toBe("<h1>Fruit</h1><b>Apples: 0</b><b>Plums: 1</b>");
  });

  it("is a copy of one that the page knows already, for one that comes later", async () => {
    const { app } = testApp({
      "/": viewOf(
        ({ n }) => html`${Array.from({ length: n + 1 }, (_, id) => liveComponent(counter, { id, label: "a" }))}`,
      ),
    });
    const client = await visit(app, "/");
    expect(await client.event("more")).toEqual({ diff: { 0: { k: { 1: { 0: 2 }, kc: 2 } }, c: { 2: { s: -1 } } } });
    expect(shown(client)).toBe("<b>a: 0</b><b>a: 0</b>");
  });

  it("is all of them, whole and with their state, when the page gets another template", async () => {
    const { app } = testApp({
      "/": viewOf(({ n }) => {
        const place = liveComponent(counter, { id: 1, label: "a" });
        return n === 0 ? html`<p>${place}</p>` : html`<div>${place}</div>`;
      }),
    });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "inc"));
    expect(await client.event("other")).toEqual({
      diff: { 0: 1, s: ["<div>", "</div>"], c: { 1: { 0: "a", 1: "1", s: ["<b>", ": ", "</b>"], r: 1 } } },
    });
    expect(shown(client)).toBe("<div><b>a: 1</b></div>");
  });

  it("of a thousand, one changed, is one entry", async () => {
    const items = Array.from({ length: 1_000 }, (_, id) => ({ id, label: `row ${id}` }));
    const { app } = testApp({
      "/": viewOf(
        () =>
          html`<ul>${each(
            items,
            ({ id }) => id,
            (item) => liveComponent(counter, item),
          )}</ul>`,
      ),
    });
    const client = await visit(app, "/");
    const { response } = await client.reply(toComponent(client, 700, "inc"));
    expect(response).toEqual({ diff: { c: { 700: { 1: "1" } } } });
  });
});

describe("the life of a live component", () => {
  /** Notes its callbacks in `log`. */
  function diarist(log: string[]) {
    return createLiveComponent<{ id: string; n: number }, { sum: number }>({
      name: "diarist",
      initial: { sum: 0 },
      mount: (socket) => void log.push(`mount ${socket.context.id} n=${socket.context.n}`),
      update: (socket, props) => {
        log.push(`update ${props.id} n=${props.n}`);
        socket.assign({ n: props.n, sum: socket.context.sum + props.n });
      },
      render: ({ id, n, sum }) => {
        log.push(`render ${id}`);
        return html`<i>${n} ${sum}</i>`;
      },
    });
  }

  it("begins with mount, which has the props, then update, then render; and once for the HTML", async () => {
    const log: string[] = [];
    const component = diarist(log);
    const { app } = testApp({ "/": viewOf(({ n }) => html`${liveComponent(component, { id: "a", n })}`) });
    const page = await load(app, "/");
    expect(page.html).toContain("<i>0 0</i>");
    expect(log.splice(0)).toEqual(["mount a n=0", "update a n=0", "render a"]);
  });

  it("goes on with an update for each change of its props, and with a render for each change of its context", async () => {
    const log: string[] = [];
    const component = diarist(log);
    const { app } = testApp(
      { "/": viewOf(({ n }) => html`${n}${liveComponent(component, { id: "a", n: n < 2 ? 0 : 2 })}`) },
      { development: false, origins: [ORIGIN] },
    );
    const client = await visit(app, "/");
    log.length = 0;
    await client.event("next");
    expect(log).toEqual([]);
    await client.event("next");
    expect(log).toEqual(["update a n=2", "render a"]);
    expect(shown(client)).toBe("2<i>2 2</i>");
  });

  it("updates all instances of a render at once by updateMany", async () => {
    const batches: number[][] = [];
    const component = createLiveComponent<{ n: number }, { square: number }>({
      name: "square",
      updateMany: async (updates) => {
        batches.push(updates.map(({ props }) => props.n));
        await turn();
        for (const { socket, props } of updates) socket.assign({ n: props.n, square: props.n ** 2 });
      },
      render: ({ n, square }) => html`<i>${n}²=${square}</i>`,
    });
    const { app } = testApp({
      "/": viewOf(({ n }) => html`${[1, 2, 3 + n].map((each, id) => liveComponent(component, { id, n: each }))}`),
    });
    expect((await load(app, "/")).html).toContain("<i>1²=1</i><i>2²=4</i><i>3²=9</i>");
    const client = await visit(app, "/");
    batches.length = 0;
    expect(await client.event("next")).toEqual({ diff: { c: { 3: { 0: "4", 1: "16" } } } });
    expect(batches).toEqual([[4]]);
  });

  it("is mounted and updated with parents before children, and may wait for what is slow", async () => {
    const log: string[] = [];
    const leaf = createLiveComponent<{ id: string }, { text: string }>({
      name: "leaf",
      mount: async (socket) => {
        await turn();
        log.push(`leaf ${socket.context.id}`);
        socket.assign({ text: `loaded ${socket.context.id}` });
      },
      render: ({ text }) => html`<i>${text}</i>`,
    });
    const branch = createLiveComponent<{ id: string }>({
      name: "branch",
      update: async (socket, props) => {
        await turn();
        log.push(`branch ${props.id}`);
        socket.assign(props);
      },
      render: ({ id }) => html`<p>${liveComponent(leaf, { id: `${id}1` })}${liveComponent(leaf, { id: `${id}2` })}</p>`,
    });
    const { app } = testApp({
      "/": viewOf(() => html`${liveComponent(branch, { id: "a" })}${liveComponent(branch, { id: "b" })}`),
    });
    const expected = "<p><i>loaded a1</i><i>loaded a2</i></p><p><i>loaded b1</i><i>loaded b2</i></p>";
    expect((await load(app, "/")).html).toContain(expected);
    expect(log.splice(0)).toEqual(["branch a", "branch b", "leaf a1", "leaf a2", "leaf b1", "leaf b2"]);
    const client = await visit(app, "/");
    expect(shown(client)).toBe(expected);
  });

  it("handles one callback at a time together with its view", async () => {
    const log: string[] = [];
    const slow = createLiveComponent({
      name: "slow",
      handleEvent: async () => {
        log.push("component begins");
        await turn();
        await turn();
        log.push("component ends");
      },
      render: () => html`<i></i>`,
    });
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      handleEvent: () => void log.push("view"),
      render: () => html`${liveComponent(slow, { id: 1 })}`,
    });
    const { app } = testApp({ "/": view });
    const client = await visit(app, "/");
    toComponent(client, 1, "go");
    await client.event("go");
    expect(log).toEqual(["component begins", "component ends", "view"]);
  });

  it("ends when the page has forgotten it; placed again it begins anew, under another number", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "inc"));
    await client.event("clear");
    expect(await client.reply(client.push("cids_will_destroy", { cids: [1, 2] }))).toEqual({
      status: "ok",
      response: {},
    });
    expect(await client.reply(client.push("cids_destroyed", { cids: [1, 2] }))).toEqual({
      status: "ok",
      response: { cids: [1, 2] },
    });
    await client.event("restore");
    expect(shown(client)).toBe("<h1>Fruit</h1><b>Apples: 0</b><b>Pears: 0</b>");
    expect(await client.reply(toComponent(client, 3, "inc"))).toEqual({
      status: "ok",
      response: { diff: { c: { 3: { 1: "1" } } } },
    });
  });

  it("goes on with its state if it comes back before the page has forgotten it, and is sent whole", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "inc"));
    await client.event("clear");
    await client.reply(client.push("cids_will_destroy", { cids: [1, 2] }));
    expect(await client.event("restore")).toEqual({
      diff: {
        1: { s: ["", ""], k: { 0: { 0: 1 }, 1: { 0: 2 }, kc: 2 } },
        c: { 1: { 0: "Apples", 1: "1", s: ["<b>", ": ", "</b>"], r: 1 }, 2: { 0: "Pears", 1: "0", s: 1 } },
      },
    });
    expect(await client.reply(client.push("cids_destroyed", { cids: [1, 2] }))).toEqual({
      status: "ok",
      response: { cids: [] },
    });
    expect(shown(client)).toBe("<h1>Fruit</h1><b>Apples: 1</b><b>Pears: 0</b>");
  });

  it("does not end because it has gone twice, and the page says so of the first time after it came back", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    await client.event("clear");
    await client.reply(client.push("cids_will_destroy", { cids: [1, 2] }));
    await client.event("restore");
    await client.event("clear");
    await client.event("restore");
    await client.reply(client.push("cids_will_destroy", { cids: [1, 2] }));
    const gone = await client.reply(client.push("cids_destroyed", { cids: [1, 2] }));
    expect(gone).toEqual({ status: "ok", response: { cids: [] } });
    expect(await client.reply(toComponent(client, 1, "inc"))).toMatchObject({ response: { diff: { c: { 1: {} } } } });
  });

  it("does not end because the page says so of one that was never to go", async () => {
    const { app } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    expect(await client.reply(client.push("cids_destroyed", { cids: [1, 7] }))).toMatchObject({
      response: { cids: [] },
    });
    expect(await client.reply(client.push("cids_will_destroy", { cids: ["1"] }))).toMatchObject({ response: {} });
    expect(await client.reply(toComponent(client, 1, "inc"))).toMatchObject({ response: { diff: { c: {} } } });
  });

  it("is over with its socket: what is assigned later does nothing", async () => {
    let late: (() => void) | undefined;
    const component = createLiveComponent<{ id: number }, { n: number }>({
      initial: { n: 0 },
      mount: (socket) => void (late = () => socket.assign({ n: 1 })),
      render: ({ n }) => html`<i>${n}</i>`,
    });
    const { app } = testApp({ "/": viewOf(({ n }) => html`${n === 0 && liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    await client.event("drop");
    await client.reply(client.push("cids_will_destroy", { cids: [1] }));
    await client.reply(client.push("cids_destroyed", { cids: [1] }));
    late?.();
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
  });

  it("renders what was assigned outside of its callbacks in a message of its own", async () => {
    let tick: (() => void) | undefined;
    const component = createLiveComponent<{ id: number }, { n: number }>({
      initial: { n: 0 },
      mount: (socket) => void (tick = () => socket.assign({ n: socket.context.n + 1 })),
      render: ({ n }) => html`<i>${n}</i>`,
    });
    const { app } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    tick?.();
    tick?.();
    await client.shows("2</i>");
    expect(client.pushes("diff")).toEqual([{ c: { 1: { 0: "2" } } }]);
  });
});

describe("events of live components", () => {
  it("are answered with the reply of the component", async () => {
    const asker = createLiveComponent<{}, {}, { type: "ask"; what: string }>({
      handleEvent: (event) => ({ reply: { answer: event.what } }),
      render: () => html`<p></p>`,
    });
    const { app } = testApp({ "/": viewOf(() => html`${liveComponent(asker, { id: 1 })}`) });
    const client = await visit(app, "/");
    const ref = client.push("event", { type: "hook", event: "ask", value: { what: "time" }, cid: 1 });
    expect(await client.reply(ref)).toEqual({ status: "ok", response: { diff: { r: { answer: "time" } } } });
  });

  it("are sent by meta.event and meta.js.push to the component, with its number", async () => {
    const component = createLiveComponent<{}, {}, { type: "go"; by: number }>({
      handleEvent: () => {},
      render: (_context, meta) =>
        html`<p phx-click="${meta.event("go", { by: 1 })}" phx-target="${meta.self}"><i phx-click="${meta.js.push("go").hide().push("go", { target: "#x" })}"></i></p>`,
    });
    const { app } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    const text = shown(client).replaceAll("&quot;", '"');
    expect(text).toContain('phx-click="[["push",{"event":"go","value":{"by":1},"target":1}]]" phx-target="1"');
    expect(text).toContain('[["push",{"event":"go","target":1}],["hide",{}],["push",{"event":"go","target":"#x"}]]');
  });

  it("are checked by the component's schemas", async () => {
    const got: unknown[] = [];
    const component = createLiveComponent<{}, {}, { type: "set"; n: number }>({
      name: "dial",
      events: { set: z.object({ n: z.coerce.number().max(10) }) },
      handleEvent: (event) => void got.push(event),
      render: () => html`<p></p>`,
    });
    const { app, log } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "set", { n: "7" }));
    await client.reply(toComponent(client, 1, "set", { n: "70" }));
    await client.reply(toComponent(client, 1, "unset"));
    expect(got).toEqual([{ type: "set", n: 7 }]);
    expect(log.map((line) => line.slice(0, 52))).toEqual([
      '[wingbeat] refused the event "set" of dial: n: Too b',
      '[wingbeat] refused the event "unset" of dial: it is ',
    ]);
  });

  it("for one that is not on the page change nothing", async () => {
    const { app, log } = testApp({ "/": fruit });
    const client = await visit(app, "/");
    expect(await client.reply(toComponent(client, 9, "inc"))).toEqual({ status: "ok", response: {} });
    expect(log).toEqual(['[wingbeat] refused "event" from the page of /: the component of "inc" is gone']);
  });
});

describe("messages of live components", () => {
  it("reach the view as infos, typed and in their order", async () => {
    const editor = createLiveComponent<{}, {}, { type: "save" }, { type: "saved"; text: string } | { type: "idle" }>({
      handleEvent: (_event, socket) => {
        socket.sendParent({ type: "saved", text: "hello" });
        socket.sendParent("idle");
      },
      render: () => html`<i></i>`,
    });
    const view = createLiveView<{ log: readonly string[] }, never, { type: "saved"; text: string } | { type: "idle" }>({
      initial: { log: [] },
      handleInfo: (info, socket) => socket.assign({ log: [...socket.context.log, JSON.stringify(info)] }),
      render: ({ log }, meta) => html`${meta.liveComponent(editor, { id: 1 })}<p>${log.join()}</p>`,
    });
    const { app } = testApp({ "/": view });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "save"));
    await client.shows("idle");
    const text = shown(client).replaceAll("&quot;", '"');
    expect(text).toBe('<i></i><p>{"type":"saved","text":"hello"},{"type":"idle"}</p>');
  });

  it("come from anywhere in the view by sendUpdate, and hold until the place gives other props than before", async () => {
    const seen: unknown[] = [];
    const card = createLiveComponent<{ id: string; title: string; size: number }>({
      name: "card",
      update: (socket, props) => {
        seen.push(props);
        socket.assign(props);
      },
      render: ({ title, size }) => html`<i>${title} ${size}</i>`,
    });
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      handleEvent: (event, socket) => {
        if (event.type === "update") socket.sendUpdate(card, "a", { title: "sent" });
        else if (event.type === "nobody") socket.sendUpdate(card, "z", { title: "sent" });
        else socket.assign({ n: socket.context.n + 1 });
      },
      render: ({ n }) => html`${n}${liveComponent(card, { id: "a", title: "placed", size: n < 2 ? 1 : 2 })}`,
    });
    const { app } = testApp({ "/": view });
    const client = await visit(app, "/");
    seen.length = 0;
    expect(await client.event("update")).toEqual({});
    await client.shows("sent 1");
    await client.event("next");
    expect(shown(client)).toBe("1<i>sent 1</i>");
    await client.event("next");
    expect(shown(client)).toBe("2<i>placed 2</i>");
    expect(seen).toEqual([
      { id: "a", title: "sent", size: 1 },
      { id: "a", title: "placed", size: 2 },
    ]);
    expect(await client.event("nobody")).toEqual({});
    await quiet();
    expect(client.pushes("diff")).toEqual([{ c: { 1: { 0: "sent" } } }]);
  });

  it("go to the page and its address as those of a view do", async () => {
    const component = createLiveComponent<{}, {}, { type: "go" }>({
      handleEvent: (_event, socket) => {
        socket.pushEvent("ring", { loud: true });
        socket.putFlash("info", "rung");
        socket.pushPatch("?rung=1");
      },
      render: () => html`<i></i>`,
    });
    const view = createLiveView<{ query: string }>({
      handleParams: (url, socket) => socket.assign({ query: url.search }),
      render: ({ query }, meta) => html`${liveComponent(component, { id: 1 })}<p>${query} ${meta.flash["info"]}</p>`,
    });
    const { app } = testApp({ "/": view });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "go"));
    expect(client.pushes("live_patch")).toEqual([{ to: "/?rung=1", kind: "push" }]);
    expect(client.events).toEqual([["ring", { loud: true }]]);
    expect(shown(client)).toContain("<p>?rung=1 rung</p>");
  });
});

describe("live components in the rows of a stream", () => {
  interface Item {
    readonly id: number;
  }
  const list = createLiveView<{ items: LiveStream<Item>; n: number; isHidden: boolean }>({
    initial: { n: 0, isHidden: false },
    mount: (socket) => socket.stream("items", [{ id: 1 }, { id: 2 }]),
    handleEvent: (event, socket) => {
      const { n, isHidden } = socket.context;
      if (event.type === "add") socket.streamInsert("items", { id: 3 });
      else if (event.type === "remove") socket.streamDeleteByDomId("items", "items-1");
      else if (event.type === "return") socket.streamInsert("items", { id: 1 });
      else if (event.type === "hide") socket.assign({ isHidden: !isHidden });
      else socket.assign({ n: n + 1 });
    },
    render: ({ items, n, isHidden }) =>
      html`<p>${n}</p>${
        !isHidden &&
        html`<ul id="items" phx-update="stream">
        ${items.map((domId, { id }) => html`<li id="${domId}">${liveComponent(counter, { id, label: `item ${id}` })}</li>`)}
      </ul>`
      }`,
  });

  it("change by themselves after others have come, and after the view has changed", async () => {
    const { app } = testApp({ "/": list });
    const client = await visit(app, "/");
    expect(await client.reply(toComponent(client, 1, "inc"))).toMatchObject({
      response: { diff: { c: { 1: { 1: "1" } } } },
    });
    await client.event("add");
    expect(await client.reply(toComponent(client, 1, "inc"))).toMatchObject({
      response: { diff: { c: { 1: { 1: "2" } } } },
    });
    await client.event("more");
    expect(await client.reply(toComponent(client, 2, "inc"))).toMatchObject({
      response: { diff: { c: { 2: { 1: "1" } } } },
    });
    expect(await client.reply(toComponent(client, 3, "inc"))).toMatchObject({
      response: { diff: { c: { 3: { 1: "1" } } } },
    });
  });

  it("are forgotten once the page says that their rows are gone, and begin anew after that", async () => {
    const { app } = testApp({ "/": list });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "inc"));
    await client.event("remove");
    await client.reply(client.push("cids_will_destroy", { cids: [1] }));
    expect(await client.reply(client.push("cids_destroyed", { cids: [1] }))).toMatchObject({ response: { cids: [1] } });
    expect(await client.event("return")).toMatchObject({ diff: { c: { 3: { 0: "item 1" } } } });
    expect(await client.reply(toComponent(client, 3, "inc"))).toMatchObject({
      response: { diff: { c: { 3: { 1: "1" } } } },
    });
  });

  it("are brought whole, with their state, when their row is back before they were forgotten", async () => {
    const { app } = testApp({ "/": list });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "inc"));
    await client.event("remove");
    await client.reply(client.push("cids_will_destroy", { cids: [1] }));
    expect(await client.event("return")).toMatchObject({ diff: { c: { 1: { 1: "1" } } } });
    expect(await client.reply(client.push("cids_destroyed", { cids: [1] }))).toMatchObject({ response: { cids: [] } });
    expect(await client.reply(toComponent(client, 1, "inc"))).toMatchObject({
      response: { diff: { c: { 1: { 1: "2" } } } },
    });
  });

  describe("as the rows themselves, in development", () => {
    const rowsOf = (render: (props: { domId: string; n: number }) => Rendered) => {
      const row = createLiveComponent<{ domId: string }, { n: number }, { type: "inc" }>({
        name: "row",
        initial: { n: 0 },
        handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
        render,
      });
      const view = createLiveView<{ items: LiveStream<Item> }>({
        mount: (socket) => socket.stream("items", [{ id: 1 }]),
        render: ({ items }) =>
          html`<ul id="items" phx-update="stream">${items.map((domId, { id }) => liveComponent(row, { id, domId }))}</ul>`,
      });
      return testApp({ "/": view }, { development: true });
    };
    const refused = {
      code: "stream.markup",
      message: expect.stringMatching(
        /row of the stream "items" is the live component row.*template {2}<li .*begins {4}<li class="x">.*expected {2}id="items-1"/s,
      ) as string,
    };

    it("have the id that map gives", async () => {
      const { app, errors } = rowsOf(({ domId, n }) => html`<li id="${domId}">${n}</li>`);
      const client = await visit(app, "/");
      await client.reply(toComponent(client, 1, "inc"));
      expect(errors).toEqual([]);
    });

    it("are refused without it, with the names of the stream and of the component", async () => {
      const { app, errors } = rowsOf(({ n }) => html`<li class="x">${n}</li>`);
      await load(app, "/");
      expect(errors[0]?.error).toMatchObject(refused);
    });

    it("are refused when they lose it later", async () => {
      const { app, errors } = rowsOf(({ domId, n }) =>
        n === 0 ? html`<li id="${domId}">${n}</li>` : html`<li class="x">${n}</li>`,
      );
      const client = await visit(app, "/");
      toComponent(client, 1, "inc");
      await until(
        () => errors.length > 0,
        () => "an error",
      );
      expect(errors[0]?.error).toMatchObject(refused);
    });
  });

  it("follow in a message of their own what changes around them: the browser looks at no row that did not come", async () => {
    const view = createLiveView<{ items: LiveStream<Item>; n: number }>({
      initial: { n: 0 },
      mount: (socket) => socket.stream("items", [{ id: 1 }, { id: 2 }]),
      handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
      handleEvent: (_event, socket) => {
        socket.sendInfo("more");
        socket.sendUpdate(counter, 1, { label: "changed" });
      },
      render: ({ items, n }) =>
        html`<p>${n}</p>${liveComponent(counter, { id: "out", label: `${n}` })}<ul id="items" phx-update="stream">
        ${items.map((domId, { id }) => html`<li id="${domId}">${liveComponent(counter, { id, label: `item ${id}` })}</li>`)}</ul>`,
    });
    const { app } = testApp({ "/": view });
    const client = await visit(app, "/");
    expect(await client.event("both")).toEqual({});
    await until(
      () => client.pushes("diff").length === 2,
      () => "2 diffs",
    );
    expect(client.pushes("diff")).toEqual([{ 0: "1", c: { 1: { 0: "1" } } }, { c: { 2: { 0: "changed" } } }]);
  });

  it("are brought again, whole, when the root has another template", async () => {
    const view = createLiveView<{ items: LiveStream<Item>; isWide: boolean }>({
      initial: { isWide: false },
      mount: (socket) => socket.stream("items", [{ id: 1 }]),
      handleEvent: (_event, socket) => socket.assign({ isWide: true }),
      render: ({ items, isWide }) => {
        const list = html`<ul id="items" phx-update="stream">
          ${items.map((domId, { id }) => html`<li id="${domId}">${liveComponent(counter, { id, label: "item" })}</li>`)}</ul>`;
        return isWide ? html`<main>${list}</main>` : html`<article>${list}</article>`;
      },
    });
    const { app } = testApp({ "/": view });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "inc"));
    expect(await client.event("widen")).toMatchObject({ diff: { s: ["<main>", "</main>"] } });
    await until(
      () => client.pushes("diff").length === 1,
      () => "1 diffs",
    );
    expect(client.pushes("diff")).toEqual([{ c: { 1: { 0: "item", 1: "1", s: ["<b>", ": ", "</b>"], r: 1 } } }]);
    expect(await client.reply(toComponent(client, 1, "inc"))).toMatchObject({
      response: { diff: { c: { 1: { 1: "2" } } } },
    });
  });

  it("are off the page while the stream is", async () => {
    const { app } = testApp({ "/": list });
    const client = await visit(app, "/");
    await client.event("hide");
    expect(await client.reply(toComponent(client, 1, "inc"))).toEqual({ status: "ok", response: {} });
  });
});

describe("streams of a live component", () => {
  const chat = createLiveComponent<
    { id: string },
    { lines: LiveStream<{ id: number; text: string }> },
    { type: "say" }
  >({
    name: "chat",
    mount: (socket) => socket.stream("lines", [{ id: 1, text: "hello" }], { domId: ({ id }) => `line-${id}` }),
    handleEvent: (_event, socket) => socket.streamInsert("lines", { id: 2, text: "world" }),
    render: ({ id, lines }) =>
      html`<ul id="${id}" phx-update="stream">${lines.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ul>`,
  });

  it("are of its own: their names begin with its number, and of their rows nothing is kept", async () => {
    const { app } = testApp({ "/": viewOf(({ n }) => html`${n}${liveComponent(chat, { id: "a" })}`) });
    expect((await load(app, "/")).html).toContain('<ul id="a" phx-update="stream"><li id="line-1">hello</li></ul>');
    const client = await visit(app, "/");
    expect(await client.reply(toComponent(client, 1, "say"))).toEqual({
      status: "ok",
      response: {
        diff: {
          c: {
            1: {
              1: { k: { 0: { 0: "line-2", 1: "world" }, kc: 1 }, stream: ["1-0", [["line-2", -1, null, null]], []] },
            },
          },
        },
      },
    });
    expect(await client.event("other")).toEqual({ diff: { 0: "1" } });
  });

  describe("that has left the page and is back before the page has forgotten it", () => {
    /** A view that shows the chat while `n` is even: alone, or inside of another component. */
    const chatsOf = (place: () => Rendered) => viewOf(({ n }) => html`${n % 2 === 0 && place()}`);
    const panel = createLiveComponent<{ id: string }, { opened: number }, { type: "open" }>({
      name: "panel",
      initial: { opened: 0 },
      handleEvent: (_event, socket) => socket.assign({ opened: socket.context.opened + 1 }),
      render: ({ opened }) => html`<section>${opened} ${liveComponent(chat, { id: "a" })}</section>`,
    });
    const ROWS = '<ul id="a" phx-update="stream"><li id="line-1">hello</li></ul>';

    it("begin anew, under another number: of the rows that the page has lost nobody knows", async () => {
      const { app } = testApp({ "/": chatsOf(() => liveComponent(chat, { id: "a" })) });
      const client = await visit(app, "/");
      await client.reply(toComponent(client, 1, "say"));
      await client.event("hide");
      await client.event("show");
      expect(shown(client)).toContain("hello");
      expect(shown(client)).not.toContain("world");
      expect(await client.reply(toComponent(client, 2, "say"))).toMatchObject({ response: { diff: { c: { 2: {} } } } });
    });

    it("leave no event, no update and no end for the former one", async () => {
      const { app, log } = testApp({ "/": chatsOf(() => liveComponent(chat, { id: "a" })) });
      const client = await visit(app, "/");
      await client.event("hide");
      await client.event("show");
      expect(await client.reply(toComponent(client, 1, "say"))).toEqual({ status: "ok", response: {} });
      expect(log.join()).toContain('the component of "say" is gone');
      await client.reply(client.push("cids_will_destroy", { cids: [1] }));
      expect(await client.reply(client.push("cids_destroyed", { cids: [1] }))).toMatchObject({
        response: { cids: [1] },
      });
      expect(await client.reply(toComponent(client, 2, "say"))).toMatchObject({ response: { diff: { c: { 2: {} } } } });
    });

    it("begin anew in a component that goes on with its state", async () => {
      const { app } = testApp({ "/": chatsOf(() => liveComponent(panel, { id: "p" })) });
      const client = await visit(app, "/");
      await client.reply(toComponent(client, 1, "open"));
      await client.event("hide");
      await client.event("show");
      expect(shown(client)).toBe(`<section>1 ${ROWS}</section>`);
      await client.event("hide");
      await client.reply(client.push("cids_will_destroy", { cids: [1, 3] }));
      await client.event("show");
      expect(shown(client)).toBe(`<section>1 ${ROWS}</section>`);
    });

    it("go on where they have not left it: moved, in a page with another root, or skipped", async () => {
      const item = { id: 1 };
      const view = viewOf(({ n }) => {
        const place = each(
          [item],
          ({ id }) => id,
          () => liveComponent(chat, { id: "a" }),
          [n > 3],
        );
        if (n === 1) return html`<main>${place}</main>`;
        return n === 2 ? html`<main>${liveComponent(panel, { id: "p" })}</main>` : html`${n}${place}`;
      });
      const { app } = testApp({ "/": view });
      const client = await visit(app, "/");
      for (const _ of [1, 2, 3, 4, 5]) await client.event("other");
      expect(await client.reply(toComponent(client, 1, "say"))).toMatchObject({ response: { diff: { c: { 1: {} } } } });
    });
  });

  it("refuse to be assigned", async () => {
    const wrong = createLiveComponent<{}, { lines: LiveStream<{ id: number }>; n: number }>({
      name: "wrong",
      mount: (socket) => {
        socket.stream("lines", []);
        const values: Record<string, unknown> = { lines: [] };
        (socket.assign as (values: Record<string, unknown>) => void)(values);
      },
      render: () => html`<i></i>`,
    });
    const { app, errors } = testApp({ "/": viewOf(() => html`${liveComponent(wrong, { id: 1 })}`) });
    expect((await load(app, "/")).status).toBe(500);
    expect(errors).toMatchObject([
      { error: { code: "stream.unknown" }, details: { component: "wrong", callback: "mount" } },
    ]);
  });
});

describe("what goes wrong in a live component", () => {
  it("ends its view, and is reported with its name", async () => {
    const component = createLiveComponent({
      name: "bomb",
      handleEvent: () => {
        throw new Error("boom");
      },
      render: () => html`<i></i>`,
    });
    const { app, errors } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    toComponent(client, 1, "go");
    await quiet();
    expect(client.pushes("phx_error")).toEqual([{ reason: "channel_crash" }]);
    expect(errors).toMatchObject([
      { error: { message: "boom" }, details: { view: "/", component: "bomb", callback: "handleEvent", message: "go" } },
    ]);
    expect(app.stats().views).toBe(0);
  });

  it("is logged with its name", async () => {
    const component = createLiveComponent<{ id: number }>({
      name: "bomb",
      mount: () => {
        throw new Error("boom");
      },
      render: () => html`<i></i>`,
    });
    const place = viewOf(() => html`${liveComponent(component, { id: 1 })}`);
    const { app, log } = testApp({ "/": place }, { onError: undefined });
    await load(app, "/");
    expect(log[0]).toMatch(/^\[wingbeat\] \/ bomb mount: Error: boom/);
  });

  it("ends its view also when it is awaited, in mount, update or render", async () => {
    const failing = (callbacks: object) =>
      createLiveComponent<{ id: number }>({ name: "bomb", render: () => html`<i></i>`, ...callbacks });
    const reject = async (): Promise<void> => {
      await turn();
      throw new Error("boom");
    };
    for (const [callback, component] of [
      ["mount", failing({ mount: reject })],
      ["update", failing({ update: reject })],
      ["updateMany", failing({ updateMany: reject })],
      ["render", failing({ render: () => html`${Symbol("x") as unknown as string}` })],
    ] as const) {
      const { app, errors } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
      expect((await load(app, "/")).status).toBe(500);
      expect(errors).toMatchObject([{ details: { view: "/", component: "bomb", callback } }]);
    }
  });

  it("of an instance without handleEvent names the component", async () => {
    const component = createLiveComponent<{ id: number }>({ name: "silent", render: () => html`<i></i>` });
    const { app, errors } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    toComponent(client, 1, "go");
    await quiet();
    expect(errors).toMatchObject([{ error: { code: "view.no-handler" } }]);
    expect(String(errors[0]?.error)).toContain('The browser sent "go" to silent');
  });

  it("is told with the place of its definition if it has no name", async () => {
    const component = createLiveComponent<{ id: number }>({ render: () => html`<i></i><i></i>` });
    const { app, errors } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    await load(app, "/");
    expect(errors[0]?.details.component).toMatch(/^the component of live-components\.test\.ts:\d+$/);
  });

  it("is more than one element, with the place in its template", async () => {
    const component = createLiveComponent<{ id: number }>({ name: "pair", render: () => html`<i>a</i><b>b</b>` });
    const { app, errors } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    await load(app, "/");
    expect(errors).toMatchObject([{ error: { code: "component.single-root" } }]);
    expect(String(errors[0]?.error)).toContain(
      "The render of pair is not exactly one element, by which the page could know it. A second element stands beside the first.\n\n    <i>a</i><b>b</b>\n            ^",
    );
  });

  it("is a place without an id, as plain JavaScript may have it", () => {
    const props: Record<string, unknown> = { label: "a" };
    expect(() => placeLiveComponent(counter, props as { id: string })).toThrow(
      "A place of counter has the id undefined; expected a string or a number",
    );
  });

  it("is two places with one id, and both are shown", async () => {
    const { app, errors } = testApp({
      "/": viewOf(
        () =>
          html`<p>${liveComponent(counter, { id: 7, label: "a" })}</p><ul>${[8, 7].map((id) => html`<li>${liveComponent(counter, { id, label: "b" })}</li>`)}</ul>`,
      ),
    });
    await load(app, "/");
    expect(errors).toMatchObject([{ error: { code: "component.duplicate-id" } }]);
    expect(String(errors[0]?.error)).toContain('Two places of one page have counter with the id "7".');
    expect(String(errors[0]?.error)).toContain("<p>${…}</p><ul>${…}</ul>");
    expect(String(errors[0]?.error)).toContain("<li>${…}</li>");
  });

  it("is two places with one id, found in development also where nothing has changed", async () => {
    const fixed = html`<p>${liveComponent(counter, { id: 1, label: "a" })}</p>`;
    const place = ({ n }: { n: number }): Rendered =>
      html`${fixed}${n > 0 && html`<div>${liveComponent(counter, { id: 1, label: "a" })}</div>`}`;
    const strict = testApp({ "/": viewOf(place) });
    const client = await visit(strict.app, "/");
    client.click("next");
    await quiet();
    expect(strict.errors).toMatchObject([{ error: { code: "component.duplicate-id" } }]);
  });

  it("is a place in a shared render, which no view has for itself", async () => {
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      render: shared(() => html`${liveComponent(counter, { id: 1, label: "a" })}`),
    });
    const { app, errors } = testApp({ "/": view });
    expect((await load(app, "/")).status).toBe(500);
    expect(errors).toMatchObject([{ error: { code: "component.no-view" } }]);
  });

  it("is a context that was changed in place, in development", async () => {
    const component = createLiveComponent<{ id: number }, { items: string[] }>({
      name: "basket",
      mount: (socket) => socket.assign({ items: [] }),
      handleEvent: (_event, socket) => void socket.context.items.push("apple"),
      render: ({ items }) => html`<i>${items.join()}</i>`,
    });
    const { app, errors } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    await client.reply(toComponent(client, 1, "add"));
    expect(errors).toMatchObject([{ error: { code: "render.mutated-in-place" } }]);
    expect(String(errors[0]?.error)).toContain("basket in / would now render something else");
  });

  it("is a definition without render, or with both update and updateMany, and a component that is none", () => {
    const incomplete = {} as Parameters<typeof createLiveComponent>[0];
    expect(() => createLiveComponent(incomplete)).toThrow(/without a render function/);
    const both = { update: () => {}, updateMany: () => {}, render: () => html`<i></i>` };
    expect(() => createLiveComponent(both)).toThrow(/both update and updateMany/);
    const wrong = (() => html``) as unknown as typeof counter;
    expect(() => liveComponent(wrong, { id: 1, label: "" })).toThrow(/Expected a live component/);
  });
});

describe("a page that lags", () => {
  it("gets the last state of its components once it has caught up", async () => {
    let tick: (() => void) | undefined;
    const component = createLiveComponent<{ id: number }, { n: number }>({
      initial: { n: 0 },
      mount: (socket) => void (tick = () => socket.assign({ n: socket.context.n + 1 })),
      render: ({ n }) => html`<i>${n}</i>`,
    });
    const { app } = testApp({ "/": viewOf(() => html`${liveComponent(component, { id: 1 })}`) });
    const client = await visit(app, "/");
    client.peer.bufferedAmount = 70_000;
    for (let count = 0; count < 5; count++) {
      tick?.();
      await quiet();
    }
    expect(client.pushes("diff")).toEqual([]);
    client.peer.bufferedAmount = 0;
    client.peer.connected?.flushed();
    await client.shows("5</i>");
    expect(client.pushes("diff")).toEqual([{ c: { 1: { 0: "5" } } }]);
  });
});
