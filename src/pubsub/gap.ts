/**
 * Why messages may be missing.
 *
 * - `reconnect`: the connection to the backplane was lost, and is back.
 * - `watchdog`: the connection looked well but carried nothing, and was replaced.
 * - `sequence`: a number in the sequence of one sender's messages was missing.
 * - `publish`: another process could not hand its message to the backplane.
 * - `overflow`: too many messages waited for one view, and the oldest were dropped.
 */
export type GapCause = "reconnect" | "watchdog" | "sequence" | "publish" | "overflow";

/** A span of time in which messages may have been lost. What they were nobody knows: load again what depends on them. */
export interface Gap {
  readonly cause: GapCause;
  /** The topics that may have lost messages; `"*"` for all of them. */
  readonly topics: readonly string[] | "*";
  /** When the last message that is known to have arrived did, at the earliest. In milliseconds since 1970. */
  readonly since: number;
  /** When everything arrives again. In milliseconds since 1970. */
  readonly until: number;
  /** How many messages are missing, where the sequence tells. */
  readonly missed?: number | undefined;
}

/**
 * How the backplane is. `connected`: messages go both ways. `degraded`: one of the two ways is interrupted. `down`:
 * both are; local subscribers are served as ever. A new object starts as `down` until it has connected.
 */
export type PubSubStatus = "connected" | "degraded" | "down";

/** What adapters with a backplane tell whoever listens with `on`. */
export interface PubSubEvents {
  readonly gap: Gap;
  readonly status: PubSubStatus;
}
