// In a thread: answers every number on "there" with the same number on "back", and counts on "flood" once told to. Runs on
// Node, Deno and Bun.
import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";

const pubSub = new BroadcastChannelPubSub({ name: "threads" });

await pubSub.subscribe("there", (number) => pubSub.broadcast("back", number));
await pubSub.subscribe("start", () => void flood());
await pubSub.broadcast("ready", undefined);

async function flood(): Promise<void> {
  for (let number = 1; ; number++) {
    await pubSub.broadcast("flood", { number, at: new Date() });
    if (number % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
