// What a fault did, and the table that sums it up.

import type { Verdict } from "./ledger.ts";

/** One run of one fault. */
export interface Outcome {
  /** As numbered in docs/reliability.md. */
  readonly fault: string;
  readonly title: string;
  readonly verdict: Pick<Verdict, "published" | "delivered" | "underGap" | "unexplained" | "duplicates" | "disordered">;
  /** From the end of the fault until every node heard every other again; `undefined` where nothing had to heal. */
  readonly healMs: number | undefined;
}

export const percentile = (sorted: readonly number[], share: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];

export const seconds = (ms: number | undefined): string => (ms === undefined ? "–" : `${(ms / 1000).toFixed(2)} s`);

/** One row for each fault, as a Markdown table. Deliveries are counted: one message to three listeners is three. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const faults = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const runs = faults.get(outcome.fault);
    if (runs === undefined) faults.set(outcome.fault, [outcome]);
    else runs.push(outcome);
  }
  const lines = [
    "| fault | runs | published | delivered | under a gap | unexplained | twice or out of order | healed p50 | p95 | max |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const runs of faults.values()) {
    const [first] = runs;
    if (first === undefined) continue;
    const sum = (count: (outcome: Outcome) => number): string =>
      runs.reduce((total, outcome) => total + count(outcome), 0).toLocaleString("en-US");
    const heals = runs.flatMap(({ healMs }) => (healMs === undefined ? [] : [healMs])).sort((a, b) => a - b);
    lines.push(
      `| ${[
        `${first.fault}. ${first.title}`,
        runs.length,
        sum(({ verdict }) => verdict.published),
        sum(({ verdict }) => verdict.delivered),
        sum(({ verdict }) => verdict.underGap),
        sum(({ verdict }) => verdict.unexplained.length),
        sum(({ verdict }) => verdict.duplicates.length + verdict.disordered.length),
        seconds(percentile(heals, 0.5)),
        seconds(percentile(heals, 0.95)),
        seconds(heals.at(-1)),
      ].join(" | ")} |`,
    );
  }
  return lines.join("\n");
}
