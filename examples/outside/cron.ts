// A program of its own that publishes and ends, as a cron job does. It sends as the app's own processes do: a Date arrives as a
// Date, and the topic's schema, which is for strangers, is not asked.
//
//     0 8 * * *  REDIS_URL=redis://127.0.0.1:6379 npx tsx examples/outside/cron.ts "Good morning"
import { RedisPubSub } from "wingbeat/pubsub/redis";
import { news } from "./news.ts";

const pubSub = new RedisPubSub({ url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" });
const text = process.argv[2] ?? "Nothing new";
try {
  // Resolves when Redis has it, and rejects when it is not known to: then the job may be run again.
  await pubSub.broadcast(news, { type: "news", id: crypto.randomUUID(), text });
} finally {
  await pubSub.close();
}
