import { afterAll, beforeAll, describe, it } from "vitest";
import { RedisPubSub } from "../../src/pubsub/redis-pubsub.ts";
import { pubSubContract } from "../../src/testing/pubsub-contract.ts";
import { startRedisCluster, startRedisServer, type OwnRedis, type TestCluster } from "../support/redis.ts";

const silent = { onError: () => {} };

describe("RedisPubSub", () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.stop());

  describe("on one server", () => {
    pubSubContract(() => new RedisPubSub({ url: redis.url, ...silent }), { it }, { counts: ({ counts }) => counts });
  });

  describe("on one server, with sharded channels", () => {
    const open = () => new RedisPubSub({ url: redis.url, sharded: true, prefix: "sharded:", ...silent });
    pubSubContract(open, { it }, { counts: ({ counts }) => counts });
  });
});

describe("RedisPubSub on a cluster of three", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  const rootNodes = () => cluster.nodes.map(({ url }) => ({ url }));
  pubSubContract(
    () => new RedisPubSub({ cluster: { rootNodes: rootNodes() }, ...silent }),
    { it },
    { counts: ({ counts }) => counts },
  );
});
