import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryBackplane, MemoryWire } from "../../test/support/memory-backplane.ts";
import { VirtualClock } from "../../test/support/virtual-clock.ts";
import { BackplanePubSub } from "./backplane-pubsub.ts";
import type { Gap } from "./gap.ts";

/** In its first seconds of a topic, a subscriber does not know what was sent before: docs/design/pubsub.md. */
const UNSURE_MS = 5_000;
/** After so long, every node has beaten and every beat was looked at. */
const SETTLE_MS = 15_000;

const ENDS = [0, 1, 2] as const;
const TOPICS = ["a", "~b", "c"] as const;

const end = fc.constantFrom(...ENDS);
const name = fc.constantFrom(...TOPICS);
const harmless = [
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("publish" as const), end, name, count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 50_000, max: 150_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("subscribe" as const), end, name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unsubscribe" as const), end, name }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("repeat" as const), end, count: fc.integer({ min: 1, max: 3 }) }),
  },
];
const faults = [
  { weight: 3, arbitrary: fc.record({ do: fc.constant("lose" as const), end, count: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("refuse" as const), end, count: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("disconnect" as const), end }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reconnect" as const), end }) },
];

type Step =
  | { readonly do: "publish"; readonly end: number; readonly name: string; readonly count: number }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "subscribe" | "unsubscribe"; readonly end: number; readonly name: string }
  | { readonly do: "repeat" | "lose" | "refuse"; readonly end: number; readonly count: number }
  | { readonly do: "disconnect" | "reconnect"; readonly end: number };

const line = fc.record({ delayMs: fc.constantFrom(0, 3, 400), acknowledges: fc.boolean() });
const sizes = { minLength: 20, maxLength: 80, size: "max" } as const;

describe("messages across processes", () => {
  it("are delivered exactly once and in order, or lie under a reported gap, in any history of faults", async () => {
    const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(...harmless, ...faults), sizes);
    await fc.assert(
      fc.asyncProperty(line, steps, async (line, steps) => {
        const ledger = await play(line, steps);
        expect(ledger.unexplained()).toEqual([]);
        expect(ledger.disordered()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it("raise no gap where nothing is lost, in any history of subscribing, silence and repeated frames", async () => {
    const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(...harmless), sizes);
    await fc.assert(
      fc.asyncProperty(line, steps, async (line, steps) => {
        const ledger = await play(line, steps);
        expect(ledger.gaps()).toEqual([]);
        expect(ledger.missing()).toEqual([]);
        expect(ledger.disordered()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

interface Message {
  readonly id: number;
  readonly sender: number;
  readonly topic: string;
  readonly at: number;
  /** Of all that happened: what was published before somebody subscribed, within the same millisecond. */
  readonly order: number;
}

interface Listening {
  readonly end: number;
  readonly topic: string;
  readonly since: number;
  readonly order: number;
  until: number;
  readonly received: number[];
}

/** Who should have heard what, who did, and who was told that it may not have. */
class Ledger {
  readonly delayMs: number;
  readonly messages: Message[] = [];
  readonly listenings: Listening[] = [];
  /** `end: id` of what was lost on the way with nobody told. */
  readonly lost = new Set<string>();
  readonly beats: { readonly end: number; readonly sender: number; readonly at: number; readonly isLost: boolean }[] =
    [];
  readonly #gaps: { readonly end: number; readonly gap: Gap }[] = [];

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  addGap(end: number, gap: Gap): void {
    this.#gaps.push({ end, gap });
  }

  gaps(): readonly unknown[] {
    return this.#gaps;
  }

  /** Messages that should have come, did not, and lie under no gap. Nobody is told of a gap on a topic it has left. */
  unexplained(): readonly unknown[] {
    return this.#missing(this.listenings.filter(({ until }) => until === Infinity));
  }

  /** The same, with those who have left: for when nothing is lost. */
  missing(): readonly unknown[] {
    return this.#missing(this.listenings);
  }

  #missing(listenings: readonly Listening[]): readonly unknown[] {
    return listenings.flatMap((listening) => {
      const received = new Set(listening.received);
      const missing = this.messages.filter(
        (message) =>
          message.topic === listening.topic &&
          message.order > listening.order &&
          // What is on its way when one unsubscribes need not arrive.
          message.at + this.delayMs < listening.until &&
          !received.has(message.id) &&
          !this.#isUnderGap(listening.end, message) &&
          !this.#isUnsure(listening, message),
      );
      return missing.map((message) => ({ message, listening: { ...listening, received: [] }, gaps: this.#gaps }));
    });
  }

  /** A gap's times are those of arriving, which is later than sending by the way that a frame takes. */
  #isUnderGap(end: number, { at, topic }: Message): boolean {
    return this.#gaps.some(
      ({ end: told, gap }) =>
        told === end &&
        (gap.topics === "*" || gap.topics.includes(topic)) &&
        gap.since <= at + this.delayMs &&
        at <= gap.until,
    );
  }

  /** Lost with nobody told, and either too early, or no beat told of it before a cut, or all that did were lost too. */
  #isUnsure({ end, since }: Listening, { id, sender, at }: Message): boolean {
    if (!this.lost.has(`${end}: ${id}`)) return false;
    const anew = this.#gaps.filter(({ end: told, gap }) => told === end && gap.cause === "reconnect");
    const starts = [since, ...anew.map(({ gap }) => gap.until)];
    if (starts.some((start) => at >= start && at < start + UNSURE_MS)) return true;
    const until = Math.min(...starts.filter((start) => start > at));
    const isToHere = (beat: Ledger["beats"][number]) => beat.end === end && beat.sender === sender;
    const beats = this.beats.filter((beat) => isToHere(beat) && beat.at > at && beat.at < until);
    return (until < Infinity || beats.length > 2) && beats.every(({ isLost }) => isLost);
  }

  /** What came twice, or after a later message of its sender on its topic. */
  disordered(): readonly unknown[] {
    return this.listenings.flatMap(({ end, topic, received }) => {
      const latest = new Map<number, number>();
      return received.filter((id) => {
        const sender = this.messages.find((message) => message.id === id)?.sender ?? -1;
        const before = latest.get(sender) ?? 0;
        latest.set(sender, id);
        return id <= before ? [{ end, topic, id }] : false;
      });
    });
  }
}

async function play(line: { delayMs: number; acknowledges: boolean }, steps: readonly Step[]): Promise<Ledger> {
  const clock = new VirtualClock();
  const ledger = new Ledger(line.delayMs);
  const wire = new MemoryWire({
    schedule: (deliver) => void clock.after(line.delayMs, deliver),
    wall: () => clock.wall(),
    onFrame: (backplane, frame, isLost) => {
      const end = backplanes.indexOf(backplane);
      const id = /^wb1 m .* j (\d+)$/.exec(frame)?.[1];
      if (id !== undefined && isLost) ledger.lost.add(`${end}: ${id}`);
      const sender = /^wb1 b node-(\d) /.exec(frame)?.[1];
      if (sender !== undefined) ledger.beats.push({ end, sender: Number(sender), at: clock.now(), isLost });
    },
  });
  const backplanes = ENDS.map(() => new MemoryBackplane(wire, line));
  const pubSubs = backplanes.map((backplane, end) => {
    const pubSub = new BackplanePubSub(backplane, { clock, node: `node-${end}`, onError: () => {} });
    pubSub.on("gap", (gap) => ledger.addGap(end, gap));
    return pubSub;
  });
  let lastId = 0;
  let lastOrder = 0;
  const open = new Map<string, () => void>();

  const subscribe = async (end: number, topic: string): Promise<void> => {
    const key = `${end} ${topic}`;
    if (open.has(key)) return;
    const received: number[] = [];
    open.set(key, () => {});
    const since = clock.now();
    const order = ++lastOrder;
    const wasConnected = backplanes[end]?.isConnected ?? false;
    const subscribing = pubSubs[end]!.subscribe(topic, (id) => void received.push(Number(id)));
    // Nobody is refused here: it resolves, when the backplane is there or after two seconds.
    void subscribing.then((unsubscribe) => {
      const start = wasConnected ? { since, order } : { since: clock.now(), order: ++lastOrder };
      const listening: Listening = { end, topic, ...start, until: Infinity, received };
      ledger.listenings.push(listening);
      open.set(key, () => {
        listening.until = clock.now();
        open.delete(key);
        void unsubscribe();
      });
    });
    await clock.pass(0);
  };

  for (const end of ENDS) await subscribe(end, "a");
  await clock.pass(10);
  for (const step of steps) {
    switch (step.do) {
      case "publish":
        for (let count = 0; count < step.count; count++) {
          const id = ++lastId;
          ledger.messages.push({ id, sender: step.end, topic: step.name, at: clock.now(), order: ++lastOrder });
          pubSubs[step.end]!.broadcast(step.name, id).catch(() => {});
        }
        break;
      case "pass":
        await clock.pass(step.ms);
        break;
      case "subscribe":
        await subscribe(step.end, step.name);
        break;
      case "unsubscribe":
        open.get(`${step.end} ${step.name}`)?.();
        break;
      case "repeat":
        backplanes[step.end]!.repeatNext = step.count;
        break;
      case "lose":
        backplanes[step.end]!.loseNext = step.count;
        break;
      case "refuse":
        backplanes[step.end]!.refuseNext = step.count;
        break;
      case "disconnect":
        backplanes[step.end]!.disconnect();
        break;
      case "reconnect":
        backplanes[step.end]!.reconnect();
        break;
    }
  }
  for (const backplane of backplanes) {
    backplane.loseNext = backplane.refuseNext = 0;
    backplane.reconnect();
  }
  await clock.pass(SETTLE_MS);
  const closing = Promise.all(pubSubs.map((pubSub) => pubSub.close()));
  await clock.pass(SETTLE_MS);
  await closing;
  expect(clock.timerCount).toBe(0);
  return ledger;
}
