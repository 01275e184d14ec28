/**
 * A clock, in milliseconds, that stands still while this process cannot run: blocked by a long computation, or
 * suspended. What it measures is time in which an answer could have been read, so a peer is never blamed for ours.
 *
 * Its hand moves at ticks only. Reading it costs nothing, and is behind by one tick at most.
 */
export class LoopClock {
  readonly #tickMs: number;
  #realMs: number;
  #now = 0;

  /** @param tickMs how often `tick` is called when all is well */
  constructor(tickMs: number, realMs: number) {
    this.#tickMs = tickMs;
    this.#realMs = realMs;
  }

  get now(): number {
    return this.#now;
  }

  /** A tick that is late by more than its own length counts as two: the rest of the time nobody could have read. */
  tick(realMs: number): void {
    this.#now += Math.min(realMs - this.#realMs, 2 * this.#tickMs);
    this.#realMs = realMs;
  }
}
