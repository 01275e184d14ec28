import { Child } from "../rpc.ts";
import { startRedis } from "../pubsub/redis-server.ts";
import type { BatchesOrder, JoinOrder, ViewsNodeCommands } from "../pubsub/views-node.ts";
import type { Measures, OwnScenario } from "./scenario.ts";

const VIEWS = 1_000;
const NODES = [1, 2, 4];
/** How many topics there are, and how many of them are published on. */
const TOPICS: Readonly<Record<string, { readonly topics: number; readonly busy: number }>> = {
  "10 topics": { topics: 10, busy: 10 },
  "10000 topics, 10 of them busy": { topics: 10_000, busy: 10 },
  "10000 topics, all busy": { topics: 10_000, busy: 10_000 },
};
const BROADCASTS = 100;
const BATCHES = 1_000;
const PER_BATCH = 10;

async function withNodes<T>(
  nodes: readonly Omit<JoinOrder, "redisUrl">[],
  measure: (nodes: readonly Child<ViewsNodeCommands>[]) => Promise<T>,
): Promise<T> {
  const redis = await startRedis();
  const program = new URL("../.build/pubsub/views-node.js", import.meta.url).pathname;
  const children = nodes.map(() => new Child<ViewsNodeCommands>(program));
  try {
    for (const [index, order] of nodes.entries()) {
      await children[index]?.call("join", { ...order, redisUrl: redis.url });
    }
    return await measure(children);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    redis.stop();
  }
}

async function used(nodes: readonly Child<ViewsNodeCommands>[]): Promise<{ frames: number; cpuMicros: number }> {
  const usages = await Promise.all(nodes.map((node) => node.call("usage", null)));
  return {
    frames: usages.reduce((sum, usage) => sum + usage.frames, 0),
    cpuMicros: usages.reduce((sum, usage) => sum + usage.cpuMicros, 0),
  };
}

/** Publishes from one node, which warms up first, and tells what it cost those that `measuredNodes` are. */
async function measured(
  publisher: Child<ViewsNodeCommands> | undefined,
  measuredNodes: readonly Child<ViewsNodeCommands>[],
  order: BatchesOrder,
): Promise<Measures> {
  if (publisher === undefined) throw new Error("there is no publisher");
  await publisher.call("publish", { ...order, batches: order.batches / 5 });
  const before = await used(measuredNodes);
  const { seconds } = await publisher.call("publish", order);
  const after = await used(measuredNodes);
  const frames = after.frames - before.frames;
  return { perSecond: frames / seconds, cpuMicrosEach: (after.cpuMicros - before.cpuMicros) / frames, frames };
}

const metrics = [
  { key: "perSecond", label: "deliveries/s" },
  { key: "cpuMicrosEach", label: "CPU µs each", digits: 1 },
  { key: "frames", label: "frames" },
] as const;

export const pubSubNodes: OwnScenario = {
  name: "pubsub-nodes",
  title: `Fan-out over Redis: 1, 2 and 4 nodes with ${VIEWS} views each`,
  what: `${BROADCASTS} broadcasts to every view of every node, each when all have the one before, so that each is a frame of its own for each
view. Each view renders a table of 20 rows by itself; their clients are in memory. On this machine's cores, which nodes and Redis share.`,
  rows: NODES.map((nodes) => ({ name: `${nodes} × ${VIEWS} views` })),
  metrics,
  goals: [
    { row: `2 × ${VIEWS} views`, of: `1 × ${VIEWS} views`, metric: "perSecond", atLeast: 1.5 },
    { row: `4 × ${VIEWS} views`, of: `2 × ${VIEWS} views`, metric: "perSecond", atLeast: 0.9 },
  ],
  measureAlone: (row) => {
    const count = Number.parseInt(row.name, 10);
    const node = { views: VIEWS, topics: "shared", framesPerBatch: VIEWS } as const;
    const order = { batches: BROADCASTS, topics: "shared", broadcastsPerBatch: 1, nodes: count } as const;
    return withNodes(
      Array.from({ length: count }, () => node),
      (nodes) => measured(nodes[0], nodes, order),
    );
  },
};

export const pubSubTopics: OwnScenario = {
  name: "pubsub-topics",
  title: "Deliveries from another node, by the number of topics",
  what: `${BATCHES * PER_BATCH} broadcasts to topics in turn, from one node to the ${VIEWS} views of another over Redis, ${PER_BATCH} at a time. Each topic has one view,
each view as many topics as it takes. CPU of the node that has the views, for each delivery. When all 10 000 are busy, so are all ${VIEWS}
views, of which the other rows use 10: what their tables cost the processor's caches is in the figure.`,
  rows: Object.keys(TOPICS).map((name) => ({ name })),
  metrics,
  goals: [
    { row: "10000 topics, 10 of them busy", of: "10 topics", metric: "cpuMicrosEach", atMost: 1.2 },
    { row: "10000 topics, all busy", of: "10 topics", metric: "cpuMicrosEach", atMost: 1.2 },
  ],
  measureAlone: ({ name }) => {
    const { topics, busy } = TOPICS[name] ?? { topics: 0, busy: 0 };
    const listener = { views: VIEWS, topics, framesPerBatch: PER_BATCH };
    const publisher = { views: 0, topics, framesPerBatch: PER_BATCH };
    const order = { batches: BATCHES, topics: busy, broadcastsPerBatch: PER_BATCH, nodes: 1 };
    return withNodes([listener, publisher], ([listening, publishing]) =>
      measured(publishing, listening === undefined ? [] : [listening], order),
    );
  },
};
