import type { PubSubClock } from "../../src/pubsub/pubsub-clock.ts";

/** Promises that wait on each other in a chain of this length are settled when the clock goes on. */
const TURNS = 12;

interface Timer {
  at: number;
  readonly everyMs: number | undefined;
  readonly task: () => void;
}

/** A clock that goes on when it is told to. Starts at a time that is easily told from others. */
export class VirtualClock implements PubSubClock {
  readonly #timers = new Set<Timer>();
  #now = 1_000_000;

  wall(): number {
    return this.#now;
  }

  now(): number {
    return this.#now;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  every(ms: number, task: () => void): () => void {
    return this.#add({ at: this.#now + ms, everyMs: ms, task });
  }

  after(ms: number, task: () => void): () => void {
    return this.#add({ at: this.#now + ms, everyMs: undefined, task });
  }

  /** Lets time pass. Tasks that are due run in their order; promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = next.at;
      if (next.everyMs === undefined) this.#timers.delete(next);
      else next.at += next.everyMs;
      next.task();
      await settle();
    }
    this.#now = end;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && timer.at < (next?.at ?? Infinity)) next = timer;
    return next;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}
