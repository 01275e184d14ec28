import { COUNTER } from "../servers/paths.ts";
import { bareWs, liveViewJs, wingbeat, type ServerScenario } from "./scenario.ts";

const AT_ONCE = 100;

export const join: ServerScenario = {
  name: "join",
  title: "Joins",
  what: `5 000 new visitors of /counter, ${AT_ONCE} at a time: page over HTTP (keep-alive), WebSocket with its cookies, join and its reply.
They stay.`,
  rows: [bareWs(COUNTER), wingbeat(COUNTER), liveViewJs(COUNTER)],
  metrics: [{ key: "perSecond", label: "joins/s" }],
  goals: [{ row: "wingbeat", metric: "perSecond", atLeast: 2_500 }],
  capture: { path: COUNTER },
  async measure(bench) {
    const count = bench.sizes.manyClients;
    // Warm code, as a server has that runs for longer than the first second; the same for every row.
    await bench.join(Math.ceil(count / 10), AT_ONCE);
    await bench.load.call("leave", null);
    const report = await bench.during(() => bench.join(count, AT_ONCE));
    return { ...report, perSecond: count / report.seconds };
  },
};
