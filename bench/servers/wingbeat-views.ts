import {
  createLiveComponent,
  createLiveView,
  each,
  html,
  liveComponent,
  memo,
  reduce,
  shared,
  SingleProcessPubSub,
  type LiveStream,
} from "wingbeat";
import {
  CHAT,
  CLOCK,
  CLOCK_UNSHARED,
  COMPONENTS,
  COUNTER,
  STREAM,
  STREAM_MEMO,
  TABLE,
  TABLE_DEPS,
  TABLE_MEMO,
  TABLE_ROWS,
} from "./paths.ts";

export const pubSub = new SingleProcessPubSub();

type Published = { readonly type: "published"; readonly text: string };

const counter = createLiveView<{ count: number }, { type: "increment" } | { type: "decrement" }>({
  mount: (socket) => {
    socket.assign({ count: 0 });
  },
  handleEvent: (event, socket) => {
    socket.assign({ count: socket.context.count + (event.type === "increment" ? 1 : -1) });
  },
  render: (context) => html`
    <div>
      <h1>Count is: ${context.count}</h1>
      <button phx-click="decrement">-</button>
      <button phx-click="increment">+</button>
    </div>`,
});

/** What a page shows that is loaded now: the last text published on each path, as an app would read it from its store. */
const published = new Map<string, string>();

/** Publishes on a path's topic, and remembers for those who come later. */
export function broadcast(path: string, text: string): void {
  published.set(path, text);
  void pubSub.broadcast(path, { type: "published", text });
}

const showText = (context: { readonly text: string }) => html`<main><h1>Now</h1><p>${context.text}</p></main>`;

const clockOn = (path: string, render: typeof showText) =>
  createLiveView<{ text: string }, never, Published>({
    mount: (socket) => {
      socket.subscribe(path);
      socket.assign({ text: published.get(path) ?? "" });
    },
    handleInfo: (info, socket) => {
      socket.assign({ text: info.text });
    },
    render,
  });

interface Said {
  readonly id: number;
  readonly text: string;
}

const NOBODY_SPOKE: readonly Said[] = [];

const chat = createLiveView<{ messages: readonly Said[] }, never, Published>({
  mount: (socket) => {
    socket.subscribe(CHAT);
    socket.assign({ messages: NOBODY_SPOKE });
  },
  handleInfo: (info, socket) => {
    const messages = reduce(socket.context.messages, info, (list, { text }) => [...list, { id: list.length, text }]);
    socket.assign({ messages });
  },
  render: shared(
    (context: { readonly messages: readonly Said[] }) => html`
    <main><h1>Chat</h1><ul>${each(
      context.messages,
      ({ id }) => id,
      ({ text }) => html`<li><b>${"Ada"}</b> ${text}</li>`,
    )}</ul></main>`,
  ),
});

/** By the number in its mark. */
const streamId = ({ text }: Published): string => `said-${text.slice(18, 24)}`;
const showSaid = (said: Published) => html`<li id="${streamId(said)}"><b>${"Ada"}</b> ${said.text}</li>`;

const streamOn = (path: string, show: typeof showSaid) =>
  createLiveView<{ messages: LiveStream<Published> }, never, Published>({
    mount: (socket) => {
      socket.subscribe(path);
      socket.stream("messages", [], { domId: streamId });
    },
    handleInfo: (info, socket) => socket.streamInsert("messages", info),
    render: (context) => html`
    <main><h1>Chat</h1><ul id="messages" phx-update="stream">${context.messages.map((_domId, said) => show(said))}</ul></main>`,
  });

interface Row {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly state: string;
}

const showRow = (row: Row) =>
  html`<tr><td>${row.id}</td><td>${row.name}</td><td>${row.note}</td><td>${row.state}</td></tr>`;

const tableWith = (render: typeof showRow, deps?: readonly unknown[]) =>
  createLiveView<{ rows: readonly Row[] }, { type: "set"; row: string; text: string }>({
    mount: (socket) => {
      const row = (_: unknown, id: number): Row => ({ id: `${id}`, name: "Ada", note: "-", state: "on" });
      socket.assign({ rows: Array.from({ length: TABLE_ROWS }, row) });
    },
    handleEvent: (event, socket) => {
      const { rows } = socket.context;
      const row = rows[Number(event.row)];
      if (row !== undefined) socket.assign({ rows: rows.with(Number(event.row), { ...row, note: event.text }) });
    },
    render: (context) => html`<table>${each(context.rows, (row) => row.id, render, deps)}</table>`,
  });

const rowComponent = createLiveComponent<{ row: Row }>({
  render: ({ row }) => showRow(row),
});

const components = createLiveView<{ rows: readonly Row[] }, { type: "set"; row: string; text: string }>({
  mount: (socket) => {
    const row = (_: unknown, id: number): Row => ({ id: `${id}`, name: "Ada", note: "-", state: "on" });
    socket.assign({ rows: Array.from({ length: TABLE_ROWS }, row) });
  },
  handleEvent: (event, socket) => {
    const { rows } = socket.context;
    const row = rows[Number(event.row)];
    if (row !== undefined) socket.assign({ rows: rows.with(Number(event.row), { ...row, note: event.text }) });
  },
  render: (context) =>
    html`<table>${each(
      context.rows,
      (row) => row.id,
      (row) => html`${liveComponent(rowComponent, { id: row.id, row })}`,
      [],
    )}</table>`,
});

export const views = {
  [COUNTER]: counter,
  [CLOCK]: clockOn(CLOCK, shared(showText)),
  [CLOCK_UNSHARED]: clockOn(CLOCK_UNSHARED, (context) => showText(context)),
  [CHAT]: chat,
  [STREAM]: streamOn(STREAM, showSaid),
  [STREAM_MEMO]: streamOn(STREAM_MEMO, (said) => memo(said, showSaid)),
  [COMPONENTS]: components,
  [TABLE]: tableWith(showRow),
  [TABLE_MEMO]: tableWith((row) => memo(row, showRow)),
  [TABLE_DEPS]: tableWith(showRow, []),
};
