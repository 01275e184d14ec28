import { afterEach, describe, expect, it, vi } from "vitest";
import { SingleProcessPubSub } from "wingbeat";
import { closePages, pubSubContract, visit } from "wingbeat/testing";
import { counterApp, countTogether, loseTheLine } from "./counter.ts";

afterEach(() => {
  vi.useRealTimers();
  closePages();
});

it("everybody sees the count", async () => {
  expect(await countTogether()).toEqual({ ada: "Count is: 1", grace: "Count is: 1" });
});

it("a page comes back", async () => {
  expect(await loseTheLine()).toBe("Count is: 2 +");
});

it("a line is slow, and the clock is the test's", async () => {
  vi.useFakeTimers();
  const page = await visit(counterApp(), "/counter");
  await page.line({ delay: 500 });
  await page.element("button").click();
  await vi.advanceTimersByTimeAsync(500);
  await page.settled();
  expect(page.element("h1").text()).toBe("Count is: 0");
  await vi.advanceTimersByTimeAsync(500);
  expect(page.element("h1").text()).toBe("Count is: 1");
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
