import type { PubSubEvents, PubSubStatus } from "./gap.ts";
import type { MessageOf } from "./topic.ts";

/** Ends one subscription: nothing more is delivered from this call on. Again: does nothing. Resolves when the backplane knows. */
export type Unsubscribe = () => Promise<void>;

/** Who broadcasts or listens, for `broadcastFrom`: a view's socket, or anything with an id that is unique in this process. */
export interface Sender {
  readonly id: string;
}

/**
 * What a subscriber is called with. It gets the message as it was sent, perhaps by reference: do not change it.
 * What it throws, and a promise it returns that rejects, is reported and harms nobody.
 *
 * @param from the id given to `broadcastFrom`, in the sending process only; else `undefined`.
 */
export type Listener<M> = (message: M, from: string | undefined) => void;

/**
 * Messages by topic, to everybody who subscribed. Local delivery is exactly once while subscribed; messages of one
 * publisher on one topic arrive in the order sent; a listener that throws harms nobody else.
 *
 * A listener never runs inside another one's delivery: what it broadcasts is delivered after the message at hand has
 * reached everybody. So all listeners of one process see the same messages in the same order.
 *
 * Every method refuses a topic that is empty or longer than 255 bytes of UTF-8 (`topic.invalid`), and every method but
 * `close` fails after `close` (`pubsub.closed`): `localBroadcast` throws, the others reject. A broadcast that rejects and
 * that nobody waits for does not end the process: it is reported.
 */
export interface PubSub {
  /**
   * Resolves when the subscription is live: every later broadcast reaches `listener`. A broadcast that is being
   * delivered at that moment does not.
   *
   * The same function subscribed twice to one topic is called once per message, until both subscriptions have ended.
   *
   * @param as the listener's own id: messages that are broadcast *from* it are not delivered to this listener.
   */
  subscribe<T extends string>(topic: T, listener: Listener<MessageOf<T>>, as?: Sender): Promise<Unsubscribe>;
  /** To every subscriber, the caller's own subscriptions included. Resolves when the backplane has it. */
  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void>;
  /** The same as `broadcast`. */
  publish<T extends string>(topic: T, message: MessageOf<T>): Promise<void>;
  /** To every subscriber but those that subscribed as `from`. */
  broadcastFrom<T extends string>(from: Sender, topic: T, message: MessageOf<T>): Promise<void>;
  /** To the subscribers of this process only. */
  localBroadcast<T extends string>(topic: T, message: MessageOf<T>): void;
  /**
   * Listens to what befalls the backplane: messages that may have been lost (`gap`), and how it is (`status`). Absent
   * where there is no backplane, and so nothing to lose. A listener that throws is reported and harms nobody.
   * @returns what ends the listening
   */
  on?<Name extends keyof PubSubEvents>(event: Name, listener: (value: PubSubEvents[Name]) => void): () => void;
  /** How the backplane is now. Absent where there is none; where it is absent beside `on`, it is not known before it changes. */
  readonly status?: PubSubStatus | undefined;
  /** Ends all subscriptions made through this object, and no others. Calling it again does nothing. */
  close(): Promise<void>;
}
