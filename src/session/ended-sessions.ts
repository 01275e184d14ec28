/**
 * How long an end is remembered, in milliseconds. A page whose socket was closed comes back within milliseconds, perhaps
 * before its browser has got the response that takes the cookie away: until then the cookie must be good for nothing.
 */
export const REMEMBERED_MS = 5 * 60_000;
/** Beyond it the oldest end is forgotten. */
const MAX_REMEMBERED = 10_000;

interface End {
  /** In milliseconds. */
  readonly atMs: number;
  /** Of all ends, from 1. */
  readonly number: number;
}

/** The sessions that were ended lately, by id. */
export class EndedSessions {
  readonly #now: () => number;
  /** In their order. */
  readonly #ends = new Map<string, End>();
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#ends.size;
  }

  /** How many there have been so far. */
  get count(): number {
    return this.#count;
  }

  add(id: string): void {
    this.#forget();
    this.#ends.delete(id);
    this.#ends.set(id, { atMs: this.#now(), number: ++this.#count });
    if (this.#ends.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#ends.keys();
    if (oldest !== undefined) this.#ends.delete(oldest);
  }

  has(id: string): boolean {
    if (this.#ends.size === 0) return false;
    this.#forget();
    return this.#ends.has(id);
  }

  /** Whether it was ended after there had been so many ends. */
  hasSince(id: string, count: number): boolean {
    return (this.#ends.get(id)?.number ?? 0) > count;
  }

  /** All of them, in the order of their ends. */
  recent(): readonly string[] {
    this.#forget();
    return [...this.#ends.keys()];
  }

  #forget(): void {
    const untilMs = this.#now() - REMEMBERED_MS;
    for (const [id, { atMs }] of this.#ends) {
      if (atMs > untilMs) return;
      this.#ends.delete(id);
    }
  }
}
