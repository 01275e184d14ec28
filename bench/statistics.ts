/** A median with the least and the greatest value it was taken from. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** The spread of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 0.5), least: percentile(sorted, 0), greatest: percentile(sorted, 1) };
}

/** The value that `part` (0 to 1) of the sorted values do not exceed; NaN for none. Between two values: their mean. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return (below + above) / 2;
}
