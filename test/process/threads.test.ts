import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { exchange } from "./threads/exchange.ts";

const run = promisify(execFile);
const folder = fileURLToPath(new URL("threads", import.meta.url));
const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

/** tsx does not reach into threads by itself. */
const THREAD = `import("tsx/esm/api").then(({ register }) => {
  register();
  return import(require("node:worker_threads").workerData);
});`;

/** What the runner printed, without colours. A test that fails ends the runner with a code, and so rejects. */
async function output(command: string, ...args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, NODE_ENV: _environment, ...env } = process.env;
  const { stdout, stderr } = await run(command, [...args], {
    cwd: folder,
    env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  return stdout + stderr;
}

describe("BroadcastChannelPubSub in threads", () => {
  it("carries messages both ways in order on Node, and a thread that ends harms nobody", async () => {
    const start = () => {
      const worker = new Worker(THREAD, {
        eval: true,
        workerData: new URL("threads/thread.ts", import.meta.url).href,
        execArgv: ["--conditions=wingbeat-source"],
      });
      return () => worker.terminate();
    };
    const expected = { answered: 2_000, inOrder: true, floodIsWhole: true, gaps: [], errors: [] };
    expect(await exchange(start)).toEqual(expected);
  });

  it("passes the contract on Deno, also between its workers", async () => {
    const args = ["test", "--no-check", "--allow-all", "--conditions=wingbeat-source", "threads.deno.ts"];
    expect(await output(bin("deno"), ...args)).toMatch(/ [1-9]\d passed \| 0 failed/);
  });

  it("passes the contract on Bun, also between its workers", async () => {
    const text = await output(bin("bun"), "test", "--conditions=wingbeat-source", "./threads.bun.ts");
    expect(text).toMatch(/ [1-9]\d pass\n 0 fail/);
  });
});
