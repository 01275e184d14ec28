import { describe, expect, it } from "vitest";
import { CallbackWatch } from "./callback-watch.ts";

function slowApp() {
  let nowMs = 0;
  const lines: string[] = [];
  const services = { now: () => nowMs, warn: (line: string) => void lines.push(line), report: () => {} };
  return {
    lines,
    watch: (view: string) => new CallbackWatch(view, services),
    /** A callback that has the thread for so long. */
    run: (watch: CallbackWatch, ms: number, message?: string) => {
      watch.start("handleInfo", message);
      watch.startTime();
      nowMs += ms;
      watch.checkTime();
    },
    pass: (ms: number) => void (nowMs += ms),
  };
}

describe("a callback that keeps everybody waiting", () => {
  it("is logged with its view, its message and the time", () => {
    const { lines, watch, run } = slowApp();
    run(watch("/slow"), 50, "tick");
    expect(lines).toEqual([]);
    run(watch("/slow"), 51, "tick");
    expect(lines).toEqual([
      '/slow kept everybody waiting for 51 ms; the last to run was handleInfo "tick". Await slow work, or do it elsewhere.',
    ]);
  });

  it("is logged once in ten seconds, however many views have it, and then with the longest of them", () => {
    const { lines, watch, run, pass } = slowApp();
    for (const ms of [60, 90, 70]) run(watch("/slow"), ms, "tick");
    expect(lines).toHaveLength(1);
    pass(10_000);
    run(watch("/slow"), 80, "tick");
    expect(lines.slice(1)).toEqual([
      '/slow kept everybody waiting for 90 ms, the longest of 3 times; the last to run was handleInfo "tick". Await slow work, or do it elsewhere.',
    ]);
    run(watch("/slow"), 99, "tick");
    expect(lines).toHaveLength(2);
  });

  it("is logged beside others, of other views and with other messages", () => {
    const { lines, watch, run } = slowApp();
    for (const [view, message] of [
      ["/a", "tick"],
      ["/b", "tick"],
      ["/a", "tock"],
      ["/a", undefined],
    ] as const) {
      run(watch(view), 60, message);
    }
    expect(lines).toHaveLength(4);
  });

  it("is logged by each app for itself", () => {
    const [first, second] = [slowApp(), slowApp()];
    first.run(first.watch("/slow"), 60);
    second.run(second.watch("/slow"), 60);
    expect([first.lines.length, second.lines.length]).toEqual([1, 1]);
  });
});
