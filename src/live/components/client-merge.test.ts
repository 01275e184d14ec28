import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { componentSequence, expectClientFollowsComponents } from "../../../test/support/component-sequences.ts";
import { loadLibraries } from "../../testing/libraries.ts";

// The long version of this property is test/long/components.test.ts.

beforeAll(loadLibraries);

describe("the official client", () => {
  it("shows what a fresh render gives, whatever happens to live components", () => {
    fc.assert(
      fc.property(componentSequence, (sequence) => expectClientFollowsComponents(sequence)),
      { numRuns: 50 },
    );
  }, 60_000);
});
