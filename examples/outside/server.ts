// npx tsx examples/outside/server.ts, with REDIS_URL: serves the news page, and a webhook.
import { createLiveApp } from "wingbeat";
import { RedisPubSub } from "wingbeat/pubsub/redis";
import { serve } from "wingbeat/serve";
import { newsLiveView } from "./news.ts";
import { receiveWebhook } from "./webhook.ts";

const pubSub = new RedisPubSub({ url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" });
const app = createLiveApp({
  pubSub,
  routes: { "/": newsLiveView },
  fetch: (request) => receiveWebhook(request, pubSub),
});

const server = await serve(app);
console.log(`The news: ${server.url}`);

await server.closed;
await pubSub.close();
