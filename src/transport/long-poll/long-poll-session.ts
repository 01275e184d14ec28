import { createHash } from "node:crypto";
import type { Connected } from "../admission.ts";
import type { Peer } from "../peer.ts";
import type { PreparedFrame } from "../prepared-frame.ts";

/** What a poll comes to. */
export type PollOutcome =
  /** Frames, each as a JSON string, with commas between them. The next poll must name `sequence`. */
  | { readonly type: "messages"; readonly sequence: number; readonly messages: string }
  /** There was nothing within the window, or a later poll took this one's place. */
  | { readonly type: "nothing"; readonly sequence: number }
  /** The session has ended: the client must begin another. */
  | { readonly type: "gone" }
  /** It is not the number of the latest answer, nor of the one before it: no client that gets our answers says that. */
  | { readonly type: "outdated" };

export interface LongPollSessionOptions {
  /** Who began it, as the endpoint tells visitors apart. */
  readonly visitor: string;
  readonly remoteAddress: string | undefined;
  /**
   * How long a poll waits for something to say, in milliseconds. The session ends 1.5 times that after the last one, or sooner
   * if the client gave that one up.
   */
  readonly windowMs: number;
  /** The session has ended, in whichever way. Called once. */
  readonly onEnd: () => void;
}

/** A poll that waits. */
interface Waiting {
  readonly settle: (outcome: PollOutcome) => void;
}

/**
 * How long after its poll was cut off a client may come back, in milliseconds. The npm client does not: it begins another session.
 * But a browser whose connection was closed under a request may send that again, at once and unasked.
 */
const ABANDONED_MS = 3_000;
/** How many frames back a frame that comes twice is known: more than a client puts into one request, twice over. */
const REMEMBERED_FRAMES = 256;

/**
 * One client's connection by long-polling, as a peer: what is sent waits here for the client's next request.
 *
 * Each answer with frames has a number, and the next poll names it: that is how we know that the answer arrived, which for a
 * WebSocket its pong tells. Until then the answer is kept, so that a poll that something on the way has sent twice gets the
 * same frames again. A frame of the client that comes twice is dropped.
 */
export class LongPollSession implements Peer {
  readonly visitor: string;
  readonly remoteAddress: string | undefined;
  readonly #windowMs: number;
  readonly #onEnd: () => void;
  #connected: Connected | undefined;
  /** Frames as JSON strings. */
  #queue: string[] = [];
  #queuedBytes = 0;
  /** The frames of the answer `#sequence`, until it is known that it arrived. */
  #sent: string | undefined;
  #sequence = 0;
  // How many frames there have been so far, to tell when one has arrived.
  #queuedCount = 0;
  #takenCount = 0;
  #arrivedCount = 0;
  /** The ping that has not been answered, and how many frames were before it. */
  #ping: string | undefined;
  #pingAfterCount = 0;
  /** Digests of the client's latest frames, oldest first. */
  readonly #received = new Set<string>();
  #waiting: Waiting | undefined;
  #isFlushing = false;
  /** While a poll waits: the end of its window. Else: the end of the session. */
  #timer: NodeJS.Timeout | undefined;
  #isOpen = true;
  #hasEnded = false;

  constructor({ visitor, remoteAddress, windowMs, onEnd }: LongPollSessionOptions) {
    this.visitor = visitor;
    this.remoteAddress = remoteAddress;
    this.#windowMs = windowMs;
    this.#onEnd = onEnd;
    this.#expectPoll();
  }

  /** To be called once, before anything arrives. */
  connect(connected: Connected): void {
    this.#connected = connected;
  }

  // ── Peer ──

  /**
   * What nobody has asked for yet. While a poll waits that is nothing, however large what it is about to get; and an answer
   * that is on its way counts only when more has gathered behind it.
   */
  get bufferedAmount(): number {
    if (this.#waiting !== undefined || this.#queuedBytes === 0) return 0;
    return this.#queuedBytes + (this.#sent?.length ?? 0);
  }

  sendText(text: string): void {
    this.#enqueue(JSON.stringify(text));
  }

  sendPrepared(frame: PreparedFrame): void {
    this.#enqueue((frame.quoted ??= JSON.stringify(frame.text)));
  }

  ping(payload: string): void {
    this.#ping = payload;
    this.#pingAfterCount = this.#queuedCount;
  }

  /** What was sent before is still given to the client; then it is told to begin another session. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#waiting === undefined) return;
    if (this.#queue.length === 0) this.terminate();
    else this.#settle(this.#take());
  }

  terminate(): void {
    if (this.#hasEnded) return;
    this.#isOpen = false;
    this.#hasEnded = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#sent = undefined;
    this.#received.clear();
    this.#settle({ type: "gone" });
    clearTimeout(this.#timer);
    this.#onEnd();
  }

  // ── from the client ──

  /**
   * The client asks for what there is, or for what comes.
   *
   * @param sequence the number of the latest answer that it has got; 0 at first
   * @param signal aborted when the client has given this request up: what comes then waits for another one, for 3 s
   * @returns at once if there is something to say, else a promise
   */
  poll(sequence: number, signal?: AbortSignal): PollOutcome | Promise<PollOutcome> {
    if (this.#hasEnded) return { type: "gone" };
    if (sequence === this.#sequence - 1 && this.#sent !== undefined) {
      this.#expectPoll();
      return { type: "messages", sequence: this.#sequence, messages: this.#sent };
    }
    if (sequence !== this.#sequence) return { type: "outdated" };
    this.#settle({ type: "nothing", sequence });
    this.#expectPoll();
    this.#noteArrival();
    if (this.#queue.length > 0) return this.#take();
    if (!this.#isOpen) {
      this.terminate();
      return { type: "gone" };
    }
    return this.#wait(signal);
  }

  /** Frames of the client, as lines of a request. `false`: the session has ended before them. Never throws. */
  receive(lines: readonly string[]): boolean {
    for (const line of lines) {
      if (!this.#isOpen) return false;
      if (this.#isNew(line)) this.#connected?.receive(line.startsWith("[") ? line : Buffer.from(line, "base64"));
    }
    return true;
  }

  /** Ends the session and what is on it, because the client does what no well-behaved one does, or does not come back. */
  drop(): void {
    const connected = this.#connected;
    this.terminate();
    connected?.closed();
  }

  // ── inside ──

  #enqueue(quoted: string): void {
    if (!this.#isOpen) return;
    this.#queue.push(quoted);
    this.#queuedBytes += quoted.length;
    this.#queuedCount++;
    if (this.#waiting === undefined || this.#isFlushing) return;
    this.#isFlushing = true;
    // Not at once: what one turn of the event loop has to say goes into one answer.
    setImmediate(() => {
      this.#isFlushing = false;
      if (this.#waiting !== undefined && this.#queue.length > 0) this.#settle(this.#take());
    });
  }

  #take(): PollOutcome {
    const messages = this.#queue.join(",");
    this.#sent = messages;
    this.#takenCount = this.#queuedCount;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#sequence++;
    return { type: "messages", sequence: this.#sequence, messages };
  }

  #noteArrival(): void {
    this.#sent = undefined;
    this.#arrivedCount = this.#takenCount;
    const isAnswered = this.#ping !== undefined && this.#pingAfterCount <= this.#arrivedCount;
    const payload = isAnswered ? this.#ping : undefined;
    if (isAnswered) this.#ping = undefined;
    // Without a ping it says that the client is there, as an unsolicited pong does (RFC 6455, section 5.5.3).
    this.#connected?.ponged(payload ?? "");
  }

  #wait(signal: AbortSignal | undefined): Promise<PollOutcome> {
    return new Promise((resolve) => {
      const waiting: Waiting = { settle: resolve };
      this.#waiting = waiting;
      const end = (): void => {
        if (this.#waiting === waiting) this.#settle({ type: "nothing", sequence: this.#sequence });
      };
      this.#restartTimer(end, this.#windowMs);
      const abandon = (): void => {
        if (this.#waiting !== waiting) return;
        end();
        this.#restartTimer(() => this.drop(), Math.min(ABANDONED_MS, this.#windowMs));
      };
      if (signal?.aborted) abandon();
      else signal?.addEventListener("abort", abandon, { once: true });
    });
  }

  /** Answers the poll that waits, if one does. */
  #settle(outcome: PollOutcome): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#expectPoll();
    waiting.settle(outcome);
  }

  #expectPoll(): void {
    this.#restartTimer(() => this.drop(), this.#windowMs * 1.5);
  }

  #restartTimer(run: () => void, afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, afterMs);
    this.#timer.unref();
  }

  /** Refs make every frame of a client different from all others, so that one that is the same has been sent on twice. */
  #isNew(line: string): boolean {
    const digest = createHash("sha256").update(line).digest("base64url").slice(0, 22);
    if (this.#received.has(digest)) return false;
    this.#received.add(digest);
    if (this.#received.size > REMEMBERED_FRAMES) {
      const [oldest] = this.#received;
      if (oldest !== undefined) this.#received.delete(oldest);
    }
    return true;
  }
}
