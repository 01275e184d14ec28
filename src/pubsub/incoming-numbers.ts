import type { Beat } from "./beat.ts";
import type { SequenceNumber } from "./envelope.ts";
import type { GapCause } from "./gap.ts";
import type { Sent } from "./outgoing-numbers.ts";

/** Messages that may be missing. `since` in milliseconds of the clock that the times were given in. */
export interface Found {
  readonly cause: Extract<GapCause, "sequence" | "publish">;
  readonly topic: string | undefined;
  readonly since: number;
  readonly missed: number | undefined;
}

/** What a message turned out to be: the next one, one that we had, or one after others that never came. */
export type Arrival = "next" | "duplicate" | Found;

/** A node that publishes beats every second. Who has listened for longer than this and hears a later beat first has missed one. */
const SURELY_HEARD_MS = 3_500;
/** No frame takes longer than this from node to node, by the greatest probability. */
const TRANSIT_MS = 1_000;
/** A beat may overtake messages where a backplane has several ways. So much later they are missing. */
const GRACE_MS = 500;
/** A sender forgets its numbers after a minute of silence; after two, so do we. */
const FORGET_AFTER_MS = 120_000;
const MAX_SENDERS = 1_000;
const MAX_CHECKS = 50_000;
const MAX_POINTS = 16;

/** One sender on one topic. */
interface Heard {
  epoch: number;
  last: number;
  /** The first number we had in this epoch; 0 once it is known that nothing was lost before it. */
  base: number;
  at: number;
}

interface Listened {
  /** When it went live, in the order of events; never, as long as it has not. */
  liveMoment: number;
  liveAt: number;
  readonly senders: Map<string, Heard>;
}

interface Sender {
  lastBeat: number;
  heardAt: number;
  /** How many messages it had failed to hand over by its last beat. */
  failures: number;
  /** Beats may have been missed since, and everybody was told of it. */
  isOutdated: boolean;
  /** Its latest beats, and when each came, in the order of events. */
  points: { readonly number: number; readonly moment: number }[];
}

/** A beat told of numbers that have not come yet. */
interface Check {
  readonly topic: string;
  readonly listened: Listened;
  readonly node: string;
  readonly epoch: number;
  /** The number from which on all must have come; `undefined` where we may have come later. */
  readonly first: number | undefined;
  readonly last: number;
  readonly dueAt: number;
}

/**
 * Finds what is missing in what other nodes send, by the numbers of messages and beats. No clock and no timers: times
 * are given, in milliseconds of one clock that never goes back.
 *
 * Silent losses are found, with or without a later message, except in the first seconds of listening to a topic, when
 * it is not known yet what had been sent before. Memory: the topics listened to, times the nodes that sent on them
 * within the last two minutes.
 */
export class IncomingNumbers {
  readonly #topics = new Map<string, Listened>();
  readonly #senders = new Map<string, Sender>();
  #checks: Check[] = [];
  #moment = 0;
  #listeningSince: number | undefined;
  /** The same, whatever was interrupted since. */
  #firstListening: number | undefined;
  #expiredAt = 0;

  /** How many pairs of a topic and a sender are remembered. */
  get size(): number {
    let size = 0;
    for (const { senders } of this.#topics.values()) size += senders.size;
    return size;
  }

  /** Beats come in from now on. */
  beatsAreLive(now: number): void {
    this.#listeningSince = now;
    this.#firstListening ??= now;
  }

  listen(topic: string): void {
    this.#topics.set(topic, { liveMoment: Infinity, liveAt: 0, senders: new Map() });
  }

  isLive(topic: string, now: number): void {
    const listened = this.#topics.get(topic);
    if (listened === undefined) return;
    listened.liveMoment = ++this.#moment;
    listened.liveAt = now;
  }

  gone(topic: string): void {
    this.#topics.delete(topic);
  }

  /** Anything may be missing up to now, and everybody has been told. Only what is lost from now on is a new gap. */
  reset(now: number): void {
    for (const sender of this.#senders.values()) {
      sender.isOutdated = true;
      sender.points = [];
    }
    this.#checks = [];
    if (this.#listeningSince !== undefined) this.#listeningSince = now;
    for (const listened of this.#topics.values()) {
      listened.senders.clear();
      if (listened.liveMoment === Infinity) continue;
      listened.liveMoment = ++this.#moment;
      listened.liveAt = now;
    }
  }

  message(node: string, topic: string, { epoch, number }: SequenceNumber, now: number): Arrival {
    const listened = this.#topics.get(topic);
    if (listened === undefined) return "next";
    const heard = listened.senders.get(node);
    if (heard === undefined) {
      makeRoom(listened.senders);
      listened.senders.set(node, { epoch, last: number, base: number, at: now });
      return "next";
    }
    if (epoch < heard.epoch || (epoch === heard.epoch && number <= heard.last)) return "duplicate";
    const missed = number - (epoch === heard.epoch ? heard.last + 1 : 1);
    const since = heard.at;
    if (epoch !== heard.epoch) heard.base = 0;
    heard.epoch = epoch;
    heard.last = number;
    heard.at = now;
    return missed === 0 ? "next" : { cause: "sequence", topic, since, missed };
  }

  beat(node: string, beat: Beat, now: number): Found[] {
    const found: Found[] = [];
    let hasMissed = false;
    const listeningSince = this.#listeningSince ?? now;
    // We have listened for long enough to have heard the beat with which the sender began.
    const missedStart = beat.startedAgeMs === undefined && now - listeningSince > SURELY_HEARD_MS;
    let sender = this.#senders.get(node);
    if (sender === undefined) {
      if (missedStart) found.push(anything("sequence", listeningSince));
      hasMissed = true;
      makeRoom(this.#senders);
      sender = { lastBeat: 0, heardAt: 0, failures: 0, isOutdated: false, points: [] };
      this.#senders.set(node, sender);
    } else {
      if (beat.number <= sender.lastBeat) return found;
      if (beat.after > sender.lastBeat) {
        if (!sender.isOutdated) found.push(anything("sequence", sender.heardAt));
        else if (missedStart) found.push(anything("sequence", listeningSince));
        hasMissed = true;
        sender.points = [];
      }
    }
    sender.lastBeat = beat.number;
    sender.heardAt = now;
    const { failures } = beat;
    // The beat that named the topics is among those that we have missed.
    if (failures !== undefined && failures.count > sender.failures && hasMissed) {
      const wasHere = (this.#firstListening ?? Infinity) < now - failures.untilAgeMs;
      if (wasHere) found.push(anything("publish", now - failures.sinceAgeMs));
    }
    sender.failures = failures?.count ?? 0;
    sender.isOutdated = false;
    for (const sent of beat.sent) this.#compare(node, sender, beat, sent, now, found);
    if (beat.after === beat.since) {
      sender.points.push({ number: beat.number, moment: ++this.#moment });
      if (sender.points.length > MAX_POINTS) sender.points.shift();
    }
    for (const { topic, ageMs } of beat.failed) {
      if (this.#topics.has(topic)) found.push({ cause: "publish", topic, since: now - ageMs, missed: undefined });
    }
    if (beat.failedAllAgeMs !== undefined) {
      found.push({ cause: "publish", topic: undefined, since: now - beat.failedAllAgeMs, missed: undefined });
    }
    return found;
  }

  #compare(node: string, sender: Sender, beat: Beat, sent: Sent, now: number, found: Found[]): void {
    const { topic, epoch, first, last } = sent;
    const listened = this.#topics.get(topic);
    if (listened === undefined) return;
    const isOurs = wasLive(listened, sender, beat, now);
    const heard = listened.senders.get(node);
    if (heard?.epoch === epoch) {
      if (isOurs) {
        if (heard.base > first) {
          found.push({ cause: "sequence", topic, since: listened.liveAt, missed: heard.base - first });
        }
        heard.base = 0;
      }
      if (heard.last >= last) return;
    } else if (heard === undefined ? !isOurs : heard.epoch > epoch) {
      return;
    }
    const check = { topic, listened, node, epoch, first: isOurs ? first : undefined, last, dueAt: now + GRACE_MS };
    if (this.#checks.length < MAX_CHECKS) this.#checks.push(check);
    else this.#judge(check, now, found);
  }

  /** What beats told of and has not come since. To be called about once a second. */
  due(now: number): Found[] {
    const found: Found[] = [];
    let count = 0;
    while (count < this.#checks.length && (this.#checks[count]?.dueAt ?? Infinity) <= now) count += 1;
    for (const check of this.#checks.splice(0, count)) this.#judge(check, now, found);
    return found;
  }

  #judge({ topic, listened, node, epoch, first, last }: Check, now: number, found: Found[]): void {
    // Unsubscribed meanwhile, perhaps subscribed again.
    if (this.#topics.get(topic) !== listened) return;
    const heard = listened.senders.get(node);
    if (heard === undefined) {
      if (first === undefined) return;
      found.push({ cause: "sequence", topic, since: listened.liveAt, missed: last - first + 1 });
      makeRoom(listened.senders);
      listened.senders.set(node, { epoch, last, base: 0, at: now });
      return;
    }
    let since = heard.at;
    if (heard.epoch > epoch) {
      found.push({ cause: "sequence", topic, since, missed: undefined });
      return;
    }
    let missed = last - (heard.epoch === epoch ? heard.last : 0);
    if (heard.epoch !== epoch || missed > 0) {
      if (heard.epoch !== epoch) heard.base = 0;
      heard.epoch = epoch;
      heard.last = last;
      heard.at = now;
    } else {
      missed = 0;
    }
    if (first !== undefined && heard.base > first) {
      missed += heard.base - first;
      since = listened.liveAt;
    }
    if (first !== undefined) heard.base = 0;
    if (missed > 0) found.push({ cause: "sequence", topic, since, missed });
  }

  /** Forgets who has been silent for two minutes. To be called about once a second. */
  expire(now: number): void {
    if (now - this.#expiredAt < FORGET_AFTER_MS / 2) return;
    this.#expiredAt = now;
    for (const [node, { heardAt }] of this.#senders) if (now - heardAt > FORGET_AFTER_MS) this.#senders.delete(node);
    for (const { senders } of this.#topics.values()) {
      for (const [node, { at }] of senders) if (now - at > FORGET_AFTER_MS) senders.delete(node);
    }
  }
}

/** Whether all that the beat tells of was sent when the topic was live here, so that it should have come. */
function wasLive({ liveMoment, liveAt }: Listened, { points }: Sender, beat: Beat, now: number): boolean {
  // The topic was live when we heard the beat from which on this one tells, or an earlier one.
  const point = points.find(({ moment }) => moment > liveMoment);
  if (point !== undefined && point.number <= beat.since) return true;
  // Or it was live before the sender began.
  return beat.startedAgeMs !== undefined && liveMoment !== Infinity && liveAt < now - beat.startedAgeMs - TRANSIT_MS;
}

function anything(cause: Found["cause"], since: number): Found {
  return { cause, topic: undefined, since, missed: undefined };
}

/** The one that came first goes, which is most likely a node that has ended. */
function makeRoom(senders: Map<string, unknown>): void {
  if (senders.size < MAX_SENDERS) return;
  for (const node of senders.keys()) {
    senders.delete(node);
    return;
  }
}
