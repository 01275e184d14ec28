import assert from "node:assert/strict";
import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";
import { pubSubContract } from "wingbeat/testing";
import { exchange } from "./exchange.ts";

pubSubContract(
  () => new BroadcastChannelPubSub({ onError: () => {} }),
  { it: Deno.test },
  { counts: (pubSub) => pubSub.counts },
);

Deno.test("threads hear each other, and one that ends harms nobody", async () => {
  const start = () => {
    const worker = new Worker(new URL("thread.ts", import.meta.url), { type: "module" });
    return () => worker.terminate();
  };
  assert.deepEqual(await exchange(start), { answered: 2_000, inOrder: true, floodIsWhole: true, gaps: [], errors: [] });
});
