// Most parts of the public types at work together, as an application has them.
import {
  createLiveApp,
  createLiveComponent,
  createLiveView,
  each,
  html,
  liveSession,
  message,
  Presence,
  shared,
  topic,
} from "wingbeat";
import type { AsyncResult, LiveStream, Mounting, PresenceDiff, Presences, Renderable } from "wingbeat";
import { z } from "zod";
// Topics and presence. A topic that presence uses says so: its views then must be ready for the diffs.
type User = { id: string; name: string };
type Who = { name: string; typing: boolean };
type RoomMessage = { type: "said"; text: string } | PresenceDiff<Who>;
const room = (id: string) => topic<RoomMessage>(`chat:${id}`);
const presence = new Presence<Who>();
// Written out: context, events, infos; then, when the view needs them, its session and its path's parameters.
type Chat = { who: Presences<Who>; messages: LiveStream<{ id: string; text: string }>; bio: AsyncResult<string> };
type ChatEvents = { type: "send"; text: string } | { type: "typing" };
export const chat = createLiveView<
  Chat,
  ChatEvents,
  RoomMessage | { type: "tick" },
  { currentUser: User },
  { id: string }
>({
  mount: async (socket, session, params) => {
    const here = room(params.id);
    await socket.subscribe(here);
    await presence.track(socket, here, session.currentUser.id, { name: session.currentUser.name, typing: false });
    socket.assign({ who: presence.list(here) });
    socket.stream("messages", [{ id: "1", text: "hello" }], { limit: -50 });
    socket.assignAsync("bio", async (signal) => (await fetch("/bio", { signal })).text());
    socket.sendInfoEvery(5_000, "tick");
  },
  handleInfo: (info, socket) => {
    if (info.type === "said") socket.streamInsert("messages", { id: crypto.randomUUID(), text: info.text }, { at: -1 });
    else if (info.type === "presence_diff") socket.assign({ who: presence.syncDiff(socket.context.who, info) });
  },
  render: (context, meta) => html`
    <form phx-submit="${meta.event("send")}"><input name="text" phx-focus="${meta.js.push("typing").addClass("busy")}"></form>
    <button phx-click="${meta.event("send", { text: "👋" })}">Wave</button> ${context.bio.status === "ok" ? context.bio.value : "…"}
    ${context.messages.map((domId, item) => html`<p id="${domId}">${item.text}</p>`)}`,
});
// Inferred: context from `initial`, events from schemas, infos from topics and `message<…>()`, needs from mount's annotations.
export const profile = createLiveView({
  initial: { name: "", since: new Date(0), tags: [] as string[] },
  events: {
    rename: z.object({ name: z.string() }),
    since: z.object({ at: z.string().transform((text) => new Date(text)) }),
  },
  infos: [room("lobby"), message<{ type: "saved" }>()],
  mount: (socket, session: { currentUser: User }) => {
    socket.assign({ name: session.currentUser.name });
  },
  handleEvent: (event, socket) => {
    if (event.type === "rename") {
      socket.assign({ name: event.name });
      socket.sendInfo("saved");
    } else socket.assign({ since: event.at }); // a Date here, a string in the template
  },
  render: (context, meta) =>
    html`${context.name}<button phx-click="${meta.event("since", { at: "2026-01-01" })}">Since</button>`,
});
export const counter = createLiveView<{ count: number }>({
  initial: { count: 0 },
  render: shared((context) => html`${context.count}`),
});
// Components: slots are props; a live component's context is its props and its own state.
type Table<Row> = {
  rows: readonly Row[];
  columns: readonly { label: string; cell: (row: Row) => Renderable }[];
  empty?: Renderable;
};
export const table = <Row extends { id: string }>({ rows, columns, empty }: Table<Row>) =>
  html`${
    rows.length
      ? each(
          rows,
          (row) => row.id,
          (row) => html`<tr>${columns.map((c) => html`<td>${c.cell(row)}</td>`)}</tr>`,
        )
      : empty
  }`;
export const editor = createLiveComponent<
  { title: string },
  { draft: string },
  { type: "edit"; draft: string },
  { type: "saved" }
>({
  mount: (socket) => {
    socket.assign({ draft: "" });
  },
  handleEvent: (event, socket) => {
    socket.assign({ draft: event.draft });
    socket.sendParent("saved");
  },
  render: (context, meta) => html`<form phx-change="${meta.event("edit")}">${context.title}: ${context.draft}</form>`,
});
export const page = createLiveView<{ title: string }, never, { type: "saved" }>({
  initial: { title: "Notes" },
  render: (context, meta) => html`${meta.liveComponent(editor, { id: "editor", title: context.title })}`,
});
// Hooks return what they add to the session, or a halt. The app's session flows to every view and every hook.
const requireUser = async ({ session, redirect }: Mounting<{ userId?: string }>) =>
  session.userId ? { currentUser: { id: session.userId, name: "Ada" } } : redirect("/login");
declare const secret: string | undefined;
export const app = createLiveApp({
  secret,
  session: async (request) => ({ userId: request.headers.get("x-user") ?? "" }),
  routes: { "/counter": counter, "/page/:slug?": page },
  liveSessions: [liveSession("members", { onMount: [requireUser] }, { "/rooms/:id": chat, "/me": profile })],
});
