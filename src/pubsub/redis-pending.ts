import { toError } from "./redis-reason.ts";

interface Pending {
  readonly at: number;
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  isAnswered: boolean;
  isSettled: boolean;
}

/**
 * The publishes that Redis has not answered, in the order sent. Each settles by the answer or by its deadline, whichever
 * is first; one sweep looks after the deadlines of all, so that no message needs a timer. Pure: time is a number that the caller gives.
 */
export class PendingPublishes {
  readonly #deadlineMs: number;
  #queue: Pending[] = [];
  #first = 0;
  #size = 0;
  #unsettled = 0;
  readonly #whenSettled: (() => void)[] = [];

  /** @param deadlineMs how long a publish may be pending */
  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** How many have not been answered. One that has passed its deadline counts, for its bytes may still be on the way. */
  get count(): number {
    return this.#queue.length - this.#first;
  }

  /** How much of them there is, in the unit that `add` was given. */
  get size(): number {
    return this.#size;
  }

  /** When the oldest that has no answer was sent; `undefined` if all have one. */
  get oldestAt(): number | undefined {
    return this.#queue[this.#first]?.at;
  }

  /** @returns settles with `answer`, or rejects when a sweep finds it past the deadline */
  add(answer: Promise<unknown>, size: number, now: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { at: now, size, resolve, reject, isAnswered: false, isSettled: false };
      this.#queue.push(pending);
      this.#size += size;
      this.#unsettled++;
      answer.then(
        () => this.#answered(pending, undefined),
        (error: unknown) => this.#answered(pending, toError(error)),
      );
    });
  }

  /** Resolves when every one has settled. */
  settled(): Promise<void> {
    if (this.#unsettled === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  /** Rejects those that are past their deadline. They stay until they are answered, or `failAll` is called. */
  sweep(now: number, late: () => Error): void {
    for (let index = this.#first; index < this.#queue.length; index++) {
      const pending = this.#queue[index];
      if (pending === undefined || now - pending.at < this.#deadlineMs) return;
      if (!pending.isSettled) this.#settle(pending, late());
    }
  }

  /** Rejects all and forgets them: their connection has gone. */
  failAll(error: () => Error): void {
    const queue = this.#queue.slice(this.#first);
    this.#queue = [];
    this.#first = 0;
    this.#size = 0;
    for (const pending of queue) {
      pending.isAnswered = true;
      if (!pending.isSettled) this.#settle(pending, error());
    }
  }

  #answered(pending: Pending, error: Error | undefined): void {
    if (pending.isAnswered) return;
    pending.isAnswered = true;
    if (!pending.isSettled) this.#settle(pending, error);
    this.#size -= pending.size;
    while (this.#queue[this.#first]?.isAnswered === true) this.#first++;
    // Moving what is left costs as much as was passed, so it costs nothing per message.
    if (this.#first < 1_024 && this.#first < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#first);
    this.#first = 0;
  }

  #settle(pending: Pending, error: Error | undefined): void {
    pending.isSettled = true;
    if (error === undefined) pending.resolve();
    else pending.reject(error);
    if (--this.#unsettled > 0) return;
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  }
}
