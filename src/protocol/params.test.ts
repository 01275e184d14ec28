import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundValue, DEFAULT_PARAM_LIMITS } from "./params.ts";

const limits = { maxDepth: 3, maxKeys: 5 };

describe("boundValue", () => {
  it("passes a value within the limits as it is, without a copy", () => {
    const value: unknown = JSON.parse('{"a":{"b":[1,"2",null]}}');
    const result = boundValue(value, limits);
    expect(result.ok && result.value).toBe(value);
  });

  it("passes what has no structure", () => {
    expect(boundValue("text", limits)).toEqual({ ok: true, value: "text" });
    expect(boundValue(null, limits)).toEqual({ ok: true, value: null });
    expect(boundValue(undefined, limits)).toEqual({ ok: true, value: undefined });
  });

  it("counts keys and elements of all levels together", () => {
    expect(boundValue({ a: 1, b: [1, 2, 3] }, limits).ok).toBe(true);
    expect(boundValue({ a: 1, b: [1, 2, 3, 4] }, limits)).toEqual({
      ok: false,
      reason: "the value has more than 5 keys",
    });
    expect(boundValue([1, 2, 3, 4, 5, 6], limits).ok).toBe(false);
  });

  it("refuses a value that is nested too deeply", () => {
    expect(boundValue({ a: { b: { c: 1 } } }, limits).ok).toBe(true);
    expect(boundValue({ a: { b: [{}] } }, limits)).toEqual({
      ok: false,
      reason: "the value is nested more than 3 levels",
    });
  });

  it("follows no nesting deeper than 256 levels, whatever the setting", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(boundValue(deep, { maxDepth: 1e9, maxKeys: 1e9 }).ok).toBe(false);
  });

  it("leaves out a key __proto__ at any level, and changes nothing of the input", () => {
    const text = '{"name":"Ada","__proto__":{"admin":true},"list":[{"__proto__":1,"x":2}]}';
    const input: unknown = JSON.parse(text);
    const result = boundValue(input, DEFAULT_PARAM_LIMITS);
    expect(JSON.stringify(result)).toBe('{"ok":true,"value":{"name":"Ada","list":[{"x":2}]}}');
    expect(JSON.stringify(input)).toBe(text);
  });

  it("leaves out a constructor that holds an object, but not a field of that name", () => {
    expect(boundValue(JSON.parse('{"constructor":{"prototype":{"admin":true}},"a":1}'), limits)).toEqual({
      ok: true,
      value: { a: 1 },
    });
    expect(boundValue(JSON.parse('{"constructor":"Ferrari","prototype":"F1"}'), limits)).toEqual({
      ok: true,
      value: { constructor: "Ferrari", prototype: "F1" },
    });
  });

  it("still refuses what is too large beside a polluting key", () => {
    expect(boundValue(JSON.parse('{"__proto__":1,"b":[1,2,3,4,5,6]}'), limits).ok).toBe(false);
    expect(boundValue(JSON.parse('{"__proto__":1,"b":{"c":{"d":{"__proto__":1}}}}'), limits)).toEqual({
      ok: false,
      reason: "the value is nested more than 3 levels",
    });
  });

  it("lets nothing reach a prototype by assignment or deep merge", () => {
    const key = fc.oneof(fc.constantFrom("__proto__", "constructor", "prototype", "toString"), fc.string());
    const { value: hostile } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.array(tie("value"), { maxLength: 3 }), tie("record")),
      record: fc
        .array(fc.tuple(key, tie("value")), { maxLength: 4 })
        .map((entries): unknown =>
          JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`),
        ),
    }));
    fc.assert(
      fc.property(hostile, (value) => {
        const result = boundValue(value, DEFAULT_PARAM_LIMITS);
        if (!result.ok) return;
        const merged = mergeDeep({}, result.value);
        expect(Object.getPrototypeOf(Object.assign({}, result.value))).toBe(Object.prototype);
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(Object.keys(Object)).toEqual([]);
      }),
    );
  });
});

/** The careless deep merge that many programs contain. */
function mergeDeep(target: Record<string, unknown>, source: unknown): Record<string, unknown> {
  if (typeof source !== "object" || source === null) return target;
  for (const [key, value] of Object.entries(source)) {
    const old = target[key];
    const isGroup = (typeof old === "object" && old !== null) || typeof old === "function";
    if (isGroup && typeof value === "object") mergeDeep(old as Record<string, unknown>, value); // isGroup says so
    else if (typeof value === "object" && value !== null) target[key] = mergeDeep({}, value);
    else target[key] = value;
  }
  return target;
}
