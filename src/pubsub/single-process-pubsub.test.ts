import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { pubSubContract } from "../testing/pubsub-contract.ts";
import type { PubSub } from "./pubsub.ts";
import { SingleProcessPubSub } from "./single-process-pubsub.ts";
import { topic } from "./topic.ts";

const silent = { onError: () => {} };

describe("SingleProcessPubSub, the bus of the process", () => {
  pubSubContract(
    () => new SingleProcessPubSub(silent),
    { it },
    {
      counts: (pubSub) => pubSub.counts,
      gaps: { largest: "a message stays where it is, so its size is the sender's own affair" },
    },
  );
});

describe("SingleProcessPubSub, isolated", () => {
  pubSubContract(
    () => new SingleProcessPubSub({ isolated: true, ...silent }),
    { it, skip: it.skip },
    {
      counts: (pubSub) => pubSub.counts,
      gaps: { connected: "an isolated bus belongs to one object, that is its purpose" },
    },
  );
});

describe("SingleProcessPubSub", () => {
  it("is the same bus wherever it is made, so that a module can make its own", async () => {
    const received: unknown[] = [];
    const app = new SingleProcessPubSub();
    await app.subscribe("counter", (message) => received.push(message));
    await new SingleProcessPubSub().broadcast("counter", { count: 1 });
    await new SingleProcessPubSub({ isolated: true }).broadcast("counter", { count: 2 });
    await app.close();
    expect(received).toEqual([{ count: 1 }]);
  });

  it("delivers the very object that was sent, before broadcast returns", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const received: unknown[] = [];
    await pubSub.subscribe("room", (message) => received.push(message));
    const sent = { type: "said", at: new Date(0) };
    void pubSub.broadcast("room", sent);
    expect(received[0]).toBe(sent);
  });

  it("ends on close only what was subscribed through it, though the listener is the same", async () => {
    const [mine, theirs] = [new SingleProcessPubSub(), new SingleProcessPubSub()];
    const received: unknown[] = [];
    const listener = (message: unknown) => received.push(message);
    await mine.subscribe("room", listener);
    await theirs.subscribe("room", listener);
    await mine.close();
    await theirs.broadcast("room", "still here");
    await theirs.close();
    expect(received).toEqual(["still here"]);
  });

  it("reports a listener's failure to the object it subscribed through", async () => {
    const [mine, theirs] = [vi.fn(), vi.fn()];
    const pubSub = new SingleProcessPubSub({ onError: mine });
    const other = new SingleProcessPubSub({ onError: theirs });
    await pubSub.subscribe("room", () => {
      throw new Error("boom");
    });
    await other.broadcast("room", "hello");
    await Promise.all([pubSub.close(), other.close()]);
    expect(mine.mock.calls).toEqual([[expect.objectContaining({ code: "pubsub.listener-failed" }), { topic: "room" }]]);
    expect(theirs).not.toHaveBeenCalled();
  });

  it("holds on to no listener that has unsubscribed", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    const pubSub = new SingleProcessPubSub();
    const subscribeAndEnd = async () => {
      const listener = () => {};
      const unsubscribe = await pubSub.subscribe("room", listener);
      await unsubscribe();
      return new WeakRef(listener);
    };
    const gone = await subscribeAndEnd();
    // A WeakRef keeps its target until the current job is over.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(gone.deref()).toBeUndefined();
    await pubSub.close();
  });

  it("allocates no promise per message", () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    expect(pubSub.broadcast("room", 1)).toBe(pubSub.broadcastFrom({ id: "ada" }, "room", 2));
  });

  it("types messages by the topic", async () => {
    const pubSub: PubSub = new SingleProcessPubSub({ isolated: true });
    const room = topic<{ type: "said"; text: string }>("chat:typed-messages");
    await pubSub.subscribe(room, (message) => expectTypeOf(message).toEqualTypeOf<{ type: "said"; text: string }>());
    await pubSub.subscribe("chat:plain", (message) => expectTypeOf(message).toBeUnknown());
    await pubSub.broadcast(room, { type: "said", text: "hello" });
    await pubSub.broadcast("chat:plain", 42);
    // @ts-expect-error Property 'text' is missing
    await pubSub.broadcast(room, { type: "said" });
    // @ts-expect-error Property 'text' is missing
    await pubSub.broadcastFrom({ id: "ada" }, room, { type: "said" });
  });

  it("satisfies the declared constructor", () => {
    expectTypeOf(SingleProcessPubSub).toExtend<new (options?: { isolated?: boolean }) => PubSub>();
  });
});
