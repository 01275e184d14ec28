import fc from "fast-check";
import type { Committed } from "../../src/presence/listing.ts";
import { packMeta } from "../../src/presence/meta-codec.ts";
import type { OwnEntry } from "../../src/presence/own-log.ts";
import { applyDiff, emptyTable, type Presences } from "../../src/presence/presences.ts";
import { ALL_LAYERS, DEFAULT_TIMINGS, type SafetyLayers } from "../../src/presence/state.ts";
import { Tracker } from "../../src/presence/tracker.ts";

// Several processes with presences, in one, with a clock and a network that a number decides about. What is promised of
// presences (I1 to I7 in docs/design/presence.md) is checked all the time; the first breach ends the history.

/** How bad the network is. Probabilities from 0 to 1, times in milliseconds. */
export interface NetworkConditions {
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: number;
  /** How late a message may be that is out of order. */
  readonly reorderMs: number;
  /** Messages of which one operation arrives changed. */
  readonly corruption: number;
}

export type Command =
  | { readonly do: "join"; readonly node: number; readonly topic: number; readonly key: number }
  | { readonly do: "leave"; readonly node: number; readonly which: number }
  | { readonly do: "update"; readonly node: number; readonly which: number }
  | { readonly do: "run"; readonly ms: number }
  | { readonly do: "split"; readonly mask: number }
  | { readonly do: "heal" }
  | { readonly do: "network"; readonly loss: number; readonly duplication: number; readonly reordering: number }
  | { readonly do: "crash"; readonly node: number }
  | { readonly do: "stop"; readonly node: number }
  | { readonly do: "restart"; readonly node: number; readonly clock: number }
  | { readonly do: "freeze"; readonly node: number; readonly ms: number }
  | { readonly do: "cut"; readonly node: number; readonly ms: number };

export interface History {
  readonly seed: number;
  readonly nodes: number;
  readonly graceMs: number;
  /** Whether processes have a name that they keep over restarts. */
  readonly named: boolean;
  /** How many of the processes run a later version. */
  readonly newer: number;
  readonly corruption: number;
  readonly commands: readonly Command[];
}

const index = (max: number) => fc.nat(max);

/** The commands of a history, of which the longest run takes 15 seconds. */
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("join" as const), node: index(5), topic: index(1), key: index(3) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("leave" as const), node: index(5), which: index(20) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("update" as const), node: index(5), which: index(20) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("run" as const), ms: fc.oneof(index(100), index(4_000)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("run" as const), ms: fc.constant(15_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("split" as const), mask: index(63) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("heal" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("network" as const),
      loss: fc.constantFrom(0, 0, 0.01, 0.1, 0.3, 0.5, 0.9),
      duplication: fc.constantFrom(0, 0.1, 0.5),
      reordering: fc.constantFrom(0, 0.1, 0.5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), node: index(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stop" as const), node: index(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("restart" as const),
      node: index(5),
      clock: fc.integer({ min: -100_000, max: 100_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("freeze" as const), node: index(5), ms: fc.constantFrom(2_000, 20_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("cut" as const),
      node: index(5),
      ms: fc.constantFrom(2_000, 20_000, 60_000),
    }),
  },
);

/** Histories of 40 to 150 commands. Fast-check's own sizes would nearly always make short ones. */
export const histories: fc.Arbitrary<History> = fc.record({
  seed: fc.nat(0x7fff_ffff),
  nodes: fc.integer({ min: 2, max: 6 }),
  graceMs: fc.constantFrom(0, 0, 400, 3_000),
  named: fc.boolean(),
  newer: fc.constantFrom(0, 0, 0, 1, 2),
  corruption: fc.constantFrom(0, 0, 0.05),
  commands: fc.array(command, { minLength: 40, maxLength: 150, size: "max" }),
});

/** Numbers from 0 to 1, without 1: mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Task {
  readonly atMs: number;
  /** Of two tasks at one time the lower comes first: timers before messages, as in an event loop that was blocked. */
  readonly rank: 0 | 1;
  readonly number: number;
  readonly process: Process | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

function comesBefore(one: Task, other: Task): boolean {
  if (one.atMs !== other.atMs) return one.atMs < other.atMs;
  return one.rank === other.rank ? one.number < other.number : one.rank < other.rank;
}

/** Tasks, soonest first: a binary heap. */
class Agenda {
  readonly #tasks: Task[] = [];

  get next(): Task | undefined {
    return this.#tasks[0];
  }

  add(task: Task): void {
    const tasks = this.#tasks;
    let place = tasks.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = tasks[above];
      if (parent === undefined || !comesBefore(task, parent)) break;
      tasks[place] = parent;
      place = above;
    }
    tasks[place] = task;
  }

  take(): Task | undefined {
    const tasks = this.#tasks;
    const [first] = tasks;
    const last = tasks.pop();
    if (first === undefined || last === undefined || tasks.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = tasks[below];
      if (child === undefined) break;
      const right = tasks[below + 1];
      if (right !== undefined && comesBefore(right, child)) {
        child = right;
        below++;
      }
      if (!comesBefore(child, last)) break;
      tasks[place] = child;
      place = below;
    }
    tasks[place] = last;
    return first;
  }
}

/** Something that was promised did not hold. */
export class Breach extends Error {
  override readonly name = "Breach";
}

interface Own {
  readonly topic: string;
  readonly key: string;
  value: number;
  entry: OwnEntry;
}

/** One incarnation of a process. */
class Process {
  readonly node: number;
  readonly rid: string;
  readonly tracker: Tracker;
  readonly own: Own[] = [];
  /** All diffs so far, applied in order. */
  readonly replayed = new Map<string, Presences<Readonly<Record<string, unknown>>>>();
  /** Keys that came (`+ada`) and went (`-ada`), in order. */
  readonly comings: string[] = [];
  /** Writers whose goodbye has arrived here. */
  readonly goodbyes = new Set<string>();
  isRunning = true;
  frozenUntilMs = 0;
  cutUntilMs = 0;
  /** Until when it may list what others have known to be dead for long. */
  excusedUntilMs = 0;

  constructor(node: number, rid: string, tracker: Tracker) {
    this.node = node;
    this.rid = rid;
    this.tracker = tracker;
  }
}

export interface WorldOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly graceMs?: number | undefined;
  readonly named?: boolean | undefined;
  readonly newer?: number | undefined;
  readonly corruption?: number | undefined;
  readonly safety?: SafetyLayers | undefined;
}

const CALM: NetworkConditions = { loss: 0, duplication: 0, reordering: 0, reorderMs: 3_000, corruption: 0 };
const MAX_MESSAGE_BYTES = 64 * 1024;
/** How long after a death its last message may arrive. */
const LATEST_MS = 3_100;
const TWO_BEATS_MS = 2 * 1.1 * DEFAULT_TIMINGS.heartbeatMs;
const FLUSH_MS = 100;

/** The simulated cluster. All that happens is decided by `seed`. */
export class World {
  readonly #options: WorldOptions;
  readonly #random: () => number;
  readonly #agenda = new Agenda();
  readonly #processes: (Process | undefined)[] = [];
  /** When each incarnation ended, by the start of its refs. */
  readonly #deaths = new Map<string, number>();
  #network: NetworkConditions = CALM;
  /** When the last message that kept its order arrives, by sender and receiver. */
  readonly #lines = new Map<string, number>();
  #mask = 0;
  #nowMs = 0;
  #tasks = 0;
  #incarnations = 0;
  #values = 0;
  /** What was sent, for figures. */
  readonly sent = { messages: 0, bytes: 0, largest: 0 };

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = randomNumbers(options.seed);
    for (let node = 0; node < options.nodes; node++) this.start(node, 0);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get processes(): readonly Process[] {
    return this.#processes.filter((process) => process?.isRunning === true).filter((process) => process !== undefined);
  }

  process(node: number): Process | undefined {
    const process = this.#processes[node % this.#options.nodes];
    return process?.isRunning === true ? process : undefined;
  }

  /** One that runs, and can do something. */
  #awake(node: number): Process | undefined {
    const process = this.process(node);
    return process === undefined || process.frozenUntilMs > this.#nowMs ? undefined : process;
  }

  // ── what happens ──

  do(next: Command): void {
    switch (next.do) {
      case "join":
        return this.join(next.node, `topic ${next.topic}`, `key ${next.key}`);
      case "leave":
        return this.leave(next.node, next.which);
      case "update":
        return this.update(next.node, next.which);
      case "run":
        return this.run(next.ms);
      case "split":
        this.#mask = next.mask;
        return;
      case "heal":
        this.#mask = 0;
        return;
      case "network":
        this.setNetwork({ ...next, corruption: this.#options.corruption ?? 0 });
        return;
      case "crash":
        return this.crash(next.node);
      case "stop":
        return this.stop(next.node);
      case "restart":
        if (this.process(next.node) === undefined) this.start(next.node % this.#options.nodes, next.clock);
        return;
      case "freeze":
        return this.freeze(next.node, next.ms);
      case "cut":
        return this.cut(next.node, next.ms);
    }
  }

  setNetwork(conditions: Partial<NetworkConditions>): void {
    this.#network = { ...CALM, ...conditions };
  }

  split(mask: number): void {
    this.#mask = mask;
  }

  /** @param clockMs what its clock shows more than ours */
  start(node: number, clockMs: number): void {
    // Refs begin with the first twelve characters.
    const rid = `${String(++this.#incarnations).padStart(8, "0")}-${node}`.padEnd(22, "r");
    const { graceMs = 0, named = false, safety = ALL_LAYERS } = this.#options;
    const tracker = new Tracker(
      {
        rid,
        node: named ? `node ${node}` : "",
        mayHavePeers: () => true,
        timings: DEFAULT_TIMINGS,
        safety,
        graceOf: () => graceMs,
      },
      {
        now: () => this.#nowMs + clockMs,
        random: this.#random,
        after: (ms, run) => this.#after(ms, process, run),
        send: (to, text) => this.#send(process, to, text),
        changed: (topic, change) => this.#told(process, tracker.commit(topic, change)),
        flushes: () => {},
      },
    );
    const process = new Process(node, rid, tracker);
    this.#processes[node] = process;
    tracker.hello();
  }

  join(node: number, topic: string, key: string): void {
    const process = this.#awake(node);
    if (process === undefined) return;
    const value = ++this.#values;
    const entry = process.tracker.put(topic, key, packMeta({ value }, topic, 1_024), undefined);
    process.own.push({ topic, key, value, entry });
  }

  update(node: number, which: number): void {
    const process = this.#awake(node);
    const own = process?.own[which % Math.max(1, process.own.length)];
    if (process === undefined || own === undefined) return;
    own.value = ++this.#values;
    const packed = packMeta({ value: own.value }, own.topic, 1_024);
    own.entry = process.tracker.put(own.topic, own.key, packed, own.entry);
  }

  leave(node: number, which: number): void {
    const process = this.#awake(node);
    const [own] = process?.own.splice(which % Math.max(1, process.own.length), 1) ?? [];
    if (own !== undefined) process?.tracker.remove(own.entry);
  }

  crash(node: number): void {
    const process = this.process(node);
    if (process !== undefined) this.#bury(process);
  }

  stop(node: number): void {
    const process = this.#awake(node);
    if (process === undefined) return;
    process.tracker.close();
    this.#bury(process);
  }

  freeze(node: number, ms: number): void {
    const process = this.process(node);
    if (process === undefined) return;
    process.frozenUntilMs = Math.max(process.frozenUntilMs, this.#nowMs + ms);
    // Its timers are late by that much, and it excuses the others for as long.
    process.excusedUntilMs = Math.max(process.excusedUntilMs, this.#nowMs + 2 * ms);
  }

  /** The process loses its backplane, and knows. */
  cut(node: number, ms: number): void {
    const process = this.#awake(node);
    if (process === undefined) return;
    process.cutUntilMs = this.#nowMs + ms;
    process.excusedUntilMs = Math.max(process.excusedUntilMs, this.#nowMs + ms + 30_000);
    process.tracker.setConnected(false);
    this.#after(ms, process, () => {
      if (process.cutUntilMs <= this.#nowMs) process.tracker.setConnected(true);
    });
  }

  #bury(process: Process): void {
    process.isRunning = false;
    this.#deaths.set(process.rid.slice(0, 12), this.#nowMs);
  }

  run(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const { next } = this.#agenda;
      if (next === undefined || next.atMs > untilMs) break;
      const task = this.#agenda.take();
      if (task === undefined || task.isCancelled || task.process?.isRunning === false) continue;
      const frozenUntilMs = task.process?.frozenUntilMs ?? 0;
      if (frozenUntilMs > task.atMs) {
        // As it was, so that who set it can still cancel it.
        this.#agenda.add(Object.assign(task, { atMs: frozenUntilMs }));
        continue;
      }
      this.#nowMs = task.atMs;
      task.run();
    }
    this.#nowMs = untilMs;
    this.#expectNoDead();
  }

  // ── the network ──

  #after(ms: number, process: Process, run: () => void): () => void {
    const task: Task = {
      atMs: this.#nowMs + ms,
      rank: 0,
      number: ++this.#tasks,
      process,
      run,
      isCancelled: false,
    };
    this.#agenda.add(task);
    return () => void (task.isCancelled = true);
  }

  #send(from: Process, to: string | undefined, text: string): void {
    const bytes = Buffer.byteLength(JSON.stringify(text));
    this.sent.messages++;
    this.sent.bytes += bytes;
    this.sent.largest = Math.max(this.sent.largest, bytes);
    if (bytes > MAX_MESSAGE_BYTES) throw new Breach(`I6: a message has ${bytes} bytes`);
    if (from.cutUntilMs > this.#nowMs) return;
    const isNewer = from.node < (this.#options.newer ?? 0);
    const texts = isNewer ? laterVersion(text, this.#random) : [text];
    for (const receiver of this.processes) {
      if (receiver === from || (to !== undefined && receiver.rid !== to)) continue;
      if (((this.#mask >> receiver.node) & 1) !== ((this.#mask >> from.node) & 1)) continue;
      for (const each of texts) this.#carry(from, receiver, each);
    }
  }

  #carry(from: Process, receiver: Process, text: string): void {
    const { loss, duplication, reordering, reorderMs, corruption } = this.#network;
    const copies = this.#random() < duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (loss > 0 && this.#random() < loss) continue;
      const isLate = this.#random() < reordering;
      const soonestMs = this.#nowMs + 1 + 20 * this.#random();
      // Along one line messages keep their order, but for those that do not.
      const line = `${from.rid} ${receiver.rid}`;
      const inOrderMs = Math.max(soonestMs, this.#lines.get(line) ?? 0);
      if (!isLate) this.#lines.set(line, inOrderMs);
      const atMs = isLate ? soonestMs + reorderMs * this.#random() : inOrderMs;
      const arriving = corruption > 0 && this.#random() < corruption ? corrupted(text) : text;
      this.#agenda.add({
        atMs,
        rank: 1,
        number: ++this.#tasks,
        process: receiver,
        run: () => {
          if (receiver.cutUntilMs > this.#nowMs) return;
          if (arriving.startsWith('[1,"b"')) receiver.goodbyes.add(String(JSON.parse(arriving)[2]).slice(0, 12));
          receiver.tracker.receive(arriving);
        },
        isCancelled: false,
      });
    }
  }

  // ── what must hold ──

  /** I2: nobody leaves who was not listed, nobody joins who was, and the diffs make up the list. */
  #told(process: Process, { diff, came, went }: Committed): void {
    const before = process.replayed.get(diff.topic) ?? emptyTable();
    // Written when it is needed only: this runs at each change of each of many thousand histories.
    const at = (): string => `at ${this.#nowMs} on ${process.rid}: ${JSON.stringify(diff)}`;
    for (const key in diff.leaves) {
      for (const { ref } of diff.leaves[key]?.metas ?? []) {
        if (!isListed(before, key, ref)) throw new Breach(`I2: a leave without its join, ${at()}`);
      }
    }
    for (const key in diff.joins) {
      for (const { ref } of diff.joins[key]?.metas ?? []) {
        if (isListed(before, key, ref)) throw new Breach(`I2: a second join, ${at()}`);
        if (process.goodbyes.has(refOwner(ref))) throw new Breach(`I3: a join after the goodbye, ${at()}`);
      }
    }
    for (const key of came) if (key in before) throw new Breach(`I2: ${key} comes twice, ${at()}`);
    const after = applyDiff(before, diff);
    for (const key of went) if (key in after) throw new Breach(`I2: ${key} has not gone, ${at()}`);
    process.replayed.set(diff.topic, after);
    process.comings.push(...came.map((key) => `+${key}`), ...went.map((key) => `-${key}`));
  }

  /** I2, the rest: what the diffs make up is the list. */
  expectReplayed(): void {
    for (const { tracker, replayed, rid } of this.processes) {
      for (const [topic, presences] of replayed) {
        const listed = JSON.stringify(sorted(tracker.listing.list(topic)));
        if (listed === JSON.stringify(sorted(presences))) continue;
        throw new Breach(`I2: the diffs do not make up the list of ${topic} on ${rid}`);
      }
    }
  }

  /** I3: nobody lists an entry of a process that ended long ago. */
  #expectNoDead(): void {
    const { downAfterMs } = DEFAULT_TIMINGS;
    const limitMs = LATEST_MS + downAfterMs + TWO_BEATS_MS + FLUSH_MS + (this.#options.graceMs ?? 0);
    for (const process of this.processes) {
      if (process.frozenUntilMs > this.#nowMs) continue;
      const knownSinceMs = process.excusedUntilMs;
      for (const [topic, presences] of process.replayed) {
        for (const { metas } of Object.values(presences)) {
          for (const { ref } of metas) {
            const diedMs = this.#deaths.get(refOwner(ref));
            if (diedMs === undefined || this.#nowMs - Math.max(diedMs, knownSinceMs) <= limitMs) continue;
            throw new Breach(
              `I3: ${process.rid} still lists ${ref} in ${topic}, ${this.#nowMs - diedMs} ms after its death`,
            );
          }
        }
      }
    }
  }

  /** I1: everybody lists exactly what the living have. */
  differences(): string | undefined {
    const truth = this.processes
      .flatMap(({ own }) => own.map(({ topic, key, value }) => `${topic}/${key}/${value}`))
      .toSorted()
      .join("\n");
    for (const { replayed, rid } of this.processes) {
      const listed: string[] = [];
      for (const [topic, presences] of replayed) {
        for (const [key, { metas }] of Object.entries(presences)) {
          for (const meta of metas) listed.push(`${topic}/${key}/${String(meta["value"])}`);
        }
      }
      const all = listed.toSorted().join("\n");
      if (all !== truth) return `${rid} lists\n${all.slice(0, 2_000)}\nbut the truth is\n${truth.slice(0, 2_000)}`;
    }
    return undefined;
  }

  /** Heals the network but for one message in twenty, and waits for what is promised then. */
  settle(ms: number): void {
    this.split(0);
    this.setNetwork({ loss: 0.05 });
    const interruptedUntilMs = this.processes.map(({ frozenUntilMs, cutUntilMs }) =>
      Math.max(frozenUntilMs, cutUntilMs),
    );
    this.run(Math.max(0, ...interruptedUntilMs.map((untilMs) => untilMs - this.#nowMs)) + ms);
    const difference = this.differences();
    if (difference !== undefined) throw new Breach(`I1: after ${ms} ms of a good network, ${difference}`);
    this.expectReplayed();
    this.expectBounded();
  }

  /** I4: what is kept is bounded by what is there. */
  expectBounded(): void {
    for (const { tracker, rid } of this.processes) {
      const { replicas, tombstones, kept, partials } = tracker.state.counts;
      if (replicas > 1_000 || tombstones > 2_000 || kept > 4_000) throw new Breach(`I4: ${rid} keeps too much`);
      if (partials > 1) throw new Breach(`I4: ${rid} keeps ${partials} parts of snapshots`);
    }
  }
}

function refOwner(ref: string): string {
  return ref.slice(0, 12);
}

function isListed(presences: Presences<object>, key: string, ref: string): boolean {
  return presences[key]?.metas.some((meta) => meta.ref === ref) === true;
}

function sorted(presences: Presences<object>): unknown {
  return Object.entries(presences).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** What a later version may send: more elements, messages of other kinds and versions, operations of another kind (I7). */
function laterVersion(text: string, random: () => number): string[] {
  // Our own trackers have just written it.
  const message = JSON.parse(text) as unknown[];
  if (message[1] === "d" && random() < 0.2) {
    const ops = message[5] as unknown[];
    ops[0] = ["~", 1, { patch: true }];
  }
  message.push("later", { more: [1, 2, 3] });
  return [
    JSON.stringify(message),
    JSON.stringify([1, "z", message[2], "a kind of message that is not known"]),
    JSON.stringify([2, "h", message[2], "", 1e9, 0, 0, 0]),
  ];
}

/** As if a byte had changed on the way, in a place where nothing shows it. */
function corrupted(text: string): string {
  return text.replace(/"key \d"/, '"key x"');
}

/** Plays a history. @returns the first breach of what is promised; `undefined` if there is none */
export function play(history: History, safety: SafetyLayers = ALL_LAYERS): string | undefined {
  try {
    const world = new World({ ...history, safety });
    for (const each of history.commands) world.do(each);
    world.settle(20_000 + history.graceMs);
    return undefined;
  } catch (error) {
    if (error instanceof Breach) return error.message;
    throw error;
  }
}
