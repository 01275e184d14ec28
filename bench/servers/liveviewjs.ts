/** The row of LiveViewJS 0.8 from npm, set up as its documentation does: Express, express-session, ws. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { NodeExpressLiveViewServer } from "@liveviewjs/express";
import express from "express";
import session from "express-session";
import { WebSocketServer } from "ws";
import { serveCommands } from "../rpc.ts";
import type { ServerCommands } from "./commands.ts";
import { layout, pubSub, views } from "./liveviewjs-views.ts";
import { publish } from "./publish.ts";
import { usage } from "./usage.ts";

const SECRET = "a secret for benchmarks, of no value";

const live = new NodeExpressLiveViewServer(views, layout, { title: "bench" }, { serDeSigningSecret: SECRET, pubSub });
const app = express();
app.use(session({ secret: SECRET, resave: false, rolling: true, saveUninitialized: true }));
app.use(live.httpMiddleware());

const server = createServer(app);
const sockets = new WebSocketServer({ server });
// It declares its own namespace's type of the very class; only `on("connection")` is called.
await live.wsMiddleware()(sockets as unknown as Parameters<ReturnType<typeof live.wsMiddleware>>[0]);

serveCommands<ServerCommands>({
  async listen() {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
    // A TCP server that listens has an address object (node:net, server.address).
    return { port: (server.address() as AddressInfo).port };
  },
  publish: (order) => publish(order, (text) => pubSub.broadcast(order.path, { type: "published", text })),
  usage: ({ collect }) => usage(collect),
});
