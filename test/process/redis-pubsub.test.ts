import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisBackplane } from "../../src/pubsub/redis-backplane.ts";
import { loadRedis } from "../../src/pubsub/redis-library.ts";
import { RedisPubSub } from "../../src/pubsub/redis-pubsub.ts";
import { redisSettings } from "../../src/pubsub/redis-settings.ts";
import { pubSubContract } from "../../src/testing/pubsub-contract.ts";
import { AwakeTime } from "../support/awake-time.ts";
import { until } from "../support/redis-listener.ts";
import { startRedisCluster, startRedisServer, type OwnRedis, type TestCluster } from "../support/redis.ts";

const silent = { onError: () => {} };
/** For a machine much slower than ours. */
const withinMs = 20_000;

describe("RedisPubSub", () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.stop());

  const restart = async () => {
    await redis.kill();
    await redis.restart();
  };
  const counts = (pubSub: RedisPubSub) => pubSub.counts;

  describe("on one server", () => {
    const open = () => new RedisPubSub({ url: redis.url, ...silent });
    const publishForeign = async (topic: string, text: string) =>
      void (await redis.command("PUBLISH", `wingbeat:${topic}`, text));
    pubSubContract(open, { it }, { counts, publishForeign, restart, withinMs });
  });

  describe("on one server, with sharded channels", () => {
    const open = () => new RedisPubSub({ url: redis.url, sharded: true, prefix: "sharded:", ...silent });
    const publishForeign = async (topic: string, text: string) =>
      void (await redis.command("SPUBLISH", `sharded:${topic}`, text));
    pubSubContract(open, { it }, { counts, publishForeign, restart, withinMs });
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
    { counts: ({ counts }) => counts, withinMs },
  );
});

describe("a connection to Redis", () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.stop());

  it.each([false, true])(
    "hears a channel that was let go of and asked for again at once (sharded: %s)",
    async (sharded) => {
      const backplane = new RedisBackplane(redisSettings({ url: redis.url, sharded }), "");
      const frames: string[] = [];
      const events = { status: () => {}, gap: () => {}, error: () => {} };
      backplane.start({ ...events, frame: (channel, frame) => frames.push(`${channel}: ${frame}`) });
      await backplane.subscribe("room");
      const gone = backplane.unsubscribe("room");
      await Promise.all([gone, backplane.subscribe("room")]);
      await backplane.publish("room", "hello");
      await until("it is heard", () => frames.length > 0);
      await backplane.unsubscribe("room");
      await backplane.publish("room", "to nobody");
      await backplane.subscribe("hall");
      await backplane.publish("hall", "last");
      await until("the last", () => frames.includes("hall: last"));
      expect(frames).toEqual(["room: hello", "hall: last"]);
      await backplane.close();
    },
  );

  it("leaves nothing at the server when it is destroyed while it connects", async () => {
    const dial = redisSettings({ url: redis.url }).dialWith(await loadRedis());
    const connection = dial({ frame: () => {}, lost: () => {} });
    const leaving = new AwakeTime();
    await connection.destroy();
    await until("nobody but who asks", async () => {
      const clients = String(await redis.command("CLIENT", "LIST")).trim();
      return clients.split("\n").length === 1;
    });
    // A forgotten connection would last until nobody has used it for five seconds.
    expect(leaving.stop()).toBeLessThan(4_000);
    await expect(connection.publish("room", "too late")).rejects.toThrow();
  });
});
