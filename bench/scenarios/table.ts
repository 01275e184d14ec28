import type { Bench } from "../bench.ts";
import { COMPONENTS, TABLE, TABLE_DEPS, TABLE_MEMO } from "../servers/paths.ts";
import { bareWs, liveViewJs, wingbeat, type Measures, type ServerScenario } from "./scenario.ts";

const CLIENTS = 20;

export const table: ServerScenario = {
  name: "table",
  title: "One cell of 1 000 × 4",
  what: `Each of ${CLIENTS} clients changes one cell of its own table of 1 000 rows, waits for the reply, and changes the next.
The row "deps" is written as the guide says for large tables: \`each(items, key, render, [])\`; "plain each" renders all rows.
"Payload" is the reply without its envelope of refs, topic and event name.`,
  rows: [
    bareWs(TABLE),
    wingbeat(TABLE_DEPS, "wingbeat, deps"),
    wingbeat(TABLE_MEMO, "wingbeat, memo"),
    wingbeat(TABLE, "wingbeat, plain each"),
    liveViewJs(TABLE),
  ],
  metrics: [
    { key: "perSecond", label: "events/s" },
    { key: "p99Ms", label: "p99 ms", digits: 2 },
    { key: "payloadBytes", label: "payload bytes" },
    { key: "frameBytes", label: "frame bytes" },
  ],
  goals: [
    { row: "wingbeat, deps", metric: "perSecond", atLeast: 20_000 },
    { row: "wingbeat, deps", metric: "payloadBytes", atMost: 100 },
  ],
  capture: { path: TABLE, clicks: { event: "set", value: '{"row":"617","text":"17","value":""}' } },
  measure,
};

export const components: ServerScenario = {
  name: "components",
  title: "One of 1 000 live components",
  what: `Each of ${CLIENTS} clients changes a property of one live component of the 1 000 on its page, waits for the reply, and changes
another. "µs each" is the server's time for one of them: it does nothing else, one after the other. "Payload" is the reply
without its envelope of refs, topic and event name.`,
  rows: [bareWs(COMPONENTS), wingbeat(COMPONENTS)],
  metrics: [{ key: "microsecondsEach", label: "µs each", digits: 1 }, ...table.metrics],
  goals: [],
  capture: { path: COMPONENTS, clicks: { event: "set", value: '{"row":"617","text":"17","value":""}' } },
  measure,
};

async function measure(bench: Bench): Promise<Measures> {
  await bench.join(CLIENTS);
  const { seconds, warmUpSeconds } = bench.sizes;
  const order = { seconds, warmUpSeconds, event: "set", value: "cell" } as const;
  const report = await bench.during(() => bench.load.call("click", order));
  const perSecond = report.replies / report.seconds;
  return { ...report, perSecond, microsecondsEach: 1e6 / perSecond };
}
