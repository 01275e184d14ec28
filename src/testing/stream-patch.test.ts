import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { board } from "../../test/support/stream-boards.ts";
import { expectPageFollows } from "../../test/support/stream-pages.ts";
import { loadLibraries } from "./libraries.ts";

beforeAll(async () => {
  await loadLibraries();
});

// The long version of this property is test/long/streams.test.ts.

describe("streams on a page", () => {
  it("show what a model shows to which everything happens on its own, however it is put into turns", () => {
    fc.assert(
      fc.property(board, (sequence) => expectPageFollows(sequence)),
      { numRuns: 75 },
    );
  });
});
