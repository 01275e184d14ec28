import fc from "fast-check";
import { describe, it } from "vitest";
import { expectClientFollows } from "../../test/support/page-sequences.ts";
import { pageSequence } from "../../test/support/random-pages.ts";

// The long version of these properties is test/long/diffs.test.ts.

describe("the official client", () => {
  it("shows what a fresh render gives, after every diff of any sequence of pages", () => {
    fc.assert(
      fc.property(pageSequence, (sequence) => expectClientFollows(sequence, { checks: false })),
      { numRuns: 150 },
    );
  });

  it("shows the same with the development checks on, and none of them raises a false alarm", () => {
    fc.assert(
      fc.property(pageSequence, (sequence) => expectClientFollows(sequence, { checks: true })),
      { numRuns: 100 },
    );
  });
});
