import type { Gap } from "../pubsub/gap.ts";
import { isForgedDiff, reservedMessage } from "../pubsub/presence-diffs.ts";
import type { PubSub, Unsubscribe } from "../pubsub/pubsub.ts";
import { GapSpread } from "./gap-spread.ts";
import type { ViewGap } from "./view-gap.ts";

/** An info as views get it: it has a string `type`. */
export interface Info {
  readonly type: string;
}

/** A view, as far as topics are concerned. */
export interface TopicMember {
  readonly id: string;
  /** Puts the info into the mailbox. Runs no code of the view, and does not throw. */
  receiveInfo(info: Info): void;
  /** Whether a gap matters to it. */
  readonly heedsGaps: boolean;
  /** Puts the gap into the mailbox. Runs no code of the view, and does not throw. */
  receiveGap(gap: ViewGap): void;
}

export interface TopicHubOptions {
  /** Gets what goes wrong with a subscription and has nobody else to tell. */
  readonly report: (error: unknown, topic: string) => void;
  /** Over how long the views are told of a gap, in milliseconds. */
  readonly gapSpreadMs: number;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

interface Room {
  readonly members: Set<TopicMember>;
  /** The subscription at the Pub/Sub while it is not live yet; `undefined` afterwards. */
  pending: Promise<void> | undefined;
  end: Unsubscribe | undefined;
}

/** What `TopicHub.subscribe` returns where nothing has to be waited for. */
export const LIVE: Promise<void> = Promise.resolve();

/**
 * All views' subscriptions in one app: one subscription at the Pub/Sub for each topic, whatever the number of views, and
 * one info object for each message. And one timer for all views that are to be told of a gap.
 */
export class TopicHub {
  readonly #pubSub: PubSub;
  readonly #report: (error: unknown, topic: string) => void;
  readonly #rooms = new Map<string, Room>();
  readonly #gaps: GapSpread<TopicMember>;
  #subscriptions = 0;
  #deliveries = 0;

  constructor(pubSub: PubSub, { report, gapSpreadMs, random }: TopicHubOptions) {
    this.#pubSub = pubSub;
    this.#report = report;
    this.#gaps = new GapSpread({
      spreadMs: gapSpreadMs,
      random,
      deliver: (member, gap) => this.#deliverGap(member, gap),
    });
  }

  /** How many views hold subscriptions, each counted once for each topic. */
  get subscriptionCount(): number {
    return this.#subscriptions;
  }

  /** How many topics have a subscriber. */
  get topicCount(): number {
    return this.#rooms.size;
  }

  /** How often a message has reached a view, since the start. */
  get deliveryCount(): number {
    return this.#deliveries;
  }

  /** Resolves when every later broadcast reaches the member. Twice is once. */
  subscribe(topic: string, member: TopicMember): Promise<void> {
    const room = this.#rooms.get(topic) ?? this.#open(topic);
    if (!room.members.has(member)) {
      room.members.add(member);
      this.#subscriptions++;
    }
    return room.pending ?? LIVE;
  }

  /** Resolves when the Pub/Sub knows; it is told when the last member has gone. */
  unsubscribe(topic: string, member: TopicMember): Promise<void> {
    const room = this.#rooms.get(topic);
    if (room === undefined || !room.members.delete(member)) return LIVE;
    this.#subscriptions--;
    if (room.members.size > 0) return LIVE;
    this.#rooms.delete(topic);
    const { end } = room;
    return end === undefined ? LIVE : end().catch((error: unknown) => this.#report(error, topic));
  }

  // ── gaps ──

  /**
   * Tells the members of these topics that heed gaps, each once and at a moment of its own, unless it has left by then.
   * @returns how many that will be
   */
  announceGap({ topics, cause, since, until, missed }: Gap): number {
    const concerned = new Map<TopicMember, string[]>();
    for (const topic of topics === "*" ? this.#rooms.keys() : topics) {
      for (const member of this.#rooms.get(topic)?.members ?? []) {
        if (!member.heedsGaps) continue;
        const own = concerned.get(member);
        if (own === undefined) concerned.set(member, [topic]);
        else own.push(topic);
      }
    }
    for (const [member, own] of concerned) this.#gaps.add(member, { cause, topics: own, since, until, missed });
    return concerned.size;
  }

  #deliverGap(member: TopicMember, gap: ViewGap): void {
    const topics = gap.topics.filter((topic) => this.#rooms.get(topic)?.members.has(member) === true);
    if (topics.length > 0) member.receiveGap({ ...gap, topics });
  }

  /** Tells nobody of the gaps that wait. */
  stop(): void {
    this.#gaps.stop();
  }

  #open(topic: string): Room {
    const members = new Set<TopicMember>();
    const deliver = (message: unknown, from: string | undefined): void => {
      const info = toInfo(topic, message);
      // Adapters of others may let it pass; and a topic may have that name, which messages without a type then get.
      if (isForgedDiff(info)) return this.#report(reservedMessage(topic), topic);
      for (const member of members) {
        if (member.id === from) continue;
        this.#deliveries++;
        member.receiveInfo(info);
      }
    };
    const room: Room = { members, pending: undefined, end: undefined };
    room.pending = this.#pubSub.subscribe(topic, deliver).then(
      (end) => {
        room.pending = undefined;
        // The last member may have gone while the subscription was on its way.
        if (members.size === 0) return end().catch((error: unknown) => this.#report(error, topic));
        room.end = end;
        return undefined;
      },
      (error: unknown) => {
        if (this.#rooms.get(topic) === room) this.#rooms.delete(topic);
        this.#subscriptions -= members.size;
        members.clear();
        throw error;
      },
    );
    this.#rooms.set(topic, room);
    return room;
  }
}

/**
 * What views get of a message: itself if it is a plain object with a string `type`; a shallow copy with the topic as its
 * `type` if it is a plain object without; else `{ type: topic, value }`. The sender's object is never changed.
 */
export function toInfo(topic: string, message: unknown): Info {
  if (!isPlainObject(message)) return { type: topic, value: message } as Info;
  // Either the check or the copy gives it a string type.
  return typeof message["type"] === "string" ? (message as unknown as Info) : { ...message, type: topic };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
