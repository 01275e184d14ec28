import { setTimeout as sleep } from "node:timers/promises";
import { PresenceLine } from "../pubsub/presence-line.ts";
import type { PresenceNodeCommands } from "../pubsub/presence-node.ts";
import { startRedis } from "../pubsub/redis-server.ts";
import { Child } from "../rpc.ts";
import type { Sizes } from "../options.ts";
import type { Measures, OwnScenario } from "./scenario.ts";

type Node = Child<PresenceNodeCommands>;

const NODES = 4;
/** Beats are 1.5 s apart: that many of them, in an idle measurement, for each second that others take. */
const IDLE_FACTOR = 5;
const LISTS = 50;

/** 10 000, but with --quick. */
const countOf = ({ manyClients }: Sizes): number => 2 * manyClients;

async function withNodes<T>(
  count: number,
  measure: (nodes: readonly Node[], line: PresenceLine) => Promise<T>,
): Promise<T> {
  const redis = await startRedis();
  const program = new URL("../.build/pubsub/presence-node.js", import.meta.url).pathname;
  const nodes = Array.from({ length: count }, () => new Child<PresenceNodeCommands>(program));
  let line: PresenceLine | undefined;
  try {
    line = await PresenceLine.open(redis.url);
    await Promise.all(nodes.map((node) => node.call("connect", redis.url)));
    return await measure(nodes, line);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await line?.close();
    redis.stop();
  }
}

/** All presences are made, and know of each other. */
async function attend(nodes: readonly Node[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.call("attend", 0)));
  const [first] = nodes;
  await first?.call("track", { from: -1, to: 0 });
  await Promise.all(nodes.map((node) => node.call("reach", 1)));
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("there is no node");
  return item;
}

const rush: OwnScenario = {
  name: "presence-rush",
  title: "Presence: 10 000 join at once",
  what: `10 000 presences are tracked in one turn of one of ${NODES} nodes, over Redis: from the first call until each node's views have been told
of the last one. Messages are those of the presences, as Redis passes them on, with their envelope.`,
  rows: [{ name: "10 000 on one node" }],
  metrics: [
    { key: "trackMs", label: "calls, ms" },
    { key: "equalMs", label: `all ${NODES} nodes equal, ms` },
    { key: "messages", label: "messages" },
    { key: "largestBytes", label: "largest, bytes" },
    { key: "bytesEach", label: "bytes each", digits: 1 },
  ],
  goals: [
    { row: "10 000 on one node", metric: "equalMs", atMost: 2_000 },
    { row: "10 000 on one node", metric: "largestBytes", atMost: 65_535 },
  ],
  measureAlone: (_row, sizes) =>
    withNodes(NODES, async (nodes, line) => {
      const count = countOf(sizes);
      await attend(nodes);
      line.take();
      const reached = nodes.map((node) => node.call("reach", 1 + count));
      const { startMicros, endMicros } = await first(nodes).call("track", { from: 0, to: count });
      const equalMicros = Math.max(...(await Promise.all(reached)));
      const { messages, bytes, largestBytes } = line.take();
      return {
        trackMs: (endMicros - startMicros) / 1_000,
        equalMs: (equalMicros - startMicros) / 1_000,
        messages,
        largestBytes,
        bytesEach: bytes / count,
      };
    }),
};

const ALONE = "RedisPubSub alone";
const NOBODY = "with a presence, 1 there";
const MANY = "with a presence, 10 000 there";

const idle: OwnScenario = {
  name: "presence-idle",
  title: `Presence: ${NODES} nodes on which nothing happens`,
  what: `What each of ${NODES} nodes over Redis sends for its presence, and what it uses of one core, in a second in which nobody comes, goes or
changes. The first row has the Pub/Sub only, with its own beats.`,
  rows: [{ name: ALONE }, { name: NOBODY }, { name: MANY }],
  metrics: [
    { key: "messages", label: "messages/s a node", digits: 2 },
    { key: "bytes", label: "bytes/s a node" },
    { key: "cpuPercent", label: "CPU %", digits: 2 },
  ],
  goals: [
    { row: MANY, metric: "messages", atMost: 1 },
    { row: MANY, metric: "bytes", atMost: 500 },
  ],
  measureAlone: (row, sizes) =>
    withNodes(NODES, async (nodes, line) => {
      if (row.name !== ALONE) await attend(nodes);
      if (row.name === MANY) {
        const share = countOf(sizes) / NODES;
        for (const [index, node] of nodes.entries()) {
          await node.call("track", { from: index * share, to: (index + 1) * share });
        }
        await Promise.all(nodes.map((node) => node.call("reach", 1 + countOf(sizes))));
      }
      // What is compiled in the first seconds is not what idling costs.
      await sleep(2_000);
      const seconds = sizes.seconds * IDLE_FACTOR;
      const before = await cpuOf(nodes);
      line.take();
      await sleep(seconds * 1_000);
      const { messages, bytes } = line.take();
      const cpuMicros = (await cpuOf(nodes)) - before;
      const each = seconds * NODES;
      return { messages: messages / each, bytes: bytes / each, cpuPercent: cpuMicros / each / 10_000 };
    }),
};

/** Of all nodes, in microseconds. */
async function cpuOf(nodes: readonly Node[]): Promise<number> {
  const each = await Promise.all(nodes.map((node) => node.call("cpu", null)));
  return each.reduce((sum, cpuMicros) => sum + cpuMicros, 0);
}

const cold: OwnScenario = {
  name: "presence-cold",
  title: "Presence: a node that comes to 20 000",
  what: `Two nodes have 10 000 presences each. A third one makes its presence: until its views have been told of all, and what that took over Redis.`,
  rows: [{ name: "20 000 elsewhere" }],
  metrics: [
    { key: "ms", label: "ms" },
    { key: "messages", label: "messages" },
    { key: "bytes", label: "bytes" },
    { key: "largestBytes", label: "largest, bytes" },
  ],
  goals: [{ row: "20 000 elsewhere", metric: "largestBytes", atMost: 65_535 }],
  measureAlone: (_row, sizes) =>
    withNodes(3, async ([one, two, three], line) => {
      if (one === undefined || two === undefined || three === undefined) throw new Error("there are three nodes");
      const count = countOf(sizes);
      await attend([one, two]);
      await one.call("track", { from: 0, to: count });
      await two.call("track", { from: count, to: 2 * count });
      await Promise.all([one, two].map((node) => node.call("reach", 1 + 2 * count)));
      line.take();
      const { startMicros, endMicros } = await three.call("attend", 1 + 2 * count);
      return { ms: (endMicros - startMicros) / 1_000, ...line.take() };
    }),
};

const OWN = "the node that tracks them";
const OTHER = "another node";

const size: OwnScenario = {
  name: "presence-size",
  title: "Presence: 10 000 keys on a node",
  what: `\`list\` of 10 000 keys: the first time, after each of ${LISTS} further joins (median), and when nothing has changed. Memory: growth of the heap and
of buffers, after garbage collection, for each presence with the meta \`{ name, typing }\`, before the first \`list\`.`,
  rows: [{ name: OWN }, { name: OTHER }],
  metrics: [
    { key: "firstMs", label: "first list, ms", digits: 2 },
    { key: "changedMs", label: "after a join, ms", digits: 2 },
    { key: "sameMs", label: "unchanged, ms", digits: 3 },
    { key: "bytesEach", label: "bytes each" },
  ],
  goals: [],
  measureAlone: (row, sizes) => withNodes(2, (nodes) => measureSize(nodes, row.name === OWN, countOf(sizes))),
};

async function measureSize(nodes: readonly Node[], isOwn: boolean, count: number): Promise<Measures> {
  await attend(nodes);
  const [writer, reader] = nodes;
  const measured = isOwn ? writer : reader;
  if (writer === undefined || measured === undefined) throw new Error("there are two nodes");
  const before = await measured.call("bytes", null);
  await writer.call("track", { from: 0, to: count });
  await measured.call("reach", 1 + count);
  // The log of the last operations is forgotten by then, and what was read is garbage.
  await sleep(1_000);
  const after = await measured.call("bytes", null);
  const { ms: firstMs, keys } = await measured.call("list", null);
  if (keys !== 1 + count) throw new Error(`${keys} keys are listed, not ${1 + count}`);
  const { ms: sameMs } = await measured.call("list", null);
  const changed: number[] = [];
  for (let join = 1; join <= LISTS; join++) {
    await writer.call("track", { from: count + join - 1, to: count + join });
    await measured.call("reach", 1 + count + join);
    changed.push((await measured.call("list", null)).ms);
  }
  const changedMs = changed.sort((a, b) => a - b)[Math.floor(LISTS / 2)] ?? Number.NaN;
  return { firstMs, changedMs, sameMs, bytesEach: (after - before) / count };
}

export const presences: readonly OwnScenario[] = [rush, idle, cold, size];
