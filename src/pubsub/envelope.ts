import type { Payload, PayloadFormat } from "./codec.ts";

// The frames that travel on a backplane. Defined in docs/pubsub-messages.md, with examples that a test reads.

/** A message's place in what its sender has sent on one channel. */
export interface SequenceNumber {
  /** Grows whenever the sender starts to count anew on a channel. */
  readonly epoch: number;
  /** From 1, without holes within an epoch. */
  readonly number: number;
}

/** What a frame turned out to be. */
export type Envelope =
  | { readonly kind: "message"; readonly node: string; readonly at: SequenceNumber; readonly payload: Payload }
  | { readonly kind: "beat"; readonly node: string; readonly text: string }
  /** Not one of ours: another program's. */
  | { readonly kind: "foreign" }
  /** Of a version, a kind or a format that we do not know: a newer release of ours. */
  | { readonly kind: "unknown" }
  /** Ours by its beginning, and damaged. */
  | { readonly kind: "malformed" };

/** How every frame of a node's messages begins: by it a node knows its own. */
export function messagePrefix(node: string): string {
  return `wb1 m ${node} `;
}

/** @param prefix of `messagePrefix` */
export function writeMessage(prefix: string, { epoch, number }: SequenceNumber, { format, text }: Payload): string {
  return `${prefix}${epoch} ${number} ${format} ${text}`;
}

/** How every frame of a node's beats begins. */
export function beatPrefix(node: string): string {
  return `wb1 b ${node} `;
}

/** JSON never begins with a "w", so nothing that a foreign program sends as JSON is mistaken for ours. */
const OURS = /^wb(\d{1,6}) /;
const MESSAGE = /^wb1 m ([\w-]{1,64}) (\d{1,15}) (\d{1,15}) ([a-z]) /;
const BEAT = /^wb1 b ([\w-]{1,64}) /;
const OTHER_KIND = /^wb1 (?![mb] )[a-z]{1,16} /;

/** Reads a frame's header; the payload is cut off, not read. Never throws. */
export function readEnvelope(frame: string): Envelope {
  const message = MESSAGE.exec(frame);
  if (message !== null) {
    const [header, node = "", epoch, number, format = ""] = message;
    if (!isFormat(format)) return { kind: "unknown" };
    const payload = { format, text: frame.slice(header.length) };
    return { kind: "message", node, at: { epoch: Number(epoch), number: Number(number) }, payload };
  }
  const beat = BEAT.exec(frame);
  if (beat !== null) return { kind: "beat", node: beat[1] ?? "", text: frame.slice(beat[0].length) };
  const version = OURS.exec(frame)?.[1];
  if (version === undefined) return { kind: "foreign" };
  return version !== "1" || OTHER_KIND.test(frame) ? { kind: "unknown" } : { kind: "malformed" };
}

function isFormat(letter: string): letter is PayloadFormat {
  return letter === "j" || letter === "d";
}
