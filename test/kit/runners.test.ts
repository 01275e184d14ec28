import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// The kit's examples under the runners that are not the one at hand. vitest runs examples/counter.test.ts by itself.

const run = promisify(execFile);
const examples = fileURLToPath(new URL("examples", import.meta.url));
const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

/** What the runner printed, without colours. A test that fails ends the runner with a code, and so rejects. */
async function output(command: string, ...args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, NODE_ENV: _environment, ...env } = process.env;
  const { stdout, stderr } = await run(command, [...args], {
    cwd: examples,
    env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  return stdout + stderr;
}

it("works under node:test", async () => {
  const args = ["--conditions=wingbeat-source", "--import", "tsx", "--test-reporter=tap", "--test", "counter.node.ts"];
  const text = await output(process.execPath, ...args);
  expect(text).toContain("# pass 30\n# fail 0");
});

it("works under bun test", async () => {
  const text = await output(bin("bun"), "test", "--conditions=wingbeat-source", "./counter.bun.ts");
  expect(text).toContain(" 30 pass\n 0 fail");
});

it("works under Deno's runner, which also looks for timers and work that a test leaves behind", async () => {
  const args = ["test", "--no-check", "--allow-all", "--conditions=wingbeat-source", "counter.deno.ts"];
  expect(await output(bin("deno"), ...args)).toContain("30 passed | 0 failed");
});
