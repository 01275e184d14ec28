import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { closePages, visit } from "wingbeat/testing";
import { createExamples } from "../../examples/app.ts";
import { presence } from "../../examples/who.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  closePages();
  await presence.close();
  vi.useRealTimers();
});

it("the example /who shows as idle who has done nothing for a minute in any tab, until there is a key", async () => {
  const app = createExamples();
  const session = { visitor: "00000000-0000-4000-8000-000000000000" };
  const [first, second] = [await visit(app, "/who", { session }), await visit(app, "/who", { session })];
  const me = (): string => first.element(".people li", "(you)").text();
  expect(first.element("[role=status]").text()).toBe("One person is here.");
  await vi.advanceTimersByTimeAsync(50_000);
  await second.element("#name").keydown("Shift");
  await vi.advanceTimersByTimeAsync(59_000);
  await first.settled();
  expect(me()).not.toContain("idle");
  await vi.advanceTimersByTimeAsync(2_000);
  await first.settled();
  expect(me()).toContain("idle");
  await second.element("#name").keydown("Shift");
  await first.settled();
  expect(me()).not.toContain("idle");
});
