import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { freePort } from "../support/free-port.ts";
import { NetworkClient } from "../support/network-client.ts";
import { startRedisServer } from "../support/redis.ts";

const directory = mkdtempSync(path.join(tmpdir(), "snippetbox-"));
afterAll(() => rmSync(directory, { recursive: true }));
const DATABASE_URL = path.join(directory, "test.db");
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Long enough for a machine that does other things as well. */
const PATIENT = { timeout: 60_000, interval: 20 };

/** Runs the examples as `npm start` does. @returns their address, and a way to stop them that gives exit code and signal */
async function start(args: readonly string[] = [], variables: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const env = {
    ...process.env,
    NODE_ENV: "development",
    HOST: "127.0.0.1",
    PORT: String(port),
    DATABASE_URL,
    ...variables,
  };
  const child = spawn(process.execPath, ["--conditions=wingbeat-source", "scripts/start.mjs", ...args], {
    cwd: ROOT,
    env,
  });
  const exit = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  await vi.waitUntil(() => {
    if (child.exitCode !== null) throw new Error(`The examples ended:\n${output}`);
    return output.includes("Snippetbox: ");
  }, PATIENT);
  const stop = (): Promise<unknown[]> => {
    child.kill("SIGTERM");
    return exit;
  };
  return { url: `http://127.0.0.1:${port}/`, stop };
}

async function visit(url: string, cookie?: string): Promise<NetworkClient> {
  const client = await NetworkClient.visit(url, cookie);
  onTestFinished(() => client.webSocket.terminate());
  return client;
}

/** All that a page was sent, as text. */
const sent = ({ frames }: NetworkClient): string => JSON.stringify(frames);

/** The count that a page shows: what stands in its rendering is replaced by what its diffs say. */
function count({ frames }: NetworkClient): string | undefined {
  const counts = frames.flatMap(([, , , , payload]) => JSON.stringify(payload).match(/"0":"-?\d+"/)?.[0] ?? []);
  return counts.at(-1)?.slice(5, -1);
}

/** The counter and the deploy page, on servers that serve one app together. */
async function expectInStep(urls: readonly string[]): Promise<void> {
  const visits = urls.map((url) => visit(`${url}counter`));
  const clients = await Promise.all(visits);
  await Promise.all(clients.flatMap((client) => Array.from({ length: 5 }, () => client.event("increment"))));
  const total = String(5 * clients.length);
  for (const client of clients) await vi.waitUntil(() => count(client) === total, PATIENT);
  for (const url of urls) {
    const late = await visit(`${url}counter`);
    await vi.waitUntil(() => count(late) === total, PATIENT);
  }

  const watchers = await Promise.all(urls.map((url) => visit(`${url}deploy`)));
  await watchers[0]?.event("deploy");
  for (const client of watchers) await vi.waitUntil(() => sent(client).includes("Pushing the contents"), PATIENT);
  const late = await Promise.all(urls.map((url) => visit(`${url}deploy`)));
  for (const client of [...watchers, ...late]) {
    await vi.waitUntil(() => /"(?:Status: )?Done!"/.test(sent(client)), PATIENT);
  }
}

/** The page of who is here, at each of the addresses: everybody sees everybody. */
async function expectEverybody(urls: readonly string[]): Promise<void> {
  const cookieOf = (index: number): string => `visitor=${String(index).padStart(8, "0")}-0000-4000-8000-000000000000`;
  const clients = await Promise.all(urls.map((url, index) => visit(`${url}who`, cookieOf(index))));
  const summary = `${urls.length} people are here.`;
  for (const client of clients) await vi.waitUntil(() => sent(client).includes(summary), PATIENT);
  // Another tab of the first one, at whichever process: still as many people.
  const tab = await visit(`${urls.at(-1)}who`, cookieOf(0));
  await vi.waitUntil(() => sent(tab).includes(summary), PATIENT);
  expect(sent(tab)).not.toContain(`${urls.length + 1} people are here.`);
}

describe("the examples in several processes", () => {
  it("stay in step with --workers, and stop together", async () => {
    const { url, stop } = await start(["--workers", "2"]);
    await expectInStep([url, url, url, url, url, url]);
    await expectEverybody([url, url, url, url, url, url]);
    expect(await stop()).toEqual([0, null]);
  });

  it("stay in step on two ports with REDIS_URL, and one that starts later learns what the other knows", async () => {
    const redis = await startRedisServer();
    onTestFinished(() => redis.stop());
    const first = await start([], { REDIS_URL: redis.url });
    const early = await visit(`${first.url}counter`);
    await early.event("increment");
    const second = await start([], { REDIS_URL: redis.url });
    const late = await visit(`${second.url}counter`);
    await vi.waitUntil(() => count(late) === "1", PATIENT);
    await late.event("decrement");
    await vi.waitUntil(() => count(early) === "0", PATIENT);
    await expectInStep([first.url, second.url]);
    await expectEverybody([first.url, second.url]);
    expect(await Promise.all([first.stop(), second.stop()])).toEqual([
      [0, null],
      [0, null],
    ]);
  });
});
