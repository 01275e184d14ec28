// npm run chaos: every fault, at full length and again and again, and the table that docs/reliability.md quotes.

import { parseArgs } from "node:util";
import { runWorkerKill } from "./cluster-faults.ts";
import { outcomeTable, type Outcome } from "./outcome.ts";
import { runPresence } from "./presence.ts";
import { presenceFaults, runPresenceFaults } from "./presence-faults.ts";
import { presenceTable, type PresenceOutcome } from "./presence-outcome.ts";
import { redisFaults, runRedisFault } from "./redis-faults.ts";

const HELP = `
npm run chaos -- [redis] [cluster] [presence] [histories] [options]

  redis          faults of a Redis between three processes
  cluster        faults of the workers of node:cluster
  presence       faults of four processes with presences, and the histories
  histories      random histories of a simulated cluster of them, alone
                 (default: the first three)
  --only 1,5b    faults by their numbers (default: all)
  --runs 3       runs of each fault (default: 3)
  --short        faults as short as within npm test
  --histories n  histories of presences (default: 100000); 0 for none
  --seed n       where they begin (default: at random)
  --path p       plays the one of them that failed, as it was printed
`.trim();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    runs: { type: "string", default: "3" },
    short: { type: "boolean", default: false },
    histories: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const runs = countOf("--runs", values.runs);
const numbers = values.only.split(",").filter((number) => number !== "");

const PRESENCE = "presence";
const HISTORIES = "histories";
const parts: { readonly [name: string]: () => AsyncIterable<Outcome> } = { redis, cluster };

if (values.help) console.log(HELP);
else await main(positionals.length === 0 ? [...Object.keys(parts), PRESENCE] : positionals);

async function* redis(): AsyncIterable<Outcome> {
  for (const fault of redisFaults) {
    for (const _ of runsOf(fault.number, fault.title)) yield runRedisFault(fault, values.short ? "short" : "long");
  }
}

async function* cluster(): AsyncIterable<Outcome> {
  for (const _ of runsOf("21", "a worker of a cluster is killed")) yield runWorkerKill(values.short ? 2 : 20);
}

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${option} takes a count of at least 1, not "${text}".`);
  return count;
}

async function presence(): Promise<void> {
  if (values.path === undefined) await presencesUnderFaults();
  // Faults that were asked for by their numbers have no histories.
  if (values.histories !== "0" && numbers.length === 0) histories();
}

async function presencesUnderFaults(): Promise<void> {
  const outcomes: PresenceOutcome[] = [];
  for (const fault of presenceFaults) {
    for (const _ of runsOf(fault.number, fault.title)) {
      for await (const outcome of runPresenceFaults([fault], values.short ? "short" : "long")) outcomes.push(outcome);
    }
  }
  if (outcomes.length === 0) return;
  console.log(`${presenceTable(outcomes)}\n`);
  const violations = outcomes.flatMap(({ fault, violations: found }) => found.map((what) => `${fault}. ${what}`));
  if (violations.length === 0) return;
  console.error(`${violations.length} violations, the first of them:`, violations.slice(0, 10));
  process.exitCode = 1;
}

function histories(): void {
  const { histories: count, seed, path } = values;
  const allHeld = runPresence({
    histories: count === undefined ? undefined : countOf("--histories", count),
    seed: seed === undefined ? undefined : Number(seed),
    path,
  });
  if (!allHeld) process.exitCode = 1;
}

function* runsOf(number: string, title: string): Iterable<number> {
  if (numbers.length > 0 && !numbers.includes(number)) return;
  for (let run = 1; run <= runs; run++) {
    process.stderr.write(`chaos: ${number}. ${title}, run ${run} of ${runs}\n`);
    yield run;
  }
}

async function main(names: readonly string[]): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const name of names) {
    if (name === PRESENCE || name === HISTORIES) {
      await (name === PRESENCE ? presence() : histories());
      continue;
    }
    const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (part === undefined) throw new Error(`There is no part "${name}".\n\n${HELP}`);
    for await (const outcome of part()) outcomes.push(outcome);
  }
  if (outcomes.length === 0) return;
  console.log(outcomeTable(outcomes));
  const violations = outcomes.flatMap(({ fault, verdict: { unexplained, duplicates, disordered } }) =>
    [...unexplained, ...duplicates, ...disordered].map((message) => ({ fault, ...message })),
  );
  if (violations.length === 0) return;
  console.error(`\n${violations.length} violations, the first of them:`, violations.slice(0, 10));
  process.exitCode = 1;
}
