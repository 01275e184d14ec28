import type { Awaiting } from "../activity.ts";
import type { Eventually, Outcome } from "./outcome.ts";

/** Whom a task tells how it has ended. */
export interface TaskListener {
  /** For people: what runs, and where. */
  describe(task: AsyncTask): string;
  /** It has come to its end, and nobody has dropped it before. Called once. */
  taskEnded(task: AsyncTask): void;
}

/**
 * One run of work that a view does not wait for.
 *
 * Its end is told to the listener, once. What was dropped tells nobody, and keeps nothing of its view alive, however long the
 * work itself goes on.
 */
export class AsyncTask<T = unknown> implements Awaiting {
  /** A name of `startAsync`, or the keys of `assignAsync`. */
  readonly names: readonly string[];
  readonly #controller = new AbortController();
  /** `undefined` once it knows, or does not want to know any more. */
  #listener: TaskListener | undefined;
  #outcome: Outcome<T> | undefined;

  constructor(names: readonly string[], listener: TaskListener) {
    this.names = names;
    this.#listener = listener;
  }

  /** How it has ended; `undefined` until then. */
  get outcome(): Outcome<T> | undefined {
    return this.#outcome;
  }

  /** Whether its end is still to come, and to be told. */
  get isWanted(): boolean {
    return this.#listener !== undefined;
  }

  describeWork(): string {
    return this.#listener?.describe(this) ?? "work that nobody waits for";
  }

  /** Begins the work, now. What it throws is a failure like a promise that rejects. */
  run(work: (signal: AbortSignal) => Eventually<T>): void {
    this.#watch(promiseOf(work, this.#controller.signal));
  }

  // Apart from `run`, so that the handlers, which live as long as the promise, do not hold the work, which may hold its view.
  #watch(promise: Promise<T>): void {
    // They stay when the task is dropped: a rejection that comes afterwards is nobody's business, but must not be an
    // unhandled one either.
    promise.then(
      (value) => this.#end({ ok: true, value }),
      (error: unknown) => this.#end({ ok: false, error }),
    );
  }

  #end(outcome: Outcome<T>): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    // Whoever still holds the promise shall not hold the view by it.
    this.#listener = undefined;
    this.#outcome = outcome;
    listener.taskEnded(this);
  }

  /** Ends it as failed for this reason, also if it has ended already and nobody has looked at its outcome yet. */
  cancel(reason: unknown): void {
    this.#outcome = { ok: false, error: reason };
    this.#end(this.#outcome);
    this.#controller.abort(reason);
  }

  /** Nobody wants its outcome any more. */
  drop(reason: unknown): void {
    this.#listener = undefined;
    this.#controller.abort(reason);
  }
}

/** An executor's throw is its promise's rejection. */
function promiseOf<T>(work: (signal: AbortSignal) => Eventually<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve) => resolve(work(signal)));
}
