import type { Fields } from "./meta-codec.ts";

// What the trackers of one presence say to each other: JSON arrays as text. docs/design/presence.md has the table.
// Readers ignore elements at the end of an array that they do not know, and whole messages of a kind that they do not
// know: that is how versions are mixed during a deploy.

/** The lowest version of a reader that understands what we write. A reader ignores messages with a higher one. */
export const VERSION = 1;
/** How many operations, or entries, one message has at most. */
export const MAX_ITEMS = 500;
/** How large one message may be, in bytes of UTF-8 as a JSON string within another message. */
export const MAX_MESSAGE_BYTES = 60_000;
/** How many parts a snapshot has at most. */
export const MAX_PARTS = 4_096;
/** How large a topic, or a key, may be, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;

export const OPS = "d";
export const BEAT = "h";
export const ASK = "q";
export const SNAPSHOT = "s";
export const GOODBYE = "b";
export const PUT = "+";
export const REMOVE = "-";

/** Somebody is present, or has another meta now. */
export interface Put {
  readonly kind: typeof PUT;
  /** Stays the same through updates; unique within its writer. */
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  /** The sequence number of the operation that this one updates; 0 for a join. */
  readonly prev: number;
  readonly fields: Fields;
  /** The meta as it was sent. */
  readonly json: string;
}

export interface Remove {
  readonly kind: typeof REMOVE;
  readonly id: number;
}

export type Op = Put | Remove;

/** An entry of a snapshot: the operation that made it, with that operation's number. */
export interface SnapshotEntry extends Put {
  readonly seq: number;
}

/**
 * - `d`: operations of the writer `rid`, numbered from `from` on.
 * - `h`: the writer is alive, at `seq`, with `count` entries of that digest. `hello` asks everybody for theirs.
 * - `q`: `rid` asks the writer `to` for what came after `have`, or for everything (`full`).
 * - `s`: a part of all that the writer has at `seq`.
 * - `b`: the writer has ended; nothing that arrives later is true.
 *
 * `node` is the name that a writer keeps over restarts; empty if it has none.
 */
export type WireMessage =
  | {
      readonly kind: typeof OPS;
      readonly rid: string;
      readonly node: string;
      readonly from: number;
      readonly ops: readonly Op[];
    }
  | {
      readonly kind: typeof BEAT;
      readonly rid: string;
      readonly node: string;
      readonly seq: number;
      readonly digest: number;
      readonly count: number;
      readonly hello: boolean;
    }
  | {
      readonly kind: typeof ASK;
      readonly rid: string;
      readonly to: string;
      readonly have: number;
      readonly full: boolean;
    }
  | {
      readonly kind: typeof SNAPSHOT;
      readonly rid: string;
      readonly node: string;
      readonly seq: number;
      readonly part: number;
      readonly parts: number;
      readonly entries: readonly SnapshotEntry[];
    }
  | { readonly kind: typeof GOODBYE; readonly rid: string };

/** An operation or an entry, as text, with what it adds to a message. */
export interface Item {
  readonly text: string;
  readonly bytes: number;
}

/** What a message takes besides its items: version, kind, names, numbers. */
const ENVELOPE_BYTES = 600;

export function putItem(id: number, topic: string, key: string, json: string, prev: number): Item {
  return item(`["${PUT}",${id},${JSON.stringify(topic)},${JSON.stringify(key)},${json},${prev}]`);
}

export function removeItem(id: number): Item {
  return item(`["${REMOVE}",${id}]`);
}

export function entryItem(seq: number, id: number, topic: string, key: string, json: string, prev: number): Item {
  return item(`[${seq},${id},${JSON.stringify(topic)},${JSON.stringify(key)},${json},${prev}]`);
}

export function encodeOps(rid: string, node: string, from: number, ops: readonly Item[]): string {
  return `[${VERSION},"${OPS}",${JSON.stringify(rid)},${JSON.stringify(node)},${from},${list(ops)}]`;
}

export function encodeSnapshot(
  rid: string,
  node: string,
  seq: number,
  part: number,
  parts: number,
  entries: readonly Item[],
): string {
  const head = JSON.stringify([VERSION, SNAPSHOT, rid, node, seq, part, parts]);
  return `${head.slice(0, -1)},${list(entries)}]`;
}

export function encodeBeat(
  rid: string,
  node: string,
  seq: number,
  digest: number,
  count: number,
  hello: boolean,
): string {
  return JSON.stringify([VERSION, BEAT, rid, node, seq, digest, count, hello ? 1 : 0]);
}

export function encodeAsk(rid: string, to: string, have: number, full: boolean): string {
  return JSON.stringify([VERSION, ASK, rid, to, have, full ? 1 : 0]);
}

export function encodeGoodbye(rid: string): string {
  return JSON.stringify([VERSION, GOODBYE, rid]);
}

/** Cuts items into messages' worth: at most `MAX_ITEMS` and `MAX_MESSAGE_BYTES` each, in order. */
export function batches(items: readonly Item[]): Item[][] {
  const all: Item[][] = [];
  let batch: Item[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const next of items) {
    if (batch.length === MAX_ITEMS || (batch.length > 0 && bytes + next.bytes > MAX_MESSAGE_BYTES)) {
      all.push(batch);
      batch = [];
      bytes = ENVELOPE_BYTES;
    }
    batch.push(next);
    bytes += next.bytes;
  }
  if (batch.length > 0) all.push(batch);
  return all;
}

function list(items: readonly Item[]): string {
  return `[${items.map(({ text }) => text).join(",")}]`;
}

function item(text: string): Item {
  return { text, bytes: 1 + bytesWithin(text) };
}

/**
 * Bytes that a JSON text takes in UTF-8 as a string within another JSON text: quotes and backslashes are escaped, and by
 * some writers of JSON also "<".
 */
export function bytesWithin(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x22 || unit === 0x5c) bytes += 2;
    else if (unit === 0x3c) bytes += 6;
    else if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    // U+2028 and U+2029 may be escaped. A surrogate is half of four bytes; three is enough, and simple.
    else bytes += unit === 0x2028 || unit === 0x2029 ? 6 : 3;
  }
  return bytes;
}
