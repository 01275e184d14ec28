/** One node of a transfer: a process, a worker of a cluster, or a worker thread. Listens, or publishes, as it is told. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { nowMicros } from "../stamp.ts";
import type { Envelope, NodeNews, NodeOrder } from "./commands.ts";
import { openLine, type Line } from "./lines.ts";

/** How many publications may be on their way at a time, as an application that does not wait for each has it. */
const WINDOW = 1_000;
/** Where nothing says when the next may follow: how many are published in one turn of the event loop. */
const PER_TURN = 100;
const BUCKET_MICROS = 10;

const tell = (news: NodeNews): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
  if (parentPort !== null) parentPort.postMessage(news);
  else process.send?.(news);
};
let line: Line | undefined;

const obey = async (order: NodeOrder): Promise<void> => {
  switch (order.order) {
    case "open":
      line = await openLine(order.kind, order.redisUrl);
      return tell({ news: "ready" });
    case "listen":
      line = await openLine(order.kind, order.redisUrl);
      await line.listen(counter(order.count));
      return tell({ news: "ready" });
    case "publish":
      return publish(order.count, order.perSecond, order.bytes);
  }
};

const receive = (message: unknown): void => {
  if (typeof message !== "object" || message === null || !("order" in message)) return;
  // Nobody but the group sends orders.
  obey(message as NodeOrder).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
};
if (parentPort === null) process.on("message", receive);
else parentPort.on("message", receive);
tell({ news: "up" });

function counter(count: number): (message: Envelope) => void {
  let received = 0;
  let outOfOrder = 0;
  let previous = 0;
  const latencies = new Map<number, number>();
  return ({ sequence, micros }) => {
    const now = nowMicros();
    received++;
    if (sequence !== previous + 1) outOfOrder++;
    previous = sequence;
    const bucket = Math.floor((now - micros) / BUCKET_MICROS);
    latencies.set(bucket, (latencies.get(bucket) ?? 0) + 1);
    if (sequence === count)
      tell({ news: "received", lastMicros: now, received, outOfOrder, latencies: [...latencies] });
  };
}

async function publish(count: number, perSecond: number, bytes: number): Promise<void> {
  const padding = "x".repeat(bytes - JSON.stringify(sample(100_000, "")).length);
  const startMicros = nowMicros();
  const window = new Window();
  for (let sequence = 1; sequence <= count; sequence++) {
    if (perSecond > 0) await until(startMicros + ((sequence - 1) * 1_000_000) / perSecond);
    const taken = line?.publish(sample(sequence, padding));
    if (taken === undefined) {
      if (perSecond === 0 && sequence % PER_TURN === 0) await nextTurn();
      continue;
    }
    window.add(taken);
    if (window.isFull) await window.room();
  }
  tell({ news: "published", firstMicros: startMicros });
}

/** What was handed over and is not settled. */
class Window {
  #open = 0;
  #wake: (() => void) | undefined;

  get isFull(): boolean {
    return this.#open >= WINDOW;
  }

  add(taken: Promise<unknown>): void {
    this.#open++;
    taken.then(
      () => {
        this.#open--;
        this.#wake?.();
      },
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  }

  room(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

function sample(sequence: number, padding: string): Envelope {
  return { type: "sample", sequence, micros: Math.round(nowMicros()), padding };
}

async function until(micros: number): Promise<void> {
  const waitMs = (micros - nowMicros()) / 1_000;
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
