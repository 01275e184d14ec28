import { describe, expect, it } from "vitest";
import { EarlyPublishes } from "./redis-early.ts";

describe("EarlyPublishes", () => {
  it("sends what waited in its order, and settles as the sending does", async () => {
    const early = new EarlyPublishes();
    const outcomes = Promise.allSettled([early.add("a", "one"), early.add("b", "two!"), early.add("a", "three")]);
    expect([early.count, early.size]).toEqual([3, 12]);
    const sent: string[] = [];
    early.sendAll((channel, frame) => {
      sent.push(`${channel} ${frame}`);
      return channel === "b" ? Promise.reject(new Error("NOPERM")) : Promise.resolve();
    });
    expect(sent).toEqual(["a one", "b two!", "a three"]);
    expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect([early.count, early.size]).toEqual([0, 0]);
  });

  it("rejects what waited when there is no connection, and tells when all have settled", async () => {
    const early = new EarlyPublishes();
    const outcome = early.add("a", "one").catch((error: unknown) => error);
    const settled = early.settled();
    early.failAll(() => new Error("no connection"));
    await settled;
    expect(await outcome).toEqual(new Error("no connection"));
    await early.settled();
  });
});
