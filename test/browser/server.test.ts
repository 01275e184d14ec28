import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { ROOT } from "./printed-programs.ts";
import { expectText, useBrowser } from "./support.ts";

const { visit } = useBrowser();

const directory = mkdtempSync(join(tmpdir(), "snippetbox-"));
let server: ChildProcess | undefined;
afterEach(() => void server?.kill("SIGKILL"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Starts the examples as `npm start` does. @returns their address, once it is printed */
async function startExamples(env: Record<string, string>): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const started = spawn(
    process.execPath,
    ["--conditions=wingbeat-source", "--import=tsx", join(ROOT, "examples/snippetbox/server.ts")],
    {
      cwd: ROOT,
      env: { ...process.env, HOST: "127.0.0.1", PORT: String(port), DATABASE_URL: join(directory, "test.db"), ...env },
    },
  );
  server = started;
  let output = "";
  started.stderr.on("data", (data) => (output += String(data)));
  const printed = new Promise<string>((resolve, reject) => {
    started.stdout.on("data", (data) => {
      output += String(data);
      const url = /Snippetbox: (\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    started.once("exit", () => reject(new Error(`The examples ended:\n${output}`)));
  });
  const url = await printed;
  expect(url).toBe(`http://127.0.0.1:${port}/`);
  return { url, process: started };
}

describe("what npm start runs", () => {
  it.each([
    ["development", "SIGINT"],
    ["production", "SIGTERM"],
  ] as const)(
    "prints its address in %s, serves it, and stops cleanly on %s",
    async (mode, signal) => {
      const { url, process: started } = await startExamples({ NODE_ENV: mode });
      const ada = await visit(`${url}counter`);
      const grace = await visit(`${url}counter`);
      await ada.page.click("text='+'");
      await expectText(grace.page, "h1", "Count is: 1");
      expect([...ada.problems, ...grace.problems]).toEqual([]);
      const ended = once(started, "exit");
      started.kill(signal);
      expect(await ended).toEqual([0, null]);
      // A process that compiles its sources as it loads them.
    },
    90_000,
  );
});
