import { COUNTER } from "../servers/paths.ts";
import { bareWs, liveViewJs, wingbeat, type ServerScenario } from "./scenario.ts";

const AT_ONCE = 100;

export const join: ServerScenario = {
  name: "join",
  title: "Joins",
  what: `5 000 new visitors of /counter, ${AT_ONCE} at a time: page over HTTP (keep-alive), WebSocket with its cookies, join and its reply.
They stay. "Later" are as many more once all of these have gone, when V8 has compiled what runs.`,
  rows: [bareWs(COUNTER), wingbeat(COUNTER), liveViewJs(COUNTER)],
  metrics: [
    { key: "perSecond", label: "joins/s" },
    { key: "laterPerSecond", label: "joins/s, later" },
    { key: "laterCpuMicros", label: "server CPU µs each, later", digits: 0 },
  ],
  goals: [{ row: "wingbeat", metric: "perSecond", atLeast: 2_500 }],
  capture: { path: COUNTER },
  async measure(bench) {
    const count = bench.sizes.manyClients;
    // Warm code, as a server has that runs for longer than the first second; the same for every row.
    await bench.join(Math.ceil(count / 10), AT_ONCE);
    await bench.load.call("leave", null);
    const report = await bench.during(() => bench.join(count, AT_ONCE));
    await bench.load.call("leave", null);
    // Their ends are no part of the others' joins.
    await bench.server.call("usage", { collect: true });
    const later = await bench.during(() => bench.join(count, AT_ONCE));
    return {
      ...report,
      perSecond: count / report.seconds,
      laterPerSecond: count / later.seconds,
      laterCpuMicros: (later.serverCpu / 100) * (later.seconds / count) * 1_000_000,
    };
  },
};
