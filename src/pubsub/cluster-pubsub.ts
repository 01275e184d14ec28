import { LiveError } from "../errors.ts";
import { BackplanePubSub, type BackplaneCounts, type PubSubErrorHandler } from "./backplane-pubsub.ts";
import { BUS } from "./bus-of.ts";
import { clusterBackplane } from "./cluster-backplane.ts";
import { rejected } from "./failed-broadcasts.ts";
import type { PubSubEvents, PubSubStatus } from "./gap.ts";
import type { Listener, PubSub, Sender, Unsubscribe } from "./pubsub.ts";
import type { MessageOf } from "./topic.ts";

export interface ClusterPubSubOptions {
  /**
   * Told of failing listeners and of a primary that does not relay, for all objects of this process.
   * @default console.error, if no object has one
   */
  readonly onError?: PubSubErrorHandler | undefined;
}

/** What all objects of this process share. Made with the first, closed with the last. */
interface ProcessBus {
  readonly pubSub: BackplanePubSub;
  readonly handlers: Set<PubSubErrorHandler>;
  users: number;
}

let processBus: ProcessBus | undefined;

/**
 * Pub/Sub between the processes of `node:cluster`: a worker's messages go to the primary, which passes them on to the
 * workers that subscribed. The primary takes part as well. What `serve(app, { workers })` gives its apps.
 *
 * Every `new ClusterPubSub()` in a process is the same bus, as with `SingleProcessPubSub`: `broadcast` has called the
 * listeners of this process when it returns, whichever object they subscribed through, with the very object that was sent.
 *
 * The primary relays from the first `new ClusterPubSub()` on, or from `serve(app, { workers })`.
 *
 * @throws {LiveError} `pubsub.backplane` in a worker thread, and in a worker whose line to the primary has ended
 */
export class ClusterPubSub implements PubSub {
  readonly #bus: ProcessBus;
  readonly #onError: PubSubErrorHandler | undefined;
  /** What ends the subscriptions, and the listening, of this object. */
  readonly #ends = new Set<() => unknown>();
  #closing: Promise<void> | undefined;

  constructor(options: ClusterPubSubOptions = {}) {
    this.#bus = processBus ??= openProcessBus();
    this.#bus.users++;
    // An object's own function, so that two objects with one handler are two.
    const { onError } = options;
    this.#onError = onError && ((error, details) => onError(error, details));
    if (this.#onError !== undefined) this.#bus.handlers.add(this.#onError);
  }

  /** How the line to the primary is now; changes are told by `on("status")`. */
  get status(): PubSubStatus {
    return this.#bus.pubSub.status;
  }

  /** What has happened in this process so far and what is alive, through whichever object. */
  get counts(): BackplaneCounts {
    return this.#bus.pubSub.counts;
  }

  get [BUS](): object {
    return this.#bus.pubSub;
  }

  async subscribe<T extends string>(topic: T, listener: Listener<MessageOf<T>>, as?: Sender): Promise<Unsubscribe> {
    this.#refuseIfClosed();
    const unsubscribe = await this.#bus.pubSub.subscribe(topic, listener, as);
    if (this.#closing !== undefined) await unsubscribe();
    this.#refuseIfClosed();
    this.#ends.add(unsubscribe);
    return () => {
      this.#ends.delete(unsubscribe);
      return unsubscribe();
    };
  }

  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.#closing === undefined ? this.#bus.pubSub.broadcast(topic, message) : rejected(closed());
  }

  publish<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.broadcast(topic, message);
  }

  broadcastFrom<T extends string>(from: Sender, topic: T, message: MessageOf<T>): Promise<void> {
    return this.#closing === undefined ? this.#bus.pubSub.broadcastFrom(from, topic, message) : rejected(closed());
  }

  localBroadcast<T extends string>(topic: T, message: MessageOf<T>): void {
    this.#refuseIfClosed();
    this.#bus.pubSub.localBroadcast(topic, message);
  }

  on<Name extends keyof PubSubEvents>(event: Name, listener: (value: PubSubEvents[Name]) => void): () => void {
    this.#refuseIfClosed();
    const stop = this.#bus.pubSub.on(event, listener);
    this.#ends.add(stop);
    return () => {
      this.#ends.delete(stop);
      stop();
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const bus = this.#bus;
    bus.users--;
    const isLast = bus.users === 0;
    if (isLast && processBus === bus) processBus = undefined;
    // The last one's close ends them too, and first tells whoever listens what was found missing.
    const closing = isLast ? bus.pubSub.close() : undefined;
    for (const end of this.#ends) void end();
    this.#ends.clear();
    await closing;
    if (this.#onError !== undefined) bus.handlers.delete(this.#onError);
  }

  #refuseIfClosed(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function openProcessBus(): ProcessBus {
  const handlers = new Set<PubSubErrorHandler>();
  const onError: PubSubErrorHandler = (error, details) => {
    if (handlers.size === 0) console.error(error);
    for (const handler of handlers) handler(error, details);
  };
  return { pubSub: new BackplanePubSub(clusterBackplane(), { onError }), handlers, users: 0 };
}

function closed(): LiveError {
  return new LiveError(
    "pubsub.closed",
    "This Pub/Sub was closed, so it neither sends nor subscribes. Close it last, when the views have ended, " +
      "or make another: new ClusterPubSub().",
  );
}
