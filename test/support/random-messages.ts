import fc from "fast-check";
import { codePoint } from "./code-points.ts";

const key = fc
  .oneof(fc.string(), fc.constantFrom("type", "constructor", "toString", "1", "then"))
  .filter((name) => name !== "__proto__");

/** Anything that may be sent between processes, nested. */
export const messages: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: codePoint }),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom(null, undefined),
      fc.bigInt(),
      fc.date(),
      fc.uint8Array(),
      fc.float64Array(),
    ),
    fc.array(tie("value")),
    fc.dictionary(key, tie("value"), { noNullPrototype: true }),
    fc.array(fc.tuple(tie("value"), tie("value"))).map((entries) => new Map(entries)),
    fc.array(tie("value")).map((values) => new Set(values)),
  ),
})).value;
