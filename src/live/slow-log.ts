/** What is slow again and again is logged once in this time, in milliseconds. */
const SAY_AGAIN_MS = 10_000;
/** How many of them are known at a time: names of events come from browsers. */
const MAX_KNOWN = 1_000;

/** What was not said since the last line about it. */
interface Unsaid {
  readonly sinceMs: number;
  times: number;
  longestMs: number;
}

/**
 * Says which code keeps everybody waiting. On a busy machine that may be every view's, at every turn: lines without end would
 * make it worse.
 */
export class SlowLog {
  readonly #warn: (line: string) => void;
  readonly #unsaid = new Map<string, Unsaid>();

  constructor(warn: (line: string) => void) {
    this.#warn = warn;
  }

  /**
   * @param place the view, and the component in it
   * @param last the callback that has run last, and its message
   */
  note(place: string, last: string, ms: number, nowMs: number): void {
    const key = `${place} ${last}`;
    const unsaid = this.#unsaid.get(key);
    const times = 1 + (unsaid?.times ?? 0);
    const longestMs = Math.max(ms, unsaid?.longestMs ?? 0);
    if (unsaid !== undefined && nowMs - unsaid.sinceMs < SAY_AGAIN_MS) {
      Object.assign(unsaid, { times, longestMs });
      return;
    }
    if (this.#unsaid.size >= MAX_KNOWN) this.#unsaid.clear();
    this.#unsaid.set(key, { sinceMs: nowMs, times: 0, longestMs: 0 });
    const often = times === 1 ? "" : `, the longest of ${times} times`;
    this.#warn(
      `${place} kept everybody waiting for ${Math.round(longestMs)} ms${often}; the last to run was ${last}. Await slow work, or do it elsewhere.`,
    );
  }
}
