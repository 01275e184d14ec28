// What the running cluster is made of. Whoever wants to know asks, and every node answers for itself.
import { hostname } from "node:os";
import { topic, type AppStats } from "wingbeat";
import { pubSub } from "./store.ts";

export type Node = {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly connections: number;
  readonly views: number;
  readonly topics: number;
  /** Handled by its views, over the last second. */
  readonly messagesPerSecond: number;
  readonly pubSub: AppStats["pubSub"];
};

export const nodesTopic = topic<{ type: "node"; node: Node }>("nodes");
const asking = topic<{ type: "nodes_asked" }>("nodes:asked");

const startedAt = Date.now();
/** Those of several pages that ask at once have one answer. */
const LEAST_MS = 900;

/** Answers for this process from now on. @returns what ends that */
export async function answerForNode(stats: () => AppStats): Promise<() => Promise<void>> {
  const id = `${hostname()}:${process.pid}`;
  let answeredAt = 0;
  let messages = stats().messages;
  return pubSub.subscribe(asking, () => {
    const now = Date.now();
    const elapsed = now - answeredAt;
    if (elapsed < LEAST_MS) return;
    const { connections, views, topics, messages: all, pubSub: status } = stats();
    const messagesPerSecond = elapsed > 10_000 ? 0 : Math.round(((all - messages) * 1000) / elapsed);
    messages = all;
    answeredAt = now;
    const node: Node = {
      id,
      host: hostname(),
      pid: process.pid,
      startedAt,
      connections,
      views,
      topics,
      messagesPerSecond,
      pubSub: status,
    };
    pubSub.broadcast(nodesTopic, { type: "node", node }).catch(() => {}); // the next second asks again
  });
}

export function askNodes(): Promise<void> {
  return pubSub.broadcast(asking, { type: "nodes_asked" });
}
