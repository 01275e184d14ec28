import { afterAll, describe, expect, it } from "vitest";
import { runWorkerKill } from "./cluster-faults.ts";
import { outcomeTable, type Outcome } from "./outcome.ts";

const outcomes: Outcome[] = [];
afterAll(() => console.log(outcomeTable(outcomes)));

describe("the workers of a cluster lose nothing when", () => {
  it("one of them is killed, again and again, and all end with their primary", async () => {
    const outcome = await runWorkerKill(2);
    outcomes.push(outcome);
    const { published, delivered, underGap, unexplained, duplicates, disordered } = outcome.verdict;
    expect(published).toBeGreaterThan(500);
    expect({ delivered, underGap }).toEqual({ delivered: published, underGap: 0 });
    expect([...unexplained, ...duplicates, ...disordered].slice(0, 5)).toEqual([]);
  });
});
