import type { Goal, Measures, Scenario } from "./scenarios/scenario.ts";
import { spread, type Spread } from "./statistics.ts";

/** What one run of a scenario measured, by row name. A row that failed has its error's text instead. */
export interface Run {
  readonly rows: Readonly<Record<string, Measures>>;
  readonly failures: Readonly<Record<string, string>>;
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly runs: readonly Run[];
}

export interface GoalResult {
  readonly goal: Goal;
  /** The value, or its ratio to (or difference from) the control row's value of the same run. Undefined if no run has it. */
  readonly reached: Spread | undefined;
  readonly isMet: boolean;
}

/** What the runs have of one column of one row; undefined if none has it. */
export function column({ runs }: ScenarioResult, row: string, metric: string): Spread | undefined {
  return spreadOf(runs.map((run) => run.rows[row]?.[metric]));
}

/** How a goal was met. Ratios are taken run by run, so that what slowed both rows of a run does not count. */
export function judge({ runs }: ScenarioResult, goal: Goal): GoalResult {
  const reached = spreadOf(runs.map((run) => valueOf(run, goal)));
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = goal.atMostMore ?? Number.POSITIVE_INFINITY } = goal;
  const isMet = reached !== undefined && reached.median >= atLeast && reached.median <= atMost;
  return { goal, reached, isMet };
}

function valueOf(run: Run, goal: Goal): number | undefined {
  const value = run.rows[goal.row]?.[goal.metric];
  if (goal.of === undefined) return value;
  const control = run.rows[goal.of]?.[goal.ofMetric ?? goal.metric];
  if (value === undefined || control === undefined) return undefined;
  return goal.atMostMore === undefined ? value / control : value - control;
}

function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const present = values.filter((value): value is number => value !== undefined && !Number.isNaN(value));
  return present.length === 0 ? undefined : spread(present);
}
