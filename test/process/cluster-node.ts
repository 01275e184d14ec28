// A primary with workers that publish and listen. The test talks to the primary, which passes on what is for a worker:
// beside the messages of ClusterPubSub, over the same lines.

import cluster, { type Worker } from "node:cluster";
import { ClusterPubSub } from "wingbeat/pubsub/cluster";

/** What the test asks of the primary (`to` is undefined) or of a worker. */
export type Order =
  | { readonly type: "fork" }
  | { readonly type: "publish"; readonly characters: number }
  | { readonly type: "burst"; readonly count: number; readonly characters: number }
  | { readonly type: "stop" }
  | { readonly type: "report" };

/** What a process has done and seen. */
export interface Report {
  readonly pid: number;
  /** The last number that it published. */
  readonly published: number;
  /** By sender's pid: how many messages came, which number was the last, and whether each was one more than the one before. */
  readonly received: {
    readonly [pid: string]: { readonly count: number; readonly last: number; readonly inOrder: boolean };
  };
  readonly gaps: readonly string[];
  readonly errors: readonly string[];
}

interface Entry {
  readonly pid: number;
  readonly number: number;
  readonly text: string;
}

const errors: string[] = [];
const gaps: string[] = [];
const received: Record<string, { count: number; last: number; inOrder: boolean }> = {};
let published = 0;
let publishing: ReturnType<typeof setInterval> | undefined;

const pubSub = new ClusterPubSub({ onError: (error) => void errors.push(error.message) });
pubSub.on("gap", ({ cause }) => void gaps.push(cause));
await pubSub.subscribe("numbers", (message) => {
  const { pid, number } = message as Entry; // of our own processes, below
  const from = (received[pid] ??= { count: 0, last: number - 1, inOrder: true });
  from.inOrder &&= number === from.last + 1;
  from.count++;
  from.last = number;
});

function publish(times: number, characters: number): void {
  for (let count = 0; count < times; count++) {
    const entry: Entry = { pid: process.pid, number: ++published, text: "x".repeat(characters) };
    pubSub.broadcast("numbers", entry).catch((error: unknown) => void errors.push(String(error)));
  }
}

function obey(order: Order): void {
  switch (order.type) {
    case "fork":
      startWorker();
      return;
    case "publish":
      publishing ??= setInterval(() => publish(10, order.characters), 1);
      return;
    case "burst":
      publish(order.count, order.characters);
      return;
    case "stop":
      clearInterval(publishing);
      publishing = undefined;
      return;
    case "report":
      process.send?.({ report: { pid: process.pid, published, received, gaps, errors } satisfies Report });
      return;
  }
}

function startWorker(): void {
  const worker: Worker = cluster.fork();
  worker.on("message", (message: object) => {
    if ("report" in message || "ready" in message) process.send?.(message);
  });
}

process.on("message", (message: object) => {
  // The test sends nothing else; what comes from Wingbeat has no order.
  if (!("order" in message) || !("to" in message)) return;
  const { order, to } = message as { order: Order; to: number };
  if (to === process.pid) return obey(order);
  for (const worker of Object.values(cluster.workers ?? {})) {
    if (worker?.process.pid === to) worker.send(message);
  }
});
process.send?.({ ready: process.pid });
