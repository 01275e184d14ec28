import { chromium } from "playwright-core";
import { createLiveApp, createLiveView, html, SingleProcessPubSub } from "wingbeat";
import { serve } from "wingbeat/serve";
import { visit } from "wingbeat/testing";
import { freePort } from "../free-port.ts";
import { percentile } from "../statistics.ts";
import type { OwnScenario, Row } from "./scenario.ts";

const KIT = "wingbeat/testing";
const CHROMIUM = "Chromium";
/** Tests that are not counted: the first one loads the kit, or warms the browser up. */
const WARM_UP = 5;
const TESTS = { [KIT]: 100, [CHROMIUM]: 10 };

export const viewTest: OwnScenario = {
  name: "view-test",
  title: "A test of a view, with an event and a broadcast to a second page",
  what: `One test: two pages are opened, one clicks, the other shows it, both are closed. With \`wingbeat/testing\`, and the same in
Chromium by playwright-core (CHROMIUM_PATH names it; the browser runs already). Median and 95th percentile of the tests of a run.`,
  rows: [{ name: KIT }, { name: CHROMIUM }],
  metrics: [
    { key: "medianMs", label: "ms a test", digits: 1 },
    { key: "p95Ms", label: "p95 ms", digits: 1 },
  ],
  goals: [{ row: KIT, metric: "medianMs", atMost: 5 }],
  // Measured in this process: tests are neither servers nor load.
  measureAlone: (row) => (row.name === KIT ? withKit(row) : withChromium(row)),
};

/** A count that two pages share. A new app for each run, so that nothing of an earlier one is left in it. */
function createSharedCounter(origin: string) {
  const pubSub = new SingleProcessPubSub({ isolated: true });
  let count = 0;
  const counter = createLiveView<{ count: number }, { type: "add" }, { type: "count"; count: number }>({
    mount: async (socket) => {
      await socket.subscribe("count");
      socket.assign({ count });
    },
    handleEvent: async (_add, socket) => socket.broadcast("count", { type: "count", count: ++count }),
    handleInfo: (info, socket) => socket.assign({ count: info.count }),
    render: (context) => html`<p>${context.count}</p><button phx-click="add">Add</button>`,
  });
  const secret = "a secret for benchmarks that is long enough";
  return createLiveApp({ secret, origins: [origin], pubSub, development: false, routes: { "/": counter } });
}

async function withKit(row: Row) {
  const app = createSharedCounter("http://localhost");
  return timed(row, async (expected) => {
    const [a, b] = await Promise.all([visit(app, "/"), visit(app, "/")]);
    await a.element("button").click();
    if (b.element("p").text() !== expected) throw new Error(`expected ${expected} but the page shows ${b.text()}`);
    a.close();
    b.close();
  });
}

async function withChromium(row: Row) {
  const executablePath = process.env["CHROMIUM_PATH"];
  if (executablePath === undefined) throw new Error("CHROMIUM_PATH is not set");
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = await serve(createSharedCounter(origin), { port, hostname: "127.0.0.1", signals: false });
  const args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath, args });
  try {
    return await timed(row, async (expected) => {
      const pages = await Promise.all(
        [browser.newContext(), browser.newContext()].map(async (c) => (await c).newPage()),
      );
      await Promise.all(
        pages.map(async (page) => {
          await page.goto(origin);
          await page.waitForSelector(".phx-connected");
        }),
      );
      await pages[0]?.click("button");
      await pages[1]?.waitForSelector(`p:text-is("${expected}")`);
      await Promise.all(pages.map((page) => page.context().close()));
    });
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs the test again and again, each beginning with the count at which the one before ended. */
async function timed(row: Row, test: (expected: string) => Promise<void>) {
  const times: number[] = [];
  const tests = row.name === KIT ? TESTS[KIT] : TESTS[CHROMIUM];
  for (let count = 1; count <= WARM_UP + tests; count++) {
    const startedMs = performance.now();
    await test(String(count));
    if (count > WARM_UP) times.push(performance.now() - startedMs);
  }
  times.sort((a, b) => a - b);
  return { medianMs: percentile(times, 0.5), p95Ms: percentile(times, 0.95) };
}
