import { COUNTER } from "../servers/paths.ts";
import { bareWs, liveViewJs, socketIo, wingbeat, type ServerScenario } from "./scenario.ts";

const events = (clients: number): ServerScenario => ({
  name: `events-${clients}`,
  title: `Events, ${clients} clients in a closed loop`,
  what: `Each of ${clients} clients clicks, waits for the reply with its diff, and clicks again. The bare server echoes the bytes of
such a reply without looking at the click; Socket.IO acknowledges an event.`,
  rows: [bareWs(COUNTER), wingbeat(COUNTER), socketIo(COUNTER), liveViewJs(COUNTER)],
  metrics: [
    { key: "perSecond", label: "events/s" },
    { key: "p50Ms", label: "p50 ms", digits: 2 },
    { key: "p99Ms", label: "p99 ms", digits: 2 },
    { key: "frameBytes", label: "reply bytes" },
  ],
  goals: [{ row: "wingbeat", metric: "perSecond", of: "bare ws", atLeast: 0.6 }],
  capture: { path: COUNTER, clicks: { event: "increment", value: '{"value":""}' } },
  async measure(bench) {
    await bench.join(clients);
    const { seconds, warmUpSeconds } = bench.sizes;
    const order = { seconds, warmUpSeconds, event: "increment", value: "none" } as const;
    const report = await bench.during(() => bench.load.call("click", order));
    return { ...report, perSecond: report.replies / report.seconds };
  },
});

export const events64 = events(64);
export const events100 = events(100);
