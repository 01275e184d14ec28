import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { SingleProcessPubSub } from "wingbeat";
import { pubSubContract } from "wingbeat/testing";
import { countTogether, loseTheLine } from "./counter.ts";

void test("everybody sees the count", async () => {
  assert.deepEqual(await countTogether(), { ada: "Count is: 1", grace: "Count is: 1" });
});

void test("a page comes back", async () => {
  assert.equal(await loseTheLine(), "Count is: 2 +");
});

void describe("SingleProcessPubSub", () => {
  pubSubContract(
    () => new SingleProcessPubSub({ isolated: true, onError: () => {} }),
    {
      it: (title, run) => void it(title, run),
    },
    { gaps: { connected: "an isolated bus reaches nobody else" } },
  );
});
