import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, shared, SingleProcessPubSub } from "wingbeat";
import { loadForJoin, mountAndUnmount } from "../support/mounting.ts";

const ROUNDS = 5;
const MOUNTS_PER_ROUND = 2_000;

/** A view that takes one of everything that has to be given back. */
const greedy = (isShared: boolean) => {
  const render = ({ n }: { readonly n: number }) => html`<p>${n}</p>`;
  return createLiveView<{ n: number }, { type: "inc" }>({
    initial: { n: 0 },
    mount: (socket) => {
      void socket.subscribe("everybody");
      void socket.subscribe(`only ${socket.id}`);
      socket.sendInfoAfter(3_600_000, "later");
      socket.sendInfoEvery(3_600_000, "often");
      socket.sendInfo("now");
      socket.pageTitle("Greedy");
      socket.pushEvent("hello", {});
    },
    handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
    handleInfo: () => {},
    shutdown: () => {},
    render: isShared ? shared(render) : render,
  });
};

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

/** The bytes in use, once all that is garbage has gone. */
async function heap(): Promise<number> {
  for (let turns = 0; turns < 3; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** The slope of a line through the points (least squares), with their numbers as x. */
function slope(values: readonly number[]): number {
  const meanX = (values.length - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [x, y] of values.entries()) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return above / below;
}

describe("10 000 mounts and unmounts", () => {
  it.each([
    ["a render of its own", false],
    ["a shared render", true],
  ])("of a view with %s leave no view, subscription or timer, and less than 50 bytes each", async (_name, isShared) => {
    expect(globalThis.gc).toBeTypeOf("function");
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const app = createLiveApp({
      secret: "a secret of the tests, long enough to sign",
      pubSub,
      development: false,
      origins: ["http://localhost:4000"],
      routes: { "/": greedy(isShared) },
    });
    const page = await loadForJoin(app, "/");
    const round = async (): Promise<number> => {
      for (let count = 0; count < MOUNTS_PER_ROUND; count++) await mountAndUnmount(app, page, count % 10 === 0);
      return heap();
    };
    // Until the engine has compiled what it will, memory grows for reasons of its own.
    await round();
    const before = timers();
    const heaps: number[] = [];
    for (let count = 0; count < ROUNDS; count++) heaps.push(await round());
    expect(app.stats()).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
    expect(pubSub.counts).toEqual({ topics: 0, subscribers: 0 });
    expect(timers()).toBe(before);
    const bytesPerMount = slope(heaps) / MOUNTS_PER_ROUND;
    expect(bytesPerMount, `heaps after each round: ${heaps.join(", ")}`).toBeLessThan(50);
  });

  it("and as many dead renders leave no view, and less than 50 bytes each", async () => {
    const app = createLiveApp({
      secret: "a secret of the tests, long enough to sign",
      development: false,
      origins: ["http://localhost:4000"],
      routes: { "/": greedy(false) },
    });
    const round = async (): Promise<number> => {
      for (let count = 0; count < MOUNTS_PER_ROUND; count++) {
        await (await app.fetch(new Request("http://localhost:4000/"))).text();
      }
      return heap();
    };
    await round();
    const heaps: number[] = [];
    for (let count = 0; count < ROUNDS; count++) heaps.push(await round());
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
    const bytesPerRender = slope(heaps) / MOUNTS_PER_ROUND;
    expect(bytesPerRender, `heaps after each round: ${heaps.join(", ")}`).toBeLessThan(50);
  });
});
