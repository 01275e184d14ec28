import type { Gap, PubSubStatus } from "../../src/pubsub/gap.ts";
import { RedisPubSub, type RedisPubSubOptions } from "../../src/pubsub/redis-pubsub.ts";

/** A `RedisPubSub` that keeps account of everything that befalls it. */
export class RedisListener {
  readonly pubSub: RedisPubSub;
  readonly errors: string[] = [];
  readonly gaps: Gap[] = [];
  readonly statuses: PubSubStatus[] = [];
  /** What was heard, by topic. */
  readonly heard = new Map<string, unknown[]>();
  /** Broadcasts that have neither resolved nor rejected. */
  pending = 0;
  /** Broadcasts that were rejected. */
  refused = 0;

  constructor(options: RedisPubSubOptions) {
    this.pubSub = new RedisPubSub({
      onError: ({ code, message }) => this.errors.push(`${code}: ${message}`),
      ...options,
    });
    this.pubSub.on("gap", (gap) => this.gaps.push(gap));
    this.pubSub.on("status", (status) => this.statuses.push(status));
  }

  async subscribe(...topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.heard.set(topic, []);
    await Promise.all(
      topics.map((topic) => this.pubSub.subscribe(topic, (message) => this.heard.get(topic)?.push(message))),
    );
  }

  hasHeard(topic: string, message: unknown): boolean {
    return this.heard.get(topic)?.includes(message) === true;
  }

  /** Broadcasts, and waits for nothing. */
  send(topic: string, message: unknown): void {
    this.pending += 1;
    this.pubSub.broadcast(topic, message).then(
      () => (this.pending -= 1),
      () => {
        this.pending -= 1;
        this.refused += 1;
      },
    );
  }
}

/** Waits until it is true, looking every few milliseconds; after a minute it fails with `what`. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`After a minute there was no sign of this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
