import { describe, expect, it } from "vitest";
import { collectGarbage, countAlive } from "../../test/support/garbage.ts";
import { withRenderChecks } from "./checks.ts";
import { reduce } from "./reduce.ts";

interface Message {
  readonly text: string;
}

const append = (list: readonly Message[], message: Message): readonly Message[] => [...list, message];

describe("reduce", () => {
  it("runs its step once for any number of views, which then hold one and the same list", () => {
    let runs = 0;
    const count = (list: readonly Message[], message: Message): readonly Message[] => {
      runs++;
      return [...list, message];
    };
    const messages = ["a", "b", "c"].map((text) => ({ text }));
    const start: readonly Message[] = [];
    const views = Array.from({ length: 1000 }, () =>
      messages.reduce((list, message) => reduce(list, message, count), start),
    );
    expect(runs).toBe(3);
    expect(new Set(views).size).toBe(1);
    expect(views[0]).toEqual([{ text: "a" }, { text: "b" }, { text: "c" }]);
  });

  it("runs once also when the step is written inside the handler, so that each call makes a new function", () => {
    let runs = 0;
    const handleInfo = (list: readonly Message[], info: Message) =>
      reduce(list, info, (messages, message) => {
        runs++;
        return [...messages, message];
      });
    const info = { text: "a" };
    const start: readonly Message[] = [];
    expect(handleInfo(start, info)).toBe(handleInfo(start, info));
    expect(runs).toBe(1);
  });

  it("tells lists, messages and steps apart", () => {
    const [a, b] = [{ text: "a" }, { text: "b" }];
    const start: readonly Message[] = [];
    const prepend = (list: readonly Message[], message: Message): readonly Message[] => [message, ...list];
    const one = reduce(start, a, append);
    expect(reduce(one, b, append)).toEqual([a, b]);
    expect(reduce(one, b, prepend)).toEqual([b, a]);
    expect(reduce(one, a, append)).toEqual([a, a]);
    expect(reduce([], a, append)).not.toBe(one);
    // An equal message that is another object is another message.
    expect(reduce(start, { text: "a" }, append)).not.toBe(one);
  });

  it("may return the list that it was given", () => {
    const start: readonly Message[] = [];
    const ignore = (list: readonly Message[]): readonly Message[] => list;
    expect(reduce(start, { text: "a" }, ignore)).toBe(start);
    expect(withRenderChecks(true, () => reduce(start, { text: "b" }, ignore))).toBe(start);
  });

  it("keeps the lists between for views that are behind by up to 255 messages", () => {
    const messages = Array.from({ length: 256 }, (_, n) => ({ text: String(n) }));
    const start: readonly Message[] = [];
    const walk = () => messages.reduce((list, message) => reduce(list, message, append), start);
    expect(walk()).toBe(walk());
  });
});

describe("in development, reduce", () => {
  const checked = <T>(work: () => T): T => withRenderChecks(true, work);
  const message = { text: "a" };

  it("refuses a step that depends on more than its arguments, quoting it", () => {
    let now = 0;
    const stamp = (list: readonly Message[], { text }: Message): readonly Message[] => [
      ...list,
      { text: `${text} ${now++}` },
    ];
    const start: readonly Message[] = [];
    checked(() => reduce(start, message, stamp));
    expect(() => checked(() => reduce(start, message, stamp))).toThrow(
      expect.objectContaining({
        code: "render.unstable-reduce",
        message: expect.stringMatching(/two different results.*\n\n.*now\+\+.*\n\nReturn a new list/s),
      }),
    );
  });

  it("sees differences in dates, maps and sets", () => {
    let now = 0;
    const start = new Map<string, unknown>();
    const steps = [
      (map: Map<string, unknown>) => new Map(map).set("at", new Date(now++)),
      (map: Map<string, unknown>) => new Map(map).set("seen", new Set([now++])),
      (map: Map<string, unknown>) => new Map([...map, [`key ${now++}`, 1]]),
    ];
    for (const step of steps) checked(() => reduce(start, message, step));
    for (const step of steps)
      expect(() => checked(() => reduce(start, message, step))).toThrow(/two different results/);
  });

  it("refuses a step that changes its list, at its first use", () => {
    const push = (list: Message[], added: Message): Message[] => {
      list.push(added);
      return list;
    };
    const replace = (list: Message[], added: Message): Message[] => {
      list[0] = added;
      return [...list];
    };
    const changed = expect.objectContaining({
      code: "render.unstable-reduce",
      message: expect.stringMatching(/changed the list that it was given/),
    });
    expect(() => checked(() => reduce([], message, push))).toThrow(changed);
    expect(() => checked(() => reduce([{ text: "old" }], message, replace))).toThrow(changed);
    expect(() => checked(() => reduce(new Map(), message, (map, { text }) => map.set(text, 1)))).toThrow(changed);
  });

  it("is content with a pure step, in any number of views", () => {
    const start: readonly Message[] = [{ text: "old" }];
    const results = [1, 2, 3].map(() => checked(() => reduce(start, message, append)));
    expect(new Set(results).size).toBe(1);
    expect(results[0]).toEqual([{ text: "old" }, { text: "a" }]);
  });
});

describe("memory", () => {
  it("is not held by an old list for all the lists that came of it", async () => {
    const start: readonly Message[] = [];
    const lists: WeakRef<object>[] = [];
    let latest = start;
    for (let n = 0; n < 1000; n++) {
      latest = reduce(latest, { text: String(n) }, append);
      lists.push(new WeakRef(latest));
    }
    await collectGarbage();
    expect(latest).toHaveLength(1000);
    expect(start).toHaveLength(0);
    expect(countAlive(lists)).toBe(256);
  });
});
