import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { codePoint } from "../../test/support/code-points.ts";
import { parseQuery, withQuery } from "./query.ts";

const at = (search: string): URL => new URL(`http://localhost/list${search}`);

const list = z.object({
  page: z.coerce.number().int().min(1).default(1),
  tag: z.array(z.string()).default([]),
  sort: z.enum(["name", "age"]).default("name"),
});

describe("parseQuery", () => {
  it("gives what the schema makes of the parameters", () => {
    expect(parseQuery(list, at("?page=3&tag=a&tag=b&sort=age"))).toEqual({ page: 3, tag: ["a", "b"], sort: "age" });
  });

  it("gives the schema's defaults where there is no query", () => {
    expect(parseQuery(list, at(""))).toEqual({ page: 1, tag: [], sort: "name" });
  });

  it("counts a parameter that does not fit as absent, and keeps the others", () => {
    expect(parseQuery(list, at("?page=-7&tag=a&sort=age"))).toEqual({ page: 1, tag: ["a"], sort: "age" });
    expect(parseQuery(list, at("?page=abc&sort=DROP TABLE&tag=b"))).toEqual({ page: 1, tag: ["b"], sort: "name" });
  });

  it("makes a list of what came once, and a text of what came twice, where the schema wants it so", () => {
    expect(parseQuery(list, at("?tag=a&page=2&page=5"))).toEqual({ page: 5, tag: ["a"], sort: "name" });
    expect(parseQuery(list, at("?tag[]=a&tag[]=b"))).toEqual({ page: 1, tag: ["a", "b"], sort: "name" });
  });

  it("reads brackets as the fields of an object", () => {
    const schema = z.object({ filter: z.object({ status: z.string() }).optional() });
    expect(parseQuery(schema, at("?filter[status]=open"))).toEqual({ filter: { status: "open" } });
    expect(parseQuery(schema, at("?filter=open"))).toEqual({});
  });

  it("decodes percent codes and plus signs", () => {
    const schema = z.object({ q: z.string().default("") });
    expect(parseQuery(schema, at("?q=%C3%A9t%C3%A9+%26+%2B"))).toEqual({ q: "été & +" });
    expect(parseQuery(schema, at("?q=%"))).toEqual({ q: "%" });
  });

  it("counts all as absent if the whole does not fit", () => {
    const range = z
      .object({ from: z.coerce.number().default(0), to: z.coerce.number().default(9) })
      .refine(({ from, to }) => from <= to);
    expect(parseQuery(range, at("?from=3&to=5"))).toEqual({ from: 3, to: 5 });
    expect(parseQuery(range, at("?from=5&to=3"))).toEqual({ from: 0, to: 9 });
  });

  it("throws an error with the status 400 for what is missing and has no default", () => {
    const schema = z.object({ id: z.string().regex(/^\d+$/) });
    expect(parseQuery(schema, at("?id=7"))).toEqual({ id: "7" });
    expect(() => parseQuery(schema, at("?id=x"))).toThrow(
      expect.objectContaining({ code: "view.invalid-query", status: 400 }),
    );
  });

  it("refuses a schema that is asynchronous", () => {
    const schema = z.object({ id: z.string().refine(() => Promise.resolve(true)) });
    expect(() => parseQuery(schema, at("?id=7"))).toThrow(/asynchronous/);
  });

  it("takes schemas of valibot and of arktype", () => {
    const ofValibot = v.object({ page: v.optional(v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number)), "1") });
    expect(parseQuery(ofValibot, at("?page=4"))).toEqual({ page: 4 });
    expect(parseQuery(ofValibot, at("?page=x"))).toEqual({ page: 1 });
    const ofArktype = type({ "page?": "string.integer.parse" });
    expect(parseQuery(ofArktype, at("?page=4"))).toEqual({ page: 4 });
    expect(parseQuery(ofArktype, at("?page=x"))).toEqual({});
  });

  it("never reaches a prototype", () => {
    const schema = z.looseObject({});
    const parsed = parseQuery(
      schema,
      at("?__proto__[polluted]=1&constructor[prototype][polluted]=1&a[__proto__][x]=1"),
    );
    expect(JSON.stringify(parsed)).not.toContain("polluted");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("withQuery", () => {
  it("sets parameters, in the place of those of their names", () => {
    expect(withQuery("/list", { page: 2 })).toBe("/list?page=2");
    expect(withQuery("/list?page=1&sort=age#top", { page: 2 })).toBe("/list?sort=age&page=2#top");
    expect(withQuery("/list?tag=a&tag=b&filter[x]=1", { tag: ["c"], filter: { y: "2" } })).toBe(
      "/list?tag=c&filter%5By%5D=2",
    );
  });

  it("takes away what is undefined, and what is an empty list", () => {
    expect(withQuery("/list?page=1", { page: undefined })).toBe("/list");
    expect(withQuery("/list?tag=a&page=1", { tag: [] })).toBe("/list?page=1");
  });

  it("takes an address, of which the path counts", () => {
    expect(withQuery(new URL("https://app.example/list?page=1"), { page: 2, all: true })).toBe("/list?page=2&all=true");
  });

  it("takes URLSearchParams, and leaves the path alone without any", () => {
    expect(withQuery("/list?a=1", new URLSearchParams("b=1&b=2"))).toBe("/list?a=1&b=1&b=2");
    expect(withQuery("/list?a=%20", {})).toBe("/list?a=%20");
  });

  it("is the inverse of parseQuery", () => {
    const schema = z.object({
      q: z.string(),
      n: z.coerce.number(),
      tags: z.array(z.string()).default([]),
      on: z.object({ a: z.string() }),
    });
    fc.assert(
      fc.property(
        fc.record({
          q: fc.string({ unit: codePoint }),
          n: fc.integer(),
          tags: fc.array(fc.string(), { maxLength: 4 }),
          on: fc.record({ a: fc.string() }),
        }),
        (values) => {
          expect(parseQuery(schema, new URL(withQuery("/x", values), "http://localhost"))).toEqual(values);
        },
      ),
      { numRuns: 30 },
    );
  });
});
