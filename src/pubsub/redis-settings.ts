import { LiveError } from "../errors.ts";
import { ClusterConnection } from "./redis-cluster-connection.ts";
import { ServerConnection, type DialRedis } from "./redis-connection.ts";
import type { RedisClientOptions, RedisClusterOptions, RedisLibrary } from "./redis-library.ts";

/** Where Redis is, and how to reach it. */
export interface RedisOptions {
  /**
   * `redis://user:password@host:6379`, `rediss://…` for TLS, or `unix:///path/to/socket`. Needed unless `client` or
   * `cluster` says where Redis is.
   */
  readonly url?: string | undefined;
  /** Wins over the one in `url`. */
  readonly username?: string | undefined;
  /** Wins over the one in `url`. */
  readonly password?: string | undefined;
  /**
   * Options for `createClient` of npm `redis`, for what a URL cannot say: `{ socket: { ca } }` for TLS with your own
   * authority. What keeps the connection alive is ours, and cannot be set: reconnecting, time limits of commands,
   * queues, notices of maintenance.
   */
  readonly client?: RedisClientOptions | undefined;
  /**
   * A Redis Cluster of version 7 or later: `{ rootNodes: [{ url }, { url }] }`, and `defaults` with what holds for every node, such as
   * `{ password, socket: { tls: true } }`. Channels are sharded over its nodes (SPUBLISH).
   */
  readonly cluster?: RedisClusterOptions | undefined;
  /**
   * Sharded channels (SPUBLISH, SSUBSCRIBE; Redis 7 and later) on a single server. All processes and foreign programs
   * must agree. A cluster always has them. @default false
   */
  readonly sharded?: boolean | undefined;
}

/** How to dial, worked out from the options. */
export interface RedisSettings {
  /** For messages: without user and password. */
  readonly address: string;
  /** How long it may take until a connection works, in milliseconds: connecting, TLS, and logging in. */
  readonly dialTimeoutMs: number;
  dialWith(library: RedisLibrary): DialRedis;
}

/** For connecting alone, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;
/** A cluster is learned from one node, and then each node is connected to. */
const CLUSTER_DIAL_TIMEOUT_MS = 5_000;

/**
 * What every connection has, in milliseconds. The pings make an idle connection carry something, and without the limit
 * on a silent socket nobody would notice a firewall that has forgotten it.
 */
const TIMES = { pingInterval: 2_000, socketTimeout: 5_000 };

/** @throws {LiveError} `pubsub.invalid-option` */
export function redisSettings(options: RedisOptions): RedisSettings {
  if (options.cluster !== undefined) return clusterSettings(options, options.cluster);
  const address = checkedAddress(options);
  const dialTimeoutMs = options.client?.socket?.connectTimeout ?? CONNECT_TIMEOUT_MS;
  return {
    address,
    dialTimeoutMs,
    dialWith: (library) => (events) =>
      new ServerConnection(library, serverOptions(options), options.sharded ?? false, events),
  };
}

function clusterSettings(options: RedisOptions, cluster: RedisClusterOptions): RedisSettings {
  if (options.url !== undefined || options.client !== undefined) {
    throw invalid(
      "`cluster` says where Redis is, so `url` and `client` must be left out; `cluster.defaults` has the rest",
    );
  }
  if (options.sharded === false) {
    throw invalid(
      "`sharded: false` does not go with `cluster`. To use plain channels on a cluster, give the `url` of one node",
    );
  }
  if (cluster.rootNodes.length === 0) throw invalid("`cluster.rootNodes` is empty; name at least one node");
  const { username, password } = options;
  return {
    address: cluster.rootNodes.map(({ url, socket }) => addressOf(url, socket)).join(", "),
    dialTimeoutMs: CLUSTER_DIAL_TIMEOUT_MS,
    dialWith: (library) => (events) =>
      new ClusterConnection(
        library,
        {
          rootNodes: cluster.rootNodes.map((node) => ({ ...node })),
          ...(cluster.nodeAddressMap && { nodeAddressMap: cluster.nodeAddressMap }),
          defaults: guarded({ ...cluster.defaults, ...credentials(username, password) }),
          commandOptions: { timeout: 0 },
        },
        events,
      ),
  };
}

function serverOptions({ url, username, password, client }: RedisOptions): RedisClientOptions {
  const options = guarded({ ...client, ...(url !== undefined && { url }) });
  if (username === undefined && password === undefined) return options;
  // The library prefers a URL's own user and password to any other.
  const bare = options.url === undefined ? {} : { url: withoutUser(options.url) };
  return { ...options, ...bare, ...credentials(username, password) };
}

/** Made anew for each client, because the library writes into what it is given. */
function guarded(options: RedisClientOptions): RedisClientOptions {
  const { socketTimeout, pingInterval } = TIMES;
  const socket = {
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...options.socket,
    socketTimeout,
    // Each connection lives once; see redis-connection.ts.
    reconnectStrategy: false,
  };
  return {
    ...options,
    // The options of TCP, TLS and a path are a union, which spreading loses; nothing was added but what all three have.
    socket: socket as NonNullable<RedisClientOptions["socket"]>,
    pingInterval,
    disableOfflineQueue: true,
    // Needs Redis Enterprise, and is on by default with RESP3.
    maintNotifications: "disabled",
    // The library's own limit makes a timer for every message.
    commandOptions: { ...options.commandOptions, timeout: 0 },
  };
}

function credentials(username: string | undefined, password: string | undefined) {
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/]*@/, "$1");
}

function checkedAddress({ url, client }: RedisOptions): string {
  const given = url ?? client?.url;
  if (given === undefined) {
    if (client?.socket === undefined) throw invalid("neither `url` nor `client` nor `cluster` says where Redis is");
    return addressOf(undefined, client.socket);
  }
  const scheme = /^(redis|rediss|unix):/.exec(given)?.[1];
  if (scheme === undefined || (scheme !== "unix" && !URL.canParse(given))) {
    throw invalid("`url` is no address of Redis, such as redis://localhost:6379, rediss://… for TLS, or unix:///path");
  }
  return addressOf(given, client?.socket);
}

/** For messages, so without user and password. */
function addressOf(url: string | undefined, socket: RedisClientOptions["socket"]): string {
  if (url !== undefined) return withoutUser(url);
  if (socket !== undefined && "path" in socket) return String(socket.path);
  const { host = "localhost", port = 6379 }: { host?: unknown; port?: unknown } = { ...socket };
  return `${String(host)}:${String(port)}`;
}

function invalid(what: string): LiveError {
  return new LiveError(
    "pubsub.invalid-option",
    `RedisPubSub cannot be made: ${what}.\n\n    new RedisPubSub({ url: "redis://localhost:6379" })`,
  );
}
