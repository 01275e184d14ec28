import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

describe("TokenBucket", () => {
  it("allows its capacity at once and then its rate", () => {
    const bucket = new TokenBucket(2, 10, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
    expect(bucket.take(99)).toBe(false);
    expect([bucket.take(100), bucket.take(100)]).toEqual([true, false]);
  });

  it("saves up no more than its capacity", () => {
    const bucket = new TokenBucket(2, 10, 0);
    expect([bucket.take(60_000), bucket.take(60_000), bucket.take(60_000)]).toEqual([true, true, false]);
  });

  it("takes a larger cost at once or not at all", () => {
    const bucket = new TokenBucket(5, 1, 0);
    expect([bucket.take(0, 3), bucket.take(0, 3), bucket.take(0, 2)]).toEqual([true, false, true]);
  });

  it("gives nothing for a clock that goes back", () => {
    const bucket = new TokenBucket(1, 1000, 1000);
    expect([bucket.take(1000), bucket.take(0), bucket.take(1000), bucket.take(1001)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("never allows more than capacity and rate add up to", () => {
    const waits = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 }), (steps, capacity, rate) => {
        const bucket = new TokenBucket(capacity, rate, 0);
        let now = 0;
        let allowed = 0;
        for (const wait of steps) {
          now += wait;
          if (bucket.take(now)) allowed++;
        }
        expect(allowed).toBeLessThanOrEqual(capacity + (now * rate) / 1000 + 1e-6);
      }),
    );
  });
});
