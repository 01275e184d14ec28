/** Wingbeat's adapters, and the bare clients beneath them, behind one interface: the loop that uses them is the same. */
import cluster from "node:cluster";
import { BroadcastChannel } from "node:worker_threads";
import { createClient } from "redis";
import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";
import { ClusterPubSub } from "wingbeat/pubsub/cluster";
import { RedisPubSub } from "wingbeat/pubsub/redis";
import type { PubSub } from "wingbeat";
import type { Envelope, Kind } from "./commands.ts";

const TOPIC = "bench";

export interface Line {
  /** Resolves when everything that is published later arrives. */
  listen(onMessage: (message: Envelope) => void): Promise<void>;
  /** Settles when the next may follow; `undefined` if it may at once. */
  publish(message: Envelope): Promise<unknown> | undefined;
}

export async function openLine({ carrier, isBare }: Kind, redisUrl: string): Promise<Line> {
  if (!isBare) return ofAdapter(await connected(openAdapter(carrier, redisUrl)));
  switch (carrier) {
    case "redis":
      return bareRedis(redisUrl);
    case "broadcast-channel":
      return bareBroadcastChannel();
    case "cluster":
      return bareCluster();
  }
}

function openAdapter(carrier: Kind["carrier"], url: string): PubSub {
  switch (carrier) {
    case "redis":
      return new RedisPubSub({ url });
    case "broadcast-channel":
      return new BroadcastChannelPubSub();
    case "cluster":
      return new ClusterPubSub();
  }
}

async function connected(pubSub: PubSub): Promise<PubSub> {
  // Resolves once the backplane is there.
  const end = await pubSub.subscribe("warm-up", () => {});
  await end();
  return pubSub;
}

function ofAdapter(pubSub: PubSub): Line {
  return {
    // Only this program publishes on the topic.
    listen: async (onMessage) => void (await pubSub.subscribe(TOPIC, (message) => onMessage(message as Envelope))),
    publish: (message) => pubSub.broadcast(TOPIC, message),
  };
}

// The bare clients send and read JSON as an application would have to; that is all they do.

async function bareRedis(url: string): Promise<Line> {
  const [publisher, subscriber] = [createClient({ url }), createClient({ url })];
  for (const client of [publisher, subscriber]) client.on("error", (error) => console.error(error));
  await Promise.all([publisher.connect(), subscriber.connect()]);
  return {
    listen: (onMessage) => subscriber.subscribe(TOPIC, (text) => onMessage(read(text))),
    publish: (message) => publisher.publish(TOPIC, JSON.stringify(message)),
  };
}

function bareBroadcastChannel(): Line {
  const channel = new BroadcastChannel(TOPIC);
  return {
    listen: async (onMessage) => {
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- Node's type of it has no other way
      channel.onmessage = (event: unknown) => onMessage(read((event as MessageEvent<string>).data));
    },
    publish: (message) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
      channel.postMessage(JSON.stringify(message));
      return undefined;
    },
  };
}

/** A worker sends to the primary, which sends to the workers that listen: the way that any relay has to go. */
function bareCluster(): Line {
  return {
    listen: async (onMessage) => {
      process.on("message", (message: { readonly text?: string }) => {
        if (message.text !== undefined) onMessage(read(message.text));
      });
    },
    publish: (message) => {
      process.send?.({ text: JSON.stringify(message) });
      return undefined;
    },
  };
}

/** To be called in the primary for `bareCluster`. */
export function relayBare(): void {
  cluster.on("message", (sender, message: { readonly text?: string }) => {
    if (message.text === undefined) return;
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== sender) worker?.send(message);
  });
}

function read(text: string): Envelope {
  // Written by the publisher above.
  return JSON.parse(text) as Envelope;
}
