import { detach, rootOf, type Element } from "./dom.ts";
import type { StreamedRow, StreamNews } from "./merged-page.ts";

// The rows of streams are in the document alone, and the client puts them in, moves and drops them while it morphs
// (phoenix_live_view: dom_patch.ts, addChild to maybeLimitStream). Written after the original, step by step.

/** The client's mark on a row: which stream it belongs to. A reset takes those. */
export const STREAM_REF = "data-phx-stream";

export function isStreamContainer(element: Element): boolean {
  return element.get("phx-update") === "stream";
}

interface Insert extends StreamedRow {
  readonly ref: string;
  readonly isReset: boolean;
}

/** What one message does to the rows of streams, applied while its HTML is morphed into the page. */
export class StreamPatch {
  readonly #inserts = new Map<string, Insert>();
  readonly #news: readonly StreamNews[];
  /** Rows that were taken out and are to be put in again, as they are. */
  readonly #kept = new Map<string, Element>();
  /** Takes a row away for good. */
  readonly #drop: (row: Element) => void;

  constructor(news: readonly StreamNews[], drop: (row: Element) => void = detach) {
    this.#news = news;
    this.#drop = drop;
    for (const { ref, inserts, isReset } of news) {
      for (const row of inserts) this.#inserts.set(row.domId, { ...row, ref, isReset });
    }
  }

  /** What comes before the morph: resets and deletes. */
  prepare(view: Element, isJoin: boolean): void {
    const document = rootOf(view);
    for (const { ref, deletes, isReset } of this.#news) {
      if (isReset) for (const row of document.all((each) => each.get(STREAM_REF) === ref)) this.#takeOut(row);
      for (const domId of deletes) {
        const row = document.find((each) => each.id === domId);
        if (row !== undefined) this.#takeOut(row);
      }
    }
    // What a page had before its view joined is there again only if the join streams it.
    if (isJoin)
      for (const container of view.all(isStreamContainer)) for (const row of rowsOf(container)) this.#takeOut(row);
  }

  /** The row to put in for `wanted`: itself, or the one that is kept of it; `undefined` if it was to be updated only. */
  rowFor(wanted: Element): { readonly row: Element; readonly isKept: boolean } | undefined {
    const kept = this.#kept.get(wanted.id);
    if (this.#inserts.get(wanted.id)?.updateOnly === true && kept === undefined) return undefined;
    this.#kept.delete(wanted.id);
    return { row: kept ?? wanted, isKept: kept !== undefined };
  }

  /** Puts a child in where its insert says, or last. */
  add(parent: Element, child: Element): void {
    const insert = this.#inserts.get(child.id);
    if (insert === undefined) return parent.insert(child);
    mark(child, insert.ref);
    const rows = rowsOf(parent);
    if (insert.at >= 0) return parent.insert(child, insert.at === 0 ? parent.children[0] : rows[insert.at]);
    const last = rows.at(-1);
    const isOtherLast = last !== undefined && !last.has(STREAM_REF);
    parent.insert(child, isOtherLast ? rows.find((row) => !row.has(STREAM_REF)) : undefined);
  }

  /** What comes after a row was put in or changed. */
  placed(row: Element, isNew: boolean): void {
    const insert = this.#inserts.get(row.id);
    if (insert === undefined) return;
    mark(row, insert.ref);
    const { parent } = row;
    if ((!insert.isReset && !isNew) || parent === undefined) return;
    const rows = rowsOf(parent);
    const [first] = rows;
    if (insert.at === 0 && first !== row) parent.insert(row, first);
    else if (insert.at > 0) {
      const before = insert.at >= rows.length - 1 ? undefined : rows[insert.at];
      if (before === undefined) parent.insert(row);
      else parent.insert(row, rows.indexOf(row) > insert.at ? before : after(before));
    }
    this.#limit(parent, insert.limit);
  }

  #limit(parent: Element, limit: number | null): void {
    if (limit === null) return;
    const rows = rowsOf(parent);
    const tooMany = limit < 0 ? rows.slice(0, Math.max(rows.length + limit, 0)) : rows.slice(limit);
    for (const row of tooMany) this.#takeOut(row);
  }

  #takeOut(row: Element): void {
    if (!this.#inserts.has(row.id)) return this.#drop(row);
    this.#kept.set(row.id, row);
    detach(row);
  }
}

function mark(row: Element, ref: string): void {
  row.notes.streamRef = ref;
  row.set(STREAM_REF, ref);
}

function rowsOf(container: Element): Element[] {
  return container.children.filter((child): child is Element => child.kind === "element");
}

function after(element: Element): Element | undefined {
  const { parent } = element;
  return parent === undefined ? undefined : rowsOf(parent)[rowsOf(parent).indexOf(element) + 1];
}
