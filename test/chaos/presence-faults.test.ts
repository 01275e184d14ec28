import { afterAll, describe, expect, it } from "vitest";
import { presenceFaults, runPresenceFaults } from "./presence-faults.ts";
import { presenceTable, type PresenceOutcome } from "./presence-outcome.ts";

const outcomes: PresenceOutcome[] = [];
afterAll(() => console.log(presenceTable(outcomes.sort((a, b) => placeOf(a.fault) - placeOf(b.fault)))));
const placeOf = (fault: string): number => presenceFaults.findIndex(({ number }) => number === fault);

/** Each has four processes of its own. They wait for ten seconds of silence, so they can wait together. */
const groups = [
  { title: "the network is split, and a process stands still", numbers: ["15a", "13", "15b"] },
  { title: "a channel is forbidden, and a process is killed", numbers: ["9", "11", "11b"] },
  { title: "all are replaced one by one, and 10 000 come and go at once", numbers: ["12", "16"] },
  { title: "a worker of a cluster is killed, and 10 000 come and go at once", numbers: ["11c", "16c"] },
];

describe("four processes list the same presences, and their diffs make up the list, when", () => {
  it.concurrent.each(groups)(
    "$title",
    async ({ numbers }) => {
      const faults = presenceFaults.filter(({ number }) => numbers.includes(number));
      expect(faults.map(({ number }) => number).sort()).toEqual([...numbers].sort());
      for await (const outcome of runPresenceFaults(faults, "short")) {
        outcomes.push(outcome);
        expect(outcome.violations).toEqual([]);
        expect(outcome.joins).toBeGreaterThan(200);
      }
    },
    240_000,
  );
});

it("each fault of presences happens in one of the groups", () => {
  const numbers = groups.flatMap((group) => group.numbers);
  expect(numbers.sort()).toEqual(presenceFaults.map(({ number }) => number).sort());
});
