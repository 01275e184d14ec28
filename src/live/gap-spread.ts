import { mergeGaps, type ViewGap } from "./view-gap.ts";

export interface GapSpreadOptions<Member> {
  /** Over how long the deliveries of one gap are spread, in milliseconds. */
  readonly spreadMs: number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Gets each gap, once. Must not throw. */
  readonly deliver: (member: Member, gap: ViewGap) => void;
}

/** How far apart two deliveries may be that one timer makes, in milliseconds. */
const SLOT_MS = 20;

/**
 * Delivers gaps at random moments, so that a thousand views do not all load their data again at the same one. Gaps that
 * come while one waits for the same member are merged into it.
 *
 * A wheel of slots and one timer for all members, which runs only while a gap waits. It counts slots and asks no clock: if the
 * process is busy, the deliveries are spread further.
 */
export class GapSpread<Member extends object> {
  readonly #options: GapSpreadOptions<Member>;
  readonly #slotMs: number;
  readonly #slots: Member[][];
  readonly #waiting = new Map<Member, ViewGap>();
  /** The slot that was delivered last. */
  #current = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GapSpreadOptions<Member>) {
    this.#options = options;
    this.#slotMs = Math.min(SLOT_MS, options.spreadMs);
    this.#slots = Array.from({ length: Math.max(1, Math.round(options.spreadMs / this.#slotMs)) }, () => []);
  }

  /** How many members a gap waits for. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  add(member: Member, gap: ViewGap): void {
    const waiting = this.#waiting.get(member);
    this.#waiting.set(member, waiting === undefined ? gap : mergeGaps(waiting, gap));
    if (waiting !== undefined) return;
    // The slot before the current one is the farthest: the wheel has gone round once by then.
    const ahead = 1 + Math.floor(this.#options.random() * this.#slots.length);
    this.#slots[(this.#current + ahead) % this.#slots.length]?.push(member);
    this.#timer ??= setTimeout(this.#turn, this.#slotMs);
  }

  /** Forgets what waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
    for (const slot of this.#slots) slot.length = 0;
  }

  readonly #turn = (): void => {
    this.#current = (this.#current + 1) % this.#slots.length;
    const due = this.#slots[this.#current]?.splice(0) ?? [];
    for (const member of due) {
      const gap = this.#waiting.get(member);
      this.#waiting.delete(member);
      if (gap !== undefined) this.#options.deliver(member, gap);
    }
    this.#timer = this.#waiting.size === 0 ? undefined : setTimeout(this.#turn, this.#slotMs);
  };
}
