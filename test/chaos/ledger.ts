// Who sent what, who got what, and what was reported as lost: the account that every fault has to leave balanced.

import type { Gap } from "../../src/pubsub/gap.ts";

/** One message as its sender noted it. */
export interface Published {
  readonly sender: string;
  readonly topic: string;
  /** 1 for the sender's first message on the topic, then without holes. */
  readonly number: number;
  /** In milliseconds since 1970. All processes of a run share one machine, and so one clock. */
  readonly atMs: number;
}

/** One message as a listener got it. */
export interface Received {
  readonly sender: string;
  readonly topic: string;
  readonly number: number;
  readonly atMs: number;
}

/** What one process has to show. */
export interface Record {
  readonly name: string;
  readonly topics: readonly string[];
  readonly received: readonly Received[];
  readonly gaps: readonly Gap[];
}

/** Counted in deliveries: one message to three listeners is three. */
export interface Verdict {
  readonly published: number;
  readonly delivered: number;
  /** Missing, and somewhere in the time and among the topics of a gap that the listener was told of. */
  readonly underGap: number;
  /** Missing, and nobody said so. Must be empty. */
  readonly unexplained: readonly (Published & { readonly listener: string })[];
  /** Got more than once. Must be empty. */
  readonly duplicates: readonly (Received & { readonly listener: string })[];
  /** Got after a later one of the same sender and topic. Must be empty. */
  readonly disordered: readonly (Received & { readonly listener: string })[];
}

/** Holds every listener's record against what was sent on its topics. */
export function audit(published: readonly Published[], records: readonly Record[]): Verdict {
  let expected = 0;
  let delivered = 0;
  let underGap = 0;
  const unexplained: Verdict["unexplained"][number][] = [];
  const duplicates: Verdict["duplicates"][number][] = [];
  const disordered: Verdict["disordered"][number][] = [];
  for (const { name, topics, received, gaps } of records) {
    const seen = new Set<string>();
    const latest = new Map<string, number>();
    for (const message of received) {
      const id = idOf(message);
      if (seen.has(id)) duplicates.push({ ...message, listener: name });
      seen.add(id);
      const line = `${message.sender} ${message.topic}`;
      if (message.number < (latest.get(line) ?? 0)) disordered.push({ ...message, listener: name });
      else latest.set(line, message.number);
    }
    for (const message of published) {
      if (!topics.includes(message.topic)) continue;
      expected++;
      if (seen.has(idOf(message))) delivered++;
      else if (gaps.some((gap) => covers(gap, message))) underGap++;
      else unexplained.push({ ...message, listener: name });
    }
  }
  return { published: expected, delivered, underGap, unexplained, duplicates, disordered };
}

function idOf({ sender, topic, number }: Published | Received): string {
  return `${sender} ${topic} ${number}`;
}

function covers(gap: Gap, { topic, atMs }: Published): boolean {
  return (gap.topics === "*" || gap.topics.includes(topic)) && gap.since <= atMs && atMs <= gap.until;
}

/**
 * How long after `sinceMs` every node had a message from every node that was sent after it, in milliseconds;
 * `undefined` if one still waits.
 */
export function healedAfterMs(
  sinceMs: number,
  published: readonly Published[],
  records: readonly Record[],
): number | undefined {
  const sentAt = new Map(published.map((message) => [idOf(message), message.atMs]));
  let worst = 0;
  for (const { received } of records) {
    for (const { name: sender } of records) {
      const first = received.find(
        (message) => message.sender === sender && (sentAt.get(idOf(message)) ?? 0) >= sinceMs,
      );
      if (first === undefined) return undefined;
      worst = Math.max(worst, first.atMs - sinceMs);
    }
  }
  return worst;
}
