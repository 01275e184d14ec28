import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { freePort } from "../support/free-port.ts";
import { NetworkClient } from "../support/network-client.ts";
import { startRedisServer, type OwnRedis } from "../support/redis.ts";

const TSX = ["--conditions=wingbeat-source", `--import=${import.meta.resolve("tsx")}`];
const example = (name: string): string => fileURLToPath(new URL(`../../examples/outside/${name}`, import.meta.url));
/** Long enough for a machine that does other things as well. */
const PATIENT = { timeout: 60_000, interval: 20 };
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/**
 * Runs a server of the examples.
 * @param atEnd called with what stops it: after the test at hand, or after all of them
 * @returns its address
 */
async function serveExample(
  name: string,
  variables: Readonly<Record<string, string>>,
  atEnd: (end: () => Promise<void>) => void,
): Promise<string> {
  const port = String(await freePort());
  const env = { ...process.env, NODE_ENV: "development", HOST: "127.0.0.1", PORT: port, ...variables };
  const child = spawn(process.execPath, [...TSX, example(name)], { env });
  const exit = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  atEnd(async () => {
    child.kill("SIGTERM");
    // Nothing keeps it from ending by itself.
    expect(await exit).toEqual([0, null]);
  });
  await vi.waitUntil(() => {
    if (child.exitCode !== null) throw new Error(`${name} ended:\n${output}`);
    return output.includes("The news: ");
  }, PATIENT);
  return `http://127.0.0.1:${port}/`;
}

async function run(program: string, args: readonly string[], variables: Readonly<Record<string, string>>) {
  const child = spawn(program, args, { env: { ...process.env, ...variables } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  const [code] = await once(child, "close");
  return { code: Number(code), output };
}

/** A page that shows news. */
async function openNews(url: string): Promise<NetworkClient> {
  const client = await NetworkClient.visit(url);
  onTestFinished(() => client.webSocket.terminate());
  return client;
}

async function expectShown(client: NetworkClient, text: string): Promise<void> {
  await vi.waitUntil(() => JSON.stringify(client.frames).includes(text), PATIENT);
}

describe("publishing from outside a view", () => {
  let redis: OwnRedis;
  let url: string;
  let end = async (): Promise<void> => {};
  beforeAll(async () => {
    redis = await startRedisServer();
    url = await serveExample("server.ts", { REDIS_URL: redis.url, WEBHOOK_SECRET: "of the test" }, (stop) => {
      end = stop;
    });
  });
  afterAll(async () => {
    await end();
    await redis.stop();
  });

  it("by a webhook's handler", async () => {
    const client = await openNews(url);
    const post = (authorization: string) =>
      fetch(`${url}webhook`, { method: "POST", headers: { authorization }, body: "The build has passed" });
    expect((await post("Bearer wrong")).status).toBe(401);
    expect((await post("Bearer of the test")).status).toBe(204);
    await expectShown(client, "The build has passed");
  });

  it("by a program that publishes and ends", async () => {
    const client = await openNews(url);
    const { code, output } = await run(process.execPath, [...TSX, example("cron.ts"), "Good morning"], {
      REDIS_URL: redis.url,
    });
    expect({ code, output }).toEqual({ code: 0, output: "" });
    await expectShown(client, "Good morning");
  });

  it("by any program, as plain JSON; what does not fit the topic's schema reaches nobody", async () => {
    const client = await openNews(url);
    await redis.command("PUBLISH", "wingbeat:news", '{"type":"news","id":"1","text":["a list"]}');
    await redis.command("PUBLISH", "wingbeat:news", "no JSON at all");
    await redis.command("PUBLISH", "wingbeat:news", '{"type":"news","id":"2","text":"By hand"}');
    await expectShown(client, "By hand");
    expect(JSON.stringify(client.frames)).not.toContain("a list");
  });

  it.skipIf(!hasPython)("by a program in Python", async () => {
    const client = await openNews(url);
    const { code, output } = await run("python3", [example("publish.py"), "Hello from Python"], {
      REDIS_URL: redis.url,
    });
    expect({ code, output }).toEqual({ code: 0, output: "1 subscribers got it\n" });
    await expectShown(client, "Hello from Python");
  });

  it("by a thread that does the work", async () => {
    const client = await openNews(await serveExample("threads.ts", {}, onTestFinished));
    await expectShown(client, "There are 9592 primes below 100000");
  });
});
