import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { z } from "zod";
import { MemoryBackplane, MemoryWire } from "../../test/support/memory-backplane.ts";
import { VirtualClock } from "../../test/support/virtual-clock.ts";
import { LiveError } from "../errors.ts";
import { pubSubContract } from "../testing/pubsub-contract.ts";
import { BackplanePubSub, type BackplanePubSubOptions } from "./backplane-pubsub.ts";
import type { Gap } from "./gap.ts";
import { topic } from "./topic.ts";

const silent = { onError: () => {} };

describe.each([
  ["takes frames at once", false],
  ["acknowledges each frame", true],
])("BackplanePubSub, on a backplane that %s", (_title, acknowledges) => {
  const wire = new MemoryWire();
  pubSubContract(
    () => new BackplanePubSub(new MemoryBackplane(wire, { acknowledges }), { prefix: "app:", ...silent }),
    { it },
    {
      counts: (pubSub) => pubSub.counts,
      publishForeign: async (name, text) => wire.publish(`app:${name}`, text),
      restart: async () => {
        wire.disconnect();
        await new Promise((resolve) => setTimeout(resolve, 30));
        wire.reconnect();
      },
    },
  );
});

/** A node with all that a test looks at. Its clock stands until it is told to go on. */
function node(line: Line, name: string, options: BackplanePubSubOptions & { isConnected?: boolean } = {}) {
  const backplane = new MemoryBackplane(line.wire, { isConnected: options.isConnected ?? true });
  const onError = vi.fn();
  const pubSub = new BackplanePubSub(backplane, { node: name, clock: line.clock, onError, ...options });
  const gaps: Gap[] = [];
  pubSub.on("gap", (gap) => gaps.push(gap));
  const received: unknown[] = [];
  const listener = (message: unknown) => void received.push(message);
  return { backplane, pubSub, gaps, received, listener, onError };
}

interface Line {
  readonly clock: VirtualClock;
  readonly wire: MemoryWire;
}

function line(): Line {
  const clock = new VirtualClock();
  return { clock, wire: new MemoryWire({ wall: () => clock.wall() }) };
}

/** Two nodes, of which `there` has listened to "room" for ten seconds and heard ten numbers of `here`. */
async function acquainted() {
  const both = line();
  const [here, there] = [node(both, "here"), node(both, "there")];
  await there.pubSub.subscribe("room", there.listener);
  for (let number = 1; number <= 10; number++) {
    await here.pubSub.broadcast("room", number);
    await both.clock.pass(1_000);
  }
  expect(there.received.splice(0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  return { ...both, here, there };
}

describe("subscribers of this process", () => {
  it("are served before broadcast returns, with the very object, and before anybody else", () => {
    const { wire, clock } = line();
    const { pubSub, received, listener } = node({ wire, clock }, "here");
    void pubSub.subscribe("room", listener);
    const message = { at: new Date(0) };
    void pubSub.broadcast("room", message);
    expect(received[0]).toBe(message);
  });

  it("are served while the backplane is away, and the broadcast says that others were not", async () => {
    const both = line();
    const { pubSub, backplane, received, listener } = node(both, "here");
    await pubSub.subscribe("room", listener);
    backplane.disconnect();
    await expect(pubSub.broadcast("room", "hello")).rejects.toMatchObject({
      code: "pubsub.unreachable",
      message: expect.stringMatching(
        /"room" did not reach the backplane: the wire is cut\. The subscribers of this process got it/,
      ),
      cause: new Error("the wire is cut"),
    });
    expect(received).toEqual(["hello"]);
  });

  it("get nothing of a message that cannot be sent, and nor do others", async () => {
    const both = line();
    const { pubSub, received, listener } = node(both, "here");
    await pubSub.subscribe("room", listener);
    const frames = both.wire.frames.length;
    await expect(pubSub.broadcast("room", { save: () => {} })).rejects.toMatchObject({
      code: "pubsub.message-not-sendable",
      message: expect.stringContaining("message.save is a function"),
    });
    expect(received).toEqual([]);
    expect(both.wire.frames).toHaveLength(frames);
  });

  it("may answer within a delivery: the answer follows the message everywhere", async () => {
    const both = line();
    const [here, there] = [node(both, "here"), node(both, "there")];
    await here.pubSub.subscribe("room", (message) => {
      if (message === "ping") void here.pubSub.broadcast("room", "pong");
    });
    await there.pubSub.subscribe("room", there.listener);
    await here.pubSub.broadcast("room", "ping");
    await both.clock.pass(0);
    expect(there.received).toEqual(["ping", "pong"]);
  });
});

describe("broadcast", () => {
  it("makes no promise where the backplane takes the message at once", () => {
    const { pubSub } = node(line(), "here");
    expect(pubSub.broadcast("room", 1)).toBe(pubSub.broadcastFrom({ id: "ada" }, "room", 2));
  });

  it("types messages by the topic", () => {
    const { pubSub } = node(line(), "here");
    const room = topic<{ type: "said"; text: string }>("chat:typed-over-a-backplane");
    void pubSub.subscribe(room, (message) => expectTypeOf(message).toEqualTypeOf<{ type: "said"; text: string }>());
    // @ts-expect-error Property 'text' is missing
    void pubSub.broadcast(room, { type: "said" });
  });
});

describe("a subscription", () => {
  it("is one at the backplane for each topic, however many listen", async () => {
    const { pubSub, backplane } = node(line(), "here");
    for (const name of ["room", "room", "hall", "room"]) await pubSub.subscribe(name, () => {});
    expect(backplane.asked.toSorted()).toEqual(["subscribe hall", "subscribe room", "subscribe ~nodes"]);
    expect(pubSub.counts).toMatchObject({ topics: 2, subscribers: 4, channels: 2 });
  });

  it("is kept for five seconds after the last listener has left, so that coming and going stays here", async () => {
    const both = line();
    const [here, there] = [node(both, "here"), node(both, "there")];
    for (let visit = 0; visit < 20; visit++) {
      const leave = await here.pubSub.subscribe("room", here.listener);
      await there.pubSub.broadcast("room", visit);
      await both.clock.pass(100);
      await leave();
      await both.clock.pass(3_000);
    }
    expect(here.received).toHaveLength(20);
    expect(here.backplane.asked.filter((asked) => asked.endsWith(" room"))).toEqual(["subscribe room"]);
    await both.clock.pass(4_000);
    expect(here.backplane.asked.at(-1)).toBe("unsubscribe room");
    expect(here.pubSub.counts).toMatchObject({ topics: 0, subscribers: 0, channels: 0 });
    await here.pubSub.subscribe("room", here.listener);
    expect(here.backplane.asked.at(-1)).toBe("subscribe room");
    expect(here.gaps).toEqual([]);
  });

  it("rejects when the backplane refuses it, and leaves nothing behind", async () => {
    const both = line();
    both.wire.refused.add("secret");
    const { pubSub, backplane, received, listener } = node(both, "here");
    const refused = {
      code: "pubsub.subscribe-refused",
      message: expect.stringMatching(/"secret": no permission for "secret"/),
    };
    const all = await Promise.allSettled([pubSub.subscribe("secret", listener), pubSub.subscribe("secret", () => {})]);
    expect(all).toEqual([1, 2].map(() => ({ status: "rejected", reason: expect.objectContaining(refused) })));
    await pubSub.broadcast("secret", "hello");
    expect(received).toEqual([]);
    expect(pubSub.counts).toMatchObject({ topics: 0, subscribers: 0, channels: 0 });
    both.wire.refused.clear();
    await pubSub.subscribe("secret", listener);
    expect(backplane.asked.filter((asked) => asked === "subscribe secret")).toHaveLength(2);
  });

  it("waits for a backplane that is not there yet", async () => {
    const both = line();
    const { pubSub, backplane } = node(both, "here", { isConnected: false });
    let isLive = false;
    const subscribing = pubSub.subscribe("room", () => {}).then(() => (isLive = true));
    await both.clock.pass(1_900);
    expect(isLive).toBe(false);
    backplane.reconnect();
    await subscribing;
    await both.clock.pass(1_000);
    expect(pubSub.counts.gaps).toBe(0);
  });

  it("does not wait longer than two seconds, and then a gap tells what others may have sent meanwhile", async () => {
    const both = line();
    const [here, there] = [node(both, "here"), node(both, "there")];
    here.backplane.disconnect();
    const waits = here.pubSub.subscribe("room", here.listener);
    await both.clock.pass(2_000);
    await waits;
    const from = both.clock.wall();
    await here.pubSub.subscribe("room", () => {});
    await there.pubSub.broadcast("room", "missed");
    here.pubSub.localBroadcast("room", "heard");
    expect(here.received).toEqual(["heard"]);
    here.backplane.reconnect();
    await both.clock.pass(100);
    const gaps = here.gaps.filter(({ topics, since }) => (topics === "*" || topics.includes("room")) && since <= from);
    expect(gaps).not.toEqual([]);
    await there.pubSub.broadcast("room", "later");
    await both.clock.pass(0);
    expect(here.received).toEqual(["heard", "later"]);
  });

  it("tells by a gap when it is live at last, where the backplane was never there before", async () => {
    const both = line();
    const { pubSub, backplane, gaps } = node(both, "here", { isConnected: false });
    await both.clock.pass(5_000);
    const since = both.clock.wall();
    await pubSub.subscribe("room", () => {});
    await both.clock.pass(1_000);
    backplane.reconnect();
    await both.clock.pass(100);
    expect(gaps).toEqual([{ cause: "reconnect", topics: ["room"], since, until: since + 1_025 }]);
  });

  it("that nobody waited for is reported when the backplane refuses it in the end", async () => {
    const both = line();
    const { pubSub, backplane, onError } = node(both, "here", { isConnected: false });
    await both.clock.pass(3_000);
    await pubSub.subscribe("room", () => {});
    both.wire.refused.add("room");
    backplane.reconnect();
    await both.clock.pass(0);
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: "pubsub.subscribe-refused" }), { topic: "room" }],
    ]);
  });
});

describe("a gap", () => {
  it("tells of a message that was lost before the next one: which topic, how many, from when to when", async () => {
    const { clock, here, there } = await acquainted();
    const heardAt = clock.wall() - 1_000;
    there.backplane.loseNext = 2;
    for (const number of [11, 12]) await here.pubSub.broadcast("room", number);
    await clock.pass(500);
    await here.pubSub.broadcast("room", 13);
    await clock.pass(100);
    expect(there.received).toEqual([13]);
    expect(there.gaps).toEqual([
      { cause: "sequence", topics: ["room"], since: heardAt, until: heardAt + 1_525, missed: 2 },
    ]);
    await clock.pass(20_000);
    expect(there.pubSub.counts.gaps).toBe(1);
    expect(here.gaps).toEqual([]);
  });

  it("tells of a last message that was lost, within three seconds", async () => {
    const { clock, here, there } = await acquainted();
    there.backplane.loseNext = 1;
    await here.pubSub.broadcast("room", 11);
    await clock.pass(3_000);
    expect(there.gaps).toEqual([expect.objectContaining({ cause: "sequence", topics: ["room"], missed: 1 })]);
  });

  it("tells of the first message ever on a topic, and of the first after an hour's silence", async () => {
    const { clock, here, there } = await acquainted();
    await there.pubSub.subscribe("hall", there.listener);
    await clock.pass(3_600_000);
    const losing = [
      ["hall", 1],
      // The beat that comes first, and the message.
      ["room", 2],
    ] as const;
    for (const [name, frames] of losing) {
      await clock.pass(60_000);
      if (frames === 1) await here.pubSub.broadcast("other", 0);
      there.backplane.loseNext = frames;
      await here.pubSub.broadcast(name, "lost");
      await clock.pass(4_000);
    }
    expect(there.gaps).toEqual([
      expect.objectContaining({ cause: "sequence", topics: ["hall"], missed: 1 }),
      expect.objectContaining({ cause: "sequence", topics: "*" }),
    ]);
    expect(there.received).toEqual([]);
  });

  it("tells of a lost beat as well, because nobody knows what it told", async () => {
    const { clock, here, there } = await acquainted();
    await here.pubSub.broadcast("room", 11);
    there.backplane.loseNext = 1;
    await clock.pass(3_000);
    expect(there.received).toEqual([11]);
    expect(there.gaps).toEqual([expect.objectContaining({ cause: "sequence", topics: "*", missed: undefined })]);
  });

  it("on many topics at once is told once", async () => {
    const { clock, here, there } = await acquainted();
    for (let number = 0; number < 100; number++) await there.pubSub.subscribe(`room:${number}`, () => {});
    await clock.pass(10_000);
    await here.pubSub.broadcast("room", 11);
    there.backplane.loseNext = 100;
    for (let number = 0; number < 100; number++) await here.pubSub.broadcast(`room:${number}`, number);
    await clock.pass(3_000);
    expect(there.gaps).toHaveLength(1);
    expect(there.gaps[0]).toMatchObject({ missed: 100 });
    expect(there.gaps[0]?.topics).toHaveLength(100);
  });

  it("tells the others when a message could not be handed over, and not this process, which got it", async () => {
    const { clock, here, there } = await acquainted();
    await here.pubSub.subscribe("room", here.listener);
    const from = clock.wall();
    here.backplane.refuseNext = 1;
    await expect(here.pubSub.broadcast("room", 11)).rejects.toMatchObject({ code: "pubsub.unreachable" });
    await clock.pass(500);
    await here.pubSub.broadcast("room", 12);
    await clock.pass(5_000);
    expect(there.received).toEqual([12]);
    expect(there.gaps).toEqual([
      { cause: "publish", topics: ["room"], since: expect.any(Number), until: expect.any(Number) },
    ]);
    expect(there.gaps[0]?.since).toBeLessThanOrEqual(from);
    expect(there.gaps[0]?.until).toBeGreaterThan(from);
    expect(here.received).toEqual([11, 12]);
    expect(here.gaps).toEqual([]);
  });

  it("is one for all topics when this process was cut off, from before that on, and not repeated by the numbers", async () => {
    const { clock, here, there } = await acquainted();
    there.backplane.disconnect();
    const cutAt = clock.wall();
    for (const number of [11, 12]) await here.pubSub.broadcast("room", number);
    await clock.pass(5_000);
    there.backplane.reconnect();
    await here.pubSub.broadcast("room", 13);
    await clock.pass(20_000);
    expect(there.received).toEqual([13]);
    expect(there.gaps).toEqual([{ cause: "reconnect", topics: "*", since: cutAt - 3_000, until: cutAt + 5_000 }]);
  });

  it("of another process's failed messages is told also to who was cut off when that was told", async () => {
    const { clock, here, there } = await acquainted();
    here.backplane.disconnect();
    const lostAt = clock.wall();
    await here.pubSub.broadcast("room", 11).catch(() => {});
    await clock.pass(60_000);
    there.backplane.disconnect();
    await clock.pass(1_000);
    here.backplane.reconnect();
    await clock.pass(60_000);
    there.backplane.reconnect();
    await clock.pass(5_000);
    expect(there.gaps.map(({ cause }) => cause)).toEqual(["reconnect", "publish"]);
    expect(there.gaps[1]?.since).toBeLessThanOrEqual(lostAt);
  });

  it("is not raised by a process that ends and another that begins", async () => {
    const { clock, wire, here, there } = await acquainted();
    await here.pubSub.close();
    const next = node({ clock, wire }, "next");
    for (let number = 11; number <= 20; number++) {
      await next.pubSub.broadcast("room", number);
      await clock.pass(700);
    }
    await next.pubSub.close();
    await clock.pass(200_000);
    expect(there.received).toHaveLength(10);
    expect(there.gaps).toEqual([]);
  });

  it("is not raised by silence, however long, nor by a subscriber that comes while others talk", async () => {
    const { clock, wire, here, there } = await acquainted();
    await clock.pass(3_600_000);
    await here.pubSub.broadcast("room", 11);
    await clock.pass(130_000);
    for (let number = 12; number <= 40; number++) {
      await here.pubSub.broadcast("room", number);
      await clock.pass(300);
      const late = node({ clock, wire }, `late-${number}`);
      await late.pubSub.subscribe("room", late.listener);
      await clock.pass(300);
      await late.pubSub.close();
      expect(late.gaps).toEqual([]);
    }
    expect(there.received).toHaveLength(30);
    expect(there.gaps).toEqual([]);
  });
});

describe("frames", () => {
  it("that come twice, or too late, are delivered once and counted", async () => {
    const { clock, wire, here, there } = await acquainted();
    there.backplane.repeatNext = 1;
    await here.pubSub.broadcast("room", 11);
    const old = wire.frames.find(({ frame }) => frame.endsWith(" j 3"));
    wire.publish("room", old?.frame ?? "");
    await clock.pass(100);
    expect(there.received).toEqual([11]);
    expect(there.pubSub.counts).toMatchObject({ received: 13, duplicates: 2, echoes: 0, gaps: 0 });
  });

  it("of our own are dropped when they come back", async () => {
    const both = line();
    const { pubSub, received, listener } = node(both, "here");
    await pubSub.subscribe("room", listener);
    await pubSub.broadcast("room", 1);
    await both.clock.pass(5_000);
    expect(received).toEqual([1]);
    expect(pubSub.counts).toMatchObject({ received: 0, refused: 0 });
    expect(pubSub.counts.echoes).toBeGreaterThan(1);
  });

  it("that are damaged are counted, reported, and missed", async () => {
    const { clock, wire, here, there } = await acquainted();
    there.backplane.loseNext = 1;
    await here.pubSub.broadcast("room", { number: 11 });
    const frame = wire.frames.at(-1)?.frame ?? "";
    wire.publish("room", frame.slice(0, -2));
    await clock.pass(3_000);
    expect(there.received).toEqual([]);
    expect(there.pubSub.counts).toMatchObject({ refused: 1 });
    expect(there.gaps).toEqual([expect.objectContaining({ cause: "sequence", topics: ["room"], missed: 1 })]);
    expect(there.onError.mock.calls).toEqual([
      [
        expect.objectContaining({
          code: "pubsub.message-refused",
          message: expect.stringContaining('A message on the channel "room" was not taken: it is no JSON.'),
        }),
        { topic: "room" },
      ],
    ]);
  });

  it("of newer releases are counted and otherwise passed over", async () => {
    const both = line();
    const { pubSub, received, listener, onError } = node(both, "here");
    await pubSub.subscribe("room", listener);
    for (const frame of ["wb2 m x 1 1 j 1", "wb1 z x {}", "wb1 m x 1 1 z {}"]) both.wire.publish("room", frame);
    both.wire.publish("~nodes", "wb2 b x {}");
    await both.clock.pass(0);
    expect(received).toEqual([]);
    expect(onError).not.toHaveBeenCalled();
    expect(pubSub.counts).toMatchObject({ unknown: 4, refused: 0 });
  });

  it("larger than the limit are not even read", async () => {
    const both = line();
    const { pubSub, received, listener } = node(both, "here", { maxMessageBytes: 1_000 });
    await pubSub.subscribe("room", listener);
    both.wire.publish("room", `"${"x".repeat(2_000)}"`);
    both.wire.publish("room", `"${"x".repeat(500)}"`);
    await both.clock.pass(0);
    expect(received).toEqual(["x".repeat(500)]);
    expect(pubSub.counts).toMatchObject({ foreign: 1, refused: 1 });
  });

  it("of nonsense never throw, and are reported once in ten seconds, with a count", async () => {
    const both = line();
    const { pubSub, onError, listener } = node(both, "here");
    await pubSub.subscribe("room", listener);
    const flood = async () => {
      for (let count = 0; count < 100; count++) both.wire.publish("room", "no JSON");
      for (const beat of ["wb1 b x {", "wb1 b x null", "{}", "wb1"]) both.wire.publish("~nodes", beat);
      await both.clock.pass(5_100);
    };
    for (let round = 0; round < 3; round++) await flood();
    expect(onError).toHaveBeenCalledTimes(2);
    expect(onError.mock.calls[1]?.[0].message).toContain("203 more were not taken since the last report.");
    expect(pubSub.counts).toMatchObject({ refused: 306, foreign: 0 });
  });
});

describe("messages of other programs", () => {
  const said = z.object({ type: z.literal("said"), text: z.string().trim() });

  it("are checked by the topic's schema, and delivered as it makes them", async () => {
    const both = line();
    const { pubSub, received, listener, onError } = node(both, "here", { prefix: "app:" });
    await pubSub.subscribe(topic("chat:checked", { schema: said }), listener);
    both.wire.publish("app:chat:checked", '{"type":"said","text":" hello ","more":1}');
    both.wire.publish("app:chat:checked", '{"type":"said"}');
    await both.clock.pass(0);
    expect(received).toEqual([{ type: "said", text: "hello" }]);
    expect(pubSub.counts).toMatchObject({ foreign: 1, refused: 1 });
    expect(onError.mock.calls[0]?.[0].message).toMatch(/it does not fit the topic's schema: .*expected string/);
  });

  it("are refused where the schema is asynchronous or fails itself", async () => {
    const both = line();
    const { pubSub, received, listener, onError } = node(both, "here");
    const asynchronous = z.object({ type: z.string() }).refine(async () => true);
    const validate = (): { value: { type: string } } => {
      throw new Error("out of order");
    };
    const failing = { "~standard": { version: 1, vendor: "broken", validate } } as const;
    await pubSub.subscribe(topic("chat:asynchronous", { schema: asynchronous }), listener);
    await pubSub.subscribe(topic("chat:failing", { schema: failing }), listener);
    both.wire.publish("chat:asynchronous", '{"type":"x"}');
    await both.clock.pass(11_000);
    both.wire.publish("chat:failing", '{"type":"x"}');
    await both.clock.pass(0);
    expect(received).toEqual([]);
    expect(onError.mock.calls.map(([error]) => error.message)).toEqual([
      expect.stringContaining("an asynchronous schema, which cannot keep messages in order"),
      expect.stringContaining("the topic's schema failed: out of order"),
    ]);
  });
});

describe("what befalls the backplane", () => {
  it("is told by status, to those who still listen", async () => {
    const both = line();
    const { pubSub, backplane } = node(both, "here", { isConnected: false });
    const seen: string[] = [];
    expect(pubSub.status).toBe("down");
    const end = pubSub.on("status", (status) => seen.push(status));
    backplane.reconnect();
    expect(pubSub.status).toBe("connected");
    backplane.disconnect();
    end();
    backplane.reconnect();
    expect(seen).toEqual(["connected", "down"]);
  });

  it("goes to onError, with who failed to listen to it", () => {
    const { pubSub, backplane, onError } = node(line(), "here");
    const told: string[] = [];
    pubSub.on("status", () => {
      throw new Error("boom");
    });
    pubSub.on("status", (status) => told.push(status));
    backplane.disconnect();
    expect(told).toEqual(["down"]);
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: "pubsub.listener-failed" }), { topic: undefined }],
    ]);
    backplane.fail(new Error("ECONNREFUSED"));
    backplane.fail(new LiveError("pubsub.subscribe-refused", "as it is"));
    expect(onError.mock.calls.slice(1).map(([error]) => error)).toEqual([
      expect.objectContaining({ code: "pubsub.backplane-failed", message: "The backplane reports: ECONNREFUSED" }),
      expect.objectContaining({ code: "pubsub.subscribe-refused", message: "as it is" }),
    ]);
  });

  it("is logged where no onError was given", () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      const { backplane } = node(line(), "here", { onError: undefined });
      backplane.fail(new Error("ECONNREFUSED"));
      expect(log.mock.calls).toEqual([[expect.objectContaining({ code: "pubsub.backplane-failed" })]]);
    } finally {
      log.mockRestore();
    }
  });
});

describe("close", () => {
  it("leaves no timer, settles what is pending, and tells of the last messages", async () => {
    const both = line();
    const [here, there] = [node(both, "here"), node(both, "there", { isConnected: false })];
    await here.pubSub.broadcast("room", 1);
    const pending = there.pubSub.subscribe("room", () => {});
    await Promise.all([here.pubSub.close(), there.pubSub.close(), there.pubSub.close()]);
    await expect(pending).rejects.toMatchObject({ code: "pubsub.closed" });
    expect(both.clock.timerCount).toBe(0);
    expect(both.wire.ends.size).toBe(0);
    expect(both.wire.frames.at(-1)?.frame).toContain('"sent":[["room",1,1,1]]');
    expect(() => here.pubSub.on("gap", () => {})).toThrow(expect.objectContaining({ code: "pubsub.closed" }));
  });
});
