import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { loadLibraries } from "../../src/testing/libraries.ts";
import { board } from "../support/stream-boards.ts";
import { expectPageFollows } from "../support/stream-pages.ts";

// src/testing/stream-patch.test.ts with more runs: a minute or so.

beforeAll(async () => {
  await loadLibraries();
});

describe("streams on a page, over many thousand random boards", () => {
  it("show what a model shows to which everything happens on its own, however it is put into turns", () => {
    fc.assert(
      fc.property(board, (sequence) => expectPageFollows(sequence)),
      { numRuns: 20_000 },
    );
  });
});
