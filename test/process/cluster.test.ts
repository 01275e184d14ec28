import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isAlive } from "../support/is-alive.ts";
import { Cluster, PATIENT } from "./cluster-program.ts";

describe("ClusterPubSub in several processes", () => {
  it("carries every message of every process to every other one, in order", async () => {
    const cluster = await Cluster.start(3);
    const all = [cluster.primary, ...cluster.workers];
    for (const pid of all) cluster.order(pid, { type: "publish", characters: 100 });
    for (const pid of all) await cluster.until(pid, all, 1_000);
    for (const [pid, { received, gaps, errors, published }] of await cluster.settle(all)) {
      expect({ gaps, errors }).toEqual({ gaps: [], errors: [] });
      expect(received[pid]).toEqual({ count: published, last: published, inOrder: true });
      expect(Object.values(received).map(({ inOrder }) => inOrder)).toEqual([true, true, true, true]);
    }
  });

  it("loses nothing of the others and reports no gap to them when workers are killed while they publish", async () => {
    const cluster = await Cluster.start(3);
    const [first = 0, second = 0, third = 0] = cluster.workers;
    const staying = [cluster.primary, first, second];
    let victim = third;
    for (const pid of [...staying, victim]) cluster.order(pid, { type: "publish", characters: 1_000 });
    for (let round = 0; round < 3; round++) {
      for (const pid of staying) await cluster.until(pid, [victim], 300);
      process.kill(victim, "SIGKILL");
      // Who takes its place gets what is sent from then on, and is heard.
      victim = await cluster.fork();
      cluster.order(victim, { type: "publish", characters: 1_000 });
      await cluster.until(victim, staying, 300);
    }
    const reports = await cluster.settle([...staying, victim]);
    for (const pid of staying) {
      const report = reports.get(pid);
      expect(report?.gaps).toEqual([]);
      expect(report?.errors).toEqual([]);
      // Three who stay, three killed, one who took the last one's place.
      expect(Object.values(report?.received ?? {}).map(({ inOrder }) => inOrder)).toEqual(Array(7).fill(true));
      for (const sender of staying) {
        const { published } = reports.get(sender) ?? {};
        expect(report?.received[sender]).toEqual({ count: published, last: published, inOrder: true });
      }
    }
    expect(reports.get(victim)?.gaps).toEqual([]);
  });

  it("drops what is too much for a worker that stands still, and tells it of the gap, and no one else", async () => {
    const cluster = await Cluster.start(2);
    const [quick = 0, still = 0] = cluster.workers;
    process.kill(still, "SIGSTOP");
    try {
      // 8 MB may wait for a worker: each burst is less, for the one that reads, and all are twice as much.
      for (let count = 1; count <= 8; count++) {
        cluster.order(cluster.primary, { type: "burst", count: 40, characters: 50_000 });
        await cluster.until(quick, [cluster.primary], count * 40);
      }
    } finally {
      process.kill(still, "SIGCONT");
    }
    await expect.poll(async () => (await cluster.report(still)).gaps.length, PATIENT).toBeGreaterThan(0);
    cluster.order(cluster.primary, { type: "burst", count: 10, characters: 10 });
    const reports = await cluster.settle([cluster.primary, quick, still]);
    const { published } = reports.get(cluster.primary) ?? {};
    expect(reports.get(quick)?.received[cluster.primary]).toEqual({ count: published, last: published, inOrder: true });
    expect(reports.get(quick)?.gaps).toEqual([]);
    const late = reports.get(still);
    expect(late?.received[cluster.primary]?.count).toBeLessThan(published ?? 0);
    expect(late?.gaps).toEqual(["reconnect"]);
  });

  it("ends the workers when the primary is killed", async () => {
    const cluster = await Cluster.start(2);
    const [one = 0, two = 0] = cluster.workers;
    for (const pid of [one, two]) cluster.order(pid, { type: "publish", characters: 100 });
    await cluster.until(one, [two], 100);
    cluster.child.kill("SIGKILL");
    await once(cluster.child, "exit");
    await expect.poll(() => [isAlive(one), isAlive(two)], PATIENT).toEqual([false, false]);
  });
});
