/**
 * The control row: `node:http` and `ws` as they come, sending the very bytes that Wingbeat was seen to send for the same
 * page. It decides nothing, renders nothing and parses nothing, so it is the limit on this runtime.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { Capture } from "../capture.ts";
import { serveCommands } from "../rpc.ts";
import { STAMP_PATTERN } from "../stamp.ts";
import type { ServerCommands } from "./commands.ts";
import { publish } from "./publish.ts";
import { usage } from "./usage.ts";

const AS_TEXT = { binary: false };
const sockets = new WebSocketServer({ noServer: true });
let push: readonly string[] | undefined;

serveCommands<ServerCommands>({
  async listen({ capture }) {
    if (capture === undefined) throw new Error("the bare server needs a capture to repeat");
    push = capture.push?.split(STAMP_PATTERN);
    const server = createServer(pages(capture));
    server.on("upgrade", (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client));
    });
    sockets.on("connection", conversation(capture));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
    // A TCP server that listens has an address object (node:net, server.address).
    return { port: (server.address() as AddressInfo).port };
  },
  publish: (order) =>
    publish(order, (text) => {
      const [before = "", after = ""] = push ?? [];
      // Of a padded message the captured push holds the padding already.
      const frame = Buffer.from(before + text.slice(0, 25) + after);
      for (const client of sockets.clients) client.send(frame, AS_TEXT);
    }),
  usage: ({ collect }) => usage(collect),
});

function pages({ page }: Capture): (request: unknown, response: ServerResponse) => void {
  const body = Buffer.from(page.body);
  const headers = { ...page.headers, "content-length": body.byteLength };
  return (_request, response) => void response.writeHead(200, headers).end(body);
}

function conversation({ joinReply, reply }: Capture): (client: WebSocket) => void {
  const joined = Buffer.from(joinReply);
  const replied = Buffer.from(reply ?? "");
  return (client) => {
    client.once("message", () => {
      client.send(joined, AS_TEXT);
      client.on("message", () => client.send(replied, AS_TEXT));
    });
  };
}
