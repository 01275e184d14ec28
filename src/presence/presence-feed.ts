import { LiveError } from "../errors.ts";
import { vouchForDiff } from "../pubsub/presence-diffs.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import { loadDetails } from "./details.ts";
import type { Committed, TopicChange } from "./listing.ts";
import type { Fields } from "./meta-codec.ts";
import { fetchFailed, listenerFailed } from "./presence-errors.ts";
import { countLoading } from "./presence-news.ts";
import { emptyTable, type Presences } from "./presences.ts";
import type { Tracker } from "./tracker.ts";

/** Of one key that came, or went. */
export interface KeyChange {
  readonly topic: string;
  readonly key: string;
  readonly metas: Presences<Fields>[string]["metas"];
}

export interface FeedOptions {
  readonly pubSub: PubSub;
  readonly tracker: Tracker;
  /** Loads details of keys that are not listed yet. */
  readonly fetch: ((topic: string, presences: Presences<Fields>) => unknown) | undefined;
  readonly report: (error: LiveError) => void;
}

const DONE: Promise<void> = Promise.resolve();

/** Turns the tracker's changes into diffs, in order, and tells them: to the topic's subscribers here, and to listeners. */
export class PresenceFeed {
  readonly #options: FeedOptions;
  readonly #listeners = {
    join: new Set<(change: KeyChange) => unknown>(),
    leave: new Set<(change: KeyChange) => unknown>(),
  };
  /** Topics whose diff waits for details. */
  readonly #loading = new Map<string, Promise<void>>();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  on(event: "join" | "leave", listener: (change: KeyChange) => unknown): () => void {
    // One entry for each call: the same function given twice is called twice, until each has ended.
    const entry = (change: KeyChange): unknown => listener(change);
    const listeners = this.#listeners[event];
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  /** Resolves when what is true now was told: at once, unless details have to be loaded first. */
  whenTold(topic: string): Promise<void> {
    // Without details nothing need be told before somebody asks for the list, which tells it.
    return this.#options.fetch === undefined ? DONE : this.#untilTold(topic);
  }

  async #untilTold(topic: string): Promise<void> {
    this.#options.tracker.tell(topic);
    // What is being loaded may have been asked for before; then the next load has what is true now.
    await this.#loading.get(topic);
    await this.#loading.get(topic);
  }

  changed(topic: string, change: TopicChange): void {
    const { tracker, fetch } = this.#options;
    const wanted = fetch === undefined ? undefined : this.#withoutDetails(topic, change);
    if (fetch === undefined || wanted === undefined) return this.#tell(tracker.commit(topic, change));
    this.#loading.set(
      topic,
      this.#load(topic, change, () => fetch(topic, wanted)),
    );
  }

  /** Those who join and have no details yet; `undefined` if there is nobody. */
  #withoutDetails(topic: string, change: TopicChange): Presences<Fields> | undefined {
    const wanted: Record<string, Presences<Fields>[string]> = emptyTable();
    let isEmpty = true;
    for (const [key, { joined }] of change) {
      if (joined.length === 0 || !this.#options.tracker.listing.needsDetails(topic, key)) continue;
      wanted[key] = { metas: joined };
      isEmpty = false;
    }
    return isEmpty ? undefined : wanted;
  }

  async #load(topic: string, change: TopicChange, fetch: () => unknown): Promise<void> {
    const { tracker, report } = this.#options;
    let details: ReadonlyMap<string, Fields> | undefined;
    countLoading(1);
    try {
      details = await loadDetails(fetch);
    } catch (error) {
      report(fetchFailed(topic, error));
    }
    countLoading(-1);
    this.#loading.delete(topic);
    if (tracker.isClosed) return;
    this.#tell(tracker.commit(topic, change, details));
    // What has changed meanwhile.
    tracker.tell(topic);
  }

  #tell({ diff, came, went }: Committed): void {
    const { topic, joins, leaves } = diff;
    vouchForDiff(diff);
    try {
      this.#options.pubSub.localBroadcast<string>(topic, Object.freeze(diff));
    } catch (error) {
      // The Pub/Sub was closed before the presence.
      if (!(error instanceof LiveError && error.code === "pubsub.closed")) throw error;
    }
    for (const key of came) this.#notify("join", { topic, key, metas: joins[key]?.metas ?? [] });
    for (const key of went) this.#notify("leave", { topic, key, metas: leaves[key]?.metas ?? [] });
  }

  #notify(event: "join" | "leave", change: KeyChange): void {
    const failed = (error: unknown): void => this.#options.report(listenerFailed(event, change.topic, error));
    for (const listener of this.#listeners[event]) {
      try {
        const outcome = listener(change);
        if (outcome instanceof Promise) outcome.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}
