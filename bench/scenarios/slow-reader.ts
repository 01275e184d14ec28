import { CLOCK } from "../servers/paths.ts";
import type { Usage } from "../servers/commands.ts";
import { bareWs, wingbeat, type ServerScenario } from "./scenario.ts";

const FRAME_BYTES = 4_096;
const PER_SECOND = 60;
/** A p99 that differs by less than a fifth counts as unchanged: so much it differs between two spans of the bare server. */
const UNCHANGED = 1.2;
const BASELINE_SECONDS = 20;

export const slowReader: ServerScenario = {
  name: "slow-reader",
  title: "One reader that stops, among 1 000",
  what: `${PER_SECOND} broadcasts of 4 KB a second to 1 000 clients, of whom one stops reading, for long enough that the bare server grows by
50 MB; then it reads again and must end with the page that shows the last message. p99: of the others, before it stopped
and meanwhile.`,
  rows: [bareWs(CLOCK), wingbeat(CLOCK)],
  metrics: [
    { key: "grownMib", label: "RSS grown, MiB", digits: 1 },
    { key: "heldMib", label: "of it held, MiB", digits: 1 },
    { key: "skipped", label: "renders skipped" },
    { key: "p99BeforeMs", label: "p99 before, ms", digits: 1 },
    { key: "p99Ms", label: "p99 meanwhile, ms", digits: 1 },
    { key: "framesAfter", label: "frames after" },
    { key: "endedRight", label: "ended right" },
    { key: "closedWith", label: "closed with" },
  ],
  goals: [
    { row: "bare ws", metric: "grownMib", atLeast: 50 },
    { row: "wingbeat", metric: "grownMib", atMost: 2 },
    { row: "wingbeat", metric: "skipped", atLeast: 1 },
    { row: "wingbeat", metric: "p99Ms", of: "wingbeat", ofMetric: "p99BeforeMs", atMost: UNCHANGED },
    { row: "wingbeat", metric: "endedRight", atLeast: 1 },
  ],
  capture: { path: CLOCK, publishes: { padding: FRAME_BYTES } },
  async measure(bench) {
    await bench.join(bench.sizes.clients);
    const order = { mode: "paced", everyMs: 1_000 / PER_SECOND, padding: FRAME_BYTES } as const;
    const before = BASELINE_SECONDS * PER_SECOND;
    await bench.deliver({ ...order, firstSequence: 1, count: PER_SECOND });
    const baseline = await bench.deliver({ ...order, firstSequence: PER_SECOND + 1, count: before });
    const first = await bench.server.call("usage", { collect: true });
    await bench.load.call("stall", { port: bench.target.port });
    const count = bench.sizes.slowReaderFrames;
    const firstSequence = PER_SECOND + before + 1;
    const report = await bench.deliverWatched({ ...order, firstSequence, count });
    const last = await bench.server.call("usage", { collect: true });
    const recovery = await bench.load.call("recover", { last: firstSequence + count - 1, timeoutMs: 30_000 });
    return {
      ...report,
      grownMib: (last.rssBytes - first.rssBytes) / 2 ** 20,
      heldMib: (heldBytes(last) - heldBytes(first)) / 2 ** 20,
      skipped: (last.counters["rendersSkipped"] ?? 0) - (first.counters["rendersSkipped"] ?? 0),
      p99BeforeMs: baseline.p99Ms,
      framesAfter: recovery.frames,
      endedRight: recovery.shows === firstSequence + count - 1 ? 1 : 0,
      closedWith: recovery.closedWith ?? 0,
    };
  },
};

/** What the program itself holds: the rest of the RSS is V8's to give back when it likes. */
function heldBytes({ heapBytes, externalBytes }: Usage): number {
  return heapBytes + externalBytes;
}
