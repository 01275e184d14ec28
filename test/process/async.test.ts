import { describe, expect, it } from "vitest";
import {
  AsyncResult,
  createLiveApp,
  createLiveComponent,
  createLiveView,
  html,
  liveComponent,
  SingleProcessPubSub,
  type LiveApp,
} from "wingbeat";
import { testAccessTo } from "../../src/live/activity.ts";
import { heapBytes, leftovers } from "../support/memory.ts";
import { loadForJoin, mountAndUnmount } from "../support/mounting.ts";

const MOUNTS_PER_ROUND = 1_000;
const MOST_BYTES = 100;
const TIMEOUT_MS = 300_000; // for the slowest machine; each takes about three seconds

/** The work of the views under test, which begins and never ends: counted, and given to who wants to keep it. */
interface Works {
  begun: number;
  aborted: number;
  readonly sockets: WeakRef<object>[];
  keep(promise: Promise<unknown>): void;
}

function appOf(works: Works): LiveApp {
  const endless = (signal: AbortSignal, _for?: string): Promise<never> => {
    works.begun++;
    signal.addEventListener("abort", () => works.aborted++);
    const promise = new Promise<never>(() => {});
    works.keep(promise);
    return promise;
  };
  const card = createLiveComponent<{}, { bio: AsyncResult<string> }>({
    initial: { bio: AsyncResult.loading() },
    mount: (socket) => socket.assignAsync("bio", endless),
    render: ({ bio }) => html`<i>${bio.status}</i>`,
  });
  const view = createLiveView<{ bio: AsyncResult<string>; n: number }>({
    initial: { bio: AsyncResult.loading(), n: 0 },
    mount: (socket) => {
      if (socket.connected) works.sockets.push(new WeakRef(socket));
      socket.assignAsync("bio", endless);
      // It holds the socket, as most work does.
      const work = (signal: AbortSignal): Promise<never> => endless(signal, socket.id);
      socket.startAsync("work", work, () => socket.assign({ n: 1 }));
    },
    // Of two of one name the older is given up.
    handleEvent: (_event, socket) => socket.startAsync("work", endless, () => socket.assign({ n: 2 })),
    render: ({ bio, n }) => html`<p>${bio.status} ${n}</p>${liveComponent(card, { id: 1 })}`,
  });
  return createLiveApp({
    secret: "a secret of the tests, long enough to sign",
    pubSub: new SingleProcessPubSub({ isolated: true }),
    development: false,
    origins: ["http://localhost:4000"],
    routes: { "/": view },
  });
}

const worksThat = (keep: (promise: Promise<unknown>) => void): Works => ({ begun: 0, aborted: 0, sockets: [], keep });

describe("views that end while their work goes on", { timeout: TIMEOUT_MS }, () => {
  it("abort all of it, and leave less than 100 bytes each", async () => {
    expect(globalThis.gc).toBeTypeOf("function");
    const works = worksThat(() => {});
    const app = appOf(works);
    const page = await loadForJoin(app, "/");
    const round = async (): Promise<void> => {
      for (let count = 0; count < MOUNTS_PER_ROUND; count++) await mountAndUnmount(app, page, count % 10 === 0);
      works.sockets.length = 0;
    };
    const left = await leftovers(round, { callsPerRound: MOUNTS_PER_ROUND, limit: MOST_BYTES });
    expect(works.begun).toBeGreaterThanOrEqual(3 * MOUNTS_PER_ROUND * (left.heaps.length + 1));
    expect(works.aborted).toBe(works.begun);
    expect(testAccessTo(app)?.activity.working.size).toBe(0);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
    expect(left.bytesPerCall, `heaps after each round: ${left.heaps.join(", ")}`).toBeLessThan(MOST_BYTES);
  });

  it("are garbage, also while somebody holds the promises of their work", async () => {
    const kept: Promise<unknown>[] = [];
    const works = worksThat((promise) => kept.push(promise));
    const app = appOf(works);
    const page = await loadForJoin(app, "/");
    for (let count = 0; count < 50; count++) await mountAndUnmount(app, page, false);
    await heapBytes(); // lets all that is garbage go
    expect(works.sockets).toHaveLength(50);
    expect(kept.length).toBe(works.begun);
    // The engine may hold on to the last that it has seen.
    expect(works.sockets.filter((socket) => socket.deref() !== undefined).length).toBeLessThanOrEqual(1);
  });
});
