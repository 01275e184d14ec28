import { describe, expect, it } from "vitest";
import type { RedisClientOptions, RedisClusterClient, RedisLibrary } from "./redis-library.ts";
import { redisSettings, type RedisOptions } from "./redis-settings.ts";

const never = new Promise<never>(() => {});
const client = {
  on: () => {},
  connect: () => never,
  destroy: () => {},
  sendCommand: () => never,
  subscribe: () => never,
  unsubscribe: () => never,
  sSubscribe: () => never,
  sUnsubscribe: () => never,
};

/** What the library is given. */
function given(options: RedisOptions) {
  const seen: { client?: RedisClientOptions; cluster?: Parameters<RedisLibrary["createCluster"]>[0] } = {};
  const library: RedisLibrary = {
    createClient: (clientOptions) => {
      seen.client = clientOptions;
      return client;
    },
    createCluster: (clusterOptions): RedisClusterClient => {
      seen.cluster = clusterOptions;
      return client;
    },
  };
  redisSettings(options).dialWith(library)({ frame: () => {}, lost: () => {} });
  return seen;
}

describe("redisSettings", () => {
  it("sets what keeps a connection honest, whatever the options say", () => {
    const options = {
      client: {
        socket: { reconnectStrategy: 5, socketTimeout: 0, host: "cache" },
        disableOfflineQueue: false,
        database: 2,
      },
    };
    expect(given(options).client).toEqual({
      database: 2,
      disableOfflineQueue: true,
      maintNotifications: "disabled",
      pingInterval: 2_000,
      commandOptions: { timeout: 0 },
      socket: { host: "cache", connectTimeout: 2_000, socketTimeout: 5_000, reconnectStrategy: false },
    });
  });

  it("gives each client options of its own, because the library writes into them", () => {
    const options: RedisOptions = { url: "rediss://cache", client: { socket: { tls: true, ca: "mine" } } };
    const [one, two] = [given(options).client, given(options).client];
    expect(one?.socket).not.toBe(two?.socket);
    expect(one?.socket).not.toBe(options.client?.socket);
    expect(one).toMatchObject({ url: "rediss://cache", socket: { tls: true, ca: "mine" } });
  });

  it("prefers a user and password of their own to those in the address", () => {
    const { client: seen } = given({ url: "redis://old:secret@cache:6380/3", username: "app", password: "new" });
    expect(seen).toMatchObject({ url: "redis://cache:6380/3", username: "app", password: "new" });
  });

  it("gives a cluster's nodes what every connection has", () => {
    const { cluster } = given({
      cluster: { rootNodes: [{ url: "redis://a" }], defaults: { database: 0 } },
      password: "pw",
    });
    expect(cluster).toMatchObject({
      rootNodes: [{ url: "redis://a" }],
      defaults: { password: "pw", maintNotifications: "disabled", socket: { reconnectStrategy: false } },
      commandOptions: { timeout: 0 },
    });
  });

  it.each<[RedisOptions, string]>([
    [{ url: "redis://app:secret@cache:6380" }, "redis://cache:6380"],
    [{ url: "rediss://:p%40ss@cache" }, "rediss://cache"],
    [{ url: "unix:///var/run/redis.sock" }, "unix:///var/run/redis.sock"],
    [{ client: { socket: { host: "cache", port: 7 } } }, "cache:7"],
    [{ client: { socket: { path: "/run/redis.sock", tls: false } } }, "/run/redis.sock"],
    [{ client: { url: "redis://u:p@cache" } }, "redis://cache"],
    [{ cluster: { rootNodes: [{ url: "redis://u:p@a" }, { socket: { host: "b", port: 2 } }] } }, "redis://a, b:2"],
  ])("names the address of %j without user and password", (options, address) => {
    expect(redisSettings(options).address).toBe(address);
  });

  it.each<[RedisOptions, string]>([
    [{}, "neither `url` nor `client` nor `cluster`"],
    [{ url: "" }, "`url` is no address of Redis"],
    [{ url: "http://cache" }, "`url` is no address of Redis"],
    [{ url: "redis://cache:port" }, "`url` is no address of Redis"],
    [{ client: {} }, "neither `url` nor `client` nor `cluster`"],
    [{ cluster: { rootNodes: [] } }, "`cluster.rootNodes` is empty"],
    [{ url: "redis://cache", cluster: { rootNodes: [{ url: "redis://a" }] } }, "`url` and `client` must be left out"],
    [{ sharded: false, cluster: { rootNodes: [{ url: "redis://a" }] } }, "`sharded: false` does not go with `cluster`"],
  ])("refuses %j, and says what is wrong", (options, text) => {
    expect(() => redisSettings(options)).toThrow(
      expect.objectContaining({ code: "pubsub.invalid-option", message: expect.stringContaining(text) }),
    );
  });

  it("does not repeat a password in an error", () => {
    expect(() => redisSettings({ url: "http://app:hunter2@cache" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
    );
  });
});
