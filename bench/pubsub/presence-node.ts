/** A node with a presence, over Redis: tracks, follows the diffs, and tells what both cost it. */
import { Presence, topic, type PresenceDiff } from "wingbeat";
import { RedisPubSub } from "wingbeat/pubsub/redis";
import { serveCommands } from "../rpc.ts";
import { nowMicros } from "../stamp.ts";

export interface TrackOrder {
  /** Numbers of the keys: from, to, without the last. Each is tracked once, all in one turn. */
  readonly from: number;
  readonly to: number;
}

export interface Timed {
  /** By the machine's monotonic clock. */
  readonly startMicros: number;
  readonly endMicros: number;
}

export interface PresenceNodeCommands {
  connect(redisUrl: string): Promise<void>;
  /** Makes the presence. Resolves when that many are listed. */
  attend(presences: number): Promise<Timed>;
  track(order: TrackOrder): Promise<Timed>;
  /** Resolves when that many are listed, with when that was. */
  reach(presences: number): Promise<number>;
  /** How long one call of `list` takes, in milliseconds, and how many keys it has. */
  list(input: null): Promise<{ readonly ms: number; readonly keys: number }>;
  /** CPU time so far, in microseconds. */
  cpu(input: null): Promise<number>;
  /** The heap, and what buffers hold, after a garbage collection. */
  bytes(input: null): Promise<number>;
}

type Who = { readonly name: string; readonly typing: boolean };

const room = topic<PresenceDiff<Who>>("room");
let pubSub: RedisPubSub | undefined;
let presence: Presence<Who> | undefined;
let listed = 0;
/** Who waits for so many to be listed. */
const waiting = new Set<{ readonly presences: number; readonly resolve: (micros: number) => void }>();

serveCommands<PresenceNodeCommands>({
  connect: async (redisUrl) => {
    pubSub = new RedisPubSub({ url: redisUrl });
    await pubSub.subscribe(room, ({ joins, leaves }) => {
      listed += Object.keys(joins).length - Object.keys(leaves).length;
      for (const waiter of waiting) {
        if (listed !== waiter.presences) continue;
        waiting.delete(waiter);
        waiter.resolve(nowMicros());
      }
    });
  },
  attend: async (presences) => {
    const startMicros = nowMicros();
    presence = new Presence<Who>({ pubSub });
    return { startMicros, endMicros: await reached(presences) };
  },
  track: async ({ from, to }) => {
    const startMicros = nowMicros();
    for (let number = from; number < to; number++) {
      void opened().track({ id: String(number) }, room, `visitor:${number}`, {
        name: `Visitor ${number}`,
        typing: false,
      });
    }
    return { startMicros, endMicros: nowMicros() };
  },
  reach: reached,
  list: async () => {
    const startMicros = nowMicros();
    const list = opened().list(room);
    return { ms: (nowMicros() - startMicros) / 1_000, keys: Object.keys(list).length };
  },
  cpu: async () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  bytes: async () => {
    // Twice: what the first one has finalized, the second one frees.
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
});

function reached(presences: number): Promise<number> {
  if (listed === presences) return Promise.resolve(nowMicros());
  return new Promise((resolve) => waiting.add({ presences, resolve }));
}

function opened(): Presence<Who> {
  if (presence === undefined) throw new Error("attend first");
  return presence;
}
