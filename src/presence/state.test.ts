import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { histories, play, World } from "../../test/support/presence-simulation.ts";
import { Listing } from "./listing.ts";
import { ALL_LAYERS, DEFAULT_TIMINGS, PresenceState } from "./state.ts";
import { encodeBeat, encodeGoodbye, encodeOps, encodeSnapshot, entryItem, putItem } from "./wire.ts";

/** For what takes a second or two on a machine that nobody else uses, in milliseconds. */
const SLOW = 60_000;
const OURS = "OOOOOOOOOOOOOOOOOOOOOO";
const THEIRS = "TTTTTTTTTTTTTTTTTTTTTT";

function alone(): { readonly state: PresenceState; readonly listed: () => string[] } {
  const listing = new Listing(() => 0);
  const state = new PresenceState({
    rid: OURS,
    node: "",
    mayHavePeers: () => true,
    timings: DEFAULT_TIMINGS,
    safety: ALL_LAYERS,
    listing,
    random: () => 0.5,
  });
  return { state, listed: () => [...listing.live()].map(({ key }) => key).toSorted() };
}

const put = (id: number, key: string) => putItem(id, "room", key, "{}", 0);
const ops = (from: number, ...keys: string[]) =>
  encodeOps(
    THEIRS,
    "",
    from,
    keys.map((key, index) => put(from + index, key)),
  );
const questions = (state: PresenceState): unknown[] =>
  state
    .takeOutgoing()
    .map(({ text }) => JSON.parse(text) as unknown[])
    .filter(([, kind]) => kind === "q");

describe("PresenceState", () => {
  it("lists what comes from the first operation on, at once", () => {
    const { state, listed } = alone();
    state.receive(ops(1, "ada", "grace"), 0);
    state.receive(ops(3, "edsger"), 0);
    expect(listed()).toEqual(["ada", "edsger", "grace"]);
  });

  it("does not apply what came before", () => {
    const { state, listed } = alone();
    const joined = ops(1, "ada");
    state.receive(joined, 0);
    state.receive(`[1,"d","${THEIRS}","",2,[["-",1]]]`, 0);
    state.receive(joined, 0);
    expect(listed()).toEqual([]);
  });

  it("asks for what is missing within 100 ms, and again after 700 ms, give or take a quarter", () => {
    const { state, listed } = alone();
    state.receive(ops(1, "ada"), 0);
    state.receive(ops(3, "edsger"), 0);
    expect(listed()).toEqual(["ada"]);
    state.takeOutgoing();
    expect(state.dueMs).toBe(50);
    state.tick(50);
    expect(questions(state)).toEqual([[1, "q", OURS, THEIRS, 1, 0]]);
    expect(state.dueMs).toBe(150); // the first heartbeat, now that somebody is there
    state.tick(750);
    expect(questions(state)).toEqual([[1, "q", OURS, THEIRS, 1, 0]]);
    state.receive(ops(2, "grace", "edsger"), 800);
    expect(listed()).toEqual(["ada", "edsger", "grace"]);
    state.tick(5_000);
    expect(questions(state)).toEqual([]);
  });

  it("learns from a heartbeat that the last message was lost", () => {
    const { state } = alone();
    state.receive(ops(1, "ada"), 0);
    state.receive(encodeBeat(THEIRS, "", 2, 0, 2, false), 100);
    state.tick(150);
    expect(questions(state)).toEqual([[1, "q", OURS, THEIRS, 1, 0]]);
  });

  it("asks for everything when it has something else than the writer at the same number", () => {
    const { state, listed } = alone();
    state.receive(ops(1, "ada"), 0);
    state.receive(encodeBeat(THEIRS, "", 1, 12_345, 1, false), 100);
    state.tick(150);
    expect(questions(state)).toEqual([[1, "q", OURS, THEIRS, 1, 1]]);
    state.receive(encodeSnapshot(THEIRS, "", 1, 0, 1, [entryItem(1, 1, "room", "grace", "{}", 0)]), 200);
    expect(listed()).toEqual(["grace"]);
  });

  it("takes a snapshot in parts, in any order, and none that is older than what it has", () => {
    const { state, listed } = alone();
    const part = (seq: number, index: number, key: string) =>
      encodeSnapshot(THEIRS, "", seq, index, 2, [entryItem(index + 1, index + 1, "room", key, "{}", 0)]);
    state.receive(part(5, 1, "grace"), 0);
    expect(listed()).toEqual([]);
    state.receive(part(5, 0, "ada"), 0);
    expect(listed()).toEqual(["ada", "grace"]);
    state.receive(part(4, 0, "nobody"), 0);
    state.receive(part(4, 1, "nobody"), 0);
    expect(listed()).toEqual(["ada", "grace"]);
  });

  it("asks for everything from a writer whose heartbeats say less than we have for 10 s: what we have is wrong", () => {
    const { state } = alone();
    state.receive(encodeOps(THEIRS, "", 1, [put(1, "ada"), put(2, "grace")]), 0);
    for (let ms = 0; ms <= 10_000; ms += 2_000) state.receive(encodeBeat(THEIRS, "", 1, 7, 1, false), ms);
    state.tick(10_100);
    expect(questions(state)).toEqual([[1, "q", OURS, THEIRS, 0, 1]]);
  });

  it("takes who is silent for 10 s for gone, and believes in a return only once it has caught up", () => {
    const { state, listed } = alone();
    state.receive(ops(1, "ada"), 0);
    state.tick(10_000);
    expect(listed()).toEqual(["ada"]);
    state.tick(10_001);
    expect(listed()).toEqual([]);
    state.receive(ops(2, "grace"), 20_000);
    expect(listed()).toEqual([]);
    state.receive(encodeBeat(THEIRS, "", 3, 0, 3, false), 20_100);
    expect(listed()).toEqual([]);
    state.receive(ops(3, "edsger"), 20_200);
    expect(listed()).toEqual(["ada", "edsger", "grace"]);
  });

  it("forgets who was gone for 5 min", () => {
    const { state } = alone();
    state.receive(ops(1, "ada"), 0);
    state.tick(11_000);
    expect(state.counts).toMatchObject({ replicas: 1, down: 1, copies: 1 });
    state.tick(312_000);
    expect(state.counts).toMatchObject({ replicas: 0, down: 0, copies: 0 });
  });

  it("lets go of a writer's entries at its goodbye, and believes nothing of it that comes later", () => {
    const { state, listed } = alone();
    state.receive(ops(1, "ada"), 0);
    state.receive(encodeGoodbye(THEIRS), 10);
    expect(listed()).toEqual([]);
    state.receive(ops(2, "grace"), 20);
    state.receive(encodeSnapshot(THEIRS, "", 9, 0, 1, [entryItem(9, 1, "room", "ada", "{}", 0)]), 30);
    expect(listed()).toEqual([]);
    expect(state.counts).toMatchObject({ replicas: 0, tombstones: 1 });
  });

  it("hides the entries of a process that comes back under the same name, unless both go on being heard of", () => {
    const { state, listed } = alone();
    const successor = "SSSSSSSSSSSSSSSSSSSSSS";
    state.receive(encodeOps(THEIRS, "web-1", 1, [put(1, "old")]), 0);
    state.receive(encodeOps(successor, "web-1", 1, [put(1, "new")]), 10);
    expect(listed()).toEqual(["new"]);
    const digest = 0; // a wrong one: it then also has to ask
    state.receive(encodeBeat(THEIRS, "web-1", 2, digest, 2, false), 1_000);
    state.receive(encodeOps(THEIRS, "web-1", 2, [put(2, "late")]), 1_000);
    expect(listed()).toEqual(["new"]);
    state.receive(encodeBeat(THEIRS, "web-1", 3, digest, 3, false), 6_000);
    state.receive(encodeOps(THEIRS, "web-1", 3, [put(3, "still here")]), 6_000);
    expect(listed()).toEqual(["late", "new", "old", "still here"]);
  });

  it("counts what it cannot read, and goes on", () => {
    const { state } = alone();
    for (const garbage of [undefined, 17, "", "{}", '["presence"]', { type: "said" }]) state.receive(garbage, 0);
    expect(state.counts).toMatchObject({ dropped: 6, replicas: 0 });
  });
});

describe("a cluster", () => {
  it("lists a join everywhere within 100 ms", () => {
    const world = new World({ seed: 1, nodes: 4 });
    world.run(5_000);
    world.join(0, "room", "ada");
    world.run(100);
    for (const { tracker } of world.processes) expect(Object.keys(tracker.listing.list("room"))).toEqual(["ada"]);
  });

  it("sends one heartbeat per process every 1.5 s and nothing else while nothing happens (I5)", () => {
    const world = new World({ seed: 2, nodes: 5 });
    for (let node = 0; node < 5; node++) for (let n = 0; n < 50; n++) world.join(node, "room", `${node}-${n}`);
    world.run(5_000);
    const { messages, bytes } = world.sent;
    world.run(150_000);
    const perNodeAndSecond = (world.sent.messages - messages) / 5 / 150;
    expect(perNodeAndSecond).toBeGreaterThan(0.6);
    expect(perNodeAndSecond).toBeLessThan(0.75);
    expect((world.sent.bytes - bytes) / (world.sent.messages - messages)).toBeLessThan(100);
  });

  it(
    "takes 10 000 joins at once in a few messages, none above 64 KB (I6)",
    () => {
      const world = new World({ seed: 3, nodes: 4 });
      world.run(5_000);
      const { messages } = world.sent;
      for (let n = 0; n < 10_000; n++) world.join(0, "room", `visitor ${n}`);
      world.run(300);
      expect(world.differences()).toBeUndefined();
      expect(world.sent.messages - messages).toBeLessThan(40);
      expect(world.sent.largest).toBeGreaterThan(20_000);
    },
    SLOW,
  );

  it(
    "brings a new process up to 5 000 presences within 500 ms",
    () => {
      const world = new World({ seed: 4, nodes: 5 });
      world.crash(4);
      for (let n = 0; n < 5_000; n++) world.join(n % 4, "room", `visitor ${n}`);
      world.run(30_000);
      world.start(4, 0);
      world.run(500);
      expect(world.differences()).toBeUndefined();
    },
    SLOW,
  );

  it("is equal within 3 s after a partition of 30 s", () => {
    const world = new World({ seed: 5, nodes: 4 });
    for (let node = 0; node < 4; node++) world.join(node, "room", `on ${node}`);
    world.run(5_000);
    world.split(0b0011);
    world.run(30_000);
    const [first] = world.processes;
    expect(Object.keys(first?.tracker.listing.list("room") ?? {}).toSorted()).toEqual(["on 0", "on 1"]);
    world.join(2, "room", "meanwhile");
    world.run(1_000);
    world.split(0);
    world.run(3_000);
    expect(world.differences()).toBeUndefined();
  });

  it("sees a process that was stopped for 20 s leave, and join once", () => {
    const world = new World({ seed: 6, nodes: 3 });
    world.join(1, "room", "ada");
    world.run(5_000);
    world.freeze(1, 20_000);
    world.run(30_000);
    expect(world.process(0)?.comings).toEqual(["+ada", "-ada", "+ada"]);
    expect(world.differences()).toBeUndefined();
  });

  it("is not blamed by a process that was busy itself for 20 s", () => {
    const world = new World({ seed: 7, nodes: 3 });
    world.join(1, "room", "ada");
    world.run(5_000);
    world.freeze(0, 20_000);
    world.run(30_000);
    expect(world.process(0)?.comings).toEqual(["+ada"]);
  });

  it("stays listed for 30 s where the backplane is gone, and no longer than 10 s after that", () => {
    const world = new World({ seed: 8, nodes: 3 });
    world.join(1, "room", "ada");
    world.run(5_000);
    world.cut(0, 100_000);
    world.run(30_000);
    expect(world.process(0)?.comings).toEqual(["+ada"]);
    expect(world.process(0)?.tracker.isPaused).toBe(true);
    world.run(14_000);
    expect(world.process(0)?.comings).toEqual(["+ada", "-ada"]);
    world.run(60_000);
    expect(world.process(0)?.comings).toEqual(["+ada", "-ada", "+ada"]);
  });

  it("shows nobody who left after a stop of 20 s of the backplane, without a leave of who stayed", () => {
    const world = new World({ seed: 9, nodes: 2 });
    world.join(1, "room", "ada");
    world.join(1, "room", "grace");
    world.run(5_000);
    world.cut(0, 20_000);
    world.leave(1, 1);
    world.run(21_000);
    expect(world.process(0)?.comings).toEqual(["+ada", "+grace", "-grace"]);
  });

  it("lets presences go at once when a process stops, and after 10 to 13 s when it crashes", () => {
    const world = new World({ seed: 10, nodes: 3 });
    world.join(1, "room", "ada");
    world.run(5_000);
    world.join(2, "room", "grace");
    world.run(5_000);
    world.stop(1);
    world.run(100);
    expect(world.process(0)?.comings).toEqual(["+ada", "+grace", "-ada"]);
    world.crash(2);
    world.run(8_000);
    expect(world.process(0)?.comings).toEqual(["+ada", "+grace", "-ada"]);
    world.run(5_000);
    expect(world.process(0)?.comings).toEqual(["+ada", "+grace", "-ada", "-grace"]);
  });

  it("shows neither leave nor join of a key that comes back on another process within the grace", () => {
    const world = new World({ seed: 11, nodes: 3, graceMs: 2_000 });
    world.join(1, "room", "ada");
    world.run(5_000);
    world.stop(1);
    world.run(1_500);
    world.join(2, "room", "ada");
    world.run(30_000);
    expect(world.process(0)?.comings).toEqual(["+ada"]);
    expect(world.differences()).toBeUndefined();
  });

  it(
    "keeps a bounded memory of 1 000 restarts (I4)",
    () => {
      const world = new World({ seed: 12, nodes: 3, named: true });
      for (let restart = 0; restart < 1_000; restart++) {
        world.join(1, "room", "ada");
        world.run(300);
        if (restart % 2 === 0) world.crash(1);
        else world.stop(1);
        world.start(1, restart % 7);
      }
      const counts = world.process(0)?.tracker.state.counts;
      expect(counts?.replicas).toBeLessThanOrEqual(503);
      expect(counts?.tombstones).toBeLessThanOrEqual(500);
      world.run(620_000);
      expect(world.process(0)?.tracker.state.counts).toMatchObject({ replicas: 2, down: 0, tombstones: 0, copies: 0 });
      expect(world.differences()).toBeUndefined();
    },
    SLOW,
  );

  it("understands later versions, and is understood (I7)", () => {
    const world = new World({ seed: 13, nodes: 4, newer: 2 });
    for (let n = 0; n < 60; n++) {
      world.join(n % 4, "room", `visitor ${n}`);
      world.run(100);
    }
    world.settle(5_000);
    expect(world.differences()).toBeUndefined();
  });

  it(
    "converges through 25 random histories of faults (1 500 in test/process, 100 000 by npm run chaos)",
    () => {
      fc.assert(
        fc.property(histories, (history) => {
          expect(play(history)).toBeUndefined();
        }),
        { numRuns: 25 },
      );
    },
    SLOW,
  );
});
