// One process of a fault run: subscribes, publishes, and keeps account of all it sent and got. It is told what to do
// over the socket that CONTROL names. BUS says which adapter it uses.

import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Gap, PubSubStatus } from "../../src/pubsub/gap.ts";
import type { PubSub } from "../../src/pubsub/pubsub.ts";
import { topic } from "../../src/pubsub/topic.ts";
import { Attendance } from "./attendance.ts";
import type { Answers, Order, Report } from "./orders.ts";

/** What nodes send each other. */
interface Entry {
  readonly type: "entry";
  readonly sender: string;
  readonly number: number;
  readonly text: string;
}

/** How often a publisher wakes up. */
const TICK_MS = 10;

const name = process.env["NODE_NAME"] ?? "node";
const errors: string[] = [];
const uncaught: string[] = [];
const statuses: PubSubStatus[] = [];
const gaps: Gap[] = [];
const published: Report["published"][number][] = [];
const received: Report["received"][number][] = [];
const numbers = new Map<string, number>();
let status: PubSubStatus = "down";
let pending = 0;
let refused = 0;
let slowestMs = 0;
/** The time as this process has it: what it is kept from running is not counted. */
let awakeMs = 0;
setInterval(() => (awakeMs += TICK_MS), TICK_MS).unref();
let foreign = 0;
let publisher: NodeJS.Timeout | undefined;
let attendance: Attendance | undefined;

process.on("uncaughtException", (error) => uncaught.push(String(error)));
process.on("unhandledRejection", (error) => uncaught.push(String(error)));

const onError = (error: Error): void => {
  // Enough to see what went wrong; a server that is away for a minute says so every second.
  if (errors.length < 100) errors.push(error.message);
};
const bus = await openBus();
bus.on?.("gap", (gap) => gaps.push(gap));
bus.on?.("status", (next) => {
  status = next;
  statuses.push(next);
});

async function openBus(): Promise<PubSub> {
  switch (process.env["BUS"]) {
    case "redis": {
      const { RedisPubSub } = await import("../../src/pubsub/redis-pubsub.ts");
      return new RedisPubSub({ url: process.env["REDIS_URL"] ?? "", onError });
    }
    case "cluster": {
      const { ClusterPubSub } = await import("../../src/pubsub/cluster-pubsub.ts");
      return new ClusterPubSub({ onError });
    }
    default:
      throw new Error(`BUS is ${process.env["BUS"]}; it must be redis or cluster.`);
  }
}

function send(name_: string, text: string): void {
  const number = (numbers.get(name_) ?? 0) + 1;
  numbers.set(name_, number);
  const startMs = awakeMs;
  published.push([name_, number, Date.now()]);
  pending++;
  const settled = (): void => {
    pending--;
    slowestMs = Math.max(slowestMs, awakeMs - startMs);
  };
  bus.broadcast(topic<Entry>(name_), { type: "entry", sender: name, number, text }).then(settled, () => {
    refused++;
    settled();
  });
}

function startPublishing(topics: readonly string[], perSecond: number, text: string): void {
  clearInterval(publisher);
  let next = 0;
  let owed = 0;
  let lastMs = performance.now();
  publisher = setInterval(() => {
    const nowMs = performance.now();
    // A loop that was blocked does not make up for it: that would be another test.
    owed += (Math.min(nowMs - lastMs, 10 * TICK_MS) * perSecond) / 1000;
    lastMs = nowMs;
    for (; owed >= 1; owed--) send(topics[next++ % topics.length] ?? "", text);
  }, TICK_MS);
}

function listen(name_: string): Promise<unknown> {
  return bus.subscribe(topic<Entry>(name_), ({ type, sender, number }) => {
    if (type === "entry") received.push([sender, name_, number, Date.now()]);
    else foreign++;
  });
}

async function obey(order: Order): Promise<Answers[Order["type"]]> {
  switch (order.type) {
    case "subscribe":
      await Promise.all(order.topics.map(listen));
      return null;
    case "publish":
      startPublishing(order.topics, order.perSecond, "x".repeat(order.text));
      return null;
    case "burst":
      for (let count = 0; count < order.messages; count++) send(order.topic, "x".repeat(order.text));
      return null;
    case "stop":
      clearInterval(publisher);
      return null;
    case "report":
      return { published, received, gaps };
    case "health": {
      const resources = process.getActiveResourcesInfo().length;
      const rssBytes = process.memoryUsage.rss();
      return { status, statuses, pending, refused, slowestMs, rssBytes, resources, errors, uncaught, foreign };
    }
    case "block":
      setImmediate(() => {
        const endMs = Date.now() + order.ms;
        while (Date.now() < endMs);
      });
      return null;
    case "close":
      await close();
      return null;
    case "attend":
      attendance = await Attendance.open(name, bus, onError);
      return null;
    default:
      if (attendance === undefined) throw new Error("There is nobody to attend: the first order is `attend`.");
      return attendance.obey(order);
  }
}

async function close(): Promise<void> {
  clearInterval(publisher);
  await attendance?.close();
  await bus.close();
}

const control = connect(process.env["CONTROL"] ?? "");
process.once("SIGTERM", () => void close().then(() => control.end()));
control.write(`${JSON.stringify({ name, pid: process.pid })}\n`);
createInterface({ input: control }).on("line", (line) => {
  // Written by the harness, of which this is a part.
  const { id, order } = JSON.parse(line) as { id: number; order: Order };
  obey(order).then(
    (answer) => {
      control.write(`${JSON.stringify({ id, answer })}\n`);
      // What is left alive now is the bus's fault, and the harness will see that the process does not end.
      if (order.type === "close") control.end();
    },
    (error: unknown) => control.write(`${JSON.stringify({ id, error: String(error) })}\n`),
  );
});
