import type { ErasedContext } from "./live-view.ts";

/** `context` with `values` in it: the very same object if it has all of them already (`Object.is`). */
export function withValues(context: ErasedContext, values: ErasedContext): ErasedContext {
  for (const key in values) {
    if (!Object.is(context[key], values[key]) || !(key in context)) return { ...context, ...values };
  }
  return context;
}

/** Equal keys with the same values (`Object.is`). */
export function sameValues(a: ErasedContext, b: ErasedContext): boolean {
  if (a === b) return true;
  let count = 0;
  for (const key in b) {
    const value = b[key];
    if (!Object.is(a[key], value) || (value === undefined && !(key in a))) return false;
    count++;
  }
  for (const _ in a) count--;
  return count === 0;
}
