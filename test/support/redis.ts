import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface TestRedis {
  readonly url: string;
  /** Ends the server and removes what it wrote; does nothing to a server that REDIS_URL named. */
  stop(): Promise<void>;
}

/**
 * The Redis that REDIS_URL names, or a server of this test's own: on a free port of 127.0.0.1, keeping nothing on disk.
 *
 * @throws when the set-up has found neither, or when the server does not start; its log is in the message.
 */
export async function startRedis(): Promise<TestRedis> {
  const url = process.env["REDIS_URL"];
  if (url !== undefined && url !== "") return { url, stop: async () => {} };
  return startRedisServer();
}

/**
 * A server of this test's own, for tests that stop it or break its connections.
 *
 * @param port For a server that comes back in the same place. Default: a free one.
 */
export async function startRedisServer(port?: number): Promise<TestRedis & { readonly port: number }> {
  const program = process.env["REDIS_SERVER_PATH"] ?? "redis-server";
  const ownPort = port ?? (await freePort());
  const directory = await mkdtemp(path.join(tmpdir(), "wingbeat-redis-"));
  const settings = { port: ownPort, bind: "127.0.0.1", dir: directory, save: "", appendonly: "no" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const endWithUs = () => server.kill("SIGKILL");
  process.once("exit", endWithUs);

  let log = "";
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`${program} did not start: ${reason}\n${log}`));
    server.once("error", (error) => fail(`${error.message}. \`npm test\` finds or installs one.`));
    server.once("exit", (code) => fail(`it ended with code ${code}.`));
    const listen = (chunk: Buffer) => {
      log += chunk.toString("utf8");
      if (log.includes("eady to accept connections")) resolve();
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
  });

  return {
    url: `redis://127.0.0.1:${ownPort}`,
    port: ownPort,
    stop: async () => {
      process.removeListener("exit", endWithUs);
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGKILL"); // it has nothing to save
        await once(server, "exit");
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A TCP server has an address with a port.");
  return address.port;
}
