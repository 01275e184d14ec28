// Streams: what their types accept and infer; a line with ✗ must be refused with the text after it.
import { createLiveComponent, createLiveView, html, liveStream, memo, shared } from "wingbeat";
import type { ContextOf, LiveStream, Rendered } from "wingbeat";
import { z } from "zod";
import type { Equal, Expect } from "./equal.ts";

interface Message {
  readonly id: string;
  readonly text: string;
}
type Chat = { draft: string; messages: LiveStream<Message>; files: LiveStream<{ path: string }> };
type Board = { columns: string[]; [cards: `cards-${string}`]: LiveStream<Message> };

const row = ({ id, text }: Message): Rendered => html`<li id="messages-${id}">${text}</li>`;

export const chat = createLiveView<Chat, { type: "say"; text: string }>({
  // Streams begin by `socket.stream`, so that `initial` has the other keys.
  initial: { draft: "" },
  mount: (socket) => {
    socket.stream("messages", [{ id: "1", text: "hello" }], { limit: -50 });
    socket.stream("files", new Set([{ path: "a" }]), { domId: (file) => file.path, reset: true });
    socket.assign({ draft: "" });
  },
  handleEvent: (event, socket) => {
    const message = { id: "2", text: event.text };
    socket.streamInsert("messages", message, { at: 0, updateOnly: true });
    socket.streamInsert("messages", [message, message], { at: undefined, limit: undefined });
    socket.streamDelete("messages", message);
    socket.streamDeleteByDomId("files", "a");
  },
  render: ({ messages, files }) => {
    const list = messages.map((domId, message) => html`<li id="${domId}">${message.text}</li>`);
    return html`<ul id="m" phx-update="stream">${list}</ul>
      <ul id="f" phx-update="stream">${files.map((domId, { path }) => html`<li id="${domId}">${path}</li>`)}</ul>`;
  },
});
export type ContextKept = Expect<Equal<ContextOf<typeof chat>, Chat>>;

export const board = createLiveView<Board>({
  mount: (socket) => {
    for (const column of ["todo", "done"]) socket.stream(`cards-${column}`, []);
    socket.assign({ columns: ["todo", "done"] });
  },
  render: (context) =>
    html`${context.columns.map((column) => html`<ul id="${column}" phx-update="stream">${context[`cards-${column}`]?.map((_domId, card) => memo(card, row))}</ul>`)}`,
});

// ── inferred ──
export const inferred = createLiveView({
  initial: { draft: "", messages: liveStream<Message>() },
  events: { say: z.object({ text: z.string() }) },
  mount: (socket) => socket.stream("messages", []),
  handleEvent: ({ text }, socket) => {
    socket.streamInsert("messages", { id: "1", text });
    socket.assign({ draft: "" });
  },
  render: ({ messages, draft }, meta) =>
    html`${draft}<ul id="m" phx-update="stream" phx-click="${meta.event("say")}">${messages.map((_domId, message) => row(message))}</ul>`,
});
export type Inferred = Expect<Equal<ContextOf<typeof inferred>, { draft: string; messages: LiveStream<Message> }>>;

createLiveView({
  initial: { draft: "", messages: liveStream<Message>() },
  mount: (socket) => {
    socket.streamInsert("messages", { id: "1" }); // ✗ not assignable to parameter of type 'Message | readonly Message[]'
    socket.assign({ messages: liveStream<Message>() }); // ✗ 'messages' does not exist in type 'Pick<
  },
  render: () => html``,
});

export const log = createLiveComponent<{ id: string }, { isOpen: boolean; lines: LiveStream<Message> }>({
  initial: { isOpen: false },
  mount: (socket) => socket.stream("lines", []),
  render: ({ lines }) => html`<ul id="l" phx-update="stream">${lines.map((_domId, line) => row(line))}</ul>`,
});

// ── mistakes ──
createLiveView<Chat>({ initial: { darft: "" }, render: () => html`` }); // ✗ Did you mean to write 'draft'?
createLiveView<Chat>({
  mount: (socket) => {
    socket.stream("draft", []); // ✗ '"draft"' is not assignable to parameter of type 'StreamKey<Chat>'
    socket.stream("messages", [{ id: 1, text: "" }]); // ✗ 'number' is not assignable to type 'string'
    socket.stream("messages", [], { domId: (message) => message.path }); // ✗ 'path' does not exist on type 'Message'
    socket.stream("messages", [], { updateOnly: true }); // ✗ 'updateOnly' does not exist
    socket.streamInsert("mesages", { id: "1", text: "" }); // ✗ '"mesages"' is not assignable
    socket.streamInsert("messages", { id: "1" }); // ✗ not assignable to parameter of type 'Message | readonly Message[]'
    socket.streamInsert("messages", [], { reset: true }); // ✗ 'reset' does not exist
    socket.streamDelete("messages", "1"); // ✗ 'string' is not assignable to parameter of type 'Message'
    socket.streamDeleteByDomId("messages", 1); // ✗ 'number' is not assignable to parameter of type 'string'
    socket.assign({ messages: socket.context.messages }); // ✗ 'messages' does not exist in type 'Pick<Chat, "draft">'
    socket.tempAssign({ messages: socket.context.messages }); // ✗ 'messages' does not exist in type 'Pick<Chat, "draft">'
  },
  render: ({ messages }) => {
    const count = messages.length; // ✗ 'length' does not exist on type 'LiveStream<Message>'
    const texts = messages.map((_domId, message) => message.text); // ✗ 'string' is not assignable to type 'Rendered'
    return html`${count}${texts}${messages}`; // ✗ is not assignable to parameter of type 'Renderable'
  },
});
shared(({ draft }: Chat) => html`${draft}`); // ✗ StreamsAreNeverShared
createLiveView<Chat>({ render: shared(({ draft }) => html`${draft}`) }); // ✗ StreamsAreNeverShared
