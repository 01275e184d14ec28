import { LiveError } from "../errors.ts";
import type { Listener } from "./pubsub.ts";
import { checkTopic } from "./topic.ts";

/**
 * Told when a listener throws or returns a promise that rejects.
 *
 * @param error `pubsub.listener-failed`, with what was thrown as its `cause`.
 */
export type ListenerErrorHandler = (error: LiveError, details: { readonly topic: string }) => void;

export interface LocalBusOptions {
  /** @default console.error */
  readonly onError?: ListenerErrorHandler | undefined;
}

/** One listener of one topic, however often it subscribed. */
interface Subscriber {
  readonly listener: Listener<never>;
  readonly onError: ListenerErrorHandler;
  /** Messages with a number up to this one were published before the listener came. */
  readonly since: number;
  /** The id that the first subscription not yet ended was made as. */
  as: string | undefined;
  /** Likewise of the listener's further subscriptions. Nearly nobody has any. */
  others: (string | undefined)[] | undefined;
}

type Subscribers = Map<Listener<never>, Subscriber>;

interface Delivery {
  readonly topic: string;
  readonly subscribers: Subscribers;
  readonly message: unknown;
  readonly from: string | undefined;
  readonly number: number;
}

/**
 * Delivery within one process: the half of Pub/Sub that every adapter shares. Synchronous, and without promises.
 *
 * Rules, each of them relied upon by adapters and by views:
 *
 * - Messages are delivered one at a time, in the order published. One that is published while another is being
 *   delivered waits until that one has reached everybody; nothing recurses, however long the chain.
 * - A listener gets what is published after it subscribed, and nothing once its subscription has ended, be it in the
 *   middle of a delivery.
 * - A listener that fails is reported; the others and the publisher do not notice.
 * - A topic without subscribers takes no memory, and publishing to it costs one lookup.
 */
export class LocalBus {
  readonly #topics = new Map<string, Subscribers>();
  readonly #onError: ListenerErrorHandler;
  #waiting: Delivery[] = [];
  #delivering = false;
  /** How many messages were published to topics that somebody listened to: the number of the latest one. */
  #published = 0;

  constructor(options: LocalBusOptions = {}) {
    this.#onError = options.onError ?? logListenerError;
  }

  /** Topics that have a subscriber. For tests and metrics. */
  get topicCount(): number {
    return this.#topics.size;
  }

  /** Listeners of one topic, or of all. A listener that subscribed twice to a topic counts once. */
  subscriberCount(topic?: string): number {
    if (topic !== undefined) return this.#topics.get(topic)?.size ?? 0;
    let count = 0;
    for (const subscribers of this.#topics.values()) count += subscribers.size;
    return count;
  }

  /**
   * @param as the listener's own id: what is published `from` it passes the listener by. A listener that subscribed
   * more than once is passed by only if all of its subscriptions were made as that id.
   * @param onError instead of the bus's own, for buses that several owners share. That of the first subscription counts.
   * @returns what ends this subscription, at once; calling it again does nothing.
   * @throws {LiveError} `topic.invalid`
   */
  subscribe(topic: string, listener: Listener<never>, as?: string, onError?: ListenerErrorHandler): () => void {
    checkTopic(topic);
    const subscribers = this.#topics.get(topic) ?? this.#add(topic);
    const known = subscribers.get(listener);
    const subscriber = known ?? {
      listener,
      onError: onError ?? this.#onError,
      since: this.#published,
      as,
      others: undefined,
    };
    if (known === undefined) subscribers.set(listener, subscriber);
    else (known.others ??= []).push(as);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#release(topic, subscribers, subscriber, as);
    };
  }

  #add(topic: string): Subscribers {
    const subscribers: Subscribers = new Map();
    this.#topics.set(topic, subscribers);
    return subscribers;
  }

  /**
   * Calls every listener of the topic before it returns, unless a delivery is under way: then the message waits its turn.
   *
   * @param from the id of the sender, whose own listeners are to be passed by.
   */
  publish(topic: string, message: unknown, from?: string): void {
    const subscribers = this.#topics.get(topic);
    // Nobody listens now, and who comes later must not get it: so it need not wait either.
    if (subscribers === undefined) return;
    const number = ++this.#published;
    if (this.#delivering) {
      this.#waiting.push({ topic, subscribers, message, from, number });
      return;
    }
    this.#delivering = true;
    // `finally`, because a publisher that is about to run out of stack may do so between any two of these calls.
    try {
      if (this.#waiting.length > 0) this.#deliverWaiting();
      this.#deliver(topic, subscribers, message, from, number);
      if (this.#waiting.length > 0) this.#deliverWaiting();
    } finally {
      this.#delivering = false;
    }
  }

  #deliverWaiting(): void {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const { topic, subscribers, message, from, number } of batch) {
        this.#deliver(topic, subscribers, message, from, number);
      }
    }
  }

  #deliver(topic: string, subscribers: Subscribers, message: unknown, from: string | undefined, number: number): void {
    // A Map may change under its iterator: what is deleted is not visited, and what is added is too young (`since`).
    for (const subscriber of subscribers.values()) {
      if (subscriber.since >= number) continue;
      if (from !== undefined && !hears(subscriber, from)) continue;
      try {
        // PubSub ties listener and message by their topic's type. Whoever sends on a typed topic by its bare name
        // bypasses that, and gets what was sent: design page "Pub/Sub", what we do not do.
        const outcome: unknown = subscriber.listener(message as never, from);
        if (outcome !== undefined) watch(outcome, topic, subscriber.onError);
      } catch (cause) {
        report(cause, topic, subscriber.onError);
      }
    }
  }

  #release(topic: string, subscribers: Subscribers, subscriber: Subscriber, as: string | undefined): void {
    const { others } = subscriber;
    if (others === undefined || others.length === 0) {
      subscribers.delete(subscriber.listener);
      if (subscribers.size === 0) this.#topics.delete(topic);
    } else if (subscriber.as === as) {
      subscriber.as = others.pop();
    } else {
      others.splice(others.indexOf(as), 1);
    }
  }
}

function hears({ as, others }: Subscriber, from: string): boolean {
  return as !== from || (others !== undefined && others.some((other) => other !== from));
}

/** An async listener is a mistake that the checker lets pass; its rejection would end the process on Node. */
function watch(outcome: unknown, topic: string, onError: ListenerErrorHandler): void {
  if (outcome instanceof Promise) outcome.catch((cause: unknown) => report(cause, topic, onError));
}

function report(cause: unknown, topic: string, onError: ListenerErrorHandler): void {
  const error = new LiveError(
    "pubsub.listener-failed",
    // Only an Error's own words are used: turning an unknown value into text may throw.
    `A listener of the topic "${topic}" failed${cause instanceof Error ? `: ${cause.message}` : ""}. ` +
      "The other listeners got the message. Catch the error in the listener, or pass `onError` to see it elsewhere.",
    { cause },
  );
  try {
    onError(error, { topic });
  } catch (failure) {
    console.error(error);
    console.error("The onError that was to report the error above failed itself:", failure);
  }
}

function logListenerError(error: LiveError): void {
  console.error(error);
}
