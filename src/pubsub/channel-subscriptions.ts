import { LiveError } from "../errors.ts";
import type { Backplane } from "./backplane.ts";
import type { PubSubClock } from "./pubsub-clock.ts";

/** A channel that nobody uses is kept for so long, in milliseconds: pages come and go, and the backplane need not know. */
const IDLE_MS = 5_000;
/** So long after the backplane was last there, nobody waits for it any more. In milliseconds. */
const PATIENCE_MS = 2_000;

/** What happens to subscriptions, for those who keep numbers by topic. */
export interface SubscriptionEvents {
  subscribing(topic: string): void;
  live(topic: string): void;
  gone(topic: string): void;
  /** Somebody who did not wait for this topic to be live may have missed messages, since this time. */
  late(topic: string, since: number): void;
  /** The backplane refused a topic that somebody uses who did not wait for it; or failed to let go of one. */
  failed(topic: string, error: LiveError): void;
}

/** Somebody's use of a topic. */
export interface Use {
  /**
   * `undefined` if the topic is live; else resolves when it is, or when the backplane has been away for two seconds:
   * then `late` is called once the topic is live. Rejects if the backplane refuses the topic.
   */
  readonly live: Promise<void> | undefined;
  /** To be called once. */
  readonly release: () => void;
}

interface Channel {
  readonly live: Promise<void>;
  isLive: boolean;
  users: number;
  /** Since when somebody uses it who did not wait. */
  lateSince: number | undefined;
}

/** One subscription of the backplane for each topic that somebody in this process listens to, however many do. */
export class ChannelSubscriptions {
  readonly #backplane: Backplane;
  readonly #nameOf: (topic: string) => string;
  readonly #events: SubscriptionEvents;
  readonly #clock: PubSubClock;
  readonly #channels = new Map<string, Channel>();
  /** Since when each live channel without users has none; the oldest first. */
  readonly #idle = new Map<string, number>();
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #waiting = new Set<() => void>();
  #isAwayLong = false;
  #cancelPatience: (() => void) | undefined;

  /** As if the backplane had just gone away: it has not come yet. */
  constructor(backplane: Backplane, nameOf: (topic: string) => string, events: SubscriptionEvents, clock: PubSubClock) {
    this.#backplane = backplane;
    this.#nameOf = nameOf;
    this.#events = events;
    this.#clock = clock;
    this.away();
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  /** The backplane is not there. After two seconds of that, `use` does not wait for it any more. */
  away(): void {
    this.#cancelPatience ??= this.#clock.after(PATIENCE_MS, () => {
      this.#isAwayLong = true;
      for (const giveUp of this.#waiting) giveUp();
      this.#waiting.clear();
    });
  }

  back(): void {
    this.#cancelPatience?.();
    this.#cancelPatience = undefined;
    this.#isAwayLong = false;
  }

  /** One user more. */
  use(topic: string): Use {
    const channel = this.#channels.get(topic) ?? this.#open(topic);
    channel.users += 1;
    this.#idle.delete(topic);
    return {
      live: channel.isLive ? undefined : this.#wait(channel),
      release: () => {
        channel.users -= 1;
        if (channel.users > 0 || !channel.isLive || this.#channels.get(topic) !== channel) return;
        this.#idle.set(topic, this.#clock.now());
      },
    };
  }

  /** Lets go of what nobody has used for five seconds. To be called about once a second. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [topic, since] of this.#idle) {
      if (now - since < IDLE_MS) return;
      this.#idle.delete(topic);
      this.#close(topic);
    }
  }

  close(): void {
    this.#cancelPatience?.();
    this.#channels.clear();
    this.#idle.clear();
  }

  #open(topic: string): Channel {
    this.#events.subscribing(topic);
    const leaving = this.#leaving.get(topic);
    const subscribe = async () => this.#backplane.subscribe(this.#nameOf(topic));
    const subscribed = leaving === undefined ? subscribe() : leaving.then(subscribe);
    const live = subscribed.then(
      () => this.#isLive(topic, channel),
      (cause: unknown) => this.#isRefused(topic, channel, cause),
    );
    const channel: Channel = { live, isLive: false, users: 0, lateSince: undefined };
    // Who waits handles it; if nobody does, `failed` has told it.
    live.catch(() => {});
    this.#channels.set(topic, channel);
    return channel;
  }

  #isLive(topic: string, channel: Channel): void {
    if (this.#channels.get(topic) !== channel) return;
    channel.isLive = true;
    if (channel.users === 0) this.#idle.set(topic, this.#clock.now());
    this.#events.live(topic);
    if (channel.lateSince !== undefined) this.#events.late(topic, channel.lateSince);
  }

  #isRefused(topic: string, channel: Channel, cause: unknown): never {
    const error = new LiveError(
      "pubsub.subscribe-refused",
      `The backplane did not subscribe to the topic "${topic}"${cause instanceof Error ? `: ${cause.message}` : ""}. ` +
        "Messages of other processes on it do not arrive. Allow its channel, " +
        `${JSON.stringify(this.#nameOf(topic))}, where the backplane keeps its permissions.`,
      { cause },
    );
    if (this.#channels.get(topic) === channel) {
      this.#channels.delete(topic);
      this.#events.gone(topic);
      if (channel.lateSince !== undefined) this.#events.failed(topic, error);
    }
    throw error;
  }

  #wait(channel: Channel): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        channel.lateSince ??= this.#clock.now();
        resolve();
      };
      if (this.#isAwayLong) return giveUp();
      this.#waiting.add(giveUp);
      channel.live.then(
        () => {
          this.#waiting.delete(giveUp);
          resolve();
        },
        (error: unknown) => {
          this.#waiting.delete(giveUp);
          reject(error);
        },
      );
    });
  }

  #close(topic: string): void {
    this.#channels.delete(topic);
    this.#events.gone(topic);
    const leaving = this.#backplane
      .unsubscribe(this.#nameOf(topic))
      .catch((cause: unknown) => {
        const message = `The backplane did not let go of the topic "${topic}". Its messages are passed over.`;
        this.#events.failed(topic, new LiveError("pubsub.backplane-failed", message, { cause }));
      })
      .finally(() => this.#leaving.delete(topic));
    this.#leaving.set(topic, leaving);
  }
}
