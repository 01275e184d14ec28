import { afterEach, describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import { createLiveApp } from "../live/live-app.ts";
import { createLiveView } from "../live/live-view.ts";
import { MemoryBackplane, MemoryWire } from "../../test/support/memory-backplane.ts";
import { BackplanePubSub } from "../pubsub/backplane-pubsub.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import {
  collect,
  connect,
  load,
  ORIGIN,
  SECRET,
  type TestApp,
  TestPeer,
  turn,
  until,
  visit,
} from "../../test/support/client.ts";
import { membersApp, TestBrowser } from "../../test/support/members.ts";
import { cookieSession } from "./cookie-session.ts";
import { withCookies } from "./request-notes.ts";

afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

/** An app with a page, with this session. */
function appOf(session: () => object, expiresAt?: Date | number): Pick<TestApp, "app" | "errors"> {
  const told = collect();
  const app = createLiveApp({
    secret: SECRET,
    ...told.options,
    session,
    sessionInfo: () => ({ expiresAt }),
    routes: { "/": createLiveView({ render: () => html`<p></p>` }) },
  });
  return { app, errors: told.errors };
}

describe("a cookie session as an app's session", () => {
  it("reaches the page and its socket", async () => {
    const { app } = membersApp();
    const browser = new TestBrowser(app);
    expect((await browser.load()).status).toBe(302);
    expect((await browser.logIn("ada")).status).toBe(303);
    const client = await browser.visit();
    expect(client.page.html).toContain("<h1>ada</h1>");
    expect(client.html()).toContain("<h1>ada</h1>");
    expect(await (await browser.fetch("/plain")).text()).toBe("plain ada");
  });

  it("may be combined with a look-up", async () => {
    const login = cookieSession<{ userId: string }>({ secret: SECRET });
    const names = new Map([["1", "Ada"]]);
    const view = createLiveView<{ name: string }, never, never, { name: string | undefined }>({
      mount: (socket, { name }) => socket.assign({ name: name ?? "nobody" }),
      render: ({ name }) => html`<h1>${name}</h1>`,
    });
    const app = createLiveApp({
      secret: SECRET,
      ...collect().options,
      session: async (request) => {
        await turn();
        return { name: names.get(login(request).userId ?? "") };
      },
      fetch: (request) => {
        const id = login.start(request, { userId: "1" });
        return new Response(id);
      },
      routes: { "/": view },
    });
    const browser = new TestBrowser(app);
    const id = await (await browser.fetch("/login")).text();
    const client = await browser.visit();
    expect(client.html()).toContain("<h1>Ada</h1>");
    await app.disconnect(id);
    expect(client.peer.closedWith).toEqual({ code: 1001, reason: "disconnected" });
    // Although the look-up would find her still.
    expect((await browser.load()).html).toContain("<h1>nobody</h1>");
  });

  it("is refused, with the mend, when JSON cannot hold it", async () => {
    const { app, errors } = appOf(() => ({ user: { id: 1n } }));
    expect((await load(app, "/")).status).toBe(500);
    expect(errors[0]?.error).toMatchObject({
      code: "session.invalid-data",
      message: expect.stringContaining("What the app's `session` returned is no JSON"),
    });
  });

  it("is renewed by page loads, and what open pages have got before stays good", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { app } = membersApp({ session: { idleMs: 30 * MINUTE } });
    const browser = new TestBrowser(app);
    await browser.logIn("ada", { remember: "on" });
    const page = await browser.load();
    vi.setSystemTime(Date.now() + 20 * MINUTE);
    expect((await browser.load()).headers.getSetCookie()).toEqual([
      expect.stringMatching(/^wingbeat-session=.*; max-age=1800;/),
    ]);
    vi.setSystemTime(Date.now() + 20 * MINUTE);
    const client = await browser.reconnect(page);
    expect((await client.join()).status).toBe("ok");
    expect(client.html()).toContain("<h1>ada</h1>");
  });

  it("is forgotten with the browser unless it is to be remembered", async () => {
    const { app } = membersApp();
    const header = async (fields: Record<string, string>): Promise<string> => {
      const response = await new TestBrowser(app).logIn("ada", fields);
      return response.headers.getSetCookie().find((each) => each.startsWith("wingbeat-session=")) ?? "";
    };
    expect(await header({})).not.toContain("max-age");
    expect(await header({ remember: "on" })).toContain("max-age=1209600");
  });
});

describe("the token of a browser's forms", () => {
  const visitorOf = (browser: TestBrowser): string => browser.cookies.get("wingbeat-visitor") ?? "";

  it("is another one after a login, and another one after a logout, and the old ones are good for nothing", async () => {
    const { app, log } = membersApp();
    const browser = new TestBrowser(app);
    const before = await browser.token();
    await browser.logIn("ada");
    const during = await browser.token();
    expect((await browser.load()).html).toContain(`<i>${during}</i>`);
    expect((await browser.post("/logout", { _csrf_token: before })).status).toBe(403);
    expect(log).toEqual([
      "[wingbeat] refused a form for /logout with 403: its token is not the one of this browser, or is from before its last login or logout",
    ]);
    expect((await browser.post("/logout", { _csrf_token: during })).status).toBe(303);
    expect(new Set([before, during, await browser.token()]).size).toBe(3);
  });

  it("is another one than whoever has planted the cookie knows", async () => {
    const { app } = membersApp();
    const [eve, ada] = [new TestBrowser(app), new TestBrowser(app)];
    const planted = await eve.token();
    ada.cookies.set("wingbeat-visitor", visitorOf(eve));
    await ada.post("/login", { user: "ada", _csrf_token: planted });
    expect((await ada.post("/logout", { _csrf_token: planted })).status).toBe(403);
  });

  it("changes nothing for the sockets of other tabs, and what they put into a flash is shown", async () => {
    const { app, log } = membersApp();
    const browser = new TestBrowser(app);
    const tab = await browser.visit("/open");
    await browser.logIn("ada");
    expect((await tab.join()).status).toBe("ok");
    // Its page load after a cut, as after any login.
    const again = await connect(app, { ...tab.page, cookie: browser.cookies.header ?? "" });
    expect((await again.join()).response).toEqual({ reason: "stale" });
    const page = await browser.visit("/open");
    expect(page.page.html).toContain("open to all");
    expect(log).toHaveLength(1);
    expect(visitorOf(browser)).toMatch(/^[\w-]{22}\.[\w-]{11}$/);
  });

  it("is renewed where another framework answers, with the other cookies", async () => {
    const { app, login } = membersApp();
    const browser = new TestBrowser(app);
    const token = await browser.token();
    const request = new Request(`${ORIGIN}/elsewhere`, {
      method: "POST",
      body: new URLSearchParams({ _csrf_token: token }),
      headers: { cookie: browser.cookies.header ?? "" },
    });
    await app.readForm(request);
    login.start(request, { userId: "ada" });
    const names = withCookies(request, new Response("in"))
      .headers.getSetCookie()
      .map((header) => header.split("=")[0]);
    expect(names).toEqual(["wingbeat-session", "wingbeat-visitor"]);
    expect(withCookies(request, new Response("again")).headers.getSetCookie()).toEqual([]);
    expect(app.csrfToken(request)).not.toBe(token);
  });
});

describe("app.disconnect", () => {
  it("closes all sockets of the session and no others, and the session is good for nothing from then on", async () => {
    const { app, log } = membersApp();
    const [ada, grace] = [new TestBrowser(app), new TestBrowser(app)];
    await ada.logIn("ada");
    await grace.logIn("grace");
    const [first, second, other, open] = [
      await ada.visit(),
      await ada.visit(),
      await grace.visit(),
      await ada.visit("/open"),
    ];
    const stolen = new TestBrowser(app);
    stolen.cookies.takeSent(ada.cookies.header ?? "");
    expect((await ada.logOut()).headers.get("location")).toBe("/login");
    for (const { peer } of [first, second, open]) {
      expect(peer.closedWith).toEqual({ code: 1001, reason: "disconnected" });
    }
    expect(other.peer.closedWith).toBeUndefined();
    expect(await other.event("who")).toMatchObject({ diff: { r: { who: "grace" } } });
    expect(log).toContainEqual(expect.stringMatching(/closed 3 sockets of the session "[\w-]{22}"/));
    // The cookie is still at the thief's, and for a moment at the other tab's.
    const [key, kept] = ["wingbeat-session", stolen.cookies.get("wingbeat-session") ?? ""];
    expect((await stolen.load()).status).toBe(302);
    expect(stolen.cookies.get(key)).toBeUndefined();
    stolen.cookies.set(key, kept);
    const again = await stolen.reconnect(first.page);
    expect((await again.join()).response).toEqual({ reason: "stale" });
    expect(log).toContainEqual("[wingbeat] a session cookie was not taken: app.disconnect has ended its session");
    expect((await ada.logIn("ada")).status).toBe(303);
    expect((await ada.load()).html).toContain("<h1>ada</h1>");
  });

  it("does nothing without an id, or with one that nobody has", async () => {
    const { app, errors } = membersApp();
    const browser = new TestBrowser(app);
    await browser.logIn("ada");
    const client = await browser.visit();
    await app.disconnect(undefined);
    await app.disconnect("nobody");
    expect(client.peer.closedWith).toBeUndefined();
    expect(errors).toEqual([]);
  });

  it("takes names that the app gives to sessions", async () => {
    const told = collect();
    const view = createLiveView({ render: () => html`<p></p>` });
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      session: (request) => ({ user: request.headers.get("cookie")?.includes("ada") ? "ada" : "grace" }),
      sessionInfo: ({ user }) => ({ ids: [`user:${user}`] }),
      routes: { "/": view },
    });
    const [ada, grace] = [await visit(app, "/", "name=ada"), await visit(app, "/", "name=grace")];
    await app.disconnect("user:ada");
    expect([ada, grace].map(({ peer }) => peer.closedWith?.code)).toEqual([1001, undefined]);
    // A name is no session: who is let in again is for the app to say.
    expect((await visit(app, "/", "name=ada")).peer.closedWith).toBeUndefined();
  });

  it.each(["name", "id"] as const)("closes the socket too that is just being opened (by its %s)", async (given) => {
    const login = cookieSession<{ user: string }>({ secret: SECRET });
    const told = collect();
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      session: login,
      sessionInfo: ({ user = "" }) => ({ ids: [`user:${user}`] }),
      fetch: (request) => new Response(login.start(request, { user: "ada" })),
      routes: { "/": createLiveView({ render: () => html`<p></p>` }) },
    });
    const browser = new TestBrowser(app);
    const id = await (await browser.fetch("/login")).text();
    const page = await browser.load();
    const headers = { origin: ORIGIN, cookie: page.cookie };
    const admission = await app.upgrade(new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers }));
    if (admission instanceof Response) throw new Error("The socket was refused.");
    await app.disconnect(given === "id" ? id : "user:ada");
    const peer = new TestPeer();
    admission.open(peer);
    expect(peer.closedWith).toEqual({ code: 1001, reason: "disconnected" });
    expect(app.stats().connections).toBe(0);
  });

  it("rejects when the Pub/Sub does, with the sockets here closed", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true, onError: () => {} });
    const { app, login } = membersApp({ pubSub });
    const browser = new TestBrowser(app);
    await browser.logIn("ada");
    const client = await browser.visit();
    const id = login.id(new Request(ORIGIN, { headers: { cookie: browser.cookies.header ?? "" } }));
    await pubSub.close();
    await expect(app.disconnect(id)).rejects.toMatchObject({ code: "pubsub.closed" });
    expect(client.peer.closedWith?.code).toBe(1001);
  });
});

describe("a handler that fails", () => {
  it("has logged out nevertheless, as when the other nodes cannot be told", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true, onError: () => {} });
    const { app, errors } = membersApp({ pubSub });
    const browser = new TestBrowser(app);
    await browser.logIn("ada");
    await pubSub.close();
    expect((await browser.logOut()).status).toBe(500);
    expect(errors[0]?.error).toMatchObject({ code: "pubsub.closed" });
    expect(browser.cookies.get("wingbeat-session")).toBeUndefined();
    expect((await browser.load()).status).toBe(302);
  });

  it("has logged nobody in, nor taken the place of a session", async () => {
    const login = cookieSession<{ user: string }>({ secret: SECRET });
    const app = createLiveApp({
      secret: SECRET,
      ...collect().options,
      session: login,
      fetch: (request) => {
        login.end(request);
        login.start(request, { user: "ada" });
        throw new Error("no second factor");
      },
      routes: { "/": createLiveView({ render: () => html`<p></p>` }) },
    });
    const response = await app.fetch(new Request(`${ORIGIN}/login`, { method: "POST" }));
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, []]);
  });
});

describe("several nodes", () => {
  /** Apps in what could be processes of their own: each with its own end of a wire. */
  const nodes = (count: number) => {
    const wire = new MemoryWire();
    const ends = Array.from({ length: count }, () => new MemoryBackplane(wire));
    const pubSubs = ends.map((end) => new BackplanePubSub(end, { onError: () => {} }));
    return { wire, ends, pubSubs, apps: pubSubs.map((pubSub) => membersApp({ pubSub })) };
  };
  const atBoth = async (one: TestBrowser, other: TestBrowser) => {
    await one.logIn("ada");
    other.cookies.takeSent(one.cookies.header ?? "");
    return [await one.visit(), await other.visit()] as const;
  };

  it("are all told of an end, at once", async () => {
    const { apps } = nodes(2);
    const [first, second] = [new TestBrowser(apps[0]!.app), new TestBrowser(apps[1]!.app)];
    const [here, there] = await atBoth(first, second);
    await first.logOut();
    expect(here.peer.closedWith?.code).toBe(1001);
    await until(
      () => there.peer.closedWith !== undefined,
      () => "the other node to close its socket",
    );
    expect(there.peer.closedWith).toEqual({ code: 1001, reason: "disconnected" });
    expect((await second.load()).status).toBe(302);
  });

  it("learn of an end that they have missed when they hear of the gap", async () => {
    const { ends, apps } = nodes(2);
    const [first, second] = [new TestBrowser(apps[0]!.app), new TestBrowser(apps[1]!.app)];
    const [, there] = await atBoth(first, second);
    await turn();
    ends[1]?.disconnect();
    await first.logOut();
    await turn();
    expect(there.peer.closedWith).toBeUndefined();
    ends[1]?.reconnect();
    await until(
      () => there.peer.closedWith !== undefined,
      () => "the other node to close its socket",
    );
    expect(there.peer.closedWith?.code).toBe(1001);
  });

  it("ask when they begin to listen, so that who starts late knows too", async () => {
    const { apps } = nodes(2);
    const [first, second] = [new TestBrowser(apps[0]!.app), new TestBrowser(apps[1]!.app)];
    await first.logIn("ada");
    second.cookies.takeSent(first.cookies.header ?? "");
    const client = await first.visit();
    await first.logOut();
    expect(client.peer.closedWith?.code).toBe(1001);
    // Nobody has been there, so that it has not listened; the stolen cookie lets the first one in, for a moment.
    const late = await second.open();
    await until(
      () => late.peer.closedWith !== undefined,
      () => "the other node to close its socket",
    );
    expect((await second.load()).status).toBe(302);
  });

  it("take no message that another program has made up", async () => {
    const { wire, apps, pubSubs } = nodes(2);
    const browser = new TestBrowser(apps[1]!.app);
    await browser.logIn("ada");
    const client = await browser.visit();
    await turn();
    const topic = "wingbeat:disconnects:wingbeat";
    const id = apps[1]!.login.id(new Request(ORIGIN, { headers: { cookie: browser.cookies.header ?? "" } }));
    wire.publish(topic, JSON.stringify({ over: id }));
    wire.publish(topic, JSON.stringify(`${Buffer.from(JSON.stringify({ over: id })).toString("base64url")}.0.AAAA`));
    await pubSubs[0]?.broadcast<string>(topic, { over: id });
    await turn();
    await turn();
    expect(client.peer.closedWith).toBeUndefined();
    const told = apps[1]!.log.filter((line) => line.includes("of no node with this app's secret"));
    expect(told).toHaveLength(3);
  });
});

describe("the end of a session's time", () => {
  it("comes later, on open pages too, when the session was renewed at another node", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    const wire = new MemoryWire();
    const pubSubs = [0, 1].map(() => new BackplanePubSub(new MemoryBackplane(wire), { onError: () => {} }));
    const options = { session: { idleMs: 30 * MINUTE }, app: { limits: { idleMs: 10_000 * MINUTE } } };
    const [here, there] = pubSubs.map((pubSub) => membersApp({ pubSub, ...options }));
    if (here === undefined || there === undefined) throw new Error("There are two.");
    const [first, second] = [new TestBrowser(here.app), new TestBrowser(there.app)];
    await first.logIn("ada", { remember: "on" });
    second.cookies.takeSent(first.cookies.header ?? "");
    const [one, other] = [await first.visit(), await second.visit()];
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    await first.load();
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect([one, other].map(({ peer }) => peer.closedWith)).toEqual([undefined, undefined]);
    await vi.advanceTimersByTimeAsync(11 * MINUTE);
    expect([one, other].map(({ peer }) => peer.closedWith?.reason)).toEqual(["session expired", "session expired"]);
    await Promise.all(pubSubs.map((pubSub) => pubSub.close()));
  });

  it("closes its sockets, and the page that comes back is loaded anew, once", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    const { app, log } = membersApp({
      session: { maxAgeMs: 60 * MINUTE },
      app: { limits: { idleMs: 10_000 * MINUTE } },
    });
    const browser = new TestBrowser(app);
    await browser.logIn("ada");
    const client = await browser.visit();
    const open = await new TestBrowser(app).visit("/open");
    await vi.advanceTimersByTimeAsync(60 * MINUTE - 2_000);
    expect(client.peer.closedWith).toBeUndefined();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(client.peer.closedWith).toEqual({ code: 1001, reason: "session expired" });
    expect(open.peer.closedWith).toBeUndefined();
    expect(log).toContainEqual("[wingbeat] closed 1 socket whose session has expired");
    const again = await browser.reconnect(client.page);
    expect((await again.join()).response).toEqual({ reason: "stale" });
    const page = await browser.load();
    expect([page.status, page.headers.get("location")]).toEqual([302, "/login"]);
  });

  it.each([
    ["NaN", Number.NaN, "is NaN"],
    ["an invalid Date", new Date("tomorrow"), "is NaN"],
    ["seconds, as tokens have them", 1_795_000_000, "is 1795000000, which looks like seconds"],
  ])("is refused when it is no time: %s", async (_what, expiresAt, why) => {
    const { app, errors } = appOf(() => ({ user: "ada" }), expiresAt);
    expect((await load(app, "/")).status).toBe(500);
    expect(errors[0]?.error).toMatchObject({ code: "session.invalid-option", message: expect.stringContaining(why) });
  });

  it("is refused with names that are no list, by which nobody could be disconnected", async () => {
    const told = collect();
    // As from JavaScript.
    const info: object = { ids: "user:ada" };
    const routes = { "/": createLiveView({ render: () => html`<p></p>` }) };
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      session: () => ({}),
      sessionInfo: () => info,
      routes,
    });
    expect((await load(app, "/")).status).toBe(500);
    expect(told.errors[0]?.error).toMatchObject({
      code: "session.invalid-option",
      message: expect.stringContaining("are the string user:ada. They are a list of names for app.disconnect"),
    });
  });

  it("is what the app says, and cannot become a loop", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval", "performance"] });
    // It is over, and given nevertheless.
    const { app } = appOf(() => ({ user: "ada" }), new Date(Date.now() - MINUTE));
    const client = await visit(app, "/");
    await vi.advanceTimersByTimeAsync(9_000);
    expect(client.peer.closedWith).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(client.peer.closedWith).toEqual({ code: 1001, reason: "session expired" });
  });
});
