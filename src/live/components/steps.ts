import { isThenable } from "../renderer.ts";

/** Work that yields whatever it has to wait for: promises, or what is there already. */
export type Steps<T> = Generator<unknown, T, void>;

/**
 * Does the work; at once if nothing that it yields is a promise.
 * @param isOver whether nobody wants the result any more: then the work stops where it waits, and so does the promise.
 */
export function run<T>(steps: Steps<T>, isOver: () => boolean): T | Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (!isThenable(step.value)) continue;
    return Promise.resolve(step.value).then(() => (isOver() ? new Promise<never>(() => {}) : run(steps, isOver)));
  }
}
