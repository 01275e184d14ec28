import { SERVICE_RESTART } from "../protocol/close-codes.ts";
import type { Connection } from "../transport/connection.ts";

/** How often connections are looked after, in milliseconds. */
const SWEEP_MS = 1000;

/** All open connections of one app: looks after them once a second, and closes them in batches when the app stops. */
export class Connections<C extends Connection> {
  readonly #open = new Set<C>();
  readonly #now: () => number;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get count(): number {
    return this.#open.size;
  }

  add(connection: C): void {
    this.#open.add(connection);
    if (this.#sweeper !== undefined) return;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  delete(connection: C): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  [Symbol.iterator](): IterableIterator<C> {
    return this.#open.values();
  }

  /**
   * Closes all with 1012, on which browsers reconnect: `batch` at a time, spread over the window, so that those who take
   * them over are not hit by all at once. Resolves when the last is closed.
   */
  async drain(windowMs: number, batch: number): Promise<void> {
    const waiting = [...this.#open];
    const size = Math.max(1, batch);
    const batches = Math.ceil(waiting.length / size);
    for (let index = 0; index < batches; index++) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, windowMs / batches));
      for (const connection of waiting.slice(index * size, (index + 1) * size))
        connection.close(SERVICE_RESTART, "restart");
    }
    // Whoever came in while the others were sent away.
    for (const connection of this.#open) connection.close(SERVICE_RESTART, "restart");
  }

  #sweep(): void {
    const nowMs = this.#now();
    for (const connection of this.#open) connection.sweep(nowMs);
  }
}
