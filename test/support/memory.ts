/** A line through fewer points says little. */
const LEAST_ROUNDS = 4;
const MOST_ROUNDS = 12;

/** The bytes in use, once all that is garbage has gone. For processes with `--expose-gc`. */
export async function heapBytes(): Promise<number> {
  for (let turns = 0; turns < 3; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** What each of a round's calls leaves behind, in bytes, and what that was found by. */
export interface Leftovers {
  readonly bytesPerCall: number;
  readonly heaps: readonly number[];
}

/**
 * Measures what calls leave behind: by a line through the bytes that are in use after each of the last rounds.
 *
 * There are more rounds for as long as that is not less than `limit` bytes a call, up to twelve. What leaks does so in
 * every round, however many there are; what the engine takes for reasons of its own, as when it compiles, comes to an
 * end.
 */
export async function leftovers(
  round: () => Promise<void>,
  { callsPerRound, limit }: { readonly callsPerRound: number; readonly limit: number },
): Promise<Leftovers> {
  await round();
  const heaps: number[] = [];
  const measured = (): number => slope(heaps.slice(-LEAST_ROUNDS)) / callsPerRound;
  do {
    await round();
    heaps.push(await heapBytes());
  } while (heaps.length < LEAST_ROUNDS || (measured() >= limit && heaps.length < MOST_ROUNDS));
  return { bytesPerCall: measured(), heaps };
}

/** The slope of a line through the points (least squares), with their numbers as x. */
function slope(values: readonly number[]): number {
  const meanX = (values.length - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [x, y] of values.entries()) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return above / below;
}
