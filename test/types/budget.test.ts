import { describe, expect, it } from "vitest";
import { costOf } from "./many-views.ts";
import type { Form } from "./many-views.ts";

const TIMEOUT_MS = 300_000; // for the slowest machine; each of the runs takes about a second

/** How many instantiations a view costs: among the first fifty, and among the next fifty. */
async function costPerView(form: Form): Promise<{ first: number; next: number }> {
  const one = await costOf(1, form);
  const fifty = await costOf(50, form);
  const hundred = await costOf(100, form);
  const first = (fifty.instantiations - one.instantiations) / 49;
  const next = (hundred.instantiations - fifty.instantiations) / 50;
  const seconds = [one, fifty, hundred].map((cost) => `${cost.seconds} s`).join(", ");
  console.info(
    `types, ${form}: ${Math.round(first)} and ${Math.round(next)} instantiations a view; 1, 50, 100 views in ${seconds}`,
  );
  return { first, next };
}

describe("the cost of the types", () => {
  it(
    "is under 5 000 instantiations for each view whose types are written out, and linear",
    async () => {
      const { first, next } = await costPerView("written out");
      expect(next).toBeLessThan(5_000);
      expect(next).toBeLessThan(first * 1.1);
    },
    TIMEOUT_MS,
  );

  it(
    "is under 7 000 instantiations for each view whose types are inferred from schemas, and linear",
    async () => {
      const { first, next } = await costPerView("inferred");
      expect(next).toBeLessThan(7_000);
      expect(next).toBeLessThan(first * 1.1);
    },
    TIMEOUT_MS,
  );
});
