import type { Gap, PubSubEvents, PubSubStatus } from "../../src/pubsub/gap.ts";
import type { Listener, PubSub, Sender, Unsubscribe } from "../../src/pubsub/pubsub.ts";
import { SingleProcessPubSub } from "../../src/pubsub/single-process-pubsub.ts";
import type { MessageOf } from "../../src/pubsub/topic.ts";

/** A Pub/Sub of one process that says of its backplane, which it does not have, whatever the test wants. */
export class FaultyPubSub implements PubSub {
  readonly bus = new SingleProcessPubSub({ isolated: true });
  readonly #gaps = new Set<(gap: Gap) => void>();
  readonly #statuses = new Set<(status: PubSubStatus) => void>();

  /** How many listen to its events. */
  get listenerCount(): number {
    return this.#gaps.size + this.#statuses.size;
  }

  gap(gap: Partial<Gap> = {}): void {
    const whole: Gap = { cause: "reconnect", topics: "*", since: 1_000, until: 2_000, ...gap };
    for (const listener of this.#gaps) listener(whole);
  }

  say(status: PubSubStatus): void {
    for (const listener of this.#statuses) listener(status);
  }

  on<Name extends keyof PubSubEvents>(event: Name, listener: (value: PubSubEvents[Name]) => void): () => void {
    // The name says which events the listener takes; the checker does not tie the two.
    const listeners = (event === "gap" ? this.#gaps : this.#statuses) as Set<unknown>;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  subscribe<T extends string>(topic: T, listener: Listener<MessageOf<T>>, as?: Sender): Promise<Unsubscribe> {
    return this.bus.subscribe(topic, listener, as);
  }

  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.bus.broadcast(topic, message);
  }

  publish<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.bus.broadcast(topic, message);
  }

  broadcastFrom<T extends string>(from: Sender, topic: T, message: MessageOf<T>): Promise<void> {
    return this.bus.broadcastFrom(from, topic, message);
  }

  localBroadcast<T extends string>(topic: T, message: MessageOf<T>): void {
    this.bus.localBroadcast(topic, message);
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}
