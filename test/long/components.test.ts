import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { componentSequence, expectClientFollowsComponents } from "../support/component-sequences.ts";
import { loadLibraries } from "../../src/testing/libraries.ts";

// src/live/components/client-merge.test.ts with more runs: a minute or so.

beforeAll(loadLibraries);

describe("the official client, over many thousand random sequences of live components", () => {
  it("shows what a fresh render gives, whatever happens to them", () => {
    fc.assert(
      fc.property(componentSequence, (sequence) => expectClientFollowsComponents(sequence)),
      { numRuns: 20_000 },
    );
  });
});
