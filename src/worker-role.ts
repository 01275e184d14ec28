import cluster from "node:cluster";

/** What the primary tells the workers that `serve` forks, as variables of their environment. */
export interface WorkerRole {
  /** The same for all workers, and for those that take their places. */
  readonly bootId: string;
  /** The port to listen on, if the program asked for any. */
  readonly port: number | undefined;
}

const BOOT_ID = "WINGBEAT_BOOT_ID";
const PORT = "WINGBEAT_WORKER_PORT";

/** `undefined` in every process but a worker that `serve` has forked, also in those that such a worker starts itself. */
export function workerRole(): WorkerRole | undefined {
  const bootId = cluster.isWorker ? process.env[BOOT_ID] : undefined;
  if (bootId === undefined) return undefined;
  const port = process.env[PORT];
  return { bootId, port: port === undefined ? undefined : Number(port) };
}

/** The variables that make a forked process a worker with this role. */
export function roleVariables({ bootId, port }: WorkerRole): NodeJS.ProcessEnv {
  return { [BOOT_ID]: bootId, ...(port !== undefined && { [PORT]: String(port) }) };
}
