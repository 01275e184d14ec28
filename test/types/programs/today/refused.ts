// Mistakes in what is built, each with what the checker says to whoever makes it: a line with ✗ must be refused with
// the text after it (… stands for anything), and no other line may be. What needs later parts is in ../upcoming.
import { createLiveApp, createLiveView, each, html, message, shared, SingleProcessPubSub, topic } from "wingbeat";
import type { AppOptions, ContextOf } from "wingbeat";
import { z } from "zod";
import type { Equal, Expect } from "./equal.ts";

type C = { count: number; names: string[] };
type E = { type: "increment" } | { type: "rename"; name: string };
type I = { type: "counter"; count: number } | { type: "tick" };
const room = topic<{ type: "said"; text: string }>("chat:1");
const counts = topic<{ type: "counter"; count: number }>("counts");
const short = { type: "said" as const };
const pubSub = new SingleProcessPubSub();
const soon = Promise.resolve("soon");

// A check of types that never fails proves nothing: this assertion is false, and must be refused.
export const counter = createLiveView<{ count: number }>({ render: (context) => html`${context.count}` });
export type Seeded = Expect<Equal<ContextOf<typeof counter>, { count: string }>>; // ✗ Type 'false' does not satisfy the constraint 'true'

// ── templates ──
html`${soon}`; // ✗ 'Promise<string>' is not assignable to … 'Renderable'
html`${() => "later"}`; // ✗ '() => string' is not assignable to … 'Renderable'
html`${new Date(0)}`; // ✗ 'Date' is not assignable to … 'Renderable'
html`${{ count: 1 }}`; // ✗ 'count' does not exist in type
html`${Symbol("x")}`; // ✗ 'symbol' is not assignable to … 'Renderable'
const cell = ({ id }: { id: number }) => html`${id}`;
each([{ id: 1 }], (item) => item.nam, cell); // ✗ 'nam' does not exist on type '{ id: number; }'
each(["one"], (item) => item, cell); // ✗ 'string' is not assignable to type '{ id: number; }'

// ── definitions ──
createLiveView<C>({ mount: (socket) => socket.assign({ count: 0 }) }); // ✗ Property 'render' is missing
createLiveView<C>({ initial: { count: 0 }, render: () => html`` }); // ✗ Property 'names' is missing in type '{ count: number; }'
createLiveView<C>({ render: (context) => `${context.count}` }); // ✗ 'string' is not assignable to type 'Awaitable<Rendered>'
createLiveView<C>({ render: shared((context: C, meta: object) => html`${context.count}${String(meta)}`) }); // ✗ Target signature provides too few arguments
createLiveView<C>({ handelEvent: () => {}, render: () => html`` }); // ✗ 'handelEvent' does not exist in type
createLiveView<C, E>({ handleEvent: () => ({ repl: 1 }), render: () => html`` }); // ✗ '{ repl: number; }' is not assignable to type 'Awaitable<void | EventReply>'
createLiveView<C, E>({ handleEvent: (event: { type: "increment" }) => {}, render: () => html`` }); // ✗ '{ type: "rename"; name: string; }' is not assignable to type '{ type: "increment"; }'

// ── schemas ──
createLiveView<C, E>({ events: { rename: z.object({ name: z.number() }), increment: z.object({}) }, render: () => html`` }); // ✗ 'number' is not assignable to type 'string'
createLiveView<C, E>({ events: { rename: z.object({ name: z.string() }) }, render: () => html`` }); // ✗ Property 'increment' is missing
const looksSafe = { id: 1, text: "" };
html`${looksSafe}`; // ✗ is not assignable to parameter of type 'Renderable'
createLiveView<C, E>({ events: { renam: z.object({ name: z.string() }) }, render: () => html`` }); // ✗ 'renam' does not exist in type
createLiveView({
  initial: { since: new Date(0) },
  events: { since: z.object({ at: z.string().transform((text) => new Date(text)) }) },
  infos: [counts, message<{ type: "tick" }>()],
  handleEvent: (event, socket) => {
    socket.assign({ since: event.to }); // ✗ 'to' does not exist on type '{ readonly type: "since"; at: Date; }'
    socket.sendInfo("counter"); // ✗ '"counter"' is not assignable to parameter of type
    socket.sendInfo("tock"); // ✗ '"tock"' is not assignable to parameter of type
  },
  render: (context, meta) => {
    const sent = meta.event("since", { at: context.since }); // ✗ 'Date' is not assignable to type 'string'
    return html`${sent}`;
  },
});

// ── the socket ──
createLiveView<C, E, I>({
  mount: (socket, session, params) => {
    socket.assign({ count: "1" }); // ✗ 'string' is not assignable to type 'number'
    socket.tempAssign({ nams: [] }); // ✗ Did you mean to write 'names'?
    socket.id = "mine"; // ✗ Cannot assign to 'id' because it is a read-only property
    socket.sendInfo("counter"); // ✗ '"counter"' is not assignable to parameter of type '"tick" | I'
    socket.sendInfo({ type: "counter" }); // ✗ Property 'count' is missing
    socket.sendInfoAfter("tick", 1_000); // ✗ 'string' is not assignable to parameter of type 'number'
    socket.sendInfoEvery(1_000, "tock"); // ✗ '"tock"' is not assignable to parameter of type '"tick" | I'
    socket.subscribe(room); // ✗ 'Topic<{ type: "said"; text: string; }>' is not assignable to … 'PlainTopic | Topic<I>'
    socket.broadcast(counts, { type: "counter" }); // ✗ Property 'count' is missing
    socket.broadcastFrom(counts, { type: "counter", count: "1" }); // ✗ 'string' is not assignable to type 'number'
    socket.pageTitle(7); // ✗ 'number' is not assignable to parameter of type 'string'
    socket.pushEvent("scroll", 7); // ✗ 'number' is not assignable to parameter of type 'object'
    socket.pushPatch("/users", { page: null }); // ✗ 'null' is not assignable to type 'QueryValue'
    socket.pushNavigate("/users", {}, { replaced: true }); // ✗ 'replaced' does not exist in type 'NavigateOptions'
    socket.redirect(new URL("https://app.example")); // ✗ 'URL' is not assignable to parameter of type 'string'
    socket.putFlash("info"); // ✗ Expected 2 arguments, but got 1
    session.userId; // ✗ 'userId' does not exist on type 'SessionNotDeclared'
    const id: string = params.id; // ✗ 'unknown' is not assignable to type 'string'
    return socket.subscribe(id);
  },
  handleInfo: (info) => {
    if (info.type === "tick") info.count; // ✗ 'count' does not exist on type '{ type: "tick"; }'
    if (info.type === "tock") return; // ✗ have no overlap
  },
  render: (_context, meta) => {
    meta.flash.info = "changed"; // ✗ only permits reading
    const title: string = meta.flash.title; // ✗ 'string | undefined' is not assignable to type 'string'
    return html`${title}`;
  },
});

// ── topics ──
pubSub.publish(room, { type: "said" }); // ✗ Property 'text' is missing
pubSub.localBroadcast(room, { type: "sayd", text: "" }); // ✗ '"sayd"' is not assignable to type '"said"'
pubSub.broadcastFrom({}, room, { type: "said", text: "" }); // ✗ Property 'id' is missing
pubSub.subscribe(room, (said) => said.txt); // ✗ Did you mean 'text'?
pubSub.subscribe("chat:1", (said) => said.text); // ✗ 'said' is of type 'unknown'
pubSub.broadcast(room, short); // ✗ Property 'text' is missing
topic("chat:1", { schema: z.object({ text: z.string() }) }); // ✗ Property 'type' is missing
topic<{ count: number }>("counter"); // ✗ Property 'type' is missing in type '{ count: number; }' but required in type 'Message'
createLiveView({
  infos: [counts],
  mount: async (socket) => {
    await socket.subscribe(counts);
    await socket.subscribe(room); // ✗ 'Topic<{ type: "said"; text: string; }>' is not assignable to … 'PlainTopic | Topic<{ type: "counter"; count: number; }>'
    await socket.broadcast(room, short); // ✗ Property 'text' is missing
  },
  render: () => html``,
});

// ── gaps ──
createLiveView<C, E, I>({ onGap: "reload", render: () => html`` }); // ✗ Type '"reload"' is not assignable to type '"remount"'
createLiveView<C, E, I>({
  handleGap: async (gap, socket) => {
    if (gap.cause === "lost") return; // ✗ have no overlap
    if (gap.topics === "*") return; // ✗ have no overlap
    const missed: number = gap.missed; // ✗ 'number | undefined' is not assignable to type 'number'
    gap.since = missed; // ✗ Cannot assign to 'since' because it is a read-only property
    await socket.subscribe(room); // ✗ 'Topic<{ type: "said"; text: string; }>' is not assignable to … 'PlainTopic | Topic<I>'
    socket.assign({ cuont: 0 }); // ✗ Did you mean to write 'count'?
  },
  render: () => html``,
});

// ── the app ──
const needsUser = createLiveView({
  initial: { name: "" },
  mount: (socket, session: { user: string }, params: { id: string }) => {
    socket.assign({ name: session.user + params.id });
  },
  render: (context) => html`${context.name}`,
});
createLiveApp({ routes: { "/u/:id": needsUser } }); // ✗ Property 'session' is missing
createLiveApp({ session: () => ({ user: "" }), routes: { "/u/:name": needsUser } }); // ✗ Property 'id' is missing
createLiveApp({ session: () => ({ user: "" }), routes: { "/u/:id?": needsUser } }); // ✗ 'string | undefined' is not assignable to type 'string'
createLiveApp({ session: () => ({ user: 1 }), routes: { "/u/:id": needsUser } }); // ✗ 'number' is not assignable to type 'string'
export const misspelt: AppOptions = { secert: "…" }; // ✗ Did you mean to write 'secret'?
export const unlimited: AppOptions = { limits: { maxMessageByte: 1 } }; // ✗ Did you mean to write 'maxMessageBytes'?
export const fine = createLiveApp({ session: async () => ({ user: "", more: 1 }), routes: { "/u/:id": needsUser } });
