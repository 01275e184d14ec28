// Four processes that track presences, on a Redis or as the workers of a cluster.

import { once } from "node:events";
import { ROOMS } from "./attendance.ts";
import { startRedisServer, type OwnRedis } from "../support/redis.ts";
import { Fleet, until, type FleetNode } from "./fleet.ts";
import { LineSwitch } from "./line-switch.ts";
import type { AttendanceReport, Roll, Sum } from "./presence-orders.ts";

export const NAMES = ["ada", "bob", "cyd", "dan"] as const;
export type Name = (typeof NAMES)[number];
export const ROOM = "room";

/** Keys that each node tracks alone, and never updates. */
const STABLE = 50;
/** Keys that all nodes join and leave at random, and how often each node does. */
const SHARED: readonly string[] = Array.from({ length: 20 }, (_, index) => `shared:${index}`);
const CHURN_PER_SECOND = 100;
/** How long a list may take to be right in the worst case, in milliseconds, on a machine three times as slow. */
const PATIENCE_MS = 60_000;
const POLL_MS = 25;
const MAX_SHOWN = 5;

export const stableKeys = (name: Name): readonly string[] =>
  Array.from({ length: STABLE }, (_, index) => `${name}:${index}`);

/** Of the diffs of all nodes: metas, and messages. */
interface Totals {
  readonly joins: number;
  readonly leaves: number;
  readonly diffs: number;
}
const NOTHING: Totals = { joins: 0, leaves: 0, diffs: 0 };

/** What the nodes of one scene meet at. */
interface Bus {
  /** Starts a process by this name; the harness expects it already. */
  start(name: Name): FleetNode;
  stop(): Promise<void>;
}

/** A Redis, with a user and a line of its own for each node. */
export class RedisLines implements Bus {
  readonly redis: OwnRedis;
  readonly #fleet: Fleet;
  readonly #lines: ReadonlyMap<Name, LineSwitch>;
  #other: OwnRedis | undefined;

  private constructor(fleet: Fleet, redis: OwnRedis, lines: ReadonlyMap<Name, LineSwitch>) {
    [this.#fleet, this.redis, this.#lines] = [fleet, redis, lines];
  }

  static async open(fleet: Fleet): Promise<RedisLines> {
    const redis = await startRedisServer();
    const lines = new Map<Name, LineSwitch>();
    for (const name of NAMES) lines.set(name, await LineSwitch.open(redis.port));
    const bus = new RedisLines(fleet, redis, lines);
    for (const name of NAMES) await permit(redis, name, ["wingbeat:*"]);
    return bus;
  }

  start(name: Name): FleetNode {
    const url = `redis://${name}:secret@127.0.0.1:${this.#lines.get(name)?.port}`;
    return this.#fleet.expect(name, this.#fleet.spawn("node.ts", { NODE_NAME: name, BUS: "redis", REDIS_URL: url }));
  }

  /** The only channels that the node may use, as patterns. */
  permit(name: Name, channels: readonly string[]): Promise<void> {
    return permit(this.redis, name, channels);
  }

  /** Leads these nodes to another Redis, where they hear each other and nobody else. */
  async split(names: readonly Name[]): Promise<void> {
    const other = (this.#other ??= await startRedisServer());
    for (const name of NAMES) await permit(other, name, ["wingbeat:*"]);
    for (const name of names) this.#lines.get(name)?.leadTo(other.port);
  }

  /** Leads everybody to the first Redis again. */
  heal(names: readonly Name[]): void {
    for (const name of names) this.#lines.get(name)?.leadTo(this.redis.port);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#lines.values()].map((line) => line.close()));
    await this.redis.stop();
    await this.#other?.stop();
  }
}

async function permit(redis: OwnRedis, name: Name, channels: readonly string[]): Promise<void> {
  const commands = ["-@all", "+subscribe", "+unsubscribe", "+publish", "+hello", "+ping"];
  const patterns = channels.map((channel) => `&${channel}`);
  await redis.command("ACL", "SETUSER", name, "on", ">secret", "resetchannels", ...patterns, ...commands);
}

function openCluster(fleet: Fleet): Bus {
  // Its first workers are asked for one by one, as those that come later.
  const primary = fleet.spawn("cluster-primary.ts", { NAMES: "" });
  return {
    start: (name) => {
      const node = fleet.expect(name);
      primary.send(name);
      return node;
    },
    stop: async () => {},
  };
}

export class PresenceScene {
  readonly #fleet: Fleet;
  readonly #bus: Bus;
  readonly #nodes = new Map<Name, FleetNode>();
  readonly #violations: string[] = [];
  /** Of processes that are gone. */
  #gone: Totals = NOTHING;
  /** What there was when the fault at hand began. */
  #before: Totals = NOTHING;
  readonly #toldBefore = new Map<FleetNode, number>();

  private constructor(fleet: Fleet, bus: Bus) {
    [this.#fleet, this.#bus] = [fleet, bus];
  }

  /** Resolves when four nodes list each other's keys. */
  static async open(bus: "redis" | "cluster"): Promise<PresenceScene> {
    const fleet = await Fleet.open();
    const scene = new PresenceScene(fleet, bus === "redis" ? await RedisLines.open(fleet) : openCluster(fleet));
    try {
      await Promise.all(NAMES.map((name) => scene.start(name)));
      await scene.equal(Date.now(), ROOM);
      return scene;
    } catch (error) {
      await scene.dispose();
      throw error;
    }
  }

  /** The nodes that are there. */
  get names(): readonly Name[] {
    return [...this.#nodes.keys()];
  }

  /** @throws when the scene has none */
  get lines(): RedisLines {
    if (this.#bus instanceof RedisLines) return this.#bus;
    throw new Error("A cluster has no lines.");
  }

  node(name: Name): FleetNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`${name} is not there`);
    return node;
  }

  /** Starts a process by that name, with its keys. Resolves when they are tracked. */
  async start(name: Name, keys: readonly string[] = stableKeys(name)): Promise<void> {
    const node = this.#bus.start(name);
    await node.ask({ type: "attend" });
    await node.ask({ type: "enter", room: ROOM, keys });
    this.#nodes.set(name, node);
  }

  /** Ends a process. Its keys are nobody's from now on. Resolves when it is gone, with when it was told to. */
  async end(name: Name, signal: "SIGKILL" | "SIGTERM"): Promise<number> {
    const node = this.node(name);
    this.#gone = plus(this.#gone, await this.#totalsOf(name));
    this.#nodes.delete(name);
    const sinceMs = Date.now();
    const ended = node.child === undefined ? undefined : once(node.child, "exit");
    node.signal(signal);
    await ended;
    return sinceMs;
  }

  async enter(name: Name, room: string, keys: readonly string[]): Promise<void> {
    await this.node(name).ask({ type: "enter", room, keys });
  }

  async churn(names: readonly Name[] = this.names): Promise<void> {
    for (const name of names) {
      await this.node(name).ask({ type: "churn", room: ROOM, keys: SHARED, perSecond: CHURN_PER_SECOND });
    }
  }

  async rest(): Promise<void> {
    await Promise.all(this.names.map((name) => this.node(name).ask({ type: "rest" })));
  }

  report(name: Name, room = ROOM): Promise<AttendanceReport> {
    return this.node(name).ask({ type: "attendance", room });
  }

  roll(name: Name, room = ROOM): Promise<Roll> {
    return this.node(name).ask({ type: "roll", room });
  }

  /** Resolves when every node lists what all of them track, and nothing else, with the time since then, in milliseconds. */
  async equal(sinceMs: number, room = ROOM, names: readonly Name[] = this.names): Promise<number> {
    const reports = (): Promise<AttendanceReport[]> => Promise.all(names.map((name) => this.report(name, room)));
    const areEqual = async (): Promise<boolean> => {
      const all = await reports();
      const expected = union(all.map(({ own }) => own));
      return all.every(({ listed }) => listed.count === expected.count && listed.hash === expected.hash);
    };
    await until(`${names.join(", ")} list the same in "${room}"`, PATIENCE_MS, areEqual, reports, POLL_MS);
    return Date.now() - sinceMs;
  }

  /** Resolves when nobody lists anything of that node, with the time since then, in milliseconds. */
  async forgotten(name: Name, sinceMs: number, among: readonly Name[]): Promise<number> {
    const listed = (): Promise<number[]> =>
      Promise.all(among.map(async (other) => (await this.report(other)).listedOf[name] ?? 0));
    const isForgotten = async (): Promise<boolean> => (await listed()).every((count) => count === 0);
    await until(`nobody lists ${name}`, PATIENCE_MS, isForgotten, listed, POLL_MS);
    return Date.now() - sinceMs;
  }

  /** What a node's listeners were told since `begin`, in order: "join" or "leave", and the key. */
  async told(by: Name, room: string): Promise<Roll["told"]> {
    const { told } = await this.roll(by, room);
    return room === ROOM ? told.slice(this.#toldBefore.get(this.node(by))) : told;
  }

  /** Takes note of what must not have happened. */
  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.#violations.push(otherwise);
  }

  /** Another fault is about to happen. */
  async begin(): Promise<void> {
    this.#violations.length = 0;
    this.#before = await this.#totals();
    for (const name of this.names) {
      this.#toldBefore.set(this.node(name), (await this.roll(name)).told.length);
    }
  }

  /**
   * What has to hold once nothing changes any more: every node lists exactly what all track, and its diffs make up that
   * list, without a leave that had no join.
   */
  async verify(): Promise<Totals & { readonly violations: readonly string[] }> {
    for (const room of ROOMS) {
      await this.equal(Date.now(), room);
      const rolls = await Promise.all(this.names.map(async (name) => ({ name, ...(await this.roll(name, room)) })));
      const all = rolls.flatMap(({ own }) => own).sort();
      for (const { name, listed, replayed } of rolls) {
        this.#expectSame(`${name} lists`, all, listed);
        this.#expectSame(`the diffs at ${name} make up`, listed, replayed);
      }
    }
    for (const name of this.names) {
      const { uncaught } = await this.node(name).health();
      this.#violations.push(...uncaught.map((error) => `${name}: nobody caught ${error}`));
    }
    const totals = await this.#totals();
    return { ...minus(totals, this.#before), violations: [...this.#violations] };
  }

  async dispose(): Promise<void> {
    await this.#fleet.close();
    await this.#bus.stop();
  }

  async #totals(): Promise<Totals> {
    const all = await Promise.all(this.names.map((name) => this.#totalsOf(name)));
    return all.reduce(plus, this.#gone);
  }

  async #totalsOf(name: Name): Promise<Totals> {
    let totals = NOTHING;
    for (const room of ROOMS) {
      const report = await this.report(name, room);
      totals = plus(totals, report);
      this.#violations.push(...report.violations.map((violation) => `${name}: ${violation}`));
    }
    return totals;
  }

  #expectSame(what: string, expected: readonly string[], actual: readonly string[]): void {
    const [wanted, found] = [new Set(expected), new Set(actual)];
    const missing = expected.filter((line) => !found.has(line));
    const others = actual.filter((line) => !wanted.has(line));
    const differs = missing.length + others.length > 0 || expected.length !== actual.length;
    const show = (lines: readonly string[]): string => lines.slice(0, MAX_SHOWN).join("; ");
    this.expect(
      !differs,
      `${what} ${actual.length} of ${expected.length}: without ${show(missing)}; with ${show(others)}`,
    );
  }
}

const plus = (a: Totals, b: Totals): Totals => ({
  joins: a.joins + b.joins,
  leaves: a.leaves + b.leaves,
  diffs: a.diffs + b.diffs,
});

const minus = (a: Totals, b: Totals): Totals => ({
  joins: a.joins - b.joins,
  leaves: a.leaves - b.leaves,
  diffs: a.diffs - b.diffs,
});

function union(sums: readonly Sum[]): Sum {
  return sums.reduce((all, { count, hash }) => ({ count: all.count + count, hash: (all.hash + hash) >>> 0 }), {
    count: 0,
    hash: 0,
  });
}
