import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClientPush } from "./client-push.ts";
import { Mailbox } from "./mailbox.ts";
import { GapInfo, type ViewGap } from "./view-gap.ts";

const push = (ref: string): ClientPush => ({ kind: "patch", ref, url: "/" });
const gap: ViewGap = { cause: "reconnect", topics: ["a"], since: 1, until: 2, missed: undefined };
const infos = (mailbox: Mailbox, count: number): void => {
  for (let number = 0; number < count; number++) mailbox.addInfo({ type: String(number) });
};

/** Takes a whole turn: how many infos, and the push after them. */
function turn(mailbox: Mailbox): [infos: number, push: string | undefined] {
  const after = mailbox.startTurn();
  let taken = 0;
  while (mailbox.takeInfo() !== undefined) taken++;
  return [taken, after?.ref];
}

describe("Mailbox", () => {
  it("has in a turn the infos that were there when it began, and at most 256", () => {
    const mailbox = new Mailbox();
    infos(mailbox, 300);
    expect(turn(mailbox)).toEqual([256, undefined]);
    expect(turn(mailbox)).toEqual([44, undefined]);
    expect(mailbox.isEmpty).toBe(true);
  });

  it("has nothing in the turn that came while it was under way", () => {
    const mailbox = new Mailbox();
    infos(mailbox, 2);
    expect(mailbox.startTurn()).toBeUndefined();
    expect(mailbox.takeInfo()).toEqual({ type: "0" });
    infos(mailbox, 5);
    expect(mailbox.takeInfo()).toEqual({ type: "1" });
    expect(mailbox.takeInfo()).toBeUndefined();
    expect(mailbox.isEmpty).toBe(false);
  });

  it("has one push in a turn, after the infos that came before it", () => {
    const mailbox = new Mailbox();
    infos(mailbox, 3);
    mailbox.addPush(push("a"));
    mailbox.addPush(push("b"));
    infos(mailbox, 1);
    expect(turn(mailbox)).toEqual([4, "a"]);
    infos(mailbox, 2);
    expect(turn(mailbox)).toEqual([2, "b"]);
    expect(turn(mailbox)).toEqual([0, undefined]);
  });

  it("has the push in the turn that handles the last of the infos before it, however many come meanwhile", () => {
    const mailbox = new Mailbox();
    infos(mailbox, 600);
    mailbox.addPush(push("a"));
    const turns: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      infos(mailbox, 1_000);
      turns.push(turn(mailbox));
    }
    // The first turn counts what is there when it begins: 1 600.
    for (let count = 0; count < 4; count++) {
      infos(mailbox, 1_000);
      turns.push(turn(mailbox));
    }
    expect(turns.map((one) => (one as [number, string | undefined])[1])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      "a",
    ]);
  });

  it("lets in what came while a push was kept waiting, 256 at most in all", () => {
    const mailbox = new Mailbox();
    mailbox.addPush(push("a"));
    expect(mailbox.startTurn()?.ref).toBe("a");
    expect(mailbox.takeInfo()).toBeUndefined();
    let let_in = 0;
    for (let awaits = 0; awaits < 10; awaits++) {
      infos(mailbox, 100);
      mailbox.letIn();
      while (mailbox.takeInfo() !== undefined) let_in++;
    }
    expect(let_in).toBe(256);
  });

  it("never lets in more than there are, nor any of them twice", () => {
    const mailbox = new Mailbox();
    mailbox.beginPush();
    infos(mailbox, 3);
    mailbox.letIn();
    mailbox.letIn();
    expect(mailbox.takeInfo()).toEqual({ type: "0" });
    mailbox.letIn();
    expect([mailbox.takeInfo(), mailbox.takeInfo(), mailbox.takeInfo()]).toEqual([
      { type: "1" },
      { type: "2" },
      undefined,
    ]);
  });

  it("takes a tick only while its predecessor, the same object, does not wait", () => {
    const mailbox = new Mailbox();
    const [tick, other] = [{ type: "tick" }, { type: "tick" }];
    for (const each of [tick, tick, other, tick]) mailbox.addTick(each);
    expect(turn(mailbox)).toEqual([2, undefined]);
    mailbox.addTick(tick);
    expect(turn(mailbox)).toEqual([1, undefined]);
  });

  it("has a gap between the infos that came before and after it, and makes one of two that wait", () => {
    const mailbox = new Mailbox();
    mailbox.addInfo({ type: "before" });
    mailbox.addGap({ ...gap, topics: ["a"], missed: 1 });
    mailbox.addInfo({ type: "after" });
    mailbox.addGap({ ...gap, topics: ["b"], missed: 2 });
    mailbox.startTurn();
    const taken = [mailbox.takeInfo(), mailbox.takeInfo(), mailbox.takeInfo(), mailbox.takeInfo()];
    expect([taken[0], taken[2], taken[3]]).toEqual([{ type: "before" }, { type: "after" }, undefined]);
    expect(taken[1]).toBeInstanceOf(GapInfo);
    expect((taken[1] as GapInfo).gap).toMatchObject({ topics: ["a", "b"], missed: 3 });
    mailbox.addGap(gap);
    expect(turn(mailbox)).toEqual([1, undefined]);
  });

  it("drops the infos of topics that wait, and keeps what the view sent itself, and the gap", () => {
    const mailbox = new Mailbox();
    const tick = { type: "tick" };
    infos(mailbox, 2);
    mailbox.addOwnInfo({ type: "own" });
    mailbox.addTick(tick);
    infos(mailbox, 1);
    mailbox.addGap(gap);
    infos(mailbox, 3);
    expect(mailbox.dropTopicInfos()).toBe(6);
    mailbox.addTick(tick);
    mailbox.startTurn();
    expect([mailbox.takeInfo(), mailbox.takeInfo()]).toEqual([{ type: "own" }, tick]);
    expect(mailbox.takeInfo()).toBeInstanceOf(GapInfo);
    expect([mailbox.takeInfo(), mailbox.isEmpty]).toEqual([undefined, true]);
  });

  it("drops what the view sent itself, whose ticks may come anew", () => {
    const mailbox = new Mailbox();
    const tick = { type: "tick" };
    mailbox.addOwnInfo({ type: "own" });
    mailbox.addTick(tick);
    infos(mailbox, 2);
    mailbox.dropOwnInfos();
    mailbox.addTick(tick);
    mailbox.startTurn();
    expect([mailbox.takeInfo(), mailbox.takeInfo(), mailbox.takeInfo(), mailbox.takeInfo()]).toEqual([
      { type: "0" },
      { type: "1" },
      tick,
      undefined,
    ]);
  });

  it("lets no push wait for infos that were dropped", () => {
    const mailbox = new Mailbox();
    infos(mailbox, 1_000);
    mailbox.addPush(push("a"));
    expect(turn(mailbox)).toEqual([256, undefined]);
    expect(mailbox.dropTopicInfos()).toBe(744);
    mailbox.addGap(gap);
    expect(turn(mailbox)).toEqual([1, "a"]);
  });

  it("counts in a turn only what is left of it after some were dropped", () => {
    const mailbox = new Mailbox();
    infos(mailbox, 10);
    mailbox.startTurn();
    mailbox.takeInfo();
    mailbox.dropTopicInfos();
    infos(mailbox, 5);
    expect(mailbox.takeInfo()).toBeUndefined();
    expect(turn(mailbox)).toEqual([5, undefined]);
  });

  it("says which limit is passed", () => {
    const limits = { maxMailboxInfos: 2, maxMailboxEvents: 1 };
    const mailbox = new Mailbox();
    infos(mailbox, 2);
    mailbox.addPush(push("a"));
    expect(mailbox.exceeds(limits)).toBeUndefined();
    mailbox.addPush(push("b"));
    expect(mailbox.exceeds(limits)).toBe("maxMailboxEvents");
    infos(mailbox, 1);
    expect(mailbox.exceeds(limits)).toBe("maxMailboxInfos");
    mailbox.clear();
    expect([mailbox.exceeds(limits), mailbox.isEmpty]).toEqual([undefined, true]);
  });

  it("gives every push, and every info that is not dropped, once, each kind in its order, whatever comes when", () => {
    const step = fc.oneof(
      fc.record({ infos: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ pushes: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ lateInfos: fc.integer({ min: 0, max: 300 }) }),
      fc.constant({ drops: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const mailbox = new Mailbox();
        let added = 0;
        const takenInfos: number[] = [];
        const takenPushes: string[] = [];
        let addedPushes = 0;
        let dropped = 0;
        const add = (count: number): void => {
          for (let index = 0; index < count; index++) {
            if (added % 3 === 0) mailbox.addOwnInfo({ type: String(added++) });
            else mailbox.addInfo({ type: String(added++) });
          }
        };
        const take = (): void => {
          for (let info = mailbox.takeInfo(); info; info = mailbox.takeInfo()) takenInfos.push(Number(info.type));
        };
        const run = (late: number): void => {
          const after = mailbox.startTurn();
          take();
          add(late);
          if (after === undefined) return;
          mailbox.letIn();
          take();
          takenPushes.push(after.ref);
        };
        for (const action of steps) {
          if ("infos" in action) add(action.infos);
          else if ("pushes" in action)
            for (let n = 0; n < action.pushes; n++) mailbox.addPush(push(String(addedPushes++)));
          else if ("drops" in action) dropped += mailbox.dropTopicInfos();
          else run(action.lateInfos);
        }
        for (let turns = 0; turns < 1_000 && !mailbox.isEmpty; turns++) run(0);
        expect(takenInfos).toEqual([...takenInfos].sort((one, other) => one - other));
        expect(new Set(takenInfos).size + dropped).toBe(added);
        expect(takenInfos.filter((n) => n % 3 === 0)).toHaveLength(Math.ceil(added / 3));
        expect(takenPushes).toEqual(Array.from({ length: addedPushes }, (_, n) => String(n)));
      }),
    );
  });
});
