import { describe, expect, it } from "vitest";
import { Watchdog } from "./redis-watchdog.ts";

function started(): Watchdog {
  const watchdog = new Watchdog();
  watchdog.reset(0);
  return watchdog;
}

describe("Watchdog", () => {
  it("sends a probe at once, and then every half second", () => {
    const watchdog = started();
    const sent = [0, 250, 500, 750, 1_000].map((now) => watchdog.nextProbe(now, 0));
    expect(sent).toEqual(["1", undefined, "2", undefined, "3"]);
  });

  it("is content while probes return, and says when the last that did was sent", () => {
    const watchdog = started();
    for (let now = 0; now < 60_000; now += 500) {
      const text = watchdog.nextProbe(now, 1_700_000_000_000 + now) ?? "none was due";
      expect(watchdog.isDead(now + 400)).toBe(false);
      expect(watchdog.returned(text)).toBe(1_700_000_000_000 + now);
    }
  });

  it("takes the return of a later probe for that of the earlier ones, and knows none but its own", () => {
    const watchdog = started();
    watchdog.nextProbe(0, 100);
    watchdog.nextProbe(500, 600);
    expect(watchdog.returned("3")).toBeUndefined();
    expect(watchdog.returned("anything")).toBeUndefined();
    expect(watchdog.returned("2")).toBe(600);
    expect(watchdog.returned("1")).toBeUndefined();
    expect(watchdog.isDead(1_000_000)).toBe(false);
  });

  it("finds the connections dead when nothing comes in for three and a half seconds after a probe", () => {
    const watchdog = started();
    watchdog.nextProbe(1_000, 0);
    expect(watchdog.isDead(4_499)).toBe(false);
    expect(watchdog.isDead(4_500)).toBe(true);
  });

  it("waits while other messages come in, for the probe may stand behind them, but no longer than 15 seconds", () => {
    const watchdog = started();
    watchdog.nextProbe(0, 0);
    for (let now = 250; now < 15_000; now += 250) {
      watchdog.heard(now);
      expect(watchdog.isDead(now)).toBe(false);
    }
    watchdog.heard(15_000);
    expect(watchdog.isDead(15_000)).toBe(true);
  });

  it("blames nobody for what was on its way when the connections were made anew", () => {
    const watchdog = started();
    watchdog.nextProbe(0, 0);
    watchdog.reset(3_000);
    expect(watchdog.isDead(10_000)).toBe(false);
    expect(watchdog.returned("1")).toBeUndefined();
    expect(watchdog.nextProbe(3_000, 0)).toBe("2");
  });
});
