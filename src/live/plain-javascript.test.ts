/* oxlint-disable typescript/no-explicit-any, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument, typescript/no-unsafe-assignment -- the programs here have no types */

import { describe, expect, it } from "vitest";
import { load, ORIGIN, SECRET, testApp, visit } from "../../test/support/client.ts";
import { asyncResult } from "../components/async-result.ts";
import { hookScript } from "../components/hook-script.ts";
import { link } from "../components/link.ts";
import { liveFlash } from "../components/live-flash.ts";
import { AsyncResult } from "./async/async-result.ts";
import { createLiveComponent } from "./components/create-live-component.ts";
import { each } from "../html/each.ts";
import { html } from "../html/html.ts";
import { cookieSession } from "../session/cookie-session.ts";
import { createLiveApp } from "./live-app.ts";
import { liveSession } from "./live-session.ts";
import { createLiveView } from "./live-view.ts";
import { liveRender } from "./nested/live-render.ts";
import { parseQuery, withQuery } from "./query.ts";

// What a program that no compiler has read gets wrong most easily ends with what happened, what was expected, and the mend: never
// in silence, and never far away from its cause.

/** Of whatever a program without types may do. */
type Loose = (...given: readonly unknown[]) => unknown;
type Anything = any;
const plain = {
  view: createLiveView as Loose,
  app: createLiveApp as unknown as Loose,
  session: liveSession as unknown as Loose,
  component: createLiveComponent as Loose,
};
const render = () => html`<p>x</p>`;
const view = createLiveView({ render });
const card = createLiveComponent({ render });
const nameless = createLiveComponent({
  render: (_context, meta) => html`<p phx-click="${(meta.event as Loose)(() => {}) as Anything}"></p>`,
});
const assigning = createLiveComponent({
  mount: (socket: Anything) => {
    socket.context = { open: true };
  },
  render,
});

describe("a view's definition", () => {
  it.each<[what: string, definition: object, message: string]>([
    [
      "a misspelt callback",
      { handleevent: () => {}, render },
      "A view has a `handleevent`, which nothing calls. Write handleEvent.",
    ],
    [
      "a callback in snake case",
      { handle_info: () => {}, render },
      "A view has a `handle_info`, which nothing calls. Write handleInfo.",
    ],
    [
      "handlers by event",
      { handleEvent: { add: () => {} }, render },
      "handleEvent is an object with the fields add, and must be a function for all of them: handleEvent: (message, socket) =>",
    ],
    [
      "what mount would return",
      { mount: { count: 0 }, render },
      "mount is an object with the fields count, and must be a function.",
    ],
    [
      "a context that is made",
      { initial: () => ({ count: 0 }), render },
      "`initial` is the function initial, and must be an object",
    ],
    [
      "a list of events",
      { events: ["add"], render },
      "`events` is a list, and must be an object with a schema for each event",
    ],
    [
      "fields for a schema",
      { events: { add: { name: "string" } }, render },
      'The event "add" of a view has an object with the fields name for a schema.',
    ],
  ])("with %s is refused", (_what, definition, message) => {
    expect(() => plain.view(definition)).toThrow(message);
  });
});

describe("a live component's definition", () => {
  it.each<[what: string, definition: object, message: string]>([
    [
      "a misspelt callback",
      { handle_event: () => {}, render },
      "A live component has a `handle_event`, which nothing calls. Write handleEvent.",
    ],
    [
      "a misspelt updateMany",
      { update_many: () => {}, render },
      "A live component has a `update_many`, which nothing calls. Write updateMany.",
    ],
    [
      "a callback that views alone have",
      { handle_info: () => {}, render },
      "A live component has a `handle_info`, which nothing calls. Its view may have a handleInfo, and pass on what the component needs: as props, or by socket.sendUpdate(",
    ],
    [
      "what update would return",
      { update: { count: 0 }, render },
      "A live component's update is an object with the fields count, and must be a function.",
    ],
    [
      "a state that is made",
      { initial: () => ({ count: 0 }), render },
      "A live component's `initial` is the function initial, and must be an object",
    ],
    [
      "fields for a schema",
      { events: { add: { name: "string" } }, render },
      'The event "add" of a live component has an object with the fields name for a schema.',
    ],
  ])("with %s is refused", (_what, definition, message) => {
    expect(() => plain.component(definition)).toThrow(message);
  });
});

describe("an app's options", () => {
  it.each<[what: string, options: unknown, message: string]>([
    ["nothing", undefined, "createLiveApp takes its options, and got undefined: createLiveApp({ routes:"],
    ["a view", view, "createLiveApp takes its options, and got a view"],
    [
      "a secret that is a number",
      { secret: 42 },
      'The option "secret" takes a text or a list of texts, and got a number.',
    ],
    [
      "a secret of bytes",
      { secret: Buffer.alloc(40) },
      'The option "secret" takes a text or a list of texts, and got an object.',
    ],
    [
      "one origin",
      { origins: ORIGIN },
      "The option `origins` is the string http://localhost:4000, and must be a list: origins: [",
    ],
    ["a list of routes", { routes: [["/", view]] }, "The option `routes` is a list, and must be an object"],
    [
      "a class for a view",
      { routes: { "/": class Home extends Array {} } },
      'The route "/" is no live view. Give what createLiveView(',
    ],
    ["a route without its slash", { routes: { home: view } }, 'The route "home" must begin with "/"'],
    [
      "live sessions by name",
      { liveSessions: {} },
      "The option `liveSessions` is an object without fields, and must be a list",
    ],
    [
      "a session that is there",
      { session: { userId: 1 } },
      "The option `session` is an object with the fields userId, and must be a function",
    ],
    [
      "a layout that is a text",
      { layout: "<body>" },
      "The option `layout` is the string <body>, and must be a function",
    ],
    [
      "an error page that is a text",
      { errorPage: "Sorry" },
      "The option `errorPage` is the string Sorry, and must be a function",
    ],
    [
      "a handler for `fetch` that is none",
      { fetch: {} },
      "The option `fetch` is an object without fields, and must be a function",
    ],
    [
      "something else for the Pub/Sub",
      { pubSub: {} },
      "The option `pubSub` is an object without fields, which has not the methods of a Pub/Sub.",
    ],
  ])("that are %s, or have it, are refused", (_what, options, message) => {
    const given = typeof options === "object" && options !== view ? { secret: SECRET, ...options } : options;
    expect(() => plain.app(given)).toThrow(message);
  });

  it("that there are not are told of", () => {
    const log: string[] = [];
    const logger = { info: () => {}, error: () => {}, warn: (line: string) => void log.push(line) };
    plain.app({ secret: SECRET, logger, route: { "/": view }, cache: true });
    expect(log).toEqual([
      "[wingbeat] createLiveApp got `route`, which is none of its options: `routes` is",
      "[wingbeat] createLiveApp got `cache`, which is none of its options",
    ]);
  });

  const guard = () => {};
  it.each<[what: string, given: readonly unknown[], message: string]>([
    ["without routes", [{}], 'The live session "members" got no routes, its third argument'],
    ["without routes by null", [{}, null], 'The live session "members" got no routes, its third argument'],
    ["with a list of routes", [{}, [view]], 'The live session "members" got no routes, its third argument'],
    [
      "without options",
      [null, { "/": view }],
      'The live session "members" got null for its options, the second argument: liveSession("members", { onMount: [requireUser] }, {',
    ],
    ["whose hooks are its options", [[guard], { "/": view }], 'The live session "members" got a list for its options'],
    ["whose hook is its options", [guard, { "/": view }], 'The live session "members" got the function guard for its'],
    [
      "with a misspelt option",
      [{ onmount: [guard] }, { "/": view }],
      'The live session "members" got `onmount`, which is none of its options. It has `onMount`, for hooks, and `layout`.',
    ],
    [
      "with a layout that is a text",
      [{ layout: "<body>" }, { "/": view }],
      '`layout` of the live session "members" is the string <body>, and must be a function: layout: (content, page) =>',
    ],
  ])("for a live session %s are refused", (_what, given, message) => {
    expect(() => plain.session("members", ...given)).toThrow(message);
  });

  it.each<[what: string, session: unknown, got: string]>([
    ["nothing", undefined, "undefined"],
    ["a text", "ada", "the string ada"],
  ])("whose `session` gives %s fail with what it should give", async (_what, session, got) => {
    const { app, errors } = testApp({ "/": view }, { session: () => session } as Anything);
    expect((await load(app, "/")).status).toBe(500);
    expect(String(errors[0]?.error)).toContain(`The app's \`session\` gave ${got}. It gives an object`);
  });

  it("whose `fetch` gives a text fail with what it should give; null is as good as nothing", async () => {
    const { app, errors } = testApp({ "/": view }, { fetch: () => "hello" } as Anything);
    expect((await load(app, "/api")).status).toBe(500);
    expect(String(errors[0]?.error)).toContain("The `fetch` option returned the string hello. It returns a Response");
    const nothing = testApp({ "/": view }, { fetch: () => null } as Anything);
    expect((await load(nothing.app, "/api")).status).toBe(404);
  });
});

describe("a view", () => {
  it.each<[what: string, mount: (socket: Anything) => unknown, message: string]>([
    [
      "assigns by name and value",
      (socket) => socket.assign("count", 1),
      "socket.assign got the string count. It takes an object with the keys to change",
    ],
    ["assigns by a function", (socket) => socket.assign(() => ({})), "socket.assign got a function."],
    [
      "puts a flash without its kind",
      (socket) => socket.putFlash("Saved"),
      "putFlash got the string Saved and undefined. It takes a kind and a text",
    ],
    ["gives no title", (socket) => socket.pageTitle(undefined), "socket.pageTitle got undefined. It takes a text"],
    [
      "pushes an event without a payload",
      (socket) => socket.pushEvent("saved"),
      'pushEvent got undefined for the payload of "saved". It takes an object, {} if there is nothing to tell: socket.pushEvent("saved", {}).',
    ],
    [
      "pushes a function",
      (socket) => socket.pushEvent("saved", () => {}),
      'pushEvent got a function for the payload of "saved".',
    ],
    [
      "assigns a title",
      (socket) => (socket.pageTitle = "Rooms"),
      'socket.pageTitle was assigned the string Rooms. It is a function: socket.pageTitle("Rooms").',
    ],
    [
      "assigns its context",
      (socket) => (socket.context = { count: 1 }),
      "socket.context was assigned an object with the fields count. It is there to be read; its keys are changed by socket.assign(",
    ],
    [
      "says by name what is temporary",
      (socket) => socket.tempAssign(["rows"]),
      "socket.tempAssign got a list. It takes an object with what keys fall back to",
    ],
    [
      "begins a timer without a time",
      (socket) => socket.sendInfoEvery("tick"),
      'socket.sendInfoEvery got the string tick for its time. It takes milliseconds, at most 2147483647 (24 days), and then the info: socket.sendInfoEvery(1000, "refresh").',
    ],
    [
      "begins a timer with no number",
      (socket) => socket.sendInfoAfter(Number.NaN, "tick"),
      "socket.sendInfoAfter got the number NaN for its time.",
    ],
    [
      "begins a timer of a month, which would be over at once",
      (socket) => socket.sendInfoAfter(30 * 24 * 3_600_000, "tick"),
      "socket.sendInfoAfter got the number 2592000000 for its time.",
    ],
    [
      "loads without a key",
      (socket) => socket.assignAsync(() => 1),
      "socket.assignAsync got a function for the key. It takes a key of the context, or a list of them, and the work",
    ],
    [
      "patches to a query that is a text",
      (socket) => socket.pushPatch("/", "page=2"),
      'A query was given as the string page=2. It takes an object of its parameters, { page: 2 }, or stands in the path: "/list?page=2".',
    ],
    [
      "parses a query the wrong way round",
      (socket) => (parseQuery as Loose)(socket.url, {}),
      "parseQuery takes a schema, and the address as a URL: parseQuery(",
    ],
    [
      "allows an upload with a misspelt limit",
      (socket) => socket.allowUpload("files", { accept: "any", maxSize: 1_000 }),
      'allowUpload("files") got `maxSize`, which is none of its options: accept, maxEntries, maxFileSize, autoUpload,',
    ],
    [
      "pushes an event without a name",
      (socket) => socket.pushEvent({ id: 1 }),
      "pushEvent got an object with the fields id for the event's name.",
    ],
    ["navigates to nowhere", (socket) => socket.pushNavigate(), "A navigation got undefined for where to go."],
    ["redirects to nowhere", (socket) => socket.redirect(undefined), "A navigation got undefined for where to go."],
    ["streams nothing", (socket) => socket.stream("rows", undefined), "items: undefined"],
    [
      "streams rows without ids",
      (socket) => socket.stream("rows", [{ name: "a" }]),
      'An item of the stream "rows" has no id',
    ],
    [
      "allows an upload without options",
      (socket) => socket.allowUpload("files"),
      'allowUpload("files") got no options.',
    ],
  ])("that %s fails with what was meant", async (_what, mount, message) => {
    const { app, errors } = testApp({ "/": createLiveView({ mount: (socket) => void mount(socket), render }) });
    await load(app, "/");
    expect(String(errors[0]?.error)).toContain(message);
  });

  it.each<[what: string, render: (meta: Anything) => Anything, message: string]>([
    ["a text", () => "<p>x</p>", "but it returned string."],
    ["nothing, for want of a return", () => {}, "but it returned undefined. A function with braces needs a `return`."],
    [
      "html that was called",
      () => (html as Loose)("<p>x</p>"),
      "html was called with the string <p>x</p>. It is a tag",
    ],
    [
      "a list without keys",
      () => html`${(each as Anything)([1], () => html`<p></p>`)}`,
      "each takes a list, what tells its items apart, and how to show one",
    ],
    [
      "a component itself",
      () => html`<div>${card as Anything}</div>`,
      "A live component cannot be shown in text. Place it with its props",
    ],
    [
      "a view itself",
      () => html`<div>${view as Anything}</div>`,
      "A live view cannot be shown in text. Place it as a nested view",
    ],
    [
      "an event without a name",
      (meta) => html`<p phx-click="${meta.event()}"></p>`,
      "meta.event got undefined for the event's name. It takes a text, and a value",
    ],
    [
      "a component's event without a name",
      (meta) => html`<div>${meta.liveComponent(nameless, { id: "a" })}</div>`,
      "meta.event got a function for the event's name.",
    ],
    [
      "a component that assigns its context",
      (meta) => html`<div>${meta.liveComponent(assigning, { id: "a" })}</div>`,
      "socket.context was assigned an object with the fields open.",
    ],
    [
      "flash messages of no kind",
      (meta) => html`${(liveFlash as Loose)(meta.flash) as Anything}`,
      "liveFlash needs flash, the messages of the page, and kind, which of them it shows: liveFlash({ flash: meta.flash,",
    ],
    [
      "what was never loaded",
      () => html`${(asyncResult as Loose)(undefined, { ok: () => "" }) as Anything}`,
      "asyncResult takes what socket.assignAsync loads, and got undefined. Begin it in mount: socket.assignAsync(",
    ],
    [
      "a value as if it were loaded",
      () => html`${(asyncResult as Loose)([1], { ok: () => "" }) as Anything}`,
      "asyncResult takes what socket.assignAsync loads, and got a list.",
    ],
    [
      "a loaded value without saying how",
      () => html`${(asyncResult as Loose)(AsyncResult.ok(1), (value: number) => value) as Anything}`,
      "asyncResult needs ok, which shows the value: asyncResult(context.quote, { ok: (quote) =>",
    ],
    [
      "a hook that is no text",
      () => html`${(hookScript as Loose)("Copy", { mounted() {} }) as Anything}`,
      'hookScript("Copy", …) got an object with the fields mounted for the hook\'s source, which runs in browsers. It takes a text',
    ],
    [
      "a nested view without options",
      () => html`${(liveRender as Loose)(view) as Anything}`,
      'liveRender got the id "undefined".',
    ],
    [
      "a link that leads nowhere",
      () => html`${(link as Loose)({ class: "tab" }, "Save") as Anything}`,
      'link needs one of navigate, patch and href, a text, and got undefined: link({ navigate: "/rooms" }, "Rooms"). What leads nowhere is a button',
    ],
    [
      "a link whose address is no prop",
      () => html`${(link as Loose)("/rooms", "Rooms") as Anything}`,
      "link needs one of navigate, patch and href",
    ],
    [
      "a link to a URL",
      () => html`${(link as Loose)({ navigate: new URL(ORIGIN) }, "Home") as Anything}`,
      "link needs one of navigate, patch and href, a text, and got an object of class URL",
    ],
    [
      "a component without an id",
      (meta) => html`<div>${meta.liveComponent(card)}</div>`,
      "has the id undefined; expected a string or a number",
    ],
  ])("that renders %s fails with what was meant", async (_what, show, message) => {
    const { app, errors } = testApp({ "/": createLiveView({ render: (_context, meta) => show(meta) }) });
    expect((await load(app, "/")).status).toBe(500);
    expect(String(errors[0]?.error)).toContain(message);
  });

  it("that has null for a parameter of its query leaves it out", () => {
    expect((withQuery as Loose)("/list?page=1&q=a", { page: null, tag: { a: null } })).toBe("/list?q=a");
  });

  it("that does not await its subscription, or renders asynchronously, is well", async () => {
    const { app } = testApp({
      "/": createLiveView({ mount: (socket) => void socket.subscribe("room"), render: async () => html`<p>x</p>` }),
    });
    expect((await visit(app, "/")).html()).toBe("<p>x</p>");
  });
});

describe("a cookie session", () => {
  it("that is begun with a text is refused", () => {
    const login = cookieSession({ secret: SECRET });
    expect(() => login.start(new Request(ORIGIN), "ada" as Anything)).toThrow(
      "The data of the session is no JSON at data",
    );
  });
});
