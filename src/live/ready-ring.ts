import { Lane } from "./lane.ts";

/** Something that has work waiting, such as a view with messages in its mailbox. */
export interface Ready {
  /** Does a bounded part of the work; asks for another turn itself if some is left. Must not throw. */
  turn(): void;
}

// Taken once: tests that fake the clock mean the application's timers, not the turns of its views.
const soon = setImmediate;
const monotonicMs = performance.now.bind(performance);

export interface ReadyRingOptions {
  /** How the ring gets to run after pending I/O. @default `setImmediate` */
  readonly schedule?: ((run: () => void) => void) | undefined;
  /** A clock in milliseconds. @default `performance.now` */
  readonly now?: (() => number) | undefined;
  /** How long the ring may run before it lets I/O through, in milliseconds. @default 4 */
  readonly sliceMs?: number | undefined;
}

/**
 * Who runs next: all views with waiting messages, in the order in which they got their first.
 *
 * Drained in slices between which I/O gets its turn, never by microtasks: views that notify each other for ever delay
 * nobody by more than one slice, and a chain of them needs no stack.
 */
export class ReadyRing {
  readonly #schedule: (run: () => void) => void;
  readonly #now: () => number;
  readonly #sliceMs: number;
  readonly #waiting = new Lane<Ready>();
  readonly #idleListeners = new Set<() => void>();
  #scheduled = false;

  constructor(options: ReadyRingOptions = {}) {
    this.#schedule = options.schedule ?? ((run) => void soon(run));
    this.#now = options.now ?? monotonicMs;
    this.#sliceMs = options.sliceMs ?? 4;
  }

  /** Gives `ready` one turn, after everybody who waits already. The caller sees to it that it stands here once. */
  add(ready: Ready): void {
    this.#waiting.push(ready);
    this.#wake();
  }

  /** Whether nobody waits for a turn. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Calls `listener` each time the ring has run empty. @returns the way to end that */
  onIdle(listener: () => void): () => void {
    this.#idleListeners.add(listener);
    return () => void this.#idleListeners.delete(listener);
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(this.#runSlice);
  }

  readonly #runSlice = (): void => {
    this.#scheduled = false;
    const end = this.#now() + this.#sliceMs;
    do {
      const ready = this.#waiting.shift();
      if (ready === undefined) break;
      ready.turn();
    } while (this.#now() < end);
    if (this.#waiting.length > 0) this.#wake();
    else for (const listener of this.#idleListeners) listener();
  };
}
