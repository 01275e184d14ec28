import { type DecodeResult, refuse } from "../decode-result.ts";
import { isList } from "./decode.ts";
import { jsonText } from "./json-text.ts";
import { REPLY_EVENT } from "./keys.ts";
import { fitsInBytes } from "./utf8.ts";

/**
 * One text message, in both directions: the five-element array of docs/protocol.md, section 4. `payload` is what
 * `JSON.parse` made and nothing has looked at it yet: give it to a decoder of payloads.ts.
 */
export type Frame = {
  /** The `ref` of the join that the message belongs to; `null` outside a channel (heartbeat). */
  readonly joinRef: string | null;
  /** The id of this push, to be named by its reply; `null` if no reply is awaited. */
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: unknown;
};

/** A binary push of the client (an upload's chunk). `data` is a view into the received bytes, not a copy. */
export type BinaryFrame = {
  readonly joinRef: string | null;
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly data: Uint8Array;
};

/** What one length byte of a binary frame can say; text frames keep to the same limit, so that a topic fits in both. */
const MAX_NAME_BYTES = 255;

/** Decodes a text message. Never throws. The transport has bounded the length of `text` before. */
export function decodeTextFrame(text: string): DecodeResult<Frame> {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return refuse("the message is not JSON");
  }
  if (!isList(parts) || parts.length !== 5) return refuse("the message is not an array of five");
  const [joinRef, ref, topic, event, payload] = parts;
  if (!isRef(joinRef)) return refuse("the join_ref is neither null nor a short string");
  if (!isRef(ref)) return refuse("the ref is neither null nor a short string");
  if (!isName(topic)) return refuse("the topic is not a string of 1 to 255 bytes");
  if (!isName(event)) return refuse("the event is not a string of 1 to 255 bytes");
  return { ok: true, value: { joinRef, ref, topic, event, payload } };
}

const PUSH_KIND = 0;
const HEADER_BYTES = 5;

// `ignoreBOM: true` keeps a leading U+FEFF as the character it is; `fatal` because a topic that decoding has altered
// could match another one.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a binary push of the client; section 4 has the layout. An empty `joinRef` or `ref` becomes `null`. Never throws. */
export function decodeBinaryFrame(bytes: Uint8Array): DecodeResult<BinaryFrame> {
  const [kind, joinRefLength, refLength, topicLength, eventLength] = bytes;
  if (
    eventLength === undefined ||
    topicLength === undefined ||
    refLength === undefined ||
    joinRefLength === undefined
  ) {
    return refuse("the binary message is shorter than its header");
  }
  if (kind !== PUSH_KIND) return refuse("the binary message is not a push");
  const refStart = HEADER_BYTES + joinRefLength;
  const topicStart = refStart + refLength;
  const eventStart = topicStart + topicLength;
  const dataStart = eventStart + eventLength;
  if (dataStart > bytes.length) return refuse("the binary message is shorter than its header says");
  if (topicLength === 0 || eventLength === 0) return refuse("the binary message has no topic or no event");
  try {
    return {
      ok: true,
      value: {
        joinRef: utf8.decode(bytes.subarray(HEADER_BYTES, refStart)) || null,
        ref: utf8.decode(bytes.subarray(refStart, topicStart)) || null,
        topic: utf8.decode(bytes.subarray(topicStart, eventStart)),
        event: utf8.decode(bytes.subarray(eventStart, dataStart)),
        data: bytes.subarray(dataStart),
      },
    };
  } catch {
    return refuse("the binary message has a name that is not UTF-8");
  }
}

/** The answer to the push `ref`. `responseJson` is JSON text and is taken as it is. */
export function encodeReply(
  joinRef: string | null,
  ref: string | null,
  topic: string,
  status: "ok" | "error",
  responseJson: string,
): string {
  return `[${jsonText(joinRef)},${jsonText(ref)},${jsonText(topic)},"${REPLY_EVENT}",{"status":"${status}","response":${responseJson}}]`;
}

/**
 * A message that answers nothing. `payloadJson` is JSON text and is taken as it is. The client drops a push whose
 * `joinRef` is not its current one and accepts one whose `joinRef` is `null`.
 */
export function encodePush(joinRef: string | null, topic: string, event: string, payloadJson: string): string {
  return `[${jsonText(joinRef)},null,${jsonText(topic)},${jsonText(event)},${payloadJson}]`;
}

function isRef(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && fitsInBytes(value, MAX_NAME_BYTES));
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && fitsInBytes(value, MAX_NAME_BYTES);
}
