// The line of one node to a Redis, which can be led to another one: that is how some nodes are split from the others and
// still hear each other.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class LineSwitch {
  readonly port: number;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #targetPort: number;

  private constructor(server: Server, port: number, targetPort: number) {
    this.#server = server;
    this.port = port;
    this.#targetPort = targetPort;
    server.on("connection", (socket) => this.#pass(socket));
  }

  static async open(targetPort: number): Promise<LineSwitch> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("A TCP server has an address with a port.");
    return new LineSwitch(server, address.port, targetPort);
  }

  /** Cuts all connections. New ones lead to that port. */
  leadTo(targetPort: number): void {
    this.#targetPort = targetPort;
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.leadTo(0);
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(client: Socket): void {
    const server = connect(this.#targetPort, "127.0.0.1");
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      socket.on("error", () => {}); // "close" follows, and says the same
      socket.on("close", () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
  }
}
