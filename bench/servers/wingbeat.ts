/** The row of Wingbeat: the package as npm would install it, in production mode. */
import { createLiveApp } from "wingbeat";
import { serve } from "wingbeat/serve";
import { freePort } from "../free-port.ts";
import { serveCommands } from "../rpc.ts";
import type { ServerCommands } from "./commands.ts";
import { publish } from "./publish.ts";
import { usage } from "./usage.ts";
import { broadcast, views } from "./wingbeat-views.ts";

const createBenchApp = (port: number) =>
  createLiveApp({
    secret: "a secret for benchmarks that is long enough",
    origins: [`http://127.0.0.1:${port}`],
    routes: views,
    // A load generator clicks faster than people do, and the slow reader is kept waiting for longer than the default.
    limits: {
      eventsPerSecond: 1e6,
      eventsBurst: 1e6,
      joinsPerSecond: 1e6,
      maxConcurrentRenders: 1e6,
      maxLagMs: 3_600_000,
    },
  });

let app: ReturnType<typeof createBenchApp> | undefined;

serveCommands<ServerCommands>({
  async listen() {
    const port = await freePort();
    app = createBenchApp(port);
    await serve(app, { port, hostname: "127.0.0.1" });
    return { port };
  },
  publish: (order) => publish(order, (text) => broadcast(order.path, text)),
  usage: ({ collect }) => usage(collect, app && numbersOf(app.stats())),
});

/** The counters among an app's statistics. */
function numbersOf(stats: object): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(stats)) if (typeof value === "number") numbers[name] = value;
  return numbers;
}
