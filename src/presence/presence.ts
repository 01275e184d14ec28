import { LiveError } from "../errors.ts";
import { fitsInBytes } from "../protocol/utf8.ts";
import { busOf, isWithinProcess } from "../pubsub/bus-of.ts";
import { randomNodeId } from "../pubsub/node-id.ts";
import { createPubSub } from "../pubsub/program-pubsub.ts";
import { systemClock } from "../pubsub/pubsub-clock.ts";
import type { PubSub, Sender } from "../pubsub/pubsub.ts";
import { checkTopic, type Topic } from "../pubsub/topic.ts";
import { lifeOf, type ViewLife } from "../view-life.ts";
import { packMeta, type Fields, type PackedMeta } from "./meta-codec.ts";
import type { OwnEntry } from "./own-log.ts";
import { OwnPresences } from "./own-presences.ts";
import { invalidKey, invalidMeta, metaTooLarge, notTracked, otherBus, presenceClosed } from "./presence-errors.ts";
import { PresenceFeed } from "./presence-feed.ts";
import { invalid, resolvePresenceLimits, type PresenceLimitOptions, type PresenceLimits } from "./presence-limits.ts";
import { PresenceLink } from "./presence-link.ts";
import { announceNews } from "./presence-news.ts";
import { applyDiff, type PresenceDiff, type Presences } from "./presences.ts";
import { ALL_LAYERS, DEFAULT_TIMINGS } from "./state.ts";
import { Tracker } from "./tracker.ts";
import { MAX_NAME_BYTES } from "./wire.ts";

/** A typed topic must say that it carries the diffs: views that subscribe to it are then ready for them. */
type PresenceTopic<T extends string, Meta> =
  T extends Topic<infer M> ? (PresenceDiff<Meta> extends M ? unknown : Topic<PresenceDiff<Meta>>) : unknown;

/** What `fetch` found, by key. */
export type PresenceDetails<Meta> =
  | { readonly [key: string]: Partial<Meta> | undefined }
  | ReadonlyMap<string, Partial<Meta>>;

export interface PresenceOptions<Meta extends object> {
  /** The same object as the app's. @default the program's own, as for an app without the option */
  readonly pubSub?: PubSub | undefined;
  /**
   * Presences of one name see each other on all nodes, so each of several presences of a program takes a name of its own. At
   * most 64 letters, digits, `.`, `_` and `-`. @default "presence"
   */
  readonly name?: string | undefined;
  /**
   * What this process is called again after a restart, and no other process is at the same time: a pod's or a host's
   * name. Its presences from before a crash are then gone as soon as it is back, instead of after 10 s. @default none
   */
  readonly node?: string | undefined;
  /**
   * Loads details of many keys at once, say by one database query: called with those that join a topic and are not listed yet,
   * once at a time for each topic, in every process. What it returns for a key is added to each of its metas, for as
   * long as the key is listed. Diffs wait for it, in order; after 10 s, or when it fails, the metas are shown as they are.
   */
  readonly fetch?:
    | ((topic: string, presences: Presences<Meta>) => PresenceDetails<Meta> | Promise<PresenceDetails<Meta>>)
    | undefined;
  /**
   * For how long a key that nobody has any more stays listed, in milliseconds. Who comes back within that time, on
   * whichever node, has never been away: a page load, a deploy. @default 0
   */
  readonly graceMs?: number | ((topic: string) => number) | undefined;
  readonly limits?: PresenceLimitOptions | undefined;
  /** Told what nobody else is told: a `fetch` or listener that fails, a backplane that refuses. @default console.error */
  readonly onError?: ((error: LiveError) => void) | undefined;
}

/** A key that came, with its metas, or one that went, with its last ones. */
export interface PresenceChange<Meta> {
  readonly topic: string;
  readonly key: string;
  readonly metas: Presences<Meta>[string]["metas"];
}

/** What is there, for metrics. */
export interface PresenceCounts {
  /** Those that this process tracks. */
  readonly tracked: number;
  /** Topics with anybody in them, on all nodes. */
  readonly topics: number;
  /** Other processes that are there, and that were there until recently. */
  readonly peers: number;
  /** Messages that could not be read. */
  readonly dropped: number;
}

const DONE: Promise<void> = Promise.resolve();

/**
 * Who is present on a topic, with metas that can change: the same list on every node, in the end, whatever happens to
 * messages, nodes and clocks. Make one for the program, give it the app's Pub/Sub, and `await close()` it after the app.
 *
 * Views that subscribe to a topic get each change of it as an info, `{ type: "presence_diff", topic, joins, leaves }`;
 * `syncDiff` applies it to what `list` gave. What a view tracks ends with it. Everybody gets the same meta objects, so
 * they are frozen.
 *
 * What is wrong with a call is thrown at once; the promises never reject.
 *
 * @typeParam Meta what is tracked, in every process that has a presence of this name. Data only, as a message.
 */
export class Presence<Meta extends object> {
  readonly #pubSub: PubSub;
  readonly #isDefaultPubSub: boolean;
  readonly #onError: ((error: LiveError) => void) | undefined;
  readonly #limits: PresenceLimits;
  readonly #tracker: Tracker;
  readonly #own: OwnPresences;
  readonly #feed: PresenceFeed;
  readonly #link: PresenceLink;
  readonly #tellNow = (): void => this.#tracker.flush();

  /** @throws {LiveError} `presence.invalid-option` */
  constructor(options: PresenceOptions<Meta> = {}) {
    const { name = "presence", node = "", graceMs = 0, fetch } = options;
    if (!/^[\w.-]{1,64}$/.test(name)) throw invalid(`\`name\` takes 1 to 64 letters, digits, ".", "_" and "-".`);
    if (!fitsInBytes(node, MAX_NAME_BYTES)) throw invalid(`\`node\` takes at most ${MAX_NAME_BYTES} bytes.`);
    if (typeof graceMs === "number" && !(graceMs >= 0)) throw invalid("`graceMs` is a number of milliseconds.");
    this.#onError = options.onError;
    this.#limits = resolvePresenceLimits(options.limits);
    this.#isDefaultPubSub = options.pubSub === undefined;
    const pubSub = (this.#pubSub = options.pubSub ?? createPubSub());
    const rid = randomNodeId();
    const report = (error: LiveError): void => this.#report(error);
    this.#tracker = new Tracker(
      {
        rid,
        node,
        mayHavePeers: () => !isWithinProcess(pubSub),
        timings: DEFAULT_TIMINGS,
        safety: ALL_LAYERS,
        graceOf: typeof graceMs === "number" ? () => graceMs : graceMs,
      },
      {
        now: () => systemClock.now(),
        random: Math.random,
        after: (ms, run) => systemClock.after(ms, run),
        send: (to, text) => this.#link.send(to, text),
        changed: (topic, change) => this.#feed.changed(topic, change),
        flushes: (isWaiting) => announceNews(this.#tellNow, isWaiting),
      },
    );
    this.#own = new OwnPresences(this.#tracker, this.#limits);
    this.#feed = new PresenceFeed({
      pubSub,
      tracker: this.#tracker,
      fetch: fetch && ((topic, presences) => fetch(topic, this.#typed(presences))),
      report,
    });
    this.#link = new PresenceLink({
      pubSub,
      topic: `wingbeat:presence:${name}`,
      rid,
      receive: (message) => this.#tracker.receive(message),
      hello: () => this.#tracker.hello(),
      setConnected: (isConnected) => this.#tracker.setConnected(isConnected),
      report,
    });
    this.#link.open();
  }

  /**
   * Whether the backplane is gone: the list may then be out of date. Others' presences stay listed for 40 s.
   */
  get isDegraded(): boolean {
    return this.#tracker.isPaused;
  }

  get counts(): PresenceCounts {
    const { replicas, down, dropped } = this.#tracker.state.counts;
    return {
      tracked: this.#tracker.state.own.size,
      topics: this.#tracker.listing.topicCount,
      peers: replicas - down,
      dropped,
    };
  }

  // ── being present ──

  /**
   * Says that `who` is present on a topic under a key, with a meta. Once for each `who`, topic and key: again, it
   * replaces the meta. Two tabs of one user are two `who` under one key.
   *
   * @param who a view's socket: tracks until the view ends, and does nothing while not `connected`. Or anything with an
   * `id` that is unique in this process: then call `untrack` when it ends.
   * @param key 1 to 255 bytes, such as a user's id.
   * @param meta a plain object of data; at most 1 KB as JSON. Copied; `ref` and `prevRef` are taken out.
   * @returns what resolves when `list` has it in this process: at once, or when `fetch` has loaded its details.
   * @throws {LiveError} `presence.invalid-meta`, `presence.meta-too-large`, `presence.invalid-key`, `topic.invalid`,
   * `presence.too-many`, `presence.too-fast`, `presence.other-bus`, `presence.closed`
   */
  track<T extends string>(who: Sender, topic: T & PresenceTopic<T, Meta>, key: string, meta: Meta): Promise<void> {
    const life = this.#lifeOf(who);
    if (life !== undefined && isNobody(life)) return DONE;
    this.#refuseIfClosed();
    checkTopic(topic);
    if (typeof key !== "string" || key === "" || !fitsInBytes(key, MAX_NAME_BYTES)) throw invalidKey(topic, key);
    this.#own.put(who.id, life, topic, key, this.#pack(topic, key, meta));
    return this.#feed.whenTold(topic);
  }

  /**
   * Changes the meta of a presence that `who` tracks. Everybody gets one diff: the old meta leaves, the new one joins, with
   * the old one's `ref` as its `prevRef`.
   *
   * @param change the next meta, or what makes it of the present one, which it must not change.
   * @throws {LiveError} `presence.not-tracked`; and as `track`. Nothing is thrown for a view that has ended or is not `connected`.
   */
  update(
    who: Sender,
    topic: string,
    key: string,
    // A function has a `name` and would pass for a meta `{ name: string }`; no function lacks `apply`.
    change: ((meta: Meta) => Meta) | (Meta & { readonly apply?: never }),
  ): Promise<void> {
    const life = this.#lifeOf(who);
    if (life !== undefined && isNobody(life)) return DONE;
    this.#refuseIfClosed();
    const own = this.#own.find(who.id, topic, key);
    if (own === undefined) throw notTracked(topic, key);
    const meta = typeof change === "function" ? change(this.#metaOf(own)) : change;
    this.#own.put(who.id, life, topic, key, this.#pack(topic, key, meta));
    return this.#feed.whenTold(topic);
  }

  /**
   * Ends what `who` tracks: one presence, all of a topic, or all there is. What is not tracked is no error.
   * @returns what resolves when `list` has it no more in this process, but for `graceMs`
   */
  untrack(who: Sender, topic?: string, key?: string): Promise<void> {
    this.#own.remove(who.id, topic, key);
    return topic === undefined ? DONE : this.#feed.whenTold(topic);
  }

  // ── who is present ──

  /**
   * Everybody on a topic, on all nodes, by key. All diffs that a subscribed view gets from now on, applied in order by
   * `syncDiff`, keep it right. The same object until something changes; it has no prototype.
   */
  list(topic: string): Presences<Meta> {
    this.#tracker.tell(topic);
    return this.#typed(this.#tracker.listing.list(topic));
  }

  /** The metas of one key, in order of arrival; `undefined` if nobody is present under it. */
  get(topic: string, key: string): Presences<Meta>[string] | undefined {
    this.#tracker.tell(topic);
    const found = this.#tracker.listing.get(topic, key);
    return found === undefined ? undefined : this.#typed({ found }).found;
  }

  /**
   * The list after a diff, for `handleInfo`: `socket.assign({ who: presence.syncDiff(socket.context.who, info) })`. Pure; views
   * with the same list get the same next one, so that a shared render is rendered once for all. A diff that the list
   * has already changes nothing.
   */
  syncDiff(current: Presences<Meta>, diff: PresenceDiff<Meta>): Presences<Meta> {
    return applyDiff(current, diff);
  }

  /**
   * Calls a listener in this process, when a key comes to a topic or has gone: not for further tabs, updates, nor for what
   * `graceMs` hides. Every node has its own, and tells its own listeners. One that throws or rejects is reported.
   * @returns what ends it
   */
  on(event: "join" | "leave", listener: (change: PresenceChange<Meta>) => void): () => void {
    // As in `#typed`.
    return this.#feed.on(event, (change) => listener(change as unknown as PresenceChange<Meta>));
  }

  /** Tells the other processes that this one's presences have ended. Nothing is tracked, listed or told afterwards. */
  close(): Promise<void> {
    this.#tracker.close();
    announceNews(this.#tellNow, false);
    return this.#link.close();
  }

  #lifeOf(who: Sender): ViewLife | undefined {
    const life = lifeOf(who);
    // Also in the render of the HTTP response: the page of the error is where it is seen first.
    if (life !== undefined && !life.isEnded && busOf(life.pubSub) !== busOf(this.#pubSub)) {
      throw otherBus(this.#isDefaultPubSub);
    }
    return life;
  }

  #refuseIfClosed(): void {
    if (this.#tracker.isClosed) throw presenceClosed();
  }

  #pack(topic: string, key: string, meta: unknown): PackedMeta {
    if (typeof meta !== "object" || meta === null || Array.isArray(meta)) {
      throw invalidMeta(topic, key, "it is no object.");
    }
    try {
      return packMeta(meta, topic, this.#limits.metaBytes);
    } catch (error) {
      if (!(error instanceof LiveError)) throw error;
      if (error.code === "pubsub.message-too-large") throw metaTooLarge(topic, key, this.#limits.metaBytes, error);
      throw invalidMeta(topic, key, error.message, error);
    }
  }

  #metaOf({ entry }: OwnEntry): Meta {
    const { ref: _ref, prevRef: _prevRef, ...fields } = entry.meta;
    // Tracked by `track` or `update` of this object, as a Meta.
    return fields as unknown as Meta;
  }

  #report(error: LiveError): void {
    if (this.#onError === undefined) console.error(error);
    else this.#onError(error);
  }

  /** What was tracked under this presence's name is a Meta: that is what its type says, in every process. */
  #typed(presences: Presences<Fields>): Presences<Meta> {
    return presences as unknown as Presences<Meta>;
  }
}

/** A view that has ended, or that is only rendered as the page's HTML. */
function isNobody({ isConnected, isEnded }: ViewLife): boolean {
  return !isConnected || isEnded;
}
