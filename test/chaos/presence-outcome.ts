// What a fault did to presences, and the table that sums it up.

import { percentile, seconds } from "./outcome.ts";

/** One run of one fault. */
export interface PresenceOutcome {
  /** As numbered in docs/reliability.md. */
  readonly fault: string;
  readonly title: string;
  /** Of metas, in the diffs of all nodes, and how many diffs there were. */
  readonly joins: number;
  readonly leaves: number;
  readonly diffs: number;
  /** What must not be: a list that is not the union, diffs that do not make up the list, a leave without its join, … */
  readonly violations: readonly string[];
  /** From the end of the fault, or from a process's death, until every list was right. */
  readonly healMs: number;
}

/** One row for each fault, as a Markdown table. */
export function presenceTable(outcomes: readonly PresenceOutcome[]): string {
  const faults = new Map<string, PresenceOutcome[]>();
  for (const outcome of outcomes) faults.set(outcome.fault, [...(faults.get(outcome.fault) ?? []), outcome]);
  const lines = [
    "| fault | runs | joins | leaves | diffs | violations | right after p50 | p95 | max |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const runs of faults.values()) {
    const sum = (count: (outcome: PresenceOutcome) => number): string =>
      runs.reduce((total, outcome) => total + count(outcome), 0).toLocaleString("en-US");
    const heals = runs.map(({ healMs }) => healMs).sort((a, b) => a - b);
    const cells = [
      `${runs[0]?.fault}. ${runs[0]?.title}`,
      runs.length,
      sum(({ joins }) => joins),
      sum(({ leaves }) => leaves),
      sum(({ diffs }) => diffs),
      sum(({ violations }) => violations.length),
      seconds(percentile(heals, 0.5)),
      seconds(percentile(heals, 0.95)),
      seconds(heals.at(-1)),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}
