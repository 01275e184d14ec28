// npx tsx examples/outside/threads.ts: serves the news page, and starts a thread that publishes. A BroadcastChannel joins
// the threads of a process; no server is needed.
import { Worker } from "node:worker_threads";
import { createLiveApp } from "wingbeat";
import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";
import { serve } from "wingbeat/serve";
import { newsLiveView } from "./news.ts";

const pubSub = new BroadcastChannelPubSub();
const server = await serve(createLiveApp({ pubSub, routes: { "/": newsLiveView } }));
console.log(`The news: ${server.url}`);
const worker = new Worker(new URL("thread.mjs", import.meta.url));

await server.closed;
await worker.terminate();
await pubSub.close();
