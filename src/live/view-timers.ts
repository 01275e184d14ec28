/** The timers of one view. They end with it. */
export class ViewTimers {
  readonly #once = new Set<NodeJS.Timeout>();
  readonly #repeating = new Set<NodeJS.Timeout>();

  after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#once.delete(timer);
      run();
    }, ms);
    this.#once.add(timer);
  }

  every(ms: number, run: () => void): void {
    this.#repeating.add(setInterval(run, ms));
  }

  get count(): number {
    return this.#once.size + this.#repeating.size;
  }

  clear(): void {
    for (const timer of this.#once) clearTimeout(timer);
    for (const timer of this.#repeating) clearInterval(timer);
    this.#once.clear();
    this.#repeating.clear();
  }
}
