import { describe, expect, it } from "vitest";
import { applyDiff, mergeMetas, type PresenceDiff, type Presences } from "./presences.ts";

interface Who {
  readonly name: string;
}

const ada = { name: "Ada", ref: "a.1" };
const adaTyping = { name: "Ada, typing", ref: "a.2", prevRef: "a.1" };
const adaToo = { name: "Ada's other tab", ref: "b.1" };
const grace = { name: "Grace", ref: "c.1" };

function diff(joins: Presences<Who>, leaves: Presences<Who>): PresenceDiff<Who> {
  return { type: "presence_diff", topic: "room", joins, leaves };
}

describe("applyDiff", () => {
  it("adds who joined and takes away who left, and leaves the list that it is given alone", () => {
    const before: Presences<Who> = { ada: { metas: [ada] } };
    const after = applyDiff(before, diff({ grace: { metas: [grace] } }, { ada: { metas: [ada] } }));
    expect(after).toEqual({ grace: { metas: [grace] } });
    expect(before).toEqual({ ada: { metas: [ada] } });
  });

  it("keeps the objects of keys that the diff does not name", () => {
    const before: Presences<Who> = { ada: { metas: [ada] } };
    expect(applyDiff(before, diff({ grace: { metas: [grace] } }, {}))["ada"]).toBe(before["ada"]);
  });

  it("puts an updated meta in the place of the one before", () => {
    const before: Presences<Who> = { ada: { metas: [ada, adaToo] } };
    const after = applyDiff(before, diff({ ada: { metas: [adaTyping] } }, { ada: { metas: [ada] } }));
    expect(after).toEqual({ ada: { metas: [adaTyping, adaToo] } });
  });

  it("gives the very same list again for the same two, so that views share it", () => {
    const before: Presences<Who> = {};
    const joined = diff({ ada: { metas: [ada] } }, {});
    expect(applyDiff(before, joined)).toBe(applyDiff(before, joined));
    expect(applyDiff({}, joined)).not.toBe(applyDiff(before, joined));
  });

  it("returns the list itself if it has everything already", () => {
    const before: Presences<Who> = { ada: { metas: [ada] } };
    expect(applyDiff(before, diff({ ada: { metas: [ada] } }, { grace: { metas: [grace] } }))).toBe(before);
  });

  it("takes any key, also those that objects have by birth", () => {
    const keys = ["__proto__", "constructor", "toString", "17"];
    let presences: Presences<Who> = {};
    for (const key of keys) {
      const joins = Object.fromEntries([[key, { metas: [ada] }]]);
      presences = applyDiff(presences, diff(joins, {}));
    }
    expect(Object.keys(presences).toSorted()).toEqual(keys.toSorted());
    expect(Object.getPrototypeOf(presences)).toBeNull();
    expect(presences["__proto__"]).toEqual({ metas: [ada] });
  });
});

describe("mergeMetas", () => {
  it("adds newcomers at the end, in their order", () => {
    expect(mergeMetas([ada], [], [adaToo, grace])).toEqual([ada, adaToo, grace]);
  });

  it("knows metas by their refs, whatever else they say", () => {
    expect(mergeMetas([ada, grace], [{ name: "somebody", ref: "a.1" }], [])).toEqual([grace]);
  });

  it("does not list a meta twice", () => {
    expect(mergeMetas([ada], [], [ada, adaToo, adaToo])).toEqual([ada, adaToo]);
  });

  it("adds a meta whose predecessor was never listed", () => {
    expect(mergeMetas([grace], [], [adaTyping])).toEqual([grace, adaTyping]);
  });
});
