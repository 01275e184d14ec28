import { describe, expect, it } from "vitest";
import { Outages } from "./redis-outages.ts";

describe("Outages", () => {
  it("has none before the first connection, and none while all is well", () => {
    const outages = new Outages();
    outages.begin("reconnect");
    expect(outages.end(1_000)).toBeUndefined();
    outages.wellAt(5_000);
    expect(outages.end(6_000)).toBeUndefined();
  });

  it("begins two seconds before the last sign of life: so long may a message have been on its way", () => {
    const outages = new Outages();
    outages.end(1_000);
    outages.wellAt(10_000);
    outages.begin("watchdog");
    expect(outages.end(15_000)).toEqual({ cause: "watchdog", sinceMs: 8_000 });
  });

  it("is one from the first loss until all is well, with the first cause", () => {
    const outages = new Outages();
    outages.end(10_000);
    outages.begin("watchdog");
    outages.wellAt(11_000);
    outages.begin("reconnect");
    expect(outages.end(20_000)).toEqual({ cause: "watchdog", sinceMs: 8_000 });
    outages.begin("reconnect");
    expect(outages.end(30_000)).toEqual({ cause: "reconnect", sinceMs: 18_000 });
  });
});
