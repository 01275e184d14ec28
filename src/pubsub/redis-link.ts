import { backoffMs } from "./redis-backoff.ts";
import type { DialRedis, RedisConnection } from "./redis-connection.ts";
import { toError } from "./redis-reason.ts";

/** What a link tells. Its handlers do not throw. */
export interface RedisLinkEvents {
  frame(channel: string, frame: string): void;
  up(connection: RedisConnection): void;
  /** The connection that was up is lost. The next is on its way. */
  down(error: Error): void;
  /** No connection came about. The next try is on its way. */
  failed(error: Error): void;
}

/** A connection that has lasted as long, in milliseconds, was a good one: after it, waiting begins anew. */
const GOOD_MS = 2_000;

/** Keeps one connection up: whatever the reason for its loss, it is destroyed and another is dialled, until `close`. */
export class RedisLink {
  readonly #dial: DialRedis;
  readonly #dialTimeoutMs: number;
  readonly #events: RedisLinkEvents;
  readonly #leaving = new Set<Promise<void>>();
  #current: RedisConnection | undefined;
  #isUp = false;
  #isClosed = false;
  #failures = 0;
  #upAt = 0;
  /** For the next try, or for the end of this one: never both. */
  #timer: NodeJS.Timeout | undefined;

  constructor(dial: DialRedis, dialTimeoutMs: number, events: RedisLinkEvents) {
    [this.#dial, this.#dialTimeoutMs, this.#events] = [dial, dialTimeoutMs, events];
  }

  /** The connection, while it is up. */
  get connection(): RedisConnection | undefined {
    return this.#isUp ? this.#current : undefined;
  }

  /** Dials. Called once. */
  start(): void {
    if (this.#isClosed) return;
    let connection: RedisConnection | undefined;
    try {
      connection = this.#dial({
        frame: (channel, frame) => {
          if (connection === this.#current) this.#events.frame(channel, frame);
        },
        lost: (error) => this.#lost(connection, error),
      });
    } catch (error) {
      this.#events.failed(toError(error));
      return this.#tryAgain();
    }
    this.#current = connection;
    const dialled = connection;
    const late = () => this.#lost(dialled, new Error(`there was no answer within ${this.#dialTimeoutMs} ms`));
    this.#timer = setTimeout(late, this.#dialTimeoutMs);
    dialled.ready.then(
      () => this.#ready(dialled),
      (error: unknown) => this.#lost(dialled, toError(error)),
    );
  }

  /** Leaves the connection that is up, which looks well and is not, and dials another at once. */
  replace(reason: Error): void {
    if (this.#isUp) this.#lost(this.#current, reason);
  }

  /** Resolves when nothing is left. No event comes after the call. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#leave();
    await Promise.all(this.#leaving);
  }

  #ready(connection: RedisConnection): void {
    if (connection !== this.#current) return;
    clearTimeout(this.#timer);
    this.#isUp = true;
    this.#upAt = performance.now();
    this.#events.up(connection);
  }

  /** A lost connection says so in several ways: by an event, by `ready`, by our own timer. The first one counts. */
  #lost(connection: RedisConnection | undefined, error: Error): void {
    if (connection === undefined || connection !== this.#current) return;
    const wasUp = this.#isUp;
    this.#leave();
    if (wasUp && performance.now() - this.#upAt >= GOOD_MS) this.#failures = 0;
    if (wasUp) this.#events.down(error);
    else this.#events.failed(error);
    this.#tryAgain();
  }

  #leave(): void {
    const connection = this.#current;
    this.#current = undefined;
    this.#isUp = false;
    if (connection === undefined) return;
    const gone = connection.destroy().finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #tryAgain(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.start(), backoffMs(this.#failures++, Math.random));
  }
}
