/**
 * How long an end is remembered, in milliseconds. A page whose socket was closed comes back within milliseconds, perhaps
 * before its browser has got the response that takes the cookie away: until then the cookie must be good for nothing.
 */
export const REMEMBERED_MS = 5 * 60_000;
/** Beyond it the oldest end is forgotten. */
const MAX_REMEMBERED = 10_000;

/** The sessions that were ended lately, by id. */
export class EndedSessions {
  readonly #now: () => number;
  /** When, in milliseconds; in that order. */
  readonly #endedMs = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#endedMs.size;
  }

  add(id: string): void {
    this.#forget();
    this.#endedMs.delete(id);
    this.#endedMs.set(id, this.#now());
    if (this.#endedMs.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#endedMs.keys();
    if (oldest !== undefined) this.#endedMs.delete(oldest);
  }

  has(id: string): boolean {
    if (this.#endedMs.size === 0) return false;
    this.#forget();
    return this.#endedMs.has(id);
  }

  /** All of them, in the order of their ends. */
  recent(): readonly string[] {
    this.#forget();
    return [...this.#endedMs.keys()];
  }

  #forget(): void {
    const untilMs = this.#now() - REMEMBERED_MS;
    for (const [id, endedMs] of this.#endedMs) {
      if (endedMs > untilMs) return;
      this.#endedMs.delete(id);
    }
  }
}
