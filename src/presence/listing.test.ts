import { describe, expect, it } from "vitest";
import { createEntry, type Entry } from "./entry.ts";
import { Listing, type Committed } from "./listing.ts";

const RID = "AAAABBBBCCCCDDDDEEEEFF";

function entry(seq: number, key: string, fields: object = {}, prev = 0): Entry {
  return createEntry(RID, seq, { id: seq, topic: "room", key, prev, fields: { ...fields }, json: "{}" });
}

function tell(listing: Listing, nowMs = 0): Committed | undefined {
  const change = listing.compute("room", nowMs);
  return change === undefined ? undefined : listing.commit("room", change);
}

describe("Listing", () => {
  it("lists what was told, not what nobody has been told of yet", () => {
    const listing = new Listing(() => 0);
    listing.add(entry(1, "ada", { name: "Ada" }));
    expect(listing.list("room")).toEqual({});
    expect(tell(listing)?.diff).toEqual({
      type: "presence_diff",
      topic: "room",
      joins: { ada: { metas: [{ name: "Ada", ref: "AAAABBBBCCCC.1" }] } },
      leaves: {},
    });
    expect(listing.list("room")).toEqual({ ada: { metas: [{ name: "Ada", ref: "AAAABBBBCCCC.1" }] } });
    expect(listing.get("room", "ada")).toEqual({ metas: [{ name: "Ada", ref: "AAAABBBBCCCC.1" }] });
    expect(listing.get("room", "constructor")).toBeUndefined();
  });

  it("tells nothing of who joined and left in between", () => {
    const listing = new Listing(() => 0);
    const ada = entry(1, "ada");
    listing.add(ada);
    listing.remove(ada);
    expect(tell(listing)).toBeUndefined();
    expect(listing.topicCount).toBe(0);
  });

  it("tells an update as one diff, and of several updates the last", () => {
    const listing = new Listing(() => 0);
    const [first, second, third] = [entry(1, "ada"), entry(2, "ada", { n: 2 }, 1), entry(3, "ada", { n: 3 }, 2)];
    listing.add(first);
    tell(listing);
    for (const [old, next] of [
      [first, second],
      [second, third],
    ] as const) {
      listing.remove(old);
      listing.add(next);
    }
    const { diff, came, went } = tell(listing) ?? {};
    expect(diff?.leaves).toEqual({ ada: { metas: [first.meta] } });
    expect(diff?.joins).toEqual({ ada: { metas: [{ n: 3, ref: "AAAABBBBCCCC.3", prevRef: "AAAABBBBCCCC.2" }] } });
    expect([came, went]).toEqual([[], []]);
  });

  it("says which keys came and went, and not that a second tab opened or closed", () => {
    const listing = new Listing(() => 0);
    const [tab, otherTab] = [entry(1, "ada"), entry(2, "ada")];
    listing.add(tab);
    expect(tell(listing)).toMatchObject({ came: ["ada"], went: [] });
    listing.add(otherTab);
    expect(tell(listing)).toMatchObject({ came: [], went: [] });
    listing.remove(tab);
    expect(tell(listing)).toMatchObject({ came: [], went: [] });
    listing.remove(otherTab);
    expect(tell(listing)).toMatchObject({ came: [], went: ["ada"] });
  });

  it("gives the same list until something is told, and then the one that views make of the diff", () => {
    const listing = new Listing(() => 0);
    listing.add(entry(1, "ada"));
    tell(listing);
    const before = listing.list("room");
    expect(listing.list("room")).toBe(before);
    listing.add(entry(2, "grace"));
    expect(listing.list("room")).toBe(before);
    tell(listing);
    expect(Object.keys(listing.list("room"))).toEqual(["ada", "grace"]);
  });

  it("keeps nothing of a topic that everybody has left", () => {
    const listing = new Listing(() => 0);
    const ada = entry(1, "ada");
    listing.add(ada);
    tell(listing);
    listing.remove(ada);
    tell(listing);
    expect([listing.topicCount, listing.isDirty, listing.keyCount("room")]).toEqual([0, false, 0]);
    expect(listing.list("room")).toEqual({});
  });

  describe("with a grace of 100 ms", () => {
    it("goes on listing a key that nobody has any more, and then lets it go", () => {
      const listing = new Listing(() => 100);
      const ada = entry(1, "ada");
      listing.add(ada);
      tell(listing);
      listing.remove(ada);
      expect(tell(listing, 1_000)).toBeUndefined();
      expect(listing.get("room", "ada")).toEqual({ metas: [ada.meta] });
      expect(listing.nextGraceMs).toBe(1_100);
      listing.endGraces(1_099);
      expect(listing.isDirty).toBe(false);
      listing.endGraces(1_100);
      expect(tell(listing, 1_100)).toMatchObject({ went: ["ada"] });
      expect([listing.nextGraceMs, listing.topicCount]).toEqual([Infinity, 0]);
    });

    it("shows neither a leave nor a join of a key that comes back in time: one diff replaces its meta", () => {
      const listing = new Listing(() => 100);
      const [before, after] = [entry(1, "ada"), entry(2, "ada")];
      listing.add(before);
      tell(listing);
      listing.remove(before);
      tell(listing, 1_000);
      listing.add(after);
      expect(tell(listing, 1_050)).toMatchObject({
        came: [],
        went: [],
        diff: { joins: { ada: { metas: [after.meta] } }, leaves: { ada: { metas: [before.meta] } } },
      });
      listing.endGraces(2_000);
      expect(listing.isDirty).toBe(false);
    });

    it("counts from the last leave", () => {
      const listing = new Listing(() => 100);
      const [first, second] = [entry(1, "ada"), entry(2, "ada")];
      listing.add(first);
      tell(listing);
      listing.remove(first);
      tell(listing, 1_000);
      listing.add(second);
      tell(listing, 1_050);
      listing.remove(second);
      tell(listing, 1_080);
      listing.endGraces(1_100);
      expect(listing.isDirty).toBe(false);
      listing.endGraces(1_180);
      expect(tell(listing, 1_180)).toMatchObject({ went: ["ada"] });
    });

    it("lets a second tab go at once: the key stays anyway", () => {
      const listing = new Listing(() => 100);
      const [tab, otherTab] = [entry(1, "ada"), entry(2, "ada")];
      listing.add(tab);
      listing.add(otherTab);
      tell(listing);
      listing.remove(tab);
      expect(tell(listing)?.diff.leaves).toEqual({ ada: { metas: [tab.meta] } });
    });
  });

  it("adds to metas what was loaded for their key, as long as the key is listed", () => {
    const listing = new Listing(() => 0);
    const first = entry(1, "ada", { typing: false });
    listing.add(first);
    const change = listing.compute("room", 0);
    if (change === undefined) throw new Error("There is nothing to tell.");
    expect(listing.needsDetails("room", "ada")).toBe(true);
    listing.commit("room", change, new Map([["ada", { avatar: "ada.png", ref: "not a ref" }]]));
    expect(listing.needsDetails("room", "ada")).toBe(false);
    const second = entry(2, "ada", { typing: true }, 1);
    listing.remove(first);
    listing.add(second);
    tell(listing);
    expect(listing.get("room", "ada")).toEqual({
      metas: [{ typing: true, avatar: "ada.png", ref: "AAAABBBBCCCC.2", prevRef: "AAAABBBBCCCC.1" }],
    });
    listing.remove(second);
    tell(listing);
    expect(listing.needsDetails("room", "ada")).toBe(true);
  });
});
