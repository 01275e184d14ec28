import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { FaultyPubSub } from "../../test/support/faulty-pubsub.ts";
import type { LiveError } from "../errors.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import { topic } from "../pubsub/topic.ts";
import { Presence, type PresenceOptions } from "./presence.ts";
import type { PresenceDiff, Presences } from "./presences.ts";

interface Who {
  readonly name: string;
  readonly typing?: boolean;
  readonly avatar?: string;
}

const opened: Presence<never>[] = [];
/** One of this test's own bus, closed after it. */
function open(options: PresenceOptions<Who> = {}): Presence<Who> {
  const presence = new Presence<Who>({ pubSub: new SingleProcessPubSub({ isolated: true }), ...options });
  // Only to be closed.
  opened.push(presence as unknown as Presence<never>);
  return presence;
}

/** The diffs that a topic's subscribers get. */
async function diffsOf(pubSub: SingleProcessPubSub | FaultyPubSub, name = "room"): Promise<PresenceDiff<Who>[]> {
  const diffs: PresenceDiff<Who>[] = [];
  await pubSub.subscribe(topic<PresenceDiff<Who>>(name), (diff) => void diffs.push(diff));
  return diffs;
}

const names = (presences: Presences<Who>): string[] =>
  Object.values(presences).flatMap(({ metas }) => metas.map(({ name }) => name));
const bot = { id: "bot" };
const cron = { id: "cron" };

// Without Date: the codec takes a faked one for a class of the program.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((presence) => presence.close()));
  vi.useRealTimers();
});

describe("Presence", () => {
  it("lists at once who is tracked, and tells the topic's subscribers in one diff", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const presence = open({ pubSub });
    const diffs = await diffsOf(pubSub);
    await presence.track(bot, "room", "ada", { name: "Ada" });
    await presence.track(bot, "room", "grace", { name: "Grace" });
    expect(diffs).toEqual([]);
    const ref = expect.any(String);
    expect(presence.list("room")).toEqual({
      ada: { metas: [{ name: "Ada", ref }] },
      grace: { metas: [{ name: "Grace", ref }] },
    });
    expect(diffs).toEqual([
      {
        type: "presence_diff",
        topic: "room",
        joins: { ada: { metas: [{ name: "Ada", ref }] }, grace: { metas: [{ name: "Grace", ref }] } },
        leaves: {},
      },
    ]);
    expect(presence.get("room", "ada")).toEqual({ metas: [{ name: "Ada", ref }] });
    expect(presence.get("room", "toString")).toBeUndefined();
  });

  it("tells without being asked, at once after a pause, then what comes within 50 ms together", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const presence = open({ pubSub });
    const diffs = await diffsOf(pubSub);
    void presence.track(bot, "room", "1", { name: "1" });
    await vi.advanceTimersByTimeAsync(1);
    expect(diffs).toHaveLength(1);
    for (let n = 2; n <= 10; n++) {
      void presence.track(bot, "room", `${n}`, { name: `${n}` });
      await vi.advanceTimersByTimeAsync(5);
    }
    expect(diffs).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5);
    expect(diffs).toHaveLength(2);
    expect(Object.keys(diffs[1]?.joins ?? {})).toEqual(["2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  });

  it("applies all diffs to what list() gave, and ends at what list() gives then", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const presence = open({ pubSub });
    void presence.track(bot, "room", "ada", { name: "Ada" });
    let mine = presence.list("room");
    await pubSub.subscribe(topic<PresenceDiff<Who>>("room"), (diff) => (mine = presence.syncDiff(mine, diff)));
    void presence.track(cron, "room", "ada", { name: "Ada's job" });
    void presence.update(bot, "room", "ada", (meta) => ({ ...meta, typing: true }));
    await vi.advanceTimersByTimeAsync(100);
    void presence.untrack(bot, "room", "ada");
    void presence.track(bot, "room", "grace", { name: "Grace" });
    await vi.advanceTimersByTimeAsync(100);
    expect(names(mine)).toEqual(["Ada's job", "Grace"]);
    // The very same object: views that followed the diffs and views that have just come share their renders.
    expect(presence.list("room")).toBe(mine);
  });

  it("updates with a function of the meta, or with a meta, as one diff", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const presence = open({ pubSub });
    void presence.track(bot, "room", "ada", { name: "Ada" });
    const [first] = presence.get("room", "ada")?.metas ?? [];
    const diffs = await diffsOf(pubSub);
    await presence.update(bot, "room", "ada", (meta) => {
      expect(meta).toEqual({ name: "Ada" });
      return { ...meta, typing: true };
    });
    await vi.advanceTimersByTimeAsync(100);
    const [second] = presence.get("room", "ada")?.metas ?? [];
    expect(second).toEqual({ name: "Ada", typing: true, ref: expect.any(String), prevRef: first?.ref });
    expect(diffs).toMatchObject([{ joins: { ada: { metas: [second] } }, leaves: { ada: { metas: [first] } } }]);
    await presence.update(bot, "room", "ada", { name: "Countess Ada" });
    expect(presence.get("room", "ada")?.metas).toMatchObject([{ name: "Countess Ada", prevRef: second?.ref }]);
  });

  it("tells nothing of an update that changes nothing", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const presence = open({ pubSub });
    void presence.track(bot, "room", "ada", { name: "Ada" });
    const before = presence.list("room");
    void presence.update(bot, "room", "ada", { name: "Ada" });
    void presence.track(bot, "room", "ada", { name: "Ada" });
    expect(presence.list("room")).toBe(before);
  });

  it("has one meta for each who: track replaces its own, and untrack takes only its own", () => {
    const presence = open();
    void presence.track(bot, "room", "ada", { name: "one" });
    void presence.track(bot, "room", "ada", { name: "one again" });
    void presence.track(cron, "room", "ada", { name: "two" });
    expect(names(presence.list("room"))).toEqual(["one again", "two"]);
    void presence.untrack(bot, "room", "ada");
    expect(names(presence.list("room"))).toEqual(["two"]);
    void presence.untrack(bot, "room", "ada");
    expect(names(presence.list("room"))).toEqual(["two"]);
  });

  it("untracks a who in one topic, or everywhere", () => {
    const presence = open();
    for (const room of ["a", "b", "c"]) void presence.track(bot, room, "bot", { name: room });
    void presence.untrack(bot, "a");
    expect([presence.list("a"), names(presence.list("b"))]).toEqual([{}, ["b"]]);
    void presence.untrack(bot);
    expect([presence.list("b"), presence.list("c")]).toEqual([{}, {}]);
    expect(presence.counts).toMatchObject({ tracked: 0, topics: 0 });
  });

  it("gives everybody a frozen copy, of any data that a message may have", () => {
    const presence = new Presence<{ since: Date; seen: ReadonlySet<string> }>({
      pubSub: new SingleProcessPubSub({ isolated: true }),
    });
    const meta = { since: new Date(0), seen: new Set(["a"]) };
    void presence.track(bot, "room", "ada", meta);
    meta.seen.add("b");
    const [listed] = presence.get("room", "ada")?.metas ?? [];
    expect(listed).toMatchObject({ since: new Date(0), seen: new Set(["a"]) });
    expect(Object.isFrozen(listed)).toBe(true);
    void presence.close();
  });

  it("takes any key, and lists tell nothing of what objects have by birth", () => {
    const presence = open();
    for (const key of ["__proto__", "constructor", "42"]) void presence.track(bot, "room", key, { name: key });
    expect(Object.keys(presence.list("room")).toSorted()).toEqual(["42", "__proto__", "constructor"]);
    expect(presence.list("room")["toString"]).toBeUndefined();
    expect(presence.get("room", "__proto__")?.metas).toMatchObject([{ name: "__proto__" }]);
  });

  it("takes out ref and prevRef, so that a listed meta can be tracked again", () => {
    const presence = open();
    void presence.track(bot, "room", "ada", { name: "Ada" });
    const [listed] = presence.get("room", "ada")?.metas ?? [];
    if (listed !== undefined) void presence.track(cron, "room", "ada", { ...listed });
    const refs = presence.get("room", "ada")?.metas.map(({ ref }) => ref) ?? [];
    expect(new Set(refs).size).toBe(2);
  });
});

describe("presence.on", () => {
  it("tells when a key comes and when it has gone, not of tabs and updates", async () => {
    const presence = open();
    const told: string[] = [];
    presence.on("join", ({ topic: room, key, metas }) => told.push(`${room}: +${key} ${metas[0]?.name}`));
    const stop = presence.on("leave", ({ topic: room, key, metas }) => told.push(`${room}: -${key} ${metas[0]?.name}`));
    void presence.track(bot, "room", "ada", { name: "Ada" });
    await vi.advanceTimersByTimeAsync(100);
    void presence.track(cron, "room", "ada", { name: "Ada, too" });
    void presence.update(bot, "room", "ada", { name: "Ada", typing: true });
    await vi.advanceTimersByTimeAsync(100);
    void presence.untrack(bot);
    await vi.advanceTimersByTimeAsync(100);
    void presence.untrack(cron);
    await vi.advanceTimersByTimeAsync(100);
    expect(told).toEqual(["room: +ada Ada", "room: -ada Ada, too"]);
    stop();
    void presence.track(bot, "room", "ada", { name: "Ada" });
    void presence.untrack(bot);
    await vi.advanceTimersByTimeAsync(100);
    expect(told).toHaveLength(2);
  });

  it("reports a listener that throws or rejects, and calls the others", async () => {
    const errors: LiveError[] = [];
    const presence = open({ onError: (error) => void errors.push(error) });
    const told: string[] = [];
    presence.on("join", () => {
      throw new Error("boom");
    });
    presence.on("join", async () => Promise.reject(new Error("later boom")));
    presence.on("join", ({ key }) => void told.push(key));
    void presence.track(bot, "room", "ada", { name: "Ada" });
    await vi.advanceTimersByTimeAsync(100);
    expect(told).toEqual(["ada"]);
    expect(errors.map(({ code, cause }) => [code, String(cause)])).toEqual([
      ["presence.listener-failed", "Error: boom"],
      ["presence.listener-failed", "Error: later boom"],
    ]);
  });
});

describe("with a grace", () => {
  it("shows neither leave nor join of who is back in time, and a leave after it", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const presence = open({ pubSub, graceMs: (name) => (name === "room" ? 1_000 : 0) });
    const told: string[] = [];
    presence.on("join", ({ key }) => told.push(`+${key}`));
    presence.on("leave", ({ key }) => told.push(`-${key}`));
    void presence.track(bot, "room", "ada", { name: "Ada" });
    await vi.advanceTimersByTimeAsync(100);
    void presence.untrack(bot);
    await vi.advanceTimersByTimeAsync(900);
    expect(names(presence.list("room"))).toEqual(["Ada"]);
    void presence.track(cron, "room", "ada", { name: "Ada again" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(names(presence.list("room"))).toEqual(["Ada again"]);
    void presence.untrack(cron);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(presence.list("room")).toEqual({});
    expect(told).toEqual(["+ada", "-ada"]);
    void presence.track(bot, "hall", "ada", { name: "Ada" });
    await vi.advanceTimersByTimeAsync(100);
    void presence.untrack(bot);
    expect(presence.list("hall")).toEqual({});
  });
});

describe("fetch", () => {
  it("loads the details of all who join at once, once for each key, and diffs wait for it in order", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const asked: string[][] = [];
    const presence = open({
      pubSub,
      fetch: async (name, presences) => {
        asked.push([name, ...Object.keys(presences)]);
        await new Promise((resolve) => setTimeout(resolve, 200));
        return Object.fromEntries(Object.keys(presences).map((key) => [key, { avatar: `${key}.png` }]));
      },
    });
    const diffs = await diffsOf(pubSub);
    for (const key of ["ada", "grace", "edsger"]) void presence.track(bot, "room", key, { name: key });
    await vi.advanceTimersByTimeAsync(10);
    void presence.untrack(bot, "room", "edsger");
    expect(presence.list("room")).toEqual({});
    const updated = presence.update(bot, "room", "ada", { name: "ada", typing: true });
    await vi.advanceTimersByTimeAsync(600);
    await updated;
    expect(asked).toEqual([
      ["room", "ada"],
      ["room", "grace"],
    ]);
    expect(presence.list("room")).toMatchObject({
      ada: { metas: [{ name: "ada", typing: true, avatar: "ada.png" }] },
      grace: { metas: [{ name: "grace", avatar: "grace.png" }] },
    });
    expect(diffs.map(({ joins, leaves }) => [Object.keys(joins), Object.keys(leaves)])).toEqual([
      [["ada"], []],
      [["grace", "ada"], ["ada"]],
    ]);
  });

  it("makes track wait until the presence is listed with its details", async () => {
    const presence = open({ fetch: () => Promise.resolve(new Map([["ada", { avatar: "ada.png" }]])) });
    await presence.track(bot, "room", "ada", { name: "Ada" });
    expect(presence.list("room")).toMatchObject({ ada: { metas: [{ name: "Ada", avatar: "ada.png" }] } });
  });

  it("reports a failure, and one that takes longer than 10 s, and shows the metas as they are", async () => {
    const errors: LiveError[] = [];
    let fetch = (): Promise<{}> => Promise.reject(new Error("the database is down"));
    const presence = open({ fetch: () => fetch(), onError: (error) => void errors.push(error) });
    await presence.track(bot, "room", "ada", { name: "Ada" });
    expect(names(presence.list("room"))).toEqual(["Ada"]);
    expect(errors[0]?.message).toContain('fetch` failed for "room": the database is down');
    fetch = () => new Promise(() => {});
    void presence.track(bot, "room", "grace", { name: "Grace" });
    await vi.advanceTimersByTimeAsync(9_900);
    expect(names(presence.list("room"))).toEqual(["Ada"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(names(presence.list("room"))).toEqual(["Ada", "Grace"]);
    expect(errors.map(({ code }) => code)).toEqual(["presence.fetch-failed", "presence.fetch-failed"]);
  });
});

describe("several presences on one bus", () => {
  it("list each other's under one name, and not under another", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const [one, same, other] = [open({ pubSub }), open({ pubSub }), open({ pubSub, name: "cursors" })];
    void one.track(bot, "room", "ada", { name: "Ada" });
    void same.track(bot, "room", "grace", { name: "Grace" });
    void other.track(bot, "room", "cursor", { name: "Cursor" });
    await vi.advanceTimersByTimeAsync(500);
    expect(names(one.list("room")).toSorted()).toEqual(["Ada", "Grace"]);
    expect(names(same.list("room")).toSorted()).toEqual(["Ada", "Grace"]);
    expect(names(other.list("room"))).toEqual(["Cursor"]);
    await same.close();
    expect(names(one.list("room"))).toEqual(["Ada"]);
  });

  it("of the program's own bus are what one gets without pubSub", async () => {
    const [one, two] = [new Presence<Who>({ name: "own-bus" }), new Presence<Who>({ name: "own-bus" })];
    void one.track(bot, "room", "ada", { name: "Ada" });
    await vi.advanceTimersByTimeAsync(500);
    expect(names(two.list("room"))).toEqual(["Ada"]);
    await Promise.all([one.close(), two.close()]);
  });
});

describe("what it costs", () => {
  it("nothing while nothing happens and nobody else is there: no message, no timer", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const presence = open({ pubSub });
    const heard: unknown[] = [];
    await pubSub.subscribe("wingbeat:presence:presence", (message) => heard.push(message));
    await vi.advanceTimersByTimeAsync(1_000);
    void presence.track(bot, "room", "ada", { name: "Ada" });
    await vi.advanceTimersByTimeAsync(1_000);
    heard.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([heard, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it("a heartbeat every 1.5 s where others may be, until it is closed", async () => {
    const pubSub = new FaultyPubSub();
    const presence = open({ pubSub });
    const heard: string[] = [];
    await pubSub.subscribe("wingbeat:presence:presence", (message) => heard.push(String(message)));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard.length).toBeGreaterThan(35);
    expect(heard.length).toBeLessThan(46);
    await presence.close();
    expect(heard.at(-1)).toMatch(/^\[1,"b",/);
    expect([vi.getTimerCount(), pubSub.listenerCount]).toEqual([0, 0]);
  });
});

describe("a backplane in trouble", () => {
  it("is asked who is there after a gap and when it is back, and isDegraded tells meanwhile", async () => {
    const pubSub = new FaultyPubSub();
    const presence = open({ pubSub });
    const hellos: string[] = [];
    await vi.advanceTimersByTimeAsync(10);
    await pubSub.subscribe("wingbeat:presence:presence", (message) => {
      if (String(message).endsWith(",1]")) hellos.push(String(message));
    });
    pubSub.gap({ topics: ["another"] });
    expect(hellos).toHaveLength(0);
    pubSub.gap({ topics: ["wingbeat:presence:presence"] });
    expect(hellos).toHaveLength(1);
    pubSub.say("down");
    expect(presence.isDegraded).toBe(true);
    pubSub.say("connected");
    expect([presence.isDegraded, hellos.length]).toEqual([false, 2]);
  });

  it("that refuses is reported once, and tried again", async () => {
    const errors: LiveError[] = [];
    const pubSub = new FaultyPubSub();
    const subscribe = vi.spyOn(pubSub, "subscribe").mockRejectedValue(new Error("NOPERM"));
    vi.spyOn(pubSub, "broadcastFrom").mockRejectedValue(new Error("NOPERM"));
    const presence = open({ pubSub, onError: (error) => void errors.push(error) });
    void presence.track(bot, "room", "ada", { name: "Ada" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(names(presence.list("room"))).toEqual(["Ada"]);
    expect(errors.map(({ code }) => code)).toEqual(["presence.unreachable"]);
    expect(subscribe.mock.calls.length).toBeGreaterThanOrEqual(6);
    await presence.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("what is refused", () => {
  const refusal = (attempt: () => unknown): LiveError => {
    try {
      attempt();
    } catch (error) {
      // Thrown by what is tested.
      return error as LiveError;
    }
    throw new Error("It was not refused.");
  };

  it("a meta larger than 1 KB, saying whose and what to do", () => {
    const error = refusal(() => open().track(bot, "room", "ada", { name: "x".repeat(1_024) }));
    expect(error.code).toBe("presence.meta-too-large");
    expect(error.message).toContain('The meta of "ada" in "room" takes more than 1024 bytes (limits.metaBytes)');
  });

  it("a meta that cannot travel, or is no object", () => {
    const presence = open();
    const error = refusal(() => Reflect.apply(presence.track, presence, [bot, "room", "ada", { name: () => {} }]));
    expect(error).toMatchObject({
      code: "presence.invalid-meta",
      message: expect.stringContaining("message.name is a function"),
    });
    expect(refusal(() => Reflect.apply(presence.track, presence, [bot, "room", "ada", "Ada"]))).toMatchObject({
      code: "presence.invalid-meta",
    });
  });

  it.each([42, "", "é".repeat(128), undefined])("the key %s", (key) => {
    const presence = open();
    expect(refusal(() => Reflect.apply(presence.track, presence, [bot, "room", key, { name: "Ada" }]))).toMatchObject({
      code: "presence.invalid-key",
    });
  });

  it("a topic that is none", () => {
    expect(refusal(() => open().track(bot, "", "ada", { name: "Ada" })).code).toBe("topic.invalid");
  });

  it("an update of what is not tracked by that who", () => {
    const presence = open();
    void presence.track(bot, "room", "ada", { name: "Ada" });
    expect(refusal(() => presence.update(cron, "room", "ada", { name: "Eve" })).code).toBe("presence.not-tracked");
  });

  it("more keys than a topic may have, but not a further tab of one that is there", () => {
    const presence = open({ limits: { keysPerTopic: 2 } });
    void presence.track(bot, "room", "ada", { name: "Ada" });
    void presence.track(bot, "room", "grace", { name: "Grace" });
    expect(refusal(() => presence.track(bot, "room", "edsger", { name: "Edsger" }))).toMatchObject({
      code: "presence.too-many",
      message: expect.stringContaining("limits.keysPerTopic"),
    });
    void presence.track(cron, "room", "ada", { name: "Ada" });
    void presence.track(bot, "hall", "edsger", { name: "Edsger" });
  });

  it("more presences than a process may track", () => {
    const presence = open({ limits: { presences: 1 } });
    void presence.track(bot, "room", "ada", { name: "Ada" });
    expect(refusal(() => presence.track(bot, "room", "grace", { name: "Grace" })).code).toBe("presence.too-many");
    void presence.untrack(bot);
    void presence.track(bot, "room", "grace", { name: "Grace" });
  });

  it("everything after close, but for what ends", async () => {
    const presence = open();
    void presence.track(bot, "room", "ada", { name: "Ada" });
    await presence.close();
    await presence.close();
    expect(refusal(() => presence.track(bot, "room", "ada", { name: "Ada" })).code).toBe("presence.closed");
    await presence.untrack(bot);
  });

  it.each([
    [{ name: "no spaces" }],
    [{ node: "x".repeat(256) }],
    [{ graceMs: -1 }],
    [{ graceMs: NaN }],
    [{ limits: { metaBytes: 0 } }],
    [{ limits: { metaBytes: 10_000 } }],
    [{ limits: { keys: 1 } }],
  ])("the options %o", (options) => {
    expect(refusal(() => Reflect.construct(Presence, [options])).code).toBe("presence.invalid-option");
  });
});

describe("its types", () => {
  it("are the meta's, everywhere", () => {
    const presence = open();
    expectTypeOf(presence.list("room")).toEqualTypeOf<Presences<Who>>();
    expectTypeOf(presence.list("room")["ada"]?.metas[0]?.name).toEqualTypeOf<string | undefined>();
    presence.on("join", ({ metas }) => expectTypeOf(metas[0]?.ref).toEqualTypeOf<string | undefined>());
    open({ fetch: () => ({ ada: { avatar: "ada.png" } }) });
    // @ts-expect-error a detail that no meta has
    open({ fetch: () => ({ ada: { picture: "ada.png" } }) });
  });
});
