import { LiveError } from "../errors.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { isRefusal, reasonOf, toError } from "./redis-reason.ts";

/** What becomes of channels. Its handlers do not throw. */
export interface RedisSubscriptionsEvents {
  /** Every channel that was wanted when the connection came up has been subscribed to on it, or refused. */
  restored(): void;
  /** A channel that was live once is refused; it is asked for again now and then. */
  refused(channel: string, error: Error): void;
  /** A channel that was refused is live again. @param sinceMs when it was refused, in milliseconds since 1970 */
  readmitted(channel: string, sinceMs: number): void;
}

interface Wanted {
  readonly channel: string;
  /** For who called `subscribe`; settles once. */
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  hasBeenLive: boolean;
  /** In milliseconds since 1970. */
  refusedMs: number | undefined;
}

/** Before a channel is asked for again, in milliseconds: that the server could not serve now, and that it refused. */
const TEMPORARY_MS = 500;
const REFUSED_MS = 10_000;

/**
 * The channels that are wanted, and the asking for them on whichever connection is up. Each is asked for by itself, all
 * at once, so that a refusal concerns one channel and 10 000 of them take no 10 000 round trips.
 */
export class RedisSubscriptions {
  readonly #events: RedisSubscriptionsEvents;
  readonly #wanted = new Map<string, Wanted>();
  /** What `restored` waits for, while it is not `undefined`. */
  #missing: Set<Wanted> | undefined;
  /** What is asked for again, and when, in the time that `askAgain` is given. */
  readonly #later = new Map<Wanted, number>();
  #connection: RedisConnection | undefined;
  #now = 0;

  constructor(events: RedisSubscriptionsEvents) {
    this.#events = events;
  }

  /** Resolves when the channel is live. Rejects if it is refused, let go of, or all is closed. */
  subscribe(channel: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const wanted = { channel, resolve, reject, hasBeenLive: false, refusedMs: undefined };
      this.#wanted.set(channel, wanted);
      this.#ask(wanted);
    });
  }

  /** Resolves when the server knows, or the connection is gone, and with it the subscription. */
  async unsubscribe(channel: string): Promise<void> {
    const wanted = this.#wanted.get(channel);
    if (wanted === undefined) return;
    this.#forget(wanted);
    wanted.reject(new LiveError("pubsub.backplane", "it was let go of before Redis had answered"));
    this.#settled(wanted);
    await this.#connection?.unsubscribe(channel).catch(() => {});
  }

  /** A connection is up: everything is asked for on it. */
  attach(connection: RedisConnection): void {
    this.#connection = connection;
    this.#later.clear();
    this.#missing = new Set(this.#wanted.values());
    for (const wanted of this.#missing) this.#ask(wanted);
    this.#restoredIfAllAreThere();
  }

  detach(): void {
    this.#connection = undefined;
    this.#missing = undefined;
    this.#later.clear();
  }

  /** Asks for what was not to be had before and is due now. @param now in milliseconds, on any clock that goes forward */
  askAgain(now: number): void {
    this.#now = now;
    for (const [wanted, dueAt] of this.#later) {
      if (dueAt > now) continue;
      this.#later.delete(wanted);
      this.#ask(wanted);
    }
  }

  /** Forgets everything. Who waits is told `error`. */
  close(error: Error): void {
    this.detach();
    for (const wanted of this.#wanted.values()) wanted.reject(error);
    this.#wanted.clear();
  }

  #ask(wanted: Wanted): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    // Another connection may have come up meanwhile, on which the channel was asked for anew.
    const isCurrent = () => connection === this.#connection && this.#wanted.get(wanted.channel) === wanted;
    connection.subscribe(wanted.channel).then(
      () => isCurrent() && this.#live(wanted),
      (error: unknown) => isCurrent() && this.#failed(wanted, toError(error)),
    );
  }

  #live(wanted: Wanted): void {
    const { channel, refusedMs } = wanted;
    wanted.hasBeenLive = true;
    wanted.refusedMs = undefined;
    wanted.resolve();
    if (refusedMs !== undefined) this.#events.readmitted(channel, refusedMs);
    this.#settled(wanted);
  }

  #failed(wanted: Wanted, error: Error): void {
    // A lost connection fails like this too, and is gone by the time that this would be asked again.
    if (!isRefusal(error)) return void this.#later.set(wanted, this.#now + TEMPORARY_MS);
    const { channel, hasBeenLive, refusedMs } = wanted;
    if (hasBeenLive) {
      this.#later.set(wanted, this.#now + REFUSED_MS);
      wanted.refusedMs ??= Date.now();
      if (refusedMs === undefined) this.#events.refused(channel, nowRefused(channel, error));
    } else {
      this.#forget(wanted);
      wanted.reject(new LiveError("pubsub.backplane", `Redis says ${reasonOf(error)}`, { cause: error }));
    }
    this.#settled(wanted);
  }

  #forget(wanted: Wanted): void {
    this.#wanted.delete(wanted.channel);
    this.#later.delete(wanted);
  }

  #settled(wanted: Wanted): void {
    if (this.#missing?.delete(wanted) === true) this.#restoredIfAllAreThere();
  }

  #restoredIfAllAreThere(): void {
    if (this.#missing?.size !== 0) return;
    this.#missing = undefined;
    this.#events.restored();
  }
}

function nowRefused(channel: string, cause: Error): LiveError {
  return new LiveError(
    "pubsub.backplane",
    `Redis refuses the channel "${channel}", which it allowed before: ${reasonOf(cause)}. Its messages do not arrive; the ` +
      `others do. It is asked for again every ${REFUSED_MS / 1_000} s, and a gap is reported when it is back.`,
    { cause },
  );
}
