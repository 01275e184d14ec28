/**
 * Until when the next bytes of a file must have come. A slow line brings one file after the other: while any of the connection
 * comes along, the others are only waiting for their turn.
 */
export class ChunkDeadline {
  readonly #timeoutMs: number;
  readonly #sinceChunkMs: () => number;
  readonly #passed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param sinceChunkMs how long ago a chunk came, of any file on the connection, in milliseconds */
  constructor(timeoutMs: number, sinceChunkMs: () => number, passed: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#sinceChunkMs = sinceChunkMs;
    this.#passed = passed;
  }

  start(ms = this.#timeoutMs): void {
    this.stop();
    this.#timer = setTimeout(() => {
      const left = this.#timeoutMs - this.#sinceChunkMs();
      if (left > 0) this.start(left);
      else this.#passed();
    }, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
