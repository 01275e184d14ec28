/**
 * The few assertions that our contracts need. Their own, so that a contract runs under any test runner: vitest,
 * node:test, `bun test`, `deno test`. A failed assertion is a thrown Error.
 */

/** Compares in depth, also Date, Map, Set, BigInt and byte arrays; `undefined` is not the same as absent. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (isEqual(actual, expected)) return;
  throw new Error(`${what}\n  expected: ${show(expected)}\n  received: ${show(actual)}`);
}

/** Waits for the promise to reject, or the function to throw, with this `code`. */
export async function expectFailure(code: string, what: string, run: () => unknown): Promise<void> {
  let result: unknown;
  try {
    result = await run();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === code) return;
    throw new Error(`${what} should fail with the code "${code}", and failed otherwise`, { cause: error });
  }
  throw new Error(`${what} should fail with the code "${code}", and gave ${show(result)}`);
}

/** Waits until `isTrue()`, looking about once per millisecond; fails after `withinMs`, saying what `state` returns then. */
export async function waitUntil(
  what: string,
  withinMs: number,
  isTrue: () => boolean,
  state: () => unknown,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > deadline) {
      throw new Error(`After ${withinMs} ms there was no sign of this: ${what}\n  received: ${show(state())}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof Map && b instanceof Map) return isEqual([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return isEqual([...a], [...b]);
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) return isEqual(new Uint8Array(a), new Uint8Array(b));
  const fields = new Map(Object.entries(b));
  const entries = Object.entries(a);
  return (
    entries.length === fields.size &&
    entries.every(([key, value]) => fields.has(key) && isEqual(value, fields.get(key)))
  );
}

const SHOWN_CHARACTERS = 2_000;

function show(value: unknown): string {
  const text = JSON.stringify(value, readable) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)` : text;
}

/** A Date is told by its holder: JSON.stringify has made it a string before it asks. */
function readable(this: { readonly [key: string]: unknown }, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Date) return { Date: original.getTime() };
  if (original instanceof ArrayBuffer) return { ArrayBuffer: [...new Uint8Array(original)] };
  if (original instanceof Uint8Array) return { [original.constructor.name]: [...original] };
  if (value === undefined) return "(undefined)";
  if (typeof value === "number" && !Number.isFinite(value)) return `(${value})`;
  if (typeof value === "bigint") return `(${value}n)`;
  if (value instanceof Map) return { Map: [...value] };
  if (value instanceof Set) return { Set: [...value] };
  return value;
}
