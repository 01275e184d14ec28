import { Digest } from "./digest.ts";
import { createEntry, type Entry } from "./entry.ts";
import type { Listing } from "./listing.ts";
import { PUT, type Op, type SnapshotEntry } from "./wire.ts";

/** A question that waits for its time, or for its answer. */
export interface Question {
  dueMs: number;
  /** Everything is asked for, not only what is missing. */
  full: boolean;
}

/** A snapshot of which some parts have come. */
interface Partial {
  readonly seq: number;
  readonly parts: number;
  readonly received: Map<number, readonly SnapshotEntry[]>;
  progressMs: number;
}

/** More entries than any process may have (`limits.presences`) come from no process of ours. */
const MAX_ENTRIES = 2_000_000;

/** What this process knows of another one: a copy of its entries as of its operation `have`. */
export class Replica {
  readonly rid: string;
  readonly node: string;
  readonly #listing: Listing;
  readonly #entries = new Map<number, Entry>();
  readonly #digest = new Digest();
  #isShown = false;
  #partial: Partial | undefined;
  have = 0;
  /** The number of its latest operation that we have heard of. */
  target = 0;
  /** Whether `target` can be relied upon: after a silence only a heartbeat tells. */
  isConfirmed = true;
  heardMs: number;
  /** Since when it is taken for gone. Its entries are kept for a while, but not listed. */
  downSinceMs: number | undefined;
  /** Its successor came: until then what it sent before is on its way. */
  hiddenUntilMs = -Infinity;
  question: Question | undefined;
  /** Since when its heartbeats say less than we have. */
  behindSinceMs: number | undefined;

  constructor(rid: string, node: string, listing: Listing, nowMs: number) {
    this.rid = rid;
    this.node = node;
    this.#listing = listing;
    this.heardMs = nowMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  get isTooLarge(): boolean {
    return this.#entries.size > MAX_ENTRIES;
  }

  get isShown(): boolean {
    return this.#isShown;
  }

  get hasPartial(): boolean {
    return this.#partial !== undefined;
  }

  matches(digest: number, count: number): boolean {
    return this.#digest.value === digest && this.#entries.size === count;
  }

  show(): void {
    this.downSinceMs = undefined;
    if (this.#isShown) return;
    this.#isShown = true;
    for (const entry of this.#entries.values()) this.#listing.add(entry);
  }

  hide(nowMs: number): void {
    this.downSinceMs ??= nowMs;
    this.isConfirmed = false;
    this.question = undefined;
    this.#partial = undefined;
    if (!this.#isShown) return;
    this.#isShown = false;
    for (const entry of this.#entries.values()) this.#listing.remove(entry);
  }

  /** The first operation has the number `from`. Those up to number `after` are passed over. */
  apply(from: number, ops: readonly Op[], after: number): void {
    for (const [index, op] of ops.entries()) {
      const seq = from + index;
      if (seq <= after) continue;
      this.#take(op.id);
      if (op.kind === PUT) this.#set(op.id, createEntry(this.rid, seq, op));
    }
    this.have = Math.max(this.have, from + ops.length - 1);
  }

  /** @returns whether this was the last part that was missing, and the snapshot has taken the place of all entries */
  collect(seq: number, part: number, parts: number, entries: readonly SnapshotEntry[], nowMs: number): boolean {
    let partial = this.#partial;
    if (partial !== undefined && seq < partial.seq) return false;
    if (partial?.seq !== seq || partial.parts !== parts) {
      partial = this.#partial = { seq, parts, received: new Map(), progressMs: nowMs };
    }
    if (!partial.received.has(part)) partial.progressMs = nowMs;
    partial.received.set(part, entries);
    if (partial.received.size < parts) return false;
    this.#partial = undefined;
    this.#replaceAll(partial);
    return true;
  }

  dropStalePartial(beforeMs: number): void {
    if (this.#partial !== undefined && this.#partial.progressMs < beforeMs) this.#partial = undefined;
  }

  #replaceAll({ seq, received }: Partial): void {
    const next = new Map<number, SnapshotEntry>();
    for (const part of received.values()) for (const entry of part) next.set(entry.id, entry);
    for (const id of this.#entries.keys()) if (!next.has(id)) this.#take(id);
    for (const [id, put] of next) {
      const entry = createEntry(this.rid, put.seq, put);
      if (this.#entries.get(id)?.hash === entry.hash) continue;
      this.#take(id);
      this.#set(id, entry);
    }
    this.have = seq;
  }

  #set(id: number, entry: Entry): void {
    this.#entries.set(id, entry);
    this.#digest.add(entry.hash);
    if (this.#isShown) this.#listing.add(entry);
  }

  #take(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#digest.remove(entry.hash);
    if (this.#isShown) this.#listing.remove(entry);
  }
}
