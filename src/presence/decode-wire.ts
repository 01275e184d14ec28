import { refuse, type DecodeResult } from "../decode-result.ts";
import { isList } from "../protocol/decode.ts";
import { fitsInBytes } from "../protocol/utf8.ts";
import { unpackMeta } from "./meta-codec.ts";
import {
  ASK,
  BEAT,
  GOODBYE,
  MAX_ITEMS,
  MAX_MESSAGE_BYTES,
  MAX_NAME_BYTES,
  MAX_PARTS,
  OPS,
  PUT,
  REMOVE,
  SNAPSHOT,
  VERSION,
  type Op,
  type Put,
  type SnapshotEntry,
  type WireMessage,
} from "./wire.ts";

/** A `WireMessage`, or `undefined`: one of a later version, to be passed over in silence. */
export type DecodedWire = DecodeResult<WireMessage | undefined>;

/** Reads what came in on the presence's topic. Anybody may have sent it. */
export function decodeWire(received: unknown): DecodedWire {
  if (typeof received !== "string") return refuse("it is no text");
  if (received.length > MAX_MESSAGE_BYTES) return refuse("it is too long");
  try {
    const message: unknown = JSON.parse(received);
    return isList(message) ? decodeMessage(message) : refuse("it is no array");
  } catch {
    return refuse("it cannot be parsed");
  }
}

function decodeMessage(message: readonly unknown[]): DecodedWire {
  const [version, kind, rid] = message;
  if (!isCount(version) || version === 0) return refuse("it has no version");
  if (version > VERSION) return { ok: true, value: undefined };
  if (!isRid(rid)) return refuse("it has no sender");
  switch (kind) {
    case OPS:
      return decodeOps(rid, message);
    case BEAT:
      return decodeBeat(rid, message);
    case ASK:
      return decodeAsk(rid, message);
    case SNAPSHOT:
      return decodeSnapshot(rid, message);
    case GOODBYE:
      return { ok: true, value: { kind, rid } };
    default:
      return typeof kind === "string" ? { ok: true, value: undefined } : refuse("it has no kind");
  }
}

function decodeOps(rid: string, [, , , node, from, list]: readonly unknown[]): DecodedWire {
  if (!isNode(node) || !isCount(from) || from === 0) return refuse("its head is wrong");
  if (!isList(list) || list.length === 0 || list.length > MAX_ITEMS) return refuse("it has no operations, or too many");
  const ops: Op[] = [];
  for (const value of list) {
    const op = isList(value) ? decodeOp(value) : undefined;
    // One operation of a later version spoils the message: what is then missing is asked for, and comes as a snapshot.
    if (op === undefined) return refuse("it has a wrong operation");
    ops.push(op);
  }
  return { ok: true, value: { kind: OPS, rid, node, from, ops } };
}

function decodeOp(value: readonly unknown[]): Op | undefined {
  const [kind, id] = value;
  if (kind === PUT) return decodePut(id, value.slice(2));
  return kind === REMOVE && isCount(id) ? { kind, id } : undefined;
}

function decodePut(id: unknown, [topic, key, meta, prev]: readonly unknown[]): Put | undefined {
  if (!isCount(id) || !isName(topic) || !isName(key) || !isCount(prev)) return undefined;
  const unpacked = unpackMeta(meta);
  return unpacked === undefined ? undefined : { kind: PUT, id, topic, key, prev, ...unpacked };
}

function decodeBeat(rid: string, [, , , node, seq, digest, count, hello]: readonly unknown[]): DecodedWire {
  if (!isNode(node) || !isCount(seq) || !isCount(digest) || !isCount(count)) return refuse("its head is wrong");
  return { ok: true, value: { kind: BEAT, rid, node, seq, digest, count, hello: hello === 1 } };
}

function decodeAsk(rid: string, [, , , to, have, full]: readonly unknown[]): DecodedWire {
  if (!isRid(to) || !isCount(have)) return refuse("its head is wrong");
  return { ok: true, value: { kind: ASK, rid, to, have, full: full === 1 } };
}

function decodeSnapshot(rid: string, [, , , node, seq, part, parts, list]: readonly unknown[]): DecodedWire {
  if (!isNode(node) || !isCount(seq) || !isCount(part) || !isCount(parts)) return refuse("its head is wrong");
  if (parts === 0 || parts > MAX_PARTS || part >= parts) return refuse("its part is wrong");
  if (!isList(list) || list.length > MAX_ITEMS) return refuse("it has too many entries");
  const entries: SnapshotEntry[] = [];
  for (const value of list) {
    if (!isList(value)) return refuse("it has a wrong entry");
    const put = decodePut(value[1], value.slice(2));
    const [entrySeq] = value;
    if (put === undefined || !isCount(entrySeq) || entrySeq > seq) return refuse("it has a wrong entry");
    entries.push({ ...put, seq: entrySeq });
  }
  return { ok: true, value: { kind: SNAPSHOT, rid, node, seq, part, parts, entries } };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRid(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{8,64}$/.test(value);
}

function isNode(value: unknown): value is string {
  return typeof value === "string" && fitsInBytes(value, MAX_NAME_BYTES);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && fitsInBytes(value, MAX_NAME_BYTES);
}
