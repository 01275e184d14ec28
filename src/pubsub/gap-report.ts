import type { Gap, GapCause } from "./gap.ts";
import type { Found } from "./incoming-numbers.ts";
import type { PubSubClock } from "./pubsub-clock.ts";

/** How long losses are gathered before they are told, in milliseconds: one interruption is found on many topics, one by one. */
const GATHER_MS = 25;
/** What is lost with the connection well is found within this time; then the connection breaks and it never is. */
const UNNOTICED_MS = 3_000;
/** More topics than this are told as all. */
const MAX_TOPICS = 1_000;

interface Pending {
  /** `undefined`: all of them. */
  topics: Set<string> | undefined;
  since: number;
  missed: number | undefined;
}

/** Gathers what may be missing, and tells it as few gaps. */
export class GapReport {
  readonly #clock: PubSubClock;
  readonly #emit: (gap: Gap) => void;
  readonly #pending = new Map<GapCause, Pending>();
  #cancel: (() => void) | undefined;

  constructor(clock: PubSubClock, emit: (gap: Gap) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Times in milliseconds of the clock that never goes back. */
  add({ cause, topic, since, missed }: Omit<Found, "cause"> & { readonly cause: GapCause }): void {
    const pending = this.#pending.get(cause);
    if (pending === undefined) {
      const topics = topic === undefined ? undefined : new Set([topic]);
      this.#pending.set(cause, { topics, since, missed });
    } else {
      if (topic === undefined) pending.topics = undefined;
      else pending.topics?.add(topic);
      if (pending.topics !== undefined && pending.topics.size > MAX_TOPICS) pending.topics = undefined;
      pending.since = Math.min(pending.since, since);
      pending.missed = pending.missed === undefined || missed === undefined ? undefined : pending.missed + missed;
    }
    this.#cancel ??= this.#clock.after(GATHER_MS, () => this.flush());
  }

  /** A gap on all topics, told at once. What was gathered is part of it. */
  everything(cause: GapCause, sinceWall: number): void {
    const sincePending = this.#takePending().map(([, { since }]) => this.#wall(since));
    const until = this.#clock.wall();
    this.#emit({ cause, topics: "*", since: Math.min(sinceWall - UNNOTICED_MS, until, ...sincePending), until });
  }

  flush(): void {
    for (const [cause, { topics, since, missed }] of this.#takePending()) {
      this.#emit({
        cause,
        topics: topics === undefined ? "*" : [...topics],
        since: this.#wall(since),
        until: this.#clock.wall(),
        missed,
      });
    }
  }

  /** Drops what was gathered. */
  cancel(): void {
    this.#takePending();
  }

  #takePending(): [GapCause, Pending][] {
    this.#cancel?.();
    this.#cancel = undefined;
    const pending = [...this.#pending];
    this.#pending.clear();
    return pending;
  }

  #wall(time: number): number {
    return Math.round(this.#clock.wall() - (this.#clock.now() - time));
  }
}
