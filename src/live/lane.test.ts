import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lane } from "./lane.ts";

describe("Lane", () => {
  it("gives back what it was given, in that order", () => {
    const lane = new Lane<string>();
    lane.push("a");
    lane.push("b");
    expect([lane.length, lane.peek(), lane.shift(), lane.shift(), lane.shift(), lane.length]).toEqual([
      2,
      "a",
      "a",
      "b",
      undefined,
      0,
    ]);
  });

  it("keeps lanes apart that were empty", () => {
    const [one, other] = [new Lane<number>(), new Lane<number>()];
    one.push(1);
    expect([one.length, other.length, other.shift()]).toEqual([1, 0, undefined]);
  });

  it("behaves as an array does, through thousands of pushes, shifts and clears", () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ push: fc.nat(3_000) }) },
      { weight: 5, arbitrary: fc.record({ shift: fc.nat(3_000) }) },
      { weight: 1, arbitrary: fc.constant({ clear: true }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const lane = new Lane<number>();
        const model: number[] = [];
        let next = 0;
        for (const action of steps) {
          if ("push" in action) {
            for (let count = 0; count < action.push; count++) {
              lane.push(next);
              model.push(next++);
            }
          } else if ("shift" in action) {
            for (let count = 0; count < action.shift && count <= model.length; count++) {
              if (lane.shift() !== model.shift()) throw new Error("another item");
            }
          } else {
            lane.clear();
            model.length = 0;
          }
          expect(lane.length).toBe(model.length);
          expect(lane.peek()).toBe(model[0]);
        }
      }),
      { numRuns: 50 },
    );
  });
});
