import { CHAT, CLOCK } from "../servers/paths.ts";
import type { Bench } from "../bench.ts";
import { bareWs, liveViewJs, socketIo, wingbeat, type Measures, type Metric, type ServerScenario } from "./scenario.ts";

const WARM_UP = 20;
const COUNT = 200;

const metrics: readonly Metric[] = [
  { key: "lastMs", label: "all show the last, ms", digits: 1 },
  { key: "frames", label: "frames" },
  { key: "bytesPerFrame", label: "bytes each" },
  { key: "endedWrong", label: "ended wrong" },
];

/** A view's state is what counts, so what lies between the first and the last value need not be sent. */
async function measure(bench: Bench, clients: number): Promise<Measures> {
  await bench.join(clients);
  await bench.deliver({ mode: "yielding", firstSequence: 1, count: WARM_UP });
  const report = await bench.deliverWatched({ mode: "burst", firstSequence: WARM_UP + 1, count: COUNT });
  return { ...report, lastMs: report.secondsToLast * 1_000 };
}

const what = (
  clients: string,
) => `${COUNT} broadcasts in one loop to ${clients} clients: time from the first publication until every client shows the last
one. The bare server sends them all.`;

export const fanOutBurst: ServerScenario = {
  name: "fan-out-burst",
  title: "Fan-out, back to back, 1 000 clients",
  what: what("1 000"),
  rows: [bareWs(CLOCK), wingbeat(CLOCK), socketIo(CLOCK), liveViewJs(CLOCK)],
  metrics,
  goals: [{ row: "wingbeat", metric: "lastMs", of: "bare ws", atMost: 0.2 }],
  capture: { path: CLOCK, publishes: { padding: 0 } },
  measure: (bench) => measure(bench, bench.sizes.clients),
};

export const fanOutBurstMany: ServerScenario = {
  name: "fan-out-burst-many",
  title: "Fan-out, back to back, 5 000 clients",
  what: what("5 000"),
  rows: [bareWs(CLOCK), wingbeat(CLOCK)],
  metrics,
  goals: [{ row: "wingbeat", metric: "lastMs", of: "bare ws", atMost: 0.2 }],
  capture: { path: CLOCK, publishes: { padding: 0 } },
  measure: (bench) => measure(bench, bench.sizes.manyClients),
};

export const fanOutBurstChat: ServerScenario = {
  name: "fan-out-burst-chat",
  title: "Fan-out, back to back, rows added to a list",
  what: `${what("1 000")} Each message adds a row to a list; here the one diff holds all ${COUNT} rows.`,
  rows: [bareWs(CHAT), wingbeat(CHAT)],
  metrics,
  goals: [{ row: "wingbeat", metric: "lastMs", of: "bare ws", atMost: 0.2 }],
  capture: { path: CHAT, publishes: { padding: 0 } },
  measure: (bench) => measure(bench, bench.sizes.clients),
};
