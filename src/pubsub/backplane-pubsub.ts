import { LiveError } from "../errors.ts";
import type { Backplane } from "./backplane.ts";
import { readBeat } from "./beat.ts";
import { Beats } from "./beats.ts";
import { ChannelSubscriptions } from "./channel-subscriptions.ts";
import { decodePayload, encodePayload, type Payload } from "./codec.ts";
import { messagePrefix, readEnvelope, writeMessage, type SequenceNumber } from "./envelope.ts";
import { FailedBroadcasts } from "./failed-broadcasts.ts";
import { readForeignMessage } from "./foreign-message.ts";
import type { PubSubEvents, PubSubStatus } from "./gap.ts";
import { GapReport } from "./gap-report.ts";
import { IncomingNumbers, type Found } from "./incoming-numbers.ts";
import { LocalBus } from "./local-bus.ts";
import { randomNodeId } from "./node-id.ts";
import { isForgedDiff, refuseDiff, refuseForgedDiff } from "./presence-diffs.ts";
import { systemClock, type PubSubClock } from "./pubsub-clock.ts";
import type { Listener, PubSub, Sender, Unsubscribe } from "./pubsub.ts";
import { Refusals } from "./refusals.ts";
import { checkTopic, type MessageOf } from "./topic.ts";

/** Told what nobody else is told: a failing listener, a frame that was not taken, a backplane in trouble. */
export type PubSubErrorHandler = (error: LiveError, details: { readonly topic?: string | undefined }) => void;

/** What all adapters with a backplane can be given. */
export interface BackplanePubSubOptions {
  /** Begins the name of every channel: a topic's channel is this and the topic. @default "" */
  readonly prefix?: string | undefined;
  /** @default console.error */
  readonly onError?: PubSubErrorHandler | undefined;
  /** What a message may take as text in UTF-8, sent or received. The same for all processes. @default 1 MiB */
  readonly maxMessageBytes?: number | undefined;
  /** For tests. @default the system's */
  readonly clock?: PubSubClock | undefined;
  /** Of this object, among all that share the backplane; letters, digits, `-` and `_`. @default 96 random bits */
  readonly node?: string | undefined;
}

/** What has happened so far, and what is alive. */
export interface BackplaneCounts {
  /** Topics that have a listener, and listeners. One that subscribed twice to a topic counts once. */
  readonly topics: number;
  readonly subscribers: number;
  /** Channels that the backplane is subscribed to for us, those included that are kept for a few seconds. */
  readonly channels: number;
  /** Messages of other processes of ours that came in. */
  readonly received: number;
  /** Messages of other programs that were delivered. */
  readonly foreign: number;
  /** Frames that were not taken: malformed, too large, against their topic's schema. */
  readonly refused: number;
  /** Frames of a newer release that this one does not know. */
  readonly unknown: number;
  /** Frames that came twice, or after later ones, and were dropped. */
  readonly duplicates: number;
  /** Our own frames, which the backplane brought back. */
  readonly echoes: number;
  /** Gaps that were reported. */
  readonly gaps: number;
}

const MAX_MESSAGE_BYTES = 1_048_576;
/** A frame's header takes less. */
const HEADER_CHARACTERS = 128;
const TICK_MS = 1_000;
const CONTROL = "~nodes";
const done = Promise.resolve();

/**
 * Pub/Sub over a backplane: what the adapters for Redis, BroadcastChannel and `node:cluster` share. They differ in the
 * `Backplane` that they give it.
 *
 * Subscribers of this process are served at once and always, whatever the backplane does. Messages of other processes
 * come at most once, those of one sender on one topic in order; ones that may have been lost are reported (`on("gap")`).
 */
export class BackplanePubSub implements PubSub {
  readonly #backplane: Backplane;
  readonly #prefix: string;
  readonly #node: string;
  /** How our own messages begin. */
  readonly #mine: string;
  readonly #maxBytes: number;
  readonly #onError: PubSubErrorHandler;
  readonly #clock: PubSubClock;
  readonly #bus: LocalBus;
  readonly #beats: Beats;
  readonly #incoming = new IncomingNumbers();
  readonly #channels: ChannelSubscriptions;
  readonly #gaps: GapReport;
  readonly #refusals: Refusals;
  readonly #failed: FailedBroadcasts;
  readonly #listeners: {
    readonly [Name in keyof PubSubEvents]: Set<(value: PubSubEvents[Name]) => void>;
  } = { gap: new Set(), status: new Set() };
  readonly #subscriptions = new Set<() => void>();
  readonly #stopTicking: () => void;
  #status: PubSubStatus = "down";
  #wasConnected = false;
  #isControlAsked = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #received = 0;
  #foreign = 0;
  #unknown = 0;
  #duplicates = 0;
  #echoes = 0;
  #gapCount = 0;

  constructor(backplane: Backplane, options: BackplanePubSubOptions = {}) {
    this.#backplane = backplane;
    this.#node = options.node ?? randomNodeId();
    this.#prefix = options.prefix ?? "";
    this.#mine = messagePrefix(this.#node);
    this.#maxBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
    this.#onError = options.onError ?? ((error) => console.error(error));
    this.#clock = options.clock ?? systemClock;
    this.#bus = new LocalBus({ onError: this.#onError });
    const control = this.#prefix + CONTROL;
    this.#beats = new Beats(
      this.#node,
      (frame) => backplane.publish(control, frame),
      () => this.#clock.now(),
    );
    this.#gaps = new GapReport(this.#clock, (gap) => {
      this.#gapCount += 1;
      this.#tell("gap", gap);
    });
    this.#refusals = new Refusals(this.#clock, (error, topic) => this.#report(error, topic));
    this.#failed = new FailedBroadcasts(
      (error, topic) => this.#report(error, topic),
      () => this.#clock.now(),
    );
    this.#channels = new ChannelSubscriptions(
      backplane,
      (topic) => this.#channelOf(topic),
      {
        subscribing: (topic) => this.#incoming.listen(topic),
        live: (topic) => this.#incoming.isLive(topic, this.#clock.now()),
        gone: (topic) => this.#incoming.gone(topic),
        late: (topic, since) => this.#gaps.add({ cause: "reconnect", topic, since, missed: undefined }),
        failed: (topic, error) => this.#report(error, topic),
      },
      this.#clock,
    );
    this.#stopTicking = this.#clock.every(TICK_MS, () => this.#tick());
    backplane.start({
      frame: (channel, frame) => this.#receive(channel, frame),
      status: (status) => this.#changeStatus(status),
      gap: (cause, sinceMs) => {
        this.#incoming.reset(this.#clock.now());
        this.#gaps.everything(cause, sinceMs);
      },
      error: (error) => this.#report(asLiveError(error), undefined),
    });
  }

  /** How the backplane is now; changes are told by `on("status")`. */
  get status(): PubSubStatus {
    return this.#status;
  }

  get counts(): BackplaneCounts {
    return {
      topics: this.#bus.topicCount,
      subscribers: this.#bus.subscriberCount(),
      channels: this.#channels.channelCount,
      received: this.#received,
      foreign: this.#foreign,
      refused: this.#refusals.count,
      unknown: this.#unknown,
      duplicates: this.#duplicates,
      echoes: this.#echoes,
      gaps: this.#gapCount,
    };
  }

  /**
   * As every `PubSub` does. While the backplane is away, it waits for two seconds at most: from then on messages of this
   * process arrive, and when those of others do, a gap tells what may have been missed.
   *
   * @throws {LiveError} `pubsub.subscribe-refused` if the backplane does not allow this topic.
   */
  async subscribe<T extends string>(topic: T, listener: Listener<MessageOf<T>>, as?: Sender): Promise<Unsubscribe> {
    this.#refuseIfClosed();
    const leaveBus = this.#bus.subscribe(topic, listener, as?.id);
    this.#listenToBeats();
    const { live, release } = this.#channels.use(topic);
    const end = () => {
      // A second call does nothing, because the first took it out.
      if (!this.#subscriptions.delete(end)) return;
      leaveBus();
      release();
    };
    this.#subscriptions.add(end);
    if (live !== undefined) {
      try {
        await live;
      } catch (error) {
        end();
        this.#refuseIfClosed();
        throw error;
      }
      this.#refuseIfClosed();
    }
    return () => {
      end();
      return done;
    };
  }

  /**
   * Has called every listener of this process when it returns, unless it was called from within one. Resolves when the
   * backplane has the message.
   *
   * @throws {LiveError} `pubsub.unreachable` if the backplane is not known to have taken it: listeners of this process
   * have got it, others may not have, and are told that they may have missed something (`gap`) when it is back.
   * @throws {LiveError} `pubsub.message-not-sendable`, `pubsub.message-too-large`: nobody got it.
   */
  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.#send(topic, message, undefined);
  }

  publish<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    return this.#send(topic, message, undefined);
  }

  broadcastFrom<T extends string>(from: Sender, topic: T, message: MessageOf<T>): Promise<void> {
    return this.#send(topic, message, from.id);
  }

  localBroadcast<T extends string>(topic: T, message: MessageOf<T>): void {
    this.#refuseIfClosed();
    checkTopic(topic);
    refuseForgedDiff(topic, message);
    this.#bus.publish(topic, message);
  }

  on<Name extends keyof PubSubEvents>(event: Name, listener: (value: PubSubEvents[Name]) => void): () => void {
    this.#refuseIfClosed();
    // One set entry for each call: the same function given twice is called twice, until each has ended.
    const entry = (value: PubSubEvents[Name]) => listener(value);
    this.#listeners[event].add(entry);
    return () => void this.#listeners[event].delete(entry);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // What was found missing is told while somebody listens.
    this.#gaps.flush();
    this.#isClosed = true;
    this.#stopTicking();
    for (const end of this.#subscriptions) end();
    this.#channels.close();
    // The last messages are told of, so that the others miss them if they were lost.
    if (this.#status !== "down") await this.#beats.beat();
    await this.#backplane.close();
    this.#listeners.gap.clear();
    this.#listeners.status.clear();
  }

  /** Not `async`, which would make a promise per message. */
  #send(topic: string, message: unknown, from: string | undefined): Promise<void> {
    try {
      this.#refuseIfClosed();
      checkTopic(topic);
      refuseDiff(topic, message);
      const payload = encodePayload(message, topic, this.#maxBytes);
      const at = this.#beats.next(topic);
      const { epoch } = at;
      // Before the listeners here get it: what they broadcast in answer must follow it everywhere.
      const taken = this.#backplane.publish(this.#channelOf(topic), writeMessage(this.#mine, at, payload));
      this.#bus.publish(topic, message, from);
      if (taken === undefined) return done;
      const sent: Promise<void> = taken.catch((cause: unknown) => {
        const error = this.#wasNotTaken(topic, epoch, cause);
        this.#failed.handle(sent, error, topic);
        throw error;
      });
      return sent;
    } catch (error) {
      const rejected = Promise.reject(error);
      this.#failed.handle(rejected, asLiveError(error), topic);
      return rejected;
    }
  }

  #wasNotTaken(topic: string, epoch: number, cause: unknown): LiveError {
    this.#beats.failed(topic, epoch);
    // Those who are cut off when that is told will ask for it.
    if (!this.#isClosed) this.#listenToBeats();
    return new LiveError(
      "pubsub.unreachable",
      `A message on the topic "${topic}" did not reach the backplane${cause instanceof Error ? `: ${cause.message.replace(/\.$/, "")}` : ""}. ` +
        "The subscribers of this process got it; those of others may not have, and are told of a gap. " +
        "What must not be lost belongs into a store that they read again then.",
      { cause },
    );
  }

  #receive(channel: string, frame: string): void {
    if (this.#isClosed) return;
    if (frame.startsWith(this.#mine)) {
      this.#echoes += 1;
      return;
    }
    const topic = this.#topicOf(channel);
    if (frame.length > this.#maxBytes + HEADER_CHARACTERS) {
      this.#refusals.add(channel, topic, `it has ${frame.length} characters`);
      return;
    }
    const envelope = readEnvelope(frame);
    switch (envelope.kind) {
      case "message":
        if (topic !== undefined) this.#receiveMessage(channel, topic, envelope.node, envelope.at, envelope.payload);
        return;
      case "beat":
        if (topic === undefined) this.#receiveBeat(channel, envelope.node, envelope.text);
        return;
      case "foreign":
        if (topic !== undefined) this.#receiveForeign(channel, topic, frame);
        return;
      case "unknown":
        this.#unknown += 1;
        return;
      case "malformed":
        this.#refusals.add(channel, topic, "its header is damaged");
        return;
    }
  }

  #receiveMessage(channel: string, topic: string, node: string, at: SequenceNumber, payload: Payload): void {
    this.#received += 1;
    // Nobody listens, but somebody may again within seconds: then the numbers must fit.
    const isHeard = this.#bus.subscriberCount(topic) > 0;
    const decoded = isHeard ? decodePayload(payload) : undefined;
    if (decoded?.ok === false) {
      // Its number does not count as received, so the loss will be found.
      this.#refusals.add(channel, topic, decoded.reason);
      return;
    }
    const arrival = this.#incoming.message(node, topic, at, this.#clock.now());
    if (arrival === "duplicate") {
      this.#duplicates += 1;
      return;
    }
    if (arrival !== "next") this.#gaps.add(arrival);
    if (decoded !== undefined && !this.#isForged(channel, topic, decoded.value))
      this.#bus.publish(topic, decoded.value);
  }

  #receiveForeign(channel: string, topic: string, text: string): void {
    if (this.#bus.subscriberCount(topic) === 0) return;
    const read = readForeignMessage(topic, text);
    if (!read.ok) {
      this.#refusals.add(channel, topic, read.reason);
      return;
    }
    if (this.#isForged(channel, topic, read.value)) return;
    this.#foreign += 1;
    this.#bus.publish(topic, read.value);
  }

  #isForged(channel: string, topic: string, message: unknown): boolean {
    const isForged = isForgedDiff(message);
    if (isForged) this.#refusals.add(channel, topic, "it says that it is a presence_diff, which never travel");
    return isForged;
  }

  #receiveBeat(channel: string, node: string, text: string): void {
    if (node === this.#node) {
      this.#echoes += 1;
      return;
    }
    const beat = readBeat(text);
    if (!beat.ok) {
      this.#refusals.add(channel, undefined, `it is a beat, and ${beat.reason}`);
      return;
    }
    if (beat.value.asksForFailures) this.#beats.askedForFailures();
    this.#found(this.#incoming.beat(node, beat.value, this.#clock.now()));
  }

  #found(found: readonly Found[]): void {
    for (const one of found) this.#gaps.add(one);
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#found(this.#incoming.due(now));
    this.#incoming.expire(now);
    this.#channels.sweep();
    if (this.#status !== "down") void this.#beats.beat();
  }

  #changeStatus(status: PubSubStatus): void {
    if (this.#isClosed || status === this.#status) return;
    this.#status = status;
    if (status === "connected") this.#channels.back();
    else this.#channels.away();
    this.#tell("status", status);
    if (status === "connected" && this.#wasConnected) this.#beats.reconnected();
    this.#wasConnected ||= status === "connected";
  }

  /** Once somebody subscribes, or a message failed: who only publishes has no use for what others have sent. */
  #listenToBeats(): void {
    if (this.#isControlAsked) return;
    this.#isControlAsked = true;
    this.#backplane.subscribe(this.#prefix + CONTROL).then(
      () => this.#incoming.beatsAreLive(this.#clock.now()),
      (cause: unknown) => {
        if (this.#isClosed) return;
        // The next subscriber tries again.
        this.#isControlAsked = false;
        const message =
          `The backplane did not subscribe to the channel "${this.#prefix}${CONTROL}", on which the processes tell each ` +
          "other what they have sent. A last message that is lost goes unnoticed. Allow it beside those of your topics.";
        this.#report(new LiveError("pubsub.subscribe-refused", message, { cause }), undefined);
      },
    );
  }

  #tell<Name extends keyof PubSubEvents>(event: Name, value: PubSubEvents[Name]): void {
    for (const listener of this.#listeners[event]) {
      try {
        listener(value);
      } catch (cause) {
        const message = `A listener of the Pub/Sub's "${event}" failed${cause instanceof Error ? `: ${cause.message}` : ""}.`;
        this.#report(new LiveError("pubsub.listener-failed", message, { cause }), undefined);
      }
    }
  }

  #report(error: LiveError, topic: string | undefined): void {
    try {
      this.#onError(error, { topic });
    } catch (failure) {
      console.error(error);
      console.error("The onError that was to report the error above failed itself:", failure);
    }
  }

  /** What begins with a "~" after the prefix is ours: a topic that does gets another one. */
  #channelOf(topic: string): string {
    return topic.startsWith("~") ? `${this.#prefix}~${topic}` : this.#prefix + topic;
  }

  /** `undefined` for what is no topic's channel. */
  #topicOf(channel: string): string | undefined {
    const name = channel.slice(this.#prefix.length);
    if (!name.startsWith("~")) return name;
    return name.startsWith("~~") ? name.slice(1) : undefined;
  }

  #refuseIfClosed(): void {
    if (!this.#isClosed) return;
    throw new LiveError(
      "pubsub.closed",
      "This Pub/Sub was closed, so it neither sends nor subscribes. Close it last, when the views have ended, or make another.",
    );
  }
}

function asLiveError(error: unknown): LiveError {
  if (error instanceof LiveError) return error;
  const message = error instanceof Error ? error.message : "something that is no error";
  return new LiveError("pubsub.backplane-failed", `The backplane reports: ${message}`, { cause: error });
}
