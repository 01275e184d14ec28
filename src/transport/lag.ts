/** When a connection is pinged, and when it counts as lagging. One object serves all connections. */
export interface LagThresholds {
  /** Bytes that our side may hold unsent, and bytes of frames that may be on their way without a word from the client. */
  readonly lagSoftBytes: number;
  /** How long the answer to a ping may take, in milliseconds, while frames flow. */
  readonly lagMs: number;
  /** Bytes of frames after which we ping. */
  readonly lagPingBytes: number;
  /** Milliseconds after which we ping while frames flow. Each connection has its own, within ± a quarter. */
  readonly lagPingMs: number;
}

/**
 * Tells whether a client keeps up. The amount that our side holds unsent does not say it: the kernels between us take
 * some megabytes first, which can be minutes of small frames. A WebSocket ping is answered only after everything that
 * was sent before it has been read, so its answer says what has arrived.
 *
 * At most one ping is on its way. With the defaults a client at a distance of t ms may so be sent 32 KB per t ms, the same
 * as with any number of them. Once an answer was late, it must answer for all that was sent before frames go on.
 *
 * No timers, no clock: times are milliseconds of one clock, passed in. `sent` is called for every frame to every client,
 * so it compares a few numbers and allocates nothing.
 */
export class Lag {
  /** The number of the latest ping: the payload to send with it, and to be given to `answered`. */
  sequence = 0;
  /** Since when `isLagging` has found this client lagging, or -1 if it does not lag. */
  laggingSinceMs = -1;

  readonly #thresholds: LagThresholds;
  readonly #pingAfterMs: number;
  /** The answer to the latest ping has not come yet. */
  #isAwaiting = false;
  /** When the ping that is awaited was sent; if the answer before it came late, when the first frame after that one was. */
  #awaitingSinceMs = 0;
  /** Bytes of frames that no answered ping has followed. Those of `#afterPingBytes` are among them. */
  #unansweredBytes = 0;
  /** Bytes of frames that no ping has followed yet, and when the first of them was sent. */
  #afterPingBytes = 0;
  #afterPingSinceMs = 0;

  /**
   * `spread`, from 0 to 1, is where within ± a quarter this connection's pings come. Give each connection another one, or
   * one broadcast to all of them brings a ping to all of them.
   */
  constructor(thresholds: LagThresholds, spread: number) {
    this.#thresholds = thresholds;
    this.#pingAfterMs = Math.round(thresholds.lagPingMs * (0.75 + spread / 2));
  }

  /** Notes a frame that was just given to the socket. `true`: send a ping with `sequence` right behind it. */
  sent(bytes: number, nowMs: number): boolean {
    if (this.#afterPingBytes === 0) this.#afterPingSinceMs = nowMs;
    this.#afterPingBytes += bytes;
    this.#unansweredBytes += bytes;
    if (this.#isAwaiting || !this.#isPingDue(nowMs)) return false;
    this.#ping(nowMs);
    return true;
  }

  /**
   * Notes the answer to a ping; one to an earlier or an invented ping changes nothing. `true`: send the next ping, with
   * the new `sequence`, at once. Whoever holds something back asks `isLagging` again after that.
   */
  answered(sequence: number, nowMs: number): boolean {
    if (!this.#isAwaiting || sequence !== this.sequence) return false;
    const isLate = nowMs - this.#awaitingSinceMs > this.#thresholds.lagMs;
    this.#isAwaiting = false;
    this.#unansweredBytes = this.#afterPingBytes;
    if (this.#afterPingBytes === 0) return false;
    // Of a client that is behind we have been waiting for these frames since they were sent, not only since now.
    if (isLate) this.#ping(this.#afterPingSinceMs);
    else if (this.#isPingDue(nowMs)) this.#ping(nowMs);
    return this.#isAwaiting;
  }

  /**
   * The client has sent what it sends only after it has read what we sent: it reads, however late its answers to pings are.
   * They wait behind what it sends, which on a slow line may take long.
   */
  heard(nowMs: number): void {
    if (this.#isAwaiting) this.#awaitingSinceMs = nowMs;
    if (this.laggingSinceMs !== -1) this.laggingSinceMs = nowMs;
  }

  /** Whether to hold back what can wait. `bufferedAmount` is what the socket says it holds unsent, in bytes. */
  isLagging(bufferedAmount: number, nowMs: number): boolean {
    const { lagSoftBytes, lagMs } = this.#thresholds;
    const isLagging =
      bufferedAmount > lagSoftBytes ||
      this.#unansweredBytes > lagSoftBytes ||
      (this.#isAwaiting && nowMs - this.#awaitingSinceMs > lagMs);
    if (!isLagging) this.laggingSinceMs = -1;
    else if (this.laggingSinceMs === -1) this.laggingSinceMs = nowMs;
    return isLagging;
  }

  /** A ping is due before the frames could count as too many, or nothing would ever end that. */
  #isPingDue(nowMs: number): boolean {
    const { lagPingBytes, lagSoftBytes } = this.#thresholds;
    if (this.#afterPingBytes >= Math.min(lagPingBytes, lagSoftBytes)) return true;
    return nowMs - this.#afterPingSinceMs >= this.#pingAfterMs;
  }

  #ping(awaitingSinceMs: number): void {
    this.sequence++;
    this.#isAwaiting = true;
    this.#awaitingSinceMs = awaitingSinceMs;
    this.#afterPingBytes = 0;
  }
}
