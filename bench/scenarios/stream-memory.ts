import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { STREAM, STREAM_MEMO } from "../servers/paths.ts";
import type { Usage } from "../servers/commands.ts";
import { bareWs, wingbeat, type ServerScenario } from "./scenario.ts";

const WARM_UP_VIEWS = 10;
const WARM_UP_ITEMS = 3_000;
const VIEWS = 20;
const FEW_ITEMS = 100;
const AT_ONCE = 1_000;
const SETTLE_MS = 2_000;

export const streamMemory: ServerScenario = {
  name: "stream-memory",
  title: "Memory of a view after 100 000 streamed items",
  what: `${VIEWS} clients join a page with a stream, into which ${FEW_ITEMS} items are inserted, and then as many more as make 100 000. How much
larger the server's heap is for each of them after a garbage collection than before they came: after the first items, and after
all. ${WARM_UP_VIEWS} clients and ${WARM_UP_ITEMS.toLocaleString("en")} items have warmed the server up. What a view or a connection would keep of an item would be in the difference.`,
  rows: [bareWs(STREAM), wingbeat(STREAM), wingbeat(STREAM_MEMO, "wingbeat, memo")],
  metrics: [
    { key: "fewKib", label: "heap after 100 items, KiB each", digits: 1 },
    { key: "manyKib", label: "after 100 000, KiB each", digits: 1 },
    { key: "bytesPerItem", label: "grown, bytes for each item and view", digits: 3 },
  ],
  goals: [
    { row: "wingbeat", metric: "bytesPerItem", atMost: 0.5 },
    { row: "wingbeat, memo", metric: "bytesPerItem", atMost: 0.5 },
  ],
  capture: { path: STREAM, publishes: { padding: 0 } },
  async measure(bench) {
    const items = bench.sizes.clients < 1_000 ? 5_000 : 100_000;
    let sequence = 0;
    const insert = async (count: number): Promise<void> => {
      for (let left = count; left > 0; left -= AT_ONCE) {
        const chunk = Math.min(AT_ONCE, left);
        await bench.deliver({ mode: "yielding", firstSequence: sequence, count: chunk });
        sequence += chunk;
      }
    };
    await bench.join(WARM_UP_VIEWS);
    await insert(WARM_UP_ITEMS);
    const before = await quiet(bench);
    await bench.join(VIEWS);
    await insert(FEW_ITEMS);
    const few = await quiet(bench);
    await insert(items - FEW_ITEMS);
    const many = await quiet(bench);
    const kibOfEach = ({ heapBytes }: Usage): number => (heapBytes - before.heapBytes) / VIEWS / 1_024;
    const grown = (many.heapBytes - few.heapBytes) / (VIEWS + WARM_UP_VIEWS) / (items - FEW_ITEMS);
    return { fewKib: kibOfEach(few), manyKib: kibOfEach(many), bytesPerItem: grown };
  },
};

async function quiet(bench: Bench): Promise<Usage> {
  await sleep(SETTLE_MS);
  return bench.server.call("usage", { collect: true });
}
