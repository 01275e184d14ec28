import type { Bench } from "../bench.ts";
import { CHAT, CLOCK, CLOCK_UNSHARED, STREAM, STREAM_MEMO } from "../servers/paths.ts";
import {
  bareWs,
  liveViewJs,
  socketIo,
  wingbeat,
  type Goal,
  type Measures,
  type Metric,
  type ServerScenario,
} from "./scenario.ts";

const WARM_UP = 20;

const metrics: readonly Metric[] = [
  { key: "perSecond", label: "deliveries/s" },
  { key: "p99Ms", label: "p99 ms", digits: 1 },
  { key: "frames", label: "frames" },
  { key: "bytesPerFrame", label: "bytes each" },
  { key: "outOfOrder", label: "out of order" },
  { key: "endedWrong", label: "ended wrong" },
];

/** Broadcasts with a turn of the event loop between two, so that each is a frame of its own. */
async function measure(bench: Bench): Promise<Measures> {
  await bench.join(bench.sizes.clients);
  await bench.deliver({ mode: "yielding", firstSequence: 1, count: WARM_UP });
  const report = await bench.deliverWatched({ mode: "yielding", firstSequence: WARM_UP + 1, count: 100 });
  return { ...report, perSecond: report.frames / report.seconds };
}

/** That each broadcast is a frame of its own, or the rows would not do the same work. */
const ALL_FRAMES: Goal = { row: "wingbeat", metric: "frames", of: "bare ws", atLeast: 0.99 };

const what = `100 broadcasts to 1 000 clients, the publisher yielding (eight times setImmediate) between two so that each is a frame of
its own: frames delivered per second, from the first publication to the last arrival.`;

export const fanOut: ServerScenario = {
  name: "fan-out",
  title: "Fan-out, a shared render",
  what,
  rows: [bareWs(CLOCK), wingbeat(CLOCK), socketIo(CLOCK), liveViewJs(CLOCK)],
  metrics,
  goals: [{ row: "wingbeat", metric: "perSecond", of: "bare ws", atLeast: 0.75 }, ALL_FRAMES],
  capture: { path: CLOCK, publishes: { padding: 0 } },
  measure,
};

export const fanOutUnshared: ServerScenario = {
  name: "fan-out-unshared",
  title: "Fan-out, each view renders for itself",
  what,
  rows: [bareWs(CLOCK_UNSHARED), wingbeat(CLOCK_UNSHARED)],
  metrics,
  goals: [{ row: "wingbeat", metric: "perSecond", of: "bare ws", atLeast: 0.5 }, ALL_FRAMES],
  capture: { path: CLOCK_UNSHARED, publishes: { padding: 0 } },
  measure,
};

export const fanOutChat: ServerScenario = {
  name: "fan-out-chat",
  title: "Fan-out, a row added to a list",
  what: `${what} Each adds a row to a list that every view holds (through \`reduce\`, with a shared render).`,
  rows: [bareWs(CHAT), wingbeat(CHAT), liveViewJs(CHAT)],
  metrics,
  goals: [{ row: "wingbeat", metric: "perSecond", of: "bare ws", atLeast: 0.75 }, ALL_FRAMES],
  capture: { path: CHAT, publishes: { padding: 0 } },
  measure,
};

export const fanOutStream: ServerScenario = {
  name: "fan-out-stream",
  title: "Fan-out, a row inserted into a stream",
  what: `${what} Each inserts a row into a stream, of which no view keeps anything.`,
  rows: [bareWs(STREAM), wingbeat(STREAM), wingbeat(STREAM_MEMO, "wingbeat, memo")],
  metrics,
  goals: [ALL_FRAMES],
  capture: { path: STREAM, publishes: { padding: 0 } },
  measure,
};
