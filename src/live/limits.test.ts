import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, resolveLimits } from "./limits.ts";
import type { LimitOptions } from "./limits.ts";

describe("limits", () => {
  it("are the defaults when an app sets none", () => {
    expect(resolveLimits(undefined)).toEqual(DEFAULT_LIMITS);
    expect(DEFAULT_LIMITS.maxMessageBytes).toBe(65_536);
  });

  it("keep the default of what is undefined, and of what is not named", () => {
    const limits = resolveLimits({ maxMessageBytes: 1_024, idleMs: undefined });
    expect(limits).toEqual({ ...DEFAULT_LIMITS, maxMessageBytes: 1_024 });
  });

  it("cannot be changed once the app has them", () => {
    expect(Object.isFrozen(resolveLimits({ idleMs: 5 }))).toBe(true);
    expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
  });

  it("refuse whatever is not a positive finite number, and say what the default is", () => {
    expect(() => resolveLimits({ idleMs: 0 })).toThrow(
      "limits.idleMs is 0; it must be a positive finite number. Leave it out for the default, 60000.",
    );
    expect(() => resolveLimits({ idleMs: Infinity })).toThrow("limits.idleMs is Infinity;");
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ max: 0 }), fc.string(), fc.constantFrom(NaN, -Infinity, null, true, [], {})),
        (bad) => {
          const given: unknown = { lagMs: bad };
          expect(() => resolveLimits(given as LimitOptions)).toThrow("limits.lagMs is ");
        },
      ),
    );
  });

  it("refuse a name that is no limit, also one that every object has", () => {
    const misspelt: unknown = { maxMessageByte: 1 };
    expect(() => resolveLimits(misspelt as LimitOptions)).toThrow("limits.maxMessageByte is not a limit.");
    const inherited: unknown = { constructor: 1 };
    expect(() => resolveLimits(inherited as LimitOptions)).toThrow("limits.constructor is not a limit.");
  });
});
