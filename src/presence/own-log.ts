import { Digest } from "./digest.ts";
import { createEntry, type Entry } from "./entry.ts";
import type { PackedMeta } from "./meta-codec.ts";
import {
  batches,
  encodeOps,
  encodeSnapshot,
  entryItem,
  MAX_ITEMS,
  MAX_PARTS,
  putItem,
  removeItem,
  type Item,
} from "./wire.ts";

/** How many operations are kept for those who missed some. Who missed more gets a snapshot. */
const KEPT_OPS = 2_000;

/** An entry that this process has made. */
export interface OwnEntry {
  readonly id: number;
  readonly prev: number;
  readonly json: string;
  readonly entry: Entry;
}

interface Snapshot {
  readonly seq: number;
  readonly messages: readonly string[];
}

/**
 * What this process says about itself: its entries, and the operations that made them, each with the next number. It is
 * their only writer.
 */
export class OwnLog {
  readonly rid: string;
  readonly node: string;
  readonly #entries = new Map<number, OwnEntry>();
  readonly #digest = new Digest();
  #seq = 0;
  #lastId = 0;
  #unsent: Item[] = [];
  /** The latest operations that were sent; the last one has the number `sentSeq`. */
  #kept: Item[] = [];
  #snapshot: Snapshot | undefined;

  constructor(rid: string, node: string) {
    this.rid = rid;
    this.node = node;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The number of the last operation that was handed out by `takeUnsent`. */
  get sentSeq(): number {
    return this.#seq - this.#unsent.length;
  }

  get digest(): number {
    return this.#digest.value;
  }

  get unsentCount(): number {
    return this.#unsent.length;
  }

  get keptCount(): number {
    return this.#kept.length;
  }

  entries(): Iterable<OwnEntry> {
    return this.#entries.values();
  }

  /** @param replaced the entry that this one updates */
  put(topic: string, key: string, { json, fields }: PackedMeta, replaced: OwnEntry | undefined): OwnEntry {
    const seq = ++this.#seq;
    const id = replaced?.id ?? ++this.#lastId;
    const prev = replaced?.entry.seq ?? 0;
    const entry = createEntry(this.rid, seq, { id, topic, key, prev, fields, json });
    const own: OwnEntry = { id, prev, json, entry };
    if (replaced !== undefined) this.#digest.remove(replaced.entry.hash);
    this.#digest.add(entry.hash);
    this.#entries.set(id, own);
    this.#unsent.push(putItem(id, topic, key, json, prev));
    return own;
  }

  remove({ id, entry }: OwnEntry): void {
    if (!this.#entries.delete(id)) return;
    this.#seq++;
    this.#digest.remove(entry.hash);
    this.#unsent.push(removeItem(id));
  }

  /** The messages for what is new since the last call. */
  takeUnsent(): string[] {
    const first = this.sentSeq + 1;
    const items = this.#unsent;
    this.#unsent = [];
    this.#keep(items);
    return this.#encode(first, items);
  }

  /** The messages for all operations after `have`; `undefined` if they are not kept any more, or a snapshot is smaller. */
  since(have: number): string[] | undefined {
    if (!this.#canTellSince(have)) return undefined;
    const count = this.sentSeq - have;
    return count === 0 ? [] : this.#encode(have + 1, this.#kept.slice(-count));
  }

  /**
   * The messages for all entries. Made once for all who ask, as long as what came later can still be told by operations.
   * To be called when nothing is unsent.
   * @param exact as of now, for somebody whose entries are wrong at the present number
   */
  snapshot(exact: boolean): readonly string[] {
    const known = this.#snapshot;
    // Whoever gets an older one must then be able to get the rest as operations.
    if (known !== undefined && (exact ? known.seq === this.#seq : this.#canTellSince(known.seq))) return known.messages;
    this.#snapshot = { seq: this.#seq, messages: this.#encodeAll() };
    return this.#snapshot.messages;
  }

  /** Frees the messages of the last snapshot. */
  forgetSnapshot(): void {
    this.#snapshot = undefined;
  }

  #canTellSince(have: number): boolean {
    const count = this.sentSeq - have;
    return count >= 0 && count <= this.#kept.length && count <= Math.max(MAX_ITEMS, this.size);
  }

  #keep(items: readonly Item[]): void {
    // Twice as many before it is cut, so that cutting costs little.
    this.#kept = items.length >= KEPT_OPS ? items.slice(-KEPT_OPS) : this.#kept.concat(items);
    if (this.#kept.length > 2 * KEPT_OPS) this.#kept = this.#kept.slice(-KEPT_OPS);
  }

  #encode(first: number, items: readonly Item[]): string[] {
    let from = first;
    return batches(items).map((batch) => {
      const message = encodeOps(this.rid, this.node, from, batch);
      from += batch.length;
      return message;
    });
  }

  #encodeAll(): string[] {
    const items: Item[] = [];
    for (const { id, prev, json, entry } of this.#entries.values()) {
      items.push(entryItem(entry.seq, id, entry.topic, entry.key, json, prev));
    }
    const parts = batches(items);
    // Nobody is present: that is one part without entries.
    if (parts.length === 0) parts.push([]);
    if (parts.length > MAX_PARTS) throw new RangeError(`A snapshot of ${items.length} entries has too many parts.`);
    return parts.map((part, index) => encodeSnapshot(this.rid, this.node, this.#seq, index, parts.length, part));
  }
}
