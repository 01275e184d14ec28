const BUCKET_MICROS = 10;
/** 30 s; what took longer is counted as that. */
const BUCKETS = 3_000_000;

/** Counts latencies in steps of 10 µs. Its memory does not grow with their number, so long measurements do not disturb. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #maxMicros = 0;

  get total(): number {
    return this.#total;
  }

  get maxMs(): number {
    return this.#maxMicros / 1_000;
  }

  add(micros: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(micros / BUCKET_MICROS)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    if (micros > this.#maxMicros) this.#maxMicros = micros;
  }

  /** The latency in milliseconds that `part` (0 to 1) of those added do not exceed; NaN if none was. */
  percentileMs(part: number): number {
    let left = part * this.#total;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0 && this.#total > 0) return ((bucket + 1) * BUCKET_MICROS) / 1_000;
    }
    return Number.NaN;
  }
}
