import type { GapCause } from "./gap.ts";

export interface Outage {
  readonly cause: Extract<GapCause, "reconnect" | "watchdog">;
  /** In milliseconds since 1970. */
  readonly sinceMs: number;
}

/**
 * How long a message may have been on its way before it reached Redis, in milliseconds; its sender was told of a failure
 * after that. So what was sent by others this long before the last sign of life may be among the lost.
 */
const ON_ITS_WAY_MS = 2_000;

/** The times in which messages may have been missed. Pure: times are given, in milliseconds since 1970. */
export class Outages {
  #wellMs: number | undefined;
  #current: Outage | undefined;

  /** What others had sent by then has arrived. */
  wellAt(ms: number): void {
    if (this.#current === undefined && ms > (this.#wellMs ?? 0)) this.#wellMs = ms;
  }

  /** Counts once until `end`, and only after a first `end`: nothing is missed before there was a connection. */
  begin(cause: Outage["cause"]): void {
    if (this.#wellMs === undefined) return;
    this.#current ??= { cause, sinceMs: this.#wellMs - ON_ITS_WAY_MS };
  }

  /** All arrives from now on. @returns the outage that is over */
  end(nowMs: number): Outage | undefined {
    const over = this.#current;
    this.#current = undefined;
    this.#wellMs = nowMs;
    return over;
  }
}
