// The bus of all examples. By itself it reaches every process of `npm start -- --workers 2`; with REDIS_URL it reaches
// every process at that Redis, on this machine or another.
import { createPubSub, type PubSub } from "wingbeat";
import { RedisPubSub } from "wingbeat/pubsub/redis";

const { REDIS_URL } = process.env;

export const pubSub: PubSub = REDIS_URL === undefined ? createPubSub() : new RedisPubSub({ url: REDIS_URL });
