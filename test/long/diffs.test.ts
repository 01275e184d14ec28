import fc from "fast-check";
import { describe, it } from "vitest";
import { expectClientFollows } from "../support/page-sequences.ts";
import { pageSequence } from "../support/random-pages.ts";

// src/diff/client-merge.test.ts with more runs: some tens of seconds.

describe("the official client, over many thousand random sequences", () => {
  it.each([true, false])("shows what a fresh render gives, after every diff (development checks: %s)", (checks) => {
    fc.assert(
      fc.property(pageSequence, (sequence) => expectClientFollows(sequence, { checks })),
      { numRuns: 20_000 },
    );
  });
});
