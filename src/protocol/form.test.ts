import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeForm, decodePairs, decodeTarget, type FormParams, type FormValue } from "./form.ts";
import { DEFAULT_PARAM_LIMITS } from "./params.ts";

/** What was decoded, with ordinary objects so that it can be compared. */
const decode = (text: string): unknown => {
  const result = decodeForm(text, DEFAULT_PARAM_LIMITS);
  return result.ok ? JSON.parse(JSON.stringify(result.value)) : result.reason;
};
const params = (text: string): FormParams => {
  const result = decodeForm(text, DEFAULT_PARAM_LIMITS);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
};

describe("decodeForm", () => {
  it.each([
    ["", {}],
    ["a=1", { a: "1" }],
    ["a=1&b=2", { a: "1", b: "2" }],
    ["a", { a: "" }],
    ["a=", { a: "" }],
    ["a=b=c", { a: "b=c" }],
    ["a=1&a=2", { a: "2" }],
    ["a&&b", { a: "", b: "" }],
    ["=1", { "": "1" }],
    ["?a=1", { "?a": "1" }],
    ["name=Ada+Lovelace&x=%C3%A9%2B", { name: "Ada Lovelace", x: "é+" }],
    ["user%5Bname%5D=bob", { user: { name: "bob" } }],
    ["a[b]=1&a[c]=2", { a: { b: "1", c: "2" } }],
    ["a[b][c]=1", { a: { b: { c: "1" } } }],
    ["a[]=1&a[]=2", { a: ["1", "2"] }],
    ["a[b][]=1&a[b][]=2", { a: { b: ["1", "2"] } }],
    ["a[0][x]=1&a[1][x]=2", { a: { 0: { x: "1" }, 1: { x: "2" } } }],
    ["a[][b]=1&a[][c]=2", { a: [{ b: "1" }, { c: "2" }] }],
    ["a[][]=1", { a: [["1"]] }],
    ["a[b=1", { "a[b": "1" }],
    ["a]=1", { "a]": "1" }],
    ["[a]=1", { "[a]": "1" }],
    ["a[b]c=1", { "a[b]c": "1" }],
  ])("decodes %s", (text, expected) => {
    expect(decode(text)).toEqual(expected);
  });

  it.each([
    ["a[b]=1&a=x", { a: "x" }],
    ["a=x&a[b]=1", { a: { b: "1" } }],
    ["a[]=1&a[b]=2", { a: { b: "2" } }],
    ["a[b]=2&a[]=1", { a: ["1"] }],
    ["a[b]=1&a=x&a[c]=2", { a: { b: "1", c: "2" } }],
  ])("where a name is used in several ways, lets the way of its last pair win: %s", (text, expected) => {
    expect(decode(text)).toEqual(expected);
  });

  it("never throws on malformed percent codes or bytes that are no UTF-8", () => {
    expect(decode("a=%&b=%4&c=%zz&d=%C3&e=%FF%FE&f=100%25")).toEqual({
      a: "%",
      b: "%4",
      c: "%zz",
      d: "\ufffd",
      e: "\ufffd\ufffd",
      f: "100%",
    });
  });

  it("gives objects without a prototype", () => {
    const decoded = params("user[name]=bob");
    expect(Object.getPrototypeOf(decoded)).toBeNull();
    expect(Object.getPrototypeOf(decoded["user"])).toBeNull();
    expect(decoded["toString"]).toBeUndefined();
  });

  it("leaves out names that could reach a prototype", () => {
    expect(
      decode("__proto__[admin]=1&a[__proto__][admin]=1&a[b]=2&constructor[prototype][admin]=1&toString=x"),
    ).toEqual({
      a: { b: "2" },
      toString: "x",
    });
    expect(decode("constructor=Ferrari&prototype=F1")).toEqual({ constructor: "Ferrari", prototype: "F1" });
  });

  it("refuses more fields, or deeper ones, than the limits say", () => {
    const limits = { maxDepth: 3, maxKeys: 2 };
    expect(decodeForm("a=1&b=2", limits).ok).toBe(true);
    expect(decodeForm("a=1&b=2&c=3", limits)).toEqual({ ok: false, reason: "the form has more than 2 fields" });
    expect(decodeForm("a[b][c]=1", limits).ok).toBe(true);
    expect(decodeForm("a[b][c][d]=1", limits)).toEqual({
      ok: false,
      reason: "a field's name is nested more than 3 levels",
    });
  });

  it("reads back what URLSearchParams wrote, for any nested fields", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
      .filter((text) => !/[[\]]/.test(text) && !["__proto__", "constructor"].includes(text));
    const text = fc.string({ unit: "grapheme" });
    const { fields } = fc.letrec<{ value: FormValue; fields: FormParams }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, text, fc.array(text, { minLength: 1, maxLength: 3 }), tie("fields")),
      fields: fc.dictionary(name, tie("value"), { minKeys: 1, maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(fields, (original) => {
        const encoded = new URLSearchParams(pairs(original)).toString();
        expect(decode(encoded)).toEqual(JSON.parse(JSON.stringify(original)));
      }),
    );
  });

  it("throws for no text at all", () => {
    const hostile = fc.array(
      fc.constantFrom("[", "]", "][", "[]", "&", "=", "%", "%5B", "%f", "a", "__proto__", "+", "\ud800"),
    );
    fc.assert(
      fc.property(
        hostile.map((parts) => parts.join("")),
        (text) => {
          expect(decodeForm(text, DEFAULT_PARAM_LIMITS)).toHaveProperty("ok");
          expect(decodeTarget(text).length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it.each([
    ["brackets in one name", "a" + "[]".repeat(500_000) + "=1"],
    ["open brackets", "[".repeat(1_000_000)],
    ["one name, many times", "a[]=1&".repeat(160_000)],
    ["separators", "&".repeat(1_000_000)],
    ["percent signs", "%".repeat(1_000_000)],
    ["names that differ at their end", Array.from({ length: 999 }, (_, n) => `${"k".repeat(1000)}${n}[x]=1`).join("&")],
  ])("takes a megabyte of %s in a moment", (_what, text) => {
    const before = performance.now();
    decodeForm(text, DEFAULT_PARAM_LIMITS);
    // A quadratic walk over a million characters takes minutes; this takes some 20 ms.
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

function pairs(value: FormParams): [string, string][] {
  const write = (name: string, inner: FormValue): [string, string][] => {
    if (typeof inner === "string") return [[name, inner]];
    if (Array.isArray(inner)) return inner.flatMap((element: FormValue) => write(`${name}[]`, element));
    return Object.entries(inner).flatMap(([key, child]) => write(`${name}[${key}]`, child));
  };
  return Object.entries(value).flatMap(([key, child]) => write(key, child));
}

describe("decodeTarget", () => {
  it("gives the path of the input that changed", () => {
    expect(decodeTarget("name")).toEqual(["name"]);
    expect(decodeTarget("user[name]")).toEqual(["user", "name"]);
    expect(decodeTarget("user[tags][]")).toEqual(["user", "tags"]);
    expect(decodeTarget("a[][b]")).toEqual(["a", "b"]);
    expect(decodeTarget("[a]")).toEqual(["[a]"]);
    expect(decodeTarget("")).toEqual([""]);
  });
});

describe("decodePairs", () => {
  it("reads a FormData, without the files in it", () => {
    const data = new FormData();
    data.append("user[name]", "Ada");
    data.append("photo", new Blob(["x"]), "photo.png");
    const result = decodePairs(data, DEFAULT_PARAM_LIMITS);
    expect(JSON.stringify(result)).toBe('{"ok":true,"value":{"user":{"name":"Ada"}}}');
  });

  it("refuses more pairs than the limits say", () => {
    const pairs = new URLSearchParams("a=1&b=2&c=3");
    expect(decodePairs(pairs, { maxDepth: 3, maxKeys: 2 })).toEqual({
      ok: false,
      reason: "the form has more than 2 fields",
    });
  });
});
