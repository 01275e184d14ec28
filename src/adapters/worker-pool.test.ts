import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WorkerPool, type WorkerEvents } from "./worker-pool.ts";

/** Workers that do what the test says. */
class Fakes {
  readonly all: (WorkerEvents & { drained: boolean; killed: boolean })[] = [];
  readonly log: string[] = [];
  readonly pool: WorkerPool;
  constructor(count: number) {
    this.pool = new WorkerPool({
      count,
      graceMs: 5_000,
      fork: (events) => {
        const fake = { ...events, drained: false, killed: false };
        this.all.push(fake);
        return { drain: () => void (fake.drained = true), kill: () => void (fake.killed = true) };
      },
      log: (line) => void this.log.push(line),
      now: () => Date.now(),
    });
  }

  at(index: number): WorkerEvents & { drained: boolean; killed: boolean } {
    const fake = this.all[index];
    if (fake === undefined) throw new Error(`There are only ${this.all.length} workers.`);
    return fake;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function started(count: number): Promise<Fakes> {
  const fakes = new Fakes(count);
  const starting = fakes.pool.start();
  for (const fake of fakes.all) fake.listening("http://127.0.0.1:4000/");
  expect(await starting).toBe("http://127.0.0.1:4000/");
  return fakes;
}

describe("WorkerPool", () => {
  it("has started when all workers listen", async () => {
    const fakes = new Fakes(2);
    const settled = vi.fn();
    const starting = fakes.pool.start().finally(settled);
    fakes.at(0).listening("http://127.0.0.1:4000/");
    await vi.advanceTimersByTimeAsync(0);
    expect(settled).not.toHaveBeenCalled();
    fakes.at(1).listening("http://127.0.0.1:4000/");
    expect(await starting).toBe("http://127.0.0.1:4000/");
  });

  it("fails to start when a worker ends before it listens, and stops the others first", async () => {
    const fakes = new Fakes(2);
    const failure = fakes.pool.start().catch((error: unknown) => error);
    fakes.at(0).ended("with code 1");
    await vi.advanceTimersByTimeAsync(0);
    expect(fakes.at(1).drained).toBe(true);
    fakes.at(1).ended("with code 0");
    expect(await failure).toMatchObject({
      code: "serve.worker-failed",
      message: expect.stringContaining("ended with code 1 before it listened"),
    });
    expect([fakes.all.length, fakes.log, vi.getTimerCount()]).toEqual([2, [], 0]);
  });

  it("fails to start with the reason that a worker gives", async () => {
    const fakes = new Fakes(1);
    const starting = fakes.pool.start();
    fakes.at(0).failed("listen EADDRINUSE: address already in use", "EADDRINUSE");
    fakes.at(0).ended("with code 1");
    await expect(starting).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: "listen EADDRINUSE: address already in use",
    });
  });

  it("replaces a worker that ended, and says so", async () => {
    const fakes = await started(2);
    fakes.at(1).ended("by SIGKILL");
    expect(fakes.log).toEqual(["[wingbeat] a worker ended by SIGKILL; another one starts in 100 ms."]);
    await vi.advanceTimersByTimeAsync(99);
    expect(fakes.all.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(fakes.all.length).toBe(3);
  });

  it("waits longer and longer while workers of one place end early, up to 10 s, and says what a loop is", async () => {
    const fakes = await started(1);
    const delays: number[] = [];
    for (let index = 0; index < 10; index++) {
      const began = Date.now();
      fakes.at(index).ended("with code 1");
      while (fakes.all.length === index + 1) await vi.advanceTimersToNextTimerAsync();
      delays.push(Date.now() - began);
      if (index % 2 === 0) fakes.at(index + 1).listening("http://127.0.0.1:4000/");
    }
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
    expect(fakes.log[3]).not.toContain("within 30 s");
    expect(fakes.log[4]).toContain("the last 5 workers in this place ended within 30 s each, the last one with code 1");
  });

  it("starts over with its patience after a worker that has served for half a minute", async () => {
    const fakes = await started(1);
    fakes.at(0).ended("with code 1");
    await vi.advanceTimersByTimeAsync(100);
    fakes.at(1).listening("http://127.0.0.1:4000/");
    await vi.advanceTimersByTimeAsync(30_000);
    fakes.at(1).ended("with code 1");
    expect(fakes.log.at(-1)).toContain("in 100 ms");
  });

  it("stops all workers gracefully, replaces none, and forgets one that was to start", async () => {
    const fakes = await started(3);
    fakes.at(2).ended("with code 1");
    const closing = fakes.pool.close();
    expect(fakes.pool.close()).toBe(closing);
    expect(fakes.all.map(({ drained }) => drained)).toEqual([true, true, false]);
    fakes.at(0).ended("with code 0");
    fakes.at(1).ended("with code 0");
    await closing;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([fakes.all.length, vi.getTimerCount()]).toEqual([3, 0]);
  });

  it("kills who has not stopped in time", async () => {
    const fakes = await started(2);
    const closing = fakes.pool.close();
    fakes.at(0).ended("with code 0");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(fakes.all.map(({ killed }) => killed)).toEqual([false, true]);
    fakes.at(1).ended("by SIGKILL");
    await closing;
  });
});
