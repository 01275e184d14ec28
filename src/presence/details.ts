import { systemClock } from "../pubsub/pubsub-clock.ts";
import type { Fields } from "./meta-codec.ts";

/** How long details may take, in milliseconds. Diffs of their topic wait for them. */
const LOAD_MS = 10_000;

/**
 * The fields to add, by key, of whatever the program's `fetch` gives: an object or a Map.
 *
 * @throws what `fetch` throws or rejects with, and when it takes longer than 10 s
 */
export async function loadDetails(fetch: () => unknown): Promise<ReadonlyMap<string, Fields>> {
  let stop: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    stop = systemClock.after(LOAD_MS, () => reject(new Error(`it took longer than ${LOAD_MS / 1_000} s`)));
  });
  try {
    return readDetails(await Promise.race([fetch(), late]));
  } finally {
    stop?.();
  }
}

function readDetails(found: unknown): ReadonlyMap<string, Fields> {
  const details = new Map<string, Fields>();
  if (typeof found !== "object" || found === null) return details;
  const entries: Iterable<readonly [unknown, unknown]> = found instanceof Map ? found : Object.entries(found);
  for (const [key, fields] of entries) {
    // Anything with fields will do: they are copied.
    if (typeof key === "string" && typeof fields === "object" && fields !== null) details.set(key, fields as Fields);
  }
  return details;
}
