import type { Listener, PubSub, Unsubscribe } from "../pubsub/pubsub.ts";
import { expectEqual, expectFailure, waitUntil } from "./contract-assertions.ts";

/** What the contract needs of a test runner. `vitest`, `node:test`, `bun:test` and `@std/testing/bdd` all have it. */
export interface TestFramework {
  it(title: string, run: () => Promise<void>): void;
  /** How a declared gap is shown. Default: a test that does nothing, titled with the gap's reason. */
  skip?: ((title: string, run: () => Promise<void>) => void) | undefined;
}

/** What is alive behind a PubSub. */
export interface PubSubCounts {
  readonly topics: number;
  readonly subscribers: number;
}

export interface PubSubContractOptions<P extends PubSub = PubSub> {
  /** Cases that the adapter does not pass, each with the reason, which becomes part of the test's title. */
  readonly gaps?: { readonly [name in PubSubCase]?: string | undefined } | undefined;
  /** Looks inside, to prove that nothing is left after unsubscribing. Without it that case is a gap. */
  readonly counts?: ((pubSub: P) => PubSubCounts) | undefined;
  /**
   * Publishes a text on a topic as a program does that knows nothing of us, and resolves when it has gone out. Without it
   * the case `foreign` is a gap.
   */
  readonly publishForeign?: ((topic: string, text: string) => Promise<void>) | undefined;
  /**
   * Restarts what is at the other end (the server, the relay, the line to it), and resolves when it is there again.
   * Without it the case `restart` is a gap. The case allows ten times `withinMs` for everything to be well again.
   */
  readonly restart?: (() => Promise<void>) | undefined;
  /** How long a message may take to arrive before a case fails, in milliseconds. @default 5_000 */
  readonly withinMs?: number | undefined;
}

/**
 * Declares the tests that every Pub/Sub adapter must pass.
 *
 * Nothing is assumed about the time a message takes: the cases wait for what must come, and prove that nothing else
 * came by a last message on the same topic, which order puts behind all others.
 *
 * ```ts
 * import { describe, it } from "node:test";
 * describe("RedisPubSub", () => pubSubContract(() => new RedisPubSub({ url, onError: () => {} }), { it }));
 * ```
 *
 * @param open makes a PubSub; called once or twice per case. Two that are open at the same time must reach each other
 * (else declare the gap `connected`). Each is closed by the case. Give it a silent `onError`: a case has failing listeners.
 */
export function pubSubContract<P extends PubSub>(
  open: () => P | Promise<P>,
  framework: TestFramework,
  options: PubSubContractOptions<P> = {},
): void {
  const gaps: { readonly [name: string]: string | undefined } = options.gaps ?? {};
  for (const name of Object.keys(gaps)) {
    if (!Object.hasOwn(cases, name)) throw new Error(`The contract has no case "${name}", so it cannot be a gap.`);
  }
  for (const [name, { title, run }] of Object.entries<Case>(cases)) {
    const gap = gaps[name] ?? whyNot(name, options);
    if (gap === undefined) framework.it(title, () => runCase(open, options, run));
    else if (framework.skip === undefined) framework.it(`${title} (gap: ${gap})`, async () => {});
    else framework.skip(`${title} (gap: ${gap})`, async () => {});
  }
}

/** Why a case cannot run with these options, if it cannot. */
function whyNot(
  name: string,
  { gaps, counts, publishForeign, restart }: PubSubContractOptions<never>,
): string | undefined {
  switch (name) {
    case "leaves":
      return counts === undefined ? "no `counts` was given" : undefined;
    case "foreign":
      return publishForeign === undefined ? "no `publishForeign` was given" : undefined;
    case "restart":
      return gaps?.connected ?? (restart === undefined ? "no `restart` was given" : undefined);
    // These, too, need two objects that reach each other.
    case "orders":
    case "late":
    case "elsewhere":
    case "largest":
      return gaps?.connected;
    default:
      return undefined;
  }
}

/** The name of a case, for `gaps`. */
export type PubSubCase = keyof typeof cases;

interface Case {
  readonly title: string;
  readonly run: (bench: Bench) => Promise<void>;
}

const cases = {
  delivery: {
    title: "delivers a broadcast to every subscriber of its topic, once",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const inboxes = [new Inbox(), new Inbox(), new Inbox()];
      for (const inbox of inboxes) await pubSub.subscribe(topic, inbox.listener);
      await pubSub.broadcast(topic, { type: "said", text: "hello" });
      await pubSub.publish(topic, { type: "said", text: "published" });
      const sent = [
        { type: "said", text: "hello" },
        { type: "said", text: "published" },
      ];
      for (const inbox of inboxes)
        expectEqual(await bench.upToNow(inbox), sent, "each subscriber gets each message once");
    },
  },
  nobody: {
    title: "resolves a broadcast that nobody listens to, and does not keep it for later",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      await pubSub.broadcast(topic, "too early");
      await pubSub.broadcastFrom({ id: "ada" }, topic, "too early");
      pubSub.localBroadcast(topic, "too early");
      const inbox = new Inbox();
      await pubSub.subscribe(topic, inbox.listener);
      await pubSub.broadcast(topic, "in time");
      expectEqual(await bench.upToNow(inbox), ["in time"], "a subscriber gets what is sent after it subscribed");
    },
  },
  leak: {
    title: "delivers to no other topic, however similar its name",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const similar = ["1", "10", "*", "?", "[1]", "^1", "1 ", " 1", "1:", "a", "A", "é", "e\u0301", "🦅", "\u00001"];
      const inboxes = similar.map((end) => ({ end, inbox: new Inbox() }));
      for (const { end, inbox } of inboxes) await pubSub.subscribe(`${topic}:${end}`, inbox.listener);
      for (const end of similar) await pubSub.broadcast(`${topic}:${end}`, `to ${end}`);
      await pubSub.broadcast(topic, "to the common beginning");
      for (const { end, inbox } of inboxes) {
        const received = await bench.upToNow(inbox, `${topic}:${end}`);
        expectEqual(received, [`to ${end}`], `the subscriber of "…:${end}" gets its own message only`);
      }
    },
  },
  order: {
    title: "keeps the order of one publisher's messages, 1 000 of them sent without waiting",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const inboxes = [new Inbox(), new Inbox()];
      for (const inbox of inboxes) await pubSub.subscribe(topic, inbox.listener);
      const numbers = Array.from({ length: 1_000 }, (_, number) => number);
      for (const number of numbers) {
        if (number % 3 === 0) bench.background(pubSub.broadcast(topic, number));
        else if (number % 3 === 1) bench.background(pubSub.publish(topic, number));
        else bench.background(pubSub.broadcastFrom({ id: "ada" }, topic, number));
      }
      for (const inbox of inboxes)
        expectEqual(await bench.upToNow(inbox), numbers, "messages arrive in the order sent");
    },
  },
  sender: {
    title: "passes by the sender of a broadcastFrom, in all its subscriptions, and nobody else",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const [ada, adaToo, grace, anonymous] = [new Inbox(), new Inbox(), new Inbox(), new Inbox()];
      await pubSub.subscribe(topic, ada.listener, { id: "ada" });
      await pubSub.subscribe(topic, grace.listener, { id: "grace" });
      await pubSub.subscribe(topic, adaToo.listener, { id: "ada" });
      await pubSub.subscribe(topic, anonymous.listener);
      await pubSub.broadcastFrom({ id: "ada" }, topic, "from Ada");
      await pubSub.broadcastFrom({ id: "nobody here" }, topic, "from outside");
      await pubSub.broadcast(topic, "from all");
      expectEqual(await bench.upToNow(ada), ["from outside", "from all"], "the sender does not hear itself");
      expectEqual(await bench.upToNow(adaToo), ["from outside", "from all"], "nor does its second listener");
      expectEqual(await bench.upToNow(grace), ["from Ada", "from outside", "from all"], "another sender hears all");
      expectEqual(
        await bench.upToNow(anonymous),
        ["from Ada", "from outside", "from all"],
        "a listener without id too",
      );
    },
  },
  from: {
    title: "tells listeners of the sending process who a broadcastFrom came from",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const senders: (string | undefined)[] = [];
      await pubSub.subscribe(topic, (_message, from) => senders.push(from));
      await pubSub.broadcastFrom({ id: "ada" }, topic, "from Ada");
      await pubSub.broadcast(topic, "from nobody in particular");
      await bench.until(
        "two messages",
        () => senders.length >= 2,
        () => senders,
      );
      expectEqual(senders, ["ada", undefined], "the second argument of a listener is the sender's id");
    },
  },
  twice: {
    title: "delivers once to a listener that subscribed twice, until both subscriptions have ended",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const [twice, witness] = [new Inbox(), new Inbox()];
      const endFirst = await pubSub.subscribe(topic, twice.listener);
      const endSecond = await pubSub.subscribe(topic, twice.listener);
      await pubSub.subscribe(topic, witness.listener);
      await pubSub.broadcast(topic, "two subscriptions");
      expectEqual(await bench.upToNow(twice), ["two subscriptions"], "one message, one call");
      await endFirst();
      await endFirst();
      await pubSub.broadcast(topic, "one subscription");
      expectEqual(await bench.upToNow(twice), ["two subscriptions", "one subscription"], "one subscription is left");
      await endSecond();
      await pubSub.broadcast(topic, "none");
      await bench.upToNow(witness);
      expectEqual(twice.messages, ["two subscriptions", "one subscription"], "nothing after both have ended");
    },
  },
  live: {
    title: "resolves subscribe when the subscription is live: the very next broadcast arrives",
    run: async (bench) => {
      const { pubSub } = bench;
      for (let round = 0; round < 100; round++) {
        const topic = `${bench.topic}:${round}`;
        const inbox = new Inbox();
        const unsubscribe = await pubSub.subscribe(topic, inbox.listener);
        await pubSub.broadcast(topic, round);
        expectEqual(await bench.upToNow(inbox, topic), [round], "the first broadcast after subscribe arrives");
        await unsubscribe();
      }
    },
  },
  unsubscribe: {
    title: "delivers nothing after unsubscribe, disturbs nobody by it, and takes a second call calmly",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const [gone, stays] = [new Inbox(), new Inbox()];
      const unsubscribe = await pubSub.subscribe(topic, gone.listener);
      await pubSub.subscribe(topic, stays.listener);
      await pubSub.broadcast(topic, "before");
      expectEqual(await bench.upToNow(gone), ["before"], "a subscriber gets the message");
      await unsubscribe();
      await unsubscribe();
      await pubSub.broadcast(topic, "after");
      expectEqual(await bench.upToNow(stays), ["before", "after"], "the other subscriber goes on");
      expectEqual(gone.messages, ["before"], "nothing comes after unsubscribe");
      await pubSub.subscribe(topic, gone.listener);
      await unsubscribe();
      await pubSub.broadcast(topic, "again");
      expectEqual(await bench.upToNow(gone), ["before", "again"], "an old unsubscribe does not end a new subscription");
    },
  },
  unsubscribeDuring: {
    title: "delivers nothing more to a listener that is unsubscribed during a delivery, by itself or by another",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const witness = new Inbox();
      const calls: string[] = [];
      const ends = new Map<string, Unsubscribe>();
      const end = (name: string) => bench.background(ends.get(name)?.());
      // Whichever of the two rivals is called first ends the other: the contract does not say which that is.
      ends.set("once", await pubSub.subscribe(topic, () => (calls.push("once"), end("once"))));
      ends.set("rival 1", await pubSub.subscribe(topic, () => (calls.push("rival"), end("rival 2"))));
      ends.set("rival 2", await pubSub.subscribe(topic, () => (calls.push("rival"), end("rival 1"))));
      await pubSub.subscribe(topic, witness.listener);
      bench.background(pubSub.broadcast(topic, "first"));
      bench.background(pubSub.broadcast(topic, "second"));
      expectEqual(await bench.upToNow(witness), ["first", "second"], "others get every message");
      expectEqual(
        calls.filter((name) => name === "once").length,
        1,
        "who ended its own subscription gets nothing more",
      );
      // Three: "first", "second", and the message that `upToNow` sends.
      expectEqual(calls.filter((name) => name === "rival").length, 3, "of two that end each other, one is left");
    },
  },
  subscribeDuring: {
    title: "does not deliver the message at hand to a listener that is added during its delivery",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const late = new Inbox();
      let subscribing: Promise<Unsubscribe> | undefined;
      await pubSub.subscribe(topic, () => {
        subscribing ??= pubSub.subscribe(topic, late.listener);
      });
      await pubSub.broadcast(topic, "at hand");
      await bench.until(
        "the first message",
        () => subscribing !== undefined,
        () => "nothing",
      );
      await subscribing;
      await pubSub.broadcast(topic, "next");
      expectEqual(await bench.upToNow(late), ["next"], "the added listener gets the next message, not the one at hand");
    },
  },
  throwing: {
    title: "delivers to everybody else when a listener throws or rejects, and the publisher does not notice",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const [before, after] = [new Inbox(), new Inbox()];
      await pubSub.subscribe(topic, before.listener);
      await pubSub.subscribe(topic, () => {
        throw new Error("a listener that throws, on purpose");
      });
      // Its type says that a listener returns nothing, but nobody keeps an application from giving an async function.
      const rejecting: () => unknown = () => Promise.reject(new Error("a listener that rejects, on purpose"));
      await pubSub.subscribe(topic, rejecting);
      await pubSub.subscribe(topic, after.listener);
      await pubSub.broadcast(topic, "first");
      pubSub.localBroadcast(topic, "second");
      await pubSub.broadcastFrom({ id: "ada" }, topic, "third");
      expectEqual(await bench.upToNow(before), ["first", "second", "third"], "the listener before the failing ones");
      expectEqual(await bench.upToNow(after), ["first", "second", "third"], "the listener after the failing ones");
    },
  },
  chained: {
    title: "delivers what a listener broadcasts after the message at hand, in the same order to everybody",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const [before, after] = [new Inbox(), new Inbox()];
      const steps: string[] = [];
      await pubSub.subscribe(topic, before.listener);
      await pubSub.subscribe(topic, (message) => {
        if (typeof message !== "number") return;
        steps.push(`start ${message}`);
        if (message === 1) for (const number of [2, 3]) bench.background(pubSub.broadcast(topic, number));
        if (message === 2) bench.background(pubSub.broadcast(topic, 4));
        steps.push(`end ${message}`);
      });
      await pubSub.subscribe(topic, after.listener);
      await pubSub.broadcast(topic, 1);
      await bench.until(
        "four messages",
        () => after.messages.length >= 4,
        () => after.messages,
      );
      expectEqual(await bench.upToNow(before), [1, 2, 3, 4], "the listener before the one that broadcasts");
      expectEqual(await bench.upToNow(after), [1, 2, 3, 4], "the listener after the one that broadcasts");
      const oneByOne = ["start 1", "end 1", "start 2", "end 2", "start 3", "end 3", "start 4", "end 4"];
      expectEqual(steps, oneByOne, "a listener is never called within its own call");
    },
  },
  longChain: {
    title: "survives a chain of 20 000 messages, each broadcast by the listener of the one before",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const received: unknown[] = [];
      await pubSub.subscribe(topic, (message) => {
        received.push(message);
        if (typeof message === "number" && message < 20_000) bench.background(pubSub.broadcast(topic, message + 1));
      });
      await pubSub.broadcast(topic, 1);
      await bench.until(
        "message 20 000",
        () => received.at(-1) === 20_000,
        () => received.slice(-3),
      );
      expectEqual(received.length, 20_000, "every message of the chain arrives once");
    },
  },
  topics: {
    title: "serves 10 000 topics at once, each with its own messages",
    run: async (bench) => {
      const { pubSub } = bench;
      const all = Array.from({ length: 10_000 }, (_, number) => ({
        topic: `${bench.topic}:${number}`,
        number,
        received: [] as unknown[],
      }));
      let count = 0;
      const ends = await Promise.all(
        all.map(({ topic, received }) =>
          pubSub.subscribe(topic, (message) => {
            received.push(message);
            count += 1;
          }),
        ),
      );
      // In parts: a backplane on a busy machine may refuse what it cannot take within its deadline.
      for (let start = 0; start < all.length; start += 500) {
        const part = all.slice(start, start + 500);
        await Promise.all(part.map(({ topic, number }) => pubSub.broadcast(topic, number)));
      }
      await bench.until(
        "10 000 messages",
        () => count >= all.length,
        () => count,
      );
      const wrong = all.filter(({ number, received }) => received.length !== 1 || received[0] !== number);
      expectEqual(wrong, [], "each topic gets its own message");
      await Promise.all(ends.map((unsubscribe) => unsubscribe()));
    },
  },
  leaves: {
    title: "leaves nothing behind when all have unsubscribed",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const before = bench.counts();
      const shared = new Inbox();
      const ends: Unsubscribe[] = [];
      for (let number = 0; number < 200; number++) {
        ends.push(await pubSub.subscribe(`${topic}:${number % 50}`, new Inbox().listener));
        ends.push(await pubSub.subscribe(`${topic}:${number % 50}`, shared.listener, { id: `${number}` }));
      }
      expectEqual(bench.counts().topics - before.topics, 50, "50 topics are listened to");
      for (let number = 0; number < 50; number++) await pubSub.broadcast(`${topic}:${number}`, number);
      await Promise.all(ends.map((unsubscribe) => unsubscribe()));
      const isAsBefore = () =>
        bench.counts().topics === before.topics && bench.counts().subscribers === before.subscribers;
      await bench.until("the counts of before", isAsBefore, () => bench.counts());
    },
  },
  close: {
    title: "ends its subscriptions on close, and refuses every later call",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const inbox = new Inbox();
      const unsubscribe = await pubSub.subscribe(topic, inbox.listener);
      await pubSub.broadcast(topic, "before");
      expectEqual(await bench.upToNow(inbox), ["before"], "a subscriber gets the message");
      await pubSub.close();
      await pubSub.close();
      await expectFailure("pubsub.closed", "broadcast after close", () => pubSub.broadcast(topic, "after"));
      await expectFailure("pubsub.closed", "publish after close", () => pubSub.publish(topic, "after"));
      await expectFailure("pubsub.closed", "broadcastFrom after close", () =>
        pubSub.broadcastFrom({ id: "ada" }, topic, "after"),
      );
      await expectFailure("pubsub.closed", "subscribe after close", () => pubSub.subscribe(topic, inbox.listener));
      await expectFailure("pubsub.closed", "localBroadcast after close", () => pubSub.localBroadcast(topic, "after"));
      await unsubscribe();
      expectEqual(inbox.messages, ["before"], "nothing comes after close");
    },
  },
  connected: {
    title: "reaches the subscribers of another object that is open at the same time, until that one is closed",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const other = await bench.open();
      const [here, there] = [new Inbox(), new Inbox()];
      await pubSub.subscribe(topic, here.listener);
      await other.subscribe(topic, there.listener);
      for (let number = 0; number < 100; number++) bench.background(pubSub.broadcast(topic, number));
      const numbers = Array.from({ length: 100 }, (_, number) => number);
      expectEqual(await bench.upToNow(there), numbers, "the other object's subscriber gets all, in order");
      await other.close();
      await pubSub.broadcast(topic, "after");
      expectEqual(await bench.upToNow(here), [...numbers, "after"], "closing one object does not disturb the other");
      expectEqual(there.messages, numbers, "a closed object gets nothing more");
    },
  },
  orders: {
    title: "keeps the order of each publisher's messages when two objects publish at once on one topic",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const other = await bench.open();
      const [here, there] = [new Inbox(), new Inbox()];
      await pubSub.subscribe(topic, here.listener);
      await other.subscribe(topic, there.listener);
      const steps = Array.from({ length: 300 }, (_, number) => number);
      for (const number of steps) {
        bench.background(pubSub.broadcast(topic, { by: "one", number }));
        bench.background(other.broadcast(topic, { by: "other", number }));
      }
      for (const inbox of [here, there]) {
        await bench.until(
          "600 messages",
          () => inbox.messages.length >= 600,
          () => inbox.messages.length,
        );
        for (const by of ["one", "other"]) {
          const sent = steps.map((number) => ({ by, number }));
          const received = inbox.messages.filter((message) => isBy(message, by));
          expectEqual(received, sent, `each message of "${by}" arrives once, in the order sent`);
        }
      }
    },
  },
  late: {
    title: "gives a subscriber elsewhere what is sent after it subscribed, and nothing earlier or after it left",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const other = await bench.open();
      const [first, again, witness, barrier] = [new Inbox(), new Inbox(), new Inbox(), new Inbox()];
      await pubSub.subscribe(topic, witness.listener);
      await other.subscribe(`${topic}:barrier`, barrier.listener);
      await pubSub.broadcast(topic, "too early");
      // What is still on its way when somebody subscribes may be delivered; this one has passed.
      await bench.upToNow(barrier, `${topic}:barrier`);
      const unsubscribe = await other.subscribe(topic, first.listener);
      await pubSub.broadcast(topic, "first");
      expectEqual(await bench.upToNow(first), ["first"], "a subscriber elsewhere gets the very next message");
      await unsubscribe();
      await pubSub.broadcast(topic, "to nobody there");
      await bench.upToNow(witness);
      await bench.upToNow(barrier, `${topic}:barrier`);
      await other.subscribe(topic, again.listener);
      await pubSub.broadcast(topic, "again");
      expectEqual(await bench.upToNow(again), ["again"], "who comes back gets what is sent from then on");
      expectEqual(first.messages, ["first"], "nothing comes after unsubscribe");
    },
  },
  elsewhere: {
    title: "delivers what was sent through another object, with the same shape",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const other = await bench.open();
      const inbox = new Inbox();
      await other.subscribe(topic, inbox.listener);
      for (const value of shapes()) await pubSub.broadcast(topic, value);
      await pubSub.broadcastFrom({ id: "ada" }, topic, { type: "all", nested: { list: shapes() } });
      const expected = [...shapes(), { type: "all", nested: { list: shapes() } }];
      expectEqual(await bench.upToNow(inbox), expected, "a message arrives elsewhere with the shape it was sent with");
    },
  },
  largest: {
    title: "refuses a message of more than a megabyte with a clear error, to everybody, and loses nothing after it",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const other = await bench.open();
      const [here, there] = [new Inbox(), new Inbox()];
      await pubSub.subscribe(topic, here.listener);
      await other.subscribe(topic, there.listener);
      const large = { text: "x".repeat(900_000) };
      await pubSub.broadcast(topic, large);
      const tooLarge = [{ text: "x".repeat(1_100_000) }, { text: "é".repeat(600_000) }, new Uint8Array(1_000_000)];
      for (const message of tooLarge) {
        await expectFailure("pubsub.message-too-large", "a broadcast that is too large", () =>
          pubSub.broadcast(topic, message),
        );
      }
      await pubSub.broadcast(topic, "after");
      for (const [which, inbox] of [
        ["here", here],
        ["there", there],
      ] as const) {
        const received = await bench.upToNow(inbox);
        const sizes = received.map((message) => (message === "after" ? message : JSON.stringify(message)?.length));
        expectEqual(sizes, [900_011, "after"], `what was not too large arrives ${which}`);
      }
    },
  },
  foreign: {
    title: "delivers plain JSON of a foreign program as it is, and drops what is none without harm",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const inbox = new Inbox();
      await pubSub.subscribe(topic, inbox.listener);
      const texts = ['{"type":"x"}', "[1,2.5,null,true]", '"text"', ' {"nested": {"list": [{"deep": "é"}]}} ', "7"];
      const refused = [
        "",
        "no JSON",
        "{",
        '{"__proto__": {"polluted": true}}',
        "[".repeat(100) + "]".repeat(100),
        "wb1 ",
      ];
      for (const text of [...refused, ...texts, ...refused]) await bench.publishForeign(topic, text);
      const expected = [{ type: "x" }, [1, 2.5, null, true], "text", { nested: { list: [{ deep: "é" }] } }, 7];
      await bench.until(
        "five messages",
        () => inbox.messages.length >= expected.length,
        () => inbox.messages,
      );
      expectEqual(await bench.upToNow(inbox), expected, "JSON of a foreign program");
    },
  },
  restart: {
    title:
      "delivers, or reports a gap for, each message that is sent while the other end restarts, and goes on after it",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const other = await bench.open();
      const [here, there] = [new Inbox(), new Inbox()];
      let gaps = 0;
      other.on?.("gap", ({ topics }) => (gaps += topics === "*" || topics.includes(topic) ? 1 : 0));
      await pubSub.subscribe(topic, here.listener);
      await other.subscribe(topic, there.listener);
      const sent: number[] = [];
      const send = () => {
        sent.push(sent.length);
        // It may reject: what is elsewhere may be out of reach. Those here get it all the same.
        pubSub.broadcast(topic, sent.length - 1).catch(() => {});
      };
      send();
      const line = { isBack: false };
      const restarting = bench.restart().finally(() => (line.isBack = true));
      while (!line.isBack) {
        send();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await restarting;
      // Whether all is well again shows in a message that gets through; until then each of them may be lost.
      const isThere = () => there.messages.includes(sent.length - 1);
      const deadline = performance.now() + bench.withinMs * 10;
      for (send(); !isThere() && performance.now() < deadline; send()) {
        const waitUntil = performance.now() + 200;
        while (!isThere() && performance.now() < waitUntil) await new Promise((resolve) => setTimeout(resolve, 5));
        if (isThere()) break;
      }
      await bench.until("a message gets through after the restart", isThere, () => there.messages.slice(-3));
      const lastThere = sent.filter((number) => number <= Math.max(...there.messages.map(Number)));
      expectEqual(here.messages, sent, "the process's own subscriber gets every message, in order");
      const inOrder = [...there.messages].map(Number).sort((a, b) => a - b);
      expectEqual(there.messages, [...new Set(inOrder)], "the other object's gets none twice, and in order");
      if (there.messages.length < lastThere.length) {
        await bench.until(
          "a reported gap for the messages that were lost",
          () => gaps > 0,
          () => ({ sent: sent.length, received: there.messages.length }),
        );
      }
    },
  },
  local: {
    title: "reaches the subscribers of this process by localBroadcast, the sender's own included",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const [ada, anonymous] = [new Inbox(), new Inbox()];
      await pubSub.subscribe(topic, ada.listener, { id: "ada" });
      await pubSub.subscribe(topic, anonymous.listener);
      pubSub.localBroadcast(topic, "here");
      expectEqual(await bench.upToNow(ada), ["here"], "a listener with an id");
      expectEqual(await bench.upToNow(anonymous), ["here"], "a listener without");
    },
  },
  shape: {
    title: "delivers what was sent: Date, Map, Set, BigInt, bytes and undefined keep their shape",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const inbox = new Inbox();
      await pubSub.subscribe(topic, inbox.listener);
      for (const value of shapes()) await pubSub.broadcast(topic, value);
      await pubSub.broadcast(topic, { type: "all", nested: { list: shapes() } });
      const expected = [...shapes(), { type: "all", nested: { list: shapes() } }];
      expectEqual(await bench.upToNow(inbox), expected, "a message arrives with the shape it was sent with");
    },
  },
  unchanged: {
    title: "does not change the object that was sent, and takes a frozen one",
    run: async (bench) => {
      const { pubSub, topic } = bench;
      const inbox = new Inbox();
      await pubSub.subscribe(topic, inbox.listener);
      const sent = { count: 1, nested: { at: new Date(0), tags: ["a"] } };
      const frozen = Object.freeze({ count: 2, nested: Object.freeze(["b"]) });
      for (const message of [sent, frozen]) {
        await pubSub.broadcast(topic, message);
        await pubSub.broadcastFrom({ id: "ada" }, topic, message);
        pubSub.localBroadcast(topic, message);
      }
      await bench.upToNow(inbox);
      expectEqual(inbox.messages.length, 6, "every message arrives");
      expectEqual(sent, { count: 1, nested: { at: new Date(0), tags: ["a"] } }, "the sender's object is as it was");
    },
  },
  names: {
    title: "takes topics of up to 255 bytes, and refuses longer and empty ones",
    run: async (bench) => {
      const { pubSub } = bench;
      const inbox = new Inbox();
      const longest = bench.topic.padEnd(253, "-") + "é";
      await pubSub.subscribe(longest, inbox.listener);
      await pubSub.broadcast(longest, "fits");
      expectEqual(await bench.upToNow(inbox, longest), ["fits"], "a topic of 255 bytes");
      for (const topic of ["", `${longest}-`, "é".repeat(128), "-".repeat(256)]) {
        const which = `with a topic of ${topic.length} characters`;
        await expectFailure("topic.invalid", `subscribe ${which}`, () => pubSub.subscribe(topic, inbox.listener));
        await expectFailure("topic.invalid", `broadcast ${which}`, () => pubSub.broadcast(topic, "refused"));
        await expectFailure("topic.invalid", `publish ${which}`, () => pubSub.publish(topic, "refused"));
        await expectFailure("topic.invalid", `broadcastFrom ${which}`, () =>
          pubSub.broadcastFrom({ id: "ada" }, topic, "refused"),
        );
        await expectFailure("topic.invalid", `localBroadcast ${which}`, () => pubSub.localBroadcast(topic, "refused"));
      }
    },
  },
} satisfies { readonly [name: string]: Case };

function isBy(message: unknown, by: string): boolean {
  return typeof message === "object" && message !== null && "by" in message && message.by === by;
}

/** Messages whose shape plain JSON would lose, and some that a careless codec would mistake for its own marks. */
function shapes(): unknown[] {
  return [
    null,
    undefined,
    false,
    0,
    "",
    "text with \u0000, \u2028 and 🦅",
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    12_345_678_901_234_567_890n,
    new Date(1_700_000_000_123),
    -0,
    new Uint8Array([0, 127, 128, 255]),
    new Uint8Array([9, 8, 7, 6, 5]).subarray(1, 3),
    new Float64Array([0.5, Number.NaN, -0]),
    new Uint8Array([1, 2]).buffer,
    new Map<unknown, unknown>([
      ["key", new Date(0)],
      [{ key: "object" }, new Set([1n])],
    ]),
    new Set([1, "1", [1]]),
    { absent: undefined, nested: [undefined, { deep: undefined }] },
    ["2023-11-14T22:13:20.123Z", "123n", "Map", "$1", "[1]"],
    { type: "Date", value: "2023-11-14T22:13:20.123Z", $date: 0, __type: "Map", json: {}, meta: {} },
    { constructor: 1, toString: [2], valueOf: { hasOwnProperty: 3 } },
  ];
}

/** Keeps what it hears. */
class Inbox {
  readonly messages: unknown[] = [];
  readonly listener: Listener<unknown> = (message) => {
    this.messages.push(message);
  };
}

/** What a case works with: a fresh PubSub, a topic that nobody else uses, and ways to wait. */
class Bench {
  readonly pubSub: PubSub;
  readonly topic: string;
  readonly #openAnother: () => PubSub | Promise<PubSub>;
  readonly #count: (() => PubSubCounts) | undefined;
  readonly #options: PubSubContractOptions<never>;
  readonly withinMs: number;
  readonly #opened: PubSub[];
  readonly #background: Promise<unknown>[] = [];
  #sentinels = 0;

  constructor(
    pubSub: PubSub,
    openAnother: () => PubSub | Promise<PubSub>,
    count: (() => PubSubCounts) | undefined,
    options: PubSubContractOptions<never>,
  ) {
    this.pubSub = pubSub;
    // Other test processes may use the same backplane at the same time.
    this.topic = `contract:${globalThis.crypto.randomUUID()}`;
    this.#openAnother = openAnother;
    this.#count = count;
    this.#options = options;
    this.withinMs = options.withinMs ?? 5_000;
    this.#opened = [pubSub];
  }

  async open(): Promise<PubSub> {
    const pubSub = await this.#openAnother();
    this.#opened.push(pubSub);
    return pubSub;
  }

  counts(): PubSubCounts {
    if (this.#count === undefined) throw new Error("This case needs the contract's option `counts`.");
    return this.#count();
  }

  publishForeign(topic: string, text: string): Promise<void> {
    if (this.#options.publishForeign === undefined) throw new Error("This case needs the option `publishForeign`.");
    return this.#options.publishForeign(topic, text);
  }

  restart(): Promise<void> {
    if (this.#options.restart === undefined) throw new Error("This case needs the option `restart`.");
    return this.#options.restart();
  }

  /** Lets a promise go its way until `settled`, and if it rejects, the case fails there. */
  background(promise: Promise<unknown> | undefined): void {
    if (promise === undefined) return;
    // Handled at once, or the runtime would report the rejection as nobody's before `settled` looks at it.
    promise.catch(() => {});
    this.#background.push(promise);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#background);
  }

  /** Fails after the contract's `withinMs`, and then calls `state` for what there was instead. */
  until(what: string, isTrue: () => boolean, state: () => unknown): Promise<void> {
    return waitUntil(what, this.withinMs, isTrue, state);
  }

  /** What `inbox` got of all that was sent on the topic so far: a last message, sent now, tells that it is complete. */
  async upToNow(inbox: Inbox, topic: string = this.topic): Promise<readonly unknown[]> {
    const sentinel = `sentinel ${++this.#sentinels}`;
    await this.pubSub.broadcast(topic, sentinel);
    await this.until(
      "the last message",
      () => inbox.messages.includes(sentinel),
      () => inbox.messages,
    );
    const isSentinel = (message: unknown) => typeof message === "string" && message.startsWith("sentinel ");
    const received = inbox.messages.filter((message) => !isSentinel(message));
    inbox.messages.splice(0, inbox.messages.length, ...received);
    return received;
  }

  async close(): Promise<void> {
    for (const pubSub of this.#opened) await pubSub.close();
  }
}

async function runCase<P extends PubSub>(
  open: () => P | Promise<P>,
  options: PubSubContractOptions<P>,
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  const pubSub = await open();
  const { counts } = options;
  const bench = new Bench(pubSub, open, counts && (() => counts(pubSub)), options);
  try {
    await run(bench);
    await bench.settled();
  } finally {
    await bench.close();
  }
}
