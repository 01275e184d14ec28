import type { RedisClient, RedisClientOptions, RedisLibrary, RedisListener } from "./redis-library.ts";

/** What a connection tells. Its handlers do not throw. */
export interface RedisConnectionEvents {
  frame(channel: string, frame: string): void;
  /** It will not work again. */
  lost(error: Error): void;
}

/** A way to Redis that lives once: when it is lost, it is destroyed and another is made. */
export interface RedisConnection {
  /** Resolves when it works, rejects when it will not. */
  readonly ready: Promise<void>;
  publish(channel: string, frame: string): Promise<unknown>;
  /** Resolves when later frames arrive. Rejects with the server's reply if it refuses this channel; others live on. */
  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /** Ends it at once, and what is pending with it. Resolves when nothing of it is left. Does not reject. */
  destroy(): Promise<void>;
}

/** @throws when the options are not what the library takes */
export type DialRedis = (events: RedisConnectionEvents) => RedisConnection;

/**
 * A connection to one server.
 *
 * The library would reconnect by itself, but subscribes again to all channels by one command: when one of them is no
 * longer permitted, it fails for all, over and over. So it is told not to (`reconnectStrategy: false`).
 */
export class ServerConnection implements RedisConnection {
  readonly ready: Promise<void>;
  readonly #client: RedisClient;
  readonly #isSharded: boolean;
  readonly #listener: RedisListener;

  constructor(library: RedisLibrary, options: RedisClientOptions, isSharded: boolean, events: RedisConnectionEvents) {
    this.#client = library.createClient(options);
    this.#isSharded = isSharded;
    this.#listener = (message, channel) => events.frame(channel, message);
    // Without a listener an error would end the process; and after an error of its parser nothing it reads is right.
    this.#client.on("error", (error) => events.lost(error));
    this.ready = connected(this.#client);
  }

  publish(channel: string, frame: string): Promise<unknown> {
    return this.#client.sendCommand([this.#isSharded ? "SPUBLISH" : "PUBLISH", channel, frame]);
  }

  subscribe(channel: string): Promise<void> {
    if (this.#isSharded) return this.#client.sSubscribe(channel, this.#listener);
    return this.#client.subscribe(channel, this.#listener);
  }

  /** With the listener: without it, the library takes a channel for subscribed until the server has answered. */
  unsubscribe(channel: string): Promise<void> {
    if (this.#isSharded) return this.#client.sUnsubscribe(channel, this.#listener);
    return this.#client.unsubscribe(channel, this.#listener);
  }

  destroy(): Promise<void> {
    return destroyed(this.#client, this.ready);
  }
}

/** Marked as handled: who destroys a connection that is not ready yet need not wait for it. */
export function connected(client: Pick<RedisClient, "connect">): Promise<void> {
  const ready = client.connect().then(() => {});
  ready.catch(() => {});
  return ready;
}

/** A client that is destroyed while it connects goes on connecting (npm redis 6.3.1), so it is destroyed again. */
export async function destroyed(client: Pick<RedisClient, "destroy">, ready: Promise<void>): Promise<void> {
  client.destroy();
  await ready.catch(() => {});
  client.destroy();
}
