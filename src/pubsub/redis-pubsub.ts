import { BackplanePubSub, type BackplanePubSubOptions } from "./backplane-pubsub.ts";
import { RedisBackplane } from "./redis-backplane.ts";
import { redisSettings, type RedisOptions } from "./redis-settings.ts";

/** Where Redis is, and what all adapters with a backplane can be given. */
export interface RedisPubSubOptions extends RedisOptions, BackplanePubSubOptions {
  /**
   * Begins the name of every channel; apps that share a Redis have different ones. A user who is limited to it
   * (`&wingbeat:*`) can do all that is needed. @default "wingbeat:"
   */
  readonly prefix?: string | undefined;
}

/**
 * Pub/Sub across processes and machines, over Redis 6 or later. Needs the package `redis`, version 6.
 *
 * It connects in the background, now and whenever the connection is lost, for as long as it takes: an app starts, and
 * serves its own subscribers, while Redis is away. `on("status")` tells how it is, `on("gap")` when messages of other
 * processes may have been lost, and `onError` why. Nothing is sent late: a broadcast that Redis does not acknowledge
 * within two seconds rejects.
 *
 * ```ts
 * const pubSub = new RedisPubSub({ url: process.env.REDIS_URL });
 * ```
 *
 * Other programs take part with plain JSON: `redis-cli PUBLISH wingbeat:room:42 '{"type":"said","text":"hello"}'`.
 */
export class RedisPubSub extends BackplanePubSub {
  /** @throws {LiveError} `pubsub.invalid-option`, before anything is connected */
  constructor(options: RedisPubSubOptions) {
    const { prefix = "wingbeat:" } = options;
    super(new RedisBackplane(redisSettings(options), prefix), { ...options, prefix });
  }
}
