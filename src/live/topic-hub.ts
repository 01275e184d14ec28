import type { PubSub, Unsubscribe } from "../pubsub/pubsub.ts";

/** An info as views get it: it has a string `type`. */
export interface Info {
  readonly type: string;
}

/** A view, as far as topics are concerned. */
export interface TopicMember {
  readonly id: string;
  /** Puts the info into the mailbox. Runs no code of the view, and does not throw. */
  receiveInfo(info: Info): void;
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
 * one info object for each message.
 */
export class TopicHub {
  readonly #pubSub: PubSub;
  readonly #report: (error: unknown, topic: string) => void;
  readonly #rooms = new Map<string, Room>();
  #subscriptions = 0;

  constructor(pubSub: PubSub, report: (error: unknown, topic: string) => void) {
    this.#pubSub = pubSub;
    this.#report = report;
  }

  /** How many views hold subscriptions, each counted once for each topic. */
  get subscriptionCount(): number {
    return this.#subscriptions;
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

  #open(topic: string): Room {
    const members = new Set<TopicMember>();
    const deliver = (message: unknown, from: string | undefined): void => {
      const info = toInfo(topic, message);
      for (const member of members) if (member.id !== from) member.receiveInfo(info);
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
