import { LiveError } from "../errors.ts";
import type { PubSubClock } from "./pubsub-clock.ts";

/** At most one report in so many milliseconds: whoever sends rubbish sends much of it. */
const REPORT_EVERY_MS = 10_000;
const SHOWN_CHARACTERS = 80;

/** Tells of frames that were not taken: the first at once, then one of them every ten seconds, with a count. */
export class Refusals {
  readonly #clock: PubSubClock;
  readonly #report: (error: LiveError, topic: string | undefined) => void;
  #count = 0;
  #reported = 0;
  #reportedAt = -Infinity;

  constructor(clock: PubSubClock, report: (error: LiveError, topic: string | undefined) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  get count(): number {
    return this.#count;
  }

  add(channel: string, topic: string | undefined, reason: string): void {
    this.#count += 1;
    const now = this.#clock.now();
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    const others = this.#count - this.#reported - 1;
    this.#reportedAt = now;
    this.#reported = this.#count;
    // The channel is quoted as a string: it may come from a stranger, and goes into a log.
    const name = JSON.stringify(channel.slice(0, SHOWN_CHARACTERS));
    const message =
      `A message on the channel ${name} was not taken: ${reason}. ` +
      (others > 0 ? `${others} more were not taken since the last report. ` : "") +
      "What other programs publish has to be JSON, and to fit the topic's schema: docs/pubsub-messages.md.";
    this.#report(new LiveError("pubsub.message-refused", message), topic);
  }
}
