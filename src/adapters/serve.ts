import cluster from "node:cluster";
import { serve as serveHttp } from "srvx";
import { strangeOption } from "../argument-kinds.ts";
import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import type { LiveApp } from "../live/app-options.ts";
import { isRecord } from "../protocol/decode.ts";
import { workerRole, type WorkerRole } from "../worker-role.ts";
import { attachWebSocket } from "./node-websocket.ts";
import { serveByWorkers, type Address } from "./serve-workers.ts";
import { readWorkerMessage, type WorkerMessage } from "./worker-message.ts";

export interface ServeOptions {
  /** 0 takes any free port. @default the environment's `PORT`, else 4000 */
  readonly port?: number | undefined;
  /** The address to listen on; `"0.0.0.0"` for all. @default the environment's `HOST`, else `"127.0.0.1"` */
  readonly hostname?: string | undefined;
  /** Whether SIGINT and SIGTERM stop the server gracefully; a second signal ends the process at once. @default true */
  readonly signals?: boolean | undefined;
  /**
   * Serves by so many processes on the same address; `"auto"` for one per core. Each runs this same program: the one
   * that was started becomes the primary, which serves nothing itself. It keeps the workers running, carries their
   * messages, and stops them gracefully when it is stopped. Variables are each worker's own. @default none: this process serves
   */
  readonly workers?: number | "auto" | undefined;
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
  /** Resolves when it has stopped, because of `close` or of a signal: the time to close a Pub/Sub, or a database. */
  readonly closed: Promise<void>;
}

/**
 * Serves an app on Node over HTTP and WebSocket. Resolves when it listens, in a primary when all of its workers do.
 *
 * Rejects when the address cannot be listened on, with the `code` of Node's error, such as `EADDRINUSE`.
 *
 * @throws {LiveError} `serve.worker-failed` if a worker ends before it listens, `serve.invalid-option`
 */
export async function serve(app: LiveApp, options: ServeOptions = {}): Promise<LiveServer> {
  checkArguments(app, options);
  const role = workerRole();
  const listening = await listenAs(role, app, options);
  let closing: Promise<void> | undefined;
  let tellClosed = (): void => {};
  const closed = new Promise<void>((resolve) => (tellClosed = resolve));
  const close = (): Promise<void> => {
    stopListening();
    closing ??= listening.close().finally(tellClosed);
    return closing;
  };
  const stopListening = options.signals === false ? () => {} : onSignals(close);
  const { url } = listening;
  if (role !== undefined) obeyPrimary(url, close);
  return { url, close, closed };
}

const OPTIONS: readonly (keyof ServeOptions)[] = ["port", "hostname", "signals", "workers"];

/** What a program that no compiler has read would be served at another address for, without a word. */
function checkArguments(app: unknown, options: unknown): void {
  if (!isRecord(app) || typeof app["fetch"] !== "function" || !isRecord(app["limits"])) {
    throw invalid(
      `serve got ${describeValue(app)} for the app. It takes what createLiveApp returned: serve(createLiveApp({ routes: { "/": home } }), { port: 4000 }).`,
    );
  }
  if (!isRecord(options)) {
    throw invalid(
      `serve got ${describeValue(options)} for its options. It takes an object: serve(app, { port: 4000 }).`,
    );
  }
  const strange = strangeOption("serve", options, OPTIONS);
  if (strange !== undefined) throw invalid(strange);
}

function invalid(text: string): LiveError {
  return new LiveError("serve.invalid-option", text);
}

function listenAs(role: WorkerRole | undefined, app: LiveApp, options: ServeOptions): Promise<Listening> {
  const address = {
    port: role?.port ?? options.port ?? portOf(process.env["PORT"]),
    hostname: options.hostname ?? process.env["HOST"] ?? "127.0.0.1",
  };
  if (role !== undefined) return listenInWorker(app, address);
  // A worker that another program has forked, by its own use of node:cluster, cannot fork.
  if (options.workers !== undefined && cluster.isPrimary) return serveByWorkers(app, address, options.workers);
  return listen(app, address);
}

interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

async function listen(app: LiveApp, address: Address): Promise<Listening> {
  const server = serveHttp({
    ...address,
    fetch: app.fetch,
    trustProxy: app.trustProxy,
    gracefulShutdown: false,
    silent: true,
    manual: true,
    node: {
      // Half-open requests must not hold a connection for Node's minutes: 10 s for the headers, 30 s for all of it.
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      // Workers share the address.
      exclusive: false,
    },
  });
  const http = server.node?.server;
  if (http === undefined || !("closeIdleConnections" in http))
    throw new Error("serve() runs on Node; use app.fetch and app.websocket with another runtime's server.");
  const sockets = attachWebSocket(http, app);
  try {
    await server.serve();
  } catch (error) {
    throw withMend(error, address);
  }
  const close = async (): Promise<void> => {
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
  return { url: server.url ?? "", close };
}

/** An error with the `code` of Node's, its message, and what to do about it. Node's own would be printed as it was made. */
function withMend(error: unknown, address: Address): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const mend = mendOf(error.code, address);
  if (mend === undefined) return error;
  return Object.assign(new Error(`${error.message}. ${mend}`, { cause: error }), { code: error.code });
}

function mendOf(code: unknown, { port, hostname }: Address): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `Another program has port ${port} of ${hostname}, perhaps this one, started before: stop it, or take another port: PORT=${port + 1}, or serve(app, { port: ${port + 1} }).`;
    case "EACCES":
      return `Not everybody may have a port below 1024: take another one, PORT=4000, or serve(app, { port: 4000 }), behind a proxy that has port ${port}.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `This machine has no address ${hostname}. Take "0.0.0.0" for all that it has, or "127.0.0.1" for itself alone: HOST=0.0.0.0, or serve(app, { hostname: "0.0.0.0" }).`;
    default:
      return undefined;
  }
}

async function listenInWorker(app: LiveApp, address: Address): Promise<Listening> {
  try {
    const server = await listen(app, address);
    const close = async (): Promise<void> => {
      await server.close();
      // The line to the primary must not keep the process from ending by itself; till then it works.
      process.channel?.unref();
    };
    return { url: server.url, close };
  } catch (error) {
    tellPrimary({ wingbeat: "serve/1", type: "failed", ...describe(error) });
    throw error;
  }
}

function obeyPrimary(url: string, close: () => Promise<void>): void {
  process.on("message", (value: unknown) => {
    if (readWorkerMessage(value)?.type === "drain") close().catch(reportFailedStop);
  });
  tellPrimary({ wingbeat: "serve/1", type: "listening", url });
}

function tellPrimary(message: WorkerMessage): void {
  process.send?.(message, undefined, {}, () => {});
}

function describe(error: unknown): { readonly message: string; readonly code?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message } = error;
  return "code" in error && typeof error.code === "string" ? { message, code: error.code } : { message };
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
    close().catch(reportFailedStop);
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return () => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
}

function reportFailedStop(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
}
