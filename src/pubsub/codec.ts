import { stringify, unflatten } from "devalue";
import { LiveError } from "../errors.ts";
import { refuse, type DecodeResult } from "../decode-result.ts";

/**
 * How a payload is written. `j`: as JSON, which is all that plain data needs and what foreign programs send. `d`: by
 * `devalue`, for what JSON would lose. Defined in docs/pubsub-messages.md.
 */
export type PayloadFormat = "j" | "d";

export interface Payload {
  readonly format: PayloadFormat;
  readonly text: string;
}

/** How deep a message may nest: an object in an object is two levels. */
export const MAX_DEPTH = 64;
/** How many values a message may hold in all: fields, elements, keys and values of Maps. */
export const MAX_VALUES = 200_000;
/** Reading a BigInt takes time that grows with the square of its digits. */
export const MAX_BIGINT_DIGITS = 4_096;

/**
 * Writes a message as text, so that `decodePayload` gives back one of the same shape.
 *
 * Taken are: `undefined`, `null`, booleans, all numbers, BigInts, strings, plain objects (with or without the usual
 * prototype), arrays, `Date`, `Map`, `Set`, `ArrayBuffer`, typed arrays and `DataView`, also within each other and in
 * circles. Of a typed array its own elements travel, not the rest of its buffer. A Node Buffer arrives as `Uint8Array`.
 *
 * @param maxBytes what the text may take in UTF-8
 * @throws {LiveError} `pubsub.message-not-sendable` for anything else, with the place of it (`message.user.save is a
 * function`), for a message that is deeper than 64 levels or has more than 200 000 values.
 * @throws {LiveError} `pubsub.message-too-large`
 */
export function encodePayload(message: unknown, topic: string, maxBytes: number): Payload {
  let payload: Payload;
  if (isPlain(message, MAX_DEPTH, { values: MAX_VALUES, characters: maxBytes })) {
    payload = { format: "j", text: JSON.stringify(message) };
  } else {
    new SendableCheck(topic, maxBytes).check(message);
    payload = { format: "d", text: stringify(message, undefined, { operations: { viewInfo, toArrayBuffer } }) };
  }
  const bytes = bytesBeyond(payload.text, maxBytes);
  if (bytes !== undefined) throw tooLarge(topic, `${bytes} bytes`, maxBytes);
  return payload;
}

/** Reads what `encodePayload` wrote. Never throws, whatever the text is; refuses what `encodePayload` would not write. */
export function decodePayload({ format, text }: Payload): DecodeResult<unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (format === "j") {
      const reason = whyNotPlain(parsed, MAX_DEPTH, { values: MAX_VALUES, characters: Infinity });
      return reason === undefined ? { ok: true, value: parsed } : refuse(reason);
    }
    const reason = whyNotHydratable(parsed);
    if (reason !== undefined) return refuse(reason);
    // Just found to be a number or a list, of references that all lead somewhere.
    return { ok: true, value: unflatten(parsed as number | unknown[]) };
  } catch (error) {
    return refuse(error instanceof SyntaxError ? "it is no JSON" : `it cannot be rebuilt: ${String(error)}`);
  }
}

/** What is still allowed. Counted down while walking. */
interface Budget {
  values: number;
  characters: number;
}

/**
 * Whether JSON keeps the value whole. Also `false` where the budget ends and for what may not be sent at all: then the
 * slower check finds out which.
 */
function isPlain(value: unknown, depth: number, budget: Budget): boolean {
  if (typeof value === "string") return (budget.characters -= value.length) >= 0;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object") return typeof value === "boolean";
  if (value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    if (!isPlainArray(value) || (budget.values -= value.length) < 0) return false;
    // A hole reads as undefined, which is not plain.
    for (let index = 0; index < value.length; index++) if (!isPlain(value[index], depth - 1, budget)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false;
  const keys = Object.keys(value);
  if ((budget.values -= keys.length) < 0) return false;
  // A plain object: its fields are as unknown as it was.
  const fields = value as { readonly [key: string]: unknown };
  for (const key of keys) {
    if (key === "__proto__" || (budget.characters -= key.length) < 0) return false;
    if (!isPlain(fields[key], depth - 1, budget)) return false;
  }
  return true;
}

/** The prototype of arrays is an array itself, in every realm; that of a subclass is none. */
function isPlainArray(value: readonly unknown[]): boolean {
  return Array.isArray(Object.getPrototypeOf(value));
}

/** Of another realm (a `vm` context, a test runner's), too: no more than one object stands behind it. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

const BYTES = [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "DataView",
] as const;
const views: ReadonlySet<string> = new Set(BYTES);

/** Looks at a message that is not plain JSON: refuses what cannot travel, and says where it is. */
class SendableCheck {
  readonly #topic: string;
  readonly #maxBytes: number;
  readonly #budget: Budget;
  readonly #seen = new Set<object>();
  readonly #place: string[] = ["message"];

  constructor(topic: string, maxBytes: number) {
    this.#topic = topic;
    this.#maxBytes = maxBytes;
    this.#budget = { values: MAX_VALUES, characters: maxBytes };
  }

  check(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.#spendCharacters(value.length);
        break;
      case "bigint":
        if (value.toString().length > MAX_BIGINT_DIGITS) this.#refuse(`has more than ${MAX_BIGINT_DIGITS} digits`);
        break;
      case "function":
        this.#refuse("is a function");
        break;
      case "symbol":
        this.#refuse("is a symbol");
        break;
      case "object":
        if (value !== null && !this.#seen.has(value)) this.#checkObject(value);
        break;
      case "undefined":
      case "number":
      case "boolean":
        break;
    }
  }

  #checkObject(value: object): void {
    this.#seen.add(value);
    if (this.#place.length > MAX_DEPTH) this.#refuse(`is nested more than ${MAX_DEPTH} levels deep`);
    if (Array.isArray(value)) this.#checkArray(value);
    else if (isPlainObject(value)) this.#checkFields(value);
    else if (isMap(value)) this.#checkMap(value);
    else if (isSet(value)) this.#checkSet(value);
    else if (isBytes(value)) this.#spendCharacters(value.byteLength);
    else if (value instanceof Error) this.#refuse(`is an error, ${classOf(value)}`);
    else if (!isDate(value)) this.#refuse(`is an instance of ${classOf(value)}`);
  }

  #checkArray(value: readonly unknown[]): void {
    if (!isPlainArray(value)) this.#refuse(`is an instance of ${classOf(value)}`);
    this.#spendValues(value.length);
    for (let index = 0; index < value.length; index++) {
      if (!Object.hasOwn(value, index)) this.#within(`[${index}]`, () => this.#refuse("is a hole in an array"));
      this.#within(`[${index}]`, () => this.check(value[index]));
    }
  }

  #checkMap(value: ReadonlyMap<unknown, unknown>): void {
    this.#spendValues(2 * value.size);
    for (const [key, held] of value) {
      this.#within(" (a key of the Map)", () => this.check(key));
      this.#within(typeof key === "string" ? `.get(${JSON.stringify(key)})` : ".get(…)", () => this.check(held));
    }
  }

  #checkSet(value: ReadonlySet<unknown>): void {
    this.#spendValues(value.size);
    for (const held of value) this.#within(" (a value of the Set)", () => this.check(held));
  }

  #checkFields(value: object): void {
    const keys = Object.keys(value);
    this.#spendValues(keys.length);
    for (const key of keys) {
      const place = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
      this.#spendCharacters(key.length);
      this.#within(place, () => {
        if (key === "__proto__") this.#refuse("has a name that could change a prototype");
        this.check(Reflect.get(value, key));
      });
    }
    const symbol = Object.getOwnPropertySymbols(value)[0];
    if (symbol !== undefined) this.#within(`[${String(symbol)}]`, () => this.#refuse("has a symbol for its name"));
  }

  #within(place: string, check: () => void): void {
    this.#place.push(place);
    check();
    this.#place.pop();
  }

  #spendValues(count: number): void {
    this.#budget.values -= count;
    if (this.#budget.values < 0) this.#refuse(`brings the message to more than ${MAX_VALUES} values`);
  }

  #spendCharacters(count: number): void {
    this.#budget.characters -= count;
    if (this.#budget.characters < 0) throw tooLarge(this.#topic, `more than ${this.#maxBytes} bytes`, this.#maxBytes);
  }

  #refuse(what: string): never {
    throw new LiveError(
      "pubsub.message-not-sendable",
      `A message on the topic "${this.#topic}" cannot be sent: ${this.#place.join("")} ${what}. ` +
        "Send data: plain objects and arrays, strings, numbers, booleans, null, undefined, BigInt, Date, Map, Set and " +
        "bytes. Of anything else, send what the receiver needs to find or make it.",
    );
  }
}

// Each by what it holds, not by its prototype: also of another realm, and not what only looks like one.

function isMap(value: object): value is ReadonlyMap<unknown, unknown> {
  return holds(value, "Map", () => Map.prototype.has.call(value, undefined));
}

function isSet(value: object): value is ReadonlySet<unknown> {
  return holds(value, "Set", () => Set.prototype.has.call(value, undefined));
}

function isDate(value: object): value is Date {
  // Test runners put a subclass in the place of Date while they fake the time.
  if (tagOf(value) === "Date" && Object.getPrototypeOf(value) === Date.prototype) return true;
  return holds(value, "Date", () => Date.prototype.getTime.call(value));
}

function isBytes(value: object): value is ArrayBuffer | ArrayBufferView {
  if (ArrayBuffer.isView(value)) return views.has(tagOf(value));
  return holds(value, "ArrayBuffer", () => Reflect.get(ArrayBuffer.prototype, "byteLength", value));
}

/** Whether `probe`, a method of a built-in class, takes it for one of its own, and no class of somebody's stands between. */
function holds(value: object, tag: string, probe: () => unknown): boolean {
  // Anybody can claim a tag; but it spares a throwing probe for each of the other classes.
  if (tagOf(value) !== tag) return false;
  try {
    probe();
  } catch {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof prototype === "object" && prototype !== null && isPlainObject(prototype);
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function classOf(value: object): string {
  const made: unknown = Reflect.get(value, "constructor");
  return typeof made === "function" && made.name !== "" ? made.name : "a class without a name";
}

/** A view's own bytes, copied: what else its buffer holds may be somebody else's secrets. */
function viewInfo(view: ArrayBufferView): {
  buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
  length: number;
  bufferByteLength: number;
} {
  const { byteLength } = view;
  const buffer = new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, byteLength)).buffer;
  return { buffer, byteOffset: 0, byteLength, length: byteLength, bufferByteLength: byteLength };
}

function toArrayBuffer(buffer: ArrayBuffer): ArrayBuffer {
  return buffer;
}

/** Why a value from JSON is not taken: it is deeper or larger than what we send, or names a prototype. */
function whyNotPlain(value: unknown, depth: number, budget: Budget): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === 0) return `it nests more than ${MAX_DEPTH} levels`;
  if (Array.isArray(value)) {
    if ((budget.values -= value.length) < 0) return `it has more than ${MAX_VALUES} values`;
    for (const element of value) {
      const reason = whyNotPlain(element, depth - 1, budget);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
  const keys = Object.keys(value);
  if ((budget.values -= keys.length) < 0) return `it has more than ${MAX_VALUES} values`;
  // An object out of JSON: its fields are as unknown as it was.
  const fields = value as { readonly [key: string]: unknown };
  for (const key of keys) {
    if (key === "__proto__") return 'it has a field "__proto__"';
    const reason = whyNotPlain(fields[key], depth - 1, budget);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** devalue's marks for what has no JSON: undefined, NaN, Infinity, -Infinity, -0. Its marks for holes are not taken. */
const marks: ReadonlySet<unknown> = new Set([-1, -3, -4, -5, -6]);

/**
 * Why a text of devalue is not taken. It is looked at before anything is built: every reference leads somewhere, depth
 * and count are bounded, and nothing is in it that we do not send (no RegExp, URL, boxed values, holes, Temporal).
 */
function whyNotHydratable(parsed: unknown): string | undefined {
  if (typeof parsed === "number") return marks.has(parsed) ? undefined : "it refers to nothing";
  if (!Array.isArray(parsed) || parsed.length === 0) return "it is no list of values";
  // Of each typed array, its buffer is a value of its own.
  if (parsed.length > 2 * MAX_VALUES + 2) return `it has more than ${MAX_VALUES} values`;
  const values: readonly unknown[] = parsed;
  const visited = new Uint8Array(values.length);
  // One more: the message itself.
  let left = MAX_VALUES + 1;

  const visitAll = (references: readonly unknown[], depth: number): string | undefined => {
    left -= references.length;
    if (left < 0) return `it has more than ${MAX_VALUES} values`;
    for (const reference of references) {
      const reason = visit(reference, depth);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };

  const visit = (reference: unknown, depth: number): string | undefined => {
    if (marks.has(reference)) return undefined;
    if (typeof reference !== "number" || !Number.isInteger(reference)) return "a reference in it is no number";
    if (reference < 0 || reference >= values.length) return "a reference in it leads nowhere";
    if (visited[reference] === 1) return undefined;
    visited[reference] = 1;
    const value = values[reference];
    if (typeof value !== "object" || value === null) return undefined;
    if (depth === 0) return `it nests more than ${MAX_DEPTH} levels`;
    if (Array.isArray(value)) return visitList(value, depth - 1);
    if (Object.hasOwn(value, "__proto__")) return 'it has a field "__proto__"';
    return visitAll(Object.values(value), depth - 1);
  };

  const visitList = (list: readonly unknown[], depth: number): string | undefined => {
    const [tag, content] = list;
    if (typeof tag !== "string") return visitAll(list, depth);
    if (tag === "Set") return visitAll(list.slice(1), depth);
    if (tag === "Map") return list.length % 2 === 1 ? visitAll(list.slice(1), depth) : "a Map in it has half an entry";
    if (tag === "null") return visitAll(list.filter(isFieldReference), depth) ?? whyNotFields(list);
    if (list.length !== 2) return "a value in it has parts too many or too few";
    if (views.has(tag)) {
      const isBytes = typeof content === "number" && isBuffer(values[content]);
      return isBytes ? undefined : "a typed array in it has no bytes";
    }
    if (typeof content !== "string") return "a value in it is not written as text";
    if (tag === "ArrayBuffer") return undefined;
    if (tag === "Date") return content.length <= 32 ? undefined : "a Date in it is too long";
    if (tag === "BigInt") return /^-?\d{1,4096}$/.test(content) ? undefined : "a BigInt in it has other than digits";
    return "it has a value of a kind that is not taken";
  };

  return visitAll([0], MAX_DEPTH);
}

/** `["null", key, reference, key, reference]`: an object without a prototype. */
function isFieldReference(_part: unknown, index: number): boolean {
  return index > 0 && index % 2 === 0;
}

function whyNotFields(list: readonly unknown[]): string | undefined {
  const areKeys = list.every((part, index) => index % 2 === 0 || (typeof part === "string" && part !== "__proto__"));
  return areKeys && list.length % 2 === 1 ? undefined : "an object in it has an odd field";
}

function isBuffer(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value[0] === "ArrayBuffer" && typeof value[1] === "string";
}

/** How many bytes of UTF-8 the text takes, if that is more than `limit`. A UTF-16 unit takes at most three. */
function bytesBeyond(text: string, limit: number): number | undefined {
  if (text.length * 3 <= limit) return undefined;
  const bytes = new TextEncoder().encode(text).byteLength;
  return bytes > limit ? bytes : undefined;
}

function tooLarge(topic: string, size: string, maxBytes: number): LiveError {
  return new LiveError(
    "pubsub.message-too-large",
    `A message on the topic "${topic}" takes ${size} as text; at most ${maxBytes} are allowed. Put large things where ` +
      "everybody can read them and send their key, or raise `maxMessageBytes` in every process.",
  );
}
