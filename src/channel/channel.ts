import { encodePush, encodeReply } from "../protocol/frames.ts";
import { CLOSE_EVENT, ERROR_EVENT } from "../protocol/keys.ts";
import type { PreparedFrame } from "../transport/prepared-frame.ts";

/** What sits on a channel, such as a view. None of these methods throws. */
export interface Member {
  /** A push of the client that awaits exactly one reply to `ref`. */
  receive(event: string, ref: string, payload: unknown): void;
  /** The channel is over, for whatever reason: nothing that is sent arrives any more. Called once, unless the member ended it. */
  closed(): void;
  /** The client has caught up, after `Channel.hold`. */
  drained(): void;
}

/** What a channel needs of the connection that carries it. */
export interface Line {
  /** Whether what is pushed now would pile up rather than arrive; see `Lag`. */
  isLagging(): boolean;
  sendText(text: string): void;
  sendPrepared(frame: PreparedFrame): void;
  /** Calls `channel.member.drained` once the line has stopped lagging. */
  hold(channel: Channel): void;
  /** The channel has ended itself. */
  release(channel: Channel): void;
}

/** One client's joined conversation on one topic, from the join to the leave. Once it is over, nothing is sent. */
export class Channel {
  readonly topic: string;
  readonly joinRef: string;
  readonly #line: Line;
  #isOpen = true;
  /** Set by whoever accepts the join. */
  member: Member | undefined = undefined;

  constructor(line: Line, topic: string, joinRef: string) {
    this.#line = line;
    this.topic = topic;
    this.joinRef = joinRef;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  isLagging(): boolean {
    return this.#line.isLagging();
  }

  /** Answers the push `ref`. On `error` the client leaves the element that caused the push locked: use it for joins only. */
  reply(ref: string, status: "ok" | "error", responseJson: string): void {
    if (this.#isOpen) this.#line.sendText(encodeReply(this.joinRef, ref, this.topic, status, responseJson));
  }

  push(event: string, payloadJson: string): void {
    if (this.#isOpen) this.#line.sendText(encodePush(this.joinRef, this.topic, event, payloadJson));
  }

  /** Sends a message outside this channel, on a topic that no channel of the client listens to. */
  announce(topic: string, event: string, payloadJson: string): void {
    if (this.#isOpen) this.#line.sendText(encodePush(null, topic, event, payloadJson));
  }

  /** Sends a frame that many channels share. Its join_ref must be `null`, which the client accepts for any join. */
  pushPrepared(frame: PreparedFrame): void {
    if (this.#isOpen) this.#line.sendPrepared(frame);
  }

  /** Asks for `member.drained()` once the client has caught up. */
  hold(): void {
    if (this.#isOpen) this.#line.hold(this);
  }

  /** A refused join: the client decides what to do by `reason`, and there is no channel. */
  refuse(responseJson: string): void {
    this.reply(this.joinRef, "error", responseJson);
    this.#end();
  }

  /** Ends the channel for good: the client does not come back by itself. For the time after a redirect. */
  close(): void {
    this.push(CLOSE_EVENT, "{}");
    this.#end();
  }

  /** Ends the channel so that the client joins again, after its backoff. */
  crash(): void {
    this.push(ERROR_EVENT, '{"reason":"channel_crash"}');
    this.#end();
  }

  /** The client left, or joined the topic anew, or the connection is gone. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.member?.closed();
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#line.release(this);
  }
}
