import { CLOCK } from "../servers/paths.ts";
import { bareWs, liveViewJs, socketIo, wingbeat, type ServerScenario } from "./scenario.ts";

const PER_SECOND = 10;
const WARM_UP = 10;
const COUNT = 80;

export const fanOutPaced: ServerScenario = {
  name: "fan-out-paced",
  title: "Fan-out, paced",
  what: `${PER_SECOND} broadcasts a second to 5 000 clients for ${COUNT / PER_SECOND} s: from the publication to the arrival at each client. The clock is
the machine's monotonic one, read in both processes.`,
  rows: [bareWs(CLOCK), wingbeat(CLOCK), socketIo(CLOCK), liveViewJs(CLOCK)],
  metrics: [
    { key: "p50Ms", label: "p50 ms", digits: 1 },
    { key: "p99Ms", label: "p99 ms", digits: 1 },
    { key: "maxMs", label: "max ms", digits: 1 },
    { key: "frames", label: "frames" },
    { key: "bytesPerFrame", label: "bytes each" },
    { key: "outOfOrder", label: "out of order" },
  ],
  goals: [{ row: "wingbeat", metric: "p99Ms", of: "bare ws", atMost: 1.3 }],
  capture: { path: CLOCK, publishes: { padding: 0 } },
  async measure(bench) {
    await bench.join(bench.sizes.manyClients);
    const paced = { mode: "paced", everyMs: 1_000 / PER_SECOND } as const;
    await bench.deliver({ ...paced, firstSequence: 1, count: WARM_UP });
    return { ...(await bench.deliverWatched({ ...paced, firstSequence: WARM_UP + 1, count: COUNT })) };
  },
};
