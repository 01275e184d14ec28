import { findStamp, nowMicros, publishedMicros, sequenceOf } from "../stamp.ts";
import { Histogram } from "./histogram.ts";
import type { TextHandler } from "./raw-web-socket.ts";

/** Silence after which nothing more is expected, in milliseconds. */
const QUIET_MS = 400;

export interface DeliveryReport {
  /** Frames with a mark that arrived. */
  readonly frames: number;
  readonly bytesPerFrame: number;
  /** From the first publication to the last arrival, in seconds. */
  readonly seconds: number;
  /** From the first publication until every client had been shown the last message, in seconds; NaN if one never was. */
  readonly secondsToLast: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Frames that were older than one the same client had before. */
  readonly outOfOrder: number;
  /** Clients whose last frame was not the last message. */
  readonly endedWrong: number;
}

/** Records what arrives at many clients. One record serves one measurement. */
export class Deliveries {
  readonly #last: number;
  readonly #newest: Int32Array;
  readonly #latest: Int32Array;
  readonly #latencies = new Histogram();
  #bytes = 0;
  #outOfOrder = 0;
  #complete = 0;
  #firstMicros = Number.POSITIVE_INFINITY;
  #completeMicros = Number.NaN;
  #arrivalMicros = 0;

  /** `last`: the sequence of the last message that will be published. */
  constructor(clients: number, last: number) {
    this.#last = last;
    this.#newest = new Int32Array(clients).fill(-1);
    this.#latest = new Int32Array(clients).fill(-1);
  }

  /** What to do with the texts of client number `index`. */
  handler(index: number): TextHandler {
    return (bytes, start, end) => {
      const at = findStamp(bytes, start, end);
      if (at !== -1) this.#arrived(index, sequenceOf(bytes, at), publishedMicros(bytes, at), end - start);
    };
  }

  /** Resolves once every client was shown the last message and nothing more comes, or after `timeoutMs` of silence. */
  async finished(timeoutMs: number): Promise<DeliveryReport> {
    const startMicros = nowMicros();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const quietMs = (nowMicros() - Math.max(this.#arrivalMicros, startMicros)) / 1_000;
      const isComplete = this.#complete === this.#newest.length;
      if (quietMs > (isComplete ? QUIET_MS : timeoutMs)) return this.#report();
    }
  }

  #arrived(index: number, sequence: number, published: number, bytes: number): void {
    const now = nowMicros();
    this.#arrivalMicros = now;
    if (published < this.#firstMicros) this.#firstMicros = published;
    this.#latencies.add(now - published);
    this.#bytes += bytes;
    this.#latest[index] = sequence;
    if (sequence < (this.#newest[index] ?? 0)) this.#outOfOrder++;
    else this.#newest[index] = sequence;
    if (sequence === this.#last && ++this.#complete === this.#newest.length) this.#completeMicros = now;
  }

  #report(): DeliveryReport {
    return {
      frames: this.#latencies.total,
      bytesPerFrame: this.#bytes / this.#latencies.total,
      seconds: (this.#arrivalMicros - this.#firstMicros) / 1_000_000,
      secondsToLast: (this.#completeMicros - this.#firstMicros) / 1_000_000,
      p50Ms: this.#latencies.percentileMs(0.5),
      p99Ms: this.#latencies.percentileMs(0.99),
      maxMs: this.#latencies.maxMs,
      outOfOrder: this.#outOfOrder,
      endedWrong: this.#latest.reduce((count, sequence) => count + (sequence === this.#last ? 0 : 1), 0),
    };
  }
}
