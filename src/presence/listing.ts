import type { Entry } from "./entry.ts";
import type { Fields } from "./meta-codec.ts";
import { applyDiff, emptyTable, mergeMetas, type ListedMeta, type PresenceDiff, type Presences } from "./presences.ts";

/** What is to be shown of one key, and not any more. */
interface KeyChange {
  readonly joined: readonly ListedMeta[];
  readonly left: readonly ListedMeta[];
}

/** What `commit` will turn into one diff, by key. */
export type TopicChange = ReadonlyMap<string, KeyChange>;

/** A change that everybody may know now. */
export interface Committed {
  readonly diff: PresenceDiff<Fields>;
  /** Keys that were not listed before, and that are not listed any more. */
  readonly came: readonly string[];
  readonly went: readonly string[];
}

interface KeyRecord {
  /** What is true. */
  live: Entry[];
  /** What everybody was told: all diffs together. */
  shown: readonly ListedMeta[];
  /** Nobody is here under this key any more, but it stays listed until then. */
  graceUntilMs: number | undefined;
  /** What was loaded for it. */
  details: Fields | undefined;
}

interface TopicRecord {
  readonly keys: Map<string, KeyRecord>;
  readonly dirty: Set<string>;
  /** What `list` gave last, and the diffs since then. */
  listed: Presences<Fields> | undefined;
  since: PresenceDiff<Fields>[];
}

/** Presences while they are put together. */
type Table = Record<string, Presences<Fields>[string]>;

interface Grace {
  readonly key: string;
  readonly untilMs: number;
}

/** With more diffs than that since the last `list`, the list is made from scratch. */
const MAX_STEPS = 8;
const NOBODY: Presences<Fields> = Object.freeze(emptyTable());

/**
 * All entries of all processes by topic and key, and the diffs between what is true and what was told.
 *
 * Diffs are computed from state, never passed on: whatever was lost or came twice, what was told plus the next diff is
 * what is true. So nobody leaves who did not join, and all diffs applied in order give the list.
 */
export class Listing {
  readonly #graceOf: (topic: string) => number;
  readonly #topics = new Map<string, TopicRecord>();
  readonly #dirty = new Set<string>();
  /** Keys that are only listed out of grace, soonest first. */
  readonly #graces = new Map<string, Grace[]>();

  /** @param graceOf in milliseconds, for how long a key that nobody has any more stays listed in a topic */
  constructor(graceOf: (topic: string) => number) {
    this.#graceOf = graceOf;
  }

  get topicCount(): number {
    return this.#topics.size;
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** The topics that may have a change to commit. */
  get dirtyTopics(): readonly string[] {
    return [...this.#dirty];
  }

  /** When the next grace ends; `Infinity` if none is given. */
  get nextGraceMs(): number {
    let nextMs = Infinity;
    for (const [first] of this.#graces.values()) if (first !== undefined) nextMs = Math.min(nextMs, first.untilMs);
    return nextMs;
  }

  keyCount(topic: string): number {
    return this.#topics.get(topic)?.keys.size ?? 0;
  }

  has(topic: string, key: string): boolean {
    return this.#topics.get(topic)?.keys.has(key) === true;
  }

  add(entry: Entry): void {
    const topic = this.#topics.get(entry.topic) ?? this.#open(entry.topic);
    const record = topic.keys.get(entry.key);
    if (record !== undefined) record.live.push(entry);
    else topic.keys.set(entry.key, { live: [entry], shown: [], graceUntilMs: undefined, details: undefined });
    this.#touch(entry, topic);
  }

  remove(entry: Entry): void {
    const topic = this.#topics.get(entry.topic);
    const record = topic?.keys.get(entry.key);
    const index = record?.live.indexOf(entry) ?? -1;
    if (topic === undefined || record === undefined || index < 0) return;
    record.live.splice(index, 1);
    this.#touch(entry, topic);
  }

  /** Puts keys whose grace has ended among those that may have changed. */
  endGraces(nowMs: number): void {
    for (const [name, graces] of this.#graces) {
      const topic = this.#topics.get(name);
      while (graces[0] !== undefined && graces[0].untilMs <= nowMs) {
        const { key, untilMs } = graces[0];
        graces.shift();
        if (topic?.keys.get(key)?.graceUntilMs !== untilMs) continue;
        topic.dirty.add(key);
        this.#dirty.add(name);
      }
      if (graces.length === 0) this.#graces.delete(name);
    }
  }

  /** What differs between what is true and what was told, if anything. To be committed before it is asked for again. */
  compute(name: string, nowMs: number): TopicChange | undefined {
    this.#dirty.delete(name);
    const topic = this.#topics.get(name);
    if (topic === undefined) return undefined;
    const change = new Map<string, KeyChange>();
    for (const key of topic.dirty) {
      const record = topic.keys.get(key);
      if (record === undefined || this.#isSpared(name, key, record, nowMs)) continue;
      const difference = compare(record);
      if (difference !== undefined) change.set(key, difference);
      else if (record.live.length === 0) topic.keys.delete(key);
    }
    topic.dirty.clear();
    if (topic.keys.size === 0) this.#topics.delete(name);
    return change.size === 0 ? undefined : change;
  }

  /** @param details what was loaded for keys that had none yet */
  commit(name: string, change: TopicChange, details?: ReadonlyMap<string, Fields>): Committed {
    const joins: Table = emptyTable();
    const leaves: Table = emptyTable();
    const came: string[] = [];
    const went: string[] = [];
    const topic = this.#topics.get(name) ?? this.#open(name);
    for (const [key, { joined, left }] of change) {
      const record = topic.keys.get(key);
      // `compute` named it, and only `compute` and we forget keys.
      if (record === undefined) continue;
      if (details?.has(key) === true) record.details = details.get(key);
      const metas = withDetails(joined, record.details);
      if (metas.length > 0) joins[key] = { metas };
      if (left.length > 0) leaves[key] = { metas: left };
      if (record.shown.length === 0) came.push(key);
      record.shown = mergeMetas(record.shown, left, metas);
      if (record.shown.length > 0) continue;
      went.push(key);
      record.details = undefined;
      if (record.live.length === 0) topic.keys.delete(key);
    }
    const diff: PresenceDiff<Fields> = { type: "presence_diff", topic: name, joins, leaves };
    remember(topic, diff);
    if (topic.keys.size === 0) this.#topics.delete(name);
    return { diff, came, went };
  }

  /** Whether nothing is known of a key beyond its metas, so that its details have to be loaded. */
  needsDetails(name: string, key: string): boolean {
    return this.#topics.get(name)?.keys.get(key)?.details === undefined;
  }

  /** What was told of a topic. The same object until that changes. */
  list(name: string): Presences<Fields> {
    const topic = this.#topics.get(name);
    if (topic === undefined) return NOBODY;
    if (topic.listed === undefined) {
      const all: Table = emptyTable();
      for (const [key, { shown }] of topic.keys) if (shown.length > 0) all[key] = { metas: shown };
      topic.listed = all;
    }
    // By way of the diffs, so that views which were told of them have the very same list.
    for (const diff of topic.since) topic.listed = applyDiff(topic.listed, diff);
    topic.since = [];
    return topic.listed;
  }

  get(name: string, key: string): Presences<Fields>[string] | undefined {
    const metas = this.#topics.get(name)?.keys.get(key)?.shown ?? [];
    return metas.length === 0 ? undefined : { metas };
  }

  /** Everything that is true, for tests: what will have been told when nothing changes any more. */
  *live(): Generator<Entry> {
    for (const { keys } of this.#topics.values()) for (const { live } of keys.values()) yield* live;
  }

  #open(name: string): TopicRecord {
    const topic: TopicRecord = { keys: new Map(), dirty: new Set(), listed: undefined, since: [] };
    this.#topics.set(name, topic);
    return topic;
  }

  #touch(entry: Entry, topic: TopicRecord): void {
    topic.dirty.add(entry.key);
    this.#dirty.add(entry.topic);
  }

  /** Whether a key that nobody has any more is to stay listed for now. */
  #isSpared(name: string, key: string, record: KeyRecord, nowMs: number): boolean {
    if (record.live.length > 0 || record.shown.length === 0) {
      record.graceUntilMs = undefined;
      return false;
    }
    if (record.graceUntilMs === undefined) {
      const graceMs = this.#graceOf(name);
      if (graceMs <= 0) return false;
      record.graceUntilMs = nowMs + graceMs;
      const graces = this.#graces.get(name);
      if (graces === undefined) this.#graces.set(name, [{ key, untilMs: record.graceUntilMs }]);
      else graces.push({ key, untilMs: record.graceUntilMs });
    }
    if (nowMs < record.graceUntilMs) return true;
    record.graceUntilMs = undefined;
    return false;
  }
}

function compare({ live, shown }: KeyRecord): KeyChange | undefined {
  if (live.length === 0) return shown.length === 0 ? undefined : { joined: [], left: shown };
  if (shown.length === 0) return { joined: live.map(({ meta }) => meta), left: [] };
  const shownRefs = new Set(shown.map(({ ref }) => ref));
  const liveRefs = new Set(live.map(({ meta }) => meta.ref));
  const joined = live.filter(({ meta }) => !shownRefs.has(meta.ref)).map(({ meta }) => meta);
  const left = shown.filter(({ ref }) => !liveRefs.has(ref));
  return joined.length === 0 && left.length === 0 ? undefined : { joined, left };
}

function withDetails(metas: readonly ListedMeta[], details: Fields | undefined): readonly ListedMeta[] {
  if (details === undefined) return metas;
  return metas.map((meta) => {
    const { ref, prevRef } = meta;
    return Object.freeze({ ...meta, ...details, ref, ...(prevRef === undefined ? {} : { prevRef }) });
  });
}

function remember(topic: TopicRecord, diff: PresenceDiff<Fields>): void {
  if (topic.listed === undefined) return;
  topic.since.push(diff);
  if (topic.since.length <= MAX_STEPS) return;
  topic.listed = undefined;
  topic.since = [];
}
