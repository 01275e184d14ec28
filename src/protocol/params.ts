import { type DecodeResult, refuse } from "../decode-result.ts";
import { isRecord } from "./decode.ts";

/** How much structure a value from a client may have. Its length in bytes is bounded by the message that it came in. */
export type ParamLimits = {
  /** Levels of objects and arrays: `{ a: { b: 1 } }` has two. Taken as at most 256. */
  readonly maxDepth: number;
  /** Keys and array elements, all levels together. */
  readonly maxKeys: number;
};

export const DEFAULT_PARAM_LIMITS: ParamLimits = { maxDepth: 16, maxKeys: 1000 };

/** The walks below recurse, so that no setting may take them deeper than any stack allows. */
export const DEPTH_CEILING = 256;

const TOO_DEEP = -1;
const TOO_MANY = -2;
const POLLUTING = -3;

/**
 * Checks the depth and the size of a value that `JSON.parse` made, and that no key in it can reach a prototype.
 *
 * The value passes as it is, without a copy, unless one of its objects has a key `__proto__` (`Object.assign` would
 * set the prototype of its target), or a key `constructor` that holds an object or a list (a deep merge would write it
 * into the global `Object`, and from there into `Object.prototype`). Then a copy without these keys is given back; the
 * input is never changed. A `constructor` that holds a text or a number is data like any other and stays.
 */
export function boundValue(value: unknown, limits: ParamLimits): DecodeResult<unknown> {
  if (typeof value !== "object" || value === null) return { ok: true, value };
  const depth = Math.min(limits.maxDepth, DEPTH_CEILING);
  let bounded: unknown = value;
  let left = weigh(value, depth, limits.maxKeys);
  if (left === POLLUTING) {
    bounded = withoutPollution(value, depth);
    left = weigh(bounded, depth, limits.maxKeys);
  }
  if (left >= 0) return { ok: true, value: bounded };
  if (left === TOO_MANY) return refuse(`the value has more than ${limits.maxKeys} keys`);
  return refuse(`the value is nested more than ${depth} levels`);
}

/** Whether `{ [key]: value }` must not reach the application; see `boundValue`. */
export function isPolluting(key: string, value: unknown): boolean {
  return key === "__proto__" || (key === "constructor" && typeof value === "object" && value !== null);
}

/** How many keys are left of `keysLeft` after `value`, or the code of the first thing found wrong with it. */
function weigh(value: unknown, depthLeft: number, keysLeft: number): number {
  if (typeof value !== "object" || value === null) return keysLeft;
  if (depthLeft <= 0) return TOO_DEEP;
  if (Array.isArray(value)) return weighList(value, depthLeft, keysLeft);
  return isRecord(value) ? weighRecord(value, depthLeft, keysLeft) : keysLeft;
}

function weighList(list: readonly unknown[], depthLeft: number, keysLeft: number): number {
  if (list.length > keysLeft) return TOO_MANY;
  let left = keysLeft - list.length;
  for (const element of list) {
    left = weigh(element, depthLeft - 1, left);
    if (left < 0) return left;
  }
  return left;
}

function weighRecord(record: { readonly [key: string]: unknown }, depthLeft: number, keysLeft: number): number {
  const keys = Object.keys(record);
  if (keys.length > keysLeft) return TOO_MANY;
  let left = keysLeft - keys.length;
  for (const key of keys) {
    const value = record[key];
    if (isPolluting(key, value)) return POLLUTING;
    left = weigh(value, depthLeft - 1, left);
    if (left < 0) return left;
  }
  return left;
}

/** A copy without polluting keys down to `depthLeft` levels; what lies deeper is refused afterwards anyway. */
function withoutPollution(value: unknown, depthLeft: number): unknown {
  if (depthLeft <= 0) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => withoutPollution(element, depthLeft - 1));
  if (!isRecord(value)) return value;
  const copy: { [key: string]: unknown } = {};
  for (const key of Object.keys(value)) {
    if (!isPolluting(key, value[key])) copy[key] = withoutPollution(value[key], depthLeft - 1);
  }
  return copy;
}
