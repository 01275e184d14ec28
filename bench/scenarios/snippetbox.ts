import { Bench } from "../bench.ts";
import type { LoadCommands } from "../load/commands.ts";
import type { Sizes } from "../options.ts";
import { Child } from "../rpc.ts";
import type { SnippetboxCommands } from "../servers/snippetbox.ts";
import { bareWs, type Measures, type OwnScenario } from "./scenario.ts";

const ROOMS = 20;
const PER_SECOND = 2;
const SECONDS = 20;
const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** What somebody in a room was sent, of the last time that it was measured: the control repeats it. */
let frame = "";

async function measureSnippetbox({ clients }: Sizes): Promise<Measures> {
  const server = new Child<SnippetboxCommands>(
    new URL("../.build/servers/snippetbox.js", import.meta.url).pathname,
    SERVER_CORE,
  );
  const load = new Child<LoadCommands>(new URL("../.build/load/main.js", import.meta.url).pathname, LOAD_CORE);
  try {
    const { port, cookies } = await server.call("listen", { people: clients });
    const empty = await server.call("usage", { collect: true });
    const paths = Array.from({ length: ROOMS }, (_, index) => `/chat/room-${index}`);
    const { seconds } = await load.call("enter", { port, paths, cookies });
    const full = await server.call("usage", { collect: true });
    await load.call("talk", { perSecond: PER_SECOND, seconds: 3 });
    const before = await server.call("usage", { collect: false });
    const { frame: sent, ...report } = await load.call("talk", { perSecond: PER_SECOND, seconds: SECONDS });
    const after = await server.call("usage", { collect: false });
    frame = sent;
    return {
      ...report,
      perSecond: report.frames / report.seconds,
      joinsPerSecond: clients / seconds,
      kibPerVisitor: (full.rssBytes - empty.rssBytes) / clients / 1_024,
      serverCpu: (100 * (after.cpuMicros - before.cpuMicros)) / (after.atMicros - before.atMicros),
    };
  } finally {
    await Promise.all([server.stop(), load.stop()]);
  }
}

/** As many frames of the same bytes, to as many clients, from a server that decides and renders nothing. */
async function measureBare(sizes: Sizes): Promise<Measures> {
  if (frame === "") throw new Error("it repeats what Snippetbox sent: measure that row, too");
  const page = {
    headers: { "content-type": "text/html" },
    body: '<div id="phx-main" data-phx-session="s" data-phx-static="t"></div>',
  };
  const joinReply = '["4","4","lv:phx-main","phx_reply",{"status":"ok","response":{"rendered":{"s":[""]}}}]';
  const bench = await Bench.start(bareWs("/"), sizes, { page, joinReply, push: frame });
  try {
    const { seconds } = await bench.join(sizes.clients);
    const paced = { mode: "paced", everyMs: 1_000 / PER_SECOND } as const;
    await bench.deliver({ ...paced, firstSequence: 1, count: 3 * PER_SECOND });
    const first = 3 * PER_SECOND + 1;
    const report = await bench.deliverWatched({ ...paced, firstSequence: first, count: SECONDS * PER_SECOND });
    return {
      ...report,
      messages: SECONDS * PER_SECOND,
      missing: sizes.clients * SECONDS * PER_SECOND - report.frames,
      perSecond: report.frames / report.seconds,
      joinsPerSecond: sizes.clients / seconds,
    };
  } finally {
    await bench.stop();
  }
}

export const snippetbox: OwnScenario = {
  name: "snippetbox",
  title: "Snippetbox: 1 000 people in 20 chat rooms",
  what: `1 000 people, 50 in each of ${ROOMS} rooms of the showcase, ${PER_SECOND} messages a second in each, for ${SECONDS} s: each is kept in the database
(SQLite, in the same process), told to the room, and rendered into a stream by each view. From the keypress of who says it to
the arrival at everybody. The control sends as many frames of the same bytes to as many clients, ${PER_SECOND} broadcasts a second to all.`,
  rows: [{ name: "snippetbox" }, { name: "bare ws" }],
  metrics: [
    { key: "perSecond", label: "deliveries/s" },
    { key: "p50Ms", label: "p50 ms", digits: 1 },
    { key: "p99Ms", label: "p99 ms", digits: 1 },
    { key: "maxMs", label: "max ms", digits: 1 },
    { key: "missing", label: "missing" },
    { key: "outOfOrder", label: "out of order" },
    { key: "bytesPerFrame", label: "bytes each" },
    { key: "serverCpu", label: "server CPU %" },
    { key: "kibPerVisitor", label: "KiB a visitor", digits: 1 },
    { key: "joinsPerSecond", label: "joins/s" },
  ],
  goals: [
    { row: "snippetbox", metric: "missing", atMost: 0 },
    { row: "snippetbox", metric: "outOfOrder", atMost: 0 },
  ],
  measureAlone: ({ name }, sizes) => (name === "snippetbox" ? measureSnippetbox(sizes) : measureBare(sizes)),
};
