import { Channel, type Line, type Member } from "../channel/channel.ts";
import { ChannelTable } from "../channel/channel-table.ts";
import { route } from "../channel/route.ts";
import { GOING_AWAY, MESSAGE_TOO_BIG, POLICY_VIOLATION, SERVICE_RESTART } from "../protocol/close-codes.ts";
import { decodeBinaryFrame, decodeTextFrame, encodePush, encodeReply, type Frame } from "../protocol/frames.ts";
import { CHUNK_EVENT, CLOSE_EVENT, PROGRESS_EVENT, UPLOAD_TOPIC_PREFIX } from "../protocol/keys.ts";
import { fitsInBytes } from "../protocol/utf8.ts";
import { Lag, type LagThresholds } from "./lag.ts";
import type { Peer } from "./peer.ts";
import type { PreparedFrame } from "./prepared-frame.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The limits of one connection. Bytes of text to send are counted as UTF-16 units, which is what costs memory here. */
export interface ConnectionLimits extends LagThresholds {
  /** Of what arrives, in UTF-8. */
  readonly maxMessageBytes: number;
  readonly eventsPerSecond: number;
  readonly eventsBurst: number;
  readonly joinsPerConnection: number;
  readonly joinsPerSecond: number;
  readonly maxUnsentBytes: number;
  readonly maxLagMs: number;
  readonly firstJoinMs: number;
  readonly idleMs: number;
}

/** How often a page may say how far its uploads are: of each file it says so at most a hundred times. */
const PROGRESS_PER_SECOND = 1_000;

/** Who decides about joins on a connection, and hears of its end. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  /** A clock in whole milliseconds that never goes back. (A fraction takes memory of its own wherever it is kept.) */
  now(): number;
  /**
   * What `now` said last, which was in this turn of the event loop at the latest when a view or a message got its turn: for
   * what happens for every frame, because on many machines asking for the time costs as much as deciding what to do with it.
   */
  recently(): number;
  /** A random number from 0 to 1. */
  random(): number;
  /** Accepts the join by setting `channel.member` and replying, now or later; or refuses it. Must not throw. */
  join(channel: Channel, payload: unknown, connection: Connection): void;
  /** Called once, after everything on the connection has ended. */
  closed(connection: Connection): void;
  /** A limit was passed, or something arrived that no well-behaved client sends. */
  misbehaved(connection: Connection, what: string): void;
}

/**
 * One client's WebSocket: decodes what arrives, keeps the limits, answers heartbeats, tells its channels when the client
 * lags. Knows nothing of views. `visitor` is whatever the owner found out about the client at the upgrade.
 */
export class Connection<Visitor = unknown> implements Line {
  readonly visitor: Visitor;
  readonly #peer: Peer;
  readonly #owner: ConnectionOwner;
  readonly #channels = new ChannelTable();
  readonly #lag: Lag;
  readonly #events: TokenBucket;
  readonly #openedMs: number;
  #joins: TokenBucket | undefined;
  #progress: TokenBucket | undefined;
  #held: Set<Channel> | undefined;
  #lastReceivedMs: number;
  #hasJoined = false;
  #isOpen = true;

  constructor(peer: Peer, owner: ConnectionOwner, visitor: Visitor) {
    this.visitor = visitor;
    this.#peer = peer;
    this.#owner = owner;
    const nowMs = owner.now();
    this.#openedMs = nowMs;
    this.#lastReceivedMs = nowMs;
    this.#lag = new Lag(owner.limits, owner.random());
    this.#events = new TokenBucket(owner.limits.eventsBurst, owner.limits.eventsPerSecond, nowMs);
  }

  get remoteAddress(): string | undefined {
    return this.#peer.remoteAddress;
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  /** What sits on a topic of this connection. For tests, which may send it infos of their own. */
  memberOn(topic: string): Member | undefined {
    return this.#channels.get(topic)?.member;
  }

  // ── from the peer ──

  /** A message has arrived. Never throws. */
  receive(data: string | Uint8Array): void {
    if (!this.#isOpen) return;
    if (!isWithin(data, this.#owner.limits.maxMessageBytes)) return this.tooLarge();
    const nowMs = this.#owner.now();
    this.#lastReceivedMs = nowMs;
    if (typeof data !== "string") return this.#receiveChunk(data, nowMs);
    const isWithinRate = this.#events.take(nowMs);
    const frame = decodeTextFrame(data);
    // Uploads say how far they are as fast as they go.
    const isProgress = frame.ok && frame.value.event === PROGRESS_EVENT && this.#mayTellProgress(nowMs);
    if (!isWithinRate && !isProgress) return this.#tooFast();
    if (isWithinRate && isProgress) this.#events.giveBack();
    if (!frame.ok) return this.#misbehave(frame.reason);
    this.#dispatch(frame.value, nowMs);
  }

  /**
   * The next piece of a file. It does not count as an event: its channel answers when the piece was written, and only then
   * may the next one come.
   */
  #receiveChunk(data: Uint8Array, nowMs: number): void {
    const frame = decodeBinaryFrame(data);
    if (!frame.ok) return this.#misbehave(frame.reason);
    const { topic, event, ref, joinRef } = frame.value;
    if (!topic.startsWith(UPLOAD_TOPIC_PREFIX) || event !== CHUNK_EVENT)
      return this.#misbehave("a binary message that belongs to no upload");
    const channel = this.#channels.get(topic);
    if (route(frame.value, channel?.joinRef) === "deliver") {
      this.#lag.heard(nowMs);
      return channel?.member?.receive(event, ref ?? "", frame.value.data);
    }
    // It was on its way when the upload was cancelled.
    if (!this.#events.take(nowMs)) return this.#tooFast();
    this.sendText(encodeReply(joinRef, ref, topic, "error", '{"reason":"unmatched topic"}'));
  }

  /** A message was longer than the limit. The peer's host may have closed by itself, as `ws` does. */
  tooLarge(): void {
    if (!this.#isOpen) return;
    const { maxMessageBytes } = this.#owner.limits;
    this.#owner.misbehaved(this, `a message of more than ${maxMessageBytes} bytes (limits.maxMessageBytes)`);
    this.close(MESSAGE_TOO_BIG, "message too big");
  }

  #tooFast(): void {
    this.#misbehave("more messages per second than limits.eventsPerSecond allows");
  }

  /** The bucket is made for the first upload. */
  #mayTellProgress(nowMs: number): boolean {
    this.#progress ??= new TokenBucket(PROGRESS_PER_SECOND, PROGRESS_PER_SECOND, nowMs);
    return this.#progress.take(nowMs);
  }

  /** The pong to the ping with this payload has arrived. */
  ponged(payload: string): void {
    if (!this.#isOpen) return;
    const nowMs = this.#owner.now();
    this.#lastReceivedMs = nowMs;
    const sequence = Number(payload);
    if (this.#lag.answered(sequence, nowMs)) this.#ping();
    this.#releaseHeld();
  }

  /** The runtime has written out what it had buffered. */
  flushed(): void {
    this.#releaseHeld();
  }

  /** The connection is gone. Ends everything that was on it. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#held = undefined;
    for (const channel of this.#channels.takeAll()) channel.closed();
    this.#owner.closed(this);
  }

  // ── for the owner ──

  /** Looks after what depends on time; to be called about once a second. */
  sweep(nowMs: number): void {
    const { firstJoinMs, idleMs, maxLagMs, maxUnsentBytes } = this.#owner.limits;
    if (!this.#hasJoined && nowMs - this.#openedMs > firstJoinMs) {
      return this.#misbehave(`no join within ${firstJoinMs} ms (limits.firstJoinMs)`);
    }
    if (nowMs - this.#lastReceivedMs > idleMs) return this.close(GOING_AWAY, "idle");
    const { bufferedAmount } = this.#peer;
    if (bufferedAmount > maxUnsentBytes)
      return this.#giveUp(`${bufferedAmount} bytes are unsent (limits.maxUnsentBytes)`);
    if (!this.#lag.isLagging(bufferedAmount, nowMs)) return this.#releaseHeld();
    const laggingMs = Math.round(nowMs - this.#lag.laggingSinceMs);
    if (laggingMs > maxLagMs) this.#giveUp(`it has lagged for ${laggingMs} ms (limits.maxLagMs)`);
  }

  /** Sends a message on a topic that no channel of the client listens to. */
  announce(topic: string, event: string, payloadJson: string): void {
    this.sendText(encodePush(null, topic, event, payloadJson));
  }

  /** Closes the connection, and ends what was on it at once. */
  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#peer.close(code, reason);
    this.closed();
  }

  // ── Line ──

  isLagging(): boolean {
    return this.#lag.isLagging(this.#peer.bufferedAmount, this.#owner.recently());
  }

  sendText(text: string): void {
    if (!this.#isOpen) return;
    this.#peer.sendText(text);
    this.#count(text.length);
  }

  sendPrepared(frame: PreparedFrame): void {
    if (!this.#isOpen) return;
    this.#peer.sendPrepared(frame);
    this.#count(frame.text.length);
  }

  hold(channel: Channel): void {
    (this.#held ??= new Set()).add(channel);
  }

  release(channel: Channel): void {
    this.#channels.delete(channel);
    this.#held?.delete(channel);
  }

  // ── inside ──

  #dispatch(frame: Frame, nowMs: number): void {
    const channel = this.#channels.get(frame.topic);
    const { topic, ref, joinRef } = frame;
    switch (route(frame, channel?.joinRef)) {
      case "heartbeat":
        return this.sendText(encodeReply(null, ref, topic, "ok", "{}"));
      case "join":
        // `route` says join only if the ref is there and equals the join_ref.
        return this.#join(frame, ref ?? "", nowMs);
      case "leave":
        this.sendText(encodeReply(joinRef, ref, topic, "ok", "{}"));
        this.sendText(encodePush(joinRef, topic, CLOSE_EVENT, "{}"));
        return this.#drop(channel);
      case "leave-nothing":
        return this.sendText(encodeReply(joinRef, ref, topic, "ok", "{}"));
      case "deliver":
        return channel?.member?.receive(frame.event, ref ?? "", frame.payload);
      case "unmatched":
        return this.sendText(encodeReply(joinRef, ref, topic, "error", '{"reason":"unmatched topic"}'));
      case "outdated":
        return;
    }
  }

  #join(frame: Frame, joinRef: string, nowMs: number): void {
    const { topic } = frame;
    const previous = this.#channels.get(topic);
    if (previous !== undefined) {
      this.sendText(encodePush(previous.joinRef, topic, CLOSE_EVENT, "{}"));
      this.#drop(previous);
      // Either may have ended the connection: the close by passing a limit, the end of the channel by what it runs.
      if (!this.#isOpen) return;
    }
    if (topic.startsWith(UPLOAD_TOPIC_PREFIX)) return this.#joinUpload(frame, joinRef, nowMs);
    const { joinsPerConnection } = this.#owner.limits;
    if (!this.#mayJoin(nowMs)) return this.#misbehave("more joins per second than limits.joinsPerSecond allows");
    const { size } = this.#channels;
    if (size >= joinsPerConnection && this.#channels.countBeside(UPLOAD_TOPIC_PREFIX) >= joinsPerConnection) {
      this.#owner.misbehaved(this, `more than ${joinsPerConnection} joined channels (limits.joinsPerConnection)`);
      return this.sendText(encodeReply(joinRef, joinRef, topic, "error", '{"reason":"too many channels joined"}'));
    }
    this.#hasJoined = true;
    const channel = new Channel(this, topic, joinRef);
    this.#channels.add(channel);
    this.#owner.join(channel, frame.payload, this);
  }

  /** Of files that may be uploaded many join at once, and how many these are the owner decides. Others are joins like any. */
  #joinUpload({ topic, payload }: Frame, joinRef: string, nowMs: number): void {
    const channel = new Channel(this, topic, joinRef);
    this.#channels.add(channel);
    this.#owner.join(channel, payload, this);
    if (channel.isOpen) this.#events.giveBack();
    else if (!this.#mayJoin(nowMs)) this.#misbehave("more joins per second than limits.joinsPerSecond allows");
  }

  /** The bucket is made for the second join: most connections have one. */
  #mayJoin(nowMs: number): boolean {
    if (!this.#hasJoined) return true;
    if (this.#joins === undefined) {
      const { joinsPerSecond, joinsPerConnection } = this.#owner.limits;
      // A client that has just reconnected joins all its views at once: the bucket holds that many.
      this.#joins = new TokenBucket(Math.max(joinsPerSecond, joinsPerConnection), joinsPerSecond, nowMs);
      this.#joins.take(nowMs);
    }
    return this.#joins.take(nowMs);
  }

  #drop(channel: Channel | undefined): void {
    if (channel === undefined) return;
    this.release(channel);
    channel.closed();
  }

  #count(bytes: number): void {
    if (this.#lag.sent(bytes, this.#owner.recently())) this.#ping();
    if (this.#peer.bufferedAmount > this.#owner.limits.maxUnsentBytes) {
      this.#giveUp(`${this.#peer.bufferedAmount} bytes are unsent (limits.maxUnsentBytes)`);
    }
  }

  #ping(): void {
    this.#peer.ping(String(this.#lag.sequence));
  }

  #releaseHeld(): void {
    if (this.#held === undefined || !this.#isOpen || this.isLagging()) return;
    const held = this.#held;
    this.#held = undefined;
    for (const channel of held) channel.member?.drained();
  }

  #misbehave(what: string): void {
    this.#owner.misbehaved(this, what);
    this.close(POLICY_VIOLATION, "policy violation");
  }

  /** The client does not read: what it has not got is lost to it, so it starts anew when it comes back. */
  #giveUp(why: string): void {
    this.#owner.misbehaved(this, `closed a client that does not read: ${why}`);
    this.closed();
    // A closing handshake would queue behind what the client does not read.
    this.#peer.close(SERVICE_RESTART, "lagging");
    this.#peer.terminate();
  }
}

function isWithin(data: string | Uint8Array, maxBytes: number): boolean {
  return typeof data === "string" ? fitsInBytes(data, maxBytes) : data.byteLength <= maxBytes;
}
