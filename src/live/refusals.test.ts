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

  it("lets a page that is refused for ever load no more than twice in 10 s", () => {
    const refusals = new Refusals();
    let now = 0;
    let loads = 0;
    while (now < 1_000_000) {
      loads++;
      now += refusals.refused("a", now) === "reload" ? 50 : 7_500;
    }
    expect(loads).toBeLessThan(2 * (1_000_000 / 7_500) + 2);
  });

  it("forgets what is over, and beyond its size what was refused longest ago", () => {
    const refusals = new Refusals({ maxKeys: 2 });
    refusals.refused("a", 0);
    refusals.refused("b", 1);
    refusals.refused("a", 2);
    refusals.refused("c", 3);
    expect(refusals.size).toBe(2);
    expect(refusals.refused("a", 4)).toBe("back-off");
    expect(refusals.refused("d", 20_000)).toBe("reload");
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
