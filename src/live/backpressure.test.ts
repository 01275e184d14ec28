import { describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import { shared } from "../html/shared.ts";
import { quiet, testApp, until, visit, type TestClient } from "../../test/support/client.ts";
import { createLiveView } from "./live-view.ts";

type Info = { type: "set"; n: number } | { type: "notify"; n: number };
const set = (n: number): Info => ({ type: "set", n });

const options = { development: false, origins: ["http://localhost:4000"] };
const view = (render: (context: { readonly n: number; readonly m: number }) => ReturnType<typeof html>) =>
  createLiveView<{ n: number; m: number }, { type: "act" } | { type: "leave" } | { type: "patch" }, Info>({
    initial: { n: 0, m: 0 },
    mount: (socket) => void socket.subscribe("t"),
    handleEvent: (event, socket) => {
      if (event.type === "act") socket.assign({ m: socket.context.m + 1 });
      if (event.type === "leave") socket.pushNavigate("/");
      if (event.type === "patch") socket.pushPatch("?x=1");
    },
    handleInfo: (info, socket) => {
      if (info.type === "set") socket.assign({ n: info.n });
      else socket.pushEvent("note", { n: info.n });
    },
    render,
  });
const own = view(({ n, m }) => html`<p>${n} ${m}</p>`);

/** A client whose socket holds so much unsent that it lags. */
async function lagging(app: Parameters<typeof visit>[0]): Promise<TestClient> {
  const client = await visit(app, "/");
  client.peer.bufferedAmount = 70_000;
  return client;
}

const drain = (client: TestClient): void => {
  client.peer.bufferedAmount = 0;
  client.peer.connected?.flushed();
};

describe.each([
  ["a render of its own", own],
  ["a shared render", view(shared(({ n, m }: { readonly n: number; readonly m: number }) => html`<p>${n} ${m}</p>`))],
])("a client that lags, of a view with %s", (_name, page) => {
  it("is sent no diff of infos until it has caught up, and then one with the latest", async () => {
    const { app, pubSub } = testApp({ "/": page }, options);
    const slow = await lagging(app);
    const fast = await visit(app, "/");
    for (let n = 1; n <= 50; n++) {
      void pubSub.broadcast("t", set(n));
      await quiet();
    }
    expect(slow.pushes("diff")).toEqual([]);
    expect(fast.pushes("diff")).toHaveLength(50);
    expect(app.stats().rendersSkipped).toBe(50);
    drain(slow);
    await slow.shows("<p>50 0</p>");
    expect(slow.pushes("diff")).toEqual([{ "0": "50" }]);
    void pubSub.broadcast("t", set(51));
    await slow.shows("<p>51 0</p>");
    expect(app.stats().rendersSkipped).toBe(50);
  });

  it("may lag and catch up again and again", async () => {
    const { app, pubSub } = testApp({ "/": page }, options);
    const slow = await visit(app, "/");
    for (let n = 1; n <= 3; n++) {
      slow.peer.bufferedAmount = 70_000;
      void pubSub.broadcast("t", set(n));
      await quiet();
      expect(slow.pushes("diff")).toHaveLength(n - 1);
      drain(slow);
      await slow.shows(`<p>${n} 0</p>`);
    }
  });

  it("gets its replies at once, each with all that is behind", async () => {
    const { app, pubSub } = testApp({ "/": page }, options);
    const slow = await lagging(app);
    void pubSub.broadcast("t", set(7));
    await quiet();
    expect(await slow.event("act")).toEqual({ diff: { "0": "7", "1": "1" } });
    expect(slow.html()).toBe("<p>7 1</p>");
    drain(slow);
    await quiet();
    expect(slow.pushes("diff")).toEqual([]);
  });
});

describe("a client that lags", () => {
  it("is sent replies, heartbeats, patches, navigation and errors all the same", async () => {
    const { app } = testApp({ "/": own }, options);
    const slow = await lagging(app);
    slow.receive([null, "hb", "phoenix", "heartbeat", {}]);
    expect(slow.replyTo("hb")?.status).toBe("ok");
    slow.click("patch");
    expect(slow.pushes("live_patch")).toHaveLength(1);
    expect(await slow.event("leave")).toHaveProperty("live_redirect");
    expect(slow.pushes("phx_close")).toHaveLength(1);
    expect((await slow.join()).status).toBe("ok");
  });

  it("is one that does not answer pings, however little its socket holds", async () => {
    const { app, pubSub } = testApp({ "/": own }, { ...options, limits: { lagSoftBytes: 500, lagPingBytes: 200 } });
    const slow = await visit(app, "/");
    slow.peer.answersPings = false;
    for (let n = 1; n <= 100; n++) {
      void pubSub.broadcast("t", set(n));
      await quiet();
    }
    const sent = slow.pushes("diff").length;
    expect(sent).toBeLessThan(20);
    expect(slow.peer.pings).toHaveLength(1);
    slow.peer.answerPing();
    await slow.shows("<p>100 0</p>");
    expect(slow.pushes("diff")).toHaveLength(sent + 1);
  });

  it("gets the events that were pushed meanwhile, all of them, in order", async () => {
    const { app, pubSub } = testApp({ "/": own }, options);
    const slow = await lagging(app);
    for (let n = 1; n <= 5; n++) {
      void pubSub.broadcast("t", { type: "notify", n });
      await quiet();
    }
    void pubSub.broadcast("t", set(9));
    await quiet();
    expect(slow.events).toEqual([]);
    drain(slow);
    await slow.shows("<p>9 0</p>");
    expect(slow.events).toEqual([1, 2, 3, 4, 5].map((n) => ["note", { n }]));
    expect(slow.pushes("diff")).toHaveLength(1);
  });

  it("ends its view, which mounts anew, when more pushed events wait than may", async () => {
    const { app, pubSub, errors } = testApp({ "/": own }, options);
    const slow = await lagging(app);
    for (let n = 1; n <= 1_000; n++) void pubSub.broadcast("t", { type: "notify", n });
    await quiet();
    expect(slow.pushes("phx_error")).toEqual([]);
    void pubSub.broadcast("t", { type: "notify", n: 1_001 });
    await until(
      () => slow.pushes("phx_error").length === 1,
      () => "phx_error",
    );
    expect(errors[0]?.error).toMatchObject({ code: "view.mailbox-overflow" });
    expect(slow.events).toEqual([]);
    expect((await slow.join()).status).toBe("ok");
    expect(app.stats().views).toBe(1);
  });

  it("ends its view when the pushed events that wait are more than may be unsent", async () => {
    const { app, errors } = testApp(
      {
        "/": createLiveView<{}, { type: "go" }>({
          handleEvent: (_event, socket) => {
            for (let n = 0; n < 200; n++) socket.pushEvent("big", { text: "x".repeat(10_000) });
          },
          render: () => html`<p></p>`,
        }),
      },
      options,
    );
    const client = await visit(app, "/");
    client.click("go");
    await until(
      () => client.pushes("phx_error").length === 1,
      () => "phx_error",
    );
    expect(errors[0]?.error).toMatchObject({ code: "view.mailbox-overflow" });
  });

  it("may be told as much as it likes in pieces that it reads", async () => {
    const { app } = testApp(
      {
        "/": createLiveView<{}, { type: "go" }>({
          handleEvent: (_event, socket) => socket.pushEvent("big", { text: "x".repeat(30_000) }),
          render: () => html`<p></p>`,
        }),
      },
      { ...options, limits: { maxUnsentBytes: 100_000 } },
    );
    const client = await visit(app, "/");
    for (let count = 0; count < 10; count++) await client.event("go");
    expect(client.events).toHaveLength(10);
    expect(client.pushes("phx_error")).toEqual([]);
  });

  it("is dropped with 1012 after limits.maxLagMs, and its views end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
    try {
      const { app, log } = testApp({ "/": own }, { ...options, limits: { maxLagMs: 5_000 } });
      const slow = await lagging(app);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(slow.peer.closedWith).toBeUndefined();
      await vi.advanceTimersByTimeAsync(3_000);
      expect(slow.peer.closedWith?.code).toBe(1012);
      expect(slow.peer.isTerminated).toBe(true);
      expect(log.at(-1)).toMatch(
        /192\.0\.2\.7: closed a client that does not read: it has lagged for \d+ ms \(limits\.maxLagMs\)/,
      );
      expect(app.stats()).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
    } finally {
      vi.useRealTimers();
    }
  });

  it("holds nobody else up, and renders nothing for itself", async () => {
    let renders = 0;
    const { app, pubSub } = testApp(
      {
        "/": view(({ n, m }) => {
          renders++;
          return html`<p>${n} ${m}</p>`;
        }),
      },
      options,
    );
    await lagging(app);
    renders = 0;
    void pubSub.broadcast("t", set(1));
    await quiet();
    expect(renders).toBe(0);
    expect(app.stats().rendersSkipped).toBe(1);
  });
});
