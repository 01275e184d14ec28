import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "./free-port.ts";
import { readReply, type RedisReply } from "./redis-reply.ts";

export interface TestRedis {
  readonly url: string;
  /** Ends the server and removes what it wrote. */
  stop(): Promise<void>;
}

/** A server of one test's own, which it may treat as badly as it likes. */
export interface OwnRedis extends TestRedis {
  readonly port: number;
  /** Ends the server at once (SIGKILL), as a crash does. Resolves when it is gone; its port is free then. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. Ends it first if it runs. */
  restart(): Promise<void>;
  /** Freezes the server (SIGSTOP): connections stay open, nothing is answered, until `resume`. */
  pause(): void;
  resume(): void;
  /**
   * Sends one command over a connection of its own, as a foreign program does: `command("PUBLISH", "room", "{}")`.
   * @throws when the server answers with an error; its text is the message.
   */
  command(...args: readonly string[]): Promise<RedisReply>;
}

export interface OwnRedisOptions {
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Further settings by the names of redis.conf: `{ "tls-port": "6390" }`. They win over ours. */
  readonly settings?: { readonly [name: string]: string } | undefined;
}

/**
 * A server of this test's own, keeping nothing on disk.
 *
 * @throws when the set-up has found no program (`REDIS_SERVER_PATH`), or when it does not start; its log is in the message.
 */
export async function startRedisServer(options: OwnRedisOptions = {}): Promise<OwnRedis> {
  const port = options.port ?? (await freePort());
  const directory = await mkdtemp(path.join(tmpdir(), "wingbeat-redis-"));
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: directory,
    save: "",
    appendonly: "no",
    ...options.settings,
  };
  let server: ChildProcess | undefined;
  const endWithUs = () => server?.kill("SIGKILL");
  process.once("exit", endWithUs);

  const kill = async () => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    running.kill("SIGKILL"); // it has nothing to save
    await once(running, "exit");
  };
  const start = async () => {
    await kill();
    server = await launch(settings);
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: start,
    pause: () => void server?.kill("SIGSTOP"),
    resume: () => void server?.kill("SIGCONT"),
    command: (...args) => sendCommand(port, args),
    stop: async () => {
      process.removeListener("exit", endWithUs);
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A cluster of servers without replicas, each with its share of the slots. */
export interface TestCluster {
  readonly nodes: readonly OwnRedis[];
  stop(): Promise<void>;
}

/** Starts a cluster of `size` masters. Takes about a second. @throws when it does not come up within a minute */
export async function startRedisCluster(size = 3): Promise<TestCluster> {
  const start = async () => {
    const [port, bus] = [await freePort(), await freePort()];
    return startRedisServer({
      port,
      settings: {
        "cluster-enabled": "yes",
        "cluster-port": String(bus),
        "cluster-config-file": "nodes.conf",
        "cluster-node-timeout": "2000",
      },
    }).then((node) => ({ node, bus }));
  };
  const started = await Promise.all(Array.from({ length: size }, start));
  const nodes = started.map(({ node }) => node);
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    const share = Math.ceil(16_384 / size);
    for (const [index, { node }] of started.entries()) {
      const last = Math.min((index + 1) * share, 16_384) - 1;
      await node.command("CLUSTER", "ADDSLOTSRANGE", String(index * share), String(last));
      await node.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    }
    const [first, ...others] = started;
    for (const { node, bus } of others) {
      await first!.node.command("CLUSTER", "MEET", "127.0.0.1", String(node.port), String(bus));
    }
    await until(async () => {
      const states = await Promise.all(nodes.map((node) => node.command("CLUSTER", "INFO")));
      const known = `cluster_known_nodes:${size}`;
      return states.every((state) => String(state).includes("cluster_state:ok") && String(state).includes(known));
    });
    return { nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts the program and waits until it accepts connections. */
async function launch(settings: { readonly [name: string]: string }): Promise<ChildProcess> {
  const program = process.env["REDIS_SERVER_PATH"] ?? "redis-server";
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`${program} did not start: ${reason}\n${log}`));
    server.once("error", (error) => fail(`${error.message}. \`npm test\` finds or installs one.`));
    server.once("exit", (code) => fail(`it ended with code ${code}.`));
    const listen = (chunk: Buffer) => {
      // Kept for the message above only, and nobody reads it once the server runs.
      if (log.length < 20_000) log += chunk.toString("utf8");
      if (log.includes("eady to accept connections")) resolve();
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
  });
  return server;
}

/** One command, one connection, one answer. */
async function sendCommand(port: number, args: readonly string[]): Promise<RedisReply> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
    socket.write(`*${args.length}\r\n${parts.join("")}`);
    return await firstReply(socket);
  } finally {
    socket.destroy();
  }
}

async function firstReply(socket: Socket): Promise<RedisReply> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    const reply = readReply(received, 0);
    if (reply !== undefined) return reply.value;
  }
  throw new Error("Redis closed the connection before it answered.");
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error("The cluster was not whole after a minute.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
