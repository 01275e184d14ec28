// Work that takes long, in a thread of its own, where it keeps no page waiting. It publishes what it finds.
import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";
import { news } from "./news.ts";

const pubSub = new BroadcastChannelPubSub();

for (let limit = 100_000; ; limit = (limit % 2_000_000) + 100_000) {
  const text = `There are ${countPrimes(limit)} primes below ${limit}`;
  await pubSub.broadcast(news, { type: "news", id: crypto.randomUUID(), text });
  await new Promise((resolve) => setTimeout(resolve, 200));
}

function countPrimes(limit: number): number {
  const isComposite = new Uint8Array(limit);
  let count = 0;
  for (let number = 2; number < limit; number++) {
    if (isComposite[number] === 1) continue;
    count++;
    for (let multiple = 2 * number; multiple < limit; multiple += number) isComposite[multiple] = 1;
  }
  return count;
}
