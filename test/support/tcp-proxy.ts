import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** `toServer` is what clients send, `toClient` what the server answers. */
export type Direction = "toServer" | "toClient";

/** One client's connection through the proxy. */
export interface ProxiedConnection {
  /** The first 4 KB that the client sent, in latin1: tells who it is. What came later is not in it. */
  readonly opening: string;
  /**
   * Swallows what comes in these directions from now on, and keeps both ends open: neither notices anything but
   * silence, also when one of them closes. What was swallowed is gone.
   * @param directions Default: both.
   */
  blackHole(...directions: readonly Direction[]): void;
  /** Lets what comes from now on pass again, unless a direction's bytes were swallowed midway: then cut it. */
  heal(): void;
  /** Ends both ends at once. */
  cut(): void;
}

/** A TCP proxy on 127.0.0.1 through which a test breaks a connection in ways that servers alone do not show. */
export interface TcpProxy {
  readonly port: number;
  /** The connections that are open now, oldest first. */
  readonly connections: readonly ProxiedConnection[];
  /** Black holes all connections, also those that clients open from now on, until `heal`. */
  blackHole(...directions: readonly Direction[]): void;
  /** New connections pass again. Those that lost bytes are cut: no protocol survives a missing piece. */
  heal(): void;
  /** Cuts every connection. New ones are taken. */
  cut(): void;
  /** Refuses new connections at once, and cuts the open ones, until `accept`. */
  refuse(): void;
  accept(): void;
  /** Holds everything back for this long, in milliseconds, in both directions, keeping its order. 0 for not at all. */
  delay(delayMs: number): void;
  close(): Promise<void>;
}

const OPENING_BYTES = 4_096;

/** Starts a proxy on a free port of 127.0.0.1 that passes everything on to `targetPort`. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const open = new Set<Pipe>();
  const swallowed = new Set<Direction>();
  let isRefusing = false;
  let delayMs = 0;
  const server = createServer((client) => {
    if (isRefusing) return client.destroy();
    const pipe = new Pipe(client, connect(targetPort, "127.0.0.1"), () => delayMs);
    if (swallowed.size > 0) pipe.blackHole(...swallowed);
    open.add(pipe);
    pipe.whenEnded(() => open.delete(pipe));
    return undefined;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has an address with a port.");

  const cut = () => {
    for (const pipe of open) pipe.cut();
  };
  return {
    port: address.port,
    get connections() {
      return [...open];
    },
    blackHole(...directions) {
      for (const direction of bothByDefault(directions)) swallowed.add(direction);
      for (const pipe of open) pipe.blackHole(...swallowed);
    },
    heal() {
      swallowed.clear();
      for (const pipe of open) if (pipe.hasSwallowed) pipe.cut();
      for (const pipe of open) pipe.heal();
    },
    cut,
    refuse() {
      isRefusing = true;
      cut();
    },
    accept() {
      isRefusing = false;
    },
    delay(ms) {
      delayMs = ms;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

function bothByDefault(directions: readonly Direction[]): readonly Direction[] {
  return directions.length === 0 ? ["toServer", "toClient"] : directions;
}

class Pipe implements ProxiedConnection {
  opening = "";
  hasSwallowed = false;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #delayMs: () => number;
  readonly #swallowed = new Set<Direction>();
  readonly #waiting: { readonly chunk: Buffer; readonly target: Socket; readonly dueAt: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Socket, server: Socket, delayMs: () => number) {
    [this.#client, this.#server, this.#delayMs] = [client, server, delayMs];
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => {}); // "close" follows, and says the same
    }
    client.on("data", (chunk: Buffer) => {
      if (this.opening.length < OPENING_BYTES) this.opening += chunk.toString("latin1");
      this.#pass("toServer", chunk);
    });
    server.on("data", (chunk: Buffer) => this.#pass("toClient", chunk));
    client.on("close", () => this.#ended("toServer", server));
    server.on("close", () => this.#ended("toClient", client));
  }

  blackHole(...directions: readonly Direction[]): void {
    for (const direction of bothByDefault(directions)) {
      this.#swallowed.add(direction);
      // What is swallowed waits for nobody.
      (direction === "toServer" ? this.#client : this.#server).resume();
    }
  }

  heal(): void {
    this.#swallowed.clear();
  }

  cut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#client.destroy();
    this.#server.destroy();
  }

  whenEnded(callback: () => void): void {
    const check = () => {
      if (this.#client.closed && this.#server.closed) callback();
    };
    this.#client.on("close", check);
    this.#server.on("close", check);
  }

  #pass(direction: Direction, chunk: Buffer): void {
    const target = direction === "toServer" ? this.#server : this.#client;
    if (this.#swallowed.has(direction)) {
      this.hasSwallowed = true;
      return;
    }
    this.#waiting.push({ chunk, target, dueAt: performance.now() + this.#delayMs() });
    if (this.#timer === undefined) this.#release();
  }

  /** Writes what is due, in the order in which it came: also where the delay was made shorter meanwhile. */
  #release(): void {
    this.#timer = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const leftMs = next.dueAt - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#release(), leftMs);
        return;
      }
      this.#waiting.shift();
      this.#write(next.target, next.chunk);
    }
  }

  /** Holds the other end back while this one does not read, as one line between the two would. */
  #write(target: Socket, chunk: Buffer): void {
    if (target.destroyed || target.write(chunk)) return;
    const source = target === this.#server ? this.#client : this.#server;
    source.pause();
    target.once("drain", () => source.resume());
  }

  /** An end closed. The other learns of it, unless that news is swallowed too. */
  #ended(direction: Direction, other: Socket): void {
    if (this.#swallowed.has(direction)) this.hasSwallowed = true;
    else other.destroy();
  }
}
