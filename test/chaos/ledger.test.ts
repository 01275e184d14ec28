import { describe, expect, it } from "vitest";
import type { Gap } from "../../src/pubsub/gap.ts";
import { audit, healedAfterMs, type Published, type Received, type Record } from "./ledger.ts";

const sent = (number: number, atMs: number): Published => ({ sender: "ada", topic: "t", number, atMs });
const got = (number: number, atMs = 0): Received => ({ sender: "ada", topic: "t", number, atMs });
const record = (received: readonly Received[], gaps: readonly Gap[] = []): Record => ({
  name: "grace",
  topics: ["t"],
  received,
  gaps,
});
const gap = (since: number, until: number, topics: Gap["topics"] = "*"): Gap => ({
  cause: "reconnect",
  topics,
  since,
  until,
});

describe("the ledger", () => {
  const three = [sent(1, 100), sent(2, 200), sent(3, 300)];

  it("is balanced when everything came, in order", () => {
    const verdict = audit(three, [record([got(1), got(2), got(3)]), record([got(1), got(2), got(3)])]);
    expect(verdict).toEqual({
      published: 6,
      delivered: 6,
      underGap: 0,
      unexplained: [],
      duplicates: [],
      disordered: [],
    });
  });

  it("finds what is missing and nobody reported, and what came twice or late", () => {
    expect(audit(three, [record([got(1), got(3)])]).unexplained).toEqual([{ ...sent(2, 200), listener: "grace" }]);
    expect(audit(three, [record([got(1), got(2), got(2), got(3)])]).duplicates).toHaveLength(1);
    expect(audit(three, [record([got(1), got(3), got(2)])]).disordered).toEqual([{ ...got(2), listener: "grace" }]);
  });

  it("takes a gap as an explanation only for its own time and topics", () => {
    const missing = [got(1), got(3)];
    expect(audit(three, [record(missing, [gap(150, 250)])]).underGap).toBe(1);
    expect(audit(three, [record(missing, [gap(200, 200, ["t"])])]).underGap).toBe(1);
    for (const wrong of [gap(100, 199), gap(201, 300), gap(150, 250, ["other"])]) {
      expect(audit(three, [record(missing, [wrong])]).unexplained).toHaveLength(1);
    }
  });

  it("asks of a listener only what was sent on its topics", () => {
    expect(audit([{ ...sent(1, 100), topic: "other" }], [record([])]).published).toBe(0);
  });

  it("is healed when every node has heard every node again", () => {
    const both = [sent(1, 100), sent(2, 300), { sender: "bob", topic: "t", number: 1, atMs: 250 }];
    const bobs = { sender: "bob", topic: "t", number: 1, atMs: 270 };
    const ada = { ...record([got(1, 101), got(2, 301), bobs]), name: "ada" };
    const bob = { ...record([got(1, 102), bobs, got(2, 340)]), name: "bob" };
    expect(healedAfterMs(250, both, [ada, bob])).toBe(90);
    expect(healedAfterMs(250, both, [ada, { ...bob, received: [bobs] }])).toBeUndefined();
    expect(healedAfterMs(250, [], [ada, bob])).toBeUndefined();
  });
});
