import { LiveError } from "../errors.ts";

/**
 * How much one client may ask of the server. Passing a limit is logged, and closes or refuses; nothing is thrown into
 * the application. Sizes are in bytes, times in milliseconds; all are positive and finite.
 */
export interface Limits {
  /** The largest message a browser may send, in bytes. A larger one closes its connection. @default 65_536 */
  readonly maxMessageBytes: number;
  /** How deep the names of a form may nest (`a[b][c]` is 3). A deeper event is refused. @default 16 */
  readonly maxParamsDepth: number;
  /** How many fields a form or an event's value may have, at all depths together. More refuse the event. @default 1_000 */
  readonly maxParamsKeys: number;
  /**
   * How many infos may wait in one view's mailbox. At one more those of topics are dropped, and `handleGap` or
   * `onGap: "remount"` mends it; a view with neither ends, and then mounts fresh. @default 10_000
   */
  readonly maxMailboxInfos: number;
  /** How many events may wait in one view's mailbox. One more ends the view, which then mounts fresh. @default 1_000 */
  readonly maxMailboxEvents: number;
  /** How many events a second a connection may send over time. More close it. @default 100 */
  readonly eventsPerSecond: number;
  /** How many events a connection may send at once, beyond its rate. @default 500 */
  readonly eventsBurst: number;
  /** How many views may be joined on one connection at a time. One more is refused. @default 100 */
  readonly joinsPerConnection: number;
  /** How many joins a second a connection may ask for, after `joinsPerConnection` of them at once. More close it. @default 10 */
  readonly joinsPerSecond: number;
  /** How many files one connection may upload at a time, those included that wait to be consumed. More are refused. @default 100 */
  readonly uploadsPerConnection: number;
  /** Their bytes together, as declared. @default 2_147_483_648 (2 GiB) */
  readonly uploadBytesPerConnection: number;
  /** How many files all connections may upload at a time. @default 1_000 */
  readonly maxUploads: number;
  /** Their bytes together: what uploads may take of the disk. @default 21_474_836_480 (20 GiB) */
  readonly maxUploadBytes: number;
  /**
   * Bytes that are unsent, or were sent since the last answered ping, above which a client lags: its changes are then
   * held back and merged until it has caught up. @default 65_536
   */
  readonly lagSoftBytes: number;
  /** A ping unanswered for this long, in milliseconds, while frames flow, also means that a client lags. @default 2_000 */
  readonly lagMs: number;
  /** How many bytes are sent before the next ping asks whether they arrived. @default 32_768, half of `lagSoftBytes` */
  readonly lagPingBytes: number;
  /**
   * How long after the first frame that no ping has followed one is sent, in milliseconds, if `lagPingBytes` were not sent
   * before. A client that gets that little costs nothing while it lags, but its pings do: answering one takes as much as
   * several small frames. @default 5_000
   */
  readonly lagPingMs: number;
  /** Bytes that may wait unsent for one client. More close its connection with 1012: it reconnects. @default 1_048_576 */
  readonly maxUnsentBytes: number;
  /** How long a client may lag, in milliseconds, before its connection is closed with 1012. @default 20_000 */
  readonly maxLagMs: number;
  /** How long a new connection may take to join its first view, in milliseconds, before it is closed. @default 10_000 */
  readonly firstJoinMs: number;
  /**
   * How long a connection may be silent, in milliseconds, before it is closed. @default 60_000, twice the client's
   * heartbeat
   */
  readonly idleMs: number;
  /**
   * How many long-polling sessions (`longPoll`) a process may have at a time, and how many requests may wait in it for
   * another process. One more is refused. @default 10_000
   */
  readonly longPollSessions: number;
  /** How many of them may be of one address, behind which a whole company may be. One more is refused. @default 1_000 */
  readonly longPollSessionsPerAddress: number;
  /** How many pages may be in the making at a time. One more is answered with 503. @default 1_000 */
  readonly maxConcurrentRenders: number;
  /**
   * Over how long the views that depend on a topic are told of a gap in it, in milliseconds: each at a random moment, so
   * that they do not all load their data again at once. @default 2_000
   */
  readonly gapSpreadMs: number;
  /** When the server stops: over how long the closing of its connections is spread, in milliseconds. @default 10_000 */
  readonly drainWindowMs: number;
  /** When the server stops: how many connections are closed at a time. More, when the window would not do. @default 200 */
  readonly drainBatch: number;
}

/** The limits of an app that sets none. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxMessageBytes: 65_536,
  maxParamsDepth: 16,
  maxParamsKeys: 1_000,
  maxMailboxInfos: 10_000,
  maxMailboxEvents: 1_000,
  eventsPerSecond: 100,
  eventsBurst: 500,
  joinsPerConnection: 100,
  joinsPerSecond: 10,
  uploadsPerConnection: 100,
  uploadBytesPerConnection: 2_147_483_648,
  maxUploads: 1_000,
  maxUploadBytes: 21_474_836_480,
  lagSoftBytes: 65_536,
  lagMs: 2_000,
  lagPingBytes: 32_768,
  lagPingMs: 5_000,
  maxUnsentBytes: 1_048_576,
  maxLagMs: 20_000,
  firstJoinMs: 10_000,
  idleMs: 60_000,
  longPollSessions: 10_000,
  longPollSessionsPerAddress: 1_000,
  maxConcurrentRenders: 1_000,
  gapSpreadMs: 2_000,
  drainWindowMs: 10_000,
  drainBatch: 200,
});

/** Limits as an app gives them: those that are absent or `undefined` keep their defaults. */
export type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

const isLimitName = (name: string): name is keyof Limits => Object.hasOwn(DEFAULT_LIMITS, name);

function describe(value: unknown): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? JSON.stringify(value) : `of type ${value === null ? "null" : typeof value}`;
}

/**
 * The defaults, with what `given` sets.
 *
 * @throws {LiveError} `app.invalid-option` for a name that is no limit, and for a value that is not a positive finite
 * number.
 */
export function resolveLimits(given: LimitOptions | undefined): Limits {
  const limits: { -readonly [Name in keyof Limits]: number } = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries<unknown>(given ?? {})) {
    if (!isLimitName(name)) {
      throw new LiveError(
        "app.invalid-option",
        `limits.${name} is not a limit. The limits are: ${Object.keys(DEFAULT_LIMITS).join(", ")}.`,
      );
    }
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
      throw new LiveError(
        "app.invalid-option",
        `limits.${name} is ${describe(value)}; it must be a positive finite number. Leave it out for the default, ${DEFAULT_LIMITS[name]}.`,
      );
    }
    limits[name] = value;
  }
  return Object.freeze(limits);
}
