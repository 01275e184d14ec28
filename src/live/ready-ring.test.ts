import { describe, expect, it } from "vitest";
import { ReadyRing, type Ready } from "./ready-ring.ts";

/** A ring whose slices run when the test says so, on a clock that each turn moves on by a millisecond. */
function ringOf(sliceMs = 4) {
  const clock = { ms: 0 };
  const scheduled: (() => void)[] = [];
  const log: string[] = [];
  const ring = new ReadyRing({ schedule: (run) => scheduled.push(run), now: () => clock.ms, sliceMs });
  const ready = (name: string, turns = 1): Ready => {
    let left = turns;
    const one: Ready = {
      turn: () => {
        clock.ms++;
        log.push(name);
        if (--left > 0) ring.add(one);
      },
    };
    return one;
  };
  const slice = (): void => scheduled.shift()?.();
  return { ring, log, ready, slice, scheduled };
}

describe("ReadyRing", () => {
  it("runs nothing on the stack of who adds", () => {
    const { ring, log, ready, slice } = ringOf();
    ring.add(ready("a"));
    expect(log).toEqual([]);
    slice();
    expect(log).toEqual(["a"]);
  });

  it("gives turns in the order in which they were asked for, and puts who has more behind the others", () => {
    const { ring, log, ready, slice } = ringOf(100);
    ring.add(ready("a", 3));
    ring.add(ready("b", 2));
    ring.add(ready("c"));
    slice();
    expect(log).toEqual(["a", "b", "c", "a", "b", "a"]);
  });

  it("lets I/O through after a slice, and goes on where it was", () => {
    const { ring, log, ready, slice, scheduled } = ringOf(4);
    for (const name of ["a", "b", "c", "d", "e", "f"]) ring.add(ready(name));
    expect(scheduled).toHaveLength(1);
    slice();
    expect(log).toEqual(["a", "b", "c", "d"]);
    expect(scheduled).toHaveLength(1);
    slice();
    expect(log).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(scheduled).toHaveLength(0);
  });

  it("gives at least one turn in a slice, however long it takes", () => {
    const { ring, log, ready, slice } = ringOf(0);
    ring.add(ready("a"));
    ring.add(ready("b"));
    slice();
    expect(log).toEqual(["a"]);
    slice();
    expect(log).toEqual(["a", "b"]);
  });

  it("runs for ever with who asks for ever, and others are never more than a slice away", () => {
    const { ring, log, ready, slice } = ringOf(4);
    ring.add(ready("endless", Number.POSITIVE_INFINITY));
    for (let count = 0; count < 10; count++) slice();
    log.length = 0;
    ring.add(ready("other"));
    slice();
    expect(log.slice(0, 2)).toEqual(["endless", "other"]);
  });

  it("tells when it has run empty, until nobody wants to know", () => {
    const { ring, log, ready, slice } = ringOf(2);
    const stop = ring.onIdle(() => log.push("idle"));
    for (const name of ["a", "b", "c"]) ring.add(ready(name));
    expect(ring.isIdle).toBe(false);
    slice();
    slice();
    expect(log).toEqual(["a", "b", "c", "idle"]);
    expect(ring.isIdle).toBe(true);
    stop();
    ring.add(ready("d"));
    slice();
    expect(log).toEqual(["a", "b", "c", "idle", "d"]);
  });
});
