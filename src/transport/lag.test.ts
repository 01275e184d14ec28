import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lag } from "./lag.ts";

const KB = 1024;

describe("Lag", () => {
  it("pings after 32 KB of frames", () => {
    const lag = new Lag();
    expect([lag.sent(16 * KB, 0), lag.sent(16 * KB - 1, 1), lag.sent(1, 2)]).toEqual([false, false, true]);
  });

  it("pings after a second while frames flow, and not for silence", () => {
    const lag = new Lag();
    expect(lag.isPingDue(60_000)).toBe(false);
    expect([lag.sent(10, 60_000), lag.sent(10, 60_999), lag.sent(10, 61_000)]).toEqual([false, false, true]);
  });

  it("has a ping due, a second later, for the last frame before a silence", () => {
    const lag = new Lag();
    lag.sent(10, 0);
    expect([lag.isPingDue(999), lag.isPingDue(1000)]).toEqual([false, true]);
  });

  it("spreads the pings of connections by a quarter of a second to either side", () => {
    const early = new Lag(undefined, 0);
    const late = new Lag(undefined, 1);
    early.sent(10, 0);
    late.sent(10, 0);
    expect([early.isPingDue(749), early.isPingDue(750)]).toEqual([false, true]);
    expect([late.isPingDue(1249), late.isPingDue(1250)]).toEqual([false, true]);
  });

  it("has one ping on its way at most", () => {
    const lag = new Lag();
    expect(lag.sent(40 * KB, 0)).toBe(true);
    expect(lag.pinged(0)).toBe(1);
    expect(lag.sent(40 * KB, 5_000)).toBe(false);
    expect(lag.answered(1, 5_001)).toBe(true);
    expect(lag.pinged(5_001)).toBe(2);
  });

  it("finds a client lagging with more than 64 KB unsent, whatever it has answered", () => {
    const lag = new Lag();
    expect(lag.isLagging(64 * KB, 0)).toBe(false);
    expect(lag.isLagging(64 * KB + 1, 0)).toBe(true);
  });

  it("finds a client lagging with more than 64 KB sent after the ping that it answered last", () => {
    const lag = new Lag();
    lag.sent(40 * KB, 0);
    const sequence = lag.pinged(0);
    lag.sent(24 * KB, 1);
    expect(lag.isLagging(0, 1)).toBe(false);
    lag.sent(1, 2);
    expect(lag.isLagging(0, 2)).toBe(true);
    lag.answered(sequence, 3);
    expect(lag.isLagging(0, 3)).toBe(false);
  });

  it("finds a client lagging that has not answered for 2 s, even for a few bytes", () => {
    const lag = new Lag();
    lag.sent(10, 0);
    const sequence = lag.pinged(1000);
    expect(lag.isLagging(0, 3000)).toBe(false);
    expect(lag.isLagging(0, 3001)).toBe(true);
    lag.answered(sequence, 3002);
    expect(lag.isLagging(0, 3002)).toBe(false);
  });

  it("never finds a client lagging that gets a frame now and then and answers", () => {
    const lag = new Lag();
    for (let now = 0; now < 600_000; now += 7_300) {
      if (lag.sent(500, now)) expect(lag.answered(lag.pinged(now), now + 150)).toBe(false);
      expect(lag.isLagging(0, now + 200)).toBe(false);
    }
  });

  it("lets a client that answered late go on only when it has answered for all that was sent", () => {
    const lag = new Lag();
    lag.sent(10, 0);
    const first = lag.pinged(1000);
    lag.sent(10, 1500);
    expect(lag.answered(first, 9000)).toBe(true);
    expect(lag.isLagging(0, 9000)).toBe(true);
    const second = lag.pinged(9000);
    expect(lag.isLagging(0, 9000)).toBe(true);
    expect(lag.answered(second, 15_000)).toBe(false);
    expect(lag.isLagging(0, 15_000)).toBe(false);
  });

  it("ignores answers to pings that were never sent, or answered before", () => {
    const lag = new Lag();
    lag.sent(40 * KB, 0);
    const sequence = lag.pinged(0);
    lag.sent(40 * KB, 1);
    expect(lag.answered(sequence + 1, 2)).toBe(false);
    expect(lag.answered(0, 2)).toBe(false);
    expect(lag.isLagging(0, 2)).toBe(true);
    expect(lag.answered(sequence, 3)).toBe(true);
    expect(lag.answered(sequence, 4)).toBe(false);
  });

  it("says for how long a client has lagged, and starts anew once it did not", () => {
    const lag = new Lag();
    expect(lag.laggingMs(0, 50)).toBe(0);
    lag.isLagging(70 * KB, 100);
    expect(lag.laggingMs(70 * KB, 900)).toBe(800);
    expect(lag.laggingSinceMs).toBe(100);
    expect(lag.laggingMs(0, 1000)).toBe(0);
    expect(lag.laggingSinceMs).toBe(-1);
    expect(lag.laggingMs(70 * KB, 1100)).toBe(0);
  });

  it("never holds a client back for ever that answers every ping", () => {
    const step = fc.record({ wait: fc.nat({ max: 4000 }), bytes: fc.nat({ max: 80 * KB }), answers: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lag = new Lag();
        let now = 0;
        let awaited: number | undefined;
        const pingIf = (isDue: boolean) => {
          if (isDue) awaited = lag.pinged(now);
        };
        const answer = () => {
          const sequence = awaited;
          awaited = undefined;
          if (sequence !== undefined) pingIf(lag.answered(sequence, now));
        };
        for (const { wait, bytes, answers } of steps) {
          now += wait;
          if (!lag.isLagging(0, now)) pingIf(lag.sent(bytes, now));
          if (answers) answer();
        }
        // From here on it answers all, and it is asked once a second.
        for (let second = 0; second < 4; second++) {
          now += 1000;
          pingIf(lag.isPingDue(now));
          answer();
        }
        expect(lag.isLagging(0, now)).toBe(false);
      }),
    );
  });

  it("bounds what is on its way to a client that reads slowly, and lets it have the latest", () => {
    const lag = new Lag();
    const perMs = 2; // it reads 2 bytes a millisecond and is sent 20
    const wire: { bytes: number; ping: number }[] = [];
    let queued = 0;
    let most = 0;
    let frames = 0;
    for (let now = 0; now < 300_000; now += 50) {
      if (!lag.isLagging(0, now)) {
        frames++;
        queued += 1000;
        wire.push({ bytes: 1000, ping: lag.sent(1000, now) ? lag.pinged(now) : 0 });
      }
      most = Math.max(most, queued);
      for (let budget = perMs * 50; budget > 0 && wire[0] !== undefined;) {
        const read = Math.min(budget, wire[0].bytes);
        wire[0].bytes -= read;
        budget -= read;
        queued -= read;
        if (wire[0].bytes > 0) continue;
        const { ping = 0 } = wire.shift() ?? {};
        if (ping > 0 && lag.answered(ping, now)) wire.push({ bytes: 0, ping: lag.pinged(now) });
      }
    }
    expect(most).toBeLessThan(100 * KB);
    expect(frames * 1000).toBeGreaterThan(300_000 * perMs * 0.8); // it is kept busy for most of the time
  });
});
