import { LiveError } from "../errors.ts";
import { renderChecksEnabled } from "./checks.ts";

interface Reduction {
  readonly source: string;
  /** Weak, because lists lead to their successors: whoever held an old list would hold all that came after it. */
  readonly result: WeakRef<object>;
}
const reductions = new WeakMap<object, WeakMap<object, Reduction[]>>();

/**
 * The latest results, in a ring. A view that is ahead by some messages holds the last list only, while those behind it
 * still have to come by each of the lists between. A view handles at most 256 infos before others have their turn.
 */
const recent: object[] = [];
const RECENT_RESULTS = 256;
let position = 0;

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
 * @throws {LiveError} `render.unstable-reduce` in development, when `step` changes its list, or returns something else
 * than it did before.
 */
export function reduce<L extends object, M extends object>(list: L, message: M, step: (list: L, message: M) => L): L {
  let byMessage = reductions.get(list);
  if (byMessage === undefined) reductions.set(list, (byMessage = new WeakMap()));
  let known = byMessage.get(message);
  if (known === undefined) byMessage.set(message, (known = []));
  const source = step.toString();
  const index = known.findIndex((reduction) => reduction.source === source);
  // The entry was made below from the same list and the same step's text, so its result is an L.
  const remembered = known[index]?.result.deref() as L | undefined;
  if (remembered !== undefined) {
    if (renderChecksEnabled()) refuseUnstableStep(remembered, run(list, message, step), source);
    return remembered;
  }
  const result = run(list, message, step);
  if (index !== -1) known.splice(index, 1);
  known.push({ source, result: new WeakRef(result) });
  recent[position] = result;
  position = (position + 1) % RECENT_RESULTS;
  return result;
}

function run<L extends object, M>(list: L, message: M, step: (list: L, message: M) => L): L {
  if (!renderChecksEnabled()) return step(list, message);
  const before = contentOf(list);
  const result = step(list, message);
  const after = contentOf(list);
  if (before.length !== after.length || before.some((value, index) => !Object.is(value, after[index]))) {
    throw unstable("changed the list that it was given", step.toString());
  }
  return result;
}

function refuseUnstableStep(known: object, fresh: object, source: string): void {
  if (!looksEqual(known, fresh, 4)) throw unstable("gave two different results for the same list and message", source);
}

function unstable(what: string, source: string): LiveError {
  return new LiveError(
    "render.unstable-reduce",
    `
The step of a reduce(list, message, step) ${what}, so views would show each other's data. It must
depend on its two arguments alone, and change neither:

    ${source}

Return a new list ([...list, message]). Take out what else the step reads, or compute the list with plain code, without
sharing it between views.
`.trim(),
  );
}

/** Whether the values have the same content as far as `depth` levels down. */
function looksEqual(a: unknown, b: unknown, depth: number): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (depth === 0) return true;
  const before = contentOf(a);
  const after = contentOf(b);
  return before.length === after.length && before.every((value, index) => looksEqual(value, after[index], depth - 1));
}

/** What tells a value from another of its kind: entries in their order, names before their values. */
function contentOf(value: object): readonly unknown[] {
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set || Array.isArray(value)) return [...value];
  return Object.entries(value).flat();
}
