import { describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import { liveStream, type LiveStream } from "../html/live-stream.ts";
import { memo } from "../html/memo.ts";
import { each } from "../html/each.ts";
import { shared } from "../html/shared.ts";
import { FaultyPubSub } from "../../test/support/faulty-pubsub.ts";
import { load, quiet, testApp, until, visit, type TestClient } from "../../test/support/client.ts";
import type { LiveSocket } from "./live-socket.ts";
import type { Rendered } from "../html/rendered.ts";
import { createLiveComponent } from "./components/create-live-component.ts";
import { liveComponent } from "./components/place-live-component.ts";
import { createLiveView } from "./live-view.ts";

interface Row {
  readonly id: number;
  readonly text: string;
}
interface Context {
  readonly rows: LiveStream<Row>;
  readonly n: number;
}
type Socket = LiveSocket<Context>;

const row = (id: number, text = `row ${id}`): Row => ({ id, text });

/** A view with one stream, on which tests call what they like. */
function rowsView(mount: (socket: Socket) => unknown = (socket) => socket.stream("rows", [row(1), row(2)])) {
  const sockets: Socket[] = [];
  const view = createLiveView<Context>({
    mount: async (socket) => {
      sockets.push(socket);
      socket.assign({ n: 0 });
      await mount(socket);
    },
    handleEvent: (event, socket) => {
      if (event.type === "up") socket.assign({ n: socket.context.n + 1 });
    },
    render: ({ rows, n }) =>
      html`<p>${n}</p><ul id="list" phx-update="stream">${rows.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ul>`,
  });
  return { view, sockets };
}

async function open(mount?: (socket: Socket) => unknown) {
  const { view, sockets } = rowsView(mount);
  const tested = testApp({ "/": view });
  const client = await visit(tested.app, "/");
  const socket = sockets[1];
  if (socket === undefined) throw new Error("The view has not been mounted.");
  return { ...tested, client, socket };
}

/** What a change of the stream is sent as. */
async function sent(client: TestClient, work: () => void): Promise<unknown> {
  const before = client.pushes("diff").length;
  work();
  await quiet();
  const [diff, ...more] = client.pushes("diff").slice(before);
  expect(more).toEqual([]);
  return diff;
}

describe("a stream that initial names by liveStream", () => {
  it("begins in mount, and anew when the page joins again", async () => {
    const view = createLiveView({
      initial: { n: 0, rows: liveStream<Row>() },
      mount: (socket) => socket.stream("rows", [row(1)]),
      handleEvent: (_event, socket) => socket.streamInsert("rows", row(2)),
      render: ({ rows }) =>
        html`<ul id="list" phx-update="stream">${rows.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ul>`,
    });
    const { app } = testApp({ "/": view });
    for (let page = 0; page < 2; page++) {
      expect((await load(app, "/")).html).toContain('<li id="rows-1">row 1</li></ul>');
      const client = await visit(app, "/");
      expect(await client.event("more")).toEqual({
        diff: { 0: { k: { 0: { 0: "rows-2", 1: "row 2" }, kc: 1 }, stream: ["0", [["rows-2", -1, null, null]], []] } },
      });
    }
  });
});

describe("a stream", () => {
  it("is in the first page's HTML, with the rows in their places", async () => {
    const { view } = rowsView((socket) => {
      socket.stream("rows", [row(1), row(2)]);
      socket.streamInsert("rows", row(3), { at: 0, limit: 2 });
    });
    const { html: page } = await load(testApp({ "/": view }).app, "/");
    expect(page).toContain(
      '<ul id="list" phx-update="stream"><li id="rows-3">row 3</li><li id="rows-1">row 1</li></ul>',
    );
  });

  it("joins with the rows of mount, and keeps none of them", async () => {
    const { client } = await open();
    expect(client.replyTo(client.joinRef)?.response).toMatchObject({
      rendered: {
        "1": {
          s: ['<li id="', '">', "</li>"],
          k: { "0": { "0": "rows-1", "1": "row 1" }, "1": { "0": "rows-2", "1": "row 2" }, kc: 2 },
          stream: [
            "0",
            [
              ["rows-1", -1, null, null],
              ["rows-2", -1, null, null],
            ],
            [],
          ],
        },
      },
    });
    expect(await client.event("up")).toEqual({ diff: { "0": "1" } });
  });

  it("sends inserts, updates, deletes and resets, each once", async () => {
    const { client, socket } = await open();
    expect(await sent(client, () => socket.streamInsert("rows", row(3), { at: 0, limit: 5 }))).toEqual({
      "1": { k: { "0": { "0": "rows-3", "1": "row 3" }, kc: 1 }, stream: ["0", [["rows-3", 0, 5, null]], []] },
    });
    expect(
      await sent(client, () => socket.streamInsert("rows", [row(1, "new"), row(4)], { updateOnly: true })),
    ).toEqual({
      "1": {
        k: { "0": { "0": "rows-1", "1": "new" }, "1": { "0": "rows-4", "1": "row 4" }, kc: 2 },
        stream: [
          "0",
          [
            ["rows-1", -1, null, true],
            ["rows-4", -1, null, true],
          ],
          [],
        ],
      },
    });
    expect(await sent(client, () => socket.streamDelete("rows", row(2)))).toEqual({
      "1": { k: { kc: 0 }, stream: ["0", [], ["rows-2"]] },
    });
    expect(await sent(client, () => socket.streamDeleteByDomId("rows", "rows-1"))).toEqual({
      "1": { k: { kc: 0 }, stream: ["0", [], ["rows-1"]] },
    });
    expect(await sent(client, () => socket.stream("rows", [], { reset: true }))).toEqual({
      "1": { k: { kc: 0 }, stream: ["0", [], [], true] },
    });
    expect(await sent(client, () => socket.stream("rows", [row(9)], { reset: true }))).toEqual({
      "1": {
        k: { "0": { "0": "rows-9", "1": "row 9" }, kc: 1 },
        stream: ["0", [["rows-9", -1, null, null]], [], true],
      },
    });
    expect(await sent(client, () => socket.stream("rows", []))).toBeUndefined();
    expect(await client.event("up")).toEqual({ diff: { "0": "1" } });
  });

  it("sends all of one turn in one message, as if one by one", async () => {
    const { client, socket } = await open();
    const diff = await sent(client, () => {
      socket.streamInsert("rows", row(3));
      socket.streamInsert("rows", row(4));
      socket.streamInsert("rows", row(3, "three"), { at: 0 });
      socket.streamDelete("rows", row(4));
      socket.streamDelete("rows", row(1));
      socket.streamInsert("rows", row(1, "moved"));
    });
    expect(diff).toMatchObject({
      "1": {
        k: { "0": { "1": "three" }, "1": { "1": "moved" }, kc: 2 },
        stream: [
          "0",
          [
            ["rows-3", -1, null, null],
            ["rows-1", -1, null, null],
          ],
          ["rows-4", "rows-1"],
        ],
      },
    });
  });

  it("may be empty at first", async () => {
    const { client, socket } = await open((mounted) => mounted.stream("rows", []));
    expect(client.html()).toContain('<ul id="list" phx-update="stream"></ul>');
    expect(await sent(client, () => socket.streamInsert("rows", row(1)))).toMatchObject({
      "1": { s: ['<li id="', '">', "</li>"], stream: ["0", [["rows-1", -1, null, null]], []] },
    });
  });

  it("makes rows' ids as domId says, from then on", async () => {
    const { client, socket } = await open((mounted) =>
      mounted.stream("rows", [row(1)], { domId: ({ text }) => `r-${text.replace(" ", "-")}` }),
    );
    expect(client.html()).toContain('<li id="r-row-1">row 1</li>');
    expect(await sent(client, () => socket.streamDelete("rows", row(1)))).toMatchObject({
      "1": { stream: ["0", [], ["r-row-1"]] },
    });
  });

  it("is another value of the context for each render that shows something, and the same otherwise", async () => {
    const { client, socket } = await open();
    const before = socket.context.rows;
    await client.event("up");
    expect(socket.context.rows).toBe(before);
    socket.streamInsert("rows", row(3));
    socket.streamInsert("rows", row(4));
    const after = socket.context.rows;
    expect(after).not.toBe(before);
    await quiet();
    expect(socket.context.rows).toBe(after);
  });

  it("loses what a render does not show", async () => {
    const view = createLiveView<
      { rows: LiveStream<Row>; isShown: boolean },
      { type: "toggle" } | { type: "add"; id: number }
    >({
      initial: { isShown: true },
      mount: (socket) => socket.stream("rows", [row(1)]),
      handleEvent: (event, socket) => {
        if (event.type === "toggle") socket.assign({ isShown: !socket.context.isShown });
        else socket.streamInsert("rows", row(event.id));
      },
      render: ({ rows, isShown }) =>
        isShown
          ? html`<ul id="u" phx-update="stream">${rows.map((id) => html`<li id="${id}"></li>`)}</ul>`
          : html`<p></p>`,
    });
    const { app, log } = testApp({ "/": view });
    const client = await visit(app, "/");
    await client.event("toggle");
    // On a busy machine others tell of callbacks that took long.
    const told = (): string[] => log.filter((line) => line.includes("streamed"));
    expect(told()).toEqual([]);
    expect(await client.event("add", { id: 2 })).toEqual({});
    expect(told()).toEqual([expect.stringContaining('/ streamed 1 item into "rows", but its render did not show')]);
    expect(await client.event("toggle")).toEqual({
      diff: { "0": "", s: ['<ul id="u" phx-update="stream">', "</ul>"] },
    });
    expect(await client.event("add", { id: 3 })).toMatchObject({
      diff: { "0": { stream: ["0", [["rows-3", -1, null, null]], []] } },
    });
  });

  it("shows in an async render what was there when it began, and the rest in the next", async () => {
    let proceed = (): void => {};
    let socket: Socket | undefined;
    const view = createLiveView<Context>({
      initial: { n: 0 },
      mount: (mounted) => {
        socket = mounted;
        mounted.stream("rows", [row(1)]);
      },
      render: async ({ rows }) => {
        await new Promise<void>((resolve) => (proceed = resolve));
        return html`<ul id="u" phx-update="stream">${rows.map((id) => html`<li id="${id}"></li>`)}</ul>`;
      },
    });
    const { app } = testApp({ "/": view });
    const opened = visit(app, "/");
    const step = async (): Promise<void> => {
      await quiet();
      proceed();
      await quiet();
    };
    await step();
    await step();
    const client = await opened;
    socket?.streamInsert("rows", row(2));
    await quiet();
    socket?.streamInsert("rows", row(3));
    await step();
    await step();
    expect(client.pushes("diff").map((diff) => (diff["0"] as { stream: unknown }).stream)).toEqual([
      ["0", [["rows-2", -1, null, null]], []],
      ["0", [["rows-3", -1, null, null]], []],
    ]);
  });

  it("in a row of a keyed list stays with the row when it moves", async () => {
    type Board = { columns: readonly string[]; [cards: `cards-${string}`]: LiveStream<Row> };
    const view = createLiveView<Board, { type: "turn" } | { type: "add"; column: string; id: number }>({
      mount: (socket) => {
        socket.assign({ columns: ["a", "b"] });
        for (const name of ["a", "b"]) socket.stream(`cards-${name}`, [row(1)]);
      },
      handleEvent: (event, socket) => {
        if (event.type === "turn") socket.assign({ columns: socket.context.columns.toReversed() });
        else socket.streamInsert(`cards-${event.column}`, row(event.id));
      },
      render: (context) =>
        html`${each(
          context.columns,
          (name) => name,
          (name) =>
            html`<ul id="column-${name}" phx-update="stream">${context[`cards-${name}`]?.map((id, { text }) => html`<li id="${id}">${text}</li>`)}</ul>`,
        )}`,
    });
    const client = await visit(testApp({ "/": view }).app, "/");
    expect(await client.event("turn")).toEqual({ diff: { "0": { k: { "0": 1, "1": 0, km: true, kc: 2 } } } });
    expect(await client.event("add", { column: "a", id: 2 })).toMatchObject({
      diff: {
        "0": { k: { "1": { "1": { k: { kc: 1 }, stream: ["0", [["cards-a-2", -1, null, null]], []] } }, kc: 2 } },
      },
    });
  });

  it("mounts anew with what mount streams", async () => {
    const { client, socket } = await open();
    await sent(client, () => socket.streamInsert("rows", row(3)));
    expect((await client.join()).status).toBe("ok");
    expect(client.html()).toContain('<li id="rows-1">row 1</li><li id="rows-2">row 2</li></ul>');
  });

  it("is reset where its view mounts anew on the page as it is", async () => {
    const pubSub = new FaultyPubSub();
    let mounts = 0;
    const view = createLiveView<{ rows: LiveStream<Row>; late: LiveStream<Row> }, { type: "late" }>({
      onGap: "remount",
      mount: async (socket) => {
        await socket.subscribe("t");
        mounts++;
        socket.stream("rows", [row(mounts)]);
        if (mounts < 3) socket.stream("late", [row(9)]);
      },
      handleEvent: (_event, socket) => socket.streamInsert("late", row(10)),
      render: ({ rows, late }) =>
        html`<ul id="u" phx-update="stream">${rows.map((id) => html`<li id="${id}"></li>`)}</ul>${late && html`<ul id="l" phx-update="stream">${late.map((id) => html`<li id="${id}"></li>`)}</ul>`}`,
    });
    const { app, errors } = testApp({ "/": view }, { pubSub, limits: { gapSpreadMs: 1 } });
    const client = await visit(app, "/");
    pubSub.gap();
    await until(
      () => client.pushes("diff").length === 1,
      () => "the diff of the second mount",
    );
    expect(client.pushes("diff")).toMatchObject([
      { "0": { stream: ["0", [["rows-3", -1, null, null]], [], true] }, "1": "" },
    ]);
    // A stream that the new mount has not begun is as unknown as if it had never been.
    client.click("late");
    await until(
      () => errors.length === 1,
      () => "the error",
    );
    expect(errors[0]?.error).toMatchObject({ code: "stream.unknown" });
  });

  it("does nothing once its view has ended", async () => {
    const { client, socket } = await open();
    client.receive([client.joinRef, "99", "lv:phx-main", "phx_leave", {}]);
    await quiet();
    expect(() => {
      socket.stream("rows", [row(4)]);
      socket.streamInsert("rows", row(5));
      socket.streamDelete("rows", row(5));
      socket.streamDeleteByDomId("rows", "x");
    }).not.toThrow();
  });
});

describe("rows that a memo remembers", () => {
  it("are rendered and encoded once for all views", async () => {
    const rendered = vi.fn(({ id, text }: Row) => html`<li id="rows-${id}">${html`<b>${text}</b>`}</li>`);
    const view = createLiveView<{ rows: LiveStream<Row> }, never, { type: "said"; row: Row }>({
      mount: (socket) => {
        socket.stream("rows", []);
        void socket.subscribe("room");
      },
      handleInfo: (info, socket) => socket.streamInsert("rows", info.row),
      render: ({ rows }) =>
        html`<ul id="u" phx-update="stream">${rows.map((_domId, item) => memo(item, rendered))}</ul>`,
    });
    const { app, pubSub } = testApp({ "/": view }, { development: false, origins: ["http://localhost:4000"] });
    const clients = [await visit(app, "/"), await visit(app, "/"), await visit(app, "/")];
    for (const id of [1, 2]) void pubSub.broadcast("room", { type: "said", row: row(id) });
    await quiet();
    expect(rendered).toHaveBeenCalledTimes(2);
    for (const client of clients) {
      expect(client.pushes("diff")).toEqual([
        {
          "0": {
            s: ['<li id="rows-', '">', "</li>"],
            k: {
              "0": { "0": "1", "1": { "0": "row 1", s: 0 } },
              "1": { "0": "2", "1": { "0": "row 2", s: 0 } },
              kc: 2,
            },
            stream: [
              "0",
              [
                ["rows-1", -1, null, null],
                ["rows-2", -1, null, null],
              ],
              [],
            ],
          },
          p: { "0": ["<b>", "</b>"] },
        },
      ]);
    }
  });
});

describe("a client that lags", () => {
  const lagging = async (client: TestClient): Promise<void> => {
    client.peer.bufferedAmount = 70_000;
    await quiet();
  };

  it("gets what was streamed meanwhile in one message, as if it had come one by one", async () => {
    const { client, socket } = await open();
    await lagging(client);
    socket.streamInsert("rows", row(3));
    await quiet();
    socket.streamInsert("rows", row(4));
    await quiet();
    socket.streamInsert("rows", row(3, "three"));
    socket.streamDelete("rows", row(1));
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
    client.peer.bufferedAmount = 0;
    client.peer.connected?.flushed();
    await quiet();
    expect(client.pushes("diff")).toMatchObject([
      {
        "1": {
          k: { "0": { "1": "three" }, "1": { "1": "row 4" }, kc: 2 },
          stream: [
            "0",
            [
              ["rows-3", -1, null, null],
              ["rows-4", -1, null, null],
            ],
            ["rows-1"],
          ],
        },
      },
    ]);
  });

  it("ends its view, which mounts anew, when more items wait than may", async () => {
    const { app, client, socket, errors } = await open();
    await lagging(client);
    for (let id = 1; id <= 1_000; id++) socket.streamInsert("rows", row(id));
    await quiet();
    expect(client.pushes("phx_error")).toEqual([]);
    socket.streamInsert("rows", row(1_001));
    await until(
      () => client.pushes("phx_error").length === 1,
      () => "phx_error",
    );
    expect(errors[0]?.error).toMatchObject({ code: "view.mailbox-overflow" });
    expect((await client.join()).status).toBe("ok");
    expect(app.stats().views).toBe(1);
  });
});

describe("a stream that has not begun", () => {
  const rowsOf = ({ rows }: Context): Rendered =>
    html`<ul id="rows" phx-update="stream">${rows.map((id) => html`<li id="${id}"></li>`)}</ul>`;

  it.each([
    ["in development", { development: true }],
    ["in production", { development: false, origins: ["http://localhost"] }],
  ])("is named with the mend, %s", async (_mode, options) => {
    const { app, errors } = testApp({ "/": createLiveView<Context>({ render: rowsOf }) }, options);
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({
      code: "render.nothing-to-map",
      message: `A render called map or each of something that is undefined. Of what it read, context.rows is undefined.

A stream begins in mount, if only with no item:

    mount: (socket) => socket.stream("rows", [])

Any other list needs a start: initial: { rows: [] }, or socket.assign({ rows: [] }) in mount.`,
      cause: expect.any(TypeError) as TypeError,
    });
  });

  it("is named, as any list that was never assigned is, where each shows it", async () => {
    const view = createLiveView<{ rows: readonly Row[] }>({
      render: ({ rows }) =>
        html`<ul>${each(
          rows,
          ({ id }) => id,
          ({ id }) => html`<li>${id}</li>`,
        )}</ul>`,
    });
    const { app, errors } = testApp({ "/": view });
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({
      code: "render.nothing-to-map",
      message: expect.stringContaining("context.rows is undefined") as string,
    });
  });

  it("is named when the render is asynchronous, too", async () => {
    const { app, errors } = testApp({ "/": createLiveView<Context>({ render: async (context) => rowsOf(context) }) });
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({ code: "render.nothing-to-map" });
  });

  it("is named in a live component", async () => {
    const list = createLiveComponent<{ id: string }, { rows: LiveStream<Row> }>({
      name: "list",
      render: ({ rows }) =>
        html`<ul id="rows" phx-update="stream">${rows.map((id) => html`<li id="${id}"></li>`)}</ul>`,
    });
    const view = createLiveView({ initial: {}, render: () => html`${liveComponent(list, { id: "a" })}` });
    const { app, errors } = testApp({ "/": view });
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({
      code: "render.nothing-to-map",
      message: expect.stringContaining("context.rows is undefined") as string,
    });
  });

  it("is not suspected where the context has all that was read", async () => {
    const view = createLiveView<{ tags?: { all?: string[] } }>({
      initial: { tags: {} },
      render: ({ tags }) => html`${tags!.all!.map((tag) => tag)}`,
    });
    const { app, errors } = testApp({ "/": view });
    await load(app, "/");
    expect(errors[0]?.error).toBeInstanceOf(TypeError);
  });
});

describe("a mistake with a stream", () => {
  const failure = (work: (socket: Socket) => void): unknown => {
    let caught: unknown;
    return open((socket) => {
      socket.stream("rows", [row(1)]);
      try {
        work(socket);
      } catch (error) {
        caught = error;
      }
    }).then(() => caught);
  };

  it("is an insert before the stream has begun", async () => {
    const { view } = rowsView((socket) => socket.streamInsert("rows", row(1)));
    const { app, errors } = testApp({ "/": view });
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({
      code: "stream.unknown",
      message: expect.stringContaining('mount: (socket) => socket.stream("rows", [])') as string,
    });
  });

  it("is an item without an id", async () => {
    const nameless = { text: "x" } as unknown as Row;
    expect(await failure((socket) => socket.streamInsert("rows", nameless))).toMatchObject({
      code: "stream.no-id",
      message: expect.stringContaining("got an object with the fields text") as string,
    });
  });

  it("is an item whose id is empty", async () => {
    const blank = { id: "", text: "x" } as unknown as Row;
    expect(await failure((socket) => socket.streamInsert("rows", blank))).toMatchObject({
      code: "stream.no-id",
      message: expect.stringContaining('An item of the stream "rows" has the id ""') as string,
    });
  });

  it("is a text for a number", async () => {
    expect(await failure((socket) => socket.streamInsert("rows", row(2), { at: "0" as never }))).toMatchObject({
      code: "stream.invalid-option",
      message: expect.stringContaining('got at: "0"; expected -1') as string,
    });
  });

  it("is a domId that gives no id", async () => {
    expect(await failure((socket) => socket.stream("rows", [row(2)], { domId: () => "" }))).toMatchObject({
      code: "stream.no-id",
    });
  });

  it.each([{ at: -2 }, { at: 0.5 }, { limit: 0 }, { limit: Number.NaN }])("is the option %j", async (options) => {
    expect(await failure((socket) => socket.streamInsert("rows", row(2), options))).toMatchObject({
      code: "stream.invalid-option",
    });
  });

  it("is to assign its key, or to stream into one that was assigned", async () => {
    expect(await failure((socket) => socket.assign({ rows: 1 } as never))).toMatchObject({ code: "stream.unknown" });
    expect(await failure((socket) => socket.stream("n" as never, []))).toMatchObject({ code: "stream.unknown" });
  });

  it("is to read it outside of a render", async () => {
    const { socket } = await open();
    expect(() => socket.context.rows.map((id) => html`<li id="${id}"></li>`)).toThrow(
      expect.objectContaining({ code: "stream.outside-render" }) as Error,
    );
  });

  it("is to show it twice on one page", async () => {
    const view = createLiveView<Context>({
      mount: (socket) => socket.stream("rows", [row(1)]),
      render: ({ rows }) => {
        const list = (id: string) =>
          html`<ul id="${id}" phx-update="stream">${rows.map((domId) => html`<li id="${domId}"></li>`)}</ul>`;
        return html`${list("a")}${list("b")}`;
      },
    });
    const { app, errors } = testApp({ "/": view });
    await visit(app, "/").catch(() => {});
    expect(errors.at(-1)?.error).toMatchObject({ code: "stream.markup" });
  });

  it("is a stream that initial names and mount does not begin", async () => {
    const view = createLiveView({
      initial: { rows: liveStream<Row>() },
      render: ({ rows }) =>
        html`<ul id="rows" phx-update="stream">${rows.map((id) => html`<li id="${id}"></li>`)}</ul>`,
    });
    const { app, errors } = testApp({ "/": view });
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({
      code: "stream.unknown",
      message: `The stream "rows" that initial names by liveStream() was shown before it began. Begin it in mount, if only with no item:

    mount: (socket) => socket.stream("rows", [])`,
    });
  });

  it("is to show it without map", async () => {
    const view = createLiveView<Context>({
      mount: (socket) => socket.stream("rows", []),
      // What the types refuse, as a program without types may write it.
      render: ({ rows }) => html`<ul id="rows" phx-update="stream">${rows as never}</ul>`,
    });
    const { app, errors } = testApp({ "/": view });
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({
      code: "template.not-renderable",
      message: expect.stringContaining(
        'The stream rows cannot be shown in text. Show its rows, which map makes of what is new: ${context.rows.map((domId, item) => html`<li id="${domId}">…</li>`)}.',
      ) as string,
    });
  });

  it("is a shared render", async () => {
    const view = createLiveView<Context>({
      mount: (socket) => socket.stream("rows", []),
      // A parameter that says less than the context is what the checker cannot see through.
      render: shared(({ n }: { readonly n: number }) => html`${n}`),
    });
    const { app, errors } = testApp({ "/": view });
    await load(app, "/");
    expect(errors[0]?.error).toMatchObject({ code: "render.impure-shared" });
  });
});
