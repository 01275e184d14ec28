import { isRecord } from "../protocol/decode.ts";
import { decodePayload, encodePayload } from "../pubsub/codec.ts";

/** A meta's own fields, without `ref` and `prevRef`. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * A meta as it is sent, and a copy of it as everybody gets it. `json` is canonical: parsing and writing it again gives the
 * same text, which digests rely on.
 */
export interface PackedMeta {
  readonly json: string;
  readonly fields: Fields;
}

/**
 * Writes a meta as Pub/Sub writes messages: plain data as a JSON object, what needs more (`Date`, `Map`, …) as an array.
 *
 * @throws {LiveError} `pubsub.message-not-sendable`, `pubsub.message-too-large` past `maxBytes` of UTF-8
 */
export function packMeta(meta: object, topic: string, maxBytes: number): PackedMeta {
  const { ref: _ref, prevRef: _prevRef, ...fields }: Fields = { ...meta };
  const { text } = encodePayload(fields, topic, maxBytes);
  const parsed: unknown = JSON.parse(text);
  const unpacked = unpackMeta(parsed);
  // What the codec has just written it also reads.
  if (unpacked === undefined) throw new TypeError("A meta was written that cannot be read.");
  return unpacked;
}

/** A meta from parsed JSON that `packMeta` has written; `undefined` for anything else. */
export function unpackMeta(parsed: unknown): PackedMeta | undefined {
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const json = JSON.stringify(parsed);
  const decoded = decodePayload({ format: Array.isArray(parsed) ? "d" : "j", text: json });
  return decoded.ok && isRecord(decoded.value) ? { json, fields: decoded.value } : undefined;
}
