import { LiveError } from "../errors.ts";
import type { Backplane, BackplaneEvents } from "./backplane.ts";
import type { PubSubStatus } from "./gap.ts";
import { EarlyPublishes } from "./redis-early.ts";
import { closed, RedisErrors } from "./redis-errors.ts";
import { loadRedis, type RedisLibrary } from "./redis-library.ts";
import { RedisLink } from "./redis-link.ts";
import { LoopClock } from "./redis-loop-clock.ts";
import { Outages } from "./redis-outages.ts";
import { PendingPublishes } from "./redis-pending.ts";
import { isRefusal, reasonOf, toError } from "./redis-reason.ts";
import type { RedisSettings } from "./redis-settings.ts";
import { RedisSubscriptions } from "./redis-subscriptions.ts";
import { Watchdog } from "./redis-watchdog.ts";

/** How often deadlines are looked at, in milliseconds. One timer for everything. */
const TICK_MS = 250;
/** How long Redis may take to answer a publish, in milliseconds. */
const PUBLISH_DEADLINE_MS = 2_000;
/** A publish that has had no answer for so long, in milliseconds, is not slow: its connection is dead. */
const DEAD_MS = 3_500;
/** How much may be on its way to Redis. Beyond it a publish is refused: Redis, or the line, is too slow for us. */
const MAX_PENDING = 100_000;
const MAX_PENDING_CHARACTERS = 64 * 1_024 * 1_024;
/** The same error again is not worth a second line in the log within this time, in milliseconds. */
const SAME_ERROR_MS = 30_000;

/**
 * Frames over Redis Pub/Sub: one connection to publish, one that subscribes, each dialled anew whenever it is lost.
 *
 * Whether they live is our own judgement, not the library's. Pings and a limit on silent sockets find an idle connection
 * dead; unanswered publishes a busy one; and a probe that we publish to ourselves every second finds what looks well and
 * carries nothing. Then both are replaced, because either may be to blame.
 */
export class RedisBackplane implements Backplane {
  readonly #settings: RedisSettings;
  readonly #load: () => Promise<RedisLibrary>;
  readonly #probes: string;
  /** `undefined` from the moment that the first connection is up or has failed. */
  #early: EarlyPublishes | undefined = new EarlyPublishes();
  readonly #pending = new PendingPublishes(PUBLISH_DEADLINE_MS);
  readonly #watchdog = new Watchdog();
  readonly #clock = new LoopClock(TICK_MS, performance.now());
  readonly #subscriptions: RedisSubscriptions;
  readonly #outages = new Outages();
  readonly #errors: RedisErrors;
  #events: BackplaneEvents | undefined;
  #publisher: RedisLink | undefined;
  #subscriber: RedisLink | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #status: PubSubStatus = "down";
  /** All wanted channels are subscribed to on the connection that is up. */
  #hears = false;
  /** The two halves of what a probe needs: their channel is subscribed to, and publishing on it was not refused. */
  #hearsProbes = false;
  #sendsProbes = true;
  #heard = false;
  /** Why nothing works, and never will. */
  #fatal: LiveError | undefined;
  #isClosed = false;
  #reported = { message: "", atMs: Number.NEGATIVE_INFINITY };

  /**
   * @param prefix what all channels begin with, so that ours fits the permissions of a user who is limited to it
   * @param load how the library is had; for tests
   */
  constructor(settings: RedisSettings, prefix: string, load: () => Promise<RedisLibrary> = loadRedis) {
    this.#settings = settings;
    this.#errors = new RedisErrors(settings.address);
    this.#load = load;
    this.#probes = `${prefix}~probe:${globalThis.crypto.randomUUID()}`;
    this.#subscriptions = new RedisSubscriptions({
      restored: () => this.#restored(),
      refused: (channel, error) => {
        if (channel === this.#probes) this.#probesRefused(error);
        else this.#report(error);
      },
      readmitted: (channel, sinceMs) => {
        if (channel === this.#probes) this.#hearsProbes = true;
        else this.#events?.gap("reconnect", sinceMs);
      },
    });
  }

  start(events: BackplaneEvents): void {
    this.#events = events;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#askForProbes();
    this.#load().then(
      (library) => this.#connect(library),
      (error: unknown) => this.#fail(toError(error)),
    );
  }

  publish(channel: string, frame: string): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    const connection = this.#publisher?.connection;
    const queue = connection === undefined ? this.#early : this.#pending;
    if (queue === undefined) return Promise.reject(this.#fatal ?? this.#errors.notConnected());
    if (queue.count >= MAX_PENDING || queue.size + frame.length > MAX_PENDING_CHARACTERS) {
      return Promise.reject(this.#errors.tooSlow(queue.count));
    }
    return queue instanceof EarlyPublishes ? queue.add(channel, frame) : this.#send(channel, frame);
  }

  subscribe(channel: string): Promise<void> {
    const error = this.#isClosed ? closed() : this.#fatal;
    return error === undefined ? this.#subscriptions.subscribe(channel) : Promise.reject(error);
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#subscriptions.unsubscribe(channel);
  }

  /** What was published is given until its deadline to be answered. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#subscriptions.close(closed());
    const subscriberGone = this.#subscriber?.close();
    await this.#early?.settled();
    await this.#pending.settled();
    clearInterval(this.#ticker);
    await Promise.all([subscriberGone, this.#publisher?.close()]);
    this.#pending.failAll(closed);
  }

  #connect(library: RedisLibrary): void {
    // Closed before it began: what was published until then is sent all the same.
    if (this.#isClosed && this.#early?.count === 0) return;
    const dial = this.#settings.dialWith(library);
    const failed = (error: Error) => this.#report(this.#errors.cannotConnect(error));
    this.#publisher = new RedisLink(dial, this.#settings.dialTimeoutMs, {
      frame: () => {},
      up: () => {
        this.#sendsProbes = true;
        this.#endEarly((early) => early.sendAll((channel, frame) => this.#send(channel, frame)));
        this.#changed();
      },
      down: (error) => {
        this.#pending.failAll(() => this.#errors.lostWhilePublishing(error));
        this.#report(this.#errors.lost("that publishes", error));
        this.#changed();
      },
      failed: (error) => {
        this.#endEarly((early) => early.failAll(() => this.#errors.notConnected()));
        failed(error);
      },
    });
    this.#publisher.start();
    if (this.#isClosed) return;
    this.#subscriber = new RedisLink(dial, this.#settings.dialTimeoutMs, {
      frame: (channel, frame) => this.#frame(channel, frame),
      up: (connection) => {
        this.#changed();
        this.#subscriptions.attach(connection);
      },
      down: (error) => {
        this.#hears = false;
        this.#outages.begin("reconnect");
        this.#subscriptions.detach();
        this.#report(this.#errors.lost("that subscribes", error));
        this.#changed();
      },
      failed,
    });
    this.#subscriber.start();
  }

  #endEarly(settle: (early: EarlyPublishes) => void): void {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) settle(early);
  }

  /** Only while the connection is up. */
  #send(channel: string, frame: string): Promise<void> {
    const connection = this.#publisher?.connection;
    if (connection === undefined) return Promise.reject(this.#errors.notConnected());
    return this.#pending.add(connection.publish(channel, frame), frame.length, this.#clock.now);
  }

  #fail(error: Error): void {
    this.#fatal =
      error instanceof LiveError ? error : new LiveError("pubsub.backplane", reasonOf(error), { cause: error });
    const { message } = this.#fatal;
    clearInterval(this.#ticker);
    this.#endEarly((early) => early.failAll(() => new LiveError("pubsub.backplane", message, { cause: error })));
    this.#subscriptions.close(this.#fatal);
    if (!this.#isClosed) this.#report(this.#fatal);
  }

  #frame(channel: string, frame: string): void {
    this.#heard = true;
    if (channel !== this.#probes) {
      this.#events?.frame(channel, frame);
      return;
    }
    const sentMs = this.#watchdog.returned(frame);
    if (sentMs !== undefined) this.#outages.wellAt(sentMs);
  }

  #restored(): void {
    this.#hears = true;
    this.#changed();
    const outage = this.#outages.end(Date.now());
    if (outage !== undefined) this.#events?.gap(outage.cause, outage.sinceMs);
  }

  /** One of the two ways came or went. */
  #changed(): void {
    this.#watchdog.reset(this.#clock.now);
    const publishes = this.#publisher?.connection !== undefined;
    const status = publishes && this.#hears ? "connected" : publishes || this.#hears ? "degraded" : "down";
    if (status === this.#status) return;
    this.#status = status;
    this.#events?.status(status);
  }

  #tick(): void {
    this.#clock.tick(performance.now());
    const { now } = this.#clock;
    if (this.#heard) this.#watchdog.heard(now);
    this.#heard = false;
    this.#pending.sweep(now, () => this.#errors.unanswered(PUBLISH_DEADLINE_MS));
    if (this.#isClosed) return;
    this.#subscriptions.askAgain(now);
    const isPublisherDead = now - (this.#pending.oldestAt ?? now) >= DEAD_MS;
    if (isPublisherDead || this.#watchdog.isDead(now)) return this.#replaceBoth();
    this.#probe(now);
  }

  #replaceBoth(): void {
    const reason = new Error(`it looked well, and carried nothing for ${DEAD_MS / 1_000} s`);
    this.#outages.begin("watchdog");
    this.#publisher?.replace(reason);
    this.#subscriber?.replace(reason);
  }

  #probe(now: number): void {
    const connection = this.#publisher?.connection;
    if (connection === undefined || !this.#hears || !this.#hearsProbes || !this.#sendsProbes) return;
    const text = this.#watchdog.nextProbe(now, Date.now());
    if (text === undefined) return;
    this.#pending.add(connection.publish(this.#probes, text), text.length, now).catch((error: unknown) => {
      // Lost connections and passed deadlines are seen elsewhere.
      if (!(error instanceof Error) || !isRefusal(error)) return;
      this.#sendsProbes = false;
      this.#unprobed(error);
    });
  }

  #askForProbes(): void {
    this.#subscriptions.subscribe(this.#probes).then(
      () => (this.#hearsProbes = true),
      (error: unknown) => {
        if (!this.#isClosed && this.#fatal === undefined) this.#probesRefused(toError(error));
      },
    );
  }

  #probesRefused(error: Error): void {
    this.#hearsProbes = false;
    this.#unprobed(error);
  }

  #unprobed(error: Error): void {
    this.#watchdog.reset(this.#clock.now);
    this.#report(this.#errors.unprobed(error));
  }

  /** A server that is away for an hour would say so every second. */
  #report(error: Error): void {
    const atMs = performance.now();
    if (error.message === this.#reported.message && atMs - this.#reported.atMs < SAME_ERROR_MS) return;
    this.#reported = { message: error.message, atMs };
    if (!this.#isClosed) this.#events?.error(error);
  }
}
