import { describe, expect, it } from "vitest";
import { Refusals } from "./refusals.ts";

describe("Refusals", () => {
  it("lets a page reload twice, and the third refusal within 10 s back off", () => {
    const refusals = new Refusals();
    expect(refusals.refused("a", 0)).toBe("reload");
    expect(refusals.refused("a", 100)).toBe("reload");
    expect(refusals.refused("a", 9_999)).toBe("back-off");
  });

  it("counts nothing that is 10 s old", () => {
    const refusals = new Refusals();
    refusals.refused("a", 0);
    refusals.refused("a", 100);
    expect(refusals.refused("a", 10_000)).toBe("reload");
    expect(refusals.refused("a", 10_050)).toBe("back-off");
  });

  it("counts each page by itself", () => {
    const refusals = new Refusals();
    refusals.refused("a", 0);
    refusals.refused("a", 1);
    expect(refusals.refused("b", 2)).toBe("reload");
    expect(refusals.refused("a", 3)).toBe("back-off");
  });

  it.each([5_000, 7_500, 10_000, 14_000])(
    "has a page that is refused for ever, and waits for %i ms when it backs off, back off from the third time on",
    (waitMs) => {
      const refusals = new Refusals();
      const answers: string[] = [];
      for (let now = 0; answers.length < 10; now += answers.at(-1) === "reload" ? 50 : waitMs) {
        answers.push(refusals.refused("a", now));
      }
      expect(answers).toEqual(["reload", "reload", ...Array.from({ length: 8 }, () => "back-off")]);
    },
  );

  it("begins anew for a page that backed off and was left in peace for 30 s", () => {
    const refusals = new Refusals();
    for (const now of [0, 1, 2]) refusals.refused("a", now);
    expect(refusals.refused("a", 30_001)).toBe("back-off");
    expect(refusals.refused("a", 60_001)).toBe("reload");
    expect(refusals.refused("a", 60_002)).toBe("reload");
  });

  it("forgets what is over, and beyond its size what was refused longest ago", () => {
    const refusals = new Refusals({ maxKeys: 2 });
    refusals.refused("a", 0);
    refusals.refused("b", 1);
    refusals.refused("a", 2);
    refusals.refused("c", 3);
    expect(refusals.size).toBe(2);
    expect(refusals.refused("a", 4)).toBe("back-off");
    expect(refusals.refused("d", 30_004)).toBe("reload");
    expect(refusals.size).toBe(1);
  });

  it("tells pages with long keys apart by both of their ends", () => {
    const refusals = new Refusals();
    const agent = "x".repeat(10_000);
    refusals.refused(`1.2.3.4 ${agent} /a`, 0);
    refusals.refused(`1.2.3.4 ${agent} /a`, 1);
    expect(refusals.refused(`1.2.3.4 ${agent} /b`, 2)).toBe("reload");
    expect(refusals.refused(`1.2.3.5 ${agent} /a`, 2)).toBe("reload");
    expect(refusals.refused(`1.2.3.4 ${agent} /a`, 2)).toBe("back-off");
  });
});
