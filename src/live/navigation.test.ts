import { afterEach, describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import { connect, load, quiet, testApp, until, visit, type TestClient } from "../../test/support/client.ts";
import { createLiveView } from "./live-view.ts";
import type { LiveSocket } from "./live-socket.ts";

type Socket = LiveSocket<{ page: string; n: number }>;
type Act = { type: "act" };

/** A paged view that does what the test says when it gets the event `act`, or the info `act`. */
function paged(act: (socket: Socket) => void | Promise<void>) {
  return createLiveView<{ page: string; n: number }, Act>({
    initial: { page: "", n: 0 },
    mount: (socket) => void socket.subscribe("act"),
    handleParams: (url, socket) => socket.assign({ page: url.searchParams.get("page") ?? "none" }),
    handleEvent: (_event, socket) => act(socket),
    handleInfo: (_info, socket) => act(socket),
    render: ({ page, n }, meta) => html`<p>page ${page} n ${n} flash ${meta.flash["info"]} at ${meta.url.pathname}</p>`,
  });
}

const other = createLiveView({
  render: (_context, meta) => html`<p>other, flash ${meta.flash["info"]}</p>`,
});

const routes = (act: (socket: Socket) => void | Promise<void>) => testApp({ "/list/:id": paged(act), "/other": other });

const framesAfter = (client: TestClient, count: number) => client.frames().slice(count);

describe("a patch by the server", () => {
  it("B9: changes the address, runs handleParams and renders, first the address and then the reply", async () => {
    const { app } = routes((socket) => socket.pushPatch("?page=2"));
    const client = await visit(app, "/list/1");
    const before = client.frames().length;
    client.click("act");
    expect(framesAfter(client, before)).toEqual([
      ["live_patch", { to: "/list/1?page=2", kind: "push" }],
      ["phx_reply", { status: "ok", response: { diff: { "0": "2" } } }],
    ]);
  });

  it("from handleInfo pushes the address and then the diff", async () => {
    const { app, pubSub } = routes((socket) => socket.pushPatch("/list/2", { page: 3 }, { replace: true }));
    const client = await visit(app, "/list/1");
    const before = client.frames().length;
    void pubSub.broadcast("act", {});
    await quiet();
    expect(framesAfter(client, before)).toEqual([
      ["live_patch", { to: "/list/2?page=3", kind: "replace" }],
      ["diff", { "0": "3", "3": "/list/2" }],
    ]);
  });

  it("runs handleParams once more when that patches on, and the last address stays", async () => {
    const { app } = testApp({
      "/": createLiveView<{ page: string }, Act>({
        handleParams: (url, socket) => {
          const page = Number(url.searchParams.get("page") ?? 0);
          socket.assign({ page: String(page) });
          if (page > 0 && page < 3) socket.pushPatch(`?page=${page + 1}`);
        },
        handleEvent: (_event, socket) => socket.pushPatch("?page=1"),
        render: ({ page }) => html`<p>${page}</p>`,
      }),
    });
    const client = await visit(app, "/");
    expect(await client.event("act")).toEqual({ diff: { "0": "3" } });
    expect(client.pushes("live_patch").map(({ to }) => to)).toEqual(["/?page=1", "/?page=2", "/?page=3"]);
  });

  it("may follow another as often as there are events", async () => {
    let page = 0;
    const { app } = routes((socket) => socket.pushPatch(`?page=${++page}`));
    const client = await visit(app, "/list/1");
    for (let click = 1; click <= 30; click++) {
      expect(await client.event("act")).toEqual({ diff: { "0": String(click) } });
    }
  });

  it("that never stops patching ends the view after 20, with the mend", async () => {
    const { app, errors } = testApp({
      "/loop": createLiveView<{ n: number }, Act>({
        initial: { n: 0 },
        handleParams: (url, socket) => {
          if (url.search !== "") socket.pushPatch(`?page=${Math.trunc(Number(url.searchParams.get("page"))) + 1}`);
        },
        handleEvent: (_event, socket) => socket.pushPatch("?page=1"),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/loop");
    client.click("act");
    expect(client.pushes("live_patch")).toHaveLength(20);
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors[0]?.error).toMatchObject({ code: "view.patch-loop" });
    expect(String(errors[0]?.error)).toContain("Patch only when the URL is not yet what it should be");
  });

  it.each([
    ["/other", "leads away from /list/:id: a patch stays in its view. Use socket.pushNavigate"],
    ["/nowhere", "leads away from /list/:id"],
    ["//evil.example", "not a path within this app"],
    ["/\\evil.example", "not a path within this app"],
    ["https://evil.example/", "not a path within this app"],
    ["/\t/evil.example", "not a path within this app"],
    ["/%09/evil.example", "not a path within this app"],
    ["/list/1\r\nset-cookie: a=b", "not a path within this app"],
    ["list/1", "not a path within this app"],
  ])("to %j throws, with the mend", async (path, text) => {
    let thrown: unknown;
    const { app } = routes((socket) => {
      try {
        socket.pushPatch(path);
      } catch (error) {
        thrown = error;
      }
    });
    const client = await visit(app, "/list/1");
    expect(await client.event("act")).toEqual({});
    expect(thrown).toMatchObject({ code: "view.invalid-destination" });
    expect(String(thrown)).toContain(text);
  });

  it("in mount is a redirect of the dead render, and tells the joined client its address", async () => {
    const { app } = testApp({
      "/:page": createLiveView<{ page: string }, never, never, {}, { page: string }>({
        mount: (socket, _session, { page }) => {
          if (page === "old") socket.pushPatch("/new", undefined, true);
        },
        handleParams: (url, socket) => socket.assign({ page: url.pathname }),
        render: ({ page }) => html`<p>${page}</p>`,
      }),
    });
    const page = await load(app, "/old");
    expect([page.status, page.headers.get("location")]).toEqual([302, "/new"]);
    const client = await connect(app, await load(app, "/new"));
    const { response } = await client.join({ url: "http://localhost:4000/old" });
    expect(response["live_patch"]).toEqual({ to: "/new", kind: "replace" });
    expect(client.html()).toBe("<p>/new</p>");
  });
});

describe("a patch by the client", () => {
  it("runs handleParams and answers with the diff", async () => {
    const { app } = routes(() => {});
    const client = await visit(app, "/list/1");
    const ref = client.push("live_patch", { url: "http://localhost:4000/list/7?page=4" });
    expect(client.replyTo(ref)).toEqual({ status: "ok", response: { diff: { "0": "4", "3": "/list/7" } } });
    expect(client.pushes("live_patch")).toEqual([]);
  });

  it.each([
    "http://localhost:4000/other",
    "http://localhost:4000/nowhere",
    "no address",
    "javascript:///list/7",
    "file:///list/7",
  ])("to %s is answered with link_redirect, and the view goes on", async (url) => {
    const { app } = routes((socket) => socket.assign({ n: socket.context.n + 1 }));
    const client = await visit(app, "/list/1");
    expect(await client.reply(client.push("live_patch", { url }))).toEqual({
      status: "ok",
      response: { link_redirect: true },
    });
    expect(await client.event("act")).toEqual({ diff: { "1": "1" } });
  });

  it("to another view sends what is not shown yet as a diff of its own", async () => {
    const { app, pubSub } = routes((socket) => socket.assign({ n: socket.context.n + 1 }));
    const client = await visit(app, "/list/1");
    void pubSub.broadcast("act", {});
    await client.reply(client.push("live_patch", { url: "http://localhost:4000/other" }));
    await quiet();
    expect(client.pushes("diff")).toEqual([{ "1": "1" }]);
  });
});

describe("leaving", () => {
  it("by pushNavigate in an event answers it, closes the channel and ends the view", async () => {
    const { app } = routes((socket) => socket.pushNavigate("/other"));
    const client = await visit(app, "/list/1");
    const before = client.frames().length;
    client.click("act");
    expect(framesAfter(client, before)).toEqual([
      ["phx_reply", { status: "ok", response: { live_redirect: { to: "/other", kind: "push" } } }],
      ["phx_close", {}],
    ]);
    expect(app.stats()).toMatchObject({ connections: 1, views: 0 });
    // The client then leaves, and joins the other view on the same topic.
    expect(await client.reply(client.push("phx_leave", {}))).toEqual({ status: "ok", response: {} });
    expect((await client.join({ redirect: "http://localhost:4000/other" })).status).toBe("ok");
    expect(client.html()).toBe("<p>other, flash </p>");
  });

  it("by pushNavigate from handleInfo is pushed", async () => {
    const { app, pubSub } = routes((socket) => socket.pushRedirect("/other", { a: 1 }, { replace: true }));
    const client = await visit(app, "/list/1");
    const before = client.frames().length;
    void pubSub.broadcast("act", {});
    await until(
      () => client.pushes("phx_close").length === 1,
      () => "the close",
    );
    expect(framesAfter(client, before)).toEqual([
      ["live_redirect", { to: "/other?a=1", kind: "replace" }],
      ["phx_close", {}],
    ]);
  });

  it("by redirect, in an event and from handleInfo", async () => {
    const { app, pubSub } = routes((socket) => socket.redirect("https://example.org/x"));
    const client = await visit(app, "/list/1");
    client.click("act");
    expect(framesAfter(client, 1)).toEqual([
      ["phx_reply", { status: "ok", response: { redirect: { to: "https://example.org/x" } } }],
      ["phx_close", {}],
    ]);
    const second = await visit(app, "/list/1");
    void pubSub.broadcast("act", {});
    await until(
      () => second.pushes("phx_close").length === 1,
      () => "the close",
    );
    expect(framesAfter(second, 1)).toEqual([
      ["redirect", { to: "https://example.org/x" }],
      ["phx_close", {}],
    ]);
  });

  it("brings the events that were pushed to the page first", async () => {
    const { app } = routes((socket) => {
      socket.pushEvent("bye", { n: 1 });
      socket.redirect("/login");
    });
    const client = await visit(app, "/list/1");
    client.click("act");
    expect(framesAfter(client, 1)).toEqual([
      ["diff", { e: [["bye", { n: 1 }]] }],
      ["phx_reply", { status: "ok", response: { redirect: { to: "/login" } } }],
      ["phx_close", {}],
    ]);
  });

  it.each(["javascript:alert(1)", "//evil.example", "data:text/html,x", "file:///etc/passwd", "evil", ""])(
    "to %j throws",
    async (to) => {
      const { app, errors } = routes((socket) => socket.redirect(to));
      const client = await visit(app, "/list/1");
      client.click("act");
      expect(errors[0]?.error).toMatchObject({ code: "view.invalid-destination" });
      expect(client.peer.received.map(({ event }) => event)).not.toContain("redirect");
    },
  );

  it("in mount is an HTTP redirect of the dead render, and refuses the join; handleParams does not run", async () => {
    const log: string[] = [];
    const { app, errors } = testApp({
      "/members": createLiveView({
        mount: (socket) => {
          socket.putFlash("info", "log in first");
          socket.redirect("/login");
        },
        handleParams: () => {
          log.push("handleParams");
          throw new Error("relies on what mount did not make");
        },
        render: () => html`<p></p>`,
      }),
      "/other": other,
    });
    const page = await load(app, "/members");
    expect([page.status, page.headers.get("location")]).toEqual([302, "/login"]);
    const client = await connect(app, await load(app, "/other"));
    const reply = await client.join({ url: "http://localhost:4000/members" });
    expect(reply).toEqual({
      status: "error",
      response: { redirect: { to: "/login", flash: expect.any(String) as unknown }, events: [] },
    });
    expect([log, errors]).toEqual([[], []]);
    expect(app.stats().views).toBe(0);
  });

  it("in mount brings the events that were pushed to the page with the refused join", async () => {
    const { app } = testApp({
      "/members": createLiveView({
        mount: (socket) => {
          socket.pushEvent("bye", { n: 1 });
          socket.pushNavigate("/other");
        },
        render: () => html`<p></p>`,
      }),
      "/other": other,
    });
    const client = await connect(app, await load(app, "/other"));
    expect(await client.join({ url: "http://localhost:4000/members" })).toEqual({
      status: "error",
      response: { live_redirect: { to: "/other", kind: "push" }, events: [["bye", { n: 1 }]] },
    });
  });

  it("of several wishes of a callback follows the last", async () => {
    const { app } = routes((socket) => {
      socket.pushPatch("?page=9");
      socket.redirect("/a");
      socket.pushNavigate("/other");
    });
    const client = await visit(app, "/list/1");
    expect(await client.event("act")).toEqual({ live_redirect: { to: "/other", kind: "push" } });
  });
});

describe("flash", () => {
  const flashing = (client: TestClient) => /flash (.*?) at/.exec(client.html())?.[1];

  it("is shown, and cleared by the client's lv:clear-flash, of one kind or of all", async () => {
    const { app } = routes((socket) => socket.putFlash("info", "saved"));
    const client = await visit(app, "/list/1");
    expect(await client.event("act")).toEqual({ diff: { "2": "saved" } });
    expect(await client.event("lv:clear-flash", { key: "error" })).toEqual({});
    expect(await client.event("lv:clear-flash", { key: "info" })).toEqual({ diff: { "2": "" } });
    await client.event("act");
    expect(await client.event("lv:clear-flash", {})).toEqual({ diff: { "2": "" } });
  });

  it("survives a patch by the server only if put in the same callback", async () => {
    let step = 0;
    const { app } = routes((socket) => {
      step++;
      if (step === 1) socket.putFlash("info", "old");
      if (step === 2) socket.pushPatch("?page=2");
      if (step === 3) {
        socket.putFlash("info", "new");
        socket.pushPatch("?page=3");
      }
    });
    const client = await visit(app, "/list/1");
    await client.event("act");
    expect(flashing(client)).toBe("old");
    await client.event("act");
    expect(flashing(client)).toBe("");
    await client.event("act");
    expect(flashing(client)).toBe("new");
  });

  it("survives the patch if the same callback puts what was there already", async () => {
    let step = 0;
    const { app } = routes((socket) => {
      socket.putFlash("info", "same");
      if (++step === 2) socket.pushPatch("?page=2");
    });
    const client = await visit(app, "/list/1");
    await client.event("act");
    await client.event("act");
    expect(flashing(client)).toBe("same");
  });

  it("is cleared by a patch of the client", async () => {
    const { app } = routes((socket) => socket.putFlash("info", "saved"));
    const client = await visit(app, "/list/1");
    await client.event("act");
    await client.reply(client.push("live_patch", { url: "http://localhost:4000/list/1?page=2" }));
    expect(flashing(client)).toBe("");
  });

  it("travels with a live navigation as a token, and is shown by the next view", async () => {
    const { app } = routes((socket) => {
      socket.putFlash("info", "moved; on");
      socket.pushNavigate("/other");
    });
    const client = await visit(app, "/list/1");
    const { live_redirect: target } = (await client.event("act")) as { live_redirect: { flash: string } };
    expect(target.flash).toMatch(/^[\w.-]+$/);
    await client.join({ redirect: "http://localhost:4000/other", flash: target.flash });
    expect(client.html()).toBe("<p>other, flash moved; on</p>");
    await client.join({ redirect: "http://localhost:4000/other", flash: `${target.flash}x` });
    expect(client.html()).toBe("<p>other, flash </p>");
  });

  it("travels with a page load in a cookie that is taken away at once, and through the static token to the first join only", async () => {
    const { app } = routes((socket) => {
      socket.putFlash("info", "welcome");
      socket.redirect("/other");
    });
    const client = await visit(app, "/list/1");
    const { redirect } = (await client.event("act")) as { redirect: { flash: string } };
    const page = await load(app, "/other", `${client.page.cookie}; __phoenix_flash__=${redirect.flash}`);
    expect(page.html).toContain("<p>other, flash welcome</p>");
    expect(page.cookie).not.toContain("__phoenix_flash__");
    const next = await connect(app, page);
    await next.join();
    expect(next.html()).toBe("<p>other, flash welcome</p>");
    await next.join();
    expect(next.html()).toBe("<p>other, flash </p>");
  });

  it("put before a redirect of the dead render is in the cookie for the next page", async () => {
    const { app } = testApp({
      "/old": createLiveView({
        mount: (socket) => {
          socket.putFlash("info", "this page has moved");
          socket.pushNavigate("/other");
        },
        render: () => html`<p></p>`,
      }),
      "/other": other,
    });
    const old = await load(app, "/old");
    expect([old.status, old.headers.get("location")]).toEqual([302, "/other"]);
    const page = await load(app, "/other", old.cookie);
    expect(page.html).toContain("<p>other, flash this page has moved</p>");
  });
});

describe("a flash token", () => {
  const leave = async () => {
    const { app, log } = routes((socket) => {
      socket.putFlash("info", "your password is changed");
      socket.pushNavigate("/other");
    });
    const client = await visit(app, "/list/1");
    const { live_redirect: target } = (await client.event("act")) as { live_redirect: { flash: string } };
    return { app, log, client, flash: target.flash };
  };
  afterEach(() => void vi.useRealTimers());

  it("of another browser is refused, and the page shown without it", async () => {
    const { app, log, flash } = await leave();
    const mallory = await visit(app, "/list/2");
    await mallory.join({ redirect: "http://localhost:4000/other", flash });
    expect(mallory.html()).toBe("<p>other, flash </p>");
    expect((await load(app, "/other", `${mallory.page.cookie}; __phoenix_flash__=${flash}`)).html).toContain(
      "flash </p>",
    );
    expect(log.filter((line) => line.includes("refused"))).toEqual([
      "[wingbeat] refused the flash message of a join of /other: the token is of another browser",
      "[wingbeat] refused the flash message of a request for /other: the token is of another browser",
    ]);
  });

  it("that has expired is refused, and the page shown without it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { app, log, client, flash } = await leave();
    vi.setSystemTime(Date.now() + 59_000);
    await client.join({ redirect: "http://localhost:4000/other", flash });
    expect(client.html()).toBe("<p>other, flash your password is changed</p>");
    vi.setSystemTime(Date.now() + 2_000);
    await client.join({ redirect: "http://localhost:4000/other", flash });
    expect(client.html()).toBe("<p>other, flash </p>");
    expect((await load(app, "/other", `${client.page.cookie}; __phoenix_flash__=${flash}`)).html).toContain(
      "flash </p>",
    );
    expect(log.filter((line) => line.includes("refused"))).toEqual([
      "[wingbeat] refused the flash message of a join of /other: the token is too old",
      "[wingbeat] refused the flash message of a request for /other: the token is too old",
    ]);
  });

  it("that is forged is refused, and the cookie with it taken away", async () => {
    const { app, log, client, flash } = await leave();
    const page = await load(app, "/other", `${client.page.cookie}; __phoenix_flash__=${flash.slice(0, -1)}`);
    expect(page.html).toContain("flash </p>");
    expect(page.cookie).not.toContain("__phoenix_flash__");
    expect(log.filter((line) => line.includes("refused"))).toEqual([
      "[wingbeat] refused the flash message of a request for /other: the token was not signed with our secret",
    ]);
  });

  it("is no other token, and no other token is one", async () => {
    const { log, client, flash } = await leave();
    expect(await client.join({ session: flash })).toEqual({ status: "error", response: { reason: "stale" } });
    await client.join({ redirect: "http://localhost:4000/other", flash: client.page.session });
    expect(client.html()).toBe("<p>other, flash </p>");
    expect(log.filter((line) => line.includes("refused")).map((line) => line.replace(/.*: /, ""))).toEqual([
      "the token was not signed with our secret",
      "the token was not signed with our secret",
    ]);
  });
});

describe("captures and queries", () => {
  const shown = createLiveView<{ params: unknown }>({
    mount: (socket, _session, params) => socket.assign({ params }),
    render: ({ params }) => html`<output>${JSON.stringify(params)}</output>`,
  });
  const { app, log } = testApp({ "/rooms/:id": shown, "/docs/**": shown, "/page/:slug?": shown });
  const paramsAt = async (path: string): Promise<unknown> => {
    const { html: page } = await load(app, path);
    return JSON.parse((/<output>(.*?)<\/output>/.exec(page)?.[1] ?? "").replaceAll("&quot;", '"'));
  };

  it("are decoded once, and what is no percent code stays as it is", async () => {
    expect(await paramsAt("/rooms/caf%C3%A9%20%2F")).toEqual({ id: "café /" });
    expect(await paramsAt("/rooms/50%25%20")).toEqual({ id: "50% " });
    expect(await paramsAt("/rooms/%E0%A4%A")).toEqual({ id: "%E0%A4%A" });
    expect(await paramsAt("/docs/a/b%20c")).toMatchObject({ _: "a/b c" });
  });

  it("leave out an optional capture that is not there, and the query cannot stand in for one", async () => {
    expect(await paramsAt("/page")).toEqual({});
    expect(await paramsAt("/page/x?slug=y&q=1")).toEqual({ slug: "x", q: "1" });
    expect(await paramsAt("/page?slug[nested]=y&q=1")).toEqual({ q: "1" });
  });

  it("are looked up once where mount leaves the address as it is", async () => {
    const seen: unknown[] = [];
    const view = createLiveView({
      mount: (_socket, _session, params) => void seen.push(params),
      handleParams: (_url, _socket, params) => void seen.push(params),
      render: () => html`<p></p>`,
    });
    await visit(testApp({ "/rooms/:id": view }).app, "/rooms/1?q=é");
    expect(seen).toEqual(Array.from({ length: 4 }, () => ({ id: "1", q: "é" })));
    expect(seen[1]).toBe(seen[0]);
    expect(seen[3]).toBe(seen[2]);
  });

  it("are those of the address as it is now for handleParams, whoever changes it", async () => {
    const shop = createLiveView<{ seen: string }, Act, never, {}, { category?: string | undefined }>({
      initial: { seen: "" },
      mount: (socket, _session, { category }) => {
        if (category === "old") socket.pushPatch("/shop/new");
      },
      handleParams: (_url, socket, params) =>
        socket.assign({ seen: `${socket.context.seen} ${JSON.stringify(params)}` }),
      handleEvent: (_event, socket) => socket.pushPatch("/shop/books?page=2"),
      render: ({ seen }) => html`<output>${seen}</output>`,
    });
    const { app: shops } = testApp({ "/shop/:category?": shop });
    const client = await visit(shops, "/shop");
    const seen = (): string => (/<output>(.*?)<\/output>/.exec(client.html())?.[1] ?? "").replaceAll("&quot;", "'");
    await client.event("act");
    await client.reply(client.push("live_patch", { url: "http://localhost:4000/shop/films" }));
    expect(seen()).toBe(" {} {'page':'2','category':'books'} {'category':'films'}");
    await client.join({ redirect: "http://localhost:4000/shop/old" });
    expect(seen()).toBe(" {'category':'new'}");
  });

  it("never reach a prototype", async () => {
    const params = await paramsAt(
      "/page?__proto__[polluted]=1&constructor[prototype][polluted]=1&a[__proto__][b]=1&q=1",
    );
    expect(params).toMatchObject({ q: "1" });
    expect(JSON.stringify(params)).not.toContain("polluted");
    expect("polluted" in {}).toBe(false);
  });

  it.each([
    ["nested", (count: number) => `/page?a${"[x]".repeat(count)}=1`],
    ["flat", (count: number) => `/page?${"a&".repeat(count)}`],
  ])("of 10 000 %s parameters are refused with the status 400, and the next page is shown", async (_what, path) => {
    log.length = 0;
    expect((await load(app, path(10_000))).status).toBe(400);
    expect(log.join("\n")).toMatch(/answered \/page\/:slug\? with 400: its query: /);
    const client = await visit(app, "/page");
    const join = await client.join({ redirect: `http://localhost:4000${path(2_000)}` });
    expect(join).toEqual({ status: "error", response: { reason: "unauthorized" } });
    expect(log.join("\n")).toContain("refused the join of /page from 192.0.2.7: its query: ");
    expect((await load(app, "/page?q=1")).status).toBe(200);
  });
});

describe("socket.navigation", () => {
  const seen: unknown[] = [];
  const watching = createLiveView<{}, Act>({
    mount: (socket) => void seen.push(["mount", socket.navigation]),
    handleParams: (_url, socket) => void seen.push(["handleParams", socket.navigation]),
    handleEvent: (_event, socket) => socket.pushPatch("?by=view"),
    render: () => html`<p></p>`,
  });
  const { app } = testApp({ "/:page": watching });
  const told = (): unknown[] => seen.splice(0);
  const both = (navigation: object): unknown[] => [
    ["mount", navigation],
    ["handleParams", navigation],
  ];

  it("tells a load, patches of either side, a live navigation and a reconnect apart", async () => {
    const client = await visit(app, "/a");
    expect(told()).toEqual([...both({ type: "load" }), ...both({ type: "load" })]);
    await client.event("act");
    expect(told()).toEqual([["handleParams", { type: "patch", by: "view" }]]);
    await client.reply(client.push("live_patch", { url: "http://localhost:4000/a?by=page" }));
    expect(told()).toEqual([["handleParams", { type: "patch", by: "page" }]]);
    await client.join();
    expect(told()).toEqual(both({ type: "reconnect" }));
    const params = { _csrf_token: client.page.csrfToken, _mounts: 0, _live_referer: "http://localhost:4000/a?x=1#y" };
    await client.join({ redirect: "http://localhost:4000/b", params });
    expect(told()).toEqual(both({ type: "navigate", from: "/a?x=1" }));
    await client.join({ redirect: "http://localhost:4000/b", params: { ...params, _mounts: 1 } });
    expect(told()).toEqual(both({ type: "reconnect" }));
  });

  it.each([["https://evil.example/a"], ["javascript:alert(1)"], ["no address"], [{ toString: "x" }], [undefined]])(
    "gives no `from` for a referer %j",
    async (referer) => {
      const client = await visit(app, "/a");
      told();
      const params = { _csrf_token: client.page.csrfToken, _mounts: 0, _live_referer: referer };
      expect((await client.join({ redirect: "http://localhost:4000/b", params })).status).toBe("ok");
      expect(told()).toEqual(both({ type: "navigate", from: undefined }));
    },
  );
});

describe("what a page is told beside its diff", () => {
  it("travels with the reply: events in order, the title, and a hook's answer", async () => {
    const { app } = testApp({
      "/": createLiveView<{ n: number }, Act>({
        initial: { n: 0 },
        handleEvent: (_event, socket) => {
          socket.assign({ n: 1 });
          socket.pushEvent("first", { a: "</script>" });
          socket.pushEvent("second", {});
          socket.pageTitle("One");
          socket.pageTitle("Two");
          return { reply: { ok: [1, 2] } };
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    expect(await client.event("act")).toEqual({
      diff: {
        "0": "1",
        t: "Two",
        e: [
          ["first", { a: "</script>" }],
          ["second", {}],
        ],
        r: { ok: [1, 2] },
      },
    });
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
  });

  it("travels without a diff if nothing else changed; a reply of undefined is null", async () => {
    const { app } = testApp({
      "/": createLiveView<{}, Act>({ handleEvent: () => ({ reply: undefined }), render: () => html`<p></p>` }),
    });
    expect(await (await visit(app, "/")).event("act")).toEqual({ diff: { r: null } });
  });

  it("travels with the join, and the title is in the dead render's document, escaped", async () => {
    const { app } = testApp(
      {
        "/": createLiveView({
          mount: (socket) => {
            socket.pageTitle("Inbox <3>");
            socket.pushEvent("ready", { n: 1 });
          },
          render: () => html`<p></p>`,
        }),
      },
      { title: { prefix: "Mail · ", default: "Home" } },
    );
    const client = await visit(app, "/");
    expect(client.page.html).toContain(
      '<title data-prefix="Mail · " data-default="Home">Mail · Inbox &lt;3&gt;</title>',
    );
    expect(client.title).toBe("Inbox <3>");
    expect(client.events).toEqual([["ready", { n: 1 }]]);
  });

  it("is pushed when no event is at hand, also by code outside of callbacks", async () => {
    let outside = (): void => {};
    const { app } = testApp({
      "/": createLiveView({
        mount: (socket) => {
          outside = () => {
            socket.pushEvent("e", { n: 1 });
            socket.pageTitle("T");
          };
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    outside();
    await quiet();
    expect(client.pushes("diff")).toEqual([{ t: "T", e: [["e", { n: 1 }]] }]);
  });
});

describe("B15: meta.csrfToken", () => {
  it("is the token of the page, in the dead render and in the joined one", async () => {
    const { app } = testApp({
      "/": createLiveView({ render: (_context, meta) => html`<input name="_csrf_token" value="${meta.csrfToken}">` }),
    });
    const client = await visit(app, "/");
    expect(client.page.csrfToken).toMatch(/^[\w-]{43}$/);
    expect(client.page.html).toContain(`<input name="_csrf_token" value="${client.page.csrfToken}">`);
    expect(client.html()).toContain(`value="${client.page.csrfToken}"`);
  });
});
