import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GapSpread } from "./gap-spread.ts";
import type { ViewGap } from "./view-gap.ts";

const gap: ViewGap = { cause: "reconnect", topics: ["a"], since: 1, until: 2, missed: undefined };

interface Member {
  readonly name: string;
}

/** @param randoms what `random` gives, one after the other, again and again */
function spreadOf(randoms: readonly number[], spreadMs = 2_000) {
  const delivered: { readonly atMs: number; readonly name: string; readonly gap: ViewGap }[] = [];
  let drawn = 0;
  const startMs = Date.now();
  const spread = new GapSpread<Member>({
    spreadMs,
    random: () => randoms[drawn++ % randoms.length] ?? 0,
    deliver: ({ name }, delivery) => void delivered.push({ atMs: Date.now() - startMs, name, gap: delivery }),
  });
  return { spread, delivered, drawn: () => drawn };
}

describe("GapSpread", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("delivers at once to nobody, and to each within the time, at the moment that chance gives it", () => {
    const { spread, delivered } = spreadOf([0, 0.5, 0.999_999]);
    for (const name of ["first", "middle", "last"]) spread.add({ name }, gap);
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(delivered.map(({ name, atMs }) => [name, atMs])).toEqual([
      ["first", 20],
      ["middle", 1_020],
      ["last", 2_000],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has one timer, and only while a gap waits", () => {
    const { spread } = spreadOf([0.1, 0.9]);
    expect(vi.getTimerCount()).toBe(0);
    for (let count = 0; count < 100; count++) spread.add({ name: String(count) }, gap);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect([vi.getTimerCount(), spread.waitingCount]).toEqual([0, 0]);
  });

  it("spreads a thousand over the whole time", () => {
    const randoms = Array.from({ length: 1_000 }, (_, index) => ((index * 7_919) % 1_000) / 1_000);
    const { spread, delivered } = spreadOf(randoms);
    for (let count = 0; count < 1_000; count++) spread.add({ name: String(count) }, gap);
    const perTenth: number[] = [];
    for (let tenth = 0; tenth < 10; tenth++) {
      const before = delivered.length;
      vi.advanceTimersByTime(200);
      perTenth.push(delivered.length - before);
    }
    expect(perTenth).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
    expect(new Set(delivered.map(({ name }) => name)).size).toBe(1_000);
  });

  it("merges what comes while a gap waits for the same member, and keeps its moment", () => {
    const { spread, delivered, drawn } = spreadOf([0.5, 0]);
    const ada = { name: "ada" };
    spread.add(ada, gap);
    vi.advanceTimersByTime(1_000);
    spread.add(ada, { cause: "sequence", topics: ["b"], since: 0, until: 9, missed: 1 });
    expect(drawn()).toBe(1);
    vi.advanceTimersByTime(2_000);
    expect(delivered).toEqual([
      {
        atMs: 1_020,
        name: "ada",
        gap: { cause: "sequence", topics: ["a", "b"], since: 0, until: 9, missed: undefined },
      },
    ]);
  });

  it("delivers the next gap too, also one that comes within a delivery", () => {
    const { spread, delivered } = spreadOf([0.999_999]);
    const ada = { name: "ada" };
    spread.add(ada, gap);
    vi.advanceTimersByTime(2_000);
    spread.add(ada, gap);
    vi.advanceTimersByTime(1_999);
    expect(delivered).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(delivered.map(({ atMs }) => atMs)).toEqual([2_000, 4_000]);

    let again = 0;
    const chain: GapSpread<Member> = new GapSpread<Member>({
      spreadMs: 100,
      random: () => 0.999_999,
      deliver: (member) => {
        if (++again < 3) chain.add(member, gap);
      },
    });
    chain.add(ada, gap);
    vi.advanceTimersByTime(300);
    expect([again, vi.getTimerCount()]).toEqual([3, 0]);
  });

  it("takes a spread shorter than a slot", () => {
    const { spread, delivered } = spreadOf([0.999_999], 1);
    spread.add({ name: "ada" }, gap);
    vi.advanceTimersByTime(1);
    expect(delivered).toHaveLength(1);
  });

  it("forgets what waits when it is stopped, and goes on when there is something new", () => {
    const { spread, delivered } = spreadOf([0.5]);
    spread.add({ name: "ada" }, gap);
    spread.stop();
    expect([vi.getTimerCount(), spread.waitingCount]).toEqual([0, 0]);
    spread.add({ name: "grace" }, gap);
    vi.advanceTimersByTime(2_000);
    expect(delivered.map(({ name }) => name)).toEqual(["grace"]);
  });
});
