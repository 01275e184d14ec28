import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { loadLibraries } from "../../src/testing/libraries.ts";
import { expectMergeFollows, expectMorphFollows } from "../support/kit-pages.ts";
import { pageSequence } from "../support/random-pages.ts";

// Of src/testing/morph.test.ts and src/testing/merged-page.test.ts with more runs: a minute or so.

beforeAll(loadLibraries);

describe("the test kit, over many thousand random sequences", () => {
  it("morphs any page into what a fresh render of any other gives", () => {
    fc.assert(
      fc.property(pageSequence, (sequence) => expectMorphFollows(sequence)),
      { numRuns: 10_000 },
    );
  });

  it("shows what the official client shows, after every diff", () => {
    fc.assert(
      fc.property(pageSequence, (sequence) => expectMergeFollows(sequence)),
      { numRuns: 10_000 },
    );
  });
});
