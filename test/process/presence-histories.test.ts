import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL_LAYERS, type SafetyLayers } from "../../src/presence/state.ts";
import { describeHistories, runHistories } from "../chaos/presence.ts";
import { histories, play, type History } from "../support/presence-simulation.ts";

/** The first history, within so many, in which a promise does not hold when these layers are off. */
function firstBreach(off: readonly (keyof SafetyLayers)[], changes: Partial<History>, runs = 500): string | undefined {
  const safety: SafetyLayers = { ...ALL_LAYERS, ...Object.fromEntries(off.map((layer) => [layer, false])) };
  let breach: string | undefined;
  fc.check(
    fc.property(histories, (history) => {
      breach = play({ ...history, ...changes }, safety);
      return breach === undefined;
    }),
    { numRuns: runs, seed: 1, endOnFailure: true },
  );
  return breach;
}

/** Nothing is altered on the way: then every message that arrives is true. */
const UNALTERED = { corruption: 0 };

describe("presences", () => {
  it("converge through 1 500 random histories of loss, duplicates, disorder, partitions, crashes and restarts", () => {
    const { histories: count, failure } = runHistories({ histories: 1_500, seed: 20_260_101 });
    expect(failure).toBeUndefined();
    expect(count).toBe(1_500);
  });
});

describe("a history in which a promise does not hold", () => {
  const safety: SafetyLayers = { ...ALL_LAYERS, down: false };

  it("is made small, and played again by the seed and the path that are printed", () => {
    const found = runHistories({ histories: 100, seed: 7, safety });
    const { failure } = found;
    expect(failure?.breach).toMatch(/^I[13]:/);
    expect(failure?.replay).toBe(`npm run chaos -- presence --seed 7 --path ${failure?.path}`);
    expect(describeHistories(found)).toContain(failure?.replay);
    const again = runHistories({ histories: 1, seed: 7, path: failure?.path, safety }).failure;
    expect([again?.history, again?.breach]).toEqual([failure?.history, failure?.breach]);
  });
});

describe("without one of the layers that keep lists right, the promises do not hold:", () => {
  it("down: the dead stay listed", () => {
    expect(firstBreach(["down"], UNALTERED)).toMatch(/^I[13]:/);
  });

  it("tombstones: what comes after a goodbye is believed", () => {
    expect(firstBreach(["tombstones"], UNALTERED)).toMatch(/^I3: a join after the goodbye/);
  });

  it("digest: a message that was altered on the way is never noticed", () => {
    expect(firstBreach(["digest"], { corruption: 0.05 })).toMatch(/^I1:/);
  });

  it("gaps: what was lost is never noticed, if no digest tells", () => {
    expect(firstBreach(["gaps", "digest"], UNALTERED)).toMatch(/^I1:/);
  });

  it("dedup: what was undone is done again, if no digest tells", () => {
    expect(firstBreach(["dedup", "digest"], UNALTERED)).toMatch(/^I1:/);
  });
});

describe("with the digest on, it stands in", () => {
  it.each(["gaps", "dedup"] as const)("for %s", (layer) => {
    expect(firstBreach([layer], UNALTERED, 200)).toBeUndefined();
  });
});
