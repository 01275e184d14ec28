import { refuse, type DecodeResult } from "./decode-result.ts";
import type { Sent } from "./outgoing-numbers.ts";

/** What a node tells all others on the control channel, about once a second while it publishes. docs/pubsub-messages.md. */
export interface Beat {
  /** Of this beat among the node's beats: 1, 2, 3 … */
  readonly number: number;
  /** Who has no beat from this number on has missed one: this one tells everything since. */
  readonly after: number;
  /** `sent` tells everything since the beat with this number. */
  readonly since: number;
  /** The node was silent before: it had sent nothing for some seconds, or nothing ever. */
  readonly starts: boolean;
  readonly sent: readonly Sent[];
  /** Topics on which it could not hand over a message, each with how long ago that began, in milliseconds. */
  readonly failed: readonly { readonly topic: string; readonly ageMs: number }[];
  /** The same for any topic, when there were too many to name. */
  readonly failedAllAgeMs: number | undefined;
}

/** How many channels one beat tells of. More go into further beats. */
export const MAX_SENT = 400;
/** A frame of more characters than this is no beat: 400 topics of 255 bytes take less, even with all of them escaped. */
const MAX_CHARACTERS = 1_000_000;

export function writeBeat(beat: Beat): string {
  return JSON.stringify({
    number: beat.number,
    after: beat.after,
    since: beat.since,
    starts: beat.starts || undefined,
    sent: beat.sent.map(({ topic, epoch, first, last }) => [topic, epoch, first, last]),
    failed: beat.failed.length > 0 ? beat.failed.map(({ topic, ageMs }) => [topic, Math.round(ageMs)]) : undefined,
    failedAll: beat.failedAllAgeMs === undefined ? undefined : Math.round(beat.failedAllAgeMs),
  });
}

/** Never throws. Fields that it does not know are passed over: a newer release may have added them. */
export function readBeat(text: string): DecodeResult<Beat> {
  if (text.length > MAX_CHARACTERS) return refuse("it is too long");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse("it is no JSON");
  }
  if (!isRecord(parsed)) return refuse("it is no object");
  const { number, after, since, starts = false, sent = [], failed = [], failedAll } = parsed;
  if (!isCount(number) || !isCount(after) || !isCount(since)) return refuse("a number is missing");
  if (typeof starts !== "boolean" || !isList(sent) || !isList(failed)) return refuse("a field has another type");
  if (failedAll !== undefined && !isCount(failedAll)) return refuse('"failedAll" is no number');
  const changes: Sent[] = [];
  for (const entry of sent) {
    if (!isList(entry)) return refuse('an entry of "sent" is no list');
    const [topic, epoch, first, last] = entry;
    if (typeof topic !== "string" || !isCount(epoch) || !isCount(first) || !isCount(last) || first > last) {
      return refuse('an entry of "sent" is odd');
    }
    changes.push({ topic, epoch, first, last });
  }
  const failures: { topic: string; ageMs: number }[] = [];
  for (const entry of failed) {
    if (!isList(entry)) return refuse('an entry of "failed" is no list');
    const [topic, ageMs] = entry;
    if (typeof topic !== "string" || !isCount(ageMs)) return refuse('an entry of "failed" is odd');
    failures.push({ topic, ageMs });
  }
  return {
    ok: true,
    value: { number, after, since, starts, sent: changes, failed: failures, failedAllAgeMs: failedAll },
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Array.isArray`, with elements as unknown as the value was. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
