// What can befall a cluster of node:cluster. Numbered as in docs/reliability.md.

import { once } from "node:events";
import { isAlive } from "../support/is-alive.ts";
import { Fleet, until, type FleetNode } from "./fleet.ts";
import { audit, healedAfterMs } from "./ledger.ts";
import type { Outcome } from "./outcome.ts";

const TOPICS: readonly string[] = ["ledger:0", "ledger:1", "ledger:2"];
const PER_SECOND = 250;
/** On a machine much slower than ours. */
const PATIENCE_MS = 60_000;

const publish = (node: FleetNode): Promise<null> =>
  node.ask({ type: "publish", topics: TOPICS, perSecond: PER_SECOND, text: 50 });

async function accountOf(nodes: readonly FleetNode[]) {
  const accounts = await Promise.all(nodes.map((node) => node.account()));
  return {
    published: accounts.flatMap(({ published }) => published),
    records: accounts.map(({ record }) => record),
  };
}

async function healed(nodes: readonly FleetNode[], sinceMs: number): Promise<number> {
  let healMs: number | undefined;
  await until("every worker hears every other", PATIENCE_MS, async () => {
    const { published, records } = await accountOf(nodes);
    healMs = healedAfterMs(sinceMs, published, records);
    return healMs !== undefined;
  });
  return healMs ?? Number.NaN;
}

/**
 * Kills one of three workers that publish to each other, and starts another in its place.
 *
 * @throws when the two that were left lose a message, reported or not, or are told of a gap; and when a worker outlives
 * its primary
 */
export async function runWorkerKill(kills: number): Promise<Outcome> {
  const fleet = await Fleet.open();
  try {
    const names = ["ada", "bob", "cyd"];
    const primary = fleet.spawn("cluster-primary.ts", { NAMES: names.join(",") });
    const nodes = names.map((name) => fleet.expect(name));
    const [ada, bob] = nodes;
    if (ada === undefined || bob === undefined) throw new Error("there are three workers");
    const survivors = [ada, bob];
    for (const node of nodes) await node.subscribe(TOPICS);
    for (const node of nodes) await publish(node);
    await healed(nodes, Date.now());
    let last = nodes.at(-1);
    let healMs = 0;
    for (let kill = 1; kill <= kills; kill++) {
      last?.signal("SIGKILL");
      const next = fleet.expect(`new ${kill}`);
      primary.send(next.name);
      await next.subscribe(TOPICS);
      const sinceMs = Date.now();
      await publish(next);
      healMs = Math.max(healMs, await healed([...survivors, next], sinceMs));
      last = next;
    }
    for (const node of survivors) await node.ask({ type: "stop" });
    const survivorsHaveAll = async (): Promise<boolean> => {
      const { published, records } = await accountOf(survivors);
      return audit(published, records).unexplained.length === 0;
    };
    await until("the survivors have each other's last message", PATIENCE_MS, survivorsHaveAll);
    const { published, records } = await accountOf(survivors);
    const gaps = records.flatMap((record) => record.gaps);
    if (gaps.some(({ cause }) => cause !== "sequence")) throw new Error(`false gaps: ${JSON.stringify(gaps)}`);
    const verdict = audit(published, records);
    const pids = fleet.nodes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    const ended = once(primary, "exit");
    primary.kill("SIGKILL");
    await ended;
    await until("no worker outlives its primary", PATIENCE_MS, async () => pids.every((pid) => !isAlive(pid)));
    return { fault: "21", title: "a worker of a cluster is killed, then its primary", verdict, healMs };
  } finally {
    await fleet.close();
  }
}
