import { KEYED, KEYED_COUNT, KEYED_MOVED, STATICS, STREAM, TEMPLATES } from "../protocol/keys.ts";

/** A rendered template, or a list of rows, as it travels: docs/protocol.md, section 8. */
interface Tree {
  [key: string]: unknown;
}

/** What is to happen to the rows of one stream, as it travels: docs/protocol.md, section 9. */
export interface StreamNews {
  readonly ref: string;
  readonly inserts: readonly StreamedRow[];
  readonly deletes: readonly string[];
  readonly isReset: boolean;
}

export interface StreamedRow {
  readonly domId: string;
  readonly at: number;
  readonly limit: number | null;
  readonly updateOnly: boolean;
}

/** What a view shows, kept up to date by its diffs. Takes what it is given: a diff belongs to the page from then on. */
export class MergedPage {
  #tree: Tree;

  /** @param join the whole tree */
  constructor(join: unknown) {
    this.#tree = readTree(join);
  }

  merge(diff: unknown): void {
    const change = readTree(diff);
    if (change[STATICS] === undefined) mergeInto(this.#tree, change);
    else this.#tree = change;
  }

  /** The page as it is now, with those rows of streams that have just come; they are in the document from then on. */
  render(): { readonly html: string; readonly streams: readonly StreamNews[] } {
    const streams: StreamNews[] = [];
    return { html: treeHtml(this.#tree, streams), streams };
  }
}

/** Puts shared statics where they belong: their numbers mean something within one message only. */
function readTree(message: unknown): Tree {
  if (!isTree(message)) throw new Error(`A diff must be an object, and this one is ${JSON.stringify(message)}.`);
  placeStatics(message, undefined);
  return message;
}

function placeStatics(tree: Tree, outer: unknown): void {
  const templates = tree[TEMPLATES] ?? outer;
  delete tree[TEMPLATES];
  const statics = tree[STATICS];
  if (typeof statics === "number" && isTree(templates)) tree[STATICS] = templates[statics];
  for (const child of Object.values(tree)) {
    if (isTree(child)) placeStatics(child, templates);
    // A row that has moved: its old position and its change.
    else if (Array.isArray(child) && isTree(child[1])) placeStatics(child[1], templates);
  }
}

function mergeInto(target: Tree, change: Tree): void {
  const rows = change[KEYED];
  if (isTree(rows)) {
    mergeRows(target, rows);
    if (change[STREAM] !== undefined) target[STREAM] = change[STREAM];
    return;
  }
  for (const [key, value] of Object.entries(change)) {
    const known = target[key];
    if (isTree(value) && value[STATICS] === undefined && isTree(known)) mergeInto(known, value);
    else target[key] = value;
  }
}

function mergeRows(target: Tree, change: Tree): void {
  const known = target[KEYED];
  if (!isTree(known)) throw new Error("A change of rows came for something that is no list.");
  // A row that moves is read from where it was before this message, whatever has been put there meanwhile.
  const before = change[KEYED_MOVED] === true ? structuredClone(known) : known;
  for (const [position, row] of Object.entries(change)) {
    if (position === KEYED_COUNT || position === KEYED_MOVED) continue;
    if (typeof row === "number") known[position] = rowAt(before, row);
    else if (Array.isArray(row)) {
      const moved = rowAt(before, row[0]);
      if (isTree(row[1])) mergeInto(moved, row[1]);
      known[position] = moved;
    } else if (isTree(row)) {
      const old = known[position];
      if (isTree(old)) mergeInto(old, row);
      else known[position] = row;
    }
  }
  const count = Number(change[KEYED_COUNT]);
  for (let position = count; position < Number(known[KEYED_COUNT]); position++) delete known[position];
  known[KEYED_COUNT] = count;
}

function rowAt(rows: Tree, position: unknown): Tree {
  const row = rows[String(position)];
  if (!isTree(row)) throw new Error(`A row was moved from position ${String(position)}, where there was none.`);
  return row;
}

function treeHtml(tree: Tree, streams: StreamNews[]): string {
  const statics = tree[STATICS];
  if (!isStatics(statics)) throw new Error("A part of the page was changed that the page does not have.");
  const rows = tree[KEYED];
  if (!isTree(rows)) return partsHtml(tree, statics, streams);
  let html = "";
  for (let position = 0; position < Number(rows[KEYED_COUNT]); position++) {
    html += partsHtml(rowAt(rows, position), statics, streams);
  }
  if (tree[STREAM] !== undefined) {
    streams.push(streamNews(tree[STREAM]));
    delete tree[STREAM];
    tree[KEYED] = { [KEYED_COUNT]: 0 };
  }
  return html;
}

function streamNews(value: unknown): StreamNews {
  const [ref, inserts, deletes, ...reset] = listOf(value);
  return {
    ref: String(ref),
    inserts: listOf(inserts).map((insert) => {
      const [domId, at, limit, updateOnly] = listOf(insert);
      return {
        domId: String(domId),
        at: Number(at),
        limit: limit === null ? null : Number(limit),
        updateOnly: updateOnly === true,
      };
    }),
    deletes: listOf(deletes).map(String),
    // That there is a fourth element is what counts, whatever it is.
    isReset: reset.length > 0,
  };
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`A part of a stream must be a list, and this one is ${JSON.stringify(value)}.`);
}

function partsHtml(parts: Tree, statics: readonly string[], streams: StreamNews[]): string {
  let html = statics[0] ?? "";
  for (let index = 1; index < statics.length; index++) {
    const part = parts[index - 1];
    html += (isTree(part) ? treeHtml(part, streams) : String(part)) + statics[index];
  }
  return html;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStatics(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}
