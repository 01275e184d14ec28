import { LiveError } from "../errors.ts";
import { renderChecksEnabled } from "./checks.ts";

interface Reduction {
  readonly source: string;
  readonly result: object;
}
const reductions = new WeakMap<object, WeakMap<object, Reduction[]>>();

/**
 * `step(list, message)`, computed once per process for each pair of list and message, so that all views that hold the
 * same list and receive the same message then hold the same next list. With a shared render that is what lets them
 * share one render and one diff; `[...list, message]` made by each view never is.
 *
 * ```ts
 * handleInfo: (info, socket) =>
 *   socket.assign({ messages: reduce(socket.context.messages, info, (list, message) => [...list, message].slice(-50)) }),
 * ```
 *
 * `step` must depend on its two arguments alone, and change neither. Two steps on the same pair are told apart by their
 * source text. In development each use is computed once more and compared.
 *
 * @throws {LiveError} `render.unstable-reduce` in development, when `step` returns something else than it did before.
 */
export function reduce<L extends object, M extends object>(list: L, message: M, step: (list: L, message: M) => L): L {
  let byMessage = reductions.get(list);
  if (byMessage === undefined) reductions.set(list, (byMessage = new WeakMap()));
  let known = byMessage.get(message);
  if (known === undefined) byMessage.set(message, (known = []));
  const source = step.toString();
  const found = known.find((reduction) => reduction.source === source);
  if (found !== undefined) {
    // The entry was made below from the same list and the same step's text, so its result is an L.
    const result = found.result as L;
    if (renderChecksEnabled()) refuseUnstableStep(result, step(list, message), source);
    return result;
  }
  const result = step(list, message);
  known.push({ source, result });
  return result;
}

function refuseUnstableStep(known: object, fresh: object, source: string): void {
  if (looksEqual(known, fresh, 4)) return;
  throw new LiveError(
    "render.unstable-reduce",
    `
reduce(list, message, step) gave two different results for the same list and message, so views would show each other's
data. The step must depend on its two arguments alone:

    ${source}

Take what else it reads out of it, or compute the list with plain code (without sharing it between views).
`.trim(),
  );
}

function looksEqual(a: unknown, b: unknown, depth: number): boolean {
  if (Object.is(a, b) || depth === 0) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const before = Object.entries(a);
  const after = new Map(Object.entries(b));
  return before.length === after.size && before.every(([key, value]) => looksEqual(value, after.get(key), depth - 1));
}
