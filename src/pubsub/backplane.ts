import type { GapCause, PubSubStatus } from "./gap.ts";

/**
 * What carries messages between processes: a Redis server, a BroadcastChannel, the primary of a cluster. It carries
 * text on channels and knows nothing of topics, codecs, numbers or listeners, all of which `BackplanePubSub` has.
 *
 * What a backplane must hold to:
 *
 * - Frames of one process on one channel arrive in the order published, while one connection lives.
 * - It never sends late: a frame that could not be sent at once, or within the driver's own short deadline, is refused.
 * - It may hand a process its own frames, or not.
 * - It never throws into its events' handlers' caller, and its promises always settle.
 */
export interface Backplane {
  /** Called once, first. The backplane connects by itself from now on, for as long as it takes, until it is closed. */
  start(events: BackplaneEvents): void;
  /**
   * Hands over one frame. Settles when the backplane has taken it; `undefined` when that is certain at once, so that
   * nobody makes a promise per message. Rejects, with the reason, when it is not known to have been taken.
   */
  publish(channel: string, frame: string): Promise<void> | undefined;
  /**
   * Asks for a channel's frames. Resolves when every later frame arrives. Asked while disconnected, it resolves after
   * the reconnect. Rejects when the backplane refuses this channel (permissions), and when it is closed meanwhile.
   * Called at most once for a channel until `unsubscribe`.
   */
  subscribe(channel: string): Promise<void>;
  /** Lets go of a channel. Resolves when the backplane knows; at once if it is not connected. */
  unsubscribe(channel: string): Promise<void>;
  /** Frees everything. What is pending settles. */
  close(): Promise<void>;
}

/** What a backplane tells. Its handlers return at once, and do not throw. */
export interface BackplaneEvents {
  /** A frame came in. */
  frame(channel: string, frame: string): void;
  /** How the backplane is, whenever that changes. */
  status(status: PubSubStatus): void;
  /**
   * All subscriptions are live again after a time in which frames may have been missed.
   * @param sinceMs when the connection was last known to be well, in milliseconds since 1970
   */
  gap(cause: Extract<GapCause, "reconnect" | "watchdog">, sinceMs: number): void;
  /** Something failed that somebody should read about: connection errors, a refused channel. */
  error(error: Error): void;
}
