/** One item on its way to the page. */
export interface StreamInsert {
  readonly domId: string;
  readonly item: unknown;
  /** -1: last, 0: first, n: so that n rows are before it. Only for a row that the page does not have yet. */
  readonly at: number;
  /** How many rows the page keeps: the first n, or with -n the last n; `undefined`: all. */
  readonly limit: number | undefined;
  /** Ignored if the page does not have the row. */
  readonly updateOnly: boolean;
}

/**
 * What happens to a stream between two renders.
 *
 * However many operations one render brings together, the page shows what it would after one render for each: what a
 * visitor sees must not depend on how busy the server was. The page's client applies, in this order, the reset, the
 * deletions, and the insertions one by one; so an operation that undoes an earlier one takes it back here.
 */
export class StreamChanges {
  /** All rows that are not in `inserts` go. */
  isReset = false;
  /** In their order. */
  readonly inserts = new Map<string, StreamInsert>();
  /** The ids of rows that go. One that is inserted as well goes first, and so moves. */
  readonly deletes = new Set<string>();

  insert(insert: StreamInsert): void {
    const { domId } = insert;
    const earlier = this.inserts.get(domId);
    if (earlier?.updateOnly === false) {
      // By then the page has the row, and changes it where it is.
      this.inserts.set(domId, { ...earlier, item: insert.item });
      return;
    }
    if (insert.updateOnly && (this.isReset || this.deletes.has(domId))) return;
    // After those that came between: it is this one that brings a row that the page does not have.
    if (earlier !== undefined) this.inserts.delete(domId);
    this.inserts.set(domId, insert);
  }

  delete(domId: string): void {
    this.inserts.delete(domId);
    if (!this.isReset) this.deletes.add(domId);
  }

  reset(): void {
    this.isReset = true;
    this.inserts.clear();
    this.deletes.clear();
  }

  get isEmpty(): boolean {
    return !this.isReset && this.size === 0;
  }

  /** How many rows they concern. */
  get size(): number {
    return this.inserts.size + this.deletes.size;
  }
}

/** The places in `inserts`, in the order in which a page shows them that had no rows before. */
export function placesOnEmptyPage(inserts: readonly StreamInsert[]): readonly number[] {
  if (inserts.every(({ at, limit, updateOnly }) => at === -1 && limit === undefined && !updateOnly)) {
    return inserts.map((_, place) => place);
  }
  const places: number[] = [];
  for (const [place, { at, limit, updateOnly }] of inserts.entries()) {
    if (updateOnly) continue;
    if (at === -1) places.push(place);
    else places.splice(at, 0, place);
    if (limit === undefined) continue;
    if (limit < 0) places.splice(0, Math.max(places.length + limit, 0));
    else places.splice(limit);
  }
  return places;
}
