import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { NetworkClient } from "../support/network-client.ts";
import { uploadOverNetwork } from "../support/network-upload.ts";

const MEGABYTE = 1_000_000;
const directories: string[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await stop(child);
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function startServer(directory: string): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(new URL("uploads-server.ts", import.meta.url), {
    execArgv: ["--conditions=wingbeat-source", "--expose-gc", `--import=${import.meta.resolve("tsx")}`],
    env: { ...process.env, UPLOADS: directory },
    silent: true,
  });
  children.push(child);
  // The program says so first.
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return { url, child };
}

async function ask(child: ChildProcess, order: string): Promise<number> {
  child.send(order);
  // Its answer to whatever it is asked.
  const [{ growth }] = (await once(child, "message")) as [{ growth: number }];
  return growth;
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "wingbeat-uploads-process-"));
  directories.push(directory);
  return directory;
}

async function open(url: string): Promise<{ client: NetworkClient; upload: string }> {
  const client = await NetworkClient.visit(url);
  const upload = /phx-[\w-]{20}/.exec(JSON.stringify(client.frames))?.[0] ?? "";
  return { client, upload };
}

describe("uploads in a process of their own", () => {
  it("take the server no more memory for a large file than for a small one", async () => {
    const { url, child } = await startServer(newDirectory());
    const growthFor = async (bytes: number): Promise<number> => {
      const { client, upload } = await open(url);
      await ask(child, "begin");
      await uploadOverNetwork(client, upload, bytes);
      const growth = await ask(child, "measure");
      expect(JSON.stringify(await client.event("save"))).toContain(String(bytes));
      client.webSocket.terminate();
      return growth;
    };
    const small = await growthFor(16 * MEGABYTE);
    const large = await growthFor(144 * MEGABYTE);
    // Buffers that nobody needs any more stay until they are collected: of 128 MB more, a part.
    expect((large - small) / MEGABYTE).toBeLessThan(48);
  });

  it("leave nothing when it was killed in the midst, once it is started again", async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, "not-ours.txt"), "stays");
    const first = await startServer(directory);
    const { client, upload } = await open(first.url);
    await uploadOverNetwork(client, upload, MEGABYTE);
    expect(readdirSync(directory)).toHaveLength(2);
    await stop(first.child);
    expect(readdirSync(directory)).toHaveLength(2);
    await startServer(directory);
    await expect.poll(() => readdirSync(directory)).toEqual(["not-ours.txt"]);
  });
});
