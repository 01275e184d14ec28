// Snippetbox, and the small examples. HOST and PORT say where, until SIGINT or SIGTERM. By itself it is one process with
// a file of SQLite. In several processes with `--workers 2` (or `auto`: one for each core); on several machines with
// REDIS_URL, at which they meet, and DATABASE_URL, a PostgreSQL that they share.
import cluster from "node:cluster";
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

const { HOST = "127.0.0.1", PORT = "4000", NODE_ENV, ORIGINS, WINGBEAT_SECRET } = process.env;
const { workers } = parseArgs({ options: { workers: { type: "string" } } }).values;

const production = NODE_ENV === "production";
const here = [HOST, "localhost", "127.0.0.1"].map((host) => `http://${host}:${PORT}`);
const app = createSnippetbox({
  secret: WINGBEAT_SECRET,
  origins: ORIGINS?.split(",") ?? (production ? here : undefined),
});

await seed(database);
const server = await serve(app, { workers: workers === undefined || workers === "auto" ? workers : Number(workers) });
const stopAnswering = await answerForNode(() => app.stats());
if (cluster.isPrimary) console.log(`Snippetbox: ${server.url}`);

await server.closed;
await stopAnswering();
// What is under way is finished: an export, a deployment.
await Promise.all([exportsDone(), deploysDone()]);
// The other processes need not wait until they miss this one.
await Promise.all([presence.close(), whoIsHere.close()]);
await closeStore();
