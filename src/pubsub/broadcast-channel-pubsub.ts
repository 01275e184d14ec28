import { LiveError } from "../errors.ts";
import { BackplanePubSub, type PubSubErrorHandler } from "./backplane-pubsub.ts";
import { BroadcastChannelBackplane } from "./broadcast-channel-backplane.ts";

export interface BroadcastChannelPubSubOptions {
  /** Of the `BroadcastChannel`: threads that use the same name hear each other. @default "wingbeat" */
  readonly name?: string | undefined;
  /** Told of failing listeners, and of what others post on the channel that is none of ours. @default console.error */
  readonly onError?: PubSubErrorHandler | undefined;
  /** What a message may take as text in UTF-8, sent or received. The same for all threads. @default 1 MiB */
  readonly maxMessageBytes?: number | undefined;
}

/**
 * Pub/Sub between the threads of one process on Node, Bun and Deno, wherever a `BroadcastChannel` reaches. It keeps its
 * thread alive until it is closed. A thread that is blocked holds what it has not read in memory, without a bound: a
 * `BroadcastChannel` knows none.
 *
 * Make one object in each thread and share it: listeners of another object of the same thread get copies, and later.
 *
 * @throws {LiveError} `pubsub.backplane` where the runtime has no `BroadcastChannel`
 */
export class BroadcastChannelPubSub extends BackplanePubSub {
  constructor({ name = "wingbeat", ...options }: BroadcastChannelPubSubOptions = {}) {
    if (!("BroadcastChannel" in globalThis)) {
      throw new LiveError(
        "pubsub.backplane",
        "This runtime has no BroadcastChannel, which BroadcastChannelPubSub needs. Node, Bun and Deno have it. " +
          "For separate processes there are wingbeat/pubsub/cluster and wingbeat/pubsub/redis.",
      );
    }
    super(new BroadcastChannelBackplane(name), options);
  }
}
