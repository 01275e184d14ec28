import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PendingPublishes } from "./redis-pending.ts";

/** A publish whose answer the test gives. */
function publish(pending: PendingPublishes, size: number, now: number) {
  let answer: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const answered = new Promise<void>((resolve, reject) => ([answer, fail] = [resolve, reject]));
  const outcome = pending.add(answered, size, now).then(
    () => "sent",
    (error: unknown) => String(error),
  );
  return { answer, fail, outcome };
}

const late = () => new Error("late");
const lost = () => new Error("lost");

describe("PendingPublishes", () => {
  it("settles as Redis answers", async () => {
    const pending = new PendingPublishes(2_000);
    const [one, two] = [publish(pending, 10, 0), publish(pending, 20, 0)];
    expect([pending.count, pending.size, pending.oldestAt]).toEqual([2, 30, 0]);
    one.answer();
    two.fail(new Error("NOPERM"));
    expect(await one.outcome).toBe("sent");
    expect(await two.outcome).toBe("Error: NOPERM");
    expect([pending.count, pending.size, pending.oldestAt]).toEqual([0, 0, undefined]);
  });

  it("rejects at the deadline those that are due, and counts them until they are answered", async () => {
    const pending = new PendingPublishes(2_000);
    const [one, two] = [publish(pending, 10, 0), publish(pending, 20, 500)];
    pending.sweep(1_999, late);
    pending.sweep(2_000, late);
    expect(await one.outcome).toBe("Error: late");
    expect([pending.count, pending.size, pending.oldestAt]).toEqual([2, 30, 0]);
    one.answer();
    two.answer();
    expect(await two.outcome).toBe("sent");
    expect([pending.count, pending.size, pending.oldestAt]).toEqual([0, 0, undefined]);
  });

  it("rejects and forgets all when the connection is lost, and takes later answers calmly", async () => {
    const pending = new PendingPublishes(2_000);
    const one = publish(pending, 10, 0);
    pending.failAll(lost);
    expect(await one.outcome).toBe("Error: lost");
    expect([pending.count, pending.size]).toEqual([0, 0]);
    const two = publish(pending, 5, 0);
    one.answer();
    await one.outcome;
    expect([pending.count, pending.size]).toEqual([1, 5]);
    two.answer();
    expect(await two.outcome).toBe("sent");
  });

  it("tells when all have settled, in whichever way", async () => {
    const pending = new PendingPublishes(2_000);
    await pending.settled();
    const [one, two, three] = [publish(pending, 1, 0), publish(pending, 1, 0), publish(pending, 1, 3_000)];
    const order: string[] = [];
    const settled = pending.settled().then(() => order.push("settled"));
    one.answer();
    await one.outcome.then(() => order.push("one"));
    pending.sweep(2_000, late);
    await two.outcome.then(() => order.push("two"));
    pending.failAll(lost);
    await three.outcome.then(() => order.push("three"));
    await settled;
    expect(order.slice(0, 2)).toEqual(["one", "two"]);
    expect(order).toContain("settled");
  });

  it("settles each exactly once and ends empty, in whichever order answers, deadlines and losses come", async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("add"), size: fc.nat({ max: 9 }) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("answer", "fail"), which: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: 0, max: 3_000 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("lose") }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 100, size: "max" }), async (steps) => {
        const pending = new PendingPublishes(2_000);
        const all: ReturnType<typeof publish>[] = [];
        let now = 0;
        for (const one of steps) {
          if ("size" in one) all.push(publish(pending, one.size, now));
          else if ("ms" in one) pending.sweep((now += one.ms), late);
          else if (!("which" in one)) pending.failAll(lost);
          else if (one.do === "answer") all[one.which % all.length]?.answer();
          else all[one.which % all.length]?.fail(new Error("refused"));
          await Promise.resolve();
        }
        pending.sweep(now + 2_000, late);
        await Promise.all(all.map(({ outcome }) => outcome));
        await pending.settled();
        for (const { answer } of all) answer();
        await new Promise((resolve) => setImmediate(resolve));
        expect([pending.count, pending.size, pending.oldestAt]).toEqual([0, 0, undefined]);
      }),
      { numRuns: 200 },
    );
  });
});
