import { setTimeout as sleep } from "node:timers/promises";
import { nowMicros, publishedMicros, sequenceOf, stamp } from "../stamp.ts";
import { Histogram } from "./histogram.ts";
import { HttpConnection } from "./http-connection.ts";
import { visitPhoenix } from "./phoenix-visitor.ts";
import type { Visitor } from "./visitor.ts";

export interface RoomsOrder {
  readonly port: number;
  /** The pages of the rooms. */
  readonly paths: readonly string[];
  /** Of all visitors, who are dealt out to the rooms one after the other. */
  readonly cookies: readonly string[];
}

export interface TalkOrder {
  /** Messages a second in each room, said in turn by those who are there. */
  readonly perSecond: number;
  readonly seconds: number;
}

export interface TalkReport {
  readonly messages: number;
  /** Messages that reached somebody, the speaker included. */
  readonly frames: number;
  /** Messages that did not. */
  readonly missing: number;
  /** Messages that came again, or after a later one. */
  readonly outOfOrder: number;
  readonly bytesPerFrame: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** What one of them was sent. */
  readonly frame: string;
}

const STAMP_LENGTH = 25;
const AT_ONCE = 20;
/** How long to wait for the last messages, in milliseconds. */
const PATIENCE_MS = 5_000;

/** People in rooms, who hear those of their own. */
export class Chatters {
  #rooms: Visitor[][] = [];
  #said = 0;

  /** Resolves with the seconds that it took. */
  async enter({ port, paths, cookies }: RoomsOrder): Promise<number> {
    const startMicros = nowMicros();
    this.#rooms = paths.map(() => []);
    const waiting = cookies.map((cookie, index) => ({ cookie, room: index % paths.length }));
    const arrive = async (): Promise<void> => {
      const http = new HttpConnection(port);
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { cookie, room } = next;
        const visitor = await visitPhoenix({ dialect: "phoenix", port, path: paths[room] ?? "", cookie }, http);
        visitor.socket.onText = () => {};
        this.#rooms[room]?.push({ ...visitor, joinReply: "" });
      }
      http.close();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, arrive));
    return (nowMicros() - startMicros) / 1_000_000;
  }

  async talk({ perSecond, seconds }: TalkOrder): Promise<TalkReport> {
    const latencies = new Histogram();
    let bytes = 0;
    let texts = 0;
    let outOfOrder = 0;
    let frame = "";
    for (const visitor of this.#rooms.flat()) {
      let last = -1;
      visitor.socket.onText = (buffer, start, end) => {
        const now = nowMicros();
        let isMessage = false;
        for (let at = findStamp(buffer, start, end); at !== -1; at = findStamp(buffer, at + STAMP_LENGTH, end)) {
          isMessage = true;
          const sequence = sequenceOf(buffer, at);
          if (sequence <= last) outOfOrder++;
          else last = sequence;
          latencies.add(now - publishedMicros(buffer, at));
        }
        if (!isMessage) return;
        bytes += end - start;
        texts++;
        if (frame === "") frame = buffer.toString("utf8", start, end);
      };
    }
    const startMicros = nowMicros();
    let messages = 0;
    let expected = 0;
    // All rooms over the second, as people do, and not all of them at the same moment.
    const everyMs = 1_000 / (perSecond * this.#rooms.length);
    while ((nowMicros() - startMicros) / 1_000_000 < seconds) {
      const room = this.#rooms[messages % this.#rooms.length] ?? [];
      const speaker = room[Math.floor(messages / this.#rooms.length) % room.length];
      speaker?.socket.sendText(speaker.event("send", JSON.stringify({ text: stamp(this.#said++) })));
      expected += room.length;
      messages++;
      const waitMs = (startMicros + messages * everyMs * 1_000 - nowMicros()) / 1_000;
      if (waitMs > 0) await sleep(waitMs);
    }
    for (const untilMs = performance.now() + PATIENCE_MS; latencies.total < expected;) {
      if (performance.now() > untilMs) break;
      await sleep(20);
    }
    return {
      messages,
      frames: latencies.total,
      missing: expected - latencies.total,
      outOfOrder,
      bytesPerFrame: bytes / texts,
      seconds: (nowMicros() - startMicros) / 1_000_000,
      p50Ms: latencies.percentileMs(0.5),
      p99Ms: latencies.percentileMs(0.99),
      maxMs: latencies.maxMs,
      frame,
    };
  }
}

/** Where the next mark begins, or -1: a frame may hold several messages. */
function findStamp(bytes: Buffer, from: number, end: number): number {
  for (let at = bytes.indexOf("@", from); at !== -1 && at + STAMP_LENGTH <= end; at = bytes.indexOf("@", at + 1)) {
    if (bytes[at + 17] === 0x3a && bytes[at + STAMP_LENGTH - 1] === 0x40) return at;
  }
  return -1;
}
