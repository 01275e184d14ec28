import { refuse, type DecodeResult } from "../decode-result.ts";
import type { Sent } from "./outgoing-numbers.ts";

/** What a node tells all others on the control channel, about once a second while it publishes. docs/pubsub-messages.md. */
export interface Beat {
  /** Of this beat among the node's beats: 1, 2, 3 … */
  readonly number: number;
  /** Who has no beat from this number on has missed one: this one tells everything since. */
  readonly after: number;
  /** `sent` tells everything since the beat with this number. */
  readonly since: number;
  /** Set if the node was silent before, as it is when it has sent nothing for some seconds: how long ago that ended, in milliseconds. */
  readonly startedAgeMs: number | undefined;
  readonly sent: readonly Sent[];
  /** The node's connection is back: who could not hand over messages shall tell of it once more. */
  readonly asksForFailures: boolean;
  /** What it could not hand over, ever: who missed the beat that named the topics learns from this that there was one. */
  readonly failures: FailuresSoFar | undefined;
  /** Topics on which it could not hand over a message, each with how long ago that began, in milliseconds. */
  readonly failed: readonly { readonly topic: string; readonly ageMs: number }[];
  /** The same for any topic, when there were too many to name. */
  readonly failedAllAgeMs: number | undefined;
}

export interface FailuresSoFar {
  readonly count: number;
  /** How long ago the latest spell of failures began, in milliseconds. */
  readonly sinceAgeMs: number;
  /** How long ago the latest one was. */
  readonly untilAgeMs: number;
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
    started: beat.startedAgeMs === undefined ? undefined : Math.round(beat.startedAgeMs),
    sent: beat.sent.map(({ topic, epoch, first, last }) => [topic, epoch, first, last]),
    asks: beat.asksForFailures || undefined,
    failures: beat.failures && [
      beat.failures.count,
      Math.round(beat.failures.sinceAgeMs),
      Math.round(beat.failures.untilAgeMs),
    ],
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
  const { number, after, since, started, asks = false, sent = [], failures, failed = [], failedAll } = parsed;
  if (!isCount(number) || !isCount(after) || !isCount(since)) return refuse("a number is missing");
  if (!isList(sent) || !isList(failed)) return refuse("a field is no list");
  const soFar = failures === undefined ? undefined : readFailures(failures);
  if (failures !== undefined && soFar === undefined) return refuse('"failures" is odd');
  if (typeof asks !== "boolean") return refuse('"asks" is neither true nor false');
  if (started !== undefined && !isCount(started)) return refuse('"started" is no number');
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
  const named: { topic: string; ageMs: number }[] = [];
  for (const entry of failed) {
    if (!isList(entry)) return refuse('an entry of "failed" is no list');
    const [topic, ageMs] = entry;
    if (typeof topic !== "string" || !isCount(ageMs)) return refuse('an entry of "failed" is odd');
    named.push({ topic, ageMs });
  }
  return {
    ok: true,
    value: {
      asksForFailures: asks,
      number,
      after,
      since,
      startedAgeMs: started,
      sent: changes,
      failures: soFar,
      failed: named,
      failedAllAgeMs: failedAll,
    },
  };
}

function readFailures(value: unknown): FailuresSoFar | undefined {
  if (!isList(value)) return undefined;
  const [count, sinceAgeMs, untilAgeMs] = value;
  if (!isCount(count) || !isCount(sinceAgeMs) || !isCount(untilAgeMs)) return undefined;
  return { count, sinceAgeMs, untilAgeMs };
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
