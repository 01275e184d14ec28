import { setTimeout as sleep } from "node:timers/promises";
import { nowMicros } from "../stamp.ts";
import type { Usage } from "./commands.ts";

/** What this process uses; after a thorough garbage collection, if asked. */
export async function usage(collect: boolean, counters: Readonly<Record<string, number>> = {}): Promise<Usage> {
  if (collect) await collectGarbage();
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  return {
    rssBytes: memory.rss,
    heapBytes: memory.heapUsed,
    externalBytes: memory.external,
    cpuMicros: cpu.user + cpu.system,
    atMicros: nowMicros(),
    counters,
  };
}

/** Several rounds with pauses: finalizers run in between, and V8 gives memory back to the system a while later. */
async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await sleep(200);
  }
}
