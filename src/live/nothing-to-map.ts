import { LiveError } from "../errors.ts";
import { StreamNotBegun } from "../html/live-stream.ts";
import { NotAList } from "../html/not-a-list.ts";
import type { ErasedContext } from "./live-view.ts";

/** What V8 says, and what JavaScriptCore (Bun) says, when `map` of nothing is called. */
const MAP_OF_NOTHING = /\(reading 'map'\)|undefined is not an object \(evaluating '.*\.map'\)/;

/**
 * What a render has thrown, or the same with the keys of the context that it missed: of a stream that has not begun, or of
 * a list that was never assigned, the engine and `each` say no more than that something is undefined.
 *
 * @param again renders once more, with a context that notes what is read
 */
export function explainNothingToMap(
  error: unknown,
  context: ErasedContext,
  again: (context: ErasedContext) => unknown,
): unknown {
  if (error instanceof StreamNotBegun) {
    const names = Object.keys(context).filter((key) => StreamNotBegun.isAbout(context[key]));
    return names.length === 0 ? error : new StreamNotBegun(names, { cause: error });
  }
  if (!isAboutNothing(error)) return error;
  const missed = missedBy(context, again);
  return missed.length === 0 ? error : nothingToMap(missed, error);
}

function isAboutNothing(error: unknown): error is Error {
  if (error instanceof NotAList) return error.isNothing;
  return error instanceof TypeError && MAP_OF_NOTHING.test(error.message);
}

function missedBy(context: ErasedContext, again: (context: ErasedContext) => unknown): readonly string[] {
  const missed = new Set<string>();
  const noting = new Proxy(context, {
    get: (target, key, receiver) => {
      const value: unknown = Reflect.get(target, key, receiver);
      if (value === undefined && typeof key === "string") missed.add(key);
      return value;
    },
  });
  try {
    const result = again(noting);
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // As the first time.
  }
  return [...missed];
}

function nothingToMap(keys: readonly string[], cause: Error): LiveError {
  const name = keys[0] ?? "";
  const found = keys.map((key) => `context.${key}`).join(" and ");
  return new LiveError(
    "render.nothing-to-map",
    `
A render called map or each of something that is undefined. Of what it read, ${found} ${keys.length === 1 ? "is" : "are"} undefined.

A stream begins in mount, if only with no item:

    mount: (socket) => socket.stream(${JSON.stringify(name)}, [])

Any other list needs a start: initial: { ${name}: [] }, or socket.assign({ ${name}: [] }) in mount.
`.trim(),
    { cause },
  );
}
