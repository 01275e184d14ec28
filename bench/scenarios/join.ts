import { COUNTER } from "../servers/paths.ts";
import { bareWs, liveViewJs, wingbeat, type ServerScenario } from "./scenario.ts";

const AT_ONCE = 100;

export const join: ServerScenario = {
  name: "join",
  title: "Joins",
  what: `5 000 new visitors of /counter, ${AT_ONCE} at a time: page over HTTP (keep-alive), WebSocket with its cookies, join and its reply.
They stay. As many have come and gone before, so that V8 has compiled what runs: "the first 5 000", from the server's start.`,
  rows: [bareWs(COUNTER), wingbeat(COUNTER), liveViewJs(COUNTER)],
  metrics: [
    { key: "perSecond", label: "joins/s" },
    { key: "cpuMicros", label: "server CPU µs each", digits: 0 },
    { key: "firstPerSecond", label: "joins/s of the first 5 000" },
  ],
  goals: [{ row: "wingbeat", metric: "perSecond", atLeast: 2_500 }],
  capture: { path: COUNTER },
  async measure(bench) {
    const count = bench.sizes.manyClients;
    // V8 compiles a function when it has run some thousands of times, on this one core: with fewer visitors before, its compiler would
    // be a good part of what is measured.
    const first = await bench.join(count, AT_ONCE);
    await bench.load.call("leave", null);
    // Their ends are no part of the others' joins.
    await bench.server.call("usage", { collect: true });
    const report = await bench.during(() => bench.join(count, AT_ONCE));
    return {
      ...report,
      perSecond: count / report.seconds,
      cpuMicros: (report.serverCpu / 100) * (report.seconds / count) * 1_000_000,
      firstPerSecond: count / first.seconds,
    };
  },
};
