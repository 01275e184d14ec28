import { nowMicros } from "../stamp.ts";
import { Histogram } from "./histogram.ts";
import type { Visitor } from "./visitor.ts";

export interface ClickOrder {
  readonly seconds: number;
  /** Seconds before that which are not counted. */
  readonly warmUpSeconds: number;
  readonly event: string;
  /** `cell`: each click names a row and a new text; `none`: what a plain button sends. */
  readonly value: "none" | "cell";
}

export interface ClickReport {
  readonly replies: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Mean bytes of a reply, the whole frame's text. */
  readonly frameBytes: number;
  /** Mean bytes of its payload alone: the frame without refs, topic and event name. */
  readonly payloadBytes: number;
}

/** The value of a click on a button that has none. */
const PLAIN_CLICK = '{"value":""}';
const REPLY_EVENT = Buffer.from('"phx_reply",');

/** Every visitor clicks, waits for the reply, and clicks again. */
export async function clickInClosedLoop(visitors: readonly Visitor[], order: ClickOrder): Promise<ClickReport> {
  const latencies = new Histogram();
  const nextValue = order.value === "cell" ? cells() : () => PLAIN_CLICK;
  let frameBytes = 0;
  let envelopeBytes = 0;
  let isCounting = false;
  let isOver = false;
  let waiting = visitors.length;
  const drained = new Promise<void>((resolve) => {
    for (const visitor of visitors) {
      let sentMicros = nowMicros();
      const click = (): void => {
        sentMicros = nowMicros();
        visitor.socket.sendText(visitor.event(order.event, nextValue()));
      };
      visitor.socket.onText = (bytes, start, end) => {
        if (isCounting) {
          const reply = bytes.indexOf(REPLY_EVENT, start);
          latencies.add(nowMicros() - sentMicros);
          frameBytes += end - start;
          // The payload is all between the event's name and the frame's closing bracket.
          if (reply !== -1 && reply < end) envelopeBytes += reply - start + REPLY_EVENT.length + 1;
        }
        if (!isOver) click();
        else if (--waiting === 0) resolve();
      };
      click();
    }
  });
  await wait(order.warmUpSeconds);
  isCounting = true;
  const startMicros = nowMicros();
  await wait(order.seconds);
  isCounting = false;
  const seconds = (nowMicros() - startMicros) / 1_000_000;
  isOver = true;
  await Promise.race([drained, wait(5).then(() => Promise.reject(new Error(`${waiting} clicks were never answered`)))]);
  const replies = latencies.total;
  return {
    replies,
    seconds,
    p50Ms: latencies.percentileMs(0.5),
    p99Ms: latencies.percentileMs(0.99),
    frameBytes: frameBytes / replies,
    payloadBytes: (frameBytes - envelopeBytes) / replies,
  };
}

/** Rows in an order that skips about, and a text that differs from the one before. */
function cells(): () => string {
  let count = 0;
  return () => {
    count++;
    return `{"row":"${(count * 617) % 1_000}","text":"${count % 997}","value":""}`;
  };
}

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
