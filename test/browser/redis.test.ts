import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startRedisServer, type OwnRedis } from "../support/redis.ts";
import { clickRapidly, useBrowser, type Visit } from "./support.ts";

const { visit } = useBrowser();
/** What has to be noticed, and healed, on a machine three times as slow as ours. */
const PATIENT = { timeout: 30_000 };

/** The database of these tests: a number, to which requests add. */
let store: { readonly server: Server; readonly url: string; count: number };
let redis: OwnRedis;
let programs: readonly [Program, Program];

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    let number = "";
    for await (const chunk of request) number += String(chunk);
    store.count += Number(number);
    response.end(String(store.count));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  store = { server, url: `http://127.0.0.1:${port}/`, count: 0 };
  redis = await startRedisServer();
  programs = [new Program(await freePort()), new Program(await freePort())];
  await Promise.all(programs.map((program) => program.start()));
});
beforeEach(() => {
  store.count = 0;
});
afterAll(async () => {
  await Promise.all(programs.map((program) => program.kill()));
  store.server.closeAllConnections();
  store.server.close();
  await redis.stop();
});

/** A run of `redis-counter-server.ts`. */
class Program {
  readonly url: string;
  readonly #variables: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  output = "";

  constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#variables = { PORT: String(port), REDIS_URL: redis.url, STORE_URL: store.url };
  }

  /** Resolves when it listens. Again after `kill`: on the same port. */
  async start(): Promise<void> {
    const child = fork(fileURLToPath(new URL("redis-counter-server.ts", import.meta.url)), {
      silent: true,
      env: { ...process.env, NODE_ENV: "production", HOST: "127.0.0.1", ...this.#variables },
      execArgv: ["--conditions=wingbeat-source", `--import=${import.meta.resolve("tsx")}`],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (this.output += String(data)));
    const ended = once(child, "exit").then(() => {
      throw new Error(`The server ended before it listened:\n${this.output}`);
    });
    await Promise.race([once(child, "message"), ended]);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The server has ended:\n${this.output}`);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}

interface Visitor extends Visit {
  readonly server: Program;
  /** What the client has said about the page since it was opened, by the classes that style sheets show errors with. */
  readonly errorsShown: () => Promise<readonly string[]>;
}

/** Two visitors, each on a server process of its own. */
async function twoVisitors(path: "/handle-gap" | "/remount"): Promise<readonly [Visitor, Visitor]> {
  return [await visitor(programs[0], path), await visitor(programs[1], path)];
}

async function visitor(server: Program, path: string): Promise<Visitor> {
  const visited = await visit(server.url + path);
  const classes = await visited.page.locator("[data-phx-main]").evaluateHandle((main) => {
    const seen: string[] = [];
    const note = (): void => void seen.push(...[...main.classList].filter((name) => name.includes("error")));
    new MutationObserver(note).observe(main, { attributes: true });
    return seen;
  });
  return { ...visited, server, errorsShown: () => classes.jsonValue() };
}

const shown = async (page: Page): Promise<number> => Number(await page.textContent("h1"));

/** Clicks until so much time has passed. @returns how often */
async function clickFor(page: Page, ms: number): Promise<number> {
  const endMs = performance.now() + ms;
  let clicks = 0;
  do {
    await clickRapidly(page, "button", 5);
    clicks += 5;
  } while (performance.now() < endMs);
  return clicks;
}

async function expectToShow(visitors: readonly Visitor[], count: number): Promise<void> {
  expect(store.count).toBe(count);
  for (const { page } of visitors) await expect.poll(() => shown(page), PATIENT).toBe(count);
}

async function expectNoErrors(visitors: readonly Visitor[]): Promise<void> {
  for (const { problems, loads, sockets, errorsShown, server } of visitors) {
    expect(problems).toEqual([]);
    expect(await errorsShown()).toEqual([]);
    expect(loads()).toBe(1);
    expect(sockets).toHaveLength(1);
    expect(server.output).not.toContain("A view has failed.");
  }
}

describe("pages on two server processes, with Redis between them and the count in a store,", () => {
  it("count through an outage of Redis, end equal and right, and show no error, with handleGap and with remount", async () => {
    // Of each way, a page on each server.
    const visitors = [...(await twoVisitors("/handle-gap")), ...(await twoVisitors("/remount"))];
    const [ada, grace, alan] = visitors;
    if (ada === undefined || grace === undefined || alan === undefined) throw new Error("There are four.");
    let clicks = 0;
    const count = async (each: (page: Page) => Promise<number>): Promise<void> => {
      for (const clicked of await Promise.all(visitors.map(({ page }) => each(page)))) clicks += clicked;
    };

    await count((page) => clickRapidly(page, "button", 10).then(() => 10));
    await expectToShow(visitors, clicks);

    await redis.kill();
    await count((page) => clickFor(page, 2_000));
    await clickRapidly(grace.page, "button", 1);
    clicks++;
    await expectToShow([grace], clicks);
    // Nothing but a gap can tell the views of the other server.
    for (const { page } of [ada, alan]) expect(await shown(page)).toBeLessThan(clicks);

    await redis.restart();
    await expectToShow(visitors, clicks);

    await count((page) => clickRapidly(page, "button", 10).then(() => 10));
    await expectToShow(visitors, clicks);
    await expectNoErrors(visitors);
  }, 180_000);

  it("end equal and right when one of the processes is killed and started again", async () => {
    const visitors = await twoVisitors("/handle-gap");
    const [ada, grace] = visitors;
    await clickRapidly(ada.page, "button", 5);
    await clickRapidly(grace.page, "button", 5);
    await expectToShow(visitors, 10);

    await ada.server.kill();
    await clickRapidly(grace.page, "button", 5);
    await expectToShow([grace], 15);
    expect(await shown(ada.page)).toBe(10);

    await ada.server.start();
    await expectToShow(visitors, 15);
    await Promise.all(visitors.map(({ page }) => clickRapidly(page, "button", 5)));
    await expectToShow(visitors, 25);
    expect(ada.loads()).toBe(1);
    await expectNoErrors([grace]);
  }, 180_000);
});
