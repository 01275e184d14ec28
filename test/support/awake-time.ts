/** How often it looks at the time, in milliseconds. */
const TICK_MS = 10;

/**
 * Measures time as this process has it: what passes while the machine is busy with others, or while the process stands
 * still, is not counted. For upper bounds of what happens in this process; it never counts more than has passed.
 */
export class AwakeTime {
  #ticks = 0;
  readonly #timer = setInterval(() => this.#ticks++, TICK_MS);

  /** Since it was made, in milliseconds. Counts no further. */
  stop(): number {
    clearInterval(this.#timer);
    return this.#ticks * TICK_MS;
  }
}
