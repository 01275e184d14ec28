import { describe, expect, it } from "vitest";
import { pubSubContract } from "../testing/pubsub-contract.ts";
import { BroadcastChannelPubSub } from "./broadcast-channel-pubsub.ts";

const silent = (): void => {};

describe("BroadcastChannelPubSub", () => {
  pubSubContract(
    () => new BroadcastChannelPubSub({ name: "contract", onError: silent }),
    { it },
    { counts: (pubSub) => pubSub.counts },
  );

  it("reaches those of the same name only", async () => {
    const open = (name: string) => new BroadcastChannelPubSub({ name });
    const [here, there, elsewhere] = [open("one"), open("one"), open("two")];
    const received: unknown[] = [];
    await there.subscribe("room", (message) => received.push(message));
    await elsewhere.subscribe("room", () => received.push("elsewhere"));
    await here.broadcast("room", "hello");
    await expect.poll(() => received).toEqual(["hello"]);
    await Promise.all([here, there, elsewhere].map((pubSub) => pubSub.close()));
  });

  it("is connected at once", async () => {
    const pubSub = new BroadcastChannelPubSub({ name: "status" });
    expect(pubSub.status).toBe("connected");
    await pubSub.close();
  });

  it("delivers plain JSON that others post, drops what is none of ours, and reports that once", async () => {
    const errors: string[] = [];
    const pubSub = new BroadcastChannelPubSub({ name: "foreign", onError: ({ code }) => void errors.push(code) });
    const received: unknown[] = [];
    await pubSub.subscribe("room", (message) => received.push(message));
    const foreign = new BroadcastChannel("foreign");
    /* oxlint-disable unicorn/require-post-message-target-origin -- that is a window's */
    for (const junk of ["text", { room: 1 }, ["room"], ["room", 1], new Map()]) foreign.postMessage(junk);
    foreign.postMessage(["room", '{"type":"said","text":"hello"}', "elsewhere", '{"type":"unheard"}']);
    /* oxlint-enable unicorn/require-post-message-target-origin */
    await expect.poll(() => received).toEqual([{ type: "said", text: "hello" }]);
    expect(errors).toEqual(["pubsub.backplane"]);
    foreign.close();
    await pubSub.close();
  });

  it("says what to use where there is no BroadcastChannel", () => {
    const original = Object.getOwnPropertyDescriptor(globalThis, "BroadcastChannel");
    Reflect.deleteProperty(globalThis, "BroadcastChannel");
    try {
      expect(() => new BroadcastChannelPubSub()).toThrow(
        expect.objectContaining({
          code: "pubsub.backplane",
          message: expect.stringContaining("wingbeat/pubsub/cluster"),
        }),
      );
    } finally {
      Object.defineProperty(globalThis, "BroadcastChannel", original ?? {});
    }
  });
});
