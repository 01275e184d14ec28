import { COUNTER } from "../servers/paths.ts";
import { bareWs, liveViewJs, wingbeat, type ServerScenario } from "./scenario.ts";

const CONNECTIONS = 32;

export const pages: ServerScenario = {
  name: "pages",
  title: "Dead renders",
  what: `/counter over ${CONNECTIONS} keep-alive connections, each with one request at a time, each request from a visitor who was never
there (no cookie). The bare server replies the same headers and body from \`node:http\`.`,
  rows: [bareWs(COUNTER), wingbeat(COUNTER), liveViewJs(COUNTER)],
  metrics: [
    { key: "perSecond", label: "pages/s" },
    { key: "bytesPerPage", label: "bytes each" },
  ],
  goals: [{ row: "wingbeat", metric: "perSecond", atLeast: 15_000 }],
  capture: { path: COUNTER },
  async measure(bench) {
    const { port, path } = bench.target;
    const { seconds, warmUpSeconds } = bench.sizes;
    const order = { port, path, connections: CONNECTIONS, seconds, warmUpSeconds };
    const report = await bench.during(() => bench.load.call("pages", order));
    return { ...report, perSecond: report.pages / report.seconds };
  },
};
