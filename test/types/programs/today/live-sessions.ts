// Live sessions and hooks: what their types infer, and the mistakes that they must catch (a line with ✗ must be refused with
// the text after it, and no other line may be).
import { createLiveApp, createLiveComponent, createLiveView, html, liveSession } from "wingbeat";
import type { AnyMessage, HookableSocket, Layout, LiveSession, LiveSocket, Mounting } from "wingbeat";
import { z } from "zod";
import type { Equal, Expect } from "./equal.ts";

type User = { readonly id: string; readonly name: string };

// ── hooks of a live session ──
const requireUser = async ({ session, redirect, putFlash }: Mounting<{ userId?: string }>) => {
  if (session.userId !== undefined) return { user: { id: session.userId, name: "Ada" } };
  putFlash("error", "Log in first.");
  return redirect("/login");
};
const requireAdmin = ({ session, redirect }: Mounting<{ user: User }>) =>
  session.user.name === "Ada" ? undefined : redirect("/");
const greet = ({ session, params, url, connected, attachHook, subscribe }: Mounting<{ user: User }>) => {
  void subscribe(`user:${session.user.id}`);
  attachHook("handleEvent", "dismiss", (event, socket) => {
    if (event.type !== "dismiss") return;
    const id: unknown = event["id"];
    socket.pushEvent("dismissed", { id, at: url.href, connected, room: params["id"] });
    return { halt: true, reply: id };
  });
  attachHook("afterRender", "count", async (socket) => socket.pageTitle("1"));
  return { greeting: `Hello, ${session.user.name}` };
};
const maybe = ({ connected }: Mounting) => (connected ? { clock: 1 } : undefined);

const room = createLiveView<{}, never, never, { user: User; greeting: string }, { id: string }>({ render: () => html`` });
const admin = createLiveView<{}, never, never, { user: User; theme: "dark" | "light" }>({ render: () => html`` });
const clock = createLiveView<{}, never, never, { clock?: number }>({ render: () => html`` });
const impatient = createLiveView<{}, never, never, { clock: number }>({ render: () => html`` });
const anybody = createLiveView<{}>({ render: () => html`` });
const layout: Layout = (content) => html`<body>${content}</body>`;

const members = liveSession(
  "members",
  { onMount: [requireUser, greet], layout },
  { "/": anybody, "/rooms/:id": room },
);
export type Members = Expect<
  Equal<
    typeof members,
    LiveSession<{
      readonly "/": (session: { userId?: string }) => void;
      readonly "/rooms/:id": (session: { userId?: string }) => void;
    }>
  >
>;
// What no hook adds is asked of the app.
const admins = liveSession("admins", { onMount: [requireUser, requireAdmin] }, { "/admin": admin });
const app = createLiveApp({
  session: async (request) => ({ userId: request.url, theme: "dark" as const }),
  routes: { "/login": anybody },
  liveSessions: [members, admins],
});
// What the session is, `session` alone says: its parameter needs no type, whatever the routes need of it.
const themed = createLiveView<{}, never, never, { theme: string }>({ render: () => html`` });
const greeted = createLiveView<{}, never, never, { user: User }>({ render: () => html`` });
createLiveApp({
  session: async (request) => ({ userId: request.url, theme: "dark" }),
  sessionInfo: ({ userId }) => ({ ids: [userId] }),
  routes: { "/theme": themed, "/other": createLiveView<{}, never, never, { userId?: string }>({ render: () => html`` }) },
  liveSessions: [
    liveSession("greeted", { onMount: [requireUser] }, { "/": greeted }),
    liveSession("themed", {}, { "/themed": themed }),
  ],
});
createLiveApp({ liveSessions: [liveSession("open", {}, { "/": anybody }), liveSession("c", { onMount: [maybe] }, { "/c": clock })] });

export type Paths = Expect<Equal<(typeof app)["paths"][number], "/login" | "/" | "/rooms/:id" | "/admin">>;

// ── mistakes ──
liveSession("c", { onMount: [maybe] }, { "/c": impatient }); // ✗ is not assignable to type '{ session: { clock: number; }
liveSession("m", { onMount: [requireUser] }, { "/rooms": room }); // ✗ Property 'id' is missing
liveSession("m", { onMount: ["requireUser"] }, { "/": anybody }); // ✗ 'string' is not assignable to type 'MountHook'
liveSession("m", { onMonut: [requireUser] }, { "/": anybody }); // ✗ 'onMonut' does not exist
liveSession("m", { layout: () => "<body>" }, { "/": anybody }); // ✗ 'string' is not assignable to type 'Awaitable<Rendered>'
liveSession("m", {}, { "/": html`` }); // ✗ is not assignable to type 'LiveView
createLiveApp({ liveSessions: [admins] }); // ✗ Property 'session' is missing
createLiveApp({ session: () => ({ userId: 1 }), liveSessions: [members] }); // ✗ 'number' is not assignable to type 'string'
createLiveApp({ session: () => ({ userId: "" }), liveSessions: [admins] }); // ✗ Property 'theme' is missing
// In this order, `greet` has no user yet.
const early = liveSession("early", { onMount: [greet, requireUser] }, { "/rooms/:id": room });
createLiveApp({ session: () => ({ userId: "" }), liveSessions: [early] }); // ✗ Property 'user' is missing
const wrong = ({ session, redirect, attachHook }: Mounting<{ userId: string }>) => {
  session.user; // ✗ 'user' does not exist on type '{ userId: string; }'
  session.userId = ""; // fine for the checker: that nobody changes it is a promise, as of every object
  redirect(new URL("https://app.example")); // ✗ 'URL' is not assignable to parameter of type 'string'
  attachHook("handleGap", "a", () => {}); // ✗ '"handleGap"' is not assignable to
  attachHook("handleInfo", "a", (info) => info.text.length); // ✗ 'info.text' is of type 'unknown'
  attachHook("handleParams", "a", (url, socket) => socket.assign({ path: url.href })); // ✗ Property 'assign' does not exist
};
void wrong;

// ── hooks of a view: they know its events, infos and context ──
type Event = { type: "save"; text: string } | { type: "undo" };
type Info = { type: "said"; text: string };
const helper = (socket: LiveSocket<{ count: number }, Info>): void => socket.assign({ count: 1 });
const attach = (socket: HookableSocket<{ count: number }, Event, Info>): void =>
  socket.attachHook("handleEvent", "own", (event) => (event.type === "undo" ? { halt: true } : undefined));
interface Declared {
  readonly type: "declared";
  readonly at: Date;
}
const loose = (socket: LiveSocket<{}, Declared>): void => void socket.id;
export const declared = createLiveView<{}, Declared, Declared>({ mount: (socket) => loose(socket), render: () => html`` });
export const hooked = createLiveView<{ count: number }, Event, Info>({
  mount: (socket) => {
    helper(socket);
    attach(socket);
    socket.attachHook("handleParams", "tab", (url, own) => own.assign({ count: url.search.length }));
    socket.attachHook("handleEvent", "log", async (event, own) => {
      if (event.type === "undo") return { halt: true, reply: own.context.count };
      own.assign({ count: event.text.length });
      return;
    });
    socket.attachHook("handleInfo", "log", (info, own) => own.assign({ count: info.text.length }));
    socket.attachHook("handleAsync", "log", (name, outcome, own) => {
      own.putFlash(name, outcome.ok ? "done" : String(outcome.error));
    });
    socket.attachHook("afterRender", "log", (own) => own.pushEvent("rendered", {}));
    socket.detachHook("afterRender", "log");
    socket.attachHook("afterRendr", "a", () => {}); // ✗ '"afterRendr"' is not assignable to
    socket.detachHook("handleGap", "a"); // ✗ '"handleGap"' is not assignable to
    socket.attachHook("handleEvent", "a", (event) => void event.text); // ✗ 'text' does not exist on type '{ type: "undo"; }'
    socket.attachHook("handleEvent", "a", () => ({ reply: 1 })); // ✗ is not assignable to type 'Awaitable<void | EventHookHalt>'
    socket.attachHook("handleEvent", "a", () => ({ halt: false })); // ✗ 'false' is not assignable to type 'true'
    socket.attachHook("handleInfo", "a", (info) => info.text); // ✗ 'string' is not assignable to type 'Awaitable<void | HookHalt>'
    socket.attachHook("handleInfo", "a", (_info, own) => own.assign({ cuont: 1 })); // ✗ Did you mean to write 'count'?
    socket.attachHook("handleAsync", "a", (_name, outcome) => void outcome.value); // ✗ 'value' does not exist
  },
  render: ({ count }) => html`${count}`,
});
export const inferred = createLiveView({
  initial: { since: new Date(0) },
  events: { since: z.object({ at: z.string().transform((text) => new Date(text)) }) },
  mount: (socket) => socket.attachHook("handleEvent", "a", (event, own) => own.assign({ since: event.at })),
  render: ({ since }) => html`${since.getTime()}`,
});
export type Undeclared = Expect<Equal<HookableSocket<{}>, HookableSocket<{}, AnyMessage, AnyMessage>>>;

export const row = createLiveComponent<{ id: string }, { n: number }, { type: "add"; n: number }>({
  initial: { n: 0 },
  mount: (socket) => {
    socket.attachHook("handleEvent", "a", (event, own) => own.assign({ n: event.n + own.context.n }));
    socket.attachHook("afterRender", "a", (own) => own.pushEvent("rendered", { id: own.context.id }));
    socket.attachHook("handleInfo", "a", () => {}); // ✗ '"handleInfo"' is not assignable to
    socket.attachHook("handleEvent", "a", (event) => void event.m); // ✗ Property 'm' does not exist
  },
  render: ({ n }) => html`<p>${n}</p>`,
});
