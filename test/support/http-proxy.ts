import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";

/** An HTTP proxy on 127.0.0.1 that gives requests to servers in turn, and treats WebSockets as it is told. */
export interface HttpProxy {
  readonly url: string;
  /** Method and path of every request that was passed on, upgrades included. */
  readonly requests: readonly string[];
  /** The ports of 127.0.0.1 that it passes requests on to, each to the next one. */
  targets: readonly number[];
  /** What becomes of a WebSocket: `refuse` answers 403 at once; `swallow` says nothing at all. */
  webSockets: "pass" | "refuse" | "swallow";
  /** The next answer to a request of this method ends the client's connection instead of reaching it. */
  loseNextAnswer(method: "GET" | "POST"): void;
  /** Answers that were lost so far. */
  readonly lost: number;
  close(): Promise<void>;
}

export async function startHttpProxy(...targets: readonly number[]): Promise<HttpProxy> {
  const requests: string[] = [];
  const losing: string[] = [];
  let lost = 0;
  let turns = 0;
  const nextTarget = (): number => proxy.targets[turns++ % proxy.targets.length] ?? 0;
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${incoming.method ?? ""} ${pathOf(incoming)}`);
    const { method, url, headers } = incoming;
    const outgoing = request({ host: "127.0.0.1", port: nextTarget(), method, path: url, headers, agent: false });
    outgoing.on("response", (answer) => {
      const index = losing.indexOf(method ?? "");
      if (index !== -1) {
        losing.splice(index, 1);
        lost++;
        return incoming.socket.destroy();
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      return answer.on("error", () => response.destroy()).pipe(response);
    });
    outgoing.on("error", () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    response.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer(pass);
  server.on("upgrade", (incoming, socket, head) => {
    socket.on("error", () => {});
    if (proxy.webSockets === "swallow") return;
    if (proxy.webSockets === "refuse") return socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
    requests.push(`UPGRADE ${pathOf(incoming)}`);
    const target = connect(nextTarget(), "127.0.0.1");
    const lines = [`${incoming.method ?? ""} ${incoming.url ?? ""} HTTP/1.1`];
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`);
    }
    target.write(`${lines.join("\r\n")}\r\n\r\n`);
    target.write(head);
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
    }
  });
  // Those of WebSockets are not the server's any more.
  const open = new Set<Socket>();
  server.on("connection", (socket) => open.add(socket.once("close", () => open.delete(socket))));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has an address with a port.");
  const proxy: HttpProxy = {
    url: `http://127.0.0.1:${address.port}/`,
    requests,
    targets,
    webSockets: "pass",
    loseNextAnswer: (method) => void losing.push(method),
    get lost() {
      return lost;
    },
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
  return proxy;
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?")[0] ?? "";
}
