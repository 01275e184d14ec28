import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const bin = (name: string): string => pathOf(`../../node_modules/.bin/${name}`);

const preload = [import.meta.resolve("tsx"), new URL("../browser/typescript-in-threads.mjs", import.meta.url).href];
const runtimes: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ["Node", process.execPath, preload.map((url) => `--import=${url}`)],
  ["Bun", bin("bun"), []],
  ["Deno", bin("deno"), ["run", "--no-check", "--allow-all"]],
];

it.each(runtimes)(
  "two threads of %s answer each other over a BroadcastChannel, in order and in shape, and end",
  async (_name, command, args) => {
    const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
    const all = [...args, "--conditions=wingbeat-source", pathOf("threads-program.ts")];
    const { stdout } = await promisify(execFile)(command, all, { env: { ...env, DENO_NO_UPDATE_CHECK: "1" } });
    expect(stdout).toBe("1000 answers, in order, 0 gaps\n");
  },
);
