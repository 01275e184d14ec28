// Random histories of a cluster with presences, simulated: `npm run chaos -- presence`.

import fc from "fast-check";
import type { SafetyLayers } from "../../src/presence/state.ts";
import { histories, play, type Command, type History } from "../support/presence-simulation.ts";

export interface HistoriesOptions {
  /** How many histories to play. */
  readonly histories: number;
  readonly seed: number;
  /** Plays a failing history again, as `failure.path` said it. */
  readonly path?: string | undefined;
  /** To see one fail. @default all layers */
  readonly safety?: SafetyLayers | undefined;
  /** Told now and then. */
  readonly onProgress?: ((played: number) => void) | undefined;
}

export interface HistoriesResult {
  readonly histories: number;
  readonly seed: number;
  /** How many commands of each kind there were. */
  readonly commands: Readonly<Record<Command["do"], number>>;
  /** In seconds. */
  readonly seconds: number;
  readonly failure: HistoriesFailure | undefined;
}

export interface HistoriesFailure {
  readonly breach: string;
  /** The smallest history found in which it happens. */
  readonly history: History;
  readonly seed: number;
  readonly path: string;
  /** The command that plays that history again. */
  readonly replay: string;
}

/** Histories that fast-check runs at a time. Each batch has a seed of its own. */
const BATCH = 1_000;

/** Plays histories until one breaks a promise; that one is made as small as possible. */
export function runHistories(options: HistoriesOptions): HistoriesResult {
  const startMs = performance.now();
  const commands: Record<Command["do"], number> = {
    join: 0,
    leave: 0,
    update: 0,
    run: 0,
    split: 0,
    heal: 0,
    network: 0,
    crash: 0,
    stop: 0,
    restart: 0,
    freeze: 0,
    cut: 0,
  };
  let played = 0;
  let failure: HistoriesFailure | undefined;
  for (let batch = 0; played < options.histories && failure === undefined; batch++) {
    const size = Math.min(BATCH, options.histories - played);
    failure = runBatch(options, options.seed + batch, size, (history) => {
      for (const command of history.commands) commands[command.do]++;
    });
    played += size;
    options.onProgress?.(played);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  return { histories: played, seed: options.seed, commands, seconds, failure };
}

function runBatch(
  { path, safety }: HistoriesOptions,
  seed: number,
  numRuns: number,
  count: (history: History) => void,
): HistoriesFailure | undefined {
  let breach = "";
  const property = fc.property(histories, (history) => {
    count(history);
    const found = play(history, safety);
    if (found !== undefined) breach = found;
    return found === undefined;
  });
  const result = fc.check(
    property,
    path === undefined ? { seed, numRuns } : { seed, numRuns, path, endOnFailure: true },
  );
  if (!result.failed || result.counterexample === null) return undefined;
  const [history] = result.counterexample;
  const failingPath = result.counterexamplePath ?? "";
  // What was found last is not always what was found in the smallest one.
  breach = play(history, safety) ?? breach;
  return {
    breach,
    history,
    seed,
    path: failingPath,
    replay: `npm run chaos -- presence --seed ${seed} --path ${failingPath}`,
  };
}

/** What `npm run chaos -- presence` prints. */
export function describeHistories({ histories: count, seed, commands, seconds, failure }: HistoriesResult): string {
  const all = Object.values(commands).reduce((sum, number) => sum + number, 0);
  const rows = [
    ["histories", count],
    ["commands", all],
    ...Object.entries(commands).map(([name, number]) => [`  ${name}`, number]),
    ["breaches", failure === undefined ? 0 : 1],
    ["first seed", seed],
    ["seconds", Math.round(seconds)],
  ];
  const lines = rows.map(([name, value]) => `${String(name).padEnd(12)}${String(value).padStart(12)}`);
  if (failure === undefined) return lines.join("\n");
  return [
    ...lines,
    "",
    failure.breach,
    "",
    `The smallest history found in which this happens: ${JSON.stringify(failure.history)}`,
    "Play it again:",
    `    ${failure.replay}`,
  ].join("\n");
}

/** Plays 100 000 histories, or as many as are asked for, and prints a table. @returns whether all promises held */
export function runPresence(options: {
  readonly histories?: number | undefined;
  readonly seed?: number | undefined;
  readonly path?: string | undefined;
}): boolean {
  const seed = options.seed ?? Math.floor(Math.random() * 0x7fff_0000);
  const { histories: count = options.path === undefined ? 100_000 : 1, path } = options;
  const onProgress = (played: number): void => void process.stderr.write(`chaos: presence, ${played} of ${count}\n`);
  const result = runHistories({ histories: count, seed, path, onProgress });
  console.log(describeHistories(result));
  return result.failure === undefined;
}
