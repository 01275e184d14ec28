import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { LiveError } from "../errors.ts";
import type { LiveApp } from "../live/app-options.ts";
import { randomId } from "../live/random-id.ts";
import { joinWorkers } from "../pubsub/program-pubsub.ts";
import { roleVariables } from "../worker-role.ts";
import { readWorkerMessage, type WorkerMessage } from "./worker-message.ts";
import { WorkerPool, type PooledWorker, type WorkerEvents } from "./worker-pool.ts";

/** What workers may take to stop beyond the time that the app gives its clients, in milliseconds. */
const EXTRA_GRACE_MS = 5_000;

export interface Address {
  /** 0 for any free one. */
  readonly port: number;
  readonly hostname: string;
}

export interface ServingWorkers {
  readonly url: string;
  close(): Promise<void>;
}

let isServing = false;

/** In the primary: forks this program, so that its workers come to the same `serve` and listen. */
export async function serveByWorkers(
  app: LiveApp,
  { port, hostname }: Address,
  workers: number | "auto",
): Promise<ServingWorkers> {
  const count = workers === "auto" ? availableParallelism() : workers;
  if (!Number.isInteger(count) || count < 1) {
    throw new LiveError(
      "serve.invalid-option",
      `serve() was given workers: ${String(workers)}; it takes a whole number from 1 on, or "auto" for one per core.`,
    );
  }
  if (isServing) {
    throw new LiveError(
      "serve.invalid-option",
      "serve() with workers was called a second time. Each worker runs the whole program, so one such call forks for all " +
        "of it: leave `workers` out of the other calls, or put both apps into one with the option `fetch`.",
    );
  }
  isServing = true;
  // In turn is Node's default, and a connection that is handed to a worker that has just died is never answered, not even
  // closed: of forty kills, seventeen left a client waiting. With the other policy workers take connections themselves.
  if (process.env["NODE_CLUSTER_SCHED_POLICY"] === undefined) cluster.schedulingPolicy = cluster.SCHED_NONE;
  await joinWorkers();
  const role = { bootId: randomId(9), port: port === 0 ? await freePort(hostname) : undefined };
  const pool = new WorkerPool({
    count,
    graceMs: app.limits.drainWindowMs + EXTRA_GRACE_MS,
    fork: (events) => pooled(cluster.fork(roleVariables(role)), events),
    log: (line) => console.error(line),
    now: () => performance.now(),
  });
  const close = async (): Promise<void> => {
    await pool.close();
    // It has no connections: what it keeps running itself ends.
    await app.close();
    isServing = false;
  };
  try {
    return { url: await pool.start(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function pooled(worker: Worker, events: WorkerEvents): PooledWorker {
  worker.on("message", (value: unknown) => {
    const message = readWorkerMessage(value);
    if (message?.type === "listening") events.listening(message.url);
    if (message?.type === "failed") events.failed(message.message, message.code);
  });
  worker.process.once("exit", (code, signal) => events.ended(signal === null ? `with code ${code}` : `by ${signal}`));
  // That a message could not be sent, or a process not be started, is said by its exit.
  worker.on("error", () => {});
  const drain: WorkerMessage = { wingbeat: "serve/1", type: "drain" };
  return {
    drain: () => void worker.process.send(drain, () => {}),
    kill: () => void worker.process.kill("SIGKILL"),
  };
}

/** Workers that take others' places must get the port of the first ones, so all are given it. */
async function freePort(hostname: string): Promise<number> {
  const probe = createServer().listen(0, hostname);
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}
