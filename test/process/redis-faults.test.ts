import { execFile } from "node:child_process";
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Gap } from "../../src/pubsub/gap.ts";
import type { RedisPubSubOptions } from "../../src/pubsub/redis-pubsub.ts";
import { AwakeTime } from "../support/awake-time.ts";
import { localhostCertificate, localhostKey } from "../support/localhost-certificate.ts";
import { freePort } from "../support/free-port.ts";
import { startRedisCluster, startRedisServer, type OwnRedis, type OwnRedisOptions } from "../support/redis.ts";
import { RedisListener, until } from "../support/redis-listener.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

type Cleanup = (cleanup: () => Promise<void>) => void;

async function server(cleanup: Cleanup, options: OwnRedisOptions = {}): Promise<OwnRedis> {
  const redis = await startRedisServer(options);
  cleanup(() => redis.stop());
  return redis;
}

/** Connected, and subscribed to "room". In that order: who waits for two seconds to be subscribed is told of a gap. */
async function listener(cleanup: Cleanup, options: RedisPubSubOptions): Promise<RedisListener> {
  const one = new RedisListener(options);
  cleanup(() => one.pubSub.close());
  await until("connected", () => one.pubSub.status === "connected");
  await one.subscribe("room");
  // On a busy machine it may have tried more than once.
  const others = one.errors.filter((error) => !error.includes("there was no answer within"));
  one.errors.splice(0, one.errors.length, ...others);
  return one;
}

/** Resolves when it has been told of a gap in all topics, for this reason. */
function untilGap({ gaps }: RedisListener, expected: Gap["cause"]): Promise<void> {
  return until(`a gap by ${expected}`, () => gaps.some(({ cause, topics }) => cause === expected && topics === "*"));
}

/** Resolves when a message of each reaches the other. What is lost on the way is no matter. */
async function untilBothHear(ada: RedisListener, grace: RedisListener): Promise<void> {
  const start = performance.now();
  const number = () => Math.round(performance.now() - start);
  const [toGrace, toAda] = [`to Grace ${Math.random()}`, `to Ada ${Math.random()}`];
  const hears = (one: RedisListener, text: string) =>
    one.heard.get("room")?.some((message) => String(message).startsWith(text)) === true;
  await until("both hear each other", () => {
    ada.send("room", `${toGrace} ${number()}`);
    grace.send("room", `${toAda} ${number()}`);
    return hears(grace, toGrace) && hears(ada, toAda);
  });
}

async function subscribers(redis: OwnRedis, topic: string): Promise<number> {
  const reply = await redis.command("PUBSUB", "NUMSUB", `wingbeat:${topic}`);
  return Array.isArray(reply) ? Number(reply[1]) : 0;
}

/** How many are connected, without the one that asks. */
async function connections(redis: OwnRedis): Promise<number> {
  return (
    String(await redis.command("CLIENT", "LIST"))
      .trim()
      .split("\n").length - 1
  );
}

/** How many connections there have been so far. Asking is one, too. */
async function connectionsEver(redis: OwnRedis): Promise<number> {
  return Number(/total_connections_received:(\d+)/.exec(String(await redis.command("INFO", "stats")))?.[1]);
}

/** Starting a process takes long where many are started. */
const STARTS = { timeout: 120_000 };

// Each has its own server, and most of them wait: so they run at once.
describe.concurrent("RedisPubSub, when Redis fails,", () => {
  it("survives a crash of the server: local subscribers are served, all is back soon, and a gap is reported", async ({
    onTestFinished: cleanup,
  }) => {
    const redis = await server(cleanup);
    const [ada, grace] = [await listener(cleanup, { url: redis.url }), await listener(cleanup, { url: redis.url })];
    await redis.kill();
    await until("down", () => ada.pubSub.status === "down" && grace.pubSub.status === "down");
    const refusing = new AwakeTime();
    await expect(ada.pubSub.broadcast("room", "while it is down")).rejects.toMatchObject({
      code: "pubsub.unreachable",
    });
    expect(refusing.stop()).toBeLessThan(1_000);
    expect(ada.heard.get("room")).toEqual(["while it is down"]);

    await redis.restart();
    const connecting = new AwakeTime();
    await until("connected", () => ada.pubSub.status === "connected" && grace.pubSub.status === "connected");
    // The longest wait between two tries is a second; the rest is for a busy machine.
    expect(connecting.stop()).toBeLessThan(5_000);
    for (const one of [ada, grace]) await untilGap(one, "reconnect");
    await untilBothHear(ada, grace);
    expect(await subscribers(redis, "room")).toBe(2);
    expect(grace.heard.get("room")).not.toContain("while it is down");
    expect(ada.errors.join("\n")).toContain("pubsub.backplane: The connection that subscribes to Redis at");
  });

  it("has two connections and one subscription for each topic, also after ten cuts", async ({
    onTestFinished: cleanup,
  }) => {
    const redis = await server(cleanup);
    const ada = await listener(cleanup, { url: redis.url });
    await ada.subscribe("hall");
    for (let cut = 1; cut <= 10; cut++) {
      const gaps = ada.gaps.length;
      await redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
      await until("a gap for this cut", () => ada.gaps.length > gaps && ada.pubSub.status === "connected");
    }
    await until("two connections are left", async () => (await connections(redis)) === 2);
    expect(await subscribers(redis, "room")).toBe(1);
    expect(await subscribers(redis, "hall")).toBe(1);
    expect(ada.gaps.every(({ cause }) => cause === "reconnect")).toBe(true);
  });

  it("loses nothing and reports no gap while the server stands still for a second", async ({
    onTestFinished: cleanup,
  }) => {
    const redis = await server(cleanup);
    const [ada, grace] = [await listener(cleanup, { url: redis.url }), await listener(cleanup, { url: redis.url })];
    redis.pause();
    const sent = ada.pubSub.broadcast("room", "meanwhile");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    redis.resume();
    await sent;
    await until("what was sent meanwhile", () => grace.hasHeard("room", "meanwhile"));
    expect([...ada.gaps, ...grace.gaps, ...ada.errors, ...grace.errors]).toEqual([]);
  });

  it("replaces its connections when the server stands still for long, and reports a gap", async ({
    onTestFinished: cleanup,
  }) => {
    const redis = await server(cleanup);
    const [ada, grace] = [await listener(cleanup, { url: redis.url }), await listener(cleanup, { url: redis.url })];
    const refusing = new AwakeTime();
    redis.pause();
    await expect(ada.pubSub.broadcast("room", "lost")).rejects.toMatchObject({ code: "pubsub.unreachable" });
    // Two seconds, and more of a busy machine.
    expect(refusing.stop()).toBeLessThan(5_000);
    await until("given up", () => ada.pubSub.status === "down" && grace.pubSub.status === "down");
    redis.resume();
    await untilGap(ada, "watchdog");
    await until("a gap", () => grace.gaps.length > 0);
    await untilBothHear(ada, grace);
    await until("two connections of each are left", async () => (await connections(redis)) === 4);
  });

  const passes = {
    subscriber: (opening: string) => /subscribe/i.test(opening),
    publisher: (opening: string) => !/subscribe/i.test(opening),
    "two connections": () => true,
  };
  it.for([
    ["subscriber", 1],
    ["publisher", 1],
    ["two connections", 2],
  ] as const)(
    "heals within five seconds when a black hole swallows what passes its %s",
    async ([which, count], { onTestFinished: cleanup }) => {
      const redis = await server(cleanup);
      const proxy = await startTcpProxy(redis.port);
      cleanup(() => proxy.close());
      const ada = await listener(cleanup, { url: `redis://127.0.0.1:${proxy.port}` });
      const grace = await listener(cleanup, { url: redis.url });
      await untilBothHear(ada, grace);
      const holes = proxy.connections.filter(({ opening }) => passes[which](opening));
      expect(holes).toHaveLength(count);
      for (const hole of holes) hole.blackHole();
      const startAt = performance.now();
      const healing = new AwakeTime();
      await untilBothHear(ada, grace);
      // The watchdog needs 4.25 s at most; the rest is for a busy machine.
      expect(healing.stop()).toBeLessThan(9_000);
      expect(performance.now() - startAt).toBeGreaterThan(1_000);
      await untilGap(ada, "watchdog");
      expect(grace.gaps.filter(({ topics }) => topics === "*")).toEqual([]);
      await until("no promise is pending", () => ada.pending === 0 && grace.pending === 0);
      // The ends that the hole cut off from each other are the proxy's to close.
      await until("two others are left", () => proxy.connections.filter((one) => !holes.includes(one)).length === 2);
    },
  );

  it("starts while Redis is away, serves its own subscribers, and connects when Redis comes", async ({
    onTestFinished: cleanup,
  }) => {
    const port = await freePort();
    const ada = new RedisListener({ url: `redis://127.0.0.1:${port}` });
    cleanup(() => ada.pubSub.close());
    await ada.subscribe("room");
    await expect(ada.pubSub.broadcast("room", "alone")).rejects.toMatchObject({ code: "pubsub.unreachable" });
    expect(ada.heard.get("room")).toEqual(["alone"]);
    expect(ada.errors.join("\n")).toContain("ECONNREFUSED");
    expect(ada.errors.length).toBeLessThan(5);
    const redis = await server(cleanup, { port });
    await until("connected", () => ada.pubSub.status === "connected");
    await redis.command("PUBLISH", "wingbeat:room", '"from outside"');
    await until("heard", () => ada.hasHeard("room", "from outside"));
    expect(ada.statuses.at(-1)).toBe("connected");
  });

  it("closes while Redis is away, and settles what waits", async ({ onTestFinished: cleanup }) => {
    const ada = new RedisListener({ url: `redis://127.0.0.1:${await freePort()}` });
    cleanup(() => ada.pubSub.close());
    const subscribing = ada.pubSub.subscribe("room", () => {});
    const outcome = subscribing.catch((error: unknown) => error);
    const closing = new AwakeTime();
    await ada.pubSub.close();
    const closedMs = closing.stop();
    expect(await outcome).toMatchObject({ code: "pubsub.closed" });
    // It does not wait for the two seconds after which a try to connect is given up.
    expect(closedMs).toBeLessThan(1_900);
    await expect(ada.pubSub.broadcast("room", "too late")).rejects.toMatchObject({ code: "pubsub.closed" });
  });

  it("takes plain JSON of other programs, and does not mind an emptied database", async ({
    onTestFinished: cleanup,
  }) => {
    const redis = await server(cleanup);
    const ada = await listener(cleanup, { url: redis.url });
    await redis.command("FLUSHALL");
    expect(await redis.command("PUBLISH", "wingbeat:room", '{"type":"said","text":"grüße"}')).toBe(1);
    await redis.command("PUBLISH", "wingbeat:room", "no JSON");
    await redis.command("PUBLISH", "wingbeat:room", "42");
    await until("both", () => ada.heard.get("room")?.length === 2);
    expect(ada.heard.get("room")).toEqual([{ type: "said", text: "grüße" }, 42]);
    expect(ada.pubSub.counts).toMatchObject({ foreign: 2, refused: 1 });
    expect(ada.gaps).toEqual([]);
  });
});

describe.concurrent("RedisPubSub, with the permissions of a user,", () => {
  const minimal = ["-@all", "+subscribe", "+unsubscribe", "+publish", "+hello", "+ping"];

  it("needs six commands and the channels of its prefix", async ({ onTestFinished: cleanup }) => {
    const redis = await server(cleanup);
    await redis.command("ACL", "SETUSER", "app", "on", ">p@ss/word", "resetchannels", "&wingbeat:*", ...minimal);
    const url = `redis://app:${encodeURIComponent("p@ss/word")}@127.0.0.1:${redis.port}`;
    const [ada, grace] = [
      await listener(cleanup, { url }),
      await listener(cleanup, { url: redis.url, username: "app", password: "p@ss/word" }),
    ];
    await untilBothHear(ada, grace);
    expect([...ada.errors, ...grace.errors]).toEqual([]);
  });

  it("refuses one topic that is not permitted, and the others live", async ({ onTestFinished: cleanup }) => {
    const redis = await server(cleanup);
    await redis.command(
      "ACL",
      "SETUSER",
      "app",
      "on",
      ">secret",
      "resetchannels",
      "&wingbeat:~*",
      "&wingbeat:room",
      ...minimal,
    );
    const ada = await listener(cleanup, { url: redis.url, username: "app", password: "secret" });
    await expect(ada.pubSub.subscribe("hall", () => {})).rejects.toMatchObject({
      code: "pubsub.subscribe-refused",
      message: expect.stringContaining("NOPERM"),
    });
    await expect(ada.pubSub.broadcast("hall", "hello")).rejects.toThrow("NOPERM");
    await redis.command("PUBLISH", "wingbeat:room", '"still here"');
    await until("heard", () => ada.hasHeard("room", "still here"));
    expect(ada.statuses).toEqual(["degraded", "connected"].slice(-ada.statuses.length));
  });

  it("reports one topic that is permitted no more, the others live, and it comes back with its permission", async ({
    onTestFinished: cleanup,
  }) => {
    const redis = await server(cleanup);
    const setChannels = (...channels: readonly string[]) =>
      redis.command("ACL", "SETUSER", "app", "on", ">secret", "resetchannels", "&wingbeat:~*", ...channels, ...minimal);
    await setChannels("&wingbeat:room", "&wingbeat:hall");
    const ada = await listener(cleanup, { url: redis.url, username: "app", password: "secret" });
    await ada.subscribe("hall");

    await setChannels("&wingbeat:room");
    await until("the error", () => ada.errors.some((error) => error.includes('refuses the channel "wingbeat:hall"')));
    await until("connected", () => ada.pubSub.status === "connected");
    await redis.command("PUBLISH", "wingbeat:room", '"the others live"');
    await until("heard", () => ada.hasHeard("room", "the others live"));
    const before = await connectionsEver(redis);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const after = await connectionsEver(redis);
    // The one that asks, and nobody else: it does not connect over and over.
    expect(after - before).toBe(1);

    await setChannels("&wingbeat:room", "&wingbeat:hall");
    await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
    await until("it is back", async () => (await subscribers(redis, "hall")) === 1);
    await redis.command("PUBLISH", "wingbeat:hall", '"back"');
    await until("heard", () => ada.hasHeard("hall", "back"));
  });

  it("says what is wrong with a wrong password, and closes", async ({ onTestFinished: cleanup }) => {
    const redis = await server(cleanup, { settings: { requirepass: "right" } });
    const ada = new RedisListener({ url: `redis://:wrong@127.0.0.1:${redis.port}` });
    cleanup(() => ada.pubSub.close());
    await until("the error", () => ada.errors.length > 0);
    expect(ada.errors[0]).toContain("WRONGPASS");
    expect(ada.errors.join()).not.toContain("wrong@");
    await expect(ada.pubSub.broadcast("room", "hello")).rejects.toMatchObject({ code: "pubsub.unreachable" });
  });
});

describe.concurrent("RedisPubSub over TLS", () => {
  it("connects to a server whose authority it is given, and to no other", async ({ onTestFinished: cleanup }) => {
    const directory = await mkdtemp(path.join(tmpdir(), "wingbeat-tls-"));
    cleanup(() => rm(directory, { recursive: true }));
    const [cert, key] = [path.join(directory, "cert.pem"), path.join(directory, "key.pem")];
    await writeFile(cert, localhostCertificate);
    await writeFile(key, localhostKey);
    const tlsPort = await freePort();
    const redis = await server(cleanup, {
      settings: { "tls-port": String(tlsPort), "tls-cert-file": cert, "tls-key-file": key, "tls-auth-clients": "no" },
    });
    const url = `rediss://localhost:${tlsPort}`;
    const ada = await listener(cleanup, { url, client: { socket: { tls: true, ca: localhostCertificate } } });
    await untilBothHear(ada, await listener(cleanup, { url: redis.url }));

    const suspicious = new RedisListener({ url });
    cleanup(() => suspicious.pubSub.close());
    await until("the error", () => suspicious.errors.some((error) => error.includes("self-signed certificate")));
    expect(suspicious.statuses).toEqual([]);
  });
});

describe.concurrent("a program that closes its RedisPubSub ends by itself", STARTS, () => {
  async function run(url: string, subscribe: "yes" | "no"): Promise<string> {
    const program = fileURLToPath(new URL("redis-child.ts", import.meta.url));
    const args = ["--conditions=wingbeat-source", "--import=tsx", program];
    const env = { ...process.env, REDIS_URL: url, SUBSCRIBE: subscribe };
    return (await promisify(execFile)(process.execPath, args, { env, timeout: 100_000 })).stdout;
  }

  it("after it has subscribed and published", async ({ onTestFinished: cleanup }) => {
    const redis = await server(cleanup);
    const grace = await listener(cleanup, { url: redis.url });
    expect(await run(redis.url, "yes")).toBe("sent, then closed\n");
    await until("its last message", () => grace.heard.get("room")?.length === 2);
  });

  it("after it has published in its first line, before there was a connection", async ({ onTestFinished: cleanup }) => {
    const redis = await server(cleanup);
    const grace = await listener(cleanup, { url: redis.url });
    expect(await run(redis.url, "no")).toBe("sent, then closed\n");
    await until("its last message", () => grace.heard.get("room")?.length === 2);
  });

  it("while there is no Redis, and while it answers nothing", async ({ onTestFinished: cleanup }) => {
    expect(await run(`redis://127.0.0.1:${await freePort()}`, "no")).toBe("refused, then closed\n");
    const redis = await server(cleanup);
    const proxy = await startTcpProxy(redis.port);
    cleanup(() => proxy.close());
    proxy.blackHole();
    expect(await run(`redis://127.0.0.1:${proxy.port}`, "yes")).toBe("refused, then closed\n");
  });
});

describe("RedisPubSub, in a process that is blocked for four seconds,", () => {
  it("blames nobody: no connection is replaced, no gap reported, nothing lost", async ({ onTestFinished: cleanup }) => {
    const redis = await server(cleanup);
    const [ada, grace] = [await listener(cleanup, { url: redis.url }), await listener(cleanup, { url: redis.url })];
    await untilBothHear(ada, grace);
    const before = await connectionsEver(redis);
    ada.send("room", "before");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000);
    ada.send("room", "after");
    await until("both messages", () => grace.hasHeard("room", "before") && grace.hasHeard("room", "after"));
    // A false alarm would come within the next ticks.
    for (let turn = 1; turn <= 3; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      await untilBothHear(ada, grace);
    }
    expect([...ada.gaps, ...grace.gaps, ...ada.errors, ...grace.errors]).toEqual([]);
    expect((await connectionsEver(redis)) - before).toBe(1);
  });
});

describe("a RedisPubSub that was closed", () => {
  it("has left no timer and no socket, whatever befell it", async ({ onTestFinished: cleanup }) => {
    const held = () => process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate|TCP/.test(kind)).length;
    const before = held();
    const redis = await server(cleanup);
    const proxy = await startTcpProxy(redis.port);
    const ada = await listener(cleanup, { url: `redis://127.0.0.1:${proxy.port}` });
    ada.send("room", "hello");
    proxy.cut();
    await until("the gap", () => ada.gaps.length > 0);
    await redis.kill();
    await until("down", () => ada.pubSub.status === "down");
    await redis.restart();
    await until("connected", () => ada.pubSub.status === "connected");
    proxy.blackHole();
    ada.send("room", "into the hole");
    await ada.pubSub.close();
    expect(ada.pending).toBe(0);
    await proxy.close();
    await until("as before", () => held() <= before);
  });
});

describe("RedisPubSub on a cluster", () => {
  it("hears everything again after a node's crash and after a slot has moved, and reports both as gaps", async ({
    onTestFinished: cleanup,
  }) => {
    const cluster = await startRedisCluster();
    cleanup(() => cluster.stop());
    const options = { cluster: { rootNodes: cluster.nodes.map(({ url }) => ({ url })) } };
    const [ada, grace] = [await listener(cleanup, options), await listener(cleanup, options)];
    await untilBothHear(ada, grace);
    const [first, second] = cluster.nodes;
    if (first === undefined || second === undefined) throw new Error("A cluster has nodes.");

    await first.kill();
    await until("a loss is noticed", () => ada.pubSub.status !== "connected" && grace.pubSub.status !== "connected");
    await first.restart();
    await until("gaps", () => ada.gaps.length > 0 && grace.gaps.length > 0);
    await untilBothHear(ada, grace);

    const slot = Number(await first.command("CLUSTER", "KEYSLOT", "wingbeat:room"));
    const ids = await Promise.all(cluster.nodes.map((node) => node.command("CLUSTER", "MYID")));
    const owner = Math.floor(slot / Math.ceil(16_384 / 3));
    const [gapsOfAda, gapsOfGrace] = [ada.gaps.length, grace.gaps.length];
    const target = (owner + 1) % 3;
    for (const node of [cluster.nodes[target], cluster.nodes[owner]]) {
      await node?.command("CLUSTER", "SETSLOT", String(slot), "NODE", String(ids[target]));
    }
    await until("gaps", () => ada.gaps.length > gapsOfAda && grace.gaps.length > gapsOfGrace);
    await untilBothHear(ada, grace);
    expect(await cluster.nodes[target]?.command("PUBSUB", "SHARDNUMSUB", "wingbeat:room")).toEqual([
      "wingbeat:room",
      2,
    ]);
  });
});
