import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { COUNTER } from "../servers/paths.ts";
import type { Usage } from "../servers/commands.ts";
import { bareWs, liveViewJs, socketIo, wingbeat, type ServerScenario } from "./scenario.ts";

const BATCH = 250;
const SETTLE_MS = 2_000;

export const memory: ServerScenario = {
  name: "memory",
  title: "Memory of an idle joined view",
  what: `Growth of the server's RSS by clients that joined /counter and do nothing, for each of them: of the first 5 000 after ${BATCH}
that warm the server up, and of 5 000 more beside them. They come in batches of ${BATCH} with a garbage collection after each, so
that views are measured and not the garbage of their arrival. What a server needs once is in the first figure.`,
  rows: [bareWs(COUNTER), wingbeat(COUNTER), socketIo(COUNTER), liveViewJs(COUNTER)],
  metrics: [
    { key: "rssKib", label: "RSS, KiB each", digits: 1 },
    { key: "heapKib", label: "of it heap, KiB", digits: 1 },
    { key: "moreRssKib", label: "RSS of 5 000 more, KiB each", digits: 1 },
    { key: "moreHeapKib", label: "of it heap, KiB", digits: 1 },
  ],
  goals: [
    { row: "wingbeat", metric: "rssKib", of: "bare ws", atMost: 1.6 },
    { row: "wingbeat", metric: "moreRssKib", of: "bare ws", atMost: 1.6 },
  ],
  capture: { path: COUNTER },
  async measure(bench) {
    const count = bench.sizes.manyClients;
    const warm = await after(bench, BATCH);
    const first = await after(bench, count);
    const second = await after(bench, count);
    const each = (bytes: number) => bytes / count / 1_024;
    return {
      rssKib: each(first.rssBytes - warm.rssBytes),
      heapKib: each(first.heapBytes - warm.heapBytes),
      moreRssKib: each(second.rssBytes - first.rssBytes),
      moreHeapKib: each(second.heapBytes - first.heapBytes),
    };
  },
};

/** What the server uses once so many more have joined and all is quiet. */
async function after(bench: Bench, count: number): Promise<Usage> {
  for (let joined = 0; joined < count; joined += BATCH) {
    await bench.join(Math.min(BATCH, count - joined), 25);
    await bench.server.call("usage", { collect: true });
  }
  await sleep(SETTLE_MS);
  return bench.server.call("usage", { collect: true });
}
