import { describe, expect, it } from "vitest";
import { sameValues, withValues } from "./context-values.ts";

describe("withValues", () => {
  const context = { count: 1, name: undefined, ratio: Number.NaN };

  it.each([[{}], [{ count: 1 }], [{ name: undefined, ratio: Number.NaN }]])(
    "leaves a context that has %o as it is",
    (values) => {
      expect(withValues(context, values)).toBe(context);
    },
  );

  it.each([
    [{ count: 2 }, { count: 2, name: undefined, ratio: Number.NaN }],
    [
      { count: 1, name: "Ada" },
      { count: 1, name: "Ada", ratio: Number.NaN },
    ],
  ])("makes a new one of %o", (values, expected) => {
    expect(withValues(context, values)).toEqual(expected);
    expect(context).toEqual({ count: 1, name: undefined, ratio: Number.NaN });
  });

  it("has a key that was not there, also with undefined", () => {
    expect(Object.keys(withValues(context, { city: undefined }))).toEqual(["count", "name", "ratio", "city"]);
  });
});

describe("sameValues", () => {
  const list = [1];

  it.each([
    [{}, {}, true],
    [{ list }, { list }, true],
    [{ list }, { list: [1] }, false],
    [{ list }, {}, false],
    [{}, { list }, false],
    [{ a: undefined }, { b: undefined }, false],
    [{ a: 0 }, { a: -0 }, false],
  ])("of %o and %o is %s", (a, b, expected) => {
    expect(sameValues(a, b)).toBe(expected);
  });
});
