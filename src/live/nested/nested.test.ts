import { afterEach, describe, expect, it, vi } from "vitest";
import { collect, connect, load, SECRET, testApp, visit, type TestClient } from "../../../test/support/client.ts";
import { each } from "../../html/each.ts";
import { html } from "../../html/html.ts";
import { shared } from "../../html/shared.ts";
import type { LiveStream } from "../../html/live-stream.ts";
import { createLiveComponent } from "../components/create-live-component.ts";
import { liveComponent } from "../components/place-live-component.ts";
import { createLiveApp } from "../live-app.ts";
import { createLiveView } from "../live-view.ts";
import { liveRender } from "./live-render.ts";

afterEach(() => {
  vi.useRealTimers();
});

const hello = createLiveView<{ name: string }, never, never, { name?: string }>({
  mount: (socket, { name = "nobody" }) => socket.assign({ name }),
  render: ({ name }) => html`<p>Hello, ${name}</p>`,
});

/** The tokens of an element, as a message or a page has them. */
function tokensOf(text: string, id: string): { readonly session: string; readonly static: string | null } {
  const plain = text.replaceAll('\\"', '"');
  const element = new RegExp(`<\\w+ id="${id}"[^>]*>`).exec(plain)?.[0] ?? "";
  const attribute = (name: string): string => new RegExp(`data-phx-${name}="([^"]*)"`).exec(element)?.[1] ?? "none";
  return { session: attribute("session"), static: attribute("static") || null };
}

/** What the server sent last for a view that shows the element. */
function latestTokens(client: TestClient, id: string): { readonly session: string } {
  const frame = client.peer.received.findLast(({ text }) => text.includes(`id=\\"${id}\\"`));
  return tokensOf(frame?.text ?? "", id);
}

describe("the HTML of a page", () => {
  it("has what nested views show, each in its element, without a token that one could join with", async () => {
    const { app } = testApp({
      "/": createLiveView<{}>({
        render: () =>
          html`<main>${liveRender(hello, { id: "ada", session: { name: "<Ada>" }, container: ["section", { class: ["a", "b"], title: '"' }] })}${liveRender(hello, { id: 7 })}</main>`,
      }),
    });
    const { html: text } = await load(app, "/");
    expect(text.replaceAll(/data-phx-static="[\w.-]+"/g, 'data-phx-static="T"')).toContain(
      '<main><section id="ada" data-phx-session="" data-phx-static="T" data-phx-parent-id="phx-main" class="a b" title="&quot;">' +
        "<p>Hello, &lt;Ada&gt;</p></section>" +
        '<div id="7" data-phx-session="" data-phx-static="T" data-phx-parent-id="phx-main"><p>Hello, nobody</p></div></main>',
    );
    expect(app.stats().views).toBe(0);
  });

  it("waits for asynchronous mounts, all at once, and has those in live components, lists and other nested views", async () => {
    const under: string[] = [];
    let most = 0;
    const slow = createLiveView<{ name: string }, never, never, { name: string }>({
      mount: async (socket, { name }) => {
        under.push(name);
        most = Math.max(most, under.length);
        await new Promise((resolve) => setImmediate(resolve));
        under.splice(under.indexOf(name), 1);
        socket.assign({ name });
      },
      render: async ({ name }) => html`<i>${name}</i>`,
    });
    const card = createLiveComponent<{ name: string }>({
      render: ({ name }) => html`<b>${liveRender(slow, { id: `in-${name}`, session: { name } })}</b>`,
    });
    const middle = createLiveView<{}>({
      render: () => html`<u>${liveRender(slow, { id: "deep", session: { name: "deep" } })}</u>`,
    });
    const { app } = testApp({
      "/": createLiveView<{ rows: LiveStream<{ id: string }> }>({
        mount: (socket) => socket.stream("rows", [{ id: "1" }]),
        render: ({ rows }) => html`
          ${each(
            ["x", "y"],
            (name) => name,
            (name) => html`<li>${liveRender(slow, { id: name, session: { name } })}</li>`,
          )}
          ${liveComponent(card, { id: 1, name: "card" })} ${liveRender(middle, { id: "middle" })}
          <ul id="rows" phx-update="stream">
            ${rows.map((domId) => liveRender(slow, { id: domId, session: { name: "row" }, container: "li" }))}
          </ul>
        `,
      }),
    });
    const { html: text } = await load(app, "/");
    for (const name of ["x", "y", "card", "deep", "row"]) expect(text).toContain(`<i>${name}</i>`);
    expect(most).toBe(5);
    expect(app.stats().views).toBe(0);
  });

  it("is a redirect, with its flash, where the mount of a nested view redirects", async () => {
    const guard = createLiveView<{}>({
      mount: (socket) => {
        socket.putFlash("error", "Log in first");
        socket.redirect("/login");
      },
      render: () => html`<p>Secret</p>`,
    });
    const { app } = testApp({ "/": createLiveView<{}>({ render: () => html`${liveRender(guard, { id: "guard" })}` }) });
    const page = await load(app, "/");
    expect([page.status, page.headers.get("location")]).toEqual([302, "/login"]);
    expect(page.cookie).toContain("__phoenix_flash__=");
    expect(app.stats().views).toBe(0);
  });

  it("is the answer that an error with a status asks for, and a failure for any other, reported once, of the nested view", async () => {
    const failing = (error: Error) =>
      createLiveView<{}>({
        mount: () => {
          throw error;
        },
        render: () => html``,
      });
    const around = (view: ReturnType<typeof failing>) =>
      createLiveView<{}>({ render: () => html`${liveRender(view, { id: "failing" })}` });
    const { app, errors } = testApp({
      "/gone": around(failing(Object.assign(new Error("gone"), { status: 404 }))),
      "/broken": around(failing(new Error("broken"))),
    });
    expect((await load(app, "/gone")).status).toBe(404);
    expect(errors).toEqual([]);
    expect((await load(app, "/broken")).status).toBe(500);
    expect(errors.map(({ details }) => [details.view, details.callback])).toEqual([["/broken > failing", "mount"]]);
    expect(app.stats().views).toBe(0);
  });

  it("does not take what a user typed for a nested view", async () => {
    const { app } = testApp({
      "/": createLiveView<{}>({
        render: () => html`${"<!--x 0-->"}${liveRender(hello, { id: "a", session: { name: "<!--x 0--> $& $1" } })}`,
      }),
    });
    expect((await load(app, "/")).html).toContain("<p>Hello, &lt;!--x 0--&gt; $&amp; $1</p>");
  });
});

describe("over the socket, a nested view", () => {
  const parent = createLiveView<{ n: number; name: string; isOpen: boolean }, { type: "more" } | { type: "toggle" }>({
    initial: { n: 0, name: "Ada", isOpen: true },
    handleEvent: (event, socket) => {
      const { n, isOpen } = socket.context;
      if (event.type === "toggle") socket.assign({ isOpen: !isOpen });
      else socket.assign({ n: n + 1, name: "Grace" });
    },
    render: ({ n, name, isOpen }) =>
      html`<h1>${n}</h1>${isOpen && liveRender(hello, { id: "kid", session: { name } })}`,
  });

  it("is an empty element with a token, by which it joins without an address", async () => {
    const { app } = testApp({ "/": parent });
    const client = await connect(app, await load(app, "/"));
    const tokens = tokensOf(client.page.html, "kid");
    const joined = JSON.stringify((await client.join()).response);
    expect(joined.replaceAll(/session=\\"[\w.-]+\\"/g, "session=T")).toContain(
      '"<div id=\\"kid\\" data-phx-session=T data-phx-static=\\"\\" data-phx-parent-id=\\"phx-main\\"></div>"',
    );
    const reply = await client.join({
      topic: "lv:kid",
      url: undefined,
      ...latestTokens(client, "kid"),
      static: tokens.static,
    });
    expect(reply.response["rendered"]).toEqual({ 0: "Ada", s: ["<p>Hello, ", "</p>"] });
    expect(app.stats().views).toBe(2);
  });

  it("costs the view around it nothing when that changes, whatever it would be given now", async () => {
    const { app } = testApp({ "/": parent });
    const client = await visit(app, "/");
    expect(await client.event("more")).toEqual({ diff: { 0: "1" } });
  });

  it("begins anew with another token when it was away, and its old one is good for a while, as a message may be under way", async () => {
    const { app } = testApp({ "/": parent });
    const client = await visit(app, "/");
    const first = latestTokens(client, "kid").session;
    await client.event("toggle");
    await client.event("toggle");
    const second = latestTokens(client, "kid").session;
    expect(second).not.toBe(first);
    const { joinRef } = client;
    for (const session of [first, second]) {
      expect((await client.join({ topic: "lv:kid", session, static: null })).status).toBe("ok");
    }
    client.joinRef = joinRef;
    expect(app.stats().views).toBe(2);
  });

  it("is forgotten a minute after it has left the page, so that what comes and goes does not pile up", async () => {
    const list = createLiveView<{ n: number }, { type: "next" }>({
      initial: { n: 0 },
      handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: ({ n }) => html`${liveRender(hello, { id: `kid-${n}`, session: {} })}`,
    });
    const { app } = testApp({ "/": list });
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const client = await visit(app, "/");
    const tokens: string[] = [];
    for (let n = 0; n < 40; n++) {
      tokens.push(latestTokens(client, `kid-${n}`).session);
      now.mockReturnValue(1_000 + n * 10_000);
      await client.event("next");
    }
    const { joinRef } = client;
    const join = async (n: number): Promise<string> => {
      const { status } = await client.join({ topic: `lv:kid-${n}`, session: tokens[n], static: null });
      client.joinRef = joinRef;
      return status;
    };
    expect([await join(39), await join(0)]).toEqual(["ok", "error"]);
    now.mockRestore();
  });

  it.each([
    ["is not forgotten while it is", [], "ok"],
    ["is forgotten a minute after the page has said that it is gone", [1], "error"],
  ])("in a live component in a row of a stream %s", async (_name, cids, status) => {
    const frame = createLiveComponent<{ domId: string }>({
      render: ({ domId }) => html`<li id="${domId}">${liveRender(hello, { id: "in-row", session: {} })}</li>`,
    });
    const list = createLiveView<{ n: number; rows: LiveStream<{ id: number }> }, { type: "next" }>({
      initial: { n: 0 },
      mount: (socket) => socket.stream("rows", [{ id: 1 }]),
      handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: ({ n, rows }) =>
        html`<ul id="rows" phx-update="stream">${rows.map((domId) => liveComponent(frame, { id: domId, domId }))}</ul>
          ${liveRender(hello, { id: `kid-${n}`, session: {} })}`,
    });
    const { app } = testApp({ "/": list });
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const client = await visit(app, "/");
    const { session } = latestTokens(client, "in-row");
    await client.reply(client.push("cids_will_destroy", { cids }));
    for (let n = 0; n < 40; n++) {
      now.mockReturnValue(1_000 + n * 10_000);
      await client.event("next");
    }
    expect(await client.join({ topic: "lv:in-row", session, static: null })).toMatchObject({ status });
    now.mockRestore();
  });

  it.each([
    ["is not forgotten, however long it has no process", 40, "ok"],
    ["is forgotten when a hundred others have come and gone, so that they do not pile up", 300, "error"],
  ])("in a row of a stream %s", async (_name, others, status) => {
    const list = createLiveView<{ rows: LiveStream<{ id: number }> }, { type: "next"; id: number }>({
      mount: (socket) => socket.stream("rows", [{ id: 0 }]),
      handleEvent: ({ id }, socket) => socket.streamInsert("rows", { id }),
      render: ({ rows }) =>
        html`<ul id="rows" phx-update="stream">${rows.map((domId) => liveRender(hello, { id: domId, container: "li" }))}</ul>`,
    });
    const { app } = testApp({ "/": list });
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const client = await visit(app, "/");
    const { session } = latestTokens(client, "rows-0");
    for (let id = 1; id <= others; id++) {
      now.mockReturnValue(1_000 + id * 10_000);
      await client.event("next", { id });
    }
    expect(await client.join({ topic: "lv:rows-0", session, static: null })).toMatchObject({ status });
    now.mockRestore();
  });

  it("has the visitor's session, with what its place gives over it, and the page's address", async () => {
    const seen: unknown[] = [];
    const probe = createLiveView<{}, never, never, { user: string; room: string }>({
      mount: (socket, session, params) => void seen.push(session, params, socket.url.pathname, socket.connected),
      render: () => html`<p></p>`,
    });
    const told = collect();
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      session: () => ({ user: "ada", room: "hall" }),
      routes: {
        "/:id": createLiveView<{}>({
          render: () => html`${liveRender(probe, { id: "probe", session: { user: "ada", room: "attic" } })}`,
        }),
      },
    });
    const client = await visit(app, "/12");
    await client.join({ topic: "lv:probe", ...latestTokens(client, "probe"), static: null });
    const session = { user: "ada", room: "attic" };
    expect(seen).toEqual([session, {}, "/12", false, session, {}, "/12", true]);
  });

  it("shows the flash that it set in the page's HTML, once", async () => {
    const greeter = createLiveView<{}>({
      mount: (socket) => {
        if (!socket.connected) socket.putFlash("info", "Welcome");
      },
      render: (_context, meta) => html`<p>${meta.flash["info"]}</p>`,
    });
    const { app } = testApp({
      "/": createLiveView<{}>({ render: () => html`${liveRender(greeter, { id: "greeter" })}` }),
    });
    const client = await connect(app, await load(app, "/"));
    const tokens = tokensOf(client.page.html, "greeter");
    await client.join();
    const join = { topic: "lv:greeter", ...latestTokens(client, "greeter"), static: tokens.static };
    const shown = async (mounts: number): Promise<unknown> => {
      const params = { _csrf_token: client.page.csrfToken, _mounts: mounts };
      return (await client.join({ ...join, params })).response["rendered"];
    };
    expect(await shown(0)).toEqual({ 0: "Welcome", s: ["<p>", "</p>"] });
    expect(await shown(1)).toEqual({ 0: "", s: ["<p>", "</p>"] });
  });

  it("sends its diffs on its own topic, also when it shares a render with pages of its own", async () => {
    const counter = createLiveView<{ n: number }, { type: "inc" }>({
      initial: { n: 0 },
      mount: (socket) => socket.subscribe("count"),
      handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: shared((context: { n: number }) => html`<p>${context.n}</p>`),
    });
    const { app, pubSub } = testApp({
      "/": createLiveView<{}>({ render: () => html`${liveRender(counter, { id: "kid" })}` }),
    });
    const client = await visit(app, "/");
    await client.join({ topic: "lv:kid", ...latestTokens(client, "kid"), static: null });
    const { joinRef } = client;
    await pubSub.broadcast("count", {});
    await vi.waitFor(() => {
      expect(client.peer.received.at(-1)).toMatchObject({
        topic: "lv:kid",
        event: "diff",
        joinRef,
        payload: { 0: "1" },
      });
    }, 20_000);
  });

  it("has the page's own view patch the address, with its flash; a page that is not there yet is redirected", async () => {
    const inner = createLiveView<{}>({
      mount: (socket, _session, _params) => {
        if (socket.url.searchParams.get("tab") !== null) return;
        socket.putFlash("info", "moved");
        socket.pushPatch("?tab=2");
      },
      render: () => html`<p></p>`,
    });
    const outer = createLiveView<{ tab: string }>({
      initial: { tab: "" },
      handleParams: (url, socket) => socket.assign({ tab: url.searchParams.get("tab") ?? "none" }),
      render: ({ tab }, meta) => html`<h1>${tab} ${meta.flash["info"]}</h1>${liveRender(inner, { id: "inner" })}`,
    });
    const { app } = testApp({ "/": outer });
    expect((await load(app, "/")).headers.get("location")).toBe("/?tab=2");
    const page = await load(app, "/?tab=1");
    const client = await connect(app, page);
    await client.join({ url: "http://localhost:4000/" });
    const { joinRef } = client;
    await client.join({ topic: "lv:inner", ...latestTokens(client, "inner"), static: null });
    client.joinRef = joinRef;
    await client.shows("<h1>2 moved</h1>");
    expect(client.pushes("live_patch")).toEqual([{ to: "/?tab=2", kind: "push" }]);
  });
});

describe("the end of a nested view", () => {
  const crashing = createLiveView<{ n: number }, { type: "crash" } | { type: "inc" }>({
    initial: { n: 0 },
    handleEvent: (event, socket) => {
      if (event.type === "crash") throw new Error("on purpose");
      socket.assign({ n: socket.context.n + 1 });
    },
    render: ({ n }) => html`<p>${n}</p>`,
  });
  const around = createLiveView<{}, { type: "crash" }>({
    handleEvent: () => {
      throw new Error("on purpose");
    },
    render: () => html`${liveRender(crashing, { id: "kid" })}`,
  });

  async function openWithKid() {
    const { app, errors } = testApp({ "/": around });
    const client = await visit(app, "/");
    const main = client.joinRef;
    const tokens = { topic: "lv:kid", ...latestTokens(client, "kid"), static: null };
    await client.join(tokens);
    const kid = client.joinRef;
    return { app, errors, client, main, kid, tokens };
  }

  it("by an exception tells its own topic only, and it may join again with the token that it has", async () => {
    const { app, errors, client, kid, tokens } = await openWithKid();
    client.receive([kid, "90", "lv:kid", "event", { type: "click", event: "crash", value: {} }]);
    expect(client.peer.received.at(-1)).toMatchObject({ topic: "lv:kid", joinRef: kid, event: "phx_error" });
    expect([app.stats().views, errors[0]?.details.view]).toEqual([1, "/ > kid"]);
    expect((await client.join(tokens)).status).toBe("ok");
    expect(app.stats().views).toBe(2);
  });

  it("comes with that of the view around it: by a crash, after which its token is stale", async () => {
    const { app, client, main, kid, tokens } = await openWithKid();
    client.receive([main, "90", "lv:phx-main", "event", { type: "click", event: "crash", value: {} }]);
    expect(client.peer.received.slice(-2)).toMatchObject([
      { topic: "lv:phx-main", event: "phx_error" },
      { topic: "lv:kid", joinRef: kid, event: "phx_close" },
    ]);
    expect(app.stats().views).toBe(0);
    expect((await client.join(tokens)).response).toEqual({ reason: "stale" });
  });

  it("comes with that of the view around it: by a leave, and by a join of it anew", async () => {
    const { app, client, main, tokens } = await openWithKid();
    client.receive([main, "90", "lv:phx-main", "phx_leave", {}]);
    expect(app.stats().views).toBe(0);
    await client.join();
    const renewed = latestTokens(client, "kid");
    expect((await client.join(tokens)).response).toEqual({ reason: "stale" });
    await client.join({ ...tokens, ...renewed });
    expect(app.stats().views).toBe(2);
    await client.join();
    expect(app.stats().views).toBe(1);
  });

  it("comes while it still mounts", async () => {
    let finish: (() => void) | undefined;
    const slow = createLiveView<{}>({
      mount: (socket) => (socket.connected ? new Promise<void>((resolve) => (finish = resolve)) : undefined),
      render: () => html`<p></p>`,
    });
    const { app } = testApp({ "/": createLiveView<{}>({ render: () => html`${liveRender(slow, { id: "slow" })}` }) });
    const client = await visit(app, "/");
    const main = client.joinRef;
    const ref = client.sendJoin({ topic: "lv:slow", ...latestTokens(client, "slow"), static: null });
    client.receive([main, "90", "lv:phx-main", "phx_leave", {}]);
    finish?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect([app.stats().views, client.replyTo(ref)]).toEqual([0, undefined]);
  });

  it("by a redirect sends the page there, and leaves the view around it until the page has gone", async () => {
    const away = createLiveView<{}, { type: "go" }>({
      handleEvent: (_event, socket) => socket.pushNavigate("/"),
      render: () => html`<p></p>`,
    });
    const { app } = testApp({ "/": createLiveView<{}>({ render: () => html`${liveRender(away, { id: "kid" })}` }) });
    const client = await visit(app, "/");
    await client.join({ topic: "lv:kid", ...latestTokens(client, "kid"), static: null });
    client.receive([client.joinRef, "90", "lv:kid", "event", { type: "click", event: "go", value: {} }]);
    expect(client.peer.received.slice(-2)).toMatchObject([
      { topic: "lv:kid", payload: { response: { live_redirect: { to: "/", kind: "push" } } } },
      { topic: "lv:kid", event: "phx_close" },
    ]);
    expect(app.stats().views).toBe(1);
  });
});

describe("a nested view whose mount fails", () => {
  it("joins empty and crashes, so that its page is not kept waiting; each further try waits longer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let fails = true;
    let mounts = 0;
    const moody = createLiveView<{}>({
      mount: (socket) => {
        if (!socket.connected) return;
        mounts++;
        if (fails) throw new Error("not today");
      },
      render: () => html`<p>fine</p>`,
    });
    const { app, errors } = testApp({
      "/": createLiveView<{}>({ render: () => html`${liveRender(moody, { id: "moody" })}` }),
    });
    const client = await visit(app, "/");
    const tokens = { topic: "lv:moody", ...latestTokens(client, "moody"), static: null };
    const first = client.sendJoin(tokens);
    expect(client.replyTo(first)).toMatchObject({ status: "ok", response: { rendered: { s: [""] } } });
    expect(client.peer.received.at(-1)).toMatchObject({ topic: "lv:moody", joinRef: first, event: "phx_error" });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const ref = client.sendJoin(tokens);
      for (waits.push(0); client.replyTo(ref) === undefined; waits[attempt]! += 500) vi.advanceTimersByTime(500);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 4_000, 4_000]);
    expect([mounts, errors.length, app.stats().views]).toEqual([6, 6, 1]);
    client.sendJoin(tokens);
    client.receive([client.joinRef, "90", "lv:moody", "phx_leave", {}]);
    vi.advanceTimersByTime(10_000);
    expect(mounts).toBe(6);
    fails = false;
    const good = client.sendJoin(tokens);
    vi.advanceTimersByTime(4_000);
    expect(client.replyTo(good)).toMatchObject({ response: { rendered: { s: ["<p>fine</p>"] } } });
    const next = client.sendJoin(tokens);
    expect(client.replyTo(next)).toMatchObject({ response: { rendered: { s: ["<p>fine</p>"] } } });
  });

  it("with a status answers with that, for the whole page", async () => {
    const gone = createLiveView<{}>({
      mount: (socket) => {
        if (socket.connected) throw Object.assign(new Error("gone"), { status: 410 });
      },
      render: () => html`<p></p>`,
    });
    const { app } = testApp({ "/": createLiveView<{}>({ render: () => html`${liveRender(gone, { id: "gone" })}` }) });
    const client = await visit(app, "/");
    const { response } = await client.join({ topic: "lv:gone", ...latestTokens(client, "gone"), static: null });
    expect(response).toMatchObject({ reason: "reload", status: 410 });
  });
});

describe("the token of a nested view", () => {
  const parent = createLiveView<{}>({
    render: () =>
      html`${liveRender(hello, { id: "one" })}${liveRender(hello, { id: "two" })}${liveRender(hello, { id: "radio", sticky: true, session: { name: "radio" } })}`,
  });
  const open = async () => {
    const told = testApp({ "/": parent }, { views: { hello } });
    const client = await visit(told.app, "/");
    return { ...told, client };
  };

  it("is good for the one element that has it", async () => {
    const { client, log } = await open();
    for (const id of ["one", "radio"]) {
      const reply = await client.join({ topic: "lv:two", ...latestTokens(client, id), static: null });
      expect(reply.response).toEqual({ reason: "stale" });
    }
    expect(log[0]).toContain(
      'its nested view "two": the page has no such view; session token: it is for another element',
    );
  });

  it("is no use on another connection, though that of a sticky view is, if it is the same visitor's", async () => {
    const { app, client } = await open();
    const other = await visit(app, "/", client.page.cookie);
    const child = { topic: "lv:one", ...latestTokens(client, "one"), static: null };
    expect((await other.join(child)).response).toEqual({ reason: "stale" });
    const sticky = { topic: "lv:radio", ...latestTokens(client, "radio"), static: null };
    expect((await other.join(sticky)).status).toBe("ok");
  });

  it("of a sticky view is no use to a visitor with another session", async () => {
    const told = collect();
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      views: { hello },
      session: (request) => ({ user: request.headers.get("cookie")?.includes("as=grace") === true ? "grace" : "ada" }),
      routes: { "/": parent },
    });
    const ada = await visit(app, "/");
    const grace = await visit(app, "/", "as=grace");
    const reply = await grace.join({ topic: "lv:radio", ...latestTokens(ada, "radio"), static: null });
    expect(reply.response).toEqual({ reason: "stale" });
    expect(told.log[0]).toContain("the session has changed since the page was loaded");
  });

  it("goes with the static token of its own page and element only", async () => {
    const { app, client } = await open();
    const other = await load(app, "/", client.page.cookie);
    const session = latestTokens(client, "one").session;
    for (const wrong of [
      tokensOf(other.html, "one").static,
      tokensOf(client.page.html, "two").static,
      client.page.session,
    ]) {
      expect((await client.join({ topic: "lv:one", session, static: wrong })).status).toBe("error");
    }
    const right = tokensOf(client.page.html, "one").static;
    expect((await client.join({ topic: "lv:one", session, static: right })).status).toBe("ok");
  });

  it("is neither one of a page, nor is one of a page that of a nested view", async () => {
    const { client } = await open();
    const nested = latestTokens(client, "one").session;
    expect((await client.join({ session: nested, static: null })).status).toBe("error");
    expect((await client.join({ topic: "lv:one", static: null })).status).toBe("error");
  });

  it("of a sticky view whose name is gone, say by a deploy, makes the page load anew", async () => {
    const before = testApp({ "/": parent }, { views: { hello } });
    const after = testApp({ "/": createLiveView({ render: () => html`<p></p>` }) });
    const client = await visit(before.app, "/");
    const later = await visit(after.app, "/", client.page.cookie);
    const { response } = await later.join({ topic: "lv:radio", ...latestTokens(client, "radio"), static: null });
    expect(response).toEqual({ reason: "stale" });
    expect(after.log[0]).toContain("the app's `views` have none that is named hello");
  });

  it("of a sticky view brings it back on another server, with what its place gave it", async () => {
    const one = testApp({ "/": parent }, { views: { hello } });
    const two = testApp({ "/": parent }, { views: { hello } });
    const client = await visit(one.app, "/");
    const later = await visit(two.app, "/", client.page.cookie);
    const { response } = await later.join({ topic: "lv:radio", ...latestTokens(client, "radio"), static: null });
    expect(response["rendered"]).toEqual({ 0: "radio", s: ["<p>Hello, ", "</p>"] });
  });
});

describe("mistakes with nested views", () => {
  const failureOf = async (view: ReturnType<typeof createLiveView<{}>>, options = {}): Promise<string> => {
    const { app, errors } = testApp({ "/": view }, options);
    const { status } = await load(app, "/");
    expect(status).toBe(500);
    return String(errors[0]?.error);
  };
  const rendering = (render: () => ReturnType<typeof html>) => createLiveView<{}>({ render });

  it("a place whose id is none", () => {
    const options: Record<string, unknown> = {};
    expect(() => liveRender(hello, options as { id: string })).toThrow('liveRender got the id "undefined"');
    expect(() => liveRender(hello, { id: "a b" })).toThrow('liveRender got the id "a b"');
  });

  it("two places with one id are named, in one render", async () => {
    const twice = () => html`<i>${liveRender(hello, { id: "x" })}</i><b>${liveRender(hello, { id: "x" })}</b>`;
    const message = await failureOf(rendering(twice));
    expect(message).toContain('Two places of one page have a nested view with the id "x"');
    expect(message).toContain("<i>${…}</i>");
    expect(message).toContain("<b>${…}</b>");
  });

  it("two places with one id are named, also when the second comes later, and when another view has it", async () => {
    const late = createLiveView<{ n: number }, { type: "more" }>({
      initial: { n: 0 },
      handleEvent: (_event, socket) => socket.assign({ n: 1 }),
      render: ({ n }) => html`<i>${liveRender(hello, { id: "x" })}</i>${n > 0 && liveRender(hello, { id: "x" })}`,
    });
    const { app, errors } = testApp({ "/": late });
    const client = await visit(app, "/");
    client.click("more");
    expect(String(errors[0]?.error)).toContain('Two places of one page have a nested view with the id "x"');
    const inner = rendering(() => html`${liveRender(hello, { id: "x" })}`);
    const outer = rendering(() => html`${liveRender(hello, { id: "x" })}${liveRender(inner, { id: "inner" })}`);
    const message = await failureOf(outer);
    expect(message).toContain("in /:");
    expect(message).toContain("in / > inner");
  });

  it("two places with one id are named, of which a nested view has brought the second later", async () => {
    const inner = createLiveView<{ n: number }, { type: "more" }>({
      initial: { n: 0 },
      handleEvent: (_event, socket) => socket.assign({ n: 1 }),
      render: ({ n }) => html`<u>${n > 0 && liveRender(hello, { id: "x" })}</u>`,
    });
    const outer = rendering(() => html`<i>${liveRender(hello, { id: "x" })}</i>${liveRender(inner, { id: "inner" })}`);
    const { app, errors } = testApp({ "/": outer });
    const client = await visit(app, "/");
    await client.join({ topic: "lv:inner", ...latestTokens(client, "inner"), static: null });
    client.receive([client.joinRef, "90", "lv:inner", "event", { type: "click", event: "more", value: {} }]);
    expect(String(errors[0]?.error)).toMatch(/in \/:\n {4}<i>[^]*in \/ > inner:\n {4}<u>/);
    expect(errors[0]?.details.view).toBe("/ > inner");
  });

  it("a sticky view that patches the address, which is not its own", async () => {
    const radio = createLiveView<{}>({
      mount: (socket) => {
        if (socket.connected) socket.pushPatch("?x=1");
      },
      render: () => html`<p></p>`,
    });
    const { app, errors } = testApp(
      { "/": rendering(() => html`${liveRender(radio, { id: "radio", sticky: true })}`) },
      { views: { radio } },
    );
    const client = await visit(app, "/");
    client.sendJoin({ topic: "lv:radio", ...latestTokens(client, "radio"), static: null });
    expect(String(errors[0]?.error)).toContain("radio is a sticky view");
  });

  it("another view under the id of one that is there", async () => {
    const other = rendering(() => html`<p>other</p>`);
    const tabs = createLiveView<{ n: number }, { type: "more" }>({
      initial: { n: 0 },
      handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: ({ n }) =>
        n === 1
          ? html`<b></b>`
          : html`${n === 0 || n > 3 ? liveRender(hello, { id: "tab" }) : liveRender(other, { id: "tab" })}`,
    });
    const { app, errors } = testApp({ "/": tabs });
    const client = await visit(app, "/");
    for (const step of ["away", "other", "still other"]) {
      expect([step, Object.keys(await client.event("more"))]).toEqual([step, step === "still other" ? [] : ["diff"]]);
    }
    client.click("more");
    expect(String(errors[0]?.error)).toContain('shows another view under the id "tab" than the page has there');
  });

  it("a nested view in a shared render, and in the layout", async () => {
    const place = () => html`${liveRender(hello, { id: "x" })}`;
    expect(await failureOf(createLiveView<{}>({ initial: {}, render: shared(place) }))).toContain(
      'The nested view "x" stands in what no view has for itself',
    );
    const layout = () => html`<html><body>${liveRender(hello, { id: "x" })}</body></html>`;
    expect(
      await failureOf(
        rendering(() => html`<p></p>`),
        { layout },
      ),
    ).toContain("or the app's\nlayout");
  });

  it("a sticky view without a name, and one whose session is no JSON or too much of it", async () => {
    const any = createLiveView<{}, never, never, { value?: unknown }>({ render: () => html`<p></p>` });
    const sticky = (value: unknown) =>
      rendering(() => html`${liveRender(any, { id: "s", sticky: true, session: { value } })}`);
    expect(await failureOf(sticky(1))).toContain("createLiveApp({ views: { player: playerView }");
    const views = { any };
    expect(await failureOf(sticky([1, { at: new Date(0) }]), { views })).toContain("no JSON at session.value[1].at");
    expect(await failureOf(sticky(Number.NaN), { views })).toContain("no JSON at session.value");
    expect(await failureOf(sticky("x".repeat(3_000)), { views })).toContain("at most 3000");
    const { app } = testApp({ "/": sticky({ a: [null, true, "x", 1.5] }) }, { views });
    expect((await load(app, "/")).status).toBe(200);
  });

  it("a view with handleParams, one that is no view, ids and containers that cannot be", () => {
    const located = createLiveView<{}>({ handleParams: () => {}, render: () => html`` });
    expect(() => liveRender(located, { id: "x" })).toThrow(/has handleParams/);
    expect(() => liveRender({} as never, { id: "x" })).toThrow(/takes what createLiveView/);
    for (const id of ["", "a b", "x".repeat(201)])
      expect(() => liveRender(hello, { id })).toThrow(/The id of a nested/);
    for (const container of ["IMG", "img", "script", "a b", ""]) {
      expect(() => liveRender(hello, { id: "x", container })).toThrow(/The container of the nested view "x"/);
    }
    expect(() => liveRender(hello, { id: "x", container: ["div", { id: "y" }] })).toThrow(/attribute id is written/);
    expect(() => liveRender(hello, { id: "x", container: ["div", { onclick: "x" }] })).toThrow(/is a program/);
  });

  it("a view that renders itself", async () => {
    const self: { view: typeof hello } = { view: hello };
    let n = 0;
    self.view = createLiveView<{ name: string }, never, never, { name?: string }>({
      initial: { name: "" },
      render: () => html`${liveRender(self.view, { id: `again-${n++}` })}`,
    });
    expect(await failureOf(rendering(() => html`${liveRender(self.view, { id: "self" })}`))).toContain(
      "most likely a view that renders itself",
    );
  });

  it("names of views that cannot be", () => {
    expect(() => testApp({}, { views: { "a b": hello } })).toThrow(/Its name goes into tokens/);
    expect(() => testApp({}, { views: { a: {} as never } })).toThrow(/that is no live view/);
    expect(() => testApp({}, { views: { a: hello, b: hello } })).toThrow(/the same view under "a" and "b"/);
  });
});
