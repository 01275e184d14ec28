// Snippetbox, and the small examples. HOST and PORT say where, until SIGINT or SIGTERM. By itself it is one process with
// a file of SQLite. In several processes with `--workers 2` (or `auto`: one for each core); on several machines with
// REDIS_URL, at which they meet, and DATABASE_URL, a PostgreSQL that they share.
import cluster from "node:cluster";
import { networkInterfaces } from "node:os";
import { parseArgs } from "node:util";
import { serve } from "wingbeat/serve";
import { answerForNode } from "./contexts/nodes.ts";
import { presence } from "./contexts/presence.ts";
import { presence as whoIsHere } from "../who.ts";
import { closeStore, database } from "./contexts/store.ts";
import { deploysDone } from "./contexts/deploys.ts";
import { exportsDone } from "./contexts/exports.ts";
import { seed } from "./database/seed.ts";
import { createSnippetbox } from "./web/app.ts";
import { secret } from "./web/secret.ts";

const { HOST = "127.0.0.1", PORT = "4000", NODE_ENV, ORIGINS } = process.env;
const { workers } = parseArgs({ options: { workers: { type: "string" } } }).values;

const app = createSnippetbox({
  secret,
  // Pages load anew when a server in development starts again. Here, who types meanwhile shall lose nothing.
  development: NODE_ENV === "development",
  origins: ORIGINS?.split(",") ?? ownAddresses().map((host) => `http://${host}:${PORT}`),
});

await seed(database);
const server = await serve(app, { workers: workers === undefined || workers === "auto" ? workers : Number(workers) });
// With workers the first process only keeps them running.
const servesPages = workers === undefined || cluster.isWorker;
const stopAnswering = servesPages ? await answerForNode(() => app.stats()) : undefined;
if (cluster.isPrimary) console.log(`Snippetbox: ${server.url}`);

await server.closed;
await stopAnswering?.();
// What is under way is finished: an export, a deployment.
await Promise.all([exportsDone(), deploysDone()]);
// The other processes need not wait until they miss this one.
await Promise.all([presence.close(), whoIsHere.close()]);
await closeStore();

/** The names of this machine, as browsers here and nearby call it. */
function ownAddresses(): string[] {
  const isOpen = HOST === "0.0.0.0" || HOST === "::";
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const nearby = isOpen ? all.map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address)) : [HOST];
  return ["localhost", "127.0.0.1", ...nearby];
}
