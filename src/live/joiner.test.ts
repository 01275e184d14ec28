import { describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import { collect, connect, load, SECRET, testApp, visit } from "../../test/support/client.ts";
import { createLiveApp } from "./live-app.ts";
import { createLiveView } from "./live-view.ts";

const page = createLiveView({ render: (_context, meta) => html`<p>at ${meta.url.pathname}</p>` });
const routes = { "/": page, "/other": page } as const;
const PAGE = "http://localhost:4000/";

describe("a join", () => {
  it("is answered with the whole tree and the version of the client that it is written for", async () => {
    const { app } = testApp(routes);
    const client = await connect(app, await load(app, "/"));
    expect(await client.join()).toEqual({
      status: "ok",
      response: {
        rendered: { "0": "/", s: ["<p>at ", "</p>"] },
        liveview_version: expect.stringMatching(/^1\.2\.\d+$/) as unknown,
      },
    });
  });

  it("may be repeated: the earlier channel is closed first, and its view has ended", async () => {
    const { app } = testApp(routes);
    const client = await visit(app, "/");
    await client.join();
    expect(client.peer.received.slice(-2).map(({ joinRef, event }) => [joinRef, event])).toEqual([
      ["1", "phx_close"],
      ["2", "phx_reply"],
    ]);
    expect(app.stats().views).toBe(1);
  });

  it("mounts the view of its address, with the page's session token, after a live navigation", async () => {
    const { app } = testApp(routes);
    const client = await visit(app, "/");
    await client.join({ redirect: `${PAGE}other` });
    expect(client.html()).toBe("<p>at /other</p>");
  });

  it("is answered once its async mount and render are done, and events that came meanwhile after it", async () => {
    const { app } = testApp({
      "/": createLiveView<{ n: number }, { type: "inc" }>({
        mount: async (socket) => {
          await Promise.resolve();
          socket.assign({ n: 0 });
        },
        handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
        render: async ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await connect(app, await load(app, "/"));
    client.sendJoin();
    const inc = client.click("inc");
    await client.reply(inc);
    expect(client.html()).toBe("<p>1</p>");
    expect(client.peer.received.filter(({ event }) => event === "phx_reply").map(({ ref }) => ref)).toEqual(["1", "2"]);
  });
});

/** Of a page that has a flash, and so a static token. */
const greeting = createLiveView({
  mount: (socket) => socket.putFlash("info", "hello"),
  render: (_context, { flash }) => html`<p>${flash["info"]}</p>`,
});

describe("a join is refused", () => {
  it("as stale with a forged, altered or missing session token", async () => {
    const { app, log } = testApp(routes);
    for (const session of ["", "forged", (await load(app, "/")).session.replace(/^./, "x")]) {
      const client = await connect(app, await load(app, "/"));
      expect(await client.join({ session, url: `${PAGE}?${session}` })).toEqual({
        status: "error",
        response: { reason: expect.stringMatching(/stale|refused/) as unknown },
      });
    }
    expect(log).toHaveLength(3);
    expect(log.join("\n")).toContain("session token: the token was not signed with our secret");
    expect(app.stats().views).toBe(0);
  });

  it("as stale with a static token that is forged", async () => {
    const { app, log } = testApp(routes);
    const client = await connect(app, await load(app, "/"));
    expect((await client.join({ static: "forged" })).response).toEqual({ reason: "stale" });
    expect(log[0]).toContain("static token: the token is malformed");
  });

  it("as stale with a token of one page and a static token of another", async () => {
    const { app, log } = testApp({ "/": greeting });
    const first = await load(app, "/");
    const second = await load(app, "/", first.cookie);
    expect(second.static).not.toBe("");
    const client = await connect(app, first);
    expect((await client.join({ static: second.static })).response).toEqual({ reason: "stale" });
    expect(log[0]).toContain("the session token and the static token are of two pages");
    expect((await client.join({ static: null })).status).toBe("ok");
  });

  it("as stale with a token of another purpose", async () => {
    const { app, log } = testApp({ "/": greeting });
    const client = await connect(app, await load(app, "/"));
    expect((await client.join({ session: client.page.static })).response).toEqual({ reason: "stale" });
    expect(log[0]).toContain("the token was not signed with our secret");
  });

  it("as stale with tokens that are too old", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
    try {
      const { app, log } = testApp(routes, { tokenMaxAgeMs: 60_000 });
      const loaded = await load(app, "/");
      vi.setSystemTime(1_060_000);
      expect((await (await connect(app, loaded)).join()).status).toBe("ok");
      vi.setSystemTime(1_060_001);
      expect((await (await connect(app, loaded)).join()).response).toEqual({ reason: "stale" });
      expect(log[0]).toContain("the token is too old");
    } finally {
      vi.useRealTimers();
    }
  });

  it("as stale when the session has changed between the page and the socket", async () => {
    const told = collect();
    let user = "ada";
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      session: () => ({ user }),
      routes: { "/": page },
    });
    const loaded = await load(app, "/");
    expect((await (await connect(app, loaded)).join()).status).toBe("ok");
    user = "grace";
    expect((await (await connect(app, loaded)).join()).response).toEqual({ reason: "stale" });
    expect(told.log[0]).toContain("the session has changed since the page was loaded");
  });

  it("as stale with a CSRF token that is missing, wrong, or of another browser", async () => {
    const { app, log } = testApp(routes);
    const mallory = await load(app, "/");
    const client = await connect(app, await load(app, "/"));
    expect((await client.join({ params: {} })).response).toEqual({ reason: "stale" });
    expect((await client.join({ params: { _csrf_token: mallory.csrfToken } })).response).toEqual({ reason: "stale" });
    expect(log[0]).toContain('the layout needs <meta name="csrf-token"');
    expect(log[1]).toContain("its _csrf_token is not the one of this browser");
  });

  it("as stale when the socket came without the app's cookie", async () => {
    const { app, log } = testApp(routes);
    const client = await connect(app, { ...(await load(app, "/")), cookie: "" });
    expect((await client.join()).response).toEqual({ reason: "stale" });
    expect(log[0]).toContain("the browser blocks cookies");
  });

  it("as stale on a topic that is no view of the page", async () => {
    const { app, log } = testApp(routes);
    const client = await connect(app, await load(app, "/"));
    expect((await client.join({ topic: "lv:phx-other" })).response).toEqual({ reason: "stale" });
    expect(log[0]).toContain("the page has no such view");
  });

  it.each(["http://localhost:4000/nowhere", "no address", "javascript:alert(1)"])(
    "as unauthorized when its address %s is no live route",
    async (url) => {
      const { app, log } = testApp(routes);
      const client = await connect(app, await load(app, "/"));
      expect((await client.join({ url })).response).toEqual({ reason: "unauthorized" });
      expect((await client.join({ redirect: url })).response).toEqual({ reason: "unauthorized" });
      expect(log[0]).toContain("its address is no live route");
    },
  );

  it("so that the client waits when its payload makes no sense", async () => {
    const { app, log } = testApp(routes);
    const client = await visit(app, "/");
    for (const [number, payload] of [
      null,
      "text",
      {},
      { session: 5 },
      { url: PAGE, redirect: PAGE, session: "x" },
    ].entries()) {
      const ref = `bad${number}`;
      client.receive([ref, ref, "lv:phx-main", "phx_join", payload]);
      expect(client.replyTo(ref)).toEqual({ status: "error", response: { reason: "join crashed" } });
    }
    expect(log).toHaveLength(5);
  });

  it("for the third time within 10 s so that the client backs off, and says so in the log", async () => {
    const { app, log } = testApp(routes);
    const reasons: unknown[] = [];
    for (let load_ = 0; load_ < 4; load_++) {
      const client = await connect(app, { ...(await load(app, "/")), cookie: "" });
      reasons.push((await client.join()).response["reason"]);
    }
    // The npm client loads the page at once for the first two reasons, and waits 5 to 10 s for any other.
    expect(reasons).toEqual(["stale", "stale", "refused", "refused"]);
    expect(log[2]).toContain("that is the third time within 10 s, so a reload does not mend it");
  });

  it("for each page by itself", async () => {
    const { app } = testApp(routes);
    const client = await connect(app, { ...(await load(app, "/")), cookie: "" });
    const reasons: unknown[] = [];
    for (const path of ["", "", "other", ""])
      reasons.push((await client.join({ url: PAGE + path })).response["reason"]);
    expect(reasons).toEqual(["stale", "stale", "stale", "refused"]);
  });

  it("with nothing that tells of the inside", async () => {
    const { app } = testApp(
      {
        "/": createLiveView({
          mount: (socket) => {
            if (socket.connected) throw new Error("secret detail");
          },
          render: () => html`<p></p>`,
        }),
      },
      { development: false, origins: ["http://localhost:4000"] },
    );
    const client = await connect(app, await load(app, "/"));
    await client.join();
    expect(client.peer.received.map(({ text }) => text).join()).not.toContain("secret detail");
  });
});

describe("socket.staticChanged", () => {
  const view = createLiveView({
    render: (_context, meta) => html`<p>${meta.url.pathname}</p>`,
    mount: (socket) => socket.pageTitle(String(socket.staticChanged)),
  });
  const ORIGIN = "http://localhost:4000";

  async function titleFor(addresses: readonly string[], staticPaths?: readonly string[]): Promise<unknown> {
    const { app } = testApp({ "/": view }, { staticPaths });
    const client = await connect(app, await load(app, "/"));
    const csrfToken = client.page.csrfToken;
    const { response } = await client.join({ params: { _csrf_token: csrfToken, _track_static: addresses } });
    // What a join is answered with is JSON: a tree with the title beside it.
    return (response["rendered"] as { readonly t?: unknown }).t;
  }

  it("is false for a page with the client's files as they are now", async () => {
    const { app } = testApp({ "/": view });
    const scripts = [...(await load(app, "/")).html.matchAll(/src="([^"]+)"/g)].map(([, path]) => `${ORIGIN}${path}`);
    expect(scripts).toHaveLength(2);
    expect(await titleFor(scripts)).toBe("false");
  });

  it("is true for a page with another version of them", async () => {
    expect(await titleFor([`${ORIGIN}/_wingbeat/phoenix-0123456789abcdef.js`])).toBe("true");
  });

  it("knows of the app's own files what staticPaths says, and nothing without it", async () => {
    const address = `${ORIGIN}/assets/app-1.js?v=2`;
    expect(await titleFor([address])).toBe("false");
    expect(await titleFor([address], ["/assets/app-1.js"])).toBe("false");
    expect(await titleFor([address], ["/assets/app-2.js"])).toBe("true");
  });
});

describe("a mount that throws an error with a status", () => {
  const notFound = (connectedOnly: boolean) =>
    createLiveView({
      mount: (socket) => {
        if (!socket.connected && connectedOnly) return;
        throw Object.assign(new Error("no such room"), { status: 404 });
      },
      render: () => html`<p></p>`,
    });

  it("answers the page with it, and reports no failure", async () => {
    const { app, errors } = testApp({ "/": notFound(false) });
    const answer = await load(app, "/");
    expect(answer.status).toBe(404);
    expect(answer.html).not.toContain("no such room");
    expect(errors).toEqual([]);
  });

  it("makes the joining client load the page, which is answered with it once", async () => {
    const { app, errors } = testApp({ "/": notFound(true) });
    const client = await connect(app, await load(app, "/"));
    const { status, response } = await client.join();
    expect([status, response["reason"], response["status"]]).toEqual(["error", "reload", 404]);
    const token = String(response["token"]);
    const reloaded = await load(app, "/", `${client.page.cookie}; __phoenix_reload_status__=${token}`);
    expect(reloaded.status).toBe(404);
    expect(reloaded.cookie).not.toContain("__phoenix_reload_status__");
    expect((await load(app, "/", reloaded.cookie)).status).toBe(200);
    expect((await load(app, "/", `__phoenix_reload_status__=${token}x`)).status).toBe(200);
    expect(errors).toEqual([]);
  });
});

describe("rotated secrets", () => {
  it("let a page signed with the old one join, as long as the old one is in the list", async () => {
    const [old, next] = ["the old secret, which has thirty-two bytes", "the new secret, which has thirty-two bytes"];
    const { app: before } = testApp(routes, { secret: old });
    const loaded = await load(before, "/");
    const { app: during } = testApp(routes, { secret: [next, old] });
    expect((await (await connect(during, loaded)).join()).status).toBe("ok");
    const { app: after } = testApp(routes, { secret: [next] });
    expect((await (await connect(after, loaded)).join()).response).toEqual({ reason: "stale" });
  });
});
