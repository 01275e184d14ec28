import { describe, expect, it, onTestFinished, vi } from "vitest";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import { html } from "../html/html.ts";
import { connect, load, quiet, testApp, turn, until, visit } from "../../test/support/client.ts";
import { Gate } from "../../test/support/gate.ts";
import { createLiveView } from "./live-view.ts";

type Add = { type: "add"; text: string };
type Note = { type: "note"; text: string };

/** Notes everything that its callbacks get, in order, in `log`. */
function diary(log: string[]) {
  return createLiveView<{ entries: string }, { type: "note"; text: string }, Add>({
    initial: { entries: "" },
    mount: (socket) => void socket.subscribe("diary"),
    handleEvent: (event, socket) => {
      log.push(`event ${event.text}`);
      socket.assign({ entries: `${socket.context.entries}e${event.text} ` });
    },
    handleInfo: (info, socket) => {
      log.push(`info ${info.text}`);
      socket.assign({ entries: `${socket.context.entries}i${info.text} ` });
    },
    render: ({ entries }) => html`<p>${entries}</p>`,
  });
}

const note = (text: string): Add => ({ type: "add", text });

describe("the mailbox of a view", () => {
  it("handles the infos that wait before an event, in their order", async () => {
    const log: string[] = [];
    const { app, pubSub } = testApp({ "/": diary(log) });
    const client = await visit(app, "/");
    for (const text of ["1", "2", "3"]) void pubSub.broadcast("diary", note(text));
    const ref = client.click("note", { text: "A" });
    void pubSub.broadcast("diary", note("4"));
    await client.reply(ref);
    expect(log).toEqual(["info 1", "info 2", "info 3", "info 4", "event A"]);
  });

  it("counts the infos before an event once, so that later ones cannot starve it", async () => {
    const log: string[] = [];
    const { app, pubSub } = testApp({
      "/": createLiveView<{ n: number }, { type: "stop" }, { type: "more" }>({
        initial: { n: 0 },
        mount: (socket) => void socket.subscribe("flood"),
        handleEvent: () => void log.push("event"),
        handleInfo: (_info, socket) => {
          log.push("info");
          // Each info brings two more: a mailbox that had to be empty first would never come to the event.
          if (log.length < 5_000) {
            socket.sendInfo("more");
            socket.sendInfo("more");
          }
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    void pubSub.broadcast("flood", { type: "more" });
    await client.reply(client.click("stop"));
    expect(log.slice(0, 2)).toEqual(["info", "event"]);
  });

  it("handles more infos than a turn may before an event in several turns, and still only those", async () => {
    const log: string[] = [];
    const { app, pubSub } = testApp({ "/": diary(log) });
    const client = await visit(app, "/");
    for (let number = 0; number < 600; number++) void pubSub.broadcast("diary", note(String(number)));
    await client.reply(client.click("note", { text: "A" }));
    expect(log.length).toBe(601);
    expect(log.at(-1)).toBe("event A");
  });

  it("runs no code of a view within broadcast or sendInfo", async () => {
    const log: string[] = [];
    const { app, pubSub } = testApp({ "/": diary(log) });
    await visit(app, "/");
    void pubSub.broadcast("diary", note("1"));
    await Promise.resolve();
    await Promise.resolve();
    expect(log).toEqual([]);
    await turn();
    expect(log).toEqual(["info 1"]);
  });

  it("does not run handleInfo within the callback that sends the info", async () => {
    const log: string[] = [];
    const { app } = testApp({
      "/": createLiveView<{}, { type: "go" }, { type: "done" }>({
        handleEvent: (_event, socket) => {
          socket.sendInfo({ type: "done" });
          log.push("event ends");
        },
        handleInfo: () => void log.push("info"),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.click("go");
    expect(log).toEqual(["event ends"]);
    await turn();
    expect(log).toEqual(["event ends", "info"]);
  });

  it("handles all infos that were there, and at most 256 of them, before it renders once", async () => {
    let renders = 0;
    const { app, pubSub } = testApp(
      {
        "/": createLiveView<{ n: number }, never, { type: "one" }>({
          initial: { n: 0 },
          mount: (socket) => void socket.subscribe("t"),
          handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
          render: ({ n }) => {
            renders++;
            return html`<p>${n}</p>`;
          },
        }),
      },
      { development: false, origins: ["http://localhost:4000"] },
    );
    const client = await visit(app, "/");
    renders = 0;
    for (let count = 0; count < 100; count++) void pubSub.broadcast("t", { type: "one" });
    await quiet();
    expect(renders).toBe(1);
    expect(client.pushes("diff")).toEqual([{ "0": "100" }]);
    renders = 0;
    for (let count = 0; count < 600; count++) void pubSub.broadcast("t", { type: "one" });
    await quiet();
    expect(renders).toBe(3);
    expect(client.pushes("diff")).toEqual([{ "0": "100" }, { "0": "356" }, { "0": "612" }, { "0": "700" }]);
  });

  it("goes to the tail of the ring after its turn, so that others come in between", async () => {
    const order: string[] = [];
    const chatty = (name: string) =>
      createLiveView<{}, never, { type: "again" }>({
        mount: (socket) => socket.sendInfo("again"),
        handleInfo: (_info, socket) => {
          order.push(name);
          if (order.length < 6) socket.sendInfo("again");
        },
        render: () => html`<p></p>`,
      });
    const { app } = testApp({ "/a": chatty("a"), "/b": chatty("b") });
    const [a, b] = [await connect(app, await load(app, "/a")), await connect(app, await load(app, "/b"))];
    a.sendJoin();
    b.sendJoin();
    await quiet();
    expect(order).toEqual(["a", "b", "a", "b", "a", "b", "a"]);
  });

  it("handles an event for an idle view at once, on the stack of its frame, without a microtask", async () => {
    const log: string[] = [];
    const { app } = testApp({ "/": diary(log) });
    const client = await visit(app, "/");
    await quiet();
    const ref = client.click("note", { text: "A" });
    expect(log).toEqual(["event A"]);
    expect(client.replyTo(ref)).toEqual({ status: "ok", response: { diff: { "0": "eA " } } });
  });

  it("mounts a view with synchronous callbacks within the frame of its join", async () => {
    const { app } = testApp({ "/": diary([]) });
    const warm = await visit(app, "/");
    const client = await connect(app, await load(app, "/"));
    expect(client.replyTo(client.sendJoin())?.status).toBe("ok");
    expect(warm.html()).toBe(client.html());
  });

  it("handles what a callback broadcasts to its own view before the next event", async () => {
    const log: string[] = [];
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const { app } = testApp(
      {
        "/": createLiveView<{}, Note, Add>({
          mount: (socket) => void socket.subscribe("own"),
          handleEvent: (event) => {
            log.push(`event ${event.text}`);
            void pubSub.broadcast("own", note(event.text));
          },
          handleInfo: (info) => void log.push(`info ${info.text}`),
          render: () => html`<p></p>`,
        }),
      },
      { pubSub },
    );
    const client = await visit(app, "/");
    for (const text of ["1", "2", "3"]) client.click("note", { text });
    await until(
      () => log.length === 6,
      () => "all to be handled",
    );
    expect(log).toEqual(["event 1", "info 1", "event 2", "info 2", "event 3", "info 3"]);
  });

  it("B1: keeps events and infos in the order in which they came, also of async callbacks", async () => {
    const log: string[] = [];
    const { app, pubSub } = testApp({
      "/": createLiveView<{}, Note, Add>({
        mount: (socket) => void socket.subscribe("t"),
        handleEvent: async (event) => {
          await turn();
          log.push(event.text);
        },
        handleInfo: async (info) => {
          await turn();
          log.push(info.text);
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    for (const text of ["1", "2", "3", "4", "5", "6"]) client.click("note", { text });
    await until(
      () => log.length === 6,
      () => "six events",
    );
    for (const text of ["7", "8", "9", "10"]) void pubSub.broadcast("t", note(text));
    await until(
      () => log.length === 10,
      () => "four infos",
    );
    expect(log).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  });

  it("answers events in the order of their requests, each exactly once, whatever each takes", async () => {
    const { app } = testApp({
      "/": createLiveView<{ n: number }, { type: "slow" } | { type: "fast" }>({
        initial: { n: 0 },
        handleEvent: (event, socket) => {
          socket.assign({ n: socket.context.n + 1 });
          return event.type === "slow" ? turn() : undefined;
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    const refs = ["slow", "fast", "slow", "fast"].map((event) => client.click(event));
    await client.reply(refs.at(-1)!);
    await quiet();
    const replies = client.peer.received.filter((frame) => frame.event === "phx_reply").slice(1);
    expect(replies.map((frame) => frame.ref)).toEqual(refs);
    expect(replies.map((frame) => frame.payload["response"])).toEqual([
      { diff: { "0": "1" } },
      { diff: { "0": "2" } },
      { diff: { "0": "3" } },
      { diff: { "0": "4" } },
    ]);
  });

  it("carries the diff of an event in its reply and nowhere else, and answers {} when nothing changed", async () => {
    const { app } = testApp({ "/": diary([]) });
    const client = await visit(app, "/");
    expect(await client.event("note", { text: "A" })).toEqual({ diff: { "0": "eA " } });
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
    const { app: still } = testApp({
      "/": createLiveView({ handleEvent: () => {}, render: () => html`<p>still</p>` }),
    });
    expect(await (await visit(still, "/")).event("anything")).toEqual({});
  });

  it("is busy while it awaits: nothing else of it runs, and nobody else waits", async () => {
    const log: string[] = [];
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { app, pubSub } = testApp({
      "/slow": createLiveView<{}, { type: "wait" } | { type: "next" }, { type: "info" }>({
        mount: (socket) => void socket.subscribe("t"),
        handleEvent: async (event) => {
          log.push(event.type);
          if (event.type === "wait") await gate;
        },
        handleInfo: () => void log.push("info"),
        render: () => html`<p></p>`,
      }),
      "/other": diary([]),
    });
    const slow = await visit(app, "/slow");
    const other = await visit(app, "/other");
    slow.click("wait");
    const next = slow.click("next");
    void pubSub.broadcast("t", { type: "info" });
    expect(await other.event("note", { text: "A" })).toEqual({ diff: { "0": "eA " } });
    await quiet();
    expect(log).toEqual(["wait"]);
    release();
    await slow.reply(next);
    expect(log).toEqual(["wait", "info", "next"]);
  });

  it("is busy also in a turn that it had asked for before: the reply is neither lost nor given twice", async () => {
    let outside = (): void => {};
    let release = (): void => {};
    const { app } = testApp({
      "/": createLiveView<{ n: number }, { type: "wait" }>({
        initial: { n: 0 },
        mount: (socket) => {
          outside = () => socket.assign({ n: 1 });
        },
        handleEvent: () => new Promise<void>((resolve) => (release = resolve)),
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    outside();
    const wait = client.click("wait");
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
    release();
    expect(await client.reply(wait)).toEqual({ status: "ok", response: { diff: { "0": "1" } } });
  });

  it("stands on the ring once, however many infos wait for it", async () => {
    const order: string[] = [];
    const named = (name: string) =>
      createLiveView<{}, never, { type: "one" }>({
        mount: (socket) => void socket.subscribe(name),
        handleInfo: () => {
          if (order.at(-1) !== name) order.push(name);
        },
        render: () => html`<p></p>`,
      });
    const { app, pubSub } = testApp({ "/a": named("a"), "/b": named("b") });
    await visit(app, "/a");
    await visit(app, "/b");
    for (let count = 0; count < 600; count++) void pubSub.broadcast("a", { type: "one" });
    void pubSub.broadcast("b", { type: "one" });
    await quiet();
    expect(order).toEqual(["a", "b", "a"]);
  });

  it("is busy while an async render is awaited, and shows what changed meanwhile afterwards", async () => {
    let release: (() => void) | undefined;
    const { app, pubSub } = testApp({
      "/": createLiveView<{ n: number }, never, { type: "one" }>({
        initial: { n: 0 },
        mount: (socket) => void socket.subscribe("t"),
        handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
        render: async ({ n }) => {
          if (n > 0) await new Promise<void>((resolve) => (release = resolve));
          return html`<p>${n}</p>`;
        },
      }),
    });
    const client = await visit(app, "/");
    void pubSub.broadcast("t", { type: "one" });
    await until(
      () => release !== undefined,
      () => "the first render",
    );
    void pubSub.broadcast("t", { type: "one" });
    void pubSub.broadcast("t", { type: "one" });
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
    const first = release!;
    release = undefined;
    first();
    await until(
      () => release !== undefined,
      () => "the second render",
    );
    release!();
    await client.shows("<p>3</p>");
    expect(client.pushes("diff")).toEqual([{ "0": "1" }, { "0": "3" }]);
  });

  it("goes where it was sent while an async render was awaited", async () => {
    let socketOfView: { redirect(to: string): void } | undefined;
    let release: (() => void) | undefined;
    const { app } = testApp({
      "/": createLiveView<{ n: number }, { type: "go" }>({
        initial: { n: 0 },
        handleEvent: (_event, socket) => {
          socketOfView = socket;
          socket.assign({ n: 1 });
        },
        render: async ({ n }) => {
          if (n > 0) await new Promise<void>((resolve) => (release = resolve));
          return html`<p>${n}</p>`;
        },
      }),
    });
    const client = await visit(app, "/");
    client.click("go");
    await until(
      () => release !== undefined,
      () => "the render",
    );
    socketOfView?.redirect("/login");
    release?.();
    await until(
      () => client.pushes("redirect").length === 1,
      () => "the redirect",
    );
    expect(client.pushes("redirect")).toEqual([{ to: "/login" }]);
  });
});

describe("the reference counter", () => {
  type Count = { type: "counter"; count: number };
  const variants: [name: string, wait: () => void | Promise<void>, renderWait: () => void | Promise<void>][] = [
    ["sync callbacks", () => {}, () => {}],
    ["async callbacks", async () => {}, () => {}],
    ["async callbacks that wait for a turn of the loop after their work", () => turn(), () => {}],
    ["an async render", () => {}, async () => {}],
    ["a slow async render", () => {}, () => turn()],
  ];

  it.each(variants)(
    "ends at 40 in both of two clients after twenty rapid clicks in each, with %s",
    async (_name, wait, renderWait) => {
      const pubSub = new SingleProcessPubSub({ isolated: true });
      let count = 0;
      const counter = createLiveView<{ count: number }, { type: "increment" }, Count>({
        mount: (socket) => {
          socket.assign({ count });
          void socket.subscribe("counter");
        },
        handleEvent: (_event, socket) => {
          void pubSub.broadcast("counter", { count: socket.context.count + 1 });
          return wait();
        },
        handleInfo: (info, socket) => {
          count = info.count;
          socket.assign({ count });
          return wait();
        },
        render: (context) => {
          const rendered = html`<h1>Count is: ${context.count}</h1>`;
          const waiting = renderWait();
          return waiting === undefined ? rendered : waiting.then(() => rendered);
        },
      });
      const { app } = testApp({ "/": counter }, { pubSub });
      const [ada, grace] = [await visit(app, "/"), await visit(app, "/")];
      const refs: string[] = [];
      for (let click = 0; click < 20; click++) {
        refs.push(ada.click("increment"));
        grace.click("increment");
        // As from two networks: sometimes several frames in one turn of the loop, sometimes not.
        if (click % 3 === 0) await turn();
      }
      await ada.reply(refs.at(-1)!);
      await Promise.all([ada.shows("Count is: 40"), grace.shows("Count is: 40")]);
      await quiet();
      expect([ada.html(), grace.html(), count]).toEqual(["<h1>Count is: 40</h1>", "<h1>Count is: 40</h1>", 40]);
    },
  );
});

describe("views that notify each other", () => {
  it("may form a chain of any length: its last message is handled no deeper in the stack than its second", async () => {
    const { stackTraceLimit } = Error;
    onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit));
    const length = 200;
    let subscribed = 0;
    const depths: number[] = [];
    const { app, pubSub } = testApp({
      "/": createLiveView<{}, never, { type: "pass"; to: number }>({
        mount: (socket) => {
          if (socket.connected) void socket.subscribe(`link ${subscribed++}`);
        },
        handleInfo: (info, socket) => {
          Error.stackTraceLimit = Infinity;
          depths.push((new Error("only for its stack").stack ?? "").split("\n").length);
          if (info.to < length) void socket.broadcast(`link ${info.to}`, { type: "pass", to: info.to + 1 });
        },
        render: () => html`<p></p>`,
      }),
    });
    const page = await load(app, "/");
    for (let link = 0; link < length; link++) {
      const client = await connect(app, page);
      client.sendJoin();
    }
    await until(
      () => app.stats().subscriptions === length,
      () => "all to be subscribed",
    );
    void pubSub.broadcast("link 0", { type: "pass", to: 1 });
    await until(
      () => depths.length === length,
      () => "the last of the chain",
    );
    expect(depths.at(-1)).toBe(depths[1]);
    expect(Math.max(...depths)).toBeLessThan(100);
  });

  it("starve nobody when one sends itself infos for ever", async () => {
    let rounds = 0;
    const { app, pubSub } = testApp({
      "/forever": createLiveView<{ n: number }, { type: "click" }, { type: "again" }>({
        initial: { n: 0 },
        mount: (socket) => socket.sendInfo("again"),
        handleEvent: (_event, socket) => socket.assign({ n: rounds }),
        handleInfo: (_info, socket) => {
          rounds++;
          socket.sendInfo("again");
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
      "/other": diary([]),
    });
    const forever = await visit(app, "/forever");
    const other = await visit(app, "/other");
    await until(
      () => rounds > 100,
      () => "a hundred rounds",
    );
    expect(await other.event("note", { text: "A" })).toEqual({ diff: { "0": "eA " } });
    void pubSub.broadcast("diary", note("B"));
    await other.shows("iB");
    const before = rounds;
    expect(await forever.event("click")).toHaveProperty("diff");
    await until(
      () => rounds > before,
      () => "it to go on",
    );
    forever.close();
    const after = rounds;
    await quiet();
    expect(rounds).toBe(after);
  });

  it("starve no event of a view whose async handleInfo sends itself infos for ever", async () => {
    let rounds = 0;
    const { app } = testApp({
      "/": createLiveView<{ n: number }, { type: "click" }, { type: "again" }>({
        initial: { n: 0 },
        mount: (socket) => socket.sendInfo("again"),
        handleEvent: (_event, socket) => socket.assign({ n: 1 }),
        handleInfo: async (_info, socket) => {
          rounds++;
          socket.sendInfo("again");
          socket.sendInfo("again");
          await Promise.resolve();
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    for (let clicks = 0; clicks < 3; clicks++) expect((await client.reply(client.click("click"))).status).toBe("ok");
    expect(client.html()).toBe("<p>1</p>");
    client.close();
    expect(rounds).toBeGreaterThan(0);
  });
});

describe("a view that fails", () => {
  const failing = (callback: "handleEvent" | "handleInfo" | "render" | "handleParams" | "async" | "rejected") =>
    createLiveView<{ broken: boolean }, { type: "break" }, { type: "info" }>({
      initial: { broken: false },
      mount: (socket) => void socket.subscribe("t"),
      handleEvent: (_event, socket) => {
        if (callback === "handleEvent") throw new Error("no event");
        if (callback === "async") return turn().then(() => Promise.reject(new Error("no event, later")));
        if (callback === "handleInfo") socket.sendInfo("info");
        if (callback === "handleParams") socket.pushPatch("?broken=1");
        if (callback === "render") socket.assign({ broken: true });
        // A `throw` of something that is no error.
        if (callback === "rejected") return Promise.reject("just a text");
        return undefined;
      },
      handleParams: (url) => {
        if (url.search !== "") throw new Error("no params");
      },
      handleInfo: () => {
        throw new Error("no info");
      },
      render: ({ broken }) => {
        if (broken) throw new Error("no render");
        return html`<p>fine</p>`;
      },
    });

  it.each([
    ["handleEvent", "handleEvent", "no event", "break"],
    ["async", "handleEvent", "no event, later", "break"],
    ["rejected", "handleEvent", "just a text", "break"],
    ["handleInfo", "handleInfo", "no info", "info"],
    ["handleParams", "handleParams", "no params", undefined],
    ["render", "render", "no render", "break"],
  ] as const)(
    "B3: ends alone when its %s throws: the client is told, and so is onError, with view, callback and message",
    async (kind, callback, text, message) => {
      const { app, errors } = testApp({ "/": failing(kind), "/other": diary([]) });
      const client = await visit(app, "/");
      const other = await visit(app, "/other");
      client.click("break");
      await until(
        () => client.pushes("phx_error").length === 1,
        () => "phx_error",
      );
      expect(client.pushes("phx_error")).toEqual([{ reason: "channel_crash" }]);
      expect(errors).toHaveLength(1);
      expect(errors[0]?.details).toMatchObject({ view: "/", callback, message });
      expect(String(errors[0]?.error)).toContain(text);
      expect(await other.event("note", { text: "A" })).toEqual({ diff: { "0": "eA " } });
      expect(app.stats()).toMatchObject({ connections: 2, views: 1 });
      expect((await client.join()).status).toBe("ok");
    },
  );

  it("does not keep the neighbours on a topic from their message", async () => {
    const { app, pubSub } = testApp({ "/": failing("handleInfo"), "/other": diary([]) });
    const broken = await visit(app, "/");
    const other = await visit(app, "/other");
    void pubSub.broadcast("t", { type: "info" });
    void pubSub.broadcast("diary", note("1"));
    await other.shows("i1");
    expect(broken.pushes("phx_error")).toHaveLength(1);
  });

  it("B2: in mount, fails the join, and the connection goes on", async () => {
    let fails = true;
    const { app, errors } = testApp({
      "/": createLiveView({
        mount: (socket) => {
          if (socket.connected && fails) throw new Error("not yet");
        },
        render: () => html`<p>mounted</p>`,
      }),
    });
    const client = await connect(app, await load(app, "/"));
    expect(await client.join()).toEqual({ status: "error", response: { reason: "join crashed" } });
    expect(errors[0]?.details).toMatchObject({ view: "/", callback: "mount" });
    client.receive([null, "hb", "phoenix", "heartbeat", {}]);
    expect(client.replyTo("hb")).toEqual({ status: "ok", response: {} });
    fails = false;
    expect((await client.join()).status).toBe("ok");
    expect(app.stats()).toMatchObject({ connections: 1, views: 1 });
  });

  it("crashes, and does not take the connection with it, when its reply is no JSON", async () => {
    const { app, errors } = testApp({
      "/": createLiveView<{}, { type: "ask" }>({
        handleEvent: () => ({ reply: { big: 1n } }),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    expect(() => client.click("ask")).not.toThrow();
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors[0]?.details).toMatchObject({ view: "/", callback: "handleEvent", message: "ask" });
  });

  it("is ended, not run, once its mailbox has overflowed", async () => {
    const log: string[] = [];
    const { app, pubSub, errors } = testApp({ "/": diary(log) }, { limits: { maxMailboxInfos: 3 } });
    const client = await visit(app, "/");
    for (const text of ["1", "2", "3", "4", "5"]) void pubSub.broadcast("diary", note(text));
    client.click("note", { text: "A" });
    await quiet();
    expect(log).toEqual([]);
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.error).toMatchObject({ code: "view.mailbox-overflow" });
    expect(String(errors[0]?.error)).toContain("limits.maxMailboxInfos");
    expect((await client.join()).status).toBe("ok");
  });

  it("is ended when more events wait than may, while it awaits", async () => {
    const { app, errors } = testApp(
      {
        "/": createLiveView<{}, { type: "wait" }>({
          handleEvent: () => new Promise(() => {}),
          render: () => html`<p></p>`,
        }),
      },
      { limits: { maxMailboxEvents: 3 } },
    );
    const client = await visit(app, "/");
    for (let count = 0; count < 5; count++) client.click("wait");
    await quiet();
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors[0]?.error).toMatchObject({ code: "view.mailbox-overflow" });
    expect(String(errors[0]?.error)).toContain("limits.maxMailboxEvents");
    expect(app.stats().views).toBe(0);
  });

  it("is news for the log only when it had ended before", async () => {
    let fail = (_error: Error): void => {};
    const { app, errors } = testApp({
      "/": createLiveView<{}, { type: "wait" }>({
        handleEvent: () => new Promise<void>((_resolve, reject) => (fail = reject)),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.click("wait");
    client.push("phx_leave", {});
    const frames = client.peer.received.length;
    fail(new Error("too late"));
    await quiet();
    expect(client.peer.received.length).toBe(frames);
    expect(errors).toHaveLength(1);
    expect(app.stats()).toMatchObject({ connections: 1, views: 0 });
  });
});

describe("a view that ends", () => {
  it.each(["close", "leave", "crash", "navigate", "rejoin"] as const)(
    "by %s, frees its subscriptions and timers at once, and its shutdown runs once",
    async (way) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
      try {
        const ended: [string, object][] = [];
        const handled: string[] = [];
        const { app, pubSub } = testApp({
          "/": createLiveView<{ name: string }, { type: "crash" } | { type: "navigate" }, { type: "tick" }>({
            mount: (socket) => {
              socket.assign({ name: "Ada" });
              void socket.subscribe("a");
              void socket.subscribe("b");
              socket.sendInfoAfter(1_000, "tick");
              socket.sendInfoEvery(1_000, "tick");
            },
            handleEvent: (event, socket) => {
              if (event.type === "crash") throw new Error("crash");
              socket.pushNavigate("/other");
            },
            handleInfo: (info) => void handled.push(info.type),
            shutdown: (id, context) => void ended.push([id, context]),
            render: ({ name }) => html`<p>${name}</p>`,
          }),
          "/other": createLiveView({ render: () => html`<p>other</p>` }),
        });
        const client = await visit(app, "/");
        expect(app.stats()).toMatchObject({ views: 1, subscriptions: 2 });
        const timers = vi.getTimerCount();
        if (way === "close") client.close();
        if (way === "leave") client.push("phx_leave", {});
        if (way === "crash" || way === "navigate") client.click(way);
        if (way === "rejoin") client.sendJoin({ url: "http://localhost:4000/other" });
        expect(app.stats()).toMatchObject({ views: way === "rejoin" ? 1 : 0, subscriptions: 0 });
        // The app's own sweep of its connections is the one that may go on.
        expect(vi.getTimerCount()).toBeLessThanOrEqual(timers - 2);
        expect(ended).toEqual([[expect.any(String), { name: "Ada" }]]);
        await vi.advanceTimersByTimeAsync(5_000);
        void pubSub.broadcast("a", { type: "tick" });
        await quiet();
        expect(handled).toEqual([]);
        expect(ended).toHaveLength(1);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it("B4: handles nothing after the connection has closed, not even what waited", async () => {
    const log: string[] = [];
    const { app, pubSub } = testApp({ "/": diary(log) });
    const client = await visit(app, "/");
    void pubSub.broadcast("diary", note("1"));
    client.click("note", { text: "A" });
    client.close();
    void pubSub.broadcast("diary", note("2"));
    await quiet();
    expect(log).toEqual([]);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
  });

  it("while its mount is awaited, never runs on", async () => {
    const log: string[] = [];
    let release = (): void => {};
    const { app } = testApp({
      "/": createLiveView({
        mount: async (socket) => {
          if (!socket.connected) return;
          await new Promise<void>((resolve) => (release = resolve));
          void socket.subscribe("late");
          socket.sendInfoEvery(10, "tick");
        },
        handleParams: (_url, socket) => {
          if (socket.connected) log.push("handleParams");
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await connect(app, await load(app, "/"));
    client.sendJoin();
    client.close();
    release();
    await quiet();
    expect(log).toEqual([]);
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
  });

  it("reports what its shutdown throws, and changes nothing by it", async () => {
    const { app, errors } = testApp({
      "/": createLiveView({
        shutdown: () => Promise.reject(new Error("no goodbye")),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.close();
    await quiet();
    expect(errors.map(({ details }) => details.callback)).toEqual(["shutdown"]);
  });
});

describe("assign", () => {
  it("renders outside of callbacks too, once for several in one turn", async () => {
    let outside: ((n: number) => void) | undefined;
    const { app } = testApp({
      "/": createLiveView<{ n: number }>({
        initial: { n: 0 },
        mount: (socket) => {
          if (socket.connected) outside = (n) => socket.assign({ n });
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    outside?.(1);
    outside?.(2);
    await client.shows("<p>2</p>");
    expect(client.pushes("diff")).toEqual([{ "0": "2" }]);
  });

  it("sends nothing when every value is what it was (Object.is)", async () => {
    const { app } = testApp({
      "/": createLiveView<{ n: number }, { type: "same" }>({
        initial: { n: Number.NaN },
        handleEvent: (_event, socket) => socket.assign({ n: Number.NaN }),
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    expect(await (await visit(app, "/")).event("same")).toEqual({});
  });

  it("does nothing once the view has ended", async () => {
    let outside = (): void => {};
    const { app, errors } = testApp({
      "/": createLiveView<{ n: number }>({
        initial: { n: 0 },
        mount: (socket) => {
          outside = () => {
            socket.assign({ n: 1 });
            socket.sendInfo("info");
            socket.sendInfoAfter(1, "info");
            socket.pushEvent("e", {});
            socket.pageTitle("t");
            socket.pushPatch("/");
            socket.putFlash("info", "x");
            void socket.subscribe("t");
          };
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    client.close();
    const frames = client.peer.received.length;
    outside();
    await quiet();
    expect(client.peer.received.length).toBe(frames);
    expect(errors).toEqual([]);
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
  });
});

describe("tempAssign", () => {
  it("falls back after each render, without rendering the fall-back", async () => {
    const seen: number[] = [];
    const { app } = testApp({
      "/": createLiveView<{ lines: string[] }, { type: "say"; text: string } | { type: "look" }>({
        mount: (socket) => {
          socket.tempAssign({ lines: [] });
          socket.assign({ lines: ["first"] });
        },
        handleEvent: (event, socket) => {
          seen.push(socket.context.lines.length);
          if (event.type === "say") socket.assign({ lines: [event.text] });
        },
        render: ({ lines }) => html`<p>${lines.join()}</p>`,
      }),
    });
    const client = await visit(app, "/");
    expect(client.html()).toBe("<p>first</p>");
    expect(await client.event("look")).toEqual({});
    expect(await client.event("say", { text: "second" })).toEqual({ diff: { "0": "second" } });
    expect(await client.event("look")).toEqual({});
    expect(seen).toEqual([0, 0, 0]);
    expect(client.html()).toBe("<p>second</p>");
  });

  it("keeps what was assigned while an async render was awaited for the next one", async () => {
    let outside = (_line: string): void => {};
    let release: (() => void) | undefined;
    const { app } = testApp({
      "/": createLiveView<{ lines: string[] }>({
        mount: (socket) => {
          socket.tempAssign({ lines: [] });
          if (socket.connected) outside = (line) => socket.assign({ lines: [line] });
        },
        render: async ({ lines }) => {
          if (lines.length > 0) await new Promise<void>((resolve) => (release = resolve));
          return html`<p>${lines.join()}</p>`;
        },
      }),
    });
    const client = await visit(app, "/");
    outside("one");
    await until(
      () => release !== undefined,
      () => "the first render",
    );
    outside("two");
    const first = release!;
    release = undefined;
    first();
    await until(
      () => release !== undefined,
      () => "the second render",
    );
    release!();
    await client.shows("<p>two</p>");
    expect(client.html()).toBe("<p>two</p>");
  });
});

describe("in development", () => {
  const list = createLiveView<{ items: string[] }, { type: "push" } | { type: "assign" } | { type: "nothing" }>({
    mount: (socket) => socket.assign({ items: ["a"] }),
    handleEvent: (event, socket) => {
      const { items } = socket.context;
      if (event.type === "push") items.push("b");
      if (event.type === "assign") socket.assign({ items: [...items, "b"] });
    },
    render: ({ items }) => html`<p>${items.join()}</p>`,
  });

  it("reports a context that was mutated in place and not assigned, and leaves the page as it is", async () => {
    const { app, errors } = testApp({ "/list": list });
    const client = await visit(app, "/list");
    expect(await client.event("push")).toEqual({});
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      error: { code: "render.mutated-in-place" },
      details: { view: "/list", callback: "handleEvent", message: "push" },
    });
    expect(client.html()).toBe("<p>a</p>");
  });

  it("reports nothing of a view that assigns", async () => {
    const { app, errors } = testApp({ "/list": list });
    const client = await visit(app, "/list");
    await client.event("nothing");
    await client.event("assign");
    await client.event("nothing");
    expect(errors).toEqual([]);
    expect(client.html()).toBe("<p>a,b</p>");
  });

  it("renders nothing twice in production", async () => {
    let renders = 0;
    const { app, errors } = testApp(
      {
        "/": createLiveView({
          handleEvent: () => {},
          render: () => {
            renders++;
            return html`<p>${renders}</p>`;
          },
        }),
      },
      { development: false, origins: ["http://localhost:4000"] },
    );
    const client = await visit(app, "/");
    renders = 0;
    expect(await client.event("anything")).toEqual({});
    expect(renders).toBe(0);
    expect(errors).toEqual([]);
  });

  it("shows the error of a view on its page", async () => {
    const { app } = testApp({
      "/": createLiveView({
        handleEvent: () => {
          throw new Error("a detail");
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.click("go");
    const shown = client.peer.received.filter((frame) => frame.topic === "wingbeat" && frame.event === "error");
    expect(shown.map((frame) => frame.payload)).toEqual([
      { title: "/: handleEvent failed", text: expect.stringContaining("a detail") as unknown },
    ]);
  });

  it("is told nothing of an error in production", async () => {
    const { app } = testApp(
      {
        "/": createLiveView({
          handleEvent: () => {
            throw new Error("a detail");
          },
          render: () => html`<p></p>`,
        }),
      },
      { development: false, origins: ["http://localhost:4000"] },
    );
    const client = await visit(app, "/");
    client.click("go");
    expect(client.peer.received.map((frame) => frame.text).join()).not.toContain("a detail");
    expect(client.pushes("phx_error")).toEqual([{ reason: "channel_crash" }]);
  });
});

describe("a callback that blocks", () => {
  /** The time that the app sees, which the test makes pass. */
  function clock(): { ms: number } {
    const time = { ms: 1_000 };
    const now = vi.spyOn(performance, "now").mockImplementation(() => time.ms);
    onTestFinished(() => now.mockRestore());
    return time;
  }

  it("for more than 50 ms is logged with its view and message", async () => {
    const time = clock();
    const { app, slow } = testApp({
      "/slow": createLiveView<{}, { type: "block"; ms: number }>({
        handleEvent: (event) => void (time.ms += event.ms),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/slow");
    await client.event("block", { ms: 50 });
    expect(slow).toEqual([]);
    await client.event("block", { ms: 51 });
    expect(slow).toEqual([
      '[wingbeat] /slow kept everybody waiting for 51 ms; the last to run was handleEvent "block". Await slow work, or do it elsewhere.',
    ]);
  });

  it("is not one that awaits for long", async () => {
    const time = clock();
    const gate = new Gate();
    const { app, slow } = testApp({
      "/": createLiveView<{}, { type: "wait" }>({
        handleEvent: () => gate.promise,
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    const waiting = client.click("wait");
    await quiet();
    time.ms += 70;
    gate.open();
    await client.reply(waiting);
    expect(slow).toEqual([]);
  });
});
