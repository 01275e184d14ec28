import { LiveError } from "../errors.ts";
import { BUS } from "./bus-of.ts";
import { workerRole } from "../worker-role.ts";
import { FailedBroadcasts } from "./failed-broadcasts.ts";
import { LocalBus, type ListenerErrorHandler } from "./local-bus.ts";
import { refuseDiff, refuseForgedDiff } from "./presence-diffs.ts";
import type { Listener, PubSub, Sender, Unsubscribe } from "./pubsub.ts";
import { checkTopic, type MessageOf } from "./topic.ts";

export interface SingleProcessPubSubOptions {
  /** A bus of its own, shared with nobody: for tests. @default false: the bus of this process */
  readonly isolated?: boolean | undefined;
  /**
   * Told when a listener that subscribed through this object throws or rejects; and, at most every ten seconds, when a
   * broadcast through it fails. @default console.error
   */
  readonly onError?: ListenerErrorHandler | undefined;
}

const processBus = new LocalBus();
/** One for all calls: nothing in a process needs waiting for, and a promise per message would cost more than the message. */
const done = Promise.resolve();

/**
 * Pub/Sub within this process; what `createPubSub` gives a program that one process serves. Every
 * `new SingleProcessPubSub()` is the same bus, so a module can make its own and reach every view. Worker threads and child
 * processes have theirs: to reach across, use an adapter with a backplane.
 *
 * `broadcast` has called every listener when it returns, unless it was called from within a listener. Listeners get
 * the very object that was sent. The methods need their object: pass `(m) => pubSub.broadcast(t, m)`, not
 * `pubSub.broadcast`.
 *
 * @throws {LiveError} `pubsub.single-process` in a worker of `serve(app, { workers })`, unless it is `isolated`
 */
export class SingleProcessPubSub implements PubSub {
  readonly #bus: LocalBus;
  readonly #onError: ListenerErrorHandler | undefined;
  readonly #failed: FailedBroadcasts;
  readonly #subscriptions = new Set<() => void>();
  #closed = false;

  /** What is alive on the bus, whoever subscribed. A listener that subscribed twice to a topic counts once. */
  get counts(): { readonly topics: number; readonly subscribers: number } {
    return { topics: this.#bus.topicCount, subscribers: this.#bus.subscriberCount() };
  }

  get [BUS](): object {
    return this.#bus;
  }

  constructor(options: SingleProcessPubSubOptions = {}) {
    if (!options.isolated && workerRole() !== undefined) throw reachesOneWorkerOnly();
    this.#bus = options.isolated ? new LocalBus() : processBus;
    this.#onError = options.onError;
    const report: ListenerErrorHandler = options.onError ?? ((error) => console.error(error));
    this.#failed = new FailedBroadcasts((error, topic) => report(error, { topic }));
  }

  async subscribe<T extends string>(topic: T, listener: Listener<MessageOf<T>>, as?: Sender): Promise<Unsubscribe> {
    this.#refuseIfClosed();
    const end = this.#bus.subscribe(topic, listener, as?.id, this.#onError);
    this.#subscriptions.add(end);
    return () => {
      end();
      this.#subscriptions.delete(end);
      return done;
    };
  }

  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.#send(topic, message, undefined);
  }

  publish<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.#send(topic, message, undefined);
  }

  broadcastFrom<T extends string>(from: Sender, topic: T, message: MessageOf<T>): Promise<void> {
    return this.#send(topic, message, from.id);
  }

  localBroadcast<T extends string>(topic: T, message: MessageOf<T>): void {
    this.#refuseIfClosed();
    checkTopic(topic);
    refuseForgedDiff(topic, message);
    this.#bus.publish(topic, message);
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#subscriptions) end();
    this.#subscriptions.clear();
    return done;
  }

  /** Not `async`, which would make a promise per message. */
  #send(topic: string, message: unknown, from: string | undefined): Promise<void> {
    try {
      this.#refuseIfClosed();
      checkTopic(topic);
      refuseDiff(topic, message);
      this.#bus.publish(topic, message, from);
      return done;
    } catch (error) {
      const rejected = Promise.reject(error);
      // Nothing else is thrown above; what listeners throw, the bus reports.
      if (error instanceof LiveError) this.#failed.handle(rejected, error, topic);
      return rejected;
    }
  }

  #refuseIfClosed(): void {
    if (!this.#closed) return;
    throw new LiveError(
      "pubsub.closed",
      "This Pub/Sub was closed, so it neither sends nor subscribes. Close it last, when the views have ended, " +
        "or make another: new SingleProcessPubSub().",
    );
  }
}

function reachesOneWorkerOnly(): LiveError {
  return new LiveError(
    "pubsub.single-process",
    `
serve(app, { workers }) serves this program by several processes, and a SingleProcessPubSub would reach only the views of
its own one. Use the bus of the program, which reaches all of them; it is the app's default:

    import { createPubSub } from "wingbeat";
    const pubSub = createPubSub();

Variables are each worker's own as well: what all must agree on belongs into a store. For a bus that only this module
uses there is new SingleProcessPubSub({ isolated: true }).
`.trim(),
  );
}
