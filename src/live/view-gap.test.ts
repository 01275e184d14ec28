import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GapCause } from "../pubsub/gap.ts";
import { mergeGaps, type ViewGap } from "./view-gap.ts";

const lost: ViewGap = { cause: "reconnect", topics: ["a", "b"], since: 100, until: 200, missed: 3 };
const anyGap: fc.Arbitrary<ViewGap> = fc.record({
  cause: fc.constantFrom<GapCause>("reconnect", "watchdog", "sequence", "publish", "overflow"),
  topics: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }),
  since: fc.nat(1_000),
  until: fc.nat(1_000),
  missed: fc.option(fc.nat(10), { nil: undefined }),
});

describe("mergeGaps", () => {
  it("covers the time and the topics of both, each topic once, and counts what both missed", () => {
    const later: ViewGap = { cause: "sequence", topics: ["b", "c"], since: 150, until: 300, missed: 2 };
    expect(mergeGaps(lost, later)).toEqual({
      cause: "sequence",
      topics: ["a", "b", "c"],
      since: 100,
      until: 300,
      missed: 5,
    });
  });

  it("does not know how many are missing if that is not known of one of them", () => {
    expect(mergeGaps(lost, { ...lost, missed: undefined }).missed).toBeUndefined();
    expect(mergeGaps({ ...lost, missed: undefined }, lost).missed).toBeUndefined();
  });

  it("makes no difference by which two of three are merged first", () => {
    fc.assert(
      fc.property(anyGap, anyGap, anyGap, (one, two, three) => {
        expect(mergeGaps(mergeGaps(one, two), three)).toEqual(mergeGaps(one, mergeGaps(two, three)));
      }),
    );
  });
});
