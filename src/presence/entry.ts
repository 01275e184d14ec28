import { entryHash } from "./digest.ts";
import type { Fields } from "./meta-codec.ts";
import type { ListedMeta } from "./presences.ts";

/** One presence: somebody, once, under one key of one topic. An update makes another entry with the same `id`. */
export interface Entry {
  readonly topic: string;
  readonly key: string;
  readonly meta: ListedMeta;
  /** The number of the operation that made it, in its writer's sequence. */
  readonly seq: number;
  readonly hash: number;
}

/**
 * @param prev the `seq` of the entry that this one updates; 0 for none
 * @param json the meta as it is sent
 */
export function createEntry(
  rid: string,
  seq: number,
  put: {
    readonly id: number;
    readonly topic: string;
    readonly key: string;
    readonly prev: number;
    readonly fields: Fields;
    readonly json: string;
  },
): Entry {
  const { id, topic, key, prev, fields, json } = put;
  const ref = refOf(rid, seq);
  // Shared by all who list it.
  const meta: ListedMeta = Object.freeze(
    prev === 0 ? { ...fields, ref } : { ...fields, ref, prevRef: refOf(rid, prev) },
  );
  return { topic, key, meta, seq, hash: entryHash(seq, id, topic, key, json) };
}

/** Unique: the writer's id is random, and it gives each number once. */
function refOf(rid: string, seq: number): string {
  return `${rid.slice(0, 12)}.${seq}`;
}
