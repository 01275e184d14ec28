// What can befall a Redis between the processes of one app, and what must hold. Numbered as in docs/reliability.md.

import { connect } from "node:net";
import { once } from "node:events";
import { until } from "./fleet.ts";
import type { Outcome } from "./outcome.ts";
import { pause, PATIENCE_MS, RedisScene, TOPICS } from "./redis-scene.ts";

/** How long a fault lasts: within `npm test`, or as `npm run chaos` has it. */
export type Length = "short" | "long";

export interface Fault {
  readonly number: string;
  readonly title: string;
  /**
   * Does it, and undoes it.
   * @returns from when on the nodes can hear each other again, in milliseconds since 1970; `undefined` when they always can
   * @throws when something does not hold that the ledger does not show
   */
  readonly happen: (scene: RedisScene, length: Length) => Promise<number | undefined>;
  /** Of the server, by the names of redis.conf. */
  readonly settings?: { readonly [name: string]: string };
  /** No message may be lost at all, reported or not. */
  readonly losesNothing?: boolean;
  /** Messages must be lost, or the fault was none. */
  readonly losesSome?: boolean;
}

/** A publisher must learn within 2 s that its message was not taken; the rest is for a busy machine. */
const REFUSED_WITHIN_MS = 4_000;
const MEBIBYTE = 1024 * 1024;

export const redisFaults: readonly Fault[] = [
  {
    number: "1",
    title: "Redis is killed, and back after 2 s",
    happen: async ({ redis }) => {
      await redis.kill();
      await pause(2_000);
      await redis.restart();
      return Date.now();
    },
  },
  {
    number: "2",
    title: "Redis is away for long",
    happen: async (scene, length) => {
      const before = await scene.healths();
      await scene.redis.kill();
      await until("every node says that it is down", PATIENCE_MS, async () =>
        (await scene.healths()).every(({ status }) => status === "down"),
      );
      const sinceMs = Date.now();
      await pause(length === "short" ? 5_000 : 60_000);
      const during = await scene.healths();
      for (const [index, { refused, slowestMs, rssBytes, pending }] of during.entries()) {
        assert(refused > 0, "broadcasts are refused while Redis is away");
        assert(slowestMs < REFUSED_WITHIN_MS, `a broadcast is refused within 2 s, not ${slowestMs} ms`);
        assert(pending < 2_000, `${pending} broadcasts are pending`);
        const grownMib = (rssBytes - (before[index]?.rssBytes ?? 0)) / MEBIBYTE;
        assert(grownMib < 100, `memory is flat, but grew by ${grownMib.toFixed(0)} MiB`);
      }
      const { published, records } = await scene.account();
      for (const { name, received } of records) {
        const idOf = ({ topic, number }: { topic: string; number: number }): string => `${topic} ${number}`;
        const heard = new Set(received.filter(({ sender }) => sender === name).map(idOf));
        const own = published.filter(({ sender, atMs }) => sender === name && atMs > sinceMs && atMs < sinceMs + 3_000);
        const missing = own.filter((message) => !heard.has(idOf(message)));
        assert(own.length > 0 && missing.length <= 5, `${name} hears itself while Redis is away`);
      }
      await scene.redis.restart();
      return Date.now();
    },
  },
  {
    number: "3",
    title: "Redis is killed again and again",
    happen: async (scene, length) => {
      const before = await scene.healths();
      const kills = length === "short" ? 5 : 20;
      let sinceMs = Date.now();
      for (let kill = 0; kill < kills; kill++) {
        await scene.redis.kill();
        await pause(500);
        await scene.redis.restart();
        sinceMs = Date.now();
        if (kill % 2 === 0) await scene.connected();
        else await pause(700);
      }
      await scene.healed(sinceMs);
      const subscribers = async (): Promise<readonly unknown[]> => {
        const counts = await scene.redis.command("PUBSUB", "NUMSUB", ...(await channels(scene)));
        return Array.isArray(counts) ? counts.filter((_count, index) => index % 2 === 1) : [];
      };
      const areWhole = async (): Promise<boolean> => {
        const counts = await subscribers();
        return counts.length === TOPICS.length && counts.every((count) => count === scene.nodes.length);
      };
      await until("each node has subscribed once to each channel", PATIENCE_MS, areWhole, subscribers);
      const resources = async (): Promise<readonly number[]> =>
        (await scene.healths()).map((health) => health.resources);
      const areFew = async (): Promise<boolean> =>
        (await resources()).every((count, index) => count <= (before[index]?.resources ?? 0) + 3);
      await until("no timers and handles are left", PATIENCE_MS, areFew, resources);
      return sinceMs;
    },
  },
  {
    number: "4",
    title: "Redis cuts the subscribers at 1 000 messages a second",
    happen: async (scene, length) => {
      await scene.publish(1_000);
      let sinceMs = Date.now();
      for (let kill = 0; kill < (length === "short" ? 3 : 20); kill++) {
        await pause(300);
        sinceMs = Date.now();
        await scene.redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        await scene.connected();
      }
      return sinceMs;
    },
  },
  {
    number: "5a",
    title: "Redis stands still for 2 s",
    happen: async ({ redis }) => {
      redis.pause();
      await pause(2_000);
      redis.resume();
      return Date.now();
    },
  },
  {
    number: "5b",
    title: "Redis stands still for longer than the watchdog allows",
    happen: async ({ redis }, length) => {
      redis.pause();
      await pause(length === "short" ? 6_000 : 30_000);
      redis.resume();
      return Date.now();
    },
  },
  blackHole("6a", "the line of one node's subscriber swallows everything", (opening) => isSubscriber(opening)),
  blackHole("6b", "the line of one node's publisher swallows everything", (opening) => !isSubscriber(opening)),
  blackHole("6c", "both lines of one node swallow everything", () => true),
  {
    number: "7",
    title: "others publish garbage on our channels",
    losesNothing: true,
    happen: async (scene, length) => {
      const names = await channels(scene);
      const socket = connect(scene.redis.port, "127.0.0.1");
      await once(socket, "connect");
      socket.resume(); // its answers are of no interest
      const garbage = [
        "",
        "\u0000\u0001\u0002",
        "{",
        '{"type":',
        "null",
        '"text"',
        "[".repeat(2_000),
        '{"__proto__":{"type":"entry"}}',
        '{"type":"foreign","nested":{"list":[1,2,{"deep":true}]}}',
        // Nearly what we send ourselves.
        "wb1",
        "wb1 ",
        "wb1 m",
        "wb1 m node 1 1 j",
        'wb1 m node 1 1 j {"type":"entry"',
        'wb1 m node -1 1 j {"type":"entry"}',
        'wb1 m node 99999999999999999999 1 j {"type":"entry"}',
        "wb1 m node 1 1 r [[[[[[[[",
        "wb1 m node 1 1 x {}",
        "wb1 ? node 1 1 j {}",
        "wb1 b node {}",
        "wb999 m node 1 1 j {}",
        " wb1 m node 1 1 j {}",
        "x".repeat(100_000),
      ];
      const rounds = length === "short" ? 40 : 400;
      for (let round = 0; round < rounds; round++) {
        for (const text of garbage) {
          const channel = names[round % names.length] ?? "";
          const parts = ["PUBLISH", channel, text].map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
          socket.write(`*3\r\n${parts.join("")}`);
        }
        await pause(50);
      }
      socket.destroy();
      const healths = await scene.healths();
      for (const { foreign } of healths) assert(foreign >= rounds, "foreign JSON reaches the listeners as it is");
      return undefined;
    },
  },
  {
    number: "8",
    title: "one node stands still for 4 s while 60 MB are sent to it",
    // The server's own limit for subscribers that do not read.
    settings: { "client-output-buffer-limit": "pubsub 8mb 2mb 5" },
    losesSome: true,
    happen: async (scene) => {
      const [blocked, sender] = scene.nodes;
      await blocked?.ask({ type: "block", ms: 4_000 });
      const message = { type: "burst", topic: TOPICS[0] ?? "", messages: 100, text: 60_000 } as const;
      for (let burst = 0; burst < 10; burst++) {
        await sender?.ask(message);
        await pause(100);
      }
      await blocked?.health();
      return Date.now();
    },
  },
  {
    number: "10",
    title: "Redis is emptied, and configured anew",
    losesNothing: true,
    happen: async ({ redis }) => {
      await redis.command("FLUSHALL");
      await redis.command("CONFIG", "SET", "maxmemory", "100mb");
      await redis.command("SCRIPT", "FLUSH");
      await redis.command("CONFIG", "RESETSTAT");
      await pause(1_000);
      return undefined;
    },
  },
];

const isSubscriber = (opening: string): boolean => /\r\nsubscribe\r\n/i.test(opening);

function blackHole(number: string, title: string, isMeant: (opening: string) => boolean): Fault {
  return {
    number,
    title,
    happen: async ({ proxies }) => {
      const meant = (proxies[0]?.connections ?? []).filter(({ opening }) => isMeant(opening));
      assert(meant.length > 0, "the node has such a line");
      for (const connection of meant) connection.blackHole();
      // New connections are fine: the node has to notice that it needs one.
      return Date.now();
    },
  };
}

/** The channels of the ledger's topics, whatever their prefix. */
async function channels({ redis }: RedisScene): Promise<string[]> {
  const all = await redis.command("PUBSUB", "CHANNELS", "*");
  return (Array.isArray(all) ? all : []).map(String).filter((name) => TOPICS.some((topic) => name.endsWith(topic)));
}

function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`This must hold, and does not: ${what}`);
}

/** Lets a fault happen to a fleet of its own. @throws when something does not hold that the outcome does not show */
export async function runRedisFault(fault: Fault, length: Length): Promise<Outcome> {
  const scene = await RedisScene.open(fault.settings);
  try {
    const sinceMs = await fault.happen(scene, length);
    const healMs = sinceMs === undefined ? undefined : await scene.healed(sinceMs);
    await scene.connected();
    const verdict = await scene.settle();
    if (fault.losesNothing === true) assert(verdict.underGap === 0, `nothing is lost, but ${verdict.underGap} were`);
    if (fault.losesSome === true) assert(verdict.underGap > 0, "something is lost");
    await scene.close();
    return { fault: fault.number, title: fault.title, verdict, healMs };
  } catch (error) {
    await scene.dispose();
    throw error;
  }
}
