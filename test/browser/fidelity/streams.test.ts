/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import { createLiveComponent, createLiveView, each, html, liveComponent, type LiveStream } from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario, type Side, type Twin } from "./both.ts";

// Rows of streams exist in the document alone. Each scenario ends with the same markup in the kit and in Chromium, where
// the official client has put them.

const tools = useBrowser();

interface Row {
  readonly id: number | string;
  readonly text: string;
}

/** What a test has a stream do, in one turn of its view. */
export type Step =
  | { readonly type: "insert"; readonly ids: readonly number[]; readonly at?: number; readonly limit?: number }
  | { readonly type: "update"; readonly ids: readonly number[] }
  | { readonly type: "delete"; readonly ids: readonly number[] }
  | { readonly type: "reset"; readonly ids: readonly number[]; readonly at?: number; readonly limit?: number }
  | { readonly type: "count" };

type Info = { readonly type: "steps"; readonly steps: readonly Step[] };

const rowsOf = (ids: readonly number[], text: string): Row[] => ids.map((id) => ({ id, text: `${text} ${id}` }));

/** A list with what people put into lists: a placeholder, fields, buttons; around it what changes by itself. */
const list = (start: readonly number[]): Scenario => ({
  routes: () => ({
    "/": createLiveView<{ n: number; rows: LiveStream<Row> }, { type: "up" } | { type: "remove"; id: string }, Info>({
      initial: { n: 0 },
      mount: async (socket) => {
        socket.stream("rows", rowsOf(start, "first"), { at: 0 });
        await socket.subscribe("steps");
      },
      handleEvent: (event, socket) => {
        if (event.type === "up") socket.assign({ n: socket.context.n + 1 });
        else socket.streamDeleteByDomId("rows", event.id);
      },
      handleInfo: ({ steps }, socket) => {
        for (const step of steps) {
          if (step.type === "count") socket.assign({ n: socket.context.n + 1 });
          else if (step.type === "insert") {
            socket.streamInsert("rows", rowsOf(step.ids, "new"), { at: step.at, limit: step.limit });
          } else if (step.type === "update") {
            socket.streamInsert("rows", rowsOf(step.ids, "changed"), { updateOnly: true });
          } else if (step.type === "delete") {
            for (const row of rowsOf(step.ids, "")) socket.streamDelete("rows", row);
          } else {
            const { at, limit } = step;
            socket.stream("rows", rowsOf(step.ids, "again"), { reset: true, at, limit });
          }
        }
      },
      render: ({ n, rows }) =>
        html`<button id="up" phx-click="up">${n}</button>
          <ul id="list" phx-update="stream">
            <li id="none">nothing here</li>
            ${rows.map(
              (domId, { text }) =>
                html`<li id="${domId}" class="row">${text} <input id="${domId}-note" name="note"> <button id="${domId}-remove" phx-click="remove" phx-value-id="${domId}">x</button></li>`,
            )}
          </ul>`,
    }),
  }),
});

const open = async (scenario: Scenario, path = "/"): Promise<Twin> => {
  const [twin] = await openBoth(tools, scenario, path);
  return twin!;
};
const does = (page: Twin, ...steps: readonly Step[]): Promise<void> =>
  page.server(({ pubSub }: Side) => pubSub.broadcast("steps", { type: "steps", steps }));

describe("a stream", () => {
  it("has its first rows, inserts at both ends and in between", async () => {
    const page = await open(list([1, 2, 3]));
    await does(page, { type: "insert", ids: [4] });
    await does(page, { type: "insert", ids: [5, 6], at: 0 });
    await does(page, { type: "insert", ids: [7], at: 2 });
    await does(page, { type: "insert", ids: [8], at: 99 });
    page.reads("#list", "new 6 x new 5 x new 7 x first 3 x first 2 x first 1 x new 4 x nothing here new 8 x");
    await page.click("#up");
    await does(page, { type: "insert", ids: [9], at: 1 }, { type: "insert", ids: [10], at: 1 }, { type: "count" });
  });

  it("begins empty, with its placeholder", async () => {
    const page = await open(list([]));
    await page.click("#up");
    await does(page, { type: "insert", ids: [1] });
    await does(page, { type: "insert", ids: [2], at: 0 });
    page.reads("#list", "new 2 x new 1 x nothing here");
    await does(page, { type: "delete", ids: [1, 2] });
    await does(page, { type: "insert", ids: [3] });
  });

  it("changes rows where they are, and only those that are there", async () => {
    const page = await open(list([1, 2, 3]));
    await does(page, { type: "update", ids: [2, 9] });
    await does(page, { type: "insert", ids: [1], at: 0 });
    await does(page, { type: "update", ids: [9] }, { type: "insert", ids: [9], at: 1 }, { type: "update", ids: [9] });
  });

  it("deletes, and moves what is deleted and inserted in one turn", async () => {
    const page = await open(list([1, 2, 3, 4]));
    await page.fill("#rows-2-note", "typed");
    await does(page, { type: "delete", ids: [1] });
    await does(page, { type: "delete", ids: [2] }, { type: "insert", ids: [2] });
    await does(page, { type: "insert", ids: [5] }, { type: "delete", ids: [5, 77] });
    await does(page, { type: "delete", ids: [3] }, { type: "update", ids: [3] });
    await page.click("#rows-4-remove");
  });

  it("is reset to others, to the same in another order, and to nothing", async () => {
    const page = await open(list([1, 2, 3]));
    await page.fill("#rows-3-note", "typed");
    await does(page, { type: "reset", ids: [3, 4, 1] });
    await does(page, { type: "insert", ids: [8] }, { type: "reset", ids: [1, 9] }, { type: "insert", ids: [7], at: 0 });
    await does(page, { type: "reset", ids: [1, 2, 3, 4], limit: -2 });
    await does(page, { type: "reset", ids: [5, 6, 7], at: 0, limit: 2 });
    await does(page, { type: "reset", ids: [] });
    await does(page, { type: "insert", ids: [1] });
    await does(page, { type: "reset", ids: [] }, { type: "update", ids: [1] });
  });

  it("keeps to its limit, from either end", async () => {
    const page = await open(list([1, 2, 3]));
    await does(page, { type: "insert", ids: [4, 5, 6], limit: -4 });
    await does(page, { type: "insert", ids: [7, 8], at: 0, limit: 3 });
    await does(page, { type: "insert", ids: [9], at: 1, limit: 2 });
    await does(page, { type: "insert", ids: [10, 11], limit: -1 });
  });

  it("keeps what is typed into its rows, and the focus", async () => {
    const page = await open(list([1, 2, 3]));
    await page.fill("#rows-2-note", "typed");
    await page.focus("#rows-2-note");
    await does(page, { type: "insert", ids: [4], at: 0 });
    await does(page, { type: "update", ids: [1, 2, 3] });
    await does(page, { type: "insert", ids: [5] }, { type: "delete", ids: [3] }, { type: "count" });
    await page.blur("#rows-2-note");
    await does(page, { type: "update", ids: [2] });
  });

  it("mounts anew with what mount streams, after a lost connection", async () => {
    const page = await open(list([1, 2, 3]));
    await does(page, { type: "insert", ids: [4] });
    await does(page, { type: "delete", ids: [1] });
    await page.disconnect();
    await page.reconnect();
    await does(page, { type: "insert", ids: [4], at: 0 });
  });

  it("does the same whatever it is told, one thing after the other", async () => {
    const page = await open(list([1, 2, 3, 4, 5]));
    for (const steps of randomTurns(40)) await does(page, ...steps);
  });
});

describe("a list that grows where it is scrolled to", () => {
  it("asks for more with its first and its last row", async () => {
    const rows = (from: number, count: number): Row[] =>
      rowsOf(
        Array.from({ length: count }, (_, index) => from + index),
        "row",
      );
    type Event = { type: "next" | "previous"; id: string; _overran?: boolean };
    const page = await open({
      routes: () => ({
        "/": createLiveView<{ rows: LiveStream<Row>; log: string }, Event>({
          initial: { log: "" },
          mount: (socket) => socket.stream("rows", rows(100, 20)),
          handleEvent: ({ type, id, _overran }, socket) => {
            socket.assign({ log: `${socket.context.log} ${type} ${id} ${_overran === true ? "overran" : ""}` });
            if (_overran === true) return;
            const row = Number(id.slice("rows-".length));
            if (type === "next") socket.stream("rows", rows(row + 1, 20), { limit: -40 });
            else socket.stream("rows", rows(row - 20, 20).reverse(), { at: 0, limit: 40 });
          },
          render: ({ rows, log }) =>
            html`<p>${log}</p><div style="height: 100px; overflow-y: scroll" id="box">
              <ol id="list" phx-update="stream" phx-viewport-top="previous" phx-viewport-bottom="next">${rows.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ol></div>`,
        }),
      }),
    });
    await page.scroll("#list", "#box", "bottom");
    await page.scroll("#list", "#box", "bottom");
    await page.scroll("#list", "#box", "top");
    await page.scroll("#list", "#box", "bottom");
    await page.scroll("#list", "#box", "top");
  });
});

describe("several streams", () => {
  const board: Scenario = {
    routes: () => ({
      "/": createLiveView<
        { columns: readonly string[]; [cards: `cards-${string}`]: LiveStream<Row> },
        { type: "turn" } | { type: "drop" } | { type: "move"; id: string; from: string; to: string }
      >({
        mount: (socket) => {
          socket.assign({ columns: ["a", "b", "c"] });
          for (const [index, name] of ["a", "b", "c"].entries()) {
            socket.stream(`cards-${name}`, rowsOf([index, index + 10], name), { domId: ({ id }) => `card-${id}` });
          }
        },
        handleEvent: (event, socket) => {
          const { columns } = socket.context;
          if (event.type === "turn") socket.assign({ columns: columns.toReversed() });
          else if (event.type === "drop") socket.assign({ columns: columns.slice(1) });
          else {
            const card = { id: event.id, text: "moved" };
            socket.streamDelete(`cards-${event.from}`, card);
            socket.streamInsert(`cards-${event.to}`, card, { at: 0 });
          }
        },
        render: (context) =>
          html`<button id="turn" phx-click="turn">turn</button><button id="drop" phx-click="drop">drop</button>
            <button id="move" phx-click="move" phx-value-id="1" phx-value-from="b" phx-value-to="c">move</button>
            <button id="back" phx-click="move" phx-value-id="1" phx-value-from="c" phx-value-to="b">back</button>
            ${each(
              context.columns,
              (name) => name,
              (name) =>
                html`<section id="${name}"><ul id="list-${name}" phx-update="stream">${context[`cards-${name}`]?.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ul></section>`,
            )}`,
      }),
    }),
  };

  it("in the rows of a keyed list move with them, and exchange rows", async () => {
    const page = await open(board);
    await page.click("#move");
    await page.click("#turn");
    await page.click("#back");
    await page.click("#drop");
    await page.click("#turn");
    await page.click("#move");
  });

  it("in live components are each component's own, and go along when it moves", async () => {
    const log = createLiveComponent<
      { name: string },
      { rows: LiveStream<Row>; last: number },
      { type: "add" } | { type: "reset" } | { type: "remove"; id: string }
    >({
      name: "log",
      initial: { last: 2 },
      mount: (socket) => {
        const { name } = socket.context;
        socket.stream("rows", rowsOf([1, 2], name), { domId: ({ id }) => `${name}-${id}` });
      },
      handleEvent: (event, socket) => {
        const { name, last } = socket.context;
        if (event.type === "remove") return socket.streamDeleteByDomId("rows", event.id);
        socket.assign({ last: last + 1 });
        if (event.type === "reset") socket.stream("rows", rowsOf([2, last + 1], `${name} anew`), { reset: true });
        else socket.streamInsert("rows", rowsOf([last + 1, 1], `${name} new`), { at: 0, limit: 3 });
      },
      render: ({ name, rows, last }, meta) =>
        html`<section id="${name}"><b>${last}</b><button class="add" phx-click="${meta.event("add")}">add</button>
          <button class="reset" phx-click="${meta.event("reset")}">reset</button>
          <ul id="list-${name}" phx-update="stream"><li id="none-${name}">none</li>${rows.map(
            (domId, { text }) =>
              html`<li id="${domId}">${text} <input id="note-${domId}"><button phx-click="${meta.event("remove", { id: domId })}">×</button></li>`,
          )}</ul></section>`,
    });
    const page = await open({
      routes: () => ({
        "/": createLiveView<{ names: readonly string[] }, { type: "turn" } | { type: "fewer" } | { type: "more" }>({
          initial: { names: ["a", "b", "c"] },
          handleEvent: ({ type }, socket) => {
            const { names } = socket.context;
            if (type === "turn") socket.assign({ names: names.toReversed() });
            else socket.assign({ names: type === "fewer" ? names.slice(1) : [...names, "new"] });
          },
          render: ({ names }) =>
            html`<button id="turn" phx-click="turn">turn</button><button id="fewer" phx-click="fewer">fewer</button>
              <button id="more" phx-click="more">more</button>${each(
                names,
                (name) => name,
                (name) => liveComponent(log, { id: name, name }),
              )}`,
        }),
      }),
    });
    for (const click of ["#a .add", "#b .add", "#b .add", "#turn", "#c .reset", "#b-1 button", "#more", "#fewer"])
      await page.click(click);
    await page.fill("#note-b-3", "typed");
    for (const click of ["#new .add", "#turn", "#b .reset", "#b .add", "#new-3 button"]) await page.click(click);
  });

  it("come and go with what is around them, and begin empty when they come back", async () => {
    const page = await open({
      routes: () => ({
        "/": createLiveView<{ isOpen: boolean; rows: LiveStream<Row> }, { type: "toggle" } | { type: "add" }>({
          initial: { isOpen: true },
          mount: (socket) => socket.stream("rows", rowsOf([1, 2], "row")),
          handleEvent: (event, socket) => {
            if (event.type === "toggle") socket.assign({ isOpen: !socket.context.isOpen });
            else socket.stream("rows", rowsOf([3, 4], "row"), { at: 0 });
          },
          render: ({ isOpen, rows }) =>
            html`<button id="toggle" phx-click="toggle">toggle</button><button id="add" phx-click="add">add</button>
              ${isOpen && html`<ol id="list" phx-update="stream">${rows.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ol>`}`,
        }),
      }),
    });
    await page.click("#add");
    await page.click("#toggle");
    await page.click("#add");
    await page.click("#toggle");
    await page.click("#add");
  });

  it("arrive with a live navigation, in a list that was not there before", async () => {
    const page = await open({
      routes: () => ({
        "/": createLiveView<{ n: number }>({
          initial: { n: 0 },
          render: () => html`<a id="go" href="/rows" data-phx-link="redirect" data-phx-link-state="push">go</a>`,
        }),
        "/rows": createLiveView<{ rows: LiveStream<Row> }>({
          mount: (socket) => {
            socket.stream("rows", rowsOf([1, 2, 3], "row"), { at: 0, limit: 2 });
            socket.streamInsert("rows", rowsOf([1], "update"), { updateOnly: true });
          },
          handleEvent: (_event, socket) => socket.streamInsert("rows", rowsOf([4, 5], "row"), { at: 0, limit: 3 }),
          render: ({ rows }) =>
            html`<button id="add" phx-click="add">add</button><ul id="list" phx-update="stream">${rows.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ul>`,
        }),
      }),
    });
    await page.click("#go");
    await page.click("#add");
  });
});

/** The same at every run: small numbers from a linear congruential generator. */
function randomTurns(count: number): Step[][] {
  let state = 12_345;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
  const ids = (): number[] => Array.from({ length: 1 + below(3) }, () => below(12));
  const step = (): Step => {
    const at = below(5) - 1;
    switch (below(8)) {
      case 0:
        return { type: "update", ids: ids() };
      case 1:
      case 2:
        return { type: "delete", ids: ids() };
      case 3:
        return { type: "reset", ids: ids(), at };
      case 4:
        return { type: "count" };
      case 5:
        return { type: "insert", ids: ids(), at, limit: (2 + below(6)) * (below(2) === 0 ? 1 : -1) };
      default:
        return { type: "insert", ids: ids(), at };
    }
  };
  return Array.from({ length: count }, () => Array.from({ length: 1 + below(4) }, step));
}
