import { describe, expect, it } from "vitest";
import { renderChecksEnabled, withRenderChecks } from "./checks.ts";

describe("withRenderChecks", () => {
  it("turns the checks on while the work runs, and returns what it returns", () => {
    expect(withRenderChecks(true, renderChecksEnabled)).toBe(true);
    expect(renderChecksEnabled()).toBe(false);
  });

  it("turns them off within, and on again afterwards", () => {
    const seen = withRenderChecks(true, () => [withRenderChecks(false, renderChecksEnabled), renderChecksEnabled()]);
    expect(seen).toEqual([false, true]);
  });

  it("restores them when the work throws", () => {
    const fail = (): never => {
      throw new Error("no");
    };
    expect(() => withRenderChecks(true, fail)).toThrow("no");
    expect(renderChecksEnabled()).toBe(false);
  });
});
