import type * as Redis from "redis";
import { LiveError } from "../errors.ts";

/** What `createClient` of npm `redis` takes. */
export type RedisClientOptions = Redis.RedisClientOptions;

/** What `createCluster` of npm `redis` takes of a cluster's address; the rest is ours to set. */
export type RedisClusterOptions = Pick<Redis.RedisClusterOptions, "rootNodes" | "defaults" | "nodeAddressMap">;

/** Called with each message of a channel, as text. */
export type RedisListener = (message: string, channel: string) => void;

/** What we call on a client of one server. */
export interface RedisClient {
  on(event: "error", listener: (error: Error) => void): unknown;
  connect(): Promise<unknown>;
  /** Rejects what is pending. Does nothing to one that was destroyed. */
  destroy(): void;
  sendCommand(args: readonly string[]): Promise<unknown>;
  subscribe(channel: string, listener: RedisListener): Promise<void>;
  unsubscribe(channel: string, listener: RedisListener): Promise<void>;
  sSubscribe(channel: string, listener: RedisListener): Promise<void>;
  sUnsubscribe(channel: string, listener: RedisListener): Promise<void>;
}

/** What we call on a client of a cluster. */
export interface RedisClusterClient {
  on(event: "error" | "node-error" | "sharded-channel-moved-error", listener: (error: Error) => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(firstKey: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>;
  sSubscribe(channel: string, listener: RedisListener): Promise<void>;
  sUnsubscribe(channel: string, listener: RedisListener): Promise<void>;
}

/** What we call of npm `redis`. */
export interface RedisLibrary {
  createClient(options: RedisClientOptions): RedisClient;
  createCluster(options: Redis.RedisClusterOptions): RedisClusterClient;
}

/**
 * Loads npm `redis` at first use: it is an optional peer dependency, which an app without Redis does not need.
 * @throws {LiveError} `pubsub.package` if it is not installed.
 */
export async function loadRedis(): Promise<RedisLibrary> {
  try {
    return await import("redis");
  } catch (cause) {
    throw new LiveError(
      "pubsub.package",
      "RedisPubSub speaks to Redis by the package redis, which could not be loaded. Install it:\n\n    npm install redis@6",
      { cause },
    );
  }
}
