import { decodeWire } from "./decode-wire.ts";
import type { Listing } from "./listing.ts";
import type { PackedMeta } from "./meta-codec.ts";
import { OwnLog, type OwnEntry } from "./own-log.ts";
import { Replica } from "./replica.ts";
import { ASK, BEAT, encodeAsk, encodeBeat, encodeGoodbye, GOODBYE, OPS, SNAPSHOT, type WireMessage } from "./wire.ts";

/**
 * The layers that keep lists right, each by itself. Tests turn them off one at a time, and must then see lists go wrong:
 * a layer that cannot be missed guards nothing. Always all on otherwise.
 */
export interface SafetyLayers {
  /** Operations that do not follow on what we have are not applied; what is missing is asked for. */
  readonly gaps: boolean;
  /** Heartbeats tell what the writer has; who has something else at the same number asks for everything. */
  readonly digest: boolean;
  /** What was applied already is not applied again. */
  readonly dedup: boolean;
  /** Who is silent is taken for gone. */
  readonly down: boolean;
  /** What comes from a writer after its goodbye is not believed. */
  readonly tombstones: boolean;
}

export const ALL_LAYERS: SafetyLayers = Object.freeze({
  gaps: true,
  digest: true,
  dedup: true,
  down: true,
  tombstones: true,
});

/** In milliseconds. All processes of one presence should have the same. */
export interface Timings {
  /** Between two heartbeats, give or take a tenth. */
  readonly heartbeatMs: number;
  /** How long a process may be silent before its presences are not listed any more. */
  readonly downAfterMs: number;
  /** How long after that its presences are kept in memory, in case that it comes back. */
  readonly forgetAfterMs: number;
}

export const DEFAULT_TIMINGS: Timings = Object.freeze({
  heartbeatMs: 1_500,
  downAfterMs: 10_000,
  forgetAfterMs: 300_000,
});

export interface StateOptions {
  /** At random, new at each start: 8 to 64 letters, digits, `-` and `_`. */
  readonly rid: string;
  /** A name that the process keeps over restarts, if it has one; else empty. */
  readonly node: string;
  /** Whether somebody may be out there although nobody was heard of yet: then there are heartbeats from the start. */
  readonly mayHavePeers: () => boolean;
  readonly timings: Timings;
  readonly safety: SafetyLayers;
  readonly listing: Listing;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
}

/** A message to be sent: to everybody, or to one writer's own channel. */
export interface Outgoing {
  readonly to: string | undefined;
  readonly text: string;
}

/** How long a question waits, at most, for what is only late: out of order, or on its way to others too. */
const ASK_JITTER_MS = 100;
/** After how long a question is asked again, give or take a quarter, unless parts of the answer are coming in. */
const ASK_AGAIN_MS = 700;
/** Within how long a hello is answered. */
const HELLO_MS = 300;
/** What is on its way from before a restart has arrived after that. */
const OVERTAKEN_MS = 5_000;
/** After how long heartbeats that say less than we have are believed. */
const BEHIND_MS = 10_000;
/** After how long without any further part a snapshot is given up. */
const PARTIAL_MS = 10_000;
/** The same question of the same process within that time came twice. */
const SAME_QUESTION_MS = 150;
const MAX_REPLICAS = 1_000;
const MAX_TOMBSTONES = 2_000;
const MAX_ANSWERED = 1_000;

/**
 * The presences of one process and its copies of all others': what to send, and what to believe. It has no clock, no
 * timer and no chance of its own: `now` is any clock in milliseconds that never goes back, and `dueMs` says when `tick` is to be called.
 *
 * Every entry has one writer, so nothing is ever merged: a copy is the writer's state as of some number in its sequence.
 */
export class PresenceState {
  readonly own: OwnLog;
  readonly #options: StateOptions;
  readonly #listing: Listing;
  readonly #replicas = new Map<string, Replica>();
  /** Writers that have said goodbye, and until when that is remembered. */
  readonly #tombstones = new Map<string, number>();
  /** Who asked what, and when: a question that came twice is answered once. */
  readonly #answered = new Map<string, { readonly question: string; readonly atMs: number }>();
  #outgoing: Outgoing[] = [];
  #beatMs = Infinity;
  #snapshotMs = -Infinity;
  #dropped = 0;

  constructor(options: StateOptions) {
    this.#options = options;
    this.#listing = options.listing;
    this.own = new OwnLog(options.rid, options.node);
  }

  /** For tests and metrics. */
  get counts(): {
    readonly replicas: number;
    readonly down: number;
    readonly tombstones: number;
    readonly partials: number;
    readonly kept: number;
    readonly copies: number;
    /** Messages that could not be read. */
    readonly dropped: number;
  } {
    const replicas = [...this.#replicas.values()];
    return {
      replicas: replicas.length,
      down: replicas.filter(({ isShown }) => !isShown).length,
      tombstones: this.#tombstones.size,
      partials: replicas.filter(({ hasPartial }) => hasPartial).length,
      kept: this.own.keptCount,
      copies: replicas.reduce((sum, { size }) => sum + size, 0),
      dropped: this.#dropped,
    };
  }

  /** When `tick` is to be called; `Infinity` if not at all. */
  get dueMs(): number {
    let dueMs = this.#beatMs;
    for (const { question } of this.#replicas.values()) {
      if (question !== undefined && question.dueMs < dueMs) dueMs = question.dueMs;
    }
    return dueMs;
  }

  takeOutgoing(): readonly Outgoing[] {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    return outgoing;
  }

  // ── our own presences ──

  put(topic: string, key: string, packed: PackedMeta, replaced: OwnEntry | undefined): OwnEntry {
    const own = this.own.put(topic, key, packed, replaced);
    if (replaced !== undefined) this.#listing.remove(replaced.entry);
    this.#listing.add(own.entry);
    return own;
  }

  remove(own: OwnEntry): void {
    this.own.remove(own);
    this.#listing.remove(own.entry);
  }

  /** Sends what is new. */
  flush(): void {
    for (const text of this.own.takeUnsent()) this.#send(undefined, text);
  }

  /** Says that we are here and asks who else is: at the start, and whenever messages may have been lost. */
  hello(nowMs: number): void {
    this.#beat(nowMs, true);
  }

  /** The end. Nothing may follow. */
  goodbye(): void {
    for (const { entry } of this.own.entries()) this.#listing.remove(entry);
    for (const replica of this.#replicas.values()) replica.hide(0);
    this.#replicas.clear();
    this.#beatMs = Infinity;
    this.#send(undefined, encodeGoodbye(this.own.rid));
  }

  // ── time ──

  tick(nowMs: number): void {
    this.#forget(nowMs);
    this.#ask(nowMs);
    if (nowMs >= this.#beatMs) this.#beat(nowMs, false);
  }

  /** Gives everybody that much more time: we could not have heard them. */
  excuse(ms: number, nowMs: number): void {
    for (const replica of this.#replicas.values()) replica.heardMs = Math.min(nowMs, replica.heardMs + ms);
  }

  #beat(nowMs: number, hello: boolean): void {
    // Else it would tell of operations that nobody has got.
    this.flush();
    const { rid, node, sentSeq, digest, size } = this.own;
    this.#send(undefined, encodeBeat(rid, node, sentSeq, digest, size, hello));
    const { heartbeatMs } = this.#options.timings;
    const goesOn = this.#options.mayHavePeers() || this.#replicas.size > 0;
    this.#beatMs = goesOn ? nowMs + heartbeatMs * (0.9 + 0.2 * this.#options.random()) : Infinity;
  }

  #beatWithin(ms: number, nowMs: number): void {
    this.#beatMs = Math.min(this.#beatMs, nowMs + ms * this.#options.random());
  }

  #forget(nowMs: number): void {
    const { downAfterMs, forgetAfterMs } = this.#options.timings;
    for (const replica of this.#replicas.values()) {
      if (replica.downSinceMs === undefined) {
        if (this.#options.safety.down && nowMs - replica.heardMs > downAfterMs) replica.hide(nowMs);
      } else {
        if (replica.question !== undefined && nowMs - replica.heardMs > downAfterMs) replica.hide(nowMs);
        if (nowMs - replica.downSinceMs > forgetAfterMs) this.#replicas.delete(replica.rid);
      }
      replica.dropStalePartial(nowMs - PARTIAL_MS);
    }
    for (const [rid, untilMs] of this.#tombstones) {
      if (untilMs > nowMs) break; // in the order of their ends
      this.#tombstones.delete(rid);
    }
    if (nowMs - this.#snapshotMs > PARTIAL_MS) {
      this.own.forgetSnapshot();
      this.#answered.clear();
    }
  }

  #ask(nowMs: number): void {
    for (const { rid, have, question } of this.#replicas.values()) {
      if (question === undefined || question.dueMs > nowMs) continue;
      question.dueMs = nowMs + this.#againMs();
      this.#send(rid, encodeAsk(this.own.rid, rid, have, question.full));
    }
  }

  #againMs(): number {
    return ASK_AGAIN_MS * (0.75 + 0.5 * this.#options.random());
  }

  #question(replica: Replica, full: boolean, nowMs: number): void {
    if (replica.question === undefined) {
      replica.question = { dueMs: nowMs + ASK_JITTER_MS * this.#options.random(), full };
    } else replica.question.full ||= full;
  }

  // ── what others say ──

  /** @param received what came in on the presence's topic or on our own channel, from whomever */
  receive(received: unknown, nowMs: number): void {
    const decoded = decodeWire(received);
    if (!decoded.ok) this.#dropped++;
    else if (decoded.value !== undefined && decoded.value.rid !== this.own.rid) this.#take(decoded.value, nowMs);
  }

  #take(message: WireMessage, nowMs: number): void {
    switch (message.kind) {
      case OPS:
        return this.#takeOps(message, nowMs);
      case BEAT:
        return this.#takeBeat(message, nowMs);
      case ASK:
        return this.#takeQuestion(message, nowMs);
      case SNAPSHOT:
        return this.#takeSnapshot(message, nowMs);
      case GOODBYE:
        return this.#takeGoodbye(message.rid, nowMs);
    }
  }

  #takeOps({ rid, node, from, ops }: Extract<WireMessage, { kind: typeof OPS }>, nowMs: number): void {
    const replica = this.#hear(rid, node, nowMs);
    if (replica === undefined) return;
    const { gaps, dedup } = this.#options.safety;
    if (gaps && from > replica.have + 1) {
      replica.target = Math.max(replica.target, from + ops.length - 1);
      if (replica.isConfirmed) this.#question(replica, false, nowMs);
      return;
    }
    replica.apply(from, ops, dedup ? replica.have : 0);
    this.#settle(replica);
  }

  #takeBeat(
    { rid, node, seq, digest, count, hello }: Extract<WireMessage, { kind: typeof BEAT }>,
    nowMs: number,
  ): void {
    const replica = this.#hear(rid, node, nowMs);
    if (replica === undefined) return;
    if (hello) this.#beatWithin(HELLO_MS, nowMs);
    if (nowMs < replica.hiddenUntilMs) return;
    replica.isConfirmed = true;
    replica.target = seq;
    if (seq >= replica.have) replica.behindSinceMs = undefined;
    if (seq > replica.have) this.#question(replica, false, nowMs);
    else if (seq < replica.have) this.#doubt(replica, nowMs);
    else if (!this.#options.safety.digest || replica.matches(digest, count)) {
      replica.question = undefined;
      replica.show();
    } else this.#question(replica, true, nowMs);
  }

  /** Its heartbeats say less than we have. Some come late; if all do, what we have is wrong. */
  #doubt(replica: Replica, nowMs: number): void {
    replica.behindSinceMs ??= nowMs;
    if (nowMs - replica.behindSinceMs < BEHIND_MS) return;
    replica.behindSinceMs = undefined;
    replica.have = 0;
    this.#question(replica, true, nowMs);
  }

  #takeSnapshot(
    { rid, node, seq, part, parts, entries }: Extract<WireMessage, { kind: typeof SNAPSHOT }>,
    nowMs: number,
  ): void {
    const replica = this.#hear(rid, node, nowMs);
    if (replica === undefined) return;
    const isWanted = replica.question?.full === true ? seq >= replica.have : seq > replica.have;
    if (this.#options.safety.dedup && !isWanted) return;
    // More is on its way, so it need not be asked for again yet.
    if (replica.question !== undefined) replica.question.dueMs = nowMs + this.#againMs();
    if (!replica.collect(seq, part, parts, entries, nowMs)) return;
    if (replica.question !== undefined) replica.question.full = false;
    this.#settle(replica);
  }

  /** Ends the question if it is answered, and shows what is known to be true. */
  #settle(replica: Replica): void {
    if (replica.isTooLarge) return this.#bury(replica, replica.heardMs);
    if (!replica.isConfirmed || replica.have < replica.target) return;
    // What is wrong at the very number that we have is told by the next heartbeat.
    if (replica.question?.full === false) replica.question = undefined;
    replica.show();
  }

  #takeQuestion({ rid, to, have, full }: Extract<WireMessage, { kind: typeof ASK }>, nowMs: number): void {
    if (to !== this.own.rid) return;
    const question = `${have} ${full}`;
    const answered = this.#answered.get(rid);
    if (answered?.question === question && nowMs - answered.atMs < SAME_QUESTION_MS) return;
    if (this.#answered.size >= MAX_ANSWERED) this.#answered.clear();
    this.#answered.set(rid, { question, atMs: nowMs });
    this.#snapshotMs = nowMs;
    this.flush();
    const messages = (full ? undefined : this.own.since(have)) ?? this.own.snapshot(full);
    for (const text of messages) this.#send(rid, text);
    // It believes that there is more.
    if (messages.length === 0) this.#beatWithin(HELLO_MS, nowMs);
  }

  #takeGoodbye(rid: string, nowMs: number): void {
    const replica = this.#replicas.get(rid);
    if (replica !== undefined) return this.#bury(replica, nowMs);
    this.#remember(rid, nowMs);
  }

  #bury(replica: Replica, nowMs: number): void {
    replica.hide(nowMs);
    this.#replicas.delete(replica.rid);
    this.#remember(replica.rid, nowMs);
  }

  #remember(rid: string, nowMs: number): void {
    this.#tombstones.delete(rid);
    this.#tombstones.set(rid, nowMs + 2 * this.#options.timings.forgetAfterMs);
    const [oldest] = this.#tombstones.keys();
    if (oldest !== undefined && this.#tombstones.size > MAX_TOMBSTONES) this.#tombstones.delete(oldest);
  }

  #hear(rid: string, node: string, nowMs: number): Replica | undefined {
    if (this.#options.safety.tombstones && this.#tombstones.has(rid)) return undefined;
    const known = this.#replicas.get(rid);
    if (known !== undefined) {
      known.heardMs = nowMs;
      return known;
    }
    if (!this.#makeRoom()) return undefined;
    if (node !== "") this.#supersede(node, nowMs);
    const replica = new Replica(rid, node, this.#listing, nowMs);
    this.#replicas.set(rid, replica);
    // From now on there is somebody to tell that we are here.
    if (this.#beatMs === Infinity) this.#beatWithin(HELLO_MS, nowMs);
    return replica;
  }

  /** One that has restarted is not there twice. Which of the two is the older one no clock can tell: the true one is heard again. */
  #supersede(node: string, nowMs: number): void {
    for (const replica of this.#replicas.values()) {
      if (replica.node !== node || !replica.isShown) continue;
      replica.hide(nowMs);
      replica.hiddenUntilMs = nowMs + OVERTAKEN_MS;
    }
  }

  #makeRoom(): boolean {
    if (this.#replicas.size < MAX_REPLICAS) return true;
    // In the order in which they came: the first one that is down is the oldest.
    for (const replica of this.#replicas.values()) {
      if (replica.downSinceMs === undefined) continue;
      return this.#replicas.delete(replica.rid);
    }
    return false;
  }

  #send(to: string | undefined, text: string): void {
    this.#outgoing.push({ to, text });
  }
}
