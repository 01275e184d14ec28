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
 *
 * That deletions come first shows only in what counts rows: an insert at an index, or with a limit, does not see rows
 * that are deleted after it but before the render. Nor is a row inserted twice that a limit has cut in between.
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

/** Inserts at the end, each after the other, that have the same outcome on a page that has no rows. */
export function insertsOnEmptyPage(inserts: readonly StreamInsert[]): readonly StreamInsert[] {
  if (inserts.every(isPlain)) return inserts;
  const placed: StreamInsert[] = [];
  for (const { domId, item, at, limit, updateOnly } of inserts) {
    if (updateOnly) continue;
    const plain: StreamInsert = { domId, item, at: -1, limit: undefined, updateOnly: false };
    if (at === -1) placed.push(plain);
    else placed.splice(at, 0, plain);
    if (limit === undefined) continue;
    if (limit < 0) placed.splice(0, Math.max(placed.length + limit, 0));
    else placed.splice(limit);
  }
  return placed;
}

function isPlain({ at, limit, updateOnly }: StreamInsert): boolean {
  return at === -1 && limit === undefined && !updateOnly;
}
