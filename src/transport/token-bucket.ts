/**
 * Allows `perSecond` on the long run and `capacity` at once. The clock is passed in, as milliseconds of any start; one
 * that goes back gives nothing and takes nothing.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  #filledMs: number;

  /** Starts full. */
  constructor(capacity: number, perSecond: number, nowMs: number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#tokens = capacity;
    this.#filledMs = nowMs;
  }

  /** Takes `cost` if it is there. A refused one takes nothing, so waiting always helps. */
  take(nowMs: number, cost = 1): boolean {
    if (nowMs > this.#filledMs) {
      this.#tokens = Math.min(this.#capacity, this.#tokens + ((nowMs - this.#filledMs) * this.#perSecond) / 1000);
      this.#filledMs = nowMs;
    }
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** What was taken last was taken in error. */
  giveBack(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + 1);
  }
}
