import { LiveError } from "../errors.ts";

/** How soon a worker that has ended is replaced, in milliseconds: the first time, and at most. Doubled each time. */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
/** A worker that has served for so long, in milliseconds, did not end for the reason that its predecessors had. */
const PROVEN_MS = 30_000;
/** So many in a row that end early are a loop. */
const LOOP_COUNT = 5;

/** A process of the pool. */
export interface PooledWorker {
  /** Asks it to stop gracefully. */
  drain(): void;
  /** Ends it at once. */
  kill(): void;
}

/** What the pool is told of one worker: `ended` last, and once. */
export interface WorkerEvents {
  listening(url: string): void;
  /** It cannot listen, and will end. */
  failed(message: string, code: string | undefined): void;
  /** @param how such as "with code 1", "by SIGKILL" */
  ended(how: string): void;
}

export interface WorkerPoolOptions {
  readonly count: number;
  /** How long workers may take to stop gracefully before they are killed, in milliseconds. */
  readonly graceMs: number;
  readonly fork: (events: WorkerEvents) => PooledWorker;
  readonly log: (line: string) => void;
  /** In milliseconds, from any start. */
  readonly now: () => number;
}

/** One worker after the other. */
interface Place {
  worker: PooledWorker | undefined;
  listensSinceMs: number | undefined;
  /** Workers that ended early, one after the other. */
  shortLives: number;
  retry: ReturnType<typeof setTimeout> | undefined;
}

interface Settling {
  readonly resolve: (url: string) => void;
  readonly reject: (error: Error) => void;
}

/** Keeps a number of workers running. One that ends is replaced, and with growing delay if that happens again and again. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #places: Place[] = [];
  #starting: Settling | undefined;
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;
  #onEnded = (): void => {};

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the address when all workers listen. Rejects when the first of them ends before; the others are ended.
   */
  async start(): Promise<string> {
    const listening = new Promise<string>((resolve, reject) => {
      this.#starting = { resolve, reject };
    });
    for (let count = 0; count < this.#options.count; count++) {
      const place: Place = { worker: undefined, listensSinceMs: undefined, shortLives: 0, retry: undefined };
      this.#places.push(place);
      this.#fork(place);
    }
    try {
      return await listening;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      this.#starting = undefined;
    }
  }

  /** Lets all workers stop gracefully. Resolves when they have ended. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const { retry } of this.#places) clearTimeout(retry);
    for (const { worker } of this.#places) worker?.drain();
    const isEmpty = (): boolean => this.#places.every(({ worker }) => worker === undefined);
    const kill = setTimeout(() => {
      for (const { worker } of this.#places) worker?.kill();
    }, this.#options.graceMs);
    if (!isEmpty()) {
      await new Promise<void>((resolve) => {
        this.#onEnded = () => {
          if (isEmpty()) resolve();
        };
      });
    }
    clearTimeout(kill);
  }

  #fork(place: Place): void {
    place.listensSinceMs = undefined;
    place.worker = this.#options.fork({
      listening: (url) => {
        place.listensSinceMs = this.#options.now();
        if (this.#places.every(({ listensSinceMs }) => listensSinceMs !== undefined)) this.#starting?.resolve(url);
      },
      failed: (message, code) => {
        this.#failure = Object.assign(new Error(message), code !== undefined && { code });
      },
      ended: (how) => this.#ended(place, how),
    });
  }

  #ended(place: Place, how: string): void {
    const { listensSinceMs } = place;
    place.worker = undefined;
    if (this.#closing !== undefined) return this.#onEnded();
    if (this.#starting !== undefined && listensSinceMs === undefined) {
      return this.#starting.reject(this.#failure ?? endedBeforeListening(how));
    }
    const lifeMs = listensSinceMs === undefined ? 0 : this.#options.now() - listensSinceMs;
    place.shortLives = lifeMs >= PROVEN_MS ? 1 : place.shortLives + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (place.shortLives - 1), MAX_DELAY_MS);
    this.#options.log(describeEnd(how, place.shortLives, delayMs));
    place.retry = setTimeout(() => this.#fork(place), delayMs);
  }
}

function endedBeforeListening(how: string): LiveError {
  return new LiveError(
    "serve.worker-failed",
    `
A worker of serve(app, { workers }) ended ${how} before it listened. Why, it has printed itself, above.
Workers run the same program as the primary process, with the same arguments, and must come to the same serve() call:

    const server = await serve(app, { workers: 4 }); // not within "if (cluster.isPrimary)"
`.trim(),
  );
}

function describeEnd(how: string, shortLives: number, delayMs: number): string {
  const next = `another one starts in ${delayMs} ms`;
  if (shortLives < LOOP_COUNT) return `[wingbeat] a worker ended ${how}; ${next}.`;
  return (
    `[wingbeat] the last ${shortLives} workers in this place ended within ${PROVEN_MS / 1000} s each, the last one ${how}; ` +
    `${next}. Something ends them soon after they start: what they printed stands above. It may be an exception that ` +
    "nobody catches, memory that runs out (by SIGKILL), or an address that is taken."
  );
}
