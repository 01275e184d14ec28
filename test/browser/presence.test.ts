import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_TIMINGS } from "../../src/presence/state.ts";
import { freePort } from "../support/free-port.ts";
import { startRedisServer, type OwnRedis } from "../support/redis.ts";
import { joinsAgain } from "./moments.ts";
import { connected, record, useBrowser, type Visit } from "./support.ts";

const { visit } = useBrowser();
/** For what happens at once, on a machine three times as slow as ours. */
const SOON = { timeout: 20_000 };
/** The grace of the example, and what a busy machine may add to it, in milliseconds. */
const GRACE_MS = 5_000;
const MARGIN_MS = 20_000;
const GONE = { timeout: GRACE_MS + MARGIN_MS };
const DEAD = { timeout: DEFAULT_TIMINGS.downAfterMs + 3_000 + GRACE_MS + MARGIN_MS };

let redis: OwnRedis;
let servers: readonly Server[];

beforeEach(async () => {
  redis = await startRedisServer();
  servers = [new Server(await freePort()), new Server(await freePort())];
  await Promise.all(servers.map((server) => server.start()));
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  await redis.stop();
});

/** A process with the examples, at the Redis of the test. */
class Server {
  readonly url: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}/who`;
  }

  /** Resolves when it listens. Again after `kill`: on the same port. */
  async start(): Promise<void> {
    const child = fork(fileURLToPath(new URL("who-server.ts", import.meta.url)), {
      silent: true,
      env: { ...process.env, HOST: "127.0.0.1", PORT: String(this.#port), REDIS_URL: redis.url },
      execArgv: ["--conditions=wingbeat-source", `--import=${import.meta.resolve("tsx")}`],
    });
    this.#child = child;
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += String(data)));
    const ended = once(child, "exit").then(() => {
      throw new Error(`The server ended before it listened:\n${output}`);
    });
    await Promise.race([once(child, "message"), ended]);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}

/** A visitor with this name, on the first server or the second. */
async function visitor(name: string, index: 0 | 1): Promise<Visit> {
  const visited = await visit(servers[index]?.url ?? "");
  await visited.page.getByLabel("Your name").fill(name);
  await visited.page.getByRole("button", { name: "Save" }).click();
  return visited;
}

async function names(page: Page): Promise<string[]> {
  return (await page.locator(".people b").allTextContents()).sort();
}

async function expectNames(pages: readonly Page[], expected: readonly string[], within = SOON): Promise<void> {
  for (const page of pages) await expect.poll(() => names(page), within).toEqual(expected);
}

describe("three pages on two server processes", () => {
  it("show who is there, when one loads the page again, when one is closed, when a server is killed, and when it is back", async () => {
    const visits = [await visitor("Ada", 0), await visitor("Alan", 0), await visitor("Grace", 1)] as const;
    const [ada, alan, grace] = visits.map(({ page }) => page) as [Page, Page, Page];
    await expectNames([ada, alan, grace], ["Ada", "Alan", "Grace"]);

    // Who loads the page again has never been away: nobody is shown a leave or a join.
    const summaries = await record(grace, "main [role=status]");
    const shown = await record(grace, ".people");
    for (let reload = 0; reload < 3; reload++) {
      await ada.reload();
      await connected(ada);
      await expectNames([ada], ["Ada", "Alan", "Grace"]);
    }

    // What comes after it has come after all of that.
    await alan.close();
    await expectNames([ada, grace], ["Ada", "Grace"], GONE);
    expect(await summaries()).toEqual(["2 people are here."]);
    for (const text of await shown()) expect(text.match(/Ada/g)).toEqual(["Ada"]);

    await servers[0]?.kill();
    await expectNames([grace], ["Grace"], DEAD);
    // Nobody can tell the page of the dead server; it says that it is cut off.
    await ada.waitForSelector(".phx-client-error");

    await servers[0]?.start();
    await connected(ada);
    // Nobody has kept her name; she has a bird's.
    await expect.poll(async () => (await names(grace)).length, SOON).toBe(2);
    const back = await names(grace);
    expect(back).toContain("Grace");
    expect(back).not.toContain("Ada");
    await expectNames([ada, grace], back);

    // Killed, and back before anybody has missed it.
    await joinsAgain(ada, async () => {
      await servers[0]?.kill();
      await servers[0]?.start();
    });
    await expectNames([ada, grace], back, DEAD);
    expect(visits[2].problems).toEqual([]);
  }, 240_000);

  it("show two tabs of one person once, on whichever servers they are, until both are closed", async () => {
    const [{ page: ada }, { page: grace }] = [await visitor("Ada", 0), await visitor("Grace", 1)];
    // The same browser: cookies are those of the host, whichever port.
    const second = await ada.context().newPage();
    await second.goto(servers[1]?.url ?? "");
    await connected(second);
    await expectNames([ada, second, grace], ["Ada", "Grace"]);
    await second.getByLabel("Your name").fill("Countess Ada");
    await second.getByRole("button", { name: "Save" }).click();
    await expectNames([ada, second, grace], ["Countess Ada", "Grace"]);

    const shown = await record(grace, ".people");
    await ada.close();
    // Somebody who goes later than she would have: when he has gone, her grace would be over too.
    const { page: alan } = await visitor("Alan", 0);
    await expectNames([second, grace, alan], ["Alan", "Countess Ada", "Grace"]);
    await alan.close();
    await expectNames([second, grace], ["Countess Ada", "Grace"], GONE);
    for (const text of await shown()) expect(text).toContain("Countess Ada");

    await second.close();
    await expectNames([grace], ["Grace"], GONE);
  }, 180_000);
});
