import { describe, expect, it } from "vitest";
import { LoopClock } from "./redis-loop-clock.ts";

describe("LoopClock", () => {
  it("goes with the time that has passed, from tick to tick", () => {
    const clock = new LoopClock(250, 1_000);
    expect(clock.now).toBe(0);
    clock.tick(1_250);
    clock.tick(1_510);
    expect(clock.now).toBe(510);
  });

  it("stands still while the process is blocked: a late tick counts as two", () => {
    const clock = new LoopClock(250, 0);
    clock.tick(20_000);
    expect(clock.now).toBe(500);
    clock.tick(20_250);
    expect(clock.now).toBe(750);
  });
});
