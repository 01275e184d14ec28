import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";

/** What came of an exchange between threads. */
export interface Exchange {
  /** Of 2 000 numbers sent to the thread, how many came back, and whether in the order sent. */
  readonly answered: number;
  readonly inOrder: boolean;
  /** Whether, of what the thread sent until it was ended, every message came in order, with its dates. */
  readonly floodIsWhole: boolean;
  readonly gaps: readonly string[];
  readonly errors: readonly string[];
}

/** @param startThread runs thread.ts; returns the way to end it at once */
export async function exchange(startThread: () => () => unknown): Promise<Exchange> {
  const gaps: string[] = [];
  const errors: string[] = [];
  const pubSub = new BroadcastChannelPubSub({ name: "threads", onError: ({ message }) => void errors.push(message) });
  pubSub.on("gap", ({ cause }) => void gaps.push(cause));
  const back: unknown[] = [];
  const flood: unknown[] = [];
  let isReady = false;
  await pubSub.subscribe("ready", () => void (isReady = true));
  await pubSub.subscribe("back", (number) => void back.push(number));
  await pubSub.subscribe("flood", (entry) => void flood.push(entry));
  const end = startThread();
  await until(() => isReady);
  for (let number = 0; number < 2_000; number++) void pubSub.broadcast("there", number);
  await until(() => back.length >= 2_000);
  await pubSub.broadcast("start", undefined);
  await until(() => flood.length >= 500);
  await end();
  // It is quiet now, and the next thread is heard as the first one was.
  isReady = false;
  const endNext = startThread();
  await until(() => isReady);
  await endNext();
  await pubSub.close();
  return {
    answered: back.length,
    inOrder: back.every((number, index) => number === index),
    floodIsWhole: flood.every((entry, index) => isEntry(entry) && entry.number === index + 1),
    gaps,
    errors,
  };
}

function isEntry(value: unknown): value is { readonly number: number; readonly at: Date } {
  return typeof value === "object" && value !== null && "number" in value && "at" in value && value.at instanceof Date;
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`Not so within 30 s: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
