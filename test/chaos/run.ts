// npm run chaos: every fault, at full length and again and again, and the table that docs/reliability.md quotes.

import { parseArgs } from "node:util";
import { outcomeTable, type Outcome } from "./outcome.ts";
import { redisFaults, runRedisFault } from "./redis-faults.ts";

const HELP = `
npm run chaos -- [redis] [options]

  redis          faults of a Redis between three processes (default)
  --only 1,5b    faults by their numbers (default: all)
  --runs 3       runs of each fault (default: 3)
  --short        faults as short as within npm test
`.trim();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    runs: { type: "string", default: "3" },
    short: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a count of at least 1, not "${values.runs}".`);
const numbers = values.only.split(",").filter((number) => number !== "");

if (values.help) console.log(HELP);
else await main(positionals[0] ?? "redis");

async function main(part: string): Promise<void> {
  if (part !== "redis") throw new Error(`There is no part "${part}".\n\n${HELP}`);
  const outcomes: Outcome[] = [];
  for (const fault of redisFaults) {
    if (numbers.length > 0 && !numbers.includes(fault.number)) continue;
    for (let run = 1; run <= runs; run++) {
      process.stderr.write(`chaos: ${fault.number}. ${fault.title}, run ${run} of ${runs}\n`);
      outcomes.push(await runRedisFault(fault, values.short ? "short" : "long"));
    }
  }
  console.log(outcomeTable(outcomes));
  const violations = outcomes.flatMap(({ fault, verdict: { unexplained, duplicates, disordered } }) =>
    [...unexplained, ...duplicates, ...disordered].map((message) => ({ fault, ...message })),
  );
  if (violations.length === 0) return;
  console.error(`\n${violations.length} violations, the first of them:`, violations.slice(0, 10));
  process.exitCode = 1;
}
