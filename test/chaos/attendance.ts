// The part of a node that has presences: it tracks, follows the diffs by itself, and keeps account of both.

import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { Presence } from "../../src/presence/presence.ts";
import type { PresenceDiff, Presences } from "../../src/presence/presences.ts";
import type { PubSub } from "../../src/pubsub/pubsub.ts";
import { topic } from "../../src/pubsub/topic.ts";
import type { AttendanceReport, PresenceAnswers, PresenceOrder, Roll, Sum } from "./presence-orders.ts";

/** What nodes track: who it is, of which node, and how often that was updated. */
type Meta = { readonly of: string; readonly who: string; readonly version: number };
type Listed = Presences<Meta>[string]["metas"][number];

/** Keys of this room stay listed for that long. All others have no grace. */
export const GRACED = "graced";
const GRACE_MS = 8_000;
export const ROOMS: readonly string[] = ["room", GRACED];
const TICK_MS = 10;
const MAX_VIOLATIONS = 20;

export class Attendance {
  readonly #name: string;
  readonly #presence: Presence<Meta>;
  readonly #rooms = new Map<string, Room>();
  readonly #turns = new Turns();
  #churning: NodeJS.Timeout | undefined;

  private constructor(name: string, bus: PubSub, onError: (error: Error) => void) {
    this.#name = name;
    const graceMs = (room: string): number => (room === GRACED ? GRACE_MS : 0);
    this.#presence = new Presence<Meta>({ pubSub: bus, node: name, graceMs, onError });
  }

  static async open(name: string, bus: PubSub, onError: (error: Error) => void): Promise<Attendance> {
    const attendance = new Attendance(name, bus, onError);
    for (const event of ["join", "leave"] as const) {
      attendance.#presence.on(event, (change) => attendance.#room(change.topic).told.push([event, change.key]));
    }
    for (const name_ of ROOMS) {
      const room = attendance.#room(name_);
      await bus.subscribe(topic<PresenceDiff<Meta>>(name_), (diff) => room.follow(diff));
    }
    return attendance;
  }

  async obey(order: Exclude<PresenceOrder, { type: "attend" }>): Promise<PresenceAnswers[PresenceOrder["type"]]> {
    switch (order.type) {
      case "enter":
        for (const key of order.keys) this.#put(order.room, key, this.#who(key));
        return null;
      case "churn":
        this.#churn(order.room, order.keys, order.perSecond);
        return null;
      case "rest":
        clearInterval(this.#churning);
        return null;
      case "rush":
        return this.#rush(order.room, order.joins, order.withinMs);
      case "attendance":
        return this.#report(order.room);
      case "roll":
        return this.#roll(order.room);
    }
  }

  close(): Promise<void> {
    clearInterval(this.#churning);
    this.#turns.stop();
    return this.#presence.close();
  }

  #room(name: string): Room {
    const room = this.#rooms.get(name) ?? new Room();
    this.#rooms.set(name, room);
    return room;
  }

  #who(key: string, tab = 0): string {
    return `${this.#name}/${key}/${tab}`;
  }

  /** Tracks, or updates what is tracked. */
  #put(room: string, key: string, who: string): void {
    const { own } = this.#room(room);
    const version = own.get(who)?.version;
    const meta = { of: this.#name, who, version: (version ?? 0) + 1 };
    own.set(who, { key, version: meta.version });
    if (version === undefined) void this.#presence.track({ id: who }, topic<PresenceDiff<Meta>>(room), key, meta);
    else void this.#presence.update({ id: who }, room, key, () => meta);
  }

  #remove(room: string, key: string, who: string): void {
    this.#room(room).own.delete(who);
    void this.#presence.untrack({ id: who }, room, key);
  }

  #churn(room: string, keys: readonly string[], perSecond: number): void {
    clearInterval(this.#churning);
    let owed = 0;
    this.#churning = setInterval(() => {
      for (owed += (perSecond * TICK_MS) / 1_000; owed >= 1; owed--) {
        const key = keys[Math.floor(Math.random() * keys.length)] ?? "";
        const who = this.#who(key, Math.floor(Math.random() * 2));
        if (this.#room(room).own.has(who) && Math.random() < 0.5) this.#remove(room, key, who);
        else this.#put(room, key, who);
      }
    }, TICK_MS);
  }

  async #rush(room: string, joins: number, withinMs: number): Promise<number> {
    const startMs = performance.now();
    const keyOf = (index: number): string => `rush:${this.#name}:${index}`;
    let joined = 0;
    while (joined < joins) {
      const due = Math.min(joins, Math.ceil((joins * (performance.now() - startMs + TICK_MS)) / withinMs));
      for (; joined < due; joined++) this.#put(room, keyOf(joined), this.#who(keyOf(joined)));
      await pause(TICK_MS);
    }
    for (let index = 0; index < joins; index += 2) this.#remove(room, keyOf(index), this.#who(keyOf(index)));
    return Date.now();
  }

  #report(name: string): AttendanceReport {
    const { joins, leaves, diffs, violations, own } = this.#room(name);
    const listedOf: { [name: string]: number } = {};
    const metas = metasOf(this.#presence.list(name));
    for (const { of } of metas) listedOf[of] = (listedOf[of] ?? 0) + 1;
    const busyP99Ms = this.#turns.takeP99Ms();
    const listed = sum(metas, (meta) => `${meta.who} ${meta.version}`);
    const tracked = sum(own, ([who, { version }]) => `${who} ${version}`);
    return { own: tracked, listed, listedOf, joins, leaves, diffs, violations, busyP99Ms };
  }

  async #roll(name: string): Promise<Roll> {
    const listed = linesOf(this.#presence.list(name));
    // What the list has told just now has reached the listener then.
    await nextTurn();
    const { own, replayed, told } = this.#room(name);
    const tracked = [...own].map(([who, { key, version }]) => `${key} ${who} ${version}`);
    return { own: tracked.sort(), listed, replayed: replayed(), told };
  }
}

/**
 * How long the event loop was kept from a timer, in CPU time of this process: what else runs on the machine cannot make
 * that longer.
 */
class Turns {
  readonly #timer: NodeJS.Timeout;
  #busyMs: number[] = [];
  #usage = process.cpuUsage();

  constructor() {
    this.#timer = setInterval(() => {
      const { user, system } = process.cpuUsage(this.#usage);
      this.#usage = process.cpuUsage();
      this.#busyMs.push((user + system) / 1_000);
    }, TICK_MS);
  }

  /** Since the last call. */
  takeP99Ms(): number {
    const sorted = this.#busyMs.sort((a, b) => a - b);
    this.#busyMs = [];
    return sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** What was tracked in one room, and what was heard of it. */
class Room {
  readonly own = new Map<string, { readonly key: string; readonly version: number }>();
  readonly told: [string, string][] = [];
  readonly violations: string[] = [];
  joins = 0;
  leaves = 0;
  diffs = 0;
  /** By key, and then by `ref`. Not `syncDiff`, which is to be checked: this one forgives nothing. */
  readonly #present = new Map<string, Map<string, Listed>>();

  follow({ joins, leaves }: PresenceDiff<Meta>): void {
    this.diffs++;
    for (const [key, { metas }] of Object.entries(leaves)) for (const meta of metas) this.#left(key, meta);
    for (const [key, { metas }] of Object.entries(joins)) for (const meta of metas) this.#joined(key, meta);
  }

  readonly replayed = (): readonly string[] =>
    [...this.#present].flatMap(([key, metas]) => [...metas.values()].map((meta) => lineOf(key, meta))).sort();

  #left(key: string, meta: Listed): void {
    this.leaves++;
    const metas = this.#present.get(key);
    if (metas?.delete(meta.ref) !== true) this.#violated(`${lineOf(key, meta)} left and was not there`);
    if (metas?.size === 0) this.#present.delete(key);
  }

  #joined(key: string, meta: Listed): void {
    this.joins++;
    const metas = this.#present.get(key) ?? new Map<string, Listed>();
    this.#present.set(key, metas);
    if (metas.has(meta.ref)) this.#violated(`${lineOf(key, meta)} joined and was there`);
    metas.set(meta.ref, meta);
  }

  #violated(what: string): void {
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push(what);
  }
}

const metasOf = (list: Presences<Meta>): Listed[] => Object.values(list).flatMap(({ metas }) => metas);

const linesOf = (list: Presences<Meta>): readonly string[] =>
  Object.entries(list)
    .flatMap(([key, { metas }]) => metas.map((meta) => lineOf(key, meta)))
    .sort();

const lineOf = (key: string, { who, version }: Listed): string => `${key} ${who} ${version}`;

/** The same for the same lines in any order. */
function sum<T>(items: Iterable<T>, toLine: (item: T) => string): Sum {
  let [count, total] = [0, 0];
  for (const item of items) {
    count++;
    total = (total + hashOf(toLine(item))) >>> 0;
  }
  return { count, hash: total };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
