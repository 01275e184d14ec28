// A program of its own that uses Pub/Sub and closes it. It must end by itself then, whatever became of Redis.

import { RedisPubSub } from "../../src/pubsub/redis-pubsub.ts";

const pubSub = new RedisPubSub({ url: process.env["REDIS_URL"], onError: () => {} });
if (process.env["SUBSCRIBE"] === "yes") await pubSub.subscribe("room", () => {});
const sent = await pubSub.broadcast("room", { type: "said", text: "from a script" }).then(
  () => "sent",
  () => "refused",
);
// Not awaited: what was published before `close` is sent, if it can be.
pubSub.broadcast("room", { type: "said", text: "bye" }).catch(() => {});
await pubSub.close();
console.log(`${sent}, then closed`);
