import assert from "node:assert/strict";
import { SingleProcessPubSub } from "wingbeat";
import { pubSubContract } from "wingbeat/testing";
import { countTogether, loseTheLine } from "./counter.ts";

Deno.test("everybody sees the count", async () => {
  assert.deepEqual(await countTogether(), { ada: "Count is: 1", grace: "Count is: 1" });
});

Deno.test("a page comes back", async () => {
  assert.equal(await loseTheLine(), "Count is: 2 +");
});

pubSubContract(
  () => new SingleProcessPubSub({ isolated: true, onError: () => {} }),
  { it: Deno.test },
  {
    gaps: { connected: "an isolated bus reaches nobody else" },
  },
);
