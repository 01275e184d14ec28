import type { Activity } from "./activity.ts";

/** The timers of one view. They end with it. */
export class ViewTimers {
  readonly #activity: Activity;
  readonly #once = new Set<NodeJS.Timeout>();
  readonly #repeating = new Set<NodeJS.Timeout>();
  /** How many of `#once` the activity counts as due. */
  #due = 0;

  constructor(activity: Activity) {
    this.#activity = activity;
  }

  after(ms: number, run: () => void): void {
    const isDue = ms <= 1;
    if (isDue) this.#countDue(1);
    const timer = setTimeout(() => {
      this.#once.delete(timer);
      if (isDue) this.#countDue(-1);
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
    this.#countDue(-this.#due);
  }

  #countDue(change: number): void {
    this.#due += change;
    this.#activity.dueTimers += change;
  }
}
