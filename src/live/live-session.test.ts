import { describe, expect, it } from "vitest";
import { collect, connect, load, SECRET, visit, type TestApp } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import type { AppOptions, AppRoutes, Layout, LiveApp } from "./app-options.ts";
import type { Mounting } from "./hooks/mounting.ts";
import { createLiveApp } from "./live-app.ts";
import { liveSession } from "./live-session.ts";
import { createLiveView } from "./live-view.ts";
import { liveRender } from "./nested/live-render.ts";

const bus = new SingleProcessPubSub({ isolated: true });

type Told = Pick<TestApp, "log" | "errors"> & { readonly app: LiveApp };
type Options = AppOptions & AppRoutes<{}, string>;

function appWith(options: Options): Told {
  const { log, errors, options: told } = collect();
  return { app: createLiveApp({ secret: SECRET, ...told, ...options }), log, errors };
}

/** An app whose visitors say who they are in a cookie. */
function withUsers(options: object): Told {
  const { log, errors, options: told } = collect();
  const session = (request: Request): object => ({ name: /as=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1] });
  return { app: createLiveApp({ secret: SECRET, ...told, session, ...options }), log, errors };
}

/** Without what is said of a slow machine. */
const refused = (log: readonly string[]): string[] => log.filter((line) => line.includes("refused"));

const hello = createLiveView<{ text: string }, never, never, { name?: string }>({
  mount: (socket, session) => socket.assign({ text: JSON.stringify(session) }),
  render: ({ text }, meta) => html`<p>${text}</p><i>${meta.flash["error"]}</i>`,
});
const boxed: Layout = (content, page) =>
  html`<html><head><meta name="csrf-token" content="${page.csrfToken}"></head><body class="b">${content}</body></html>`;
const plain = createLiveView<{}>({ render: () => html`<p>plain</p>` });

const requireUser = ({ session, redirect, putFlash }: Mounting<{ name?: string }>) => {
  if (session.name !== undefined) return { user: session.name.toUpperCase() };
  putFlash("error", "Log in first.");
  return redirect("/login");
};

const members = liveSession("members", { onMount: [requireUser] }, { "/rooms": hello, "/more": hello });

describe("a live session's hooks", () => {
  it("send the visitor elsewhere before a view is mounted, with what they put into the flash", async () => {
    const { app } = withUsers({ routes: { "/login": hello }, liveSessions: [members] });
    const page = await load(app, "/rooms");
    expect([page.status, page.headers.get("location")]).toEqual([302, "/login"]);
    expect(page.html).toBe("");
    expect((await load(app, "/login", page.cookie)).html).toContain("<i>Log in first.</i>");
  });

  it("add what they return to the session that mount gets, over HTTP and on the socket", async () => {
    const { app } = withUsers({ routes: { "/login": hello }, liveSessions: [members] });
    const client = await visit(app, "/rooms", "as=ada");
    const seen = "{&quot;name&quot;:&quot;ada&quot;,&quot;user&quot;:&quot;ADA&quot;}";
    expect(client.page.html).toContain(seen);
    expect(client.html()).toContain(seen);
    expect((await load(app, "/login", "as=ada")).html).toContain("<p>{&quot;name&quot;:&quot;ada&quot;}</p>");
  });

  it("run in order, each with what those before have added, sync and async", async () => {
    const order: string[] = [];
    const note = (what: string, { session, connected }: Mounting<object>): void =>
      void order.push(`${connected ? "live" : "dead"} ${what} ${JSON.stringify(session)}`);
    const one = (mounting: Mounting) => {
      note("one", mounting);
      return { n: 1 };
    };
    const two = async (mounting: Mounting<{ n: number }>) => {
      note("two", mounting);
      await Promise.resolve();
      return { n: mounting.session.n + 1, late: true };
    };
    const three = (mounting: Mounting<{ n: number }>): void => note("three", mounting);
    const view = createLiveView<{}, never, never, { n: number; late: boolean }>({
      mount: (socket, session) => note("mount", { session, connected: socket.connected } as Mounting<object>),
      render: () => html`<p></p>`,
    });
    const { app } = appWith({ liveSessions: [liveSession("a", { onMount: [one, two, three] }, { "/": view })] });
    await visit(app, "/");
    const dead = [
      "dead one {}",
      'dead two {"n":1}',
      'dead three {"n":2,"late":true}',
      'dead mount {"n":2,"late":true}',
    ];
    expect(order).toEqual([...dead, ...dead.map((line) => line.replace("dead", "live"))]);
  });

  it("cost no promise when they are synchronous", async () => {
    const { app } = withUsers({ liveSessions: [members] });
    const client = await connect(app, await load(app, "/rooms", "as=ada"));
    expect(client.replyTo(client.sendJoin())?.status).toBe("ok");
  });

  it("get params and address of the page", async () => {
    const seen: unknown[] = [];
    const look = ({ params, url }: Mounting): void => void seen.push({ ...params }, url.href);
    const room = createLiveView<{}, never, never, {}, { id: string }>({ render: () => html`<p></p>` });
    const { app } = appWith({ liveSessions: [liveSession("a", { onMount: [look] }, { "/r/:id": room })] });
    await load(app, "/r/7?tab=x");
    expect(seen).toEqual([{ id: "7", tab: "x" }, "http://localhost:4000/r/7?tab=x"]);
  });

  it("answer with the status of an error that has one, and report one that has none", async () => {
    let error: Error = Object.assign(new Error("not yours"), { status: 403 });
    let isOpen = true;
    const guard = (): void => {
      if (!isOpen) throw error;
    };
    const { app, errors } = appWith({ liveSessions: [liveSession("a", { onMount: [guard] }, { "/": plain })] });
    const client = await connect(app, await load(app, "/"));
    isOpen = false;
    expect((await load(app, "/")).status).toBe(403);
    expect((await client.join()).response).toMatchObject({ reason: "reload", status: 403 });
    expect(errors).toEqual([]);
    error = new Error("no database");
    expect((await load(app, "/")).status).toBe(500);
    expect((await client.join()).response).toEqual({ reason: "join crashed" });
    expect(errors.map(({ details }) => details.callback)).toEqual(["onMount", "onMount"]);
  });

  it("refuse the join of a page that was let in before: near by live navigation, far by a page load", async () => {
    let to: string | undefined;
    const guard = ({ redirect, putFlash }: Mounting) => {
      if (to === undefined) return undefined;
      putFlash("error", "Gone");
      return redirect(to);
    };
    const { app } = appWith({
      routes: { "/login": plain },
      liveSessions: [liveSession("a", { onMount: [guard] }, { "/": plain, "/near": plain })],
    });
    const client = await connect(app, await load(app, "/"));
    to = "/near";
    const near = (await client.join()).response;
    expect(near).toEqual({ live_redirect: { to, kind: "push", flash: expect.any(String) }, events: [] });
    to = "/login";
    const far = (await client.join()).response;
    expect(far).toEqual({ redirect: { to, flash: expect.any(String) }, events: [] });
    to = "https://id.example/authorize";
    const away = (await client.join()).response;
    expect(away).toEqual({ redirect: { to, flash: expect.any(String) }, events: [] });
    to = undefined;
    expect((await client.join()).status).toBe("ok");
  });

  it("that lead in circles end in page loads, which a browser gives up", async () => {
    let isShut = false;
    const guard = ({ url, redirect }: Mounting) =>
      isShut ? redirect(url.pathname === "/" ? "/other" : "/") : undefined;
    const { app } = appWith({
      liveSessions: [liveSession("a", { onMount: [guard] }, { "/": plain, "/other": plain })],
    });
    const client = await connect(app, await load(app, "/"));
    isShut = true;
    const kinds: string[] = [];
    for (const path of ["", "other", "", "other", "", "other"]) {
      const { response } = await client.join({ redirect: `http://localhost:4000/${path}` });
      kinds.push(Object.keys(response)[0] ?? "");
    }
    expect(kinds).toEqual(["live_redirect", "live_redirect", "live_redirect", "live_redirect", "redirect", "redirect"]);
  });

  it("run again when the view mounts anew, and attach their hooks anew", async () => {
    let mounts = 0;
    const count = ({ attachHook, subscribe }: Mounting) => {
      void subscribe("news");
      attachHook("handleInfo", "count", () => ({ halt: true }));
      return { mounts: ++mounts };
    };
    const view = createLiveView<{ n: number }, never, never, { mounts: number }>({
      onGap: "remount",
      mount: (socket, session) => socket.assign({ n: session.mounts }),
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { app } = appWith({
      limits: { maxMailboxInfos: 4 },
      liveSessions: [liveSession("a", { onMount: [count] }, { "/": view })],
      pubSub: bus,
    });
    const client = await visit(app, "/");
    expect(client.html()).toContain("<p>2</p>");
    for (let n = 0; n < 6; n++) void bus.broadcast("news", { n });
    await client.shows("<p>3</p>");
  });

  it("may have what they add read by views that are nested in the page's own, but not by sticky ones", async () => {
    const child = createLiveView<{ text: string }, never, never, { name?: string; here?: number }>({
      mount: (socket, session) => socket.assign({ text: JSON.stringify(session) }),
      render: ({ text }) => html`<b>${text}</b>`,
    });
    const parent = createLiveView<{}, never, never, { user: string }>({
      render: () =>
        html`<p>${liveRender(child, { id: "kid", session: { here: 1 } })}${liveRender(child, { id: "radio", sticky: true })}</p>`,
    });
    const session = liveSession("members", { onMount: [requireUser] }, { "/": parent });
    const { app } = withUsers({ views: { child }, liveSessions: [session] });
    const page = await load(app, "/", "as=ada");
    const text = page.html.replaceAll("&quot;", '"');
    expect(text).toContain('<b>{"name":"ada","user":"ADA","here":1}</b>');
    expect(text).toContain('<b>{"name":"ada"}</b>');
    const client = await visit(app, "/", "as=ada");
    const tokenOf = (id: string): string =>
      new RegExp(`id="${id}" data-phx-session="([^"]*)"`).exec(client.html())?.[1] ?? "";
    const kid = await client.join({ topic: "lv:kid", session: tokenOf("kid"), static: null });
    expect(kid.response["rendered"]).toMatchObject({ 0: expect.stringContaining("&quot;user&quot;:&quot;ADA&quot;") });
    const radio = await client.join({ topic: "lv:radio", session: tokenOf("radio"), static: null });
    expect(radio.response["rendered"]).toMatchObject({ 0: "{&quot;name&quot;:&quot;ada&quot;}" });
  });
});

describe("mistakes in mount hooks", () => {
  const failureOf = async (hook: (mounting: Mounting) => unknown): Promise<string> => {
    const { app, errors } = appWith({ liveSessions: [liveSession("a", { onMount: [hook] }, { "/": plain })] });
    expect((await load(app, "/")).status).toBe(500);
    return String(errors[0]?.error);
  };

  it("a redirect that is not returned lets nobody in", async () => {
    const guard = ({ redirect }: Mounting): void => void redirect("/login");
    const message = await failureOf(guard);
    expect(message).toContain('The mount hook guard of the live session "a" called redirect, but did not return');
    expect(await failureOf(async ({ redirect }) => void redirect("/login"))).toContain("called redirect");
  });

  it("a result that is neither an object nor a halt", async () => {
    expect(await failureOf(() => false)).toContain("returned a value of type boolean");
    expect(await failureOf(() => null)).toContain("returned null");
    expect(await failureOf(async () => ["ada"])).toContain("returned an object of class Array");
    expect(await failureOf(() => Response.redirect("http://x/login"))).toContain(
      "returned an object of class Response",
    );
  });

  it("a halt, which says of hooks of a stage what here is a redirect", async () => {
    expect(await failureOf(() => ({ halt: true }))).toContain(
      'of the live session "a" returned { halt }, which stops the hooks of a stage only, so the view would be mounted nevertheless.',
    );
  });

  it("a redirect to the page itself, which would go round for ever", async () => {
    const guard = ({ redirect, url }: Mounting) => redirect(url.pathname);
    expect(await failureOf(guard)).toContain(
      'The mount hook guard of the live session "a" sends visitors of / to /, where it runs again, and so on for ever.',
    );
    expect(await failureOf(({ redirect }) => redirect("http://localhost:4000/"))).toContain("for ever");
    const { app } = appWith({
      liveSessions: [liveSession("a", { onMount: [guard] }, { "/": plain })],
      fetch: () => new Response("not live"),
    });
    // Without the query it is another address.
    expect((await load(app, "/?token=1")).status).toBe(302);
  });

  it("a redirect to what is no address of this app or of the web", async () => {
    expect(await failureOf(({ redirect }) => redirect("//evil.example"))).toContain("neither a path within this app");
    expect(await failureOf(({ redirect }) => redirect("javascript:alert(1)"))).toContain("neither a path");
  });
});

describe("a live session", () => {
  const two = () =>
    appWith({
      routes: { "/": plain },
      liveSessions: [
        liveSession("a", {}, { "/a": plain, "/a2": plain }),
        liveSession("b", { layout: boxed }, { "/b": plain }),
      ],
    });
  const at = (path: string): string => `http://localhost:4000${path}`;

  it("has its own layout, or the app's", async () => {
    const { app } = two();
    expect((await load(app, "/b")).html).toContain('<body class="b"><div id="phx-main"');
    expect((await load(app, "/a")).html).toContain("<title>");
  });

  it("lets live navigation stay within it", async () => {
    const { app, log } = two();
    const client = await visit(app, "/a");
    expect((await client.join({ redirect: at("/a2") })).status).toBe("ok");
    expect(refused(log)).toEqual([]);
  });

  it.each([
    ["/a", "/b", 'its page is of the live session "a", its address of the live session "b"'],
    ["/a", "/", 'its page is of the live session "a", its address of the app\'s own routes'],
    ["/", "/a", 'its page is of the app\'s own routes, its address of the live session "a"'],
  ])("refuses live navigation from %s to %s, so that the browser loads the page", async (from, to, why) => {
    const { app, log } = two();
    const client = await visit(app, from);
    expect((await client.join({ redirect: at(to) })).response).toEqual({ reason: "unauthorized" });
    expect(refused(log)).toEqual([
      `[wingbeat] refused the join of ${to} from 192.0.2.7: ${why}, so that the browser has to load it`,
    ]);
    expect((await visit(app, to)).html()).toBe("<p>plain</p>");
  });

  it("has nobody wait who goes to and fro between two of them", async () => {
    const { app } = two();
    for (let n = 0; n < 6; n++) {
      const client = await visit(app, "/a");
      expect((await client.join({ redirect: at("/b") })).response).toEqual({ reason: "unauthorized" });
    }
  });

  it("refuses the token of another one also for a first join, and makes one wait who keeps trying", async () => {
    const { app, log } = two();
    const a = await load(app, "/a");
    const client = await connect(app, a);
    const stolen = { url: at("/b"), session: a.session, static: a.static };
    const answers: unknown[] = [];
    for (let n = 0; n < 3; n++) answers.push((await client.join(stolen)).response);
    expect(answers).toEqual([{ reason: "unauthorized" }, { reason: "unauthorized" }, { reason: "refused" }]);
    const why = 'its page is of the live session "a", its address of the live session "b"';
    expect(refused(log).map((line) => line.split(/: |, so/)[1])).toEqual([why, why, why]);
    expect(refused(log)[2]).toContain("a reload does not mend it and the client is made to wait");
    expect((await client.join()).status).toBe("ok");
  });

  it("refuses another user's token", async () => {
    const { app, log } = withUsers({ routes: { "/login": plain }, liveSessions: [members] });
    const ada = await load(app, "/rooms", "as=ada");
    const grace = await visit(app, "/rooms", "as=grace");
    const { response } = await grace.join({ session: ada.session, static: ada.static });
    expect(response).toEqual({ reason: "stale" });
    expect(refused(log)[0]).toContain("the session has changed since the page was loaded");
    expect((await grace.join()).status).toBe("ok");
  });

  it("has a patch to another one followed as a link, and refuses one by the view", async () => {
    const { app, errors } = appWith({
      liveSessions: [
        liveSession(
          "a",
          {},
          {
            "/a": createLiveView<{}, { type: "go" }>({
              handleEvent: (_event, socket) => socket.pushPatch("/b"),
              render: () => html`<p></p>`,
            }),
          },
        ),
        liveSession("b", {}, { "/b": plain }),
      ],
    });
    const client = await visit(app, "/a");
    const ref = client.push("live_patch", { url: at("/b") });
    expect((await client.reply(ref)).response).toEqual({ link_redirect: true });
    client.click("go");
    expect(errors[0]?.error).toMatchObject({ code: "view.invalid-destination" });
  });

  it("has patches of one view go from route to route", async () => {
    const tabs = createLiveView<{ path: string }, { type: "go" }>({
      initial: { path: "" },
      handleParams: (url, socket) => socket.assign({ path: url.pathname }),
      handleEvent: (_event, socket) => socket.pushPatch("/a/2/b"),
      render: ({ path }) => html`<p>${path}</p>`,
    });
    const { app } = appWith({
      routes: { "/a": tabs, "/a/:id/b": tabs },
      liveSessions: [liveSession("a", {}, { "/other": tabs })],
    });
    const client = await visit(app, "/a");
    expect(await client.event("go")).toEqual({ diff: { 0: "/a/2/b" } });
    const patch = async (path: string) => (await client.reply(client.push("live_patch", { url: at(path) }))).response;
    expect(await patch("/a")).toEqual({ diff: { 0: "/a" } });
    expect(await patch("/other")).toEqual({ link_redirect: true });
  });

  it("is part of the app's paths", () => {
    expect(two().app.paths).toEqual(["/", "/a", "/a2", "/b"]);
  });
});

describe("mistakes with live sessions", () => {
  it("names that cannot be, and hooks that are none", () => {
    expect(() => liveSession("", {}, {})).toThrow(/Its name goes into tokens/);
    expect(() => liveSession("a b", {}, {})).toThrow(/Its name goes into tokens/);
    expect(() => liveSession("a", { onMount: [{} as never] }, {})).toThrow(/must be a list of functions/);
    expect(() => liveSession("a", { onMount: requireUser as never }, {})).toThrow(/must be a list of functions/);
  });

  it("two of one name, what is none, and a path that two of them have", () => {
    const a = liveSession("a", {}, { "/a/:id": plain });
    expect(() => appWith({ liveSessions: [a, liveSession("a", {}, {})] })).toThrow(/Two live sessions .* named "a"/);
    expect(() => appWith({ liveSessions: [{} as typeof a] })).toThrow(/takes what liveSession/);
    expect(() => appWith({ routes: { "/a/:name": plain }, liveSessions: [a] })).toThrow(
      /The routes "\/a\/:name" and "\/a\/:id" take the same addresses/,
    );
  });
});
