import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "./redis-backoff.ts";

describe("backoffMs", () => {
  it("doubles from 50 ms to a second", () => {
    const longest = () => 1;
    expect([0, 1, 2, 3, 4, 5, 6, 100].map((failures) => backoffMs(failures, longest))).toEqual([
      50, 100, 200, 400, 800, 1_000, 1_000, 1_000,
    ]);
  });

  it("is spread over its second half, so that many do not come at once", () => {
    expect(backoffMs(10, () => 0)).toBe(500);
    expect(backoffMs(10, () => 0.5)).toBe(750);
  });

  it("is at least 25 ms and at most a second, however often it failed", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, random) => {
        const ms = backoffMs(failures, () => random);
        return ms >= 25 && ms <= 1_000;
      }),
    );
  });
});
