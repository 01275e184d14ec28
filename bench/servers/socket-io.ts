/** The row of Socket.IO: an event to all clients, and an event that is acknowledged. WebSocket only; no pages. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { serveCommands } from "../rpc.ts";
import type { ServerCommands } from "./commands.ts";
import { publish } from "./publish.ts";
import { usage } from "./usage.ts";

const server = createServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => {
  let count = 0;
  socket.on("increment", (_value: unknown, acknowledge: (diff: unknown) => void) => {
    count++;
    acknowledge({ diff: { 0: String(count) } });
  });
});

serveCommands<ServerCommands>({
  async listen() {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
    // A TCP server that listens has an address object (node:net, server.address).
    return { port: (server.address() as AddressInfo).port };
  },
  publish: (order) => publish(order, (text) => io.emit("diff", { 0: text })),
  usage: ({ collect }) => usage(collect),
});
