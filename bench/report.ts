import { column, judge, type GoalResult, type ScenarioResult } from "./results.ts";
import type { Metric, Scenario } from "./scenarios/scenario.ts";
import type { Spread } from "./statistics.ts";

/** Above this share of its core the load generator may be what limits a row. */
const SATURATED_PERCENT = 90;

const CPU: readonly Metric[] = [
  { key: "serverCpu", label: "server CPU %" },
  { key: "loadCpu", label: "load CPU %" },
];

/** A scenario's table and goals, for a terminal. */
export function terminalReport(result: ScenarioResult): string {
  const lines = table(result);
  const widths = lines[0]?.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0))) ?? [];
  const rows = lines.map((line) =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  "),
  );
  return ["", `${result.scenario.title}  (${result.scenario.name})`, ...rows, ...notes(result)].join("\n");
}

/** The same as Markdown. */
export function markdownReport(result: ScenarioResult): string {
  const [header = [], ...rows] = table(result);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, index) => (index === 0 ? "---" : "---:"));
  return [
    `### ${result.scenario.title}`,
    "",
    result.scenario.what.replaceAll("\n", " "),
    "",
    ...[header, rule, ...rows].map(line),
    "",
    ...notes(result).map((note) => `- ${note}`),
    "",
  ].join("\n");
}

function table(result: ScenarioResult): string[][] {
  const metrics = [...result.scenario.metrics, ...CPU].filter(({ key }) =>
    result.scenario.rows.some((row) => column(result, row.name, key) !== undefined),
  );
  const rows = result.scenario.rows.filter(({ name }) => result.runs.some((run) => run.rows[name] !== undefined));
  return [
    ["row", ...metrics.map(({ label }) => label)],
    ...rows.map((row) => [
      row.name,
      ...metrics.map((metric) => cell(column(result, row.name, metric.key), metric.digits)),
    ]),
  ];
}

/** `median (least–greatest)`, or the median alone where all runs agree. */
function cell(values: Spread | undefined, digits = 0): string {
  if (values === undefined) return "–";
  const [median, least, greatest] = [values.median, values.least, values.greatest].map((value) =>
    number(value, digits),
  );
  return least === greatest ? `${median}` : `${median} (${least}–${greatest})`;
}

function number(value: number, digits: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function notes(result: ScenarioResult): string[] {
  const { scenario, runs } = result;
  return [
    ...scenario.goals.map((goal) => goalLine(scenario, judge(result, goal))),
    ...scenario.rows
      .filter((row) => (column(result, row.name, "loadCpu")?.median ?? 0) > SATURATED_PERCENT)
      .map((row) => `${row.name}: the load generator was saturated; the server may be faster than shown`),
    ...runs.flatMap((run) =>
      Object.entries(run.failures).map(([row, failure]) => `${row}: FAILED: ${failure.split("\n", 1)[0]}`),
    ),
  ];
}

function goalLine(scenario: Scenario, { goal, reached, isMet }: GoalResult): string {
  const label = (key: string | undefined) => scenario.metrics.find((metric) => metric.key === key)?.label ?? key;
  const isRatio = goal.of !== undefined;
  const bound = goal.atLeast === undefined ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast.toLocaleString("en-US")}`;
  const control = goal.of === goal.row ? label(goal.ofMetric) : goal.of;
  const aim = `${goal.row}, ${label(goal.metric)}: ${goal.atMostMore === undefined ? `${bound}${isRatio ? ` × ${control}` : ""}` : `≤ ${goal.atMostMore} more than ${control}`}`;
  if (reached === undefined) return `${aim}: not measured`;
  return `${aim}: ${cell(reached, isRatio ? 2 : reached.median < 1_000 ? 1 : 0)}: ${isMet ? "reached" : "MISSED"}`;
}
