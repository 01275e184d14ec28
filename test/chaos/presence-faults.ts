// What can befall processes with presences, and what must hold. Numbered as in docs/reliability.md.

import { setTimeout as pause } from "node:timers/promises";
import { DEFAULT_TIMINGS } from "../../src/presence/state.ts";
import { GRACED } from "./attendance.ts";
import { until } from "./fleet.ts";
import type { PresenceOutcome } from "./presence-outcome.ts";
import { NAMES, PresenceScene, ROOM, stableKeys, type Name } from "./presence-scene.ts";
import type { Length } from "./redis-faults.ts";

export interface PresenceFault {
  readonly number: string;
  readonly title: string;
  readonly bus: "redis" | "cluster";
  /**
   * Does it, and undoes it.
   * @returns how long it took to heal, in milliseconds
   * @throws when something takes longer than it may
   */
  readonly happen: (scene: PresenceScene, length: Length) => Promise<number>;
}

/** From the death of a process until nobody lists it. */
const GHOST_MS = DEFAULT_TIMINGS.downAfterMs + 3_000;
const EQUAL_AGAIN_MS = 3_000;
/** Before a channel that was refused is asked for again, by the adapter for Redis. */
const ASKED_AGAIN_MS = 10_000;
const RUSH_JOINS = 10_000;
const RUSH_EQUAL_MS = 2_000;
const RUSH_BUSY_MS = 200;
const RUSH_MS = 1_000;
/** Changes of 50 ms travel together, so a rush of a second makes 20 diffs for each of four writers, and a few more. */
const RUSH_DIFFS = 120;
/** What a busy machine may take longer than the bound says: within `npm test`, and as `npm run chaos` has it. */
const SLACK: Readonly<Record<Length, number>> = { short: 6, long: 1 };
/** The same for what is work, not waiting: within `npm test` other faults happen at the same time, on the same cores. */
const WORK_SLACK: Readonly<Record<Length, number>> = { short: 10, long: 1 };

const { [3]: dan } = NAMES;
const without = (...names: readonly Name[]): readonly Name[] => NAMES.filter((name) => !names.includes(name));

export const presenceFaults: readonly PresenceFault[] = [
  {
    number: "9",
    title: "one channel is not permitted any more",
    bus: "redis",
    happen: async (scene, length) => {
      const [foreign, neighbour] = ["ledger:0", "ledger:1"];
      const rooms = ["wingbeat:~*", `wingbeat:${ROOM}`, `wingbeat:${GRACED}`];
      const presences = "wingbeat:wingbeat:presence:*";
      const node = scene.node(dan);
      await node.subscribe([foreign, neighbour]);
      await scene.node("ada").ask({ type: "publish", topics: [foreign, neighbour], perSecond: 100, text: 20 });
      const hears = async (topic: string): Promise<void> => {
        const count = async (): Promise<number> =>
          (await node.account()).record.received.filter((message) => message.topic === topic).length;
        const before = await count();
        await until(`dan hears more of ${topic}`, 30_000, async () => (await count()) > before);
      };
      await hears(foreign);

      await scene.lines.permit(dan, [...rooms, presences, `wingbeat:${neighbour}`]);
      await scene.churn();
      const isRefused = async (): Promise<boolean> =>
        (await node.health()).errors.some((error) => error.includes(`"wingbeat:${foreign}"`));
      await until("dan says which channel is refused", 30_000, isRefused);
      await hears(neighbour);
      await scene.rest();
      within(
        await scene.equal(Date.now()),
        EQUAL_AGAIN_MS * SLACK[length],
        "the presences are equal without that channel",
      );
      await expectNobodyLeft(scene, NAMES, NAMES);

      await scene.lines.permit(dan, [...rooms, "wingbeat:ledger:*"]);
      await scene.churn();
      await hears(neighbour);
      if (length === "long") await scene.forgotten(dan, Date.now(), without(dan));
      await scene.rest();
      await scene.lines.permit(dan, ["wingbeat:*"]);
      const healMs = await scene.equal(Date.now());
      within(healMs, ASKED_AGAIN_MS + EQUAL_AGAIN_MS * SLACK[length], "the presences are equal with the channel");
      await scene.node("ada").ask({ type: "stop" });
      return healMs;
    },
  },
  ...(["redis", "cluster"] as const).map((bus) => killed(bus)),
  {
    number: "11b",
    title: "a process is killed, and at once back under its name",
    bus: "redis",
    happen: async (scene, length) => {
      await scene.churn();
      await pause(1_000);
      await scene.end(dan, "SIGKILL");
      await scene.rest();
      await scene.start(dan, stableKeys(dan).slice(0, 10));
      const healMs = await scene.equal(Date.now());
      within(healMs, EQUAL_AGAIN_MS * SLACK[length], "only its new presences are listed");
      return healMs;
    },
  },
  {
    number: "12",
    title: "four processes are stopped and replaced, one after the other",
    bus: "redis",
    happen: async (scene) => {
      const keysOf = new Map<Name, readonly string[]>(NAMES.map((name) => [name, stableKeys(name)]));
      for (const name of NAMES) await scene.enter(name, GRACED, stableKeys(name));
      await scene.equal(Date.now(), GRACED);
      let sinceMs = Date.now();
      for (const [index, name] of NAMES.entries()) {
        await expectNoFlicker(scene, name);
        await scene.end(name, "SIGTERM");
        // Its clients come back elsewhere.
        const next = NAMES[(index + 1) % NAMES.length] ?? name;
        const moved = [...(keysOf.get(next) ?? []), ...(keysOf.get(name) ?? [])];
        await scene.enter(next, GRACED, keysOf.get(name) ?? []);
        keysOf.set(next, moved).delete(name);
        sinceMs = Date.now();
        await scene.start(name);
        await scene.equal(sinceMs, GRACED);
      }
      const healMs = await scene.equal(sinceMs, GRACED);
      for (const name of NAMES) await expectNoFlicker(scene, name);
      return healMs;
    },
  },
  {
    number: "13",
    title: "a process stands still for longer than it takes to be missed",
    bus: "redis",
    happen: async (scene, length) => {
      const others = without(dan);
      await scene.churn(others);
      scene.node(dan).signal("SIGSTOP");
      const stoppedMs = Date.now();
      within(await scene.forgotten(dan, stoppedMs, others), GHOST_MS + over(length), "it is missed");
      if (length === "long") await pause(20_000 - (Date.now() - stoppedMs));
      for (const name of others) await scene.node(name).ask({ type: "rest" });
      scene.node(dan).signal("SIGCONT");
      const healMs = await scene.equal(Date.now());
      within(healMs, EQUAL_AGAIN_MS * SLACK[length], "it is back");
      for (const name of others) {
        const told = (await scene.told(name, ROOM)).filter(([, key]) => isStable(key, dan));
        const wanted = (["leave", "join"] as const).flatMap((event) => stableKeys(dan).map((key) => [event, key]));
        scene.expect(
          told.join() === wanted.join() || told.map(String).sort().join() === wanted.map(String).sort().join(),
          `${name} was told one leave and one join of each of dan's keys, not ${told.length} events`,
        );
      }
      await expectNobodyLeft(scene, [dan], others);
      return healMs;
    },
  },
  split("15a", "two of four processes are split from the others for 4 s", false),
  split("15b", "two of four processes are split from the others until they are missed", true),
  ...(["redis", "cluster"] as const).map((bus) => rush(bus)),
];

const over = (length: Length): number => (SLACK[length] - 1) * 3_000;

function killed(bus: PresenceFault["bus"]): PresenceFault {
  return {
    number: bus === "redis" ? "11" : "11c",
    title: bus === "redis" ? "a process is killed" : "a worker of a cluster is killed",
    bus,
    happen: async (scene, length) => {
      const others = without(dan);
      await scene.churn();
      const sinceMs = await scene.end(dan, "SIGKILL");
      const goneMs = await scene.forgotten(dan, sinceMs, others);
      within(goneMs, GHOST_MS + over(length), "its presences are gone");
      await expectNobodyLeft(scene, others, others);
      await scene.start(dan);
      await scene.rest();
      within(await scene.equal(Date.now()), EQUAL_AGAIN_MS * SLACK[length], "the presences are equal when it is back");
      return goneMs;
    },
  };
}

function split(number: string, title: string, untilMissed: boolean): PresenceFault {
  return {
    number,
    title,
    bus: "redis",
    happen: async (scene, length) => {
      const [ada, bob, cyd] = NAMES;
      await scene.churn();
      const sinceMs = Date.now();
      await scene.lines.split([cyd, dan]);
      if (untilMissed) {
        for (const name of [cyd, dan]) await scene.forgotten(name, sinceMs, [ada, bob]);
        for (const name of [ada, bob]) await scene.forgotten(name, sinceMs, [cyd, dan]);
        if (length === "long") await pause(30_000 - (Date.now() - sinceMs));
      } else await pause(4_000);
      await scene.rest();
      if (untilMissed) {
        await scene.equal(Date.now(), ROOM, [ada, bob]);
        await scene.equal(Date.now(), ROOM, [cyd, dan]);
      }
      scene.lines.heal([cyd, dan]);
      const healMs = await scene.equal(Date.now());
      within(healMs, EQUAL_AGAIN_MS * SLACK[length], "the presences are equal");
      if (!untilMissed) await expectNobodyLeft(scene, NAMES, NAMES);
      return healMs;
    },
  };
}

function rush(bus: PresenceFault["bus"]): PresenceFault {
  return {
    number: bus === "redis" ? "16" : "16c",
    title: `10 000 join within a second, and every second one leaves${bus === "redis" ? "" : ", in a cluster"}`,
    bus,
    happen: async (scene, length) => {
      const before = await Promise.all(NAMES.map((name) => scene.report(name)));
      const order = { type: "rush", room: ROOM, joins: RUSH_JOINS / NAMES.length, withinMs: RUSH_MS } as const;
      const startMs = Date.now();
      const ends = await Promise.all(NAMES.map((name) => scene.node(name).ask(order)));
      const during = await Promise.all(NAMES.map((name) => scene.report(name)));
      const healMs = await scene.equal(Math.max(...ends));
      within(healMs, RUSH_EQUAL_MS * WORK_SLACK[length], "the presences are equal");
      // On a busy machine the rush itself, and what it makes, takes longer.
      const most = Math.ceil((RUSH_DIFFS * Math.max(RUSH_MS, Date.now() - startMs)) / RUSH_MS);
      for (const [index, name] of NAMES.entries()) {
        const { diffs } = await scene.report(name);
        within(
          during[index]?.busyP99Ms ?? 0,
          RUSH_BUSY_MS * WORK_SLACK[length],
          `99 of 100 turns of ${name}'s event loop`,
        );
        const told = diffs - (before[index]?.diffs ?? 0);
        scene.expect(told <= most, `${name} was told by at most ${most} diffs, not ${told}`);
      }
      return healMs;
    },
  };
}

/** Nobody may take anybody for gone who is there. Keys of one node alone, that it never leaves, tell. */
async function expectNobodyLeft(scene: PresenceScene, by: readonly Name[], of: readonly Name[]): Promise<void> {
  for (const observer of by) {
    const left = (await scene.told(observer, ROOM)).filter(([event]) => event === "leave");
    for (const observed of of) {
      const count = left.filter(([, key]) => isStable(key, observed)).length;
      scene.expect(count === 0, `${observer} was told that ${count} keys of ${observed} left`);
    }
  }
}

/** Whom the grace covers neither left nor came again. */
async function expectNoFlicker(scene: PresenceScene, observer: Name): Promise<void> {
  const told = await scene.told(observer, GRACED);
  const left = told.filter(([event]) => event === "leave");
  const joined = told.filter(([event]) => event === "join").map(([, key]) => key);
  scene.expect(left.length === 0, `${observer} was told of ${left.length} leaves`);
  scene.expect(new Set(joined).size === joined.length, `${observer} was told of a second join`);
}

const isStable = (key: string, name: Name): boolean => key.startsWith(`${name}:`);

function within(ms: number, atMostMs: number, what: string): void {
  if (ms > atMostMs) throw new Error(`Within ${atMostMs} ms this must hold, and it took ${Math.round(ms)} ms: ${what}`);
}

/**
 * Lets faults happen to four processes of their own, one after the other. All are of the same bus.
 * @throws when something takes longer than it may
 */
export async function* runPresenceFaults(
  faults: readonly PresenceFault[],
  length: Length,
): AsyncGenerator<PresenceOutcome> {
  const scene = await PresenceScene.open(faults[0]?.bus ?? "redis");
  try {
    for (const { number, title, happen } of faults) {
      await scene.begin();
      const healMs = await happen(scene, length);
      yield { fault: number, title, healMs, ...(await scene.verify()) };
    }
  } finally {
    await scene.dispose();
  }
}
