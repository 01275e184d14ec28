import type { LiveError } from "../errors.ts";

/** At most one report in so many milliseconds: while a backplane is away, every broadcast fails. */
const REPORT_EVERY_MS = 10_000;

const ignore = (): void => {};

/**
 * Sees to it that a broadcast that fails and that nobody waits for does not end the process, as Node has it for
 * rejections that nobody handles: views broadcast without waiting, and no visitor may end the process of all others.
 * Instead it is reported: the first at once, then one every ten seconds, with a count.
 */
export class FailedBroadcasts {
  readonly #report: (error: LiveError, topic: string) => void;
  readonly #nowMs: () => number;
  #unreported = 0;
  #reportedAt = -Infinity;

  constructor(report: (error: LiveError, topic: string) => void, nowMs: () => number = () => performance.now()) {
    this.#report = report;
    this.#nowMs = nowMs;
  }

  /** Marks as handled what rejects with the error, or is about to. Whoever does wait for it still gets the error. */
  handle(rejecting: Promise<void>, error: LiveError, topic: string): void {
    rejecting.catch(ignore);
    const now = this.#nowMs();
    if (now - this.#reportedAt < REPORT_EVERY_MS) {
      this.#unreported += 1;
      return;
    }
    this.#reportedAt = now;
    const others = this.#unreported;
    this.#unreported = 0;
    if (others > 0) error.message += ` (${others} more broadcasts have failed since the last report.)`;
    this.#report(error, topic);
  }
}

/** A rejection that nobody has to handle: a broadcast through an object that was closed, as happens while a program ends. */
export function rejected(failure: LiveError): Promise<never> {
  const promise = Promise.reject(failure);
  promise.catch(ignore);
  return promise;
}
