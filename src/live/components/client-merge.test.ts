import fc from "fast-check";
import { describe, it } from "vitest";
import { componentSequence, expectClientFollowsComponents } from "../../../test/support/component-sequences.ts";

// The long version of this property is test/long/components.test.ts.

describe("the official client", () => {
  it("shows what a fresh render gives, whatever happens to live components", () => {
    fc.assert(
      fc.property(componentSequence, (sequence) => expectClientFollowsComponents(sequence)),
      { numRuns: 100 },
    );
  }, 60_000);
});
