// npm start: serves the examples on HOST and PORT, until SIGINT or SIGTERM. In several processes with
// `npm start -- --workers 2` (or `auto`: one for each core), or with REDIS_URL, at which any number of servers meet.
import cluster from "node:cluster";
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { serve } from "wingbeat/serve";
import { createExamples } from "./app.ts";
import { pubSub } from "./pubsub.ts";
import { presence } from "./who.ts";

const { HOST = "127.0.0.1", PORT = "4000", NODE_ENV, ORIGINS } = process.env;
const { workers } = parseArgs({ options: { workers: { type: "string" } } }).values;

// In production an app has to be given its secret and its origins. These examples make do without: a secret for as long
// as the server lives, which workers inherit, and the addresses of this machine.
const production = NODE_ENV === "production";
if (production) process.env["WINGBEAT_SECRET"] ??= randomBytes(32).toString("base64url");
const here = [HOST, "localhost", "127.0.0.1"].map((host) => `http://${host}:${PORT}`);
const app = createExamples({
  secret: process.env["WINGBEAT_SECRET"],
  origins: ORIGINS?.split(",") ?? (production ? here : undefined),
  pubSub,
});

const server = await serve(app, { workers: workers === undefined || workers === "auto" ? workers : Number(workers) });
if (cluster.isPrimary) console.log(`Wingbeat examples: ${server.url}`);

await server.closed;
// The other processes need not wait until they miss this one.
await presence.close();
// Its connection would keep the process alive.
await pubSub.close();
