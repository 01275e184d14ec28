export type RefusalOptions = {
  /** How far back refusals count towards the third, in milliseconds. @default 10_000 */
  readonly windowMs?: number | undefined;
  /**
   * How long a page that backs off must not be refused before its count begins anew, in milliseconds. The client waits
   * for up to 10 s, and a slow page takes its time to load. @default 30_000
   */
  readonly quietMs?: number | undefined;
  /** How many keys are remembered; beyond it the one refused longest ago is forgotten. @default 10_000 */
  readonly maxKeys?: number | undefined;
};

type Refused = { readonly lastMs: number; readonly previousMs: number; readonly backsOff: boolean };

/** A user agent can be long, and what is remembered of ten thousand must not be. */
const MAX_KEY_LENGTH = 256;

/**
 * Keeps a refused join from becoming a loop. "Reload" tells the client to load its page at once, without any backoff,
 * and a cause that a reload does not mend would bring it back within milliseconds; so the third refusal of one page
 * within ten seconds says "back-off", on which the client waits 5 to 10 s. So do all that follow it, until the page has
 * been left in peace for longer than the client waits.
 */
export class Refusals {
  readonly #windowMs: number;
  readonly #quietMs: number;
  readonly #maxKeys: number;
  /** In the order of their last refusal, so that the front is always what may be forgotten first. */
  readonly #byKey = new Map<string, Refused>();

  constructor(options: RefusalOptions = {}) {
    this.#windowMs = options.windowMs ?? 10_000;
    this.#quietMs = options.quietMs ?? 30_000;
    this.#maxKeys = options.maxKeys ?? 10_000;
  }

  /** How many keys are remembered now. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Notes one more refusal, and says how to answer it. `key` names the client and its page, such as address, agent and path. */
  refused(key: string, nowMs: number): "reload" | "back-off" {
    this.#forget(nowMs);
    const short = key.length <= MAX_KEY_LENGTH ? key : shortened(key);
    const before = this.#byKey.get(short);
    this.#byKey.delete(short);
    const backsOff = before !== undefined && (before.backsOff || nowMs - before.previousMs < this.#windowMs);
    this.#byKey.set(short, { lastMs: nowMs, previousMs: before?.lastMs ?? Number.NEGATIVE_INFINITY, backsOff });
    if (this.#byKey.size > this.#maxKeys) this.#forgetOldest();
    return backsOff ? "back-off" : "reload";
  }

  #forget(nowMs: number): void {
    for (const [key, { lastMs }] of this.#byKey) {
      if (nowMs - lastMs < this.#quietMs) return;
      this.#byKey.delete(key);
    }
  }

  #forgetOldest(): void {
    for (const key of this.#byKey.keys()) {
      this.#byKey.delete(key);
      return;
    }
  }
}

/** Both ends: a key begins with the address and ends with the path, and the agent between them may be of any length. */
function shortened(key: string): string {
  return key.slice(0, MAX_KEY_LENGTH / 2) + key.slice(-MAX_KEY_LENGTH / 2);
}
