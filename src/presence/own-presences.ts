import { systemClock } from "../pubsub/pubsub-clock.ts";
import { TokenBucket } from "../transport/token-bucket.ts";
import type { ViewCompanion, ViewLife } from "../view-life.ts";
import type { PackedMeta } from "./meta-codec.ts";
import type { OwnEntry } from "./own-log.ts";
import { tooFast, tooManyKeys, tooManyPresences } from "./presence-errors.ts";
import type { PresenceLimits } from "./presence-limits.ts";
import type { Tracker } from "./tracker.ts";

/** What this process tracks, by who does. */
export class OwnPresences {
  readonly #tracker: Tracker;
  readonly #limits: PresenceLimits;
  readonly #byWho = new Map<string, Tracked>();

  constructor(tracker: Tracker, limits: PresenceLimits) {
    this.#tracker = tracker;
    this.#limits = limits;
  }

  find(who: string, topic: string, key: string): OwnEntry | undefined {
    return this.#byWho.get(who)?.entries.get(placeOf(topic, key));
  }

  /**
   * @param life of the view that `who` is, if it is one: its presences end with it.
   * @throws {LiveError} `presence.too-many`, `presence.too-fast`
   */
  put(who: string, life: ViewLife | undefined, topic: string, key: string, packed: PackedMeta): void {
    const tracked = this.#byWho.get(who) ?? this.#create(who, life);
    const place = placeOf(topic, key);
    const replaced = tracked.entries.get(place);
    if (replaced === undefined) this.#expectRoom(topic, key);
    if (!tracked.mayUpdate()) throw tooFast(topic, key, this.#limits.updatesPerSecond);
    this.#byWho.set(who, tracked);
    life?.accompany(tracked);
    tracked.isWanted(place);
    if (replaced?.json !== packed.json) {
      tracked.entries.set(place, this.#tracker.put(topic, key, packed, replaced));
    }
  }

  /** Ends one presence, all of a topic, or all. */
  remove(who: string, topic: string | undefined, key: string | undefined): void {
    const tracked = this.#byWho.get(who);
    if (tracked === undefined) return;
    for (const [place, { entry }] of tracked.entries) {
      if ((topic ?? entry.topic) === entry.topic && (key ?? entry.key) === entry.key) tracked.remove(place);
    }
    // A view's stays for what it may spend; it goes with the view.
    if (tracked.entries.size === 0 && !tracked.isView) this.#byWho.delete(who);
  }

  #create(who: string, life: ViewLife | undefined): Tracked {
    const { updatesBurst, updatesPerSecond } = this.#limits;
    const bucket = new TokenBucket(updatesBurst, updatesPerSecond, systemClock.now());
    return new Tracked(this.#tracker, life === undefined ? undefined : bucket, () => this.#byWho.delete(who));
  }

  #expectRoom(topic: string, key: string): void {
    const { keysPerTopic, presences } = this.#limits;
    const { state, listing } = this.#tracker;
    if (state.own.size >= presences) throw tooManyPresences(presences);
    if (listing.keyCount(topic) >= keysPerTopic && !listing.has(topic, key)) throw tooManyKeys(topic, keysPerTopic);
  }
}

/** What one `who` tracks, by place. */
class Tracked implements ViewCompanion {
  readonly entries = new Map<string, OwnEntry>();
  readonly #tracker: Tracker;
  /** What a view may spend on updates. */
  readonly #bucket: TokenBucket | undefined;
  readonly #forget: () => void;
  /** While the view mounts anew: the places that it has not asked for again. */
  #stale: Set<string> | undefined;

  constructor(tracker: Tracker, bucket: TokenBucket | undefined, forget: () => void) {
    this.#tracker = tracker;
    this.#bucket = bucket;
    this.#forget = forget;
  }

  get isView(): boolean {
    return this.#bucket !== undefined;
  }

  mayUpdate(): boolean {
    return this.#bucket?.take(systemClock.now()) ?? true;
  }

  isWanted(place: string): void {
    this.#stale?.delete(place);
  }

  remove(place: string): void {
    const own = this.entries.get(place);
    this.entries.delete(place);
    if (own !== undefined && !this.#tracker.isClosed) this.#tracker.remove(own);
  }

  viewEnded(): void {
    for (const place of this.entries.keys()) this.remove(place);
    this.#forget();
  }

  renewalBegan(): void {
    this.#stale = new Set(this.entries.keys());
  }

  renewalEnded(): void {
    for (const place of this.#stale ?? []) this.remove(place);
    this.#stale = undefined;
  }
}

/** Different for every topic and key, whatever is in them. */
function placeOf(topic: string, key: string): string {
  return `${topic.length}:${topic}${key}`;
}
