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
import { loadForJoin, mountAndUnmount } from "../support/mounting.ts";

const ROUNDS = 3;
const MOUNTS_PER_ROUND = 1_000;

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

/** Lets all that is garbage go. */
async function collect(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
}

describe("views that end while their work goes on", () => {
  it("abort all of it, and leave less than 100 bytes each", async () => {
    expect(globalThis.gc).toBeTypeOf("function");
    const works = worksThat(() => {});
    const app = appOf(works);
    const page = await loadForJoin(app, "/");
    const round = async (): Promise<number> => {
      for (let count = 0; count < MOUNTS_PER_ROUND; count++) await mountAndUnmount(app, page, count % 10 === 0);
      works.sockets.length = 0;
      await collect();
      return process.memoryUsage().heapUsed;
    };
    // Until the engine has compiled what it will, memory grows for reasons of its own.
    await round();
    const heaps: number[] = [];
    for (let count = 0; count < ROUNDS; count++) heaps.push(await round());
    expect(works.begun).toBeGreaterThanOrEqual(3 * MOUNTS_PER_ROUND * ROUNDS);
    expect(works.aborted).toBe(works.begun);
    expect(testAccessTo(app)?.activity.working.size).toBe(0);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
    const [first = 0, last = 0] = [heaps[0], heaps.at(-1)];
    const bytesPerMount = (last - first) / (MOUNTS_PER_ROUND * (ROUNDS - 1));
    expect(bytesPerMount, `heaps after each round: ${heaps.join(", ")}`).toBeLessThan(100);
  });

  it("are garbage, also while somebody holds the promises of their work", async () => {
    const kept: Promise<unknown>[] = [];
    const works = worksThat((promise) => kept.push(promise));
    const app = appOf(works);
    const page = await loadForJoin(app, "/");
    for (let count = 0; count < 50; count++) await mountAndUnmount(app, page, false);
    await collect();
    expect(works.sockets).toHaveLength(50);
    expect(kept.length).toBe(works.begun);
    // The engine may hold on to the last that it has seen.
    expect(works.sockets.filter((socket) => socket.deref() !== undefined).length).toBeLessThanOrEqual(1);
  });
});
