// Two threads that answer each other, on whichever runtime runs this. Prints what the main thread has heard, and ends.

import { isMainThread, Worker } from "node:worker_threads";
import { topic } from "wingbeat";
import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";

type Question = { type: "question"; number: number; asked: Date; about: Map<string, bigint> };
type Answer = { type: "answer"; number: number; isDate: boolean; sum: bigint };

const COUNT = 1_000;
const questions = topic<Question>("questions");
const answers = topic<Answer>("answers");
const ends = topic<{ type: "ready" } | { type: "end" }>("ends");
const pubSub = new BroadcastChannelPubSub();

if (isMainThread) {
  const numbers: number[] = [];
  await pubSub.subscribe(answers, ({ number, isDate, sum }) => {
    if (isDate && sum === 3n) numbers.push(number);
    if (number < COUNT) return;
    const inOrder = numbers.every((value, index) => value === index + 1);
    console.log(`${numbers.length} answers, ${inOrder ? "in order" : "out of order"}, ${pubSub.counts.gaps} gaps`);
    void pubSub.broadcast(ends, { type: "end" });
    void pubSub.close();
  });
  await pubSub.subscribe(ends, ({ type }) => {
    if (type === "end") return;
    const about = new Map([
      ["one", 1n],
      ["two", 2n],
    ]);
    for (let number = 1; number <= COUNT; number++) {
      void pubSub.broadcast(questions, { type: "question", number, asked: new Date(), about });
    }
  });
  new Worker(new URL(import.meta.url));
} else {
  await pubSub.subscribe(questions, ({ number, asked, about }) => {
    const sum = [...about.values()].reduce((total, value) => total + value, 0n);
    void pubSub.broadcast(answers, { type: "answer", number, isDate: asked instanceof Date, sum });
  });
  await pubSub.subscribe(ends, ({ type }) => {
    if (type === "end") void pubSub.close();
  });
  await pubSub.broadcast(ends, { type: "ready" });
}
