import { describe, expect, it } from "vitest";
import { readBeat, type Beat } from "./beat.ts";
import { Beats } from "./beats.ts";
import { FailedPublishes } from "./failed-publishes.ts";
import { IncomingNumbers } from "./incoming-numbers.ts";
import { OutgoingNumbers } from "./outgoing-numbers.ts";

const MINUTE_MS = 60_000;

function beat(number: number, more: Partial<Beat> = {}): Beat {
  const quiet = { startedAgeMs: undefined, sent: [], asksForFailures: false, failures: undefined, failed: [] };
  return { number, after: number - 1, since: number - 1, failedAllAgeMs: undefined, ...quiet, ...more };
}

describe("OutgoingNumbers", () => {
  it("counts on each channel by itself, from 1", () => {
    const numbers = new OutgoingNumbers();
    const taken = ["a", "b", "a"].map((topic) => ({ ...numbers.next(topic, 0) }));
    expect(taken.map(({ epoch, number }) => [epoch, number])).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
    ]);
  });

  it("tells what no beat has told, until one has that was taken", () => {
    const numbers = new OutgoingNumbers();
    numbers.next("a", 0);
    const first = numbers.untold();
    numbers.next("a", 0);
    expect(first).toEqual([{ topic: "a", epoch: 1, first: 1, last: 1 }]);
    numbers.told(first);
    expect(numbers.untold()).toEqual([{ topic: "a", epoch: 1, first: 2, last: 2 }]);
    numbers.told(numbers.untold());
    expect(numbers.untold()).toEqual([]);
  });

  it("forgets a channel a minute after its last message, once that was told, and then begins an epoch", () => {
    const numbers = new OutgoingNumbers();
    for (let channel = 0; channel < 1_000; channel++) numbers.next(`room:${channel}`, channel);
    numbers.expire(10 * MINUTE_MS);
    expect(numbers.channelCount).toBe(1_000);
    numbers.told(numbers.untold());
    numbers.expire(MINUTE_MS + 499);
    expect(numbers.channelCount).toBe(500);
    expect({ ...numbers.next("room:0", MINUTE_MS) }).toMatchObject({ epoch: 1_001, number: 1 });
    expect({ ...numbers.next("room:999", MINUTE_MS) }).toMatchObject({ epoch: 1_000, number: 2 });
  });

  it("keeps at most 50 000 channels, the latest ones", () => {
    const numbers = new OutgoingNumbers();
    for (let channel = 0; channel < 60_000; channel++) numbers.next(`room:${channel}`, 0);
    numbers.told(numbers.untold());
    numbers.expire(1);
    expect(numbers.channelCount).toBe(50_000);
    expect({ ...numbers.next("room:59999", 1) }).toMatchObject({ number: 2 });
  });
});

describe("FailedPublishes", () => {
  it("names up to 1 000 topics, and says all from then on", () => {
    const failed = new FailedPublishes();
    for (let topic = 0; topic < 1_000; topic++) failed.add(`room:${topic}`, topic + 5, 2_000);
    expect(failed.list().topics.size).toBe(1_000);
    failed.add("one more", 3_000, 3_000);
    failed.add("and another", 4_000, 4_000);
    expect(failed.list()).toMatchObject({ topics: new Map(), all: { since: 5 } });
    expect(failed.soFar).toEqual({ count: 1_002, since: 5, until: 4_000 });
  });

  it("keeps what failed again while it was being told", () => {
    const failed = new FailedPublishes();
    failed.add("a", 1, 1);
    failed.add("b", 2, 2);
    const told = failed.list();
    failed.add("a", 3, 3);
    failed.told(told, 4);
    expect([...failed.list().topics.keys()]).toEqual(["a"]);
    failed.told(failed.list(), 5);
    expect(failed.isEmpty).toBe(true);
  });

  it("begins another spell after ten minutes without failures", () => {
    const failed = new FailedPublishes();
    failed.add("a", 1, 1);
    failed.add("a", 100, 9 * MINUTE_MS);
    expect(failed.soFar).toMatchObject({ since: 1 });
    failed.add("a", 20 * MINUTE_MS, 20 * MINUTE_MS);
    expect(failed.soFar).toEqual({ count: 3, since: 20 * MINUTE_MS, until: 20 * MINUTE_MS });
  });
});

describe("Beats", () => {
  function talking() {
    const frames: Beat[] = [];
    const state = { now: 0, isTaken: true };
    const publish = (frame: string) => {
      const read = readBeat(frame.slice("wb1 b n ".length));
      if (!read.ok) throw new Error(read.reason);
      frames.push(read.value);
      return state.isTaken ? undefined : Promise.reject(new Error("the wire is cut"));
    };
    return { frames, state, beats: new Beats("n", publish, () => state.now) };
  }

  it("begin before the first message, and end ten beats after the last", () => {
    const { frames, beats } = talking();
    for (let second = 0; second < 5; second++) void beats.beat();
    expect(frames).toEqual([]);
    beats.next("room");
    expect(frames).toEqual([expect.objectContaining({ number: 1, startedAgeMs: 0, sent: [] })]);
    for (let second = 0; second < 60; second++) void beats.beat();
    expect(frames).toHaveLength(12);
    expect(frames[1]).toMatchObject({ number: 2, after: 1, since: 1, sent: [{ topic: "room", first: 1, last: 1 }] });
    expect(frames[2]).toMatchObject({ number: 3, startedAgeMs: undefined, sent: [] });
    beats.next("room");
    expect(frames[12]).toMatchObject({ number: 13, startedAgeMs: 0 });
  });

  it("tell the same again, and more, until one is taken", async () => {
    const { frames, state, beats } = talking();
    state.isTaken = false;
    beats.next("room");
    await beats.beat();
    beats.next("room");
    await beats.beat();
    state.isTaken = true;
    state.now = 2_000;
    await beats.beat();
    expect(frames.at(-1)).toMatchObject({ number: 4, after: 0, since: 0, startedAgeMs: 2_000 });
    expect(frames.map(({ sent }) => sent.map(({ first, last }) => [first, last]))).toEqual([
      [],
      [[1, 1]],
      [[1, 2]],
      [[1, 2]],
    ]);
    await beats.beat();
    expect(frames.at(-1)).toMatchObject({ number: 5, after: 4, since: 4, sent: [] });
  });

  it("tell of 1 000 channels in three parts, each of which says what comes before it", () => {
    const { frames, beats } = talking();
    for (let channel = 0; channel < 1_000; channel++) beats.next(`${channel}`);
    void beats.beat();
    expect(frames.slice(1).map(({ number, after, since, sent }) => [number, after, since, sent.length])).toEqual([
      [2, 1, 1, 400],
      [3, 2, 1, 400],
      [4, 3, 1, 200],
    ]);
    void beats.beat();
    expect(frames.at(-1)).toMatchObject({ number: 5, after: 4, since: 4 });
  });
});

describe("IncomingNumbers", () => {
  it("forget a sender after two minutes of silence, and all of a topic when it goes", () => {
    const incoming = new IncomingNumbers();
    for (let node = 0; node < 500; node++) {
      const topic = `room:${node % 5}`;
      if (node < 5) incoming.listen(topic);
      incoming.message(`node-${node}`, topic, { epoch: 1, number: 1 }, node);
      incoming.beat(`node-${node}`, beat(1), node);
    }
    expect(incoming.size).toBe(500);
    incoming.gone("room:0");
    expect(incoming.size).toBe(400);
    incoming.expire(2 * MINUTE_MS + 250);
    expect(incoming.size).toBe(200);
    incoming.expire(10 * MINUTE_MS);
    expect(incoming.size).toBe(0);
  });

  it("remember at most 1 000 senders of a topic, whoever makes them up", () => {
    const incoming = new IncomingNumbers();
    incoming.listen("room");
    for (let node = 0; node < 5_000; node++) incoming.message(`node-${node}`, "room", { epoch: 1, number: 1 }, node);
    expect(incoming.size).toBe(1_000);
  });

  it("take an old epoch's message for a late one", () => {
    const incoming = new IncomingNumbers();
    incoming.listen("room");
    expect(incoming.message("node", "room", { epoch: 2, number: 1 }, 0)).toBe("next");
    expect(incoming.message("node", "room", { epoch: 1, number: 9 }, 0)).toBe("duplicate");
    expect(incoming.message("node", "room", { epoch: 3, number: 3 }, 10)).toEqual({
      cause: "sequence",
      topic: "room",
      since: 0,
      missed: 2,
    });
  });

  /** Has listened to "room" since 0, and heard nothing. */
  function listening() {
    const incoming = new IncomingNumbers();
    incoming.beatsAreLive(0);
    incoming.listen("room");
    incoming.isLive("room", 0);
    return incoming;
  }
  const sentOne = { sent: [{ topic: "room", epoch: 1, first: 1, last: 1 }] };

  it("miss a beat of a known sender since they last heard it, and of another since they listen", () => {
    const incoming = listening();
    incoming.beat("known", beat(1, { startedAgeMs: 0 }), 10_000);
    expect(incoming.beat("known", beat(3), 12_000)).toEqual([
      { cause: "sequence", topic: undefined, since: 10_000, missed: undefined },
    ]);
    expect(incoming.beat("unknown", beat(7), 12_000)).toEqual([
      { cause: "sequence", topic: undefined, since: 0, missed: undefined },
    ]);
    expect(incoming.beat("early", beat(1, { startedAgeMs: 0 }), 12_000)).toEqual([]);
  });

  it("know nothing of what came before, when they have listened for a moment only", () => {
    const incoming = listening();
    expect(incoming.beat("node", beat(7, sentOne), 3_000)).toEqual([]);
    expect(incoming.due(9_000)).toEqual([]);
  });

  it("do not miss, after an interruption that was told, what was lost in it; only what is lost later", () => {
    const incoming = listening();
    incoming.beat("node", beat(1, { startedAgeMs: 0 }), 1_000);
    incoming.reset(10_000);
    expect(incoming.beat("node", beat(9, sentOne), 11_000)).toEqual([]);
    expect(incoming.due(20_000)).toEqual([]);
    incoming.reset(30_000);
    expect(incoming.beat("node", beat(20), 40_000)).toEqual([
      { cause: "sequence", topic: undefined, since: 30_000, missed: undefined },
    ]);
  });

  it("miss what a sender has sent first, if they listened before it began", () => {
    const [before, after] = [listening(), listening()];
    before.beat("node", beat(2, { after: 0, since: 0, startedAgeMs: 2_000, ...sentOne }), 10_000);
    expect(before.due(11_000)).toEqual([{ cause: "sequence", topic: "room", since: 0, missed: 1 }]);
    after.reset(9_000);
    after.beat("node", beat(2, { after: 0, since: 0, startedAgeMs: 2_000, ...sentOne }), 10_000);
    expect(after.due(11_000)).toEqual([]);
  });

  it("do not miss what was sent before they came, when a beat tells of more than was new", () => {
    const incoming = new IncomingNumbers();
    incoming.beatsAreLive(0);
    incoming.beat("node", beat(5), 0);
    incoming.listen("room");
    incoming.isLive("room", 500);
    incoming.beat("node", beat(6, { after: 5, since: 5, ...sentOne }), 1_000);
    // Number 6 was not known to be taken, so that number 7 tells everything since 5 as well.
    incoming.beat("node", beat(7, { after: 5, since: 5, ...sentOne }), 2_000);
    expect(incoming.due(9_000)).toEqual([]);
  });

  it("give a message half a second that its beat has overtaken", () => {
    const incoming = new IncomingNumbers();
    incoming.beatsAreLive(0);
    incoming.listen("room");
    incoming.isLive("room", 0);
    incoming.beat("node", beat(1, { startedAgeMs: 0 }), 5_000);
    const sent = [{ topic: "room", epoch: 1, first: 1, last: 1 }];
    expect(incoming.beat("node", beat(2, { sent }), 6_000)).toEqual([]);
    expect(incoming.due(6_499)).toEqual([]);
    expect(incoming.message("node", "room", { epoch: 1, number: 1 }, 6_499)).toBe("next");
    expect(incoming.due(7_000)).toEqual([]);
    sent[0] = { topic: "room", epoch: 1, first: 2, last: 3 };
    incoming.beat("node", beat(3, { sent }), 7_000);
    expect(incoming.due(7_500)).toEqual([{ cause: "sequence", topic: "room", since: 6_499, missed: 2 }]);
  });
});
