import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lag } from "./lag.ts";

const KB = 1024;
const THRESHOLDS = { lagSoftBytes: 64 * KB, lagMs: 2000, lagPingBytes: 32 * KB, lagPingMs: 1000 };

describe("Lag", () => {
  it("pings after 32 KB of frames", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    expect([lag.sent(16 * KB, 0), lag.sent(16 * KB - 1, 1), lag.sent(1, 2)]).toEqual([false, false, true]);
  });

  it("pings after a second while frames flow", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    expect([lag.sent(10, 60_000), lag.sent(10, 60_999), lag.sent(10, 61_000)]).toEqual([false, false, true]);
  });

  it("spreads the pings of connections by a quarter of a second to either side", () => {
    const early = new Lag(THRESHOLDS, 0);
    const late = new Lag(THRESHOLDS, 1);
    expect([early.sent(10, 0), early.sent(10, 749), early.sent(10, 750)]).toEqual([false, false, true]);
    expect([late.sent(10, 0), late.sent(10, 1249), late.sent(10, 1250)]).toEqual([false, false, true]);
  });

  it("has one ping on its way at most, and the next one when that is answered", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    expect([lag.sent(40 * KB, 0), lag.sequence]).toEqual([true, 1]);
    expect([lag.sent(40 * KB, 1500), lag.sequence]).toEqual([false, 1]);
    expect([lag.answered(1, 1501), lag.sequence]).toEqual([true, 2]);
    expect([lag.answered(2, 1502), lag.sequence]).toEqual([false, 2]);
  });

  it("finds no client lagging that shows by what it sends that it reads, however late its answers are", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    lag.sent(40 * KB, 0);
    expect(lag.isLagging(0, 2_001)).toBe(true);
    lag.heard(2_002);
    expect([lag.isLagging(0, 2_003), lag.laggingSinceMs]).toEqual([false, -1]);
    expect(lag.isLagging(0, 4_003)).toBe(true);
    lag.sent(40 * KB, 4_004);
    lag.heard(9_000);
    // What is on its way is too much as ever, but since when counts from there.
    expect([lag.isLagging(0, 9_001), lag.laggingSinceMs]).toEqual([true, 9_000]);
  });

  it("finds a client lagging with more than 64 KB unsent, whatever it has answered", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    expect(lag.isLagging(64 * KB, 0)).toBe(false);
    expect(lag.isLagging(64 * KB + 1, 0)).toBe(true);
  });

  it("finds a client lagging with more than 64 KB sent after the ping that it answered last", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    lag.sent(40 * KB, 0);
    lag.sent(24 * KB, 1);
    expect(lag.isLagging(0, 1)).toBe(false);
    lag.sent(1, 2);
    expect(lag.isLagging(0, 2)).toBe(true);
    lag.answered(1, 3);
    expect(lag.isLagging(0, 3)).toBe(false);
  });

  it("goes on counting, after an answer, what was sent behind the ping that it answers", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    lag.sent(40 * KB, 0);
    lag.sent(24 * KB, 1);
    expect(lag.answered(1, 2)).toBe(false);
    lag.sent(40 * KB, 3);
    expect(lag.isLagging(0, 3)).toBe(false);
    lag.sent(1, 4);
    expect(lag.isLagging(0, 4)).toBe(true);
  });

  it("finds a client lagging that has not answered for 2 s, even for a few bytes", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    lag.sent(10, 0);
    lag.sent(10, 1000);
    expect(lag.isLagging(0, 3000)).toBe(false);
    expect(lag.isLagging(0, 3001)).toBe(true);
    lag.answered(1, 3002);
    expect(lag.isLagging(0, 3002)).toBe(false);
  });

  it("never finds a client lagging that gets a frame now and then and answers", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    const found: boolean[] = [];
    for (let now = 0; now < 600_000; now += 7_300) {
      if (lag.sent(500, now)) lag.answered(lag.sequence, now + 150);
      found.push(lag.isLagging(0, now + 200));
    }
    expect(lag.sequence).toBeGreaterThan(30);
    expect(found).not.toContain(true);
  });

  it("lets a client that answered late go on only when it has answered for all that was sent", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    lag.sent(10, 0);
    lag.sent(10, 1000);
    lag.sent(10, 1500);
    expect(lag.answered(1, 9000)).toBe(true);
    expect(lag.isLagging(0, 9000)).toBe(true);
    expect(lag.answered(2, 15_000)).toBe(false);
    expect(lag.isLagging(0, 15_000)).toBe(false);
  });

  it("ignores answers to pings that were never sent, or answered before", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    lag.sent(40 * KB, 0);
    lag.sent(40 * KB, 1);
    expect([lag.answered(2, 2), lag.answered(0, 2), lag.answered(-1, 2), lag.answered(Number.NaN, 2)]).not.toContain(
      true,
    );
    expect(lag.isLagging(0, 2)).toBe(true);
    expect(lag.answered(1, 3)).toBe(true);
    expect(lag.answered(1, 4)).toBe(false);
  });

  it("says since when a client has lagged, and starts anew once it did not", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    expect(lag.laggingSinceMs).toBe(-1);
    lag.isLagging(70 * KB, 100);
    lag.isLagging(70 * KB, 900);
    expect(lag.laggingSinceMs).toBe(100);
    lag.isLagging(0, 1000);
    expect(lag.laggingSinceMs).toBe(-1);
    lag.isLagging(70 * KB, 1100);
    expect(lag.laggingSinceMs).toBe(1100);
  });

  it("never holds a client back for ever that answers every ping, whatever the thresholds are", () => {
    const bytes = fc.integer({ min: 1, max: 80 * KB });
    const thresholds = fc.record({
      lagSoftBytes: bytes,
      lagPingBytes: bytes,
      lagMs: fc.integer({ min: 1, max: 3000 }),
      lagPingMs: fc.integer({ min: 1, max: 3000 }),
    });
    const step = fc.record({ wait: fc.nat({ max: 4000 }), bytes, mayWait: fc.boolean(), answers: fc.boolean() });
    fc.assert(
      fc.property(thresholds, fc.array(step, { maxLength: 60 }), (limits, steps) => {
        const lag = new Lag(limits, 0.5);
        let now = 0;
        let awaited = 0;
        const answer = () => {
          if (lag.answered(awaited, now)) awaited = lag.sequence;
        };
        for (const frame of steps) {
          now += frame.wait;
          // Some frames, such as replies, are sent to a client that lags too.
          if (!(frame.mayWait && lag.isLagging(0, now)) && lag.sent(frame.bytes, now)) awaited = lag.sequence;
          if (frame.answers) answer();
        }
        answer();
        answer();
        expect(lag.isLagging(0, now)).toBe(false);
        expect(lag.isLagging(0, now + 60_000)).toBe(false);
      }),
    );
  });

  it("bounds what is on its way to a client that reads slowly, and lets it have the latest", () => {
    const lag = new Lag(THRESHOLDS, 0.5);
    const perMs = 2; // it reads 2 bytes a millisecond and is sent 20
    const wire: { bytes: number; ping: number }[] = [];
    let queued = 0;
    let most = 0;
    let frames = 0;
    for (let now = 0; now < 300_000; now += 50) {
      if (!lag.isLagging(0, now)) {
        frames++;
        queued += 1000;
        wire.push({ bytes: 1000, ping: lag.sent(1000, now) ? lag.sequence : 0 });
      }
      most = Math.max(most, queued);
      for (let budget = perMs * 50; budget > 0 && wire[0] !== undefined;) {
        const read = Math.min(budget, wire[0].bytes);
        wire[0].bytes -= read;
        budget -= read;
        queued -= read;
        if (wire[0].bytes > 0) continue;
        const { ping = 0 } = wire.shift() ?? {};
        if (ping > 0 && lag.answered(ping, now)) wire.push({ bytes: 0, ping: lag.sequence });
      }
    }
    expect(most).toBeLessThan(100 * KB);
    expect(frames * 1000).toBeGreaterThan(300_000 * perMs * 0.8); // it is kept busy for most of the time
  });
});
