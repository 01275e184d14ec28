import { setTimeout as sleep } from "node:timers/promises";
import { COUNTER } from "../servers/paths.ts";
import { bareWs, liveViewJs, socketIo, wingbeat, type Scenario } from "./scenario.ts";

const SETTLE_MS = 3_000;

export const memory: Scenario = {
  name: "memory",
  title: "Memory of an idle joined view",
  what: `Growth of the server's RSS by 5 000 clients that joined /counter and do nothing, divided by their number. Before, a
tenth as many came and went, so that code and buffers are warm; the garbage collector runs before both readings.`,
  rows: [bareWs(COUNTER), wingbeat(COUNTER), socketIo(COUNTER), liveViewJs(COUNTER)],
  metrics: [
    { key: "rssKib", label: "RSS, KiB each", digits: 1 },
    { key: "heapKib", label: "of it heap, KiB", digits: 1 },
  ],
  goals: [{ row: "wingbeat", metric: "rssKib", of: "bare ws", atMost: 1.6 }],
  capture: { path: COUNTER },
  async measure(bench) {
    const count = bench.sizes.manyClients;
    await bench.join(Math.ceil(count / 10));
    await bench.load.call("leave", null);
    await sleep(SETTLE_MS);
    const before = await bench.server.call("usage", { collect: true });
    await bench.join(count);
    await sleep(SETTLE_MS);
    const after = await bench.server.call("usage", { collect: true });
    return {
      rssKib: (after.rssBytes - before.rssBytes) / count / 1_024,
      heapKib: (after.heapBytes - before.heapBytes) / count / 1_024,
    };
  },
};
