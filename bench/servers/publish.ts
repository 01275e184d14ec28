import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { nowMicros, stamp } from "../stamp.ts";
import type { PublishOrder } from "./commands.ts";

/** Carries out an order through a server's own way to broadcast: the same loop for every row. */
export async function publish(order: PublishOrder, broadcast: (text: string) => unknown): Promise<void> {
  const padding = "x".repeat(order.padding ?? 0);
  const startMicros = nowMicros();
  for (let index = 0; index < order.count; index++) {
    // Against the start, not the last one, so that a late turn does not stretch the whole.
    if (order.mode === "paced") await until(startMicros + index * (order.everyMs ?? 0) * 1_000);
    broadcast(stamp(order.firstSequence + index) + padding);
    if (order.mode === "yielding") await turns();
  }
}

/**
 * Turns of the event loop between two broadcasts. One is what the bare server needs to send its frames, and further ones
 * cost it next to nothing (some microseconds each, against milliseconds for a broadcast). A server that divides its work
 * into slices needs several, or it would merge the next broadcast into the frames that it has not sent yet.
 */
const TURNS = 8;

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
}

async function until(micros: number): Promise<void> {
  const waitMs = (micros - nowMicros()) / 1_000;
  if (waitMs > 0) await sleep(waitMs);
}
