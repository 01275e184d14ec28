import { describe, expect, it } from "bun:test";
import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";
import { pubSubContract } from "wingbeat/testing";
import { exchange } from "./exchange.ts";

describe("BroadcastChannelPubSub", () => {
  pubSubContract(
    () => new BroadcastChannelPubSub({ onError: () => {} }),
    { it },
    { counts: (pubSub) => pubSub.counts },
  );

  it("joins threads, of which one that ends harms nobody", async () => {
    const start = () => {
      const worker = new Worker(new URL("thread.ts", import.meta.url), { type: "module" });
      return () => worker.terminate();
    };
    const expected = { answered: 2_000, inOrder: true, floodIsWhole: true, gaps: [], errors: [] };
    expect(await exchange(start)).toEqual(expected);
  });
});
