import { serve as serveHttp } from "srvx";
import type { LiveApp } from "../live/app-options.ts";
import { attachWebSocket } from "./node-websocket.ts";

export interface ServeOptions {
  /** 0 takes any free port. @default the environment's `PORT`, else 4000 */
  readonly port?: number | undefined;
  /** The address to listen on; `"0.0.0.0"` for all. @default the environment's `HOST`, else `"127.0.0.1"` */
  readonly hostname?: string | undefined;
  /** Whether SIGINT and SIGTERM stop the server gracefully; a second signal ends the process at once. @default true */
  readonly signals?: boolean | undefined;
}

export interface LiveServer {
  /** Where it listens: `"http://127.0.0.1:4000/"`. */
  readonly url: string;
  /**
   * Stops gracefully: takes no more connections, sends those that are open elsewhere in batches (`app.close`), and lets
   * responses in the making finish, for `limits.drainWindowMs` more. Resolves when all of it is done. Later calls give the
   * same promise.
   */
  close(): Promise<void>;
}

/**
 * Serves an app on Node over HTTP and WebSocket. Resolves when it listens.
 *
 * Rejects when the address cannot be listened on, such as with `EADDRINUSE`.
 */
export async function serve(app: LiveApp, options: ServeOptions = {}): Promise<LiveServer> {
  const server = serveHttp({
    fetch: app.fetch,
    port: options.port ?? portOf(process.env["PORT"]),
    hostname: options.hostname ?? process.env["HOST"] ?? "127.0.0.1",
    trustProxy: app.trustProxy,
    gracefulShutdown: false,
    silent: true,
    manual: true,
    // Half-open requests must not hold a connection for Node's minutes: 10 s for the headers, 30 s for all of it.
    node: { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 },
  });
  const http = server.node?.server;
  if (http === undefined || !("closeIdleConnections" in http))
    throw new Error("serve() runs on Node; use app.fetch and app.websocket with another runtime's server.");
  const sockets = attachWebSocket(http, app);
  await server.serve();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stopListening();
    closing ??= stop();
    return closing;
  };
  const stop = async (): Promise<void> => {
    const closed = server.close();
    // A connection whose page was in the making is idle after it, which Node notices only seconds later.
    const sweeper = setInterval(() => http.closeIdleConnections(), 50);
    await app.close();
    sockets.close();
    // A response that never ends must not keep the process from ending.
    const cut = setTimeout(() => http.closeAllConnections(), app.limits.drainWindowMs);
    await closed;
    clearInterval(sweeper);
    clearTimeout(cut);
  };
  const stopListening = options.signals === false ? () => {} : onSignals(close);
  return { url: server.url ?? "", close };
}

function portOf(text: string | undefined): number {
  if (text === undefined || text === "") return 4000;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new RangeError(`PORT is "${text}"; it must be a number from 0 to 65535.`);
}

/** @returns the way to take the handlers away */
function onSignals(close: () => Promise<void>): () => void {
  const stop = (): void => {
    // With our handlers gone, the next signal does what signals do.
    close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return () => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
}
