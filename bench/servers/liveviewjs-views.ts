import {
  createLiveView,
  html,
  SingleProcessPubSub,
  safe,
  type LiveViewHtmlPageTemplate,
  type LiveViewRouter,
} from "liveviewjs";
import { CHAT, CLOCK, COUNTER, TABLE, TABLE_ROWS } from "./paths.ts";

export const pubSub = new SingleProcessPubSub();

type Published = { type: "published"; text: string };

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

const clock = createLiveView<{ text: string }, never, Published>({
  mount: (socket) => {
    if (socket.connected) socket.subscribe(CLOCK);
    socket.assign({ text: "" });
  },
  handleInfo: (info, socket) => {
    socket.assign({ text: info.text });
  },
  render: (context) => html`<main><h1>Now</h1><p>${context.text}</p></main>`,
});

interface Said {
  readonly id: number;
  readonly text: string;
}

const chat = createLiveView<{ messages: Said[] }, never, Published>({
  mount: (socket) => {
    if (socket.connected) socket.subscribe(CHAT);
    socket.assign({ messages: [] });
  },
  handleInfo: (info, socket) => {
    const { messages } = socket.context;
    socket.assign({ messages: [...messages, { id: messages.length, text: info.text }] });
  },
  render: (context) => html`
    <main><h1>Chat</h1><ul>${context.messages.map(({ text }) => html`<li><b>${"Ada"}</b> ${text}</li>`)}</ul></main>`,
});

interface Row {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly state: string;
}

const table = createLiveView<{ rows: readonly Row[] }, { type: "set"; row: string; text: string }>({
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
    html`<table>${context.rows.map(
      (row) => html`<tr><td>${row.id}</td><td>${row.name}</td><td>${row.note}</td><td>${row.state}</td></tr>`,
    )}</table>`,
});

export const views: LiveViewRouter = { [COUNTER]: counter, [CLOCK]: clock, [CHAT]: chat, [TABLE]: table };

export const layout: LiveViewHtmlPageTemplate = (title, csrfToken, content) => html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="csrf-token" content="${csrfToken}">
  <title>${title.title}</title>
  <script defer src="/app.js"></script>
</head>
<body>${safe(content)}</body>
</html>`;
