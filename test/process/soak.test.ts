import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, shared, SingleProcessPubSub } from "wingbeat";
import { leftovers } from "../support/memory.ts";
import { loadForJoin, mountAndUnmount } from "../support/mounting.ts";

const MOUNTS_PER_ROUND = 2_500;
const MOST_BYTES = 50;
const TIMEOUT_MS = 300_000; // for the slowest machine; each takes about three seconds

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

describe("10 000 mounts and unmounts", { timeout: TIMEOUT_MS }, () => {
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
    const round = async (): Promise<void> => {
      for (let count = 0; count < MOUNTS_PER_ROUND; count++) await mountAndUnmount(app, page, count % 10 === 0);
    };
    const before = timers();
    const left = await leftovers(round, { callsPerRound: MOUNTS_PER_ROUND, limit: MOST_BYTES });
    expect(app.stats()).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
    expect(pubSub.counts).toEqual({ topics: 0, subscribers: 0 });
    // The app, and who runs this test, have a few that come and go.
    expect(timers()).toBeLessThan(before + 10);
    expect(left.bytesPerCall, `heaps after each round: ${left.heaps.join(", ")}`).toBeLessThan(MOST_BYTES);
  });

  it("and as many dead renders leave no view, and less than 50 bytes each", async () => {
    const app = createLiveApp({
      secret: "a secret of the tests, long enough to sign",
      development: false,
      origins: ["http://localhost:4000"],
      routes: { "/": greedy(false) },
    });
    const round = async (): Promise<void> => {
      for (let count = 0; count < MOUNTS_PER_ROUND; count++) {
        await (await app.fetch(new Request("http://localhost:4000/"))).text();
      }
    };
    const left = await leftovers(round, { callsPerRound: MOUNTS_PER_ROUND, limit: MOST_BYTES });
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
    expect(left.bytesPerCall, `heaps after each round: ${left.heaps.join(", ")}`).toBeLessThan(MOST_BYTES);
  });
});
