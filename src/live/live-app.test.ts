import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { NodeRequest } from "srvx/node";
import { describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import {
  collect,
  connect,
  load,
  ORIGIN,
  quiet,
  SECRET,
  testApp,
  TestPeer,
  type TestClient,
  turn,
  until,
  visit,
} from "../../test/support/client.ts";
import type { AppOptions } from "./app-options.ts";
import { createLiveApp } from "./live-app.ts";
import { createLiveView } from "./live-view.ts";

const still = createLiveView({ render: () => html`<p>still</p>` });
const counter = createLiveView<{ n: number }, { type: "inc" }>({
  initial: { n: 0 },
  handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
  render: ({ n }) => html`<p>${n}</p>`,
});
const production = { development: false, origins: [ORIGIN] };

/**
 * Watches what becomes of the interval that is started next: an app's own clock. Not how many timers there are, since
 * whatever else is alive in this process may start one at any time.
 */
function watchIntervals(): { readonly expectFirstStopped: () => void } {
  const started = vi.spyOn(globalThis, "setInterval");
  const stopped = vi.spyOn(globalThis, "clearInterval");
  return { expectFirstStopped: () => expect(stopped.mock.calls.flat()).toContain(started.mock.results[0]?.value) };
}

/** A request as `node:http` gives it. */
function incoming(url: string): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { url, method: "GET", headers: { host: "localhost:4000" } });
}

const get = (path: string, init?: RequestInit) => new Request(`${ORIGIN}${path}`, init);

describe("createLiveApp", () => {
  const creating = (options: AppOptions) => () => createLiveApp({ secret: SECRET, routes: { "/": still }, ...options });

  it.each([
    [{ name: "my app" }, '`name` is "my app"'],
    [{ socketPath: "live" }, '`socketPath` is "live"'],
    [{ socketPath: "/live/" }, '`socketPath` is "/live/"'],
    [{ assetsPath: "/a b" }, '`assetsPath` is "/a b"'],
    [{ limits: { idleMs: 0 } }, "limits.idleMs is 0"],
    [{ secret: "short" }, 'The option "secret" has 5 bytes; at least 32 are needed'],
  ])("refuses %j, with the mend", (options, text) => {
    expect(creating(options)).toThrow(text);
  });

  it("refuses a route that is no view, and a path without its slash", () => {
    const noView: unknown = { render: () => html`` };
    expect(() => createLiveApp({ secret: SECRET, routes: { "/": noView as typeof still } })).toThrow(
      'The route "/" is no live view.',
    );
    expect(() => createLiveApp({ secret: SECRET, routes: { counter: still } })).toThrow(
      'The route "counter" must begin with "/"',
    );
  });

  it("says what it has going on", async () => {
    const well = { topics: 0, messages: 0, gaps: 0, pubSub: "connected" };
    const { app } = testApp({ "/": still, "/counter": counter });
    expect(app.paths).toEqual(["/", "/counter"]);
    expect(app.stats()).toEqual({ connections: 0, views: 0, subscriptions: 0, rendersSkipped: 0, ...well });
    const client = await visit(app, "/");
    expect(app.stats()).toEqual({ connections: 1, views: 1, subscriptions: 0, rendersSkipped: 0, ...well });
    client.close();
    expect(app.stats()).toEqual({ connections: 0, views: 0, subscriptions: 0, rendersSkipped: 0, ...well });
  });
});

describe("a live page over HTTP", () => {
  it("is never kept by a cache, since its tokens are good for one visitor only", async () => {
    const { app } = testApp({ "/": still });
    const { headers, status, html: document } = await load(app, "/");
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(document).toContain("<p>still</p></div>");
  });

  it("gives a browser its cookie once, hidden from scripts, over HTTPS bound to the host", async () => {
    const { app } = testApp({ "/": still }, { name: "shop" });
    const first = await load(app, "/");
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^shop-visitor=[\w-]{22}; path=\/; samesite=lax; httponly$/),
    ]);
    expect((await load(app, "/", first.cookie)).headers.getSetCookie()).toEqual([]);
    const secure = await app.fetch(new Request("https://localhost/"));
    expect(secure.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-shop-visitor=[\w-]{22}; path=\/; samesite=lax; httponly; secure$/),
    ]);
  });

  it("takes a cookie that it cannot have made for none", async () => {
    const { app } = testApp({ "/": still });
    const page = await load(app, "/", "wingbeat-visitor=x");
    expect(page.headers.getSetCookie()).toHaveLength(1);
  });

  it("gives its mount the captures of the path and the query, a capture before a query of its name", async () => {
    const got: object[] = [];
    const { app } = testApp({
      "/rooms/:id": createLiveView<{}, never, never, {}, { id: string }>({
        mount: (_socket, _session, params) => void got.push(params),
        render: () => html`<p></p>`,
      }),
    });
    await load(app, "/rooms/42?id=evil&tab=people&user[name]=Ada&__proto__[x]=1");
    expect(got).toEqual([{ id: "42", tab: "people", user: { name: "Ada" } }]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("is that of the address which a host in front has given the request, whatever the one that came", async () => {
    const { app } = testApp({ "/": still });
    const request = new NodeRequest({ req: incoming("/app/?tab=2") });
    expect((await app.fetch(request)).status).toBe(404);
    // As a host does that serves the app below "/app".
    const mounted = new Proxy(request, {
      get: (target, key) => (key === "url" ? `${ORIGIN}/?tab=2` : Reflect.get(target, key, target)),
    });
    expect((await app.fetch(mounted)).status).toBe(200);
  });

  it("answers HEAD, and neither POST nor anything else unless `fetch` does", async () => {
    const { app } = testApp({ "/": still });
    expect((await app.fetch(get("/", { method: "HEAD" }))).status).toBe(200);
    const posted = await app.fetch(get("/", { method: "POST" }));
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const { app: mixed } = testApp({ "/": still }, { fetch: (request) => new Response(`mine: ${request.method}`) });
    expect(await (await mixed.fetch(get("/", { method: "POST" }))).text()).toBe("mine: POST");
    expect(await (await mixed.fetch(get("/elsewhere"))).text()).toBe("mine: GET");
    expect((await load(mixed, "/")).html).toContain("still");
  });

  it("is 404 where there is none", async () => {
    const { app } = testApp({ "/": still });
    expect((await load(app, "/nowhere")).status).toBe(404);
    expect((await load(app, "/_wingbeat/nothing.js")).status).toBe(404);
  });

  it("has the headers that the app adds, with the nonce of its inline script", async () => {
    const { app } = testApp(
      { "/": still },
      { headers: (page) => ({ "content-security-policy": `script-src 'self' 'nonce-${page.nonce}'` }) },
    );
    const page = await load(app, "/");
    const nonce = /<script type="module" nonce="([^"]+)">/.exec(page.html)?.[1];
    expect(nonce).toMatch(/^[\w-]{22}$/);
    expect(page.headers.get("content-security-policy")).toBe(`script-src 'self' 'nonce-${nonce}'`);
    expect((await load(app, "/")).html).not.toContain(nonce);
  });

  const failures: [name: string, options: AppOptions, path: string][] = [
    ["mount", {}, "/broken"],
    [
      "layout",
      {
        layout: () => {
          throw new Error("a detail");
        },
      },
      "/",
    ],
    ["async layout", { layout: () => Promise.reject(new Error("a detail")) }, "/"],
    [
      "headers",
      {
        headers: () => {
          throw new Error("a detail");
        },
      },
      "/",
    ],
    [
      "fetch",
      {
        fetch: () => {
          throw new Error("a detail");
        },
      },
      "/elsewhere",
    ],
    ["async fetch", { fetch: () => Promise.reject(new Error("a detail")) }, "/elsewhere"],
  ];
  const broken = createLiveView({
    mount: () => {
      throw new Error("a detail");
    },
    render: () => html`<p></p>`,
  });

  it.each(failures)(
    "whose %s fails is a 500 with the stack in development, with nothing in production, and reported",
    async (_name, options, path) => {
      const { app, errors } = testApp({ "/": still, "/broken": broken }, options);
      const shown = await load(app, path);
      expect(shown.status).toBe(500);
      expect(shown.html).toMatch(/Error: a detail[^]*live-app\.test\.ts/);
      expect(errors.map(({ error }) => error)).toEqual([new Error("a detail")]);
      const live = testApp({ "/": still, "/broken": broken }, { ...production, ...options });
      const hidden = await load(live.app, path);
      expect(hidden.status).toBe(500);
      expect(hidden.html).not.toContain("a detail");
      expect(hidden.html).not.toContain("live-app");
      expect(live.errors).toHaveLength(1);
      expect(app.stats().views).toBe(0);
    },
  );

  it("whose session fails is a 500, and reported", async () => {
    const told = collect();
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      session: (): object => {
        throw new Error("no session");
      },
      routes: { "/": still },
    });
    expect((await load(app, "/")).status).toBe(500);
    expect(told.errors.map(({ error }) => error)).toEqual([new Error("no session")]);
  });

  it("is 503 while limits.maxConcurrentRenders others are in the making, which is logged", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { app, log } = testApp(
      { "/slow": createLiveView({ mount: () => gate, render: () => html`<p></p>` }), "/": still },
      { limits: { maxConcurrentRenders: 2 } },
    );
    const two = [load(app, "/slow"), load(app, "/slow")];
    await turn();
    const third = await load(app, "/");
    expect([third.status, third.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(log).toEqual(["[wingbeat] answered / with 503: 2 pages are in the making (limits.maxConcurrentRenders)"]);
    release();
    expect((await Promise.all(two)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await load(app, "/")).status).toBe(200);
  });

  it("gives the place of a page that failed back to others", async () => {
    const { app } = testApp({ "/": still, "/broken": broken }, { limits: { maxConcurrentRenders: 1 } });
    for (let count = 0; count < 3; count++) expect((await load(app, "/broken")).status).toBe(500);
    expect((await load(app, "/")).status).toBe(200);
  });

  it("reports by onError, and logs what onError itself throws", async () => {
    const told = collect();
    const app = createLiveApp({
      secret: SECRET,
      logger: told.options.logger,
      onError: () => {
        throw new Error("onError is broken");
      },
      routes: { "/broken": broken },
    });
    expect((await load(app, "/broken")).status).toBe(500);
    expect(told.log[0]).toContain("onError itself failed: Error: onError is broken");
    expect(told.log[1]).toMatch(/^\[wingbeat\] \/broken mount: Error: a detail/);
  });
});

describe("an app without a Pub/Sub of its own", () => {
  it("reports a broadcast that fails and that nobody waits for, and the view lives", async () => {
    const onError = vi.fn<NonNullable<AppOptions["onError"]>>();
    const shouting = createLiveView<{ n: number }, { type: "shout" }>({
      initial: { n: 0 },
      handleEvent: (_event, socket) => {
        void socket.broadcast("x".repeat(256), { type: "shouted" });
        socket.assign({ n: socket.context.n + 1 });
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const client = await visit(createLiveApp({ secret: SECRET, onError, routes: { "/": shouting } }), "/");
    expect(await client.event("shout")).toEqual({ diff: { "0": "1" } });
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "topic.invalid" }), {
      topic: "x".repeat(256),
    });
  });
});

describe("a socket of an app", () => {
  it("that passes a limit is logged with its address and closed, and the others go on", async () => {
    const { app, log } = testApp({ "/": counter }, { limits: { eventsBurst: 5, eventsPerSecond: 1 } });
    const flooding = await visit(app, "/");
    const other = await visit(app, "/");
    for (let count = 0; count < 10; count++) flooding.click("inc");
    expect(flooding.peer.closedWith).toEqual({ code: 1008, reason: "policy violation" });
    expect(log).toEqual(["[wingbeat] 192.0.2.7: more messages per second than limits.eventsPerSecond allows"]);
    expect(await other.event("inc")).toEqual({ diff: { "0": "1" } });
    expect(app.stats()).toMatchObject({ connections: 1, views: 1 });
  });

  it("that does not join, or is silent, is closed in time by the app's own clock", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
    const timers = watchIntervals();
    try {
      const { app } = testApp({ "/": still });
      const idle = await visit(app, "/");
      const never = await connect(app, await load(app, "/"));
      await vi.advanceTimersByTimeAsync(12_000);
      expect([never.peer.closedWith?.code, idle.peer.closedWith?.code]).toEqual([1008, undefined]);
      await vi.advanceTimersByTimeAsync(50_000);
      expect(idle.peer.closedWith?.code).toBe(1001);
      expect(app.stats().connections).toBe(0);
      timers.expectFirstStopped();
    } finally {
      vi.restoreAllMocks(); // before the fake ones go, which they are around
      vi.useRealTimers();
    }
  });

  it("may send whatever it likes: nothing is thrown, and the others are not affected", async () => {
    const { app } = testApp({ "/": counter }, { limits: { eventsBurst: 1_000_000 } });
    const page = await load(app, "/");
    const witness = await visit(app, "/");
    let clicks = 0;
    const key = fc.constantFrom(
      "type",
      "event",
      "value",
      "cid",
      "url",
      "redirect",
      "session",
      "static",
      "params",
      "_csrf_token",
      "__proto__",
      "constructor",
      "key",
      "meta",
    );
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(
        "form",
        "click",
        "inc",
        "lv:clear-flash",
        page.session,
        page.static,
        page.url,
        `${ORIGIN}/x`,
        page.csrfToken,
        null,
        7,
        -1,
        Number.MAX_VALUE,
        true,
      ),
      fc.string(),
    );
    const payload = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, tie("value"), { maxKeys: 6 }),
      ),
    })).value;
    const join = fc.record(
      { url: leaf, session: leaf, static: leaf, params: fc.dictionary(key, leaf) },
      { requiredKeys: [] },
    );
    const frame = fc.tuple(
      fc.constantFrom("1", "2", null),
      fc.constantFrom("1", "2", "3", null),
      fc.constantFrom("lv:phx-main", "lv:x", "phoenix", "lvu:0"),
      fc.constantFrom("phx_join", "phx_leave", "event", "live_patch", "heartbeat", "cids_destroyed", "allow_upload"),
      fc.oneof(payload, join),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 10 }), async (frames) => {
        const hostile = await connect(app, page);
        hostile.sendJoin();
        for (const message of frames) hostile.receive(message);
        await turn();
        hostile.close();
        clicks++;
        expect(await witness.event("inc")).toEqual({ diff: { "0": String(clicks) } });
        expect(app.stats()).toMatchObject({ connections: 1, views: 1 });
      }),
      { numRuns: 150 },
    );
    expect(({} as Record<string, unknown>)["type"]).toBeUndefined();
  });
});

describe("closing an app", () => {
  it("sends its clients away with 1012 in batches over the window, ends their views, and resolves after the last", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const timers = watchIntervals();
    try {
      const ended: string[] = [];
      const { app } = testApp(
        { "/": createLiveView({ shutdown: (id) => void ended.push(id), render: () => html`<p></p>` }) },
        { limits: { drainBatch: 2, drainWindowMs: 3_000 } },
      );
      const clients: TestClient[] = [];
      for (let count = 0; count < 5; count++) clients.push(await visit(app, "/"));
      const codes = () => clients.map(({ peer }) => peer.closedWith?.code);
      let closed = false;
      const closing = app.close().then(() => (closed = true));
      expect(codes()).toEqual([1012, 1012, undefined, undefined, undefined]);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(codes()).toEqual([1012, 1012, 1012, 1012, undefined]);
      expect(ended).toHaveLength(4);
      await vi.advanceTimersByTimeAsync(999);
      expect(closed).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await closing;
      expect(codes()).toEqual([1012, 1012, 1012, 1012, 1012]);
      expect(ended).toHaveLength(5);
      expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
      timers.expectFirstStopped();
    } finally {
      vi.restoreAllMocks(); // before the fake ones go, which they are around
      vi.useRealTimers();
    }
  });

  it("lets no more in, and sends away who had been let in and comes now", async () => {
    const { app } = testApp({ "/": still });
    const request = () => new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers: { origin: ORIGIN } });
    const admitted = await app.upgrade(request());
    await app.close();
    const refused = await app.upgrade(request());
    expect(refused instanceof Response && refused.status).toBe(503);
    if (admitted instanceof Response) throw new Error("The first was not admitted.");
    const peer = new TestPeer();
    admitted.open(peer);
    expect(peer.closedWith?.code).toBe(1012);
    expect(app.stats().connections).toBe(0);
  });

  it("ends a view whose mount or callback is still awaited", async () => {
    const { app } = testApp({
      "/": createLiveView({
        mount: (socket) => (socket.connected ? new Promise<void>(() => {}) : undefined),
        render: () => html`<p></p>`,
      }),
    });
    const client = await connect(app, await load(app, "/"));
    client.sendJoin();
    await app.close();
    await quiet();
    expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
  });
});

describe("the app's hooks for crossws", () => {
  it("admit, open, deliver, and close", async () => {
    const { app } = testApp({ "/": counter });
    const page = await load(app, "/");
    const admitted = await app.websocket.upgrade(
      new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers: { origin: ORIGIN, cookie: page.cookie } }),
    );
    if (admitted instanceof Response) throw new Error("The socket was refused.");
    const sent: string[] = [];
    const peer = {
      context: admitted.context,
      send: (data: string) => sent.push(data),
      close: () => {},
    };
    app.websocket.open(peer);
    const join = JSON.stringify([
      "1",
      "1",
      "lv:phx-main",
      "phx_join",
      {
        url: page.url,
        session: page.session,
        static: page.static,
        params: { _csrf_token: page.csrfToken },
      },
    ]);
    app.websocket.message(peer, { rawData: join, text: () => join, uint8Array: () => new Uint8Array() });
    await until(
      () => sent.some((text) => text.includes('"rendered"')),
      () => "the join's reply",
    );
    expect(app.stats()).toMatchObject({ connections: 1, views: 1 });
    app.websocket.close(peer);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
  });

  it("refuse as `upgrade` does, and close what was never admitted", async () => {
    const { app } = testApp({ "/": counter });
    const refused = await app.websocket.upgrade(new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`));
    expect(refused instanceof Response && refused.status).toBe(403);
    const closed: unknown[] = [];
    app.websocket.open({ context: {}, send: () => {}, close: (code) => closed.push(code) });
    expect(closed).toEqual([1008]);
  });
});
