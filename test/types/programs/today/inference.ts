// What the types say of views that are right: what is inferred, and that it is what was written.
import { type } from "arktype";
import * as v from "valibot";
import { createLiveApp, createLiveView, html, message, shared, SingleProcessPubSub, topic } from "wingbeat";
import type {
  AnyMessage,
  AppOptions,
  AppStats,
  Command,
  ContextOf,
  EventOf,
  EventsIn,
  FieldsOf,
  GapCause,
  InfoOf,
  LiveView,
  MessageOf,
  NeedsOf,
  PathParams,
  SentIn,
  ViewGap,
} from "wingbeat";
import { z } from "zod";
import type { Equal, Expect } from "./equal.ts";

type Said = { type: "said"; text: string };
type Tick = { type: "tick" };
const room = (id: string) => topic<Said>(`chat:${id}`);

// ── written out ──
export const written = createLiveView<{ count: number }, Tick | Said, Said, { user: string }, { id: string }>({
  render: (context, meta) => html`${context.count}${meta.event("tick")}${meta.event("said", { text: "hello" })}`,
});
export type Written = [
  Expect<Equal<ContextOf<typeof written>, { count: number }>>,
  Expect<Equal<EventOf<typeof written>, Tick | Said>>,
  Expect<Equal<InfoOf<typeof written>, Said>>,
  Expect<Equal<NeedsOf<typeof written>, { session: { user: string }; params: { id: string } }>>,
];

// ── nothing declared: any event and info, with fields that must be looked at ──
type Loose = { type: "loose"; field: number };
interface Declared {
  readonly type: "declared";
  readonly at: Date;
}
declare const loose: Loose;
declare const declared: Declared;
export const undeclared = createLiveView<{ count: number }>({
  handleEvent: (event, socket) => {
    if (event.type === "set" && typeof event["count"] === "number") socket.assign({ count: event["count"] });
    socket.sendInfo("any name");
    socket.sendInfo(loose);
    socket.sendInfo(declared);
    void socket.subscribe(room("1"));
  },
  render: (context, meta) => html`${context.count}${meta.event("any name", { any: "field" })}`,
});
export type Undeclared = [
  Expect<Equal<EventOf<typeof undeclared>, AnyMessage>>,
  Expect<Equal<InfoOf<typeof undeclared>, AnyMessage>>,
];

// ── inferred, with each schema library: handlers get outputs, templates send inputs ──
const zodSchemas = {
  rename: z.object({ name: z.string() }),
  since: z.object({ at: z.string().transform((text) => new Date(text)) }),
};
const valibotSchemas = {
  rename: v.object({ name: v.string() }),
  since: v.object({
    at: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
  }),
};
const arktypeSchemas = {
  rename: type({ name: "string" }),
  since: type({ at: type("string").pipe((text) => new Date(text)) }),
};
type Handled = { readonly type: "rename"; name: string } | { readonly type: "since"; at: Date };
type SentEvents = { readonly type: "rename"; name: string } | { readonly type: "since"; at: string };
export type Schemas = [
  Expect<Equal<EventsIn<typeof zodSchemas>, Handled>>,
  Expect<Equal<EventsIn<typeof valibotSchemas>, Handled>>,
  Expect<Equal<EventsIn<typeof arktypeSchemas>, Handled>>,
  Expect<Equal<SentIn<typeof zodSchemas>, SentEvents>>,
  Expect<Equal<SentIn<typeof valibotSchemas>, SentEvents>>,
  Expect<Equal<SentIn<typeof arktypeSchemas>, SentEvents>>,
];

export const withZod = createLiveView({
  initial: { name: "", since: new Date(0), tags: [] as string[] },
  events: zodSchemas,
  infos: [room("lobby"), message<Tick>()],
  mount: (socket, session: { user: string }, params: { id: string }) => {
    socket.assign({ name: session.user + params.id });
    socket.sendInfoEvery(1_000, "tick");
  },
  handleEvent: (event, socket) => {
    if (event.type === "rename") socket.assign({ name: event.name });
    else socket.assign({ since: event.at });
    return { reply: event.type };
  },
  handleInfo: (info, socket) => {
    if (info.type === "said") socket.assign({ tags: [...socket.context.tags, info.text] });
  },
  render: (context, meta) => html`${context.name}${meta.event("since", { at: "2026-01-01" })}${meta.event("rename")}`,
});
export const withValibot = createLiveView({
  render: (context, meta) => html`${context.name}${meta.event("since", { at: "2026-01-01" })}`,
  handleEvent: (event, socket) => {
    if (event.type === "since") socket.assign({ since: event.at });
  },
  events: valibotSchemas,
  initial: { name: "", since: new Date(0) },
});
export const withArktype = createLiveView({
  initial: { name: "" },
  handleEvent: (event, socket) => {
    if (event.type === "rename") socket.assign({ name: event.name });
  },
  render: (context, meta) => html`${context.name}${meta.event("rename", { name: "Ada" })}`,
  events: arktypeSchemas,
});
export type Inferred = [
  Expect<Equal<ContextOf<typeof withZod>, { name: string; since: Date; tags: string[] }>>,
  Expect<Equal<EventOf<typeof withZod>, Handled>>,
  Expect<Equal<InfoOf<typeof withZod>, Said | Tick>>,
  Expect<Equal<NeedsOf<typeof withZod>, { session: { user: string }; params: { id: string } }>>,
  Expect<Equal<ContextOf<typeof withValibot>, { name: string; since: Date }>>,
  Expect<Equal<EventOf<typeof withValibot>, Handled>>,
  Expect<Equal<EventOf<typeof withArktype>, Handled>>,
];

// ── schemas beside a union that was written by hand: for some of its events, or for all ──
export const beside = createLiveView<{ name: string }, { type: "rename"; name: string } | Tick, Tick>({
  events: { rename: z.object({ name: z.string().min(1) }), tick: z.object({}) },
  handleEvent: (event, socket) => {
    if (event.type === "rename") socket.assign({ name: event.name });
    else socket.sendInfo("tick");
  },
  render: (context) => html`${context.name}`,
});
export type Beside = [Expect<Equal<EventOf<typeof beside>, { type: "rename"; name: string } | Tick>>];

// ── a shared render takes the view's context ──
export const together = createLiveView<{ count: number }>({
  initial: { count: 0 },
  render: shared((context) => html`${context.count.toFixed(0)}`),
});

// ── gaps: a view gets its own topics; the app says how the backplane is ──
export const reloads = createLiveView<{ said: readonly Said[] }, Tick, Said>({
  initial: { said: [] },
  handleGap: (gap: ViewGap, socket) => {
    const { cause, topics, since, until, missed } = gap;
    socket.assign({ said: [{ type: "said", text: `${cause} ${topics.join()} ${until - since} ${missed ?? "?"}` }] });
  },
  render: (context) => html`${context.said.length}`,
});
export const remounts = createLiveView({ initial: { count: 0 }, onGap: "remount", render: () => html`` });
export const undecided = createLiveView({ handleGap: undefined, onGap: undefined, render: () => html`` });
export type Gaps = [
  Expect<Equal<ViewGap["topics"], readonly string[]>>,
  Expect<Equal<ViewGap["cause"], GapCause>>,
  Expect<Equal<AppStats["pubSub"], "connected" | "degraded" | "down">>,
];

// ── meta ──
export const reads = createLiveView<{ count: number }, Tick>({
  render: (_context, meta) => {
    const command: Command = meta.event("tick");
    return html`<p title="${meta.url.pathname}">${meta.csrfToken}${meta.flash["info"]}</p>
      <a phx-click="${command}">Tick</a>`;
  },
});

// ── the page's members of the socket, as users of LiveViewJS and of Phoenix write them ──
export const navigates = createLiveView<{ count: number }>({
  handleParams: (url, socket) => {
    socket.pageTitle(`Page ${url.searchParams.get("page") ?? 1}`);
    socket.pushPatch("/users", { page: 2, all: true, sort: undefined });
    socket.pushPatch("/users", new URLSearchParams(), true);
    socket.pushNavigate("/users", {}, { replace: true });
    socket.pushRedirect("/users?page=2");
    socket.redirect("https://example.org/");
    socket.putFlash("info", "Saved");
    socket.clearFlash();
    socket.clearFlash("info");
    socket.pushEvent("scroll", { top: 0 });
  },
  shutdown: (id, context) => void `${id} ends at ${context.count}`,
  render: async (context) => html`${context.count}`,
});

// ── topics ──
const pubSub = new SingleProcessPubSub();
const schema = z.object({ type: z.literal("said"), text: z.string() });
const checked = topic("chat:checked", { schema });
void pubSub.subscribe(room("1"), (said) => void said.text.length);
void pubSub.broadcast(room("1"), { type: "said", text: "hello" });
void pubSub.broadcast("chat:1", { anything: "goes" });
void pubSub.broadcast("chat:1", 7);
void pubSub.broadcastFrom({ id: "me" }, checked, { type: "said", text: "hello" });
export type Topics = [
  Expect<Equal<MessageOf<ReturnType<typeof room>>, Said>>,
  Expect<Equal<MessageOf<typeof checked>, { type: "said"; text: string }>>,
  Expect<Equal<MessageOf<"chat:1">, unknown>>,
  Expect<Equal<FieldsOf<Said | Tick, "said">, { text: string }>>,
];

// ── the app: views that need less than is there fit; options may be `undefined` ──
const path = (params: PathParams<"/rooms/:id/:page?">): [string, string | undefined] => [params.id, params.page];
export const app = createLiveApp({
  secret: process.env["WINGBEAT_SECRET"],
  session: async (request) => ({ user: request.url, admin: false }),
  routes: { "/": together, "/rooms/:id": written, "/users/:id": withZod },
  layout: (content, page) => html`<!doctype html><title>${page.title}</title>${page.scripts}<body>${content}</body>`,
  limits: { maxMessageBytes: 1_024, idleMs: undefined },
  logger: console,
});
export const options: AppOptions = {
  onError: (error, details) => void [error, details.view, path],
  headers: undefined,
};
export type App = [
  Expect<Equal<(typeof app)["paths"][number], "/" | "/rooms/:id" | "/users/:id">>,
  Expect<Equal<typeof together extends LiveView<{ session: {}; params: {} }> ? true : false, true>>,
];
