import { describe, expect, it, test } from "bun:test";
import { SingleProcessPubSub } from "wingbeat";
import { pubSubContract } from "wingbeat/testing";
import { countTogether, loseTheLine } from "./counter.ts";

test("everybody sees the count", async () => {
  expect(await countTogether()).toEqual({ ada: "Count is: 1", grace: "Count is: 1" });
});

test("a page comes back", async () => {
  expect(await loseTheLine()).toBe("Count is: 2 +");
});

describe("SingleProcessPubSub", () => {
  pubSubContract(
    () => new SingleProcessPubSub({ isolated: true, onError: () => {} }),
    { it },
    {
      gaps: { connected: "an isolated bus reaches nobody else" },
    },
  );
});
