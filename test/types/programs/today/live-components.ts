// Live components: what their types infer, and the mistakes that they must catch (a line with ✗ must be refused with the
// text after it, and no other line may be).
import { createLiveComponent, createLiveView, each, html, liveComponent } from "wingbeat";
import type { AnyMessage, LiveComponent, LiveStream, Renderable } from "wingbeat";
import { z } from "zod";
import type { Equal, Expect } from "./equal.ts";

type C = { count: number };
type E = { type: "increment" };
type I = { type: "counter"; count: number };

// ── what is fine ──
const card = createLiveComponent<{ title: Renderable; row?: (name: string) => Renderable }>({
  render: ({ title, row }) => html`<div>${title}${row?.("x")}</div>`,
});
const inferred = createLiveComponent({
  name: "votes",
  events: { vote: z.object({ by: z.coerce.number() }) },
  update: (socket, props: { id: string; votes: number }) => socket.assign({ votes: props.votes }),
  handleEvent: (event, socket) => {
    const by: number = event.by;
    socket.assign({ votes: socket.context.votes + by });
    return { reply: by };
  },
  render: (context, meta) =>
    html`<button phx-click="${meta.event("vote", { by: "1" })}" phx-target="${meta.self}">${context.votes}</button>`,
});
export type Inferred = Expect<Equal<typeof inferred, LiveComponent<{ id: string; votes: number }, never>>>;
const list = createLiveComponent<{ room: string }, { rows: LiveStream<{ id: string }>; count: number }>({
  mount: async (socket) => {
    socket.stream("rows", [{ id: socket.context.room }]);
    await Promise.resolve();
  },
  updateMany: async (updates) => {
    for (const { socket, props } of updates) socket.assign({ count: props.room.length });
  },
  render: ({ rows }) => html`<ul id="rows" phx-update="stream">${rows.map((id) => html`<li id="${id}"></li>`)}</ul>`,
});
const talker = createLiveComponent<{}, {}, AnyMessage, { type: "tick" } | { type: "said"; text: string }>({
  handleEvent: (_event, socket) => {
    socket.sendParent("tick");
    socket.sendParent({ type: "said", text: "hello" });
    socket.sendUpdate(card, "1", { title: "new" });
    socket.pushEvent("ring", {});
    socket.pushPatch("?a=1");
    socket.putFlash("info", socket.url.href);
  },
  render: (_context, meta) => html`<p>${meta.url.href}${meta.flash["info"]}</p>`,
});
createLiveView<C, E, { type: "tick" } | { type: "said"; text: string } | I>({
  render: (_context, meta) => html`
    ${liveComponent(card, { id: 1, title: html`<b>bold</b>`, row: (name) => html`<i>${name}</i>` })}
    ${liveComponent(card, { id: "two", title: null })}
    ${meta.liveComponent(talker, { id: 1 })} ${meta.liveComponent(card, { id: 3, title: "" })}
    ${each(
      ["a"],
      (room) => room,
      (room) => liveComponent(list, { id: room, room }),
    )}
    ${liveComponent(inferred, { id: "v", votes: 1 })}
  `,
});

// ── live components ──
type Note = { title: string; tags?: readonly string[] };
const note = createLiveComponent<Note, { draft: string }, { type: "edit"; draft: string } | { type: "close" }>({
  initial: { draft: 1 }, // ✗ 'number' is not assignable to type 'string'
  mount: (socket) => {
    socket.assign({ darft: "" }); // ✗ Did you mean to write 'draft'?
    socket.sendParent("saved"); // ✗ '"saved"' is not assignable to parameter of type 'never'
    socket.tempAssign({ draft: "" }); // ✗ Property 'tempAssign' does not exist
  },
  update: (_socket, props) => {
    const draft: string = props.draft; // ✗ Property 'draft' does not exist on type 'Note'
    return void draft;
  },
  handleEvent: (event, socket) => {
    if (event.type === "edit") socket.assign({ draft: event.text }); // ✗ Property 'text' does not exist
    if (event.type === "clos") return; // ✗ have no overlap
  },
  render: (context, meta) => {
    const self: string = meta.self; // ✗ 'number' is not assignable to type 'string'
    meta.event("cloze"); // ✗ '"cloze"' is not assignable to … '"close" | "edit"'
    meta.js.push("cloze"); // ✗ '"cloze"' is not assignable to … '"close" | "edit"'
    return html`<p>${context.titel}${self}</p>`; // ✗ Did you mean 'title'?
  },
});
const saver = createLiveComponent<{ title: string }, {}, AnyMessage, { type: "saved"; id: number }>({
  mount: (socket) => {
    socket.sendParent("saved"); // ✗ 'string' is not assignable to
    socket.sendParent({ type: "saved" }); // ✗ Property 'id' is missing
  },
  render: (_context, meta) => html`<p>${meta.liveComponent(note, { id: 1, title: "" })}</p>`,
});
createLiveComponent<{ a: number }>({}); // ✗ Property 'render' is missing
liveComponent(note, { title: "" }); // ✗ Property 'id' is missing
liveComponent(note, { id: 1 }); // ✗ Property 'title' is missing
liveComponent(note, { id: 1, titel: "" }); // ✗ 'titel' does not exist
liveComponent(note, { id: {}, title: "" }); // ✗ '{}' is not assignable to type 'string | number'
liveComponent(saver, { id: 1, title: "" }); // ✗ is not assignable to type 'never'
liveComponent((props: Note) => html`${props.title}`, { id: 1, title: "" }); // ✗ is not assignable to parameter of type 'LiveComponent<
createLiveView<C, E, { type: "saved"; id: number } | { type: "other" }>({
  mount: (socket) => {
    socket.sendUpdate(note, "1", { title: "b" });
    socket.sendUpdate(note, 1, { tags: ["b"] });
    socket.sendUpdate(note, "1", { draft: "b" }); // ✗ 'draft' does not exist
    socket.sendUpdate(note, "1", { title: undefined }); // ✗ 'undefined' is not assignable to type 'string'
  },
  render: (_context, meta) => html`${meta.liveComponent(saver, { id: 1, title: "" })}`,
});
createLiveView<C, E, I>({
  render: (_context, meta) => html`${meta.liveComponent(saver, { id: 1, title: "" })}`, // ✗ Property 'count' is missing in type '{ type: "saved"; id: number; }'
});
