import { LiveError } from "../errors.ts";
import { reasonOf } from "./redis-reason.ts";

/** What `RedisPubSub` has to say, with the address of the Redis in question. */
export class RedisErrors {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  cannotConnect(cause: Error): LiveError {
    return this.#error(
      `No connection to Redis at ${this.#address}: ${reasonOf(cause)}. Subscribers of this process are served as ever; ` +
        "it is tried again at least every second.",
      cause,
    );
  }

  /** @param which "that publishes" or "that subscribes" */
  lost(which: string, cause: Error): LiveError {
    return this.#error(
      `The connection ${which} to Redis at ${this.#address} was lost: ${reasonOf(cause)}. It is made anew.`,
      cause,
    );
  }

  // Those that a publish or a subscribe rejects with are told as the reason within a longer message, so they are no sentences.

  notConnected(): LiveError {
    return this.#error(`there is no connection to Redis at ${this.#address}`);
  }

  lostWhilePublishing(cause: Error): LiveError {
    return this.#error(
      `the connection to Redis at ${this.#address} was lost before the message was acknowledged (${reasonOf(cause)})`,
      cause,
    );
  }

  unanswered(deadlineMs: number): LiveError {
    return this.#error(`Redis at ${this.#address} did not acknowledge it within ${deadlineMs} ms`);
  }

  tooSlow(count: number): LiveError {
    return this.#error(`${count} messages before it wait for Redis at ${this.#address}, which is as much as we keep`);
  }

  unprobed(cause: Error): LiveError {
    return this.#error(
      `Redis at ${this.#address} does not let us publish to ourselves, so a connection that looks well and carries nothing is ` +
        `found late: ${reasonOf(cause)}. Allow the user all channels with our prefix, for subscribing and publishing.`,
      cause,
    );
  }

  #error(message: string, cause?: Error): LiveError {
    return new LiveError("pubsub.backplane", message, cause && { cause });
  }
}

export function closed(): LiveError {
  return new LiveError("pubsub.closed", "This Pub/Sub was closed, so it neither sends nor subscribes.");
}
