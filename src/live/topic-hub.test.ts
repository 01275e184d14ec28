import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import type { Gap } from "../pubsub/gap.ts";
import type { Listener, PubSub, Unsubscribe } from "../pubsub/pubsub.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import type { MessageOf } from "../pubsub/topic.ts";
import { connect, load, quiet, testApp, turn, until, visit } from "../../test/support/client.ts";
import { createLiveView } from "./live-view.ts";
import { LIVE, toInfo, TopicHub, type Info } from "./topic-hub.ts";
import type { ViewGap } from "./view-gap.ts";

/** A Pub/Sub whose subscriptions take as long, and end as, the test says. */
class SlowPubSub implements PubSub {
  readonly bus = new SingleProcessPubSub({ isolated: true });
  readonly waiting: { readonly topic: string; readonly accept: () => void; readonly refuse: (error: Error) => void }[] =
    [];

  async subscribe<T extends string>(topic: T, listener: Listener<MessageOf<T>>): Promise<Unsubscribe> {
    await new Promise<void>((accept, refuse) => this.waiting.push({ topic, accept, refuse }));
    return this.bus.subscribe(topic, listener);
  }

  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.bus.broadcast(topic, message);
  }

  publish<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.bus.broadcast(topic, message);
  }

  broadcastFrom<T extends string>(from: { id: string }, topic: T, message: MessageOf<T>): Promise<void> {
    return this.bus.broadcastFrom(from, topic, message);
  }

  localBroadcast<T extends string>(topic: T, message: MessageOf<T>): void {
    this.bus.localBroadcast(topic, message);
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}

function member(id: string) {
  const infos: Info[] = [];
  const gaps: ViewGap[] = [];
  return {
    id,
    infos,
    gaps,
    heedsGaps: true,
    receiveInfo: (info: Info): void => void infos.push(info),
    receiveGap: (gap: ViewGap): void => void gaps.push(gap),
  };
}

describe("toInfo", () => {
  it("passes a plain object with a string type as it is", () => {
    const message = { type: "counter", count: 1 };
    expect(toInfo("topic", message)).toBe(message);
  });

  it("gives one without a type a copy with the topic as its type, and leaves the sender's object alone", () => {
    const message = Object.freeze({ count: 1 });
    expect(toInfo("counter", message)).toEqual({ type: "counter", count: 1 });
    expect(message).toEqual({ count: 1 });
  });

  it("takes a type that is no string for none", () => {
    expect(toInfo("counter", { type: 7, count: 1 })).toEqual({ type: "counter", count: 1 });
  });

  it("takes an object without a prototype for a plain one", () => {
    expect(toInfo("counter", Object.assign(Object.create(null), { count: 1 }))).toEqual({ type: "counter", count: 1 });
  });

  class Money {
    readonly type = "money";
    readonly cents = 5;
  }
  const date = new Date(0);
  const money = new Money();
  it.each([
    ["a Date", date],
    ["a list", [1, 2]],
    ["a text", "hello"],
    ["a number", 0],
    ["null", null],
    ["undefined", undefined],
    ["a Map", new Map([["a", 1]])],
    ["an instance of a class, even one with a type", money],
  ])("puts %s under `value`", (_name, value) => {
    const info = toInfo("t", value);
    expect(info).toEqual({ type: "t", value });
    expect((info as unknown as { value: unknown }).value).toBe(value);
  });
});

describe("TopicHub", () => {
  const open = (pubSub: PubSub = new SingleProcessPubSub({ isolated: true })) => {
    const failures: [unknown, string][] = [];
    const report = (error: unknown, topic: string): void => void failures.push([error, topic]);
    return { pubSub, failures, hub: new TopicHub(pubSub, { report, gapSpreadMs: 2_000, random: () => 0 }) };
  };

  it("subscribes once at the Pub/Sub for all members of a topic, and gives all of them one object", async () => {
    const bus = new SingleProcessPubSub({ isolated: true });
    const { hub } = open(bus);
    const [ada, grace] = [member("ada"), member("grace")];
    await Promise.all([hub.subscribe("t", ada), hub.subscribe("t", grace)]);
    expect(bus.counts).toEqual({ topics: 1, subscribers: 1 });
    await bus.broadcast("t", { count: 1 });
    expect(ada.infos).toEqual([{ type: "t", count: 1 }]);
    expect(ada.infos[0]).toBe(grace.infos[0]);
  });

  it("resolves a further subscription to a live topic at once", async () => {
    const { hub } = open();
    await hub.subscribe("t", member("ada"));
    expect(hub.subscribe("t", member("grace"))).toBe(LIVE);
  });

  it("B5: counts a second subscription of a member for nothing, and one unsubscribe ends it", async () => {
    const bus = new SingleProcessPubSub({ isolated: true });
    const { hub } = open(bus);
    const ada = member("ada");
    await hub.subscribe("t", ada);
    await hub.subscribe("t", ada);
    await bus.broadcast("t", { type: "once" });
    expect(ada.infos).toHaveLength(1);
    expect(hub.subscriptionCount).toBe(1);
    await hub.unsubscribe("t", ada);
    expect(hub.subscriptionCount).toBe(0);
    expect(bus.counts).toEqual({ topics: 0, subscribers: 0 });
    await expect(bus.broadcast("t", { type: "again" })).resolves.toBeUndefined();
    expect(ada.infos).toHaveLength(1);
  });

  it("ends a subscription whose only member left before it was live", async () => {
    const slow = new SlowPubSub();
    const { hub } = open(slow);
    const ada = member("ada");
    const live = hub.subscribe("t", ada);
    await hub.unsubscribe("t", ada);
    slow.waiting[0]?.accept();
    await live;
    await turn();
    expect(slow.bus.counts.subscribers).toBe(0);
  });

  it("reaches whoever comes back to a topic while its old subscription is still on its way", async () => {
    const slow = new SlowPubSub();
    const { hub } = open(slow);
    const ada = member("ada");
    void hub.subscribe("t", ada);
    await hub.unsubscribe("t", ada);
    const back = hub.subscribe("t", ada);
    for (const { accept } of slow.waiting) accept();
    await back;
    await turn();
    await slow.broadcast("t", { type: "hello" });
    expect(ada.infos).toEqual([{ type: "hello" }]);
    expect(slow.bus.counts.subscribers).toBe(1);
  });

  it("fails the subscriptions of all who waited when the Pub/Sub refuses, keeps nothing, and can be asked again", async () => {
    const slow = new SlowPubSub();
    const { hub } = open(slow);
    const [ada, grace] = [member("ada"), member("grace")];
    const both = Promise.allSettled([hub.subscribe("t", ada), hub.subscribe("t", grace)]);
    slow.waiting[0]?.refuse(new Error("the backplane is down"));
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(hub.subscriptionCount).toBe(0);
    const again = hub.subscribe("t", ada);
    slow.waiting[1]?.accept();
    await again;
    await slow.broadcast("t", { type: "hello" });
    expect(ada.infos).toEqual([{ type: "hello" }]);
    expect(grace.infos).toEqual([]);
  });

  it("reports a failing unsubscribe with its topic", async () => {
    const bus = new SingleProcessPubSub({ isolated: true });
    vi.spyOn(bus, "subscribe").mockResolvedValue(() => Promise.reject(new Error("no")));
    const { hub, failures } = open(bus);
    const ada = member("ada");
    await hub.subscribe("t", ada);
    await hub.unsubscribe("t", ada);
    expect(failures).toEqual([[new Error("no"), "t"]]);
  });
});

describe("TopicHub.announceGap", () => {
  const gap: Gap = { cause: "reconnect", topics: "*", since: 1, until: 2 };
  const open = () =>
    new TopicHub(new SingleProcessPubSub({ isolated: true }), {
      report: () => {},
      gapSpreadMs: 2_000,
      random: () => 0.999_999,
    });

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells each member once, with its own topics only", async () => {
    const hub = open();
    const [ada, grace, lin] = [member("ada"), member("grace"), member("lin")];
    await Promise.all([hub.subscribe("a", ada), hub.subscribe("b", ada), hub.subscribe("b", grace)]);
    await hub.subscribe("c", lin);
    expect(hub.announceGap({ ...gap, topics: ["b", "a", "nobody's"], missed: 4 })).toBe(2);
    expect(ada.gaps).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ada.gaps).toEqual([{ cause: "reconnect", topics: ["b", "a"], since: 1, until: 2, missed: 4 }]);
    expect(grace.gaps).toEqual([{ cause: "reconnect", topics: ["b"], since: 1, until: 2, missed: 4 }]);
    expect(lin.gaps).toEqual([]);
  });

  it("means every topic by *, those of members that heed no gaps left out", async () => {
    const hub = open();
    const [ada, deaf] = [member("ada"), { ...member("deaf"), heedsGaps: false }];
    await Promise.all([hub.subscribe("a", ada), hub.subscribe("b", ada), hub.subscribe("a", deaf)]);
    expect(hub.announceGap(gap)).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([ada.gaps[0]?.topics, deaf.gaps]).toEqual([["a", "b"], []]);
  });

  it("merges what comes meanwhile, and leaves out the topics that the member has left meanwhile", async () => {
    const hub = open();
    const ada = member("ada");
    await Promise.all(["a", "b", "c"].map((topic) => hub.subscribe(topic, ada)));
    hub.announceGap({ ...gap, topics: ["a", "b"] });
    await vi.advanceTimersByTimeAsync(1_000);
    hub.announceGap({ ...gap, topics: ["c"], until: 5 });
    await hub.unsubscribe("b", ada);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ada.gaps).toEqual([{ cause: "reconnect", topics: ["a", "c"], since: 1, until: 5, missed: undefined }]);
  });

  it("tells nobody who has left all of them meanwhile, and nobody at all once it is stopped", async () => {
    const hub = open();
    const [ada, grace] = [member("ada"), member("grace")];
    await hub.subscribe("a", ada);
    hub.announceGap(gap);
    await hub.unsubscribe("a", ada);
    await vi.advanceTimersByTimeAsync(2_000);
    await hub.subscribe("a", grace);
    hub.announceGap(gap);
    hub.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    expect([ada.gaps, grace.gaps, vi.getTimerCount()]).toEqual([[], [], 0]);
  });
});

/** A view that shows the infos it gets. */
const listener = createLiveView<{ got: string[] }, { type: "unsubscribe" } | { type: "say"; text: string }>({
  initial: { got: [] },
  mount: async (socket) => {
    await socket.subscribe("news");
    await socket.subscribe("news");
  },
  handleEvent: (event, socket) => {
    if (event.type === "unsubscribe") void socket.unsubscribe("news");
    else void socket.broadcastFrom("news", { type: event.text });
  },
  handleInfo: (info, socket) => socket.assign({ got: [...socket.context.got, info.type] }),
  render: ({ got }) => html`<p>${got.join()}</p>`,
});

describe("a view's subscriptions", () => {
  it("deliver once, however often it subscribed, and not after it has unsubscribed", async () => {
    const { app, pubSub } = testApp({ "/": listener });
    const client = await visit(app, "/");
    await pubSub.broadcast("news", { type: "a" });
    await client.shows("<p>a</p>");
    await client.event("unsubscribe");
    await pubSub.broadcast("news", { type: "b" });
    await quiet();
    expect(client.html()).toBe("<p>a</p>");
    expect(app.stats().subscriptions).toBe(0);
    expect(pubSub.counts.subscribers).toBe(0);
  });

  it("get what broadcastFrom sends, but for the sender's own", async () => {
    const { app } = testApp({ "/": listener });
    const [ada, grace, lin] = [await visit(app, "/"), await visit(app, "/"), await visit(app, "/")];
    ada.click("say", { text: "hi" });
    await Promise.all([grace.shows("hi"), lin.shows("hi")]);
    await quiet();
    expect(ada.html()).toBe("<p></p>");
  });

  it("do nothing in the dead render", async () => {
    const { app, pubSub } = testApp({ "/": listener });
    await load(app, "/");
    expect(pubSub.counts.subscribers).toBe(0);
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
  });

  it.each(["awaited", "not awaited"] as const)("that are %s are live before the join is answered", async (how) => {
    const slow = new SlowPubSub();
    const { app } = testApp(
      {
        "/": createLiveView<{ n: number }, never, { type: "one" }>({
          initial: { n: 0 },
          mount: (socket) => {
            const live = socket.subscribe("t");
            return how === "awaited" ? live : undefined;
          },
          handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
          render: ({ n }) => html`<p>${n}</p>`,
        }),
      },
      { pubSub: slow },
    );
    const client = await connect(app, await load(app, "/"));
    const join = client.sendJoin();
    await quiet();
    expect(client.replyTo(join)).toBeUndefined();
    slow.waiting[0]?.accept();
    expect((await client.reply(join)).status).toBe("ok");
    await slow.broadcast("t", { type: "one" });
    await client.shows("<p>1</p>");
  });

  it.each(["awaited", "not awaited", "before a throw", "in an async part"] as const)(
    "that fail, %s, fail the join and nothing else",
    async (how) => {
      const slow = new SlowPubSub();
      const { app, errors } = testApp(
        {
          "/": createLiveView({
            mount: (socket) => {
              if (!socket.connected) return undefined;
              if (how === "in an async part") {
                return turn().then(() => {
                  void socket.subscribe("t");
                  return turn();
                });
              }
              const live = socket.subscribe("t");
              if (how === "before a throw") throw new Error("refused");
              return how === "awaited" ? live : undefined;
            },
            render: () => html`<p></p>`,
          }),
        },
        { pubSub: slow },
      );
      const client = await connect(app, await load(app, "/"));
      const join = client.sendJoin();
      await until(
        () => slow.waiting.length > 0,
        () => "the subscription",
      );
      slow.waiting[0]?.refuse(new Error("refused"));
      expect(await client.reply(join)).toEqual({ status: "error", response: { reason: "join crashed" } });
      await quiet();
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ error: new Error("refused"), details: { view: "/", callback: "mount" } });
      expect(app.stats()).toMatchObject({ connections: 1, views: 0, subscriptions: 0 });
    },
  );

  it("that fail outside of callbacks end the view", async () => {
    const slow = new SlowPubSub();
    let subscribe = (): void => {};
    const { app, errors } = testApp(
      {
        "/": createLiveView({
          mount: (socket) => {
            subscribe = () => void socket.subscribe("t");
          },
          render: () => html`<p></p>`,
        }),
      },
      { pubSub: slow },
    );
    const client = await visit(app, "/");
    subscribe();
    slow.waiting[0]?.refuse(new Error("refused"));
    await until(
      () => client.pushes("phx_error").length === 1,
      () => "phx_error",
    );
    expect(errors).toHaveLength(1);
  });

  it("B6: a listener that throws keeps no view from its message, and does not reach the publisher", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true, onError: () => {} });
    await pubSub.subscribe("news", () => {
      throw new Error("mine alone");
    });
    const { app } = testApp({ "/": listener }, { pubSub });
    const client = await visit(app, "/");
    await expect(pubSub.broadcast("news", { type: "a" })).resolves.toBeUndefined();
    await client.shows("<p>a</p>");
  });

  it("give every view the one info object of a broadcast", async () => {
    const got: object[] = [];
    const { app, pubSub } = testApp({
      "/": createLiveView({
        mount: (socket) => void socket.subscribe("t"),
        handleInfo: (info) => void got.push(info),
        render: () => html`<p></p>`,
      }),
    });
    await visit(app, "/");
    await visit(app, "/");
    await pubSub.broadcast("t", { count: 1 });
    await quiet();
    expect(got).toHaveLength(2);
    expect(got[0]).toBe(got[1]);
  });

  it("bring an info of which the view has no handler into the log, once for each, and change nothing", async () => {
    const { app, pubSub, log } = testApp({
      "/deaf": createLiveView({ mount: (socket) => void socket.subscribe("t"), render: () => html`<p></p>` }),
    });
    const client = await visit(app, "/deaf");
    await pubSub.broadcast("t", { type: "noise" });
    await quiet();
    expect(log).toEqual(['[wingbeat] /deaf got the info "noise" but has no handleInfo; add one or do not subscribe']);
    expect(client.pushes("phx_error")).toEqual([]);
  });
});

describe("a view's timers", () => {
  it("send an info after a time, and every so often, and skip a tick that still waits", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    try {
      const got: string[] = [];
      let release = (): void => {};
      const { app } = testApp({
        "/": createLiveView<{}, { type: "hold" }, { type: "once" } | { type: "tick" }>({
          mount: (socket) => {
            socket.sendInfoAfter(1_500, "once");
            socket.sendInfoEvery(1_000, { type: "tick" });
          },
          handleEvent: () => new Promise<void>((resolve) => (release = resolve)),
          handleInfo: (info) => void got.push(info.type),
          render: () => html`<p></p>`,
        }),
      });
      const client = await visit(app, "/");
      await vi.advanceTimersByTimeAsync(999);
      await quiet();
      expect(got).toEqual([]);
      for (const ms of [1, 500, 500]) {
        await vi.advanceTimersByTimeAsync(ms);
        await quiet();
      }
      expect(got).toEqual(["tick", "once", "tick"]);
      const hold = client.click("hold");
      await vi.advanceTimersByTimeAsync(10_000);
      release();
      await client.reply(hold);
      await quiet();
      expect(got).toEqual(["tick", "once", "tick", "tick"]);
      await vi.advanceTimersByTimeAsync(1_000);
      await quiet();
      expect(got).toHaveLength(5);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are not started in the dead render", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    try {
      const { app } = testApp({
        "/": createLiveView({
          mount: (socket) => {
            socket.sendInfoEvery(10, "tick");
            socket.sendInfoAfter(10, "tick");
          },
          render: () => html`<p></p>`,
        }),
      });
      const before = vi.getTimerCount();
      await load(app, "/");
      expect(vi.getTimerCount()).toBe(before);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("socket.sendInfo", () => {
  it("takes a bare type for an info without fields, and refuses what is no info", async () => {
    const got: object[] = [];
    const { app, errors } = testApp({
      "/": createLiveView<{}, { type: "bare" } | { type: "wrong" }>({
        handleEvent: (event, socket) => {
          if (event.type === "bare") socket.sendInfo("refresh");
          // What a program without types might do.
          else socket.sendInfo({ text: "no type" } as never);
        },
        handleInfo: (info) => void got.push(info),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.click("bare");
    await quiet();
    expect(got).toEqual([{ type: "refresh" }]);
    client.click("wrong");
    expect(errors[0]?.error).toMatchObject({ code: "view.invalid-event" });
  });
});

describe("what a hub counts", () => {
  it("is topics with a subscriber, and messages as often as they reach a view", async () => {
    const bus = new SingleProcessPubSub({ isolated: true });
    const hub = new TopicHub(bus, { report: (error) => expect.fail(String(error)), gapSpreadMs: 1, random: () => 0 });
    const [ada, bob] = [member("ada"), member("bob")];
    await Promise.all([hub.subscribe("one", ada), hub.subscribe("one", bob), hub.subscribe("two", ada)]);
    await bus.broadcast("one", { type: "to both" });
    await bus.broadcastFrom(ada, "one", { type: "to bob" });
    await bus.broadcast("nobody's", { type: "to nobody" });
    expect([hub.topicCount, hub.deliveryCount]).toEqual([2, 3]);
    await hub.unsubscribe("two", ada);
    expect([hub.topicCount, hub.subscriptionCount]).toEqual([1, 2]);
  });
});
