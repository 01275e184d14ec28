import { workerRole } from "../worker-role.ts";
import { BUS, busOf } from "./bus-of.ts";
import { ClusterPubSub } from "./cluster-pubsub.ts";
import { clusterRelay } from "./cluster-relay.ts";
import type { ListenerErrorHandler } from "./local-bus.ts";
import type { Listener, PubSub, Sender, Unsubscribe } from "./pubsub.ts";
import { SingleProcessPubSub } from "./single-process-pubsub.ts";
import type { MessageOf } from "./topic.ts";

export interface CreatePubSubOptions {
  /** Told when a listener fails. @default console.error */
  readonly onError?: ((...failure: Parameters<ListenerErrorHandler>) => void) | undefined;
}

/**
 * The bus of this program, which an app without the option `pubSub` uses as well: within this process, or, when
 * `serve(app, { workers })` serves the app, between all workers and the primary. All objects that this returns are the
 * same bus, so a module can make its own and reach every view. `broadcast` has called the listeners of this process when
 * it returns, and they get the very object that was sent.
 */
export function createPubSub(options: CreatePubSubOptions = {}): PubSub {
  return workerRole() === undefined ? new ProgramPubSub(options) : openClusterPubSub(options);
}

/** Whether this process has become the primary of `serve`. */
let isPrimary = false;
/** Those that have subscriptions to move when it does. */
const subscribed = new Set<ProgramPubSub>();

/** Makes this process the primary: it relays, and its own objects take part. Resolves when all of them hear the workers. */
export async function joinWorkers(): Promise<void> {
  isPrimary = true;
  clusterRelay();
  const all = [...subscribed];
  subscribed.clear();
  await Promise.all(all.map((pubSub) => pubSub.moveSubscriptions()));
}

interface Subscription {
  readonly topic: string;
  readonly listener: Listener<unknown>;
  readonly as: Sender | undefined;
  end: Unsubscribe;
}

/**
 * The bus of a process that is no worker. Only `serve` tells whether it is a primary, and by then modules have made their
 * objects, and perhaps subscribed. Each then goes over to the bus that the workers are on.
 */
class ProgramPubSub implements PubSub {
  readonly #options: CreatePubSubOptions;
  readonly #subscriptions = new Set<Subscription>();
  #target: PubSub;
  #hasMoved = false;
  #isClosed = false;

  constructor(options: CreatePubSubOptions) {
    this.#options = options;
    this.#target = new SingleProcessPubSub(options);
  }

  get [BUS](): object {
    return busOf(this.#bus());
  }

  async subscribe<T extends string>(topic: T, listener: Listener<MessageOf<T>>, as?: Sender): Promise<Unsubscribe> {
    const bus = this.#bus();
    const end = await bus.subscribe(topic, listener, as);
    // It is only ever given back together with its topic, which its type was checked against above.
    const subscription: Subscription = { topic, listener: listener as Listener<unknown>, as, end };
    this.#subscriptions.add(subscription);
    if (bus !== this.#bus()) await this.#move(subscription);
    else if (!isPrimary) subscribed.add(this);
    return () => {
      this.#subscriptions.delete(subscription);
      if (this.#subscriptions.size === 0) subscribed.delete(this);
      return subscription.end();
    };
  }

  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.#bus().broadcast(topic, message);
  }

  publish<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.#bus().broadcast(topic, message);
  }

  broadcastFrom<T extends string>(from: Sender, topic: T, message: MessageOf<T>): Promise<void> {
    return this.#bus().broadcastFrom(from, topic, message);
  }

  localBroadcast<T extends string>(topic: T, message: MessageOf<T>): void {
    this.#bus().localBroadcast(topic, message);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#subscriptions.clear();
    subscribed.delete(this);
    return this.#target.close();
  }

  async moveSubscriptions(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => this.#move(subscription)));
  }

  async #move(subscription: Subscription): Promise<void> {
    const { topic, listener, as, end } = subscription;
    const moved = await this.#bus().subscribe(topic, listener, as);
    // Nobody publishes on the old bus any more, so being on both for a moment delivers nothing twice.
    await end();
    // It may have been ended meanwhile.
    if (this.#subscriptions.has(subscription)) subscription.end = moved;
    else await moved();
  }

  #bus(): PubSub {
    if (isPrimary && !this.#hasMoved && !this.#isClosed) {
      this.#hasMoved = true;
      this.#target = openClusterPubSub(this.#options);
    }
    return this.#target;
  }
}

function openClusterPubSub({ onError }: CreatePubSubOptions): ClusterPubSub {
  return new ClusterPubSub({
    onError: onError && ((error, { topic }) => onError(error, { topic: topic ?? "" })),
  });
}
