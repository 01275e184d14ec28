import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
// The flag puts `gc` into contexts that are made after it.
const gc = runInNewContext("gc") as () => void;

/** Collects all that is not reachable. It takes a turn, because what a WeakRef has given out stays for the turn at hand. */
export async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  gc();
}

export function countAlive(references: readonly WeakRef<object>[]): number {
  return references.filter((reference) => reference.deref() !== undefined).length;
}
