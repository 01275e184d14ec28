// One Redis, three processes that publish to each other through it, and a proxy in each one's line.

import { startRedisServer, type OwnRedis } from "../support/redis.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { Fleet, until, type FleetNode } from "./fleet.ts";
import { audit, healedAfterMs, type Published, type Record, type Verdict } from "./ledger.ts";

export const TOPICS: readonly string[] = Array.from({ length: 8 }, (_, index) => `ledger:${index}`);
/** Messages a second of each node. */
const PER_SECOND = 250;
/** How long a bus may take to notice and heal in the worst case, in milliseconds, on a machine much slower than ours. */
export const PATIENCE_MS = 60_000;

export interface Account {
  readonly published: readonly Published[];
  readonly records: readonly Record[];
}

export class RedisScene {
  readonly redis: OwnRedis;
  readonly fleet: Fleet;
  readonly nodes: readonly FleetNode[];
  /** `proxies[i]` is in the line of `nodes[i]`. */
  readonly proxies: readonly TcpProxy[];

  private constructor(redis: OwnRedis, fleet: Fleet, nodes: readonly FleetNode[], proxies: readonly TcpProxy[]) {
    [this.redis, this.fleet, this.nodes, this.proxies] = [redis, fleet, nodes, proxies];
  }

  /** Resolves when every node hears every other. */
  static async open(settings: { readonly [name: string]: string } = {}): Promise<RedisScene> {
    const redis = await startRedisServer({ settings });
    const fleet = await Fleet.open();
    const names = ["ada", "bob", "cyd"];
    const proxies = await Promise.all(names.map(() => startTcpProxy(redis.port)));
    const nodes = await fleet.start(names, (name) => ({
      BUS: "redis",
      REDIS_URL: `redis://127.0.0.1:${proxies[names.indexOf(name)]?.port}`,
    }));
    const scene = new RedisScene(redis, fleet, nodes, proxies);
    await Promise.all(nodes.map((node) => node.subscribe(TOPICS)));
    await scene.connected();
    await scene.publish(PER_SECOND);
    await scene.healed(Date.now());
    return scene;
  }

  /** Resolves when every node says that it is connected. */
  connected(): Promise<void> {
    const allConnected = async (): Promise<boolean> =>
      (await this.healths()).every(({ status }) => status === "connected");
    return until("every node is connected", PATIENCE_MS, allConnected, () => this.healths());
  }

  healths(): Promise<Awaited<ReturnType<FleetNode["health"]>>[]> {
    return Promise.all(this.nodes.map((node) => node.health()));
  }

  async publish(perSecond: number): Promise<void> {
    for (const node of this.nodes) await node.ask({ type: "publish", topics: TOPICS, perSecond, text: 50 });
  }

  async account(): Promise<Account> {
    const accounts = await Promise.all(this.nodes.map((node) => node.account()));
    return {
      published: accounts.flatMap(({ published }) => published),
      records: accounts.map(({ record }) => record),
    };
  }

  /** Resolves when every node has heard what every other sent after `sinceMs`, with the time that took. */
  async healed(sinceMs: number): Promise<number> {
    let healMs: number | undefined;
    await until("every node hears every other again", PATIENCE_MS, async () => {
      const { published, records } = await this.account();
      healMs = healedAfterMs(sinceMs, published, records);
      return healMs !== undefined;
    });
    return healMs ?? Number.NaN;
  }

  /** Ends the publishing, and lets what is on its way arrive or be reported as lost. */
  async settle(): Promise<Verdict> {
    for (const node of this.nodes) await node.ask({ type: "stop" });
    const nonePending = async (): Promise<boolean> => (await this.healths()).every(({ pending }) => pending === 0);
    await until("no broadcast is pending", PATIENCE_MS, nonePending, () => this.healths());
    // A lost last message is found by the next beat; what nobody ever reports stays unexplained, and is returned.
    let verdict = await this.#audit();
    const endMs = performance.now() + PATIENCE_MS;
    while (verdict.unexplained.length > 0 && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      verdict = await this.#audit();
    }
    return verdict;
  }

  async #audit(): Promise<Verdict> {
    const { published, records } = await this.account();
    return audit(published, records);
  }

  /**
   * Ends every node as a program does that closes its Pub/Sub: nothing may keep the process alive.
   * @throws when one does not end by itself, or had an exception that nobody caught
   */
  async close(): Promise<void> {
    try {
      for (const { uncaught } of await this.healths()) {
        if (uncaught.length > 0) throw new Error(`Nobody caught: ${uncaught.join("; ")}`);
      }
      await Promise.all(this.nodes.map((node) => node.ask({ type: "close" })));
      await until("the nodes end by themselves after close()", PATIENCE_MS, async () =>
        this.nodes.every(({ child }) => child === undefined || child.exitCode !== null || child.signalCode !== null),
      );
    } finally {
      await this.dispose();
    }
  }

  /** Ends everything at once. */
  async dispose(): Promise<void> {
    await this.fleet.close();
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await this.redis.stop();
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
