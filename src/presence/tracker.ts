import { Listing, type Committed, type TopicChange } from "./listing.ts";
import type { PackedMeta } from "./meta-codec.ts";
import type { OwnEntry } from "./own-log.ts";
import { PresenceState, type SafetyLayers, type Timings } from "./state.ts";

/** What a tracker needs of the world. */
export interface TrackerPorts {
  /** A clock in milliseconds that never goes back and knows no date. */
  now(): number;
  random(): number;
  /** Runs something once. Nobody waits for it: a process may end before. @returns what cancels it */
  after(ms: number, run: () => void): () => void;
  /** Sends a message: to everybody's tracker, or to that of one writer. Never throws. */
  send(to: string | undefined, text: string): void;
  /** Something has changed in a topic: to be committed by `Tracker.commit`, now or later, before it is called again. */
  changed(topic: string, change: TopicChange): void;
  /** Whether there is something that `Tracker.flush` will tell or send within milliseconds. */
  flushes(isWaiting: boolean): void;
}

export interface TrackerOptions {
  readonly rid: string;
  readonly node: string;
  readonly mayHavePeers: () => boolean;
  readonly timings: Timings;
  readonly safety: SafetyLayers;
  readonly graceOf: (topic: string) => number;
}

/** Changes within that time travel together, in milliseconds. The first one after a pause goes at once. */
const FLUSH_MS = 50;
/** A timer that is later than this tells of an event loop that was busy, in milliseconds. */
const LATE_MS = 250;
/** How long nobody is taken for gone while the backplane is gone, in milliseconds. */
const MAX_PAUSE_MS = 30_000;
/** With so many operations unsent they are sent before their time. */
const MAX_UNSENT = 2_000;

/** The timers around `PresenceState` and `Listing`: when messages are sent, and when changes are told. */
export class Tracker {
  readonly listing: Listing;
  readonly state: PresenceState;
  readonly #ports: TrackerPorts;
  #cancelTick: (() => void) | undefined;
  #tickMs = Infinity;
  #cancelFlush: (() => void) | undefined;
  #flushMs = Infinity;
  #flushedMs = -Infinity;
  /** Topics whose change was handed out and not committed yet. */
  readonly #committing = new Set<string>();
  #pausedSinceMs: number | undefined;
  #lastTickMs: number;
  #isClosed = false;

  constructor(options: TrackerOptions, ports: TrackerPorts) {
    const { rid, node, mayHavePeers, timings, safety, graceOf } = options;
    this.#ports = ports;
    this.#lastTickMs = ports.now();
    this.listing = new Listing(graceOf);
    this.state = new PresenceState({
      rid,
      node,
      mayHavePeers,
      timings,
      safety,
      listing: this.listing,
      random: () => ports.random(),
    });
  }

  /** Whether the backplane is gone: the list may then be out of date. */
  get isPaused(): boolean {
    return this.#pausedSinceMs !== undefined;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether a change waits to be told in this process. */
  get hasNews(): boolean {
    return this.listing.isDirty || this.#committing.size > 0;
  }

  /** Asks who is there: when messages arrive for the first time, and when some may have been lost. */
  hello(): void {
    if (this.#isClosed) return;
    this.state.hello(this.#ports.now());
    this.#afterwards();
  }

  /** The backplane is gone, or back. */
  setConnected(isConnected: boolean): void {
    if (isConnected === (this.#pausedSinceMs === undefined) || this.#isClosed) return;
    this.#pausedSinceMs = isConnected ? undefined : this.#ports.now();
    if (isConnected) this.hello();
  }

  put(topic: string, key: string, packed: PackedMeta, replaced: OwnEntry | undefined): OwnEntry {
    const own = this.state.put(topic, key, packed, replaced);
    this.#afterOwn();
    return own;
  }

  remove(own: OwnEntry): void {
    this.state.remove(own);
    this.#afterOwn();
  }

  receive(message: unknown): void {
    if (this.#isClosed) return;
    this.state.receive(message, this.#ports.now());
    this.#afterwards();
  }

  /** Tells everybody in this process what has changed in a topic, unless a change of it is still to be committed. */
  tell(topic: string): void {
    if (this.#committing.has(topic)) return;
    const change = this.listing.compute(topic, this.#ports.now());
    if (change === undefined) return;
    this.#committing.add(topic);
    this.#ports.changed(topic, change);
  }

  commit(
    topic: string,
    change: TopicChange,
    details?: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  ): Committed {
    this.#committing.delete(topic);
    const committed = this.listing.commit(topic, change, details);
    // What has changed while the details were loaded.
    if (this.listing.isDirty) this.#flushSoon();
    return committed;
  }

  /** Tells of all changes in this process, and sends our own, at once. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#flushMs = Infinity;
    this.#flushedMs = this.#ports.now();
    this.#ports.flushes(false);
    this.listing.endGraces(this.#flushedMs);
    this.state.flush();
    this.#transmit();
    for (const topic of this.listing.dirtyTopics) this.tell(topic);
    this.#armFlush(this.listing.nextGraceMs);
  }

  /** Says goodbye, so that nobody has to wait until we are missed. Nothing is sent or told afterwards. */
  close(): void {
    if (this.#isClosed) return;
    this.state.flush();
    this.state.goodbye();
    this.#transmit();
    this.#isClosed = true;
    this.#cancelTick?.();
    this.#cancelFlush?.();
  }

  #afterOwn(): void {
    if (this.state.own.unsentCount >= MAX_UNSENT) {
      this.state.flush();
      this.#transmit();
    }
    this.#flushSoon();
  }

  #afterwards(): void {
    this.#transmit();
    this.#armTick();
    if (this.listing.isDirty) this.#flushSoon();
  }

  #transmit(): void {
    for (const { to, text } of this.state.takeOutgoing()) this.#ports.send(to, text);
  }

  #flushSoon(): void {
    if (this.#isClosed) return;
    this.#ports.flushes(true);
    this.#armFlush(Math.max(this.#ports.now(), this.#flushedMs + FLUSH_MS));
  }

  #armFlush(dueMs: number): void {
    if (dueMs >= this.#flushMs || this.#isClosed) return;
    this.#cancelFlush?.();
    this.#flushMs = dueMs;
    this.#cancelFlush = this.#ports.after(this.#until(dueMs), () => this.flush());
  }

  #armTick(): void {
    const { dueMs } = this.state;
    if (dueMs === this.#tickMs || this.#isClosed) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#tickMs = dueMs;
    if (dueMs === Infinity) return;
    this.#cancelTick = this.#ports.after(this.#until(dueMs), () => this.#tick());
  }

  /** Rounded up: a timer that is early by a fraction of a millisecond would find nothing due. */
  #until(dueMs: number): number {
    return Math.max(0, Math.ceil(dueMs - this.#ports.now()));
  }

  #tick(): void {
    const nowMs = this.#ports.now();
    this.#excuseOthers(nowMs);
    this.#lastTickMs = nowMs;
    this.#tickMs = Infinity;
    this.#cancelTick = undefined;
    this.state.tick(nowMs);
    this.#afterwards();
  }

  /** Whom we could not hear is not gone: while our own process was busy or asleep, and, for a while, without backplane. */
  #excuseOthers(nowMs: number): void {
    const lateMs = nowMs - this.#tickMs;
    const isPaused = this.#pausedSinceMs !== undefined && nowMs - this.#pausedSinceMs <= MAX_PAUSE_MS;
    if (isPaused) this.state.excuse(nowMs - this.#lastTickMs, nowMs);
    else if (lateMs > LATE_MS) this.state.excuse(lateMs, nowMs);
  }
}
