import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html } from "../html/html.ts";
import { each } from "../html/each.ts";
import { topic } from "../pubsub/topic.ts";
import { connect, load, ORIGIN, quiet, testApp, turn, until, visit } from "../../test/support/client.ts";
import { createLiveView } from "./live-view.ts";

// What docs/ promises, as far as it concerns one process. The parts have their own tests; these go through all of them.

type Numbered = { type: "numbered"; from: number; n: number };
const news = topic<Numbered>("guarantees:news");

/** A view that collects what it gets in `got`. */
const collector = (got: Numbered[][]) =>
  createLiveView<{ index: number }, { type: "publish"; n: number } | { type: "leave" } | { type: "join" }, Numbered>({
    initial: { index: -1 },
    mount: async (socket) => {
      if (!socket.connected) return;
      socket.assign({ index: got.push([]) - 1 });
      await socket.subscribe(news);
      await socket.subscribe(news);
    },
    handleEvent: async (event, socket) => {
      const { index } = socket.context;
      if (event.type === "leave") await socket.unsubscribe(news);
      else if (event.type === "join") await socket.subscribe(news);
      else await socket.broadcast(news, { type: "numbered", from: index, n: event.n });
    },
    handleInfo: (info, socket) => void got[socket.context.index]?.push(info),
    render: ({ index }) => html`<p>${index}</p>`,
  });

describe("guarantee: subscribe", () => {
  it("when it has resolved, every later broadcast reaches the view, once, however often it subscribed", async () => {
    const got: Numbered[][] = [];
    const { app, pubSub } = testApp({ "/": collector(got) });
    await visit(app, "/");
    for (let n = 0; n < 1_000; n++) void pubSub.broadcast(news, { type: "numbered", from: 9, n });
    await until(
      () => got[0]?.length === 1_000,
      () => "a thousand",
    );
    await quiet();
    expect(got[0]?.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });
});

describe("guarantee: order", () => {
  it("messages of one publisher on one topic arrive in the order sent, in every view, whoever else publishes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 60 }), async (publishers) => {
        const got: Numbered[][] = [];
        const { app } = testApp({ "/": collector(got) });
        const clients = [await visit(app, "/"), await visit(app, "/"), await visit(app, "/")];
        for (const [n, publisher] of publishers.entries()) {
          clients[publisher]?.click("publish", { n });
          if (n % 7 === 0) await turn();
        }
        await until(
          () => got.every((infos) => infos.length === publishers.length),
          () => "all messages",
        );
        for (const infos of got) {
          for (const publisher of [0, 1, 2]) {
            const own = infos.filter(({ from }) => from === publisher).map(({ n }) => n);
            expect(own).toEqual(own.toSorted((a, b) => a - b));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("guarantee: delivery", () => {
  it("is exactly once while subscribed, and not at all otherwise", async () => {
    const got: Numbered[][] = [];
    const { app, pubSub } = testApp({ "/": collector(got) });
    const client = await visit(app, "/");
    let sent = 0;
    const publish = async (): Promise<void> => {
      void pubSub.broadcast(news, { type: "numbered", from: 9, n: ++sent });
      await quiet();
    };
    await publish();
    await client.event("leave");
    await publish();
    await client.event("join");
    await publish();
    await client.event("leave");
    await client.event("leave");
    await publish();
    expect(got[0]?.map(({ n }) => n)).toEqual([1, 3]);
  });

  it("of more than the mailbox holds ends the view, which mounts fresh, and is reported", async () => {
    const got: Numbered[][] = [];
    const { app, pubSub, errors } = testApp({ "/": collector(got) }, { limits: { maxMailboxInfos: 100 } });
    const client = await visit(app, "/");
    for (let n = 0; n < 101; n++) void pubSub.broadcast(news, { type: "numbered", from: 9, n });
    await until(
      () => client.pushes("phx_error").length === 1,
      () => "phx_error",
    );
    expect(got[0]).toEqual([]);
    expect(errors[0]?.error).toMatchObject({ code: "view.mailbox-overflow" });
    await client.join();
    void pubSub.broadcast(news, { type: "numbered", from: 9, n: 7 });
    await until(
      () => got[1]?.length === 1,
      () => "the message",
    );
  });
});

describe("guarantee: shape", () => {
  it("a subscriber gets what was sent", async () => {
    const got: object[] = [];
    const { app, pubSub } = testApp({
      "/": createLiveView({
        mount: (socket) => void socket.subscribe("shapes"),
        handleInfo: (info) => void got.push(info),
        render: () => html`<p></p>`,
      }),
    });
    await visit(app, "/");
    const message = {
      type: "shapes",
      date: new Date(0),
      map: new Map([["a", new Set([1])]]),
      big: 2n ** 70n,
      bytes: new Uint8Array([1, 2]),
      nothing: undefined,
      list: [null, undefined],
    };
    void pubSub.broadcast("shapes", message);
    await quiet();
    expect(got).toEqual([message]);
    expect(Object.keys(got[0] ?? {})).toContain("nothing");
  });
});

describe("guarantee: isolation", () => {
  it("one view's exception, awaiting or flood delays no other beyond one slice", async () => {
    const { app } = testApp(
      {
        "/throws": createLiveView<{}, { type: "go" }, { type: "boom" }>({
          mount: (socket) => void socket.subscribe("boom"),
          handleEvent: () => {
            throw new Error("boom");
          },
          handleInfo: () => {
            throw new Error("boom");
          },
          render: () => html`<p></p>`,
        }),
        "/awaits": createLiveView<{}, { type: "go" }>({
          handleEvent: () => new Promise<void>(() => {}),
          render: () => html`<p></p>`,
        }),
        "/floods": createLiveView<{}, { type: "go" }, { type: "again" }>({
          handleEvent: (_event, socket) => socket.sendInfo("again"),
          handleInfo: (_info, socket) => {
            socket.sendInfo("again");
            socket.sendInfo("again");
          },
          render: () => html`<p></p>`,
        }),
        "/quiet": createLiveView<{ n: number }, { type: "go" }, { type: "tick" }>({
          initial: { n: 0 },
          handleEvent: (_event, socket) => socket.sendInfo("tick"),
          handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
          render: ({ n }) => html`<p>${n}</p>`,
        }),
      },
      { limits: { maxMailboxInfos: 1_000_000 } },
    );
    const bad = [await visit(app, "/throws"), await visit(app, "/awaits"), await visit(app, "/floods")];
    const good = await visit(app, "/quiet");
    for (const client of bad) client.click("go");
    for (let n = 1; n <= 10; n++) {
      await good.event("go");
      let turns = 0;
      while (!good.html().includes(`<p>${n}</p>`)) {
        await nextTurn();
        turns++;
      }
      // One slice at most stands before it: the slice's end, and then its own turn.
      expect(turns).toBeLessThanOrEqual(3);
    }
    for (const client of bad) client.close();
  });
});

describe("guarantee: memory", () => {
  it("per client is bounded when it stops reading: what is behind is one diff", async () => {
    const { app, pubSub } = testApp(
      {
        "/": createLiveView<{ text: string }, never, { type: "text"; text: string }>({
          initial: { text: "" },
          mount: (socket) => void socket.subscribe("texts"),
          handleInfo: (info, socket) => socket.assign({ text: info.text }),
          render: ({ text }) => html`<p>${text}</p>`,
        }),
      },
      // A slow machine takes longer for all this than a client may lag.
      { development: false, origins: [ORIGIN], limits: { maxLagMs: 3_600_000 } },
    );
    const deaf = await visit(app, "/");
    deaf.peer.answersPings = false;
    const page = "x".repeat(4_096);
    for (let n = 0; n < 2_000; n++) {
      void pubSub.broadcast("texts", { type: "text", text: `${n} ${page}` });
      await turn();
    }
    const bytes = deaf.peer.received.reduce((sum, { text }) => sum + text.length, 0);
    // 8 MB were broadcast; what the kernel and the client may hold unread is limits.lagSoftBytes, and one frame more.
    expect(bytes).toBeLessThan(80_000);
    expect(app.stats().rendersSkipped).toBeGreaterThan(1_900);
    deaf.peer.answerPing();
    await deaf.shows("1999 xxx");
  });

  it("and limits that are passed are logged", async () => {
    const { app, log } = testApp(
      { "/": collector([]) },
      { limits: { joinsPerConnection: 1, eventsBurst: 4, eventsPerSecond: 1 } },
    );
    const client = await visit(app, "/");
    client.receive(["9", "9", "lv:another", "phx_join", {}]);
    for (let count = 0; count < 5; count++) client.click("leave");
    expect(log).toEqual([
      "[wingbeat] 192.0.2.7: more than 1 joined channels (limits.joinsPerConnection)",
      "[wingbeat] 192.0.2.7: more messages per second than limits.eventsPerSecond allows",
    ]);
  });
});

describe("guarantee: pages", () => {
  it("are private and not stored, and no refusal loops", async () => {
    const { app } = testApp({ "/": collector([]) });
    const page = await load(app, "/");
    expect(page.headers.get("cache-control")).toBe("private, no-store");
    let loads = 0;
    let reason: unknown = "stale";
    // As the browser does: load the page at once for as long as it is told to.
    while ((reason === "stale" || reason === "unauthorized") && loads < 100) {
      loads++;
      const client = await connect(app, { ...(await load(app, "/")), session: "broken" });
      reason = (await client.join()).response["reason"];
    }
    expect(loads).toBe(3);
  });
});

describe("guarantee: security", () => {
  const evil = `<img src=x onerror="alert('1')">`;
  const escaped = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;";
  const echo = createLiveView<{ text: string }, { type: "say"; text: string }>({
    initial: { text: "" },
    mount: (socket) => socket.assign({ text: socket.url.searchParams.get("text") ?? "" }),
    handleEvent: (event, socket) => socket.assign({ text: event.text }),
    render: ({ text }) =>
      html`<p title="${text}">${text}${[text]}${each(
        [text],
        (key) => key,
        (row) => html`<b>${row}</b>`,
      )}</p>`,
  });
  const shown = `<p title="${escaped}">${escaped}${escaped}<b>${escaped}</b></p>`;

  it("B11: text and attributes are escaped, also in lists, on the first page and on the live path", async () => {
    const { app } = testApp({ "/": echo });
    const client = await visit(app, `/?text=${encodeURIComponent(evil)}`);
    expect(client.page.html).toContain(shown);
    expect(client.html()).toBe(shown);
    await client.event("say", { text: "" });
    await client.event("say", { text: evil });
    expect(client.html()).toBe(shown);
  });

  it("the tokens hold nothing of the session, and only signed ones count", async () => {
    const greeting = createLiveView({
      mount: (socket) => socket.putFlash("info", "hello"),
      render: () => html`<p></p>`,
    });
    const { app } = testApp({ "/": echo, "/greeting": greeting });
    const page = await load(app, "/");
    expect(page.static).toBe("");
    const held = [page.session, (await load(app, "/greeting")).static].map((token) =>
      Buffer.from(token.split(".")[0] ?? "", "base64url").toString("utf8"),
    );
    for (const text of held) {
      expect(Object.keys(JSON.parse(text) as object).toSorted()).toEqual(
        text.includes('"id"') ? ["id", "nonce", "session"] : ["flash", "nonce", "session"],
      );
    }
    const client = await connect(app, page);
    const forged = `${Buffer.from('{"id":"phx-main","nonce":"x","session":""}').toString("base64url")}.${page.session.split(".").slice(1).join(".")}`;
    expect((await client.join({ session: forged, static: null })).status).toBe("error");
  });

  it("origin and CSRF token are checked", async () => {
    const { app } = testApp({ "/": echo });
    const foreign = await app.upgrade(
      new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers: { origin: "https://evil.example" } }),
    );
    expect(foreign instanceof Response && foreign.status).toBe(403);
    const client = await connect(app, await load(app, "/"));
    expect((await client.join({ params: { _csrf_token: "guessed" } })).status).toBe("error");
  });

  it("no parameter of any kind reaches a prototype", async () => {
    const seen: unknown[] = [];
    const { app } = testApp({
      "/": createLiveView({
        mount: (_socket, _session, params) => void seen.push(params),
        handleEvent: (event) => void seen.push(event),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/?__proto__[a]=1&constructor[prototype][a]=1&x[__proto__][a]=1");
    client.receive(
      `["1","99","lv:phx-main","event",{"type":"click","event":"e","value":{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}},"deep":{"__proto__":{"a":1}}}}]`,
    );
    await client.reply(
      client.push("event", { type: "form", event: "f", value: "__proto__[a]=1&constructor[prototype][a]=1", meta: {} }),
    );
    expect(seen).toHaveLength(3); // The form is refused.
    expect(({} as { a?: unknown }).a).toBeUndefined();
    for (const value of seen) expect(Object.assign({}, value)).not.toHaveProperty("a");
  });

  it("a client is told nothing of the inside in production", async () => {
    const fails = (where: string) =>
      createLiveView<{}, { type: "go" }>({
        mount: (socket) => {
          if (where === "page" || (where === "join" && socket.connected)) throw new Error("inside knowledge");
        },
        handleEvent: () => {
          throw new Error("inside knowledge");
        },
        render: () => html`<p></p>`,
      });
    const { app } = testApp(
      { "/page": fails("page"), "/join": fails("join"), "/event": fails("event") },
      { development: false, origins: [ORIGIN] },
    );
    const told = [(await load(app, "/page")).html];
    const joining = await connect(app, await load(app, "/join"));
    await joining.join();
    const clicking = await visit(app, "/event");
    clicking.click("go");
    for (const { peer } of [joining, clicking]) told.push(...peer.received.map(({ text }) => text));
    expect(told.join()).not.toContain("inside");
    expect(clicking.pushes("phx_error")).toHaveLength(1);
  });
});
