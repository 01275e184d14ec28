/** Beyond this many topics, all are said to have failed. */
const MAX_TOPICS = 1_000;

/** Failures that are further apart than this are told apart. In milliseconds. */
const SPELL_MS = 600_000;

/** A topic on which the backplane has not taken a message, and the time from which on messages may be missing. */
export interface FailedTopic {
  readonly since: number;
  /** Changes when another message fails. */
  readonly revision: number;
}

/** What is to be told to the other nodes. */
export interface Failures {
  readonly topics: ReadonlyMap<string, FailedTopic>;
  /** Set when there were too many: any topic may have lost messages. */
  readonly all: FailedTopic | undefined;
}

/** Remembers what could not be handed to the backplane, until the other nodes have been told. In bounded memory. */
export class FailedPublishes {
  readonly #topics = new Map<string, FailedTopic>();
  #all: FailedTopic | undefined;
  #revision = 0;
  #since = 0;
  #until = 0;
  /** When something last happened: a failure, or that it was told. */
  #busyAt = -Infinity;

  /** How many messages have failed ever, and when the latest spell of failures began and ended. `undefined` for none. */
  get soFar(): { readonly count: number; readonly since: number; readonly until: number } | undefined {
    return this.#revision === 0 ? undefined : { count: this.#revision, since: this.#since, until: this.#until };
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0 && this.#all === undefined;
  }

  /**
   * @param since from when on messages on the topic may be missing
   * @param now when it failed
   */
  add(topic: string, since: number, now: number): void {
    const revision = ++this.#revision;
    this.#since = now - this.#busyAt > SPELL_MS ? since : Math.min(this.#since, since);
    this.#until = now;
    this.#busyAt = now;
    if (this.#all !== undefined) {
      this.#all = { since: Math.min(since, this.#all.since), revision };
      return;
    }
    this.#topics.set(topic, { since: Math.min(since, this.#topics.get(topic)?.since ?? since), revision });
    if (this.#topics.size <= MAX_TOPICS) return;
    let first = since;
    for (const failed of this.#topics.values()) first = Math.min(first, failed.since);
    this.#all = { since: first, revision };
    this.#topics.clear();
  }

  list(): Failures {
    return { topics: new Map(this.#topics), all: this.#all };
  }

  /** The backplane has taken a beat with this. What has failed again meanwhile stays. */
  told({ topics, all }: Failures, now: number): void {
    if (topics.size > 0 || all !== undefined) this.#busyAt = now;
    for (const [topic, { revision }] of topics) {
      if (this.#topics.get(topic)?.revision === revision) this.#topics.delete(topic);
    }
    if (all !== undefined && this.#all?.revision === all.revision) this.#all = undefined;
  }
}
