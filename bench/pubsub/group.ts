/** The process that owns the nodes of a transfer: their parent, the primary of their cluster, or the threads' main one. */
import cluster from "node:cluster";
import { fork } from "node:child_process";
import { Worker } from "node:worker_threads";
import { serveCommands } from "../rpc.ts";
import type { GroupCommands, NodeNews, NodeOrder, TransferOrder, TransferReport } from "./commands.ts";
import { relayBare } from "./lines.ts";
import { startRedis } from "./redis-server.ts";

const NODE = new URL("node.js", import.meta.url).pathname;
const BUCKET_MICROS = 10;

interface NodeHandle {
  tell(order: NodeOrder): void;
  onNews(listener: (news: NodeNews) => void): void;
  stop(): void;
}

serveCommands<GroupCommands>({ transfer });

async function transfer({ kind, nodes, count, perSecond, bytes }: TransferOrder): Promise<TransferReport> {
  const redis = kind.carrier === "redis" ? await startRedis() : undefined;
  const redisUrl = redis?.url ?? "";
  if (kind.carrier === "cluster" && kind.isBare) relayBare();
  if (kind.carrier === "cluster" && !kind.isBare) await relayForWingbeat();
  const start = kind.carrier === "cluster" ? ofCluster : kind.carrier === "redis" ? ofProcess : ofThread;
  const handles = Array.from({ length: nodes + 1 }, start);
  try {
    await Promise.all(handles.map((handle) => heard(handle, "up")));
    const [publisher, ...listeners] = handles;
    for (const listener of listeners) {
      await told(listener, { order: "listen", kind, count, redisUrl }, "ready");
    }
    if (publisher === undefined) throw new Error("there is no publisher");
    await told(publisher, { order: "open", kind, redisUrl }, "ready");
    const received = listeners.map((listener) => heard(listener, "received"));
    const { firstMicros } = await told(publisher, { order: "publish", count, perSecond, bytes }, "published");
    const reports = await Promise.all(received);
    const latencies = reports.flatMap((report) => report.latencies).toSorted(([a], [b]) => a - b);
    return {
      seconds: (Math.max(...reports.map(({ lastMicros }) => lastMicros)) - firstMicros) / 1_000_000,
      received: reports.reduce((sum, report) => sum + report.received, 0),
      outOfOrder: reports.reduce((sum, report) => sum + report.outOfOrder, 0),
      p50Ms: percentileMs(latencies, 0.5),
      p99Ms: percentileMs(latencies, 0.99),
    };
  } finally {
    for (const handle of handles) handle.stop();
    redis?.stop();
  }
}

/** The primary relays for workers once it has the adapter's module. */
async function relayForWingbeat(): Promise<void> {
  const { ClusterPubSub } = await import("wingbeat/pubsub/cluster");
  new ClusterPubSub();
}

function ofProcess(): NodeHandle {
  const child = fork(NODE);
  return {
    tell: (order) => child.send(order),
    onNews: (listener) => child.on("message", (news: NodeNews) => listener(news)),
    stop: () => child.kill("SIGKILL"),
  };
}

function ofCluster(): NodeHandle {
  cluster.setupPrimary({ exec: NODE });
  const worker = cluster.fork();
  return {
    tell: (order) => worker.send(order),
    onNews: (listener) => worker.on("message", (news: NodeNews) => listener(news)),
    stop: () => worker.process.kill("SIGKILL"),
  };
}

function ofThread(): NodeHandle {
  const worker = new Worker(NODE);
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
    tell: (order) => worker.postMessage(order),
    onNews: (listener) => worker.on("message", listener),
    stop: () => void worker.terminate(),
  };
}

function told<Name extends NodeNews["news"]>(node: NodeHandle, order: NodeOrder, name: Name) {
  const news = heard(node, name);
  node.tell(order);
  return news;
}

function heard<Name extends NodeNews["news"]>(node: NodeHandle, name: Name) {
  return new Promise<Extract<NodeNews, { news: Name }>>((resolve) => {
    node.onNews((news) => {
      // `name` says which news it is.
      if (news.news === name) resolve(news as Extract<NodeNews, { news: Name }>);
    });
  });
}

function percentileMs(sorted: readonly (readonly [number, number])[], part: number): number {
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let left = part * total;
  for (const [bucket, count] of sorted) {
    left -= count;
    if (left <= 0) return ((bucket + 1) * BUCKET_MICROS) / 1_000;
  }
  return Number.NaN;
}
