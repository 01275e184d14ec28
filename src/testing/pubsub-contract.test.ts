import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveError } from "../errors.ts";
import type { Gap, PubSubEvents } from "../pubsub/gap.ts";
import type { Listener, PubSub, Sender, Unsubscribe } from "../pubsub/pubsub.ts";
import { checkTopic } from "../pubsub/topic.ts";
import { pubSubContract, type PubSubContractOptions } from "./pubsub-contract.ts";

type Fault =
  | "messages are handled last in, first out (B1)"
  | "a second subscription overwrites the first, which leaks (B5)"
  | "a leaked subscription fails the publisher (B5)"
  | "a throwing listener stops the delivery (B6)"
  | "a throwing listener fails the publisher (B6)"
  | "listeners run within another one's delivery"
  | "every message is delivered twice"
  | "a double subscription delivers twice"
  | "ending one of two subscriptions ends both"
  | "unsubscribe does nothing"
  | "unsubscribe leaves the topic's entry behind"
  | "a removed listener still gets the message at hand"
  | "an added listener gets the message at hand"
  | "subscribe resolves before it is live"
  | "a topic hears what is sent to longer ones"
  | "topics ignore case"
  | "the sender hears itself"
  | "only the sender's first listener is passed by"
  | "broadcastFrom passes everybody with an id by"
  | "the sender is not told"
  | "localBroadcast reaches nobody"
  | "localBroadcast passes listeners with an id by"
  | "messages go through JSON"
  | "the sender's object gets a type"
  | "a message without subscribers is kept for later"
  | "close leaves the subscriptions"
  | "close ends everybody's subscriptions"
  | "calls after close are accepted"
  | "objects do not reach each other"
  | "any topic is accepted"
  | "publish goes nowhere"
  | "what comes from elsewhere is out of order"
  | "a late subscriber gets the last message once more"
  | "a subscriber elsewhere misses the first message"
  | "what goes elsewhere goes through JSON"
  | "a message of any size is taken"
  | "a message that is too large reaches those here"
  | "nothing gets through after a message that was too large"
  | "foreign messages are dropped"
  | "foreign messages are delivered as text"
  | "foreign text that is no JSON stops what follows"
  | "what a restart loses is not reported"
  | "a gap is reported for other topics"
  | "nothing gets through after a restart"
  | "what is sent during a restart comes twice"
  | "those here miss what is sent during a restart";

// The cases wait for what a fault keeps from coming; here that time passes as fast as the event loop turns.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

describe("the Pub/Sub contract", () => {
  it("is passed by a small bus without faults", async () => {
    expect(await failures(undefined)).toEqual([]);
  });

  it.each<[Fault, readonly string[]]>([
    ["messages are handled last in, first out (B1)", ["delivers what a listener broadcasts after"]],
    ["a second subscription overwrites the first, which leaks (B5)", ["delivers once to a listener that subscribed"]],
    ["a leaked subscription fails the publisher (B5)", ["delivers nothing after unsubscribe"]],
    ["a throwing listener stops the delivery (B6)", ["delivers to everybody else when a listener throws"]],
    ["a throwing listener fails the publisher (B6)", ["delivers to everybody else when a listener throws"]],
    ["listeners run within another one's delivery", ["delivers what a listener broadcasts after", "survives a chain"]],
    [
      "every message is delivered twice",
      ["delivers a broadcast to every subscriber", "keeps the order of one", "serves 10 000"],
    ],
    ["a double subscription delivers twice", ["delivers once to a listener that subscribed"]],
    ["ending one of two subscriptions ends both", ["delivers once to a listener that subscribed"]],
    ["unsubscribe does nothing", ["delivers nothing after unsubscribe", "leaves nothing behind"]],
    ["unsubscribe leaves the topic's entry behind", ["leaves nothing behind"]],
    ["a removed listener still gets the message at hand", ["delivers nothing more to a listener"]],
    ["an added listener gets the message at hand", ["does not deliver the message at hand"]],
    ["subscribe resolves before it is live", ["resolves subscribe when the subscription is live"]],
    ["a topic hears what is sent to longer ones", ["delivers to no other topic"]],
    ["topics ignore case", ["delivers to no other topic"]],
    ["the sender hears itself", ["passes by the sender"]],
    ["only the sender's first listener is passed by", ["passes by the sender"]],
    ["broadcastFrom passes everybody with an id by", ["passes by the sender"]],
    ["the sender is not told", ["tells listeners of the sending process"]],
    ["localBroadcast reaches nobody", ["reaches the subscribers of this process"]],
    ["localBroadcast passes listeners with an id by", ["reaches the subscribers of this process"]],
    ["messages go through JSON", ["delivers what was sent:"]],
    ["the sender's object gets a type", ["does not change the object"]],
    ["a message without subscribers is kept for later", ["resolves a broadcast that nobody listens to"]],
    ["close leaves the subscriptions", ["reaches the subscribers of another object"]],
    ["close ends everybody's subscriptions", ["reaches the subscribers of another object"]],
    ["calls after close are accepted", ["ends its subscriptions on close"]],
    ["objects do not reach each other", ["reaches the subscribers of another object"]],
    ["any topic is accepted", ["takes topics of up to 255 bytes"]],
    ["publish goes nowhere", ["delivers a broadcast to every subscriber", "keeps the order of one"]],
    ["what comes from elsewhere is out of order", ["keeps the order of each publisher's messages"]],
    ["a late subscriber gets the last message once more", ["gives a subscriber elsewhere"]],
    ["a subscriber elsewhere misses the first message", ["gives a subscriber elsewhere"]],
    ["what goes elsewhere goes through JSON", ["delivers what was sent through another object"]],
    ["a message of any size is taken", ["refuses a message of more than a megabyte"]],
    ["a message that is too large reaches those here", ["refuses a message of more than a megabyte"]],
    ["nothing gets through after a message that was too large", ["refuses a message of more than a megabyte"]],
    ["foreign messages are dropped", ["delivers plain JSON of a foreign program"]],
    ["foreign messages are delivered as text", ["delivers plain JSON of a foreign program"]],
    ["foreign text that is no JSON stops what follows", ["delivers plain JSON of a foreign program"]],
    ["what a restart loses is not reported", ["delivers, or reports a gap for, each message"]],
    ["a gap is reported for other topics", ["delivers, or reports a gap for, each message"]],
    ["nothing gets through after a restart", ["delivers, or reports a gap for, each message"]],
    ["what is sent during a restart comes twice", ["delivers, or reports a gap for, each message"]],
    ["those here miss what is sent during a restart", ["delivers, or reports a gap for, each message"]],
  ])("finds the fault: %s", async (fault, cases) => {
    const failed = await failures(fault, cases);
    expect(failed).toEqual(cases);
  });

  it("shows a declared gap with its reason, and does not run it", async () => {
    const titles: string[] = [];
    pubSubContract(
      () => {
        throw new Error("a gap was run");
      },
      { it: () => {}, skip: (title) => titles.push(title) },
      {
        gaps: { topics: "the backplane allows 100 topics" },
        counts: () => ({ topics: 0, subscribers: 0 }),
        publishForeign: () => Promise.resolve(),
        restart: () => Promise.resolve(),
      },
    );
    expect(titles).toEqual([
      "serves 10 000 topics at once, each with its own messages (gap: the backplane allows 100 topics)",
    ]);
  });

  it("declares a case as a gap when it was given no way to look inside, to be a foreign program, or to restart", () => {
    const titles: string[] = [];
    pubSubContract(() => new SmallPubSub(new Store(undefined)), { it: (title) => titles.push(title) });
    expect(titles.filter((title) => title.includes("(gap: "))).toEqual([
      "leaves nothing behind when all have unsubscribed (gap: no `counts` was given)",
      "delivers plain JSON of a foreign program as it is, and drops what is none without harm (gap: no `publishForeign` was given)",
      "delivers, or reports a gap for, each message that is sent while the other end restarts, and goes on after it (gap: no `restart` was given)",
    ]);
  });

  it("declares every case with two objects as a gap when objects do not reach each other", () => {
    const titles: string[] = [];
    const gaps = { connected: "it is private" };
    pubSubContract(() => new SmallPubSub(new Store(undefined)), { it: (title) => titles.push(title) }, { gaps });
    expect(titles.filter((title) => title.endsWith("(gap: it is private)"))).toHaveLength(6);
  });

  it("refuses a gap that names no case", () => {
    const gaps: object = { ordering: "misspelt" };
    expect(() => pubSubContract(() => new SmallPubSub(new Store(undefined)), { it: () => {} }, { gaps })).toThrow(
      'The contract has no case "ordering", so it cannot be a gap.',
    );
  });
});

/** Runs the contract against a bus with the fault. Returns what failed of `titles`, told by their beginnings; of all by default. */
async function failures(fault: Fault | undefined, titles: readonly string[] = [""]): Promise<readonly string[]> {
  const store = new Store(fault);
  const collected: { title: string; run: () => Promise<void> }[] = [];
  const options: PubSubContractOptions<SmallPubSub> = {
    counts: () => store.counts(),
    publishForeign: async (topic, text) => store.publishForeign(topic, text),
    restart: () => store.restart(),
    withinMs: fault === undefined ? 5_000 : 50,
  };
  pubSubContract(() => new SmallPubSub(store), { it: (title, run) => collected.push({ title, run }) }, options);
  const failed: string[] = [];
  for (const beginning of titles) {
    for (const { title, run } of collected.filter((one) => one.title.startsWith(beginning))) {
      await inPassingTime(run()).catch(() => failed.push(beginning === "" ? title : beginning));
    }
  }
  return failed;
}

/** Lets the time pass until the work is done: a millisecond, which is how often the contract looks, in each turn. */
async function inPassingTime(work: Promise<void>): Promise<void> {
  const going = new Set([work]);
  const end = (): void => void going.delete(work);
  work.then(end, end);
  while (going.size > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(1);
  }
  await work;
}

interface Entry {
  readonly listener: Listener<never>;
  readonly as: string | undefined;
  readonly since: number;
  readonly owner: SmallPubSub;
  ended: boolean;
  hasHeard: boolean;
}

interface Sent {
  readonly topic: string;
  readonly message: unknown;
  readonly from: string | undefined;
  readonly number: number;
  readonly by: SmallPubSub;
  readonly isLocal: boolean;
}

/** A bus as plain as can be: one entry per subscription, with the places where a fault can be seeded. */
class Store {
  readonly fault: Fault | undefined;
  readonly topics = new Map<string, Entry[]>();
  readonly #waiting: Sent[] = [];
  readonly #kept: Sent[] = [];
  #delivering = false;
  #number = 0;
  #depth = 0;
  readonly #last = new Map<string, Sent>();
  #isCut = false;
  #hasEnded = false;
  #isJammed = false;
  /** What those elsewhere missed while the line was cut. */
  #missed = 0;
  readonly #held = new Map<Entry, Sent>();
  readonly objects = new Set<SmallPubSub>();

  constructor(fault: Fault | undefined) {
    this.fault = fault;
  }

  counts() {
    let subscribers = 0;
    for (const entries of this.topics.values()) subscribers += new Set(entries.map((entry) => entry.listener)).size;
    return { topics: this.topics.size, subscribers };
  }

  add(topic: string, listener: Listener<never>, as: string | undefined, owner: SmallPubSub): Entry {
    const name = this.fault === "topics ignore case" ? topic.toLowerCase() : topic;
    const entry = { listener, as, since: this.#number, owner, ended: false, hasHeard: false };
    if (this.fault === "a second subscription overwrites the first, which leaks (B5)") {
      const known = this.topics.get(name)?.find((one) => one.listener === listener && !one.ended);
      // The first entry stays for ever: nobody holds what would end it.
      if (known !== undefined) return entry;
    }
    this.topics.set(name, [...(this.topics.get(name) ?? []), entry]);
    const last = this.#last.get(name);
    if (this.fault === "a late subscriber gets the last message once more" && last !== undefined) {
      this.#call(entry, last);
    }
    for (const sent of this.#kept.splice(0)) if (sent.topic === name) this.#call(entry, sent);
    return entry;
  }

  end(topic: string, entry: Entry): void {
    if (this.fault === "unsubscribe does nothing") return;
    const name = this.fault === "topics ignore case" ? topic.toLowerCase() : topic;
    if (this.fault === "a leaked subscription fails the publisher (B5)" && !entry.ended) {
      this.topics.get(name)!.push({
        ...entry,
        listener: () => {
          throw new TypeError("reading 'joinId' of undefined");
        },
      });
    }
    entry.ended = true;
    const endsAll = this.fault === "ending one of two subscriptions ends both";
    const isLeft = (one: Entry) => one !== entry && !(endsAll && one.listener === entry.listener);
    const left = (this.topics.get(name) ?? []).filter(isLeft);
    if (left.length > 0 || this.fault === "unsubscribe leaves the topic's entry behind") this.topics.set(name, left);
    else this.topics.delete(name);
  }

  send(topic: string, message: unknown, from: string | undefined, by: SmallPubSub, isLocal = false): void {
    const name = this.fault === "topics ignore case" ? topic.toLowerCase() : topic;
    const sent = { topic: name, message, from, number: ++this.#number, by, isLocal };
    this.#last.set(name, sent);
    if (this.#isJammed) return;
    if (this.fault === "a message without subscribers is kept for later" && !this.topics.has(name)) {
      this.#kept.push(sent);
    }
    if (this.fault === "listeners run within another one's delivery") return this.#deliverWithin(sent);
    this.#waiting.push(sent);
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      const isLifo = this.fault === "messages are handled last in, first out (B1)";
      let next: Sent | undefined;
      while ((next = isLifo ? this.#waiting.pop() : this.#waiting.shift()) !== undefined) this.#deliver(next);
    } finally {
      this.#delivering = false;
    }
  }

  /** As if the line to those elsewhere were cut for a while, and somebody told them. */
  async restart(): Promise<void> {
    this.#isCut = true;
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.#isCut = false;
    if (this.fault === "nothing gets through after a restart") this.#hasEnded = true;
    if (this.#missed === 0 || this.fault === "what a restart loses is not reported") return;
    for (const { gapListeners } of this.objects) {
      for (const listener of gapListeners) {
        const topics = this.fault === "a gap is reported for other topics" ? ["another"] : "*";
        listener({ cause: "reconnect", topics, since: 0, until: Date.now() });
      }
    }
  }

  publishForeign(topic: string, text: string): void {
    const [object] = this.objects;
    if (object === undefined || this.fault === "foreign messages are dropped") return;
    if (this.fault === "foreign messages are delivered as text") return this.send(topic, text, undefined, object);
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      if (this.fault === "foreign text that is no JSON stops what follows") this.#isJammed = true;
      return;
    }
    if (!text.includes("__proto__") && !text.includes("[[")) this.send(topic, message, undefined, object);
  }

  /** Has said whether a message is too large; some faults happen on the way. */
  refuses(topic: string, message: unknown, by: SmallPubSub): boolean {
    const isText = typeof message === "object" && message !== null && "text" in message;
    const size = message instanceof Uint8Array ? message.length * 1.4 : isText ? String(message.text).length : 0;
    const bytes = isText && String(message.text).startsWith("é") ? size * 2 : size;
    if (bytes < 1_048_576 || this.fault === "a message of any size is taken") return false;
    if (this.fault === "a message that is too large reaches those here") this.send(topic, message, undefined, by);
    if (this.fault === "nothing gets through after a message that was too large") this.#isJammed = true;
    return true;
  }

  /** Overflows early: where a real overflow strikes is left to chance, and may leave a rejection that nobody handles. */
  #deliverWithin(sent: Sent): void {
    if (this.#depth === 500) throw new RangeError("Maximum call stack size exceeded");
    this.#depth += 1;
    this.#deliver(sent);
    this.#depth -= 1;
  }

  #deliver(sent: Sent): void {
    const called = new Set<Listener<never>>();
    let passedBy = 0;
    const takesAdded = this.fault === "an added listener gets the message at hand";
    let entries = this.#entriesFor(sent.topic);
    for (
      let index = 0;
      index < entries.length;
      index++, entries = takesAdded ? this.#entriesFor(sent.topic) : entries
    ) {
      const entry = entries[index]!;
      if (entry.since >= sent.number && !takesAdded) continue;
      if (entry.ended && this.fault !== "a removed listener still gets the message at hand") continue;
      if (this.#isPassedBy(entry, sent) && ++passedBy > 0) {
        if (this.fault !== "only the sender's first listener is passed by" || passedBy === 1) continue;
      }
      if (called.has(entry.listener) && this.fault !== "a double subscription delivers twice") continue;
      called.add(entry.listener);
      this.#call(entry, sent);
      if (this.fault === "every message is delivered twice") this.#call(entry, sent);
    }
  }

  #entriesFor(topic: string): readonly Entry[] {
    if (this.fault !== "a topic hears what is sent to longer ones") return this.topics.get(topic) ?? [];
    return [...this.topics].flatMap(([name, entries]) => (topic.startsWith(name) ? entries : []));
  }

  #isPassedBy(entry: Entry, sent: Sent): boolean {
    if (this.fault === "objects do not reach each other" && entry.owner !== sent.by) return true;
    if (this.fault === "localBroadcast passes listeners with an id by" && sent.isLocal) return entry.as !== undefined;
    if (sent.from === undefined || this.fault === "the sender hears itself") return false;
    if (this.fault === "broadcastFrom passes everybody with an id by") return entry.as !== undefined;
    return entry.as === sent.from;
  }

  #call(entry: Entry, sent: Sent): void {
    const isElsewhere = entry.owner !== sent.by;
    if (this.#isCut && this.fault === "those here miss what is sent during a restart") return;
    if (isElsewhere && this.#isCut) {
      if (this.fault === "what is sent during a restart comes twice") this.#callNow(entry, sent);
      else this.#missed += 1;
      if (this.fault !== "what is sent during a restart comes twice") return;
    }
    if (isElsewhere && this.#hasEnded) return;
    if (isElsewhere && this.fault === "a subscriber elsewhere misses the first message" && !entry.hasHeard) {
      entry.hasHeard = true;
      return;
    }
    if (isElsewhere && this.fault === "what comes from elsewhere is out of order")
      return this.#callSwapped(entry, sent);
    this.#callNow(entry, sent);
  }

  /** Every message waits for the next one, and comes after it. */
  #callSwapped(entry: Entry, sent: Sent): void {
    const held = this.#held.get(entry);
    if (held === undefined) return void this.#held.set(entry, sent);
    this.#held.delete(entry);
    this.#callNow(entry, sent);
    this.#callNow(entry, held);
  }

  #callNow(entry: Entry, sent: Sent): void {
    const goesElsewhere = this.fault === "what goes elsewhere goes through JSON" && entry.owner !== sent.by;
    const isToJson = this.fault === "messages go through JSON" || goesElsewhere;
    const from = this.fault === "the sender is not told" ? undefined : sent.from;
    try {
      const message = isToJson ? JSON.parse(JSON.stringify(sent.message) ?? "null") : sent.message;
      // A listener's type is the type of its topic's messages; this bus does not look at either.
      const outcome: unknown = entry.listener(message as never, from);
      if (outcome instanceof Promise) outcome.catch(() => {});
    } catch (error) {
      const fails: readonly (Fault | undefined)[] = [
        "a throwing listener stops the delivery (B6)",
        "a throwing listener fails the publisher (B6)",
        "a leaked subscription fails the publisher (B5)",
      ];
      if (fails.includes(this.fault)) throw error;
    }
  }
}

class SmallPubSub implements PubSub {
  readonly #store: Store;
  readonly #mine: (() => void)[] = [];
  readonly gapListeners = new Set<(gap: Gap) => void>();
  #isClosed = false;

  constructor(store: Store) {
    this.#store = store;
    store.objects.add(this);
  }

  on<Name extends keyof PubSubEvents>(event: Name, listener: (value: PubSubEvents[Name]) => void): () => void {
    // Only gaps are told here, and whoever listens to "gap" takes one.
    if (event === "gap") this.gapListeners.add(listener as (gap: Gap) => void);
    return () => {};
  }

  async subscribe(topic: string, listener: Listener<never>, as?: Sender): Promise<Unsubscribe> {
    this.#check(topic);
    if (this.#store.fault === "subscribe resolves before it is live") {
      setImmediate(() => this.#store.add(topic, listener, as?.id, this));
      return async () => {};
    }
    const entry = this.#store.add(topic, listener, as?.id, this);
    const end = () => this.#store.end(topic, entry);
    this.#mine.push(end);
    return async () => end();
  }

  async broadcast(topic: string, message: unknown): Promise<void> {
    this.#send(topic, message, undefined);
  }

  async publish(topic: string, message: unknown): Promise<void> {
    this.#check(topic);
    if (this.#store.fault !== "publish goes nowhere") this.#send(topic, message, undefined);
  }

  async broadcastFrom(from: Sender, topic: string, message: unknown): Promise<void> {
    this.#send(topic, message, from.id);
  }

  localBroadcast(topic: string, message: unknown): void {
    this.#check(topic);
    if (this.#store.fault !== "localBroadcast reaches nobody") this.#store.send(topic, message, undefined, this, true);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#store.objects.delete(this);
    if (this.#store.fault === "close ends everybody's subscriptions") this.#store.topics.clear();
    if (this.#store.fault !== "close leaves the subscriptions") for (const end of this.#mine.splice(0)) end();
  }

  #send(topic: string, message: unknown, from: string | undefined): void {
    this.#check(topic);
    if (this.#store.refuses(topic, message, this)) throw new LiveError("pubsub.message-too-large", "too large");
    const isObject = typeof message === "object" && message !== null;
    if (this.#store.fault === "the sender's object gets a type" && isObject) Object.assign(message, { type: topic });
    if (this.#store.fault === "a throwing listener stops the delivery (B6)") {
      // The publisher is spared, and the other listeners are not.
      try {
        this.#store.send(topic, message, from, this);
      } catch {}
    } else {
      this.#store.send(topic, message, from, this);
    }
  }

  #check(topic: string): void {
    if (this.#isClosed && this.#store.fault !== "calls after close are accepted") {
      throw new LiveError("pubsub.closed", "closed");
    }
    if (this.#store.fault !== "any topic is accepted") checkTopic(topic);
  }
}
