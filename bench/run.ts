/** `npm run bench`: measures Wingbeat beside its control rows and prints what it found. docs/benchmarks.md explains it. */
import { writeFileSync } from "node:fs";
import { Bench, startServer } from "./bench.ts";
import { capture } from "./capture.ts";
import { describeMachine, machineLine, type Machine } from "./machine.ts";
import { HELP, readOptions, type Options } from "./options.ts";
import { prepare } from "./prepare.ts";
import { writeMarkdown } from "./markdown-file.ts";
import { markdownReport, terminalReport } from "./report.ts";
import { judge, type Run, type ScenarioResult } from "./results.ts";
import { scenarios } from "./scenarios/all.ts";
import type { Measures, Row, Scenario, ServerRow, ServerScenario } from "./scenarios/scenario.ts";

const QUICK_NOTE = "Measured with --quick: these figures mean nothing.";

const options = readOptions(process.argv.slice(2));
if (options.help) console.log(HELP);
else await main(options);

async function main({ only, rows, runs, json, markdown, sizes, isQuick }: Options): Promise<void> {
  prepare();
  const machine = describeMachine();
  console.log(machineLine(machine));
  if (isQuick) console.log(QUICK_NOTE);
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios.filter(({ name }) => isChosen(name, only))) {
    const chosen = withRows(scenario, ({ name }) => isChosen(name, rows));
    const result = { scenario: chosen, runs: await measure(chosen, runs) };
    console.log(terminalReport(result));
    results.push(result);
    // After each, so that a run that is broken off leaves what it has.
    if (json !== undefined) writeFileSync(json, jsonReport(machine, results));
    if (markdown !== undefined) writeMarkdown(markdown, markdownDocument(machine, results, isQuick));
  }

  /** The rows take turns, so that what changes on the machine meanwhile meets all of them. */
  async function measure(scenario: Scenario, count: number): Promise<readonly Run[]> {
    if (scenario.capture === undefined) {
      return measureRows(scenario.name, scenario.rows, count, (row) => scenario.measureAlone(row, sizes));
    }
    const seen = await captureFrom(scenario);
    return measureRows(scenario.name, scenario.rows, count, (row) => measureServer(scenario, row, seen));
  }

  async function measureServer(
    scenario: ServerScenario,
    row: ServerRow,
    seen: Awaited<ReturnType<typeof capture>>,
  ): Promise<Measures> {
    const bench = await Bench.start(row, sizes, seen);
    try {
      return await scenario.measure(bench, row);
    } finally {
      await bench.stop();
    }
  }
}

async function measureRows<R extends Row>(
  scenario: string,
  rows: readonly R[],
  count: number,
  measure: (row: R) => Promise<Measures>,
): Promise<readonly Run[]> {
  const done: Run[] = [];
  for (let run = 0; run < count; run++) {
    const measured: Record<string, Measures> = {};
    const failures: Record<string, string> = {};
    for (const row of rows) {
      process.stderr.write(`bench: ${scenario}, run ${run + 1} of ${count}, ${row.name}\n`);
      try {
        measured[row.name] = await measure(row);
      } catch (error) {
        // A peer's failure is a result; the other rows still count.
        failures[row.name] = error instanceof Error ? error.message : String(error);
      }
    }
    done.push({ rows: measured, failures });
  }
  return done;
}

function withRows(scenario: Scenario, isWanted: (row: Row) => boolean): Scenario {
  return scenario.capture === undefined
    ? { ...scenario, rows: scenario.rows.filter(isWanted) }
    : { ...scenario, rows: scenario.rows.filter(isWanted) };
}

/** What Wingbeat sends for the scenario's page. The bare server repeats it. */
async function captureFrom(scenario: ServerScenario): ReturnType<typeof capture> {
  const server = startServer("wingbeat");
  try {
    const { port } = await server.call("listen", {});
    return await capture(server, port, scenario.capture);
  } finally {
    await server.stop();
  }
}

function isChosen(name: string, beginnings: readonly string[]): boolean {
  return beginnings.length === 0 || beginnings.some((beginning) => name.startsWith(beginning));
}

function jsonReport(machine: Machine, results: readonly ScenarioResult[]): string {
  const found = results.map((result) => ({
    name: result.scenario.name,
    title: result.scenario.title,
    what: result.scenario.what,
    goals: result.scenario.goals.map((goal) => judge(result, goal)),
    runs: result.runs,
  }));
  return `${JSON.stringify({ machine, scenarios: found }, null, 2)}\n`;
}

function markdownDocument(machine: Machine, results: readonly ScenarioResult[], isQuick: boolean): string {
  const heading = isQuick ? [QUICK_NOTE, "", `${machineLine(machine)}.`] : [`${machineLine(machine)}.`];
  return [...heading, "", ...results.map(markdownReport)].join("\n");
}
