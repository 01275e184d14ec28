import { afterAll, describe, expect, it } from "vitest";
import { outcomeTable, type Outcome } from "./outcome.ts";
import { redisFaults, runRedisFault } from "./redis-faults.ts";

const outcomes: Outcome[] = [];
afterAll(() => console.log(outcomeTable(outcomes)));

describe("three processes on one Redis lose nothing silently when", () => {
  it.each(redisFaults.map((fault) => [fault.title, fault] as const))("%s", async (_title, fault) => {
    const outcome = await runRedisFault(fault, "short");
    outcomes.push(outcome);
    const { published, unexplained, duplicates, disordered } = outcome.verdict;
    expect(published).toBeGreaterThan(1_000);
    expect(unexplained.slice(0, 5)).toEqual([]);
    expect(duplicates.slice(0, 5)).toEqual([]);
    expect(disordered.slice(0, 5)).toEqual([]);
  });
});
